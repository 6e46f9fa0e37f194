package demo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

func TestLoadOnlyIntoAnEmptyDatabaseOnTheDay(t *testing.T) {
	ctx := context.Background()
	st := emptyStage(t, t.TempDir())
	if loaded, err := Loaded(ctx, st.app); err != nil || loaded {
		t.Errorf("an empty database counts as loaded: %v, %v", loaded, err)
	}
	if _, err := New(ctx, st.app, st.clock, st.ring); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("a play on an empty database: %v", err)
	}
	apptest.Must(t, st.clock.wind(st.app.Calendar().At(day(time.March, 14), 8, 30)), "wind")
	if err := Load(ctx, st.app); err == nil || errors.Is(err, ErrNotEmpty) {
		t.Errorf("loaded on the day after the ceremony: %v", err)
	}
	if err := Load(ctx, newStage(t).app); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("loaded twice: %v", err)
	}
}

// TestHalfLoadedIsNotLoaded stops loading in the middle, and gives a place to a district that is not the example: neither is played.
func TestHalfLoadedIsNotLoaded(t *testing.T) {
	ctx := context.Background()
	st := emptyStage(t, t.TempDir())
	l := newLoader(st.app, parsed(t))
	apptest.Must(t, l.setPlace(ctx), "place")
	if loaded, err := Loaded(ctx, st.app); err != nil || loaded {
		t.Errorf("a district without the people of the script counts as loaded: %v, %v", loaded, err)
	}
	st = emptyStage(t, t.TempDir())
	l = newLoader(st.app, parsed(t))
	apptest.Must(t, l.addUnits(ctx), "units")
	apptest.Must(t, l.addPeople(ctx), "people")
	if loaded, err := Loaded(ctx, st.app); err != nil || loaded {
		t.Errorf("a district that was loaded half way counts as loaded: %v, %v", loaded, err)
	}
	if err := Load(ctx, st.app); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("loaded over half a district: %v", err)
	}
}

// TestLoadedDistrict compares what the pages add up with domain.md section 1.
func TestLoadedDistrict(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	m, err := st.app.BattleMap(ctx, st.as("leader"), app.ProjectFilter{})
	apptest.Must(t, err, "map")
	got := m.Totals
	if got.Planned != 30 || got.SpringStart != 22 || got.Signed != 20 || got.TaskForces != 10 {
		t.Errorf("totals: %+v", got)
	}
	if got.PlannedInvest != 14_550_000_000_00 || got.YearPlan != 4_830_000_000_00 || got.SignedInvest != 5_145_000_000_00 {
		t.Errorf("money: %d, %d, %d fen", got.PlannedInvest, got.YearPlan, got.SignedInvest)
	}
	place, err := st.app.Place(ctx)
	apptest.Must(t, err, "place")
	if place != "哈尔滨市南岗区" {
		t.Errorf("place: %q", place)
	}
	for _, c := range st.cards() {
		if c.Project.Light != workflows.LightNone && c.Project.Light != workflows.LightGreen {
			t.Errorf("%s is %s on the day it is loaded", c.Project.Code, c.Project.Light)
		}
	}
}

// TestAccounts signs everybody of the list in, and looks that nobody else has a password.
func TestAccounts(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	accounts, err := Accounts()
	apptest.Must(t, err, "accounts")
	var roles []workflows.Role
	for _, account := range accounts {
		entry, err := st.app.SignIn(ctx, app.SignIn{Account: account.Account, Password: account.Password, Address: "127.0.0.1", Agent: "test"})
		apptest.Must(t, err, "sign in as %s", account.Account)
		_, actor, err := st.app.Authenticate(ctx, entry.Token)
		apptest.Must(t, err, "authenticate %s", account.Account)
		rights, err := st.app.Rights(ctx, actor)
		apptest.Must(t, err, "rights of %s", account.Account)
		if !slices.Equal(rights.Roles, []workflows.Role{account.Role}) {
			t.Errorf("%s holds %v, the list says %s", account.Account, rights.Roles, account.Role)
		}
		if account.Name != actor.Name || account.Unit != actor.Unit {
			t.Errorf("the list says %s of %s, signed in is %s of %s", account.Name, account.Unit, actor.Name, actor.Unit)
		}
		roles = append(roles, account.Role)
	}
	if want := workflows.Roles(); !slices.Equal(roles, want) {
		t.Errorf("accounts for %v, want one for each of %v", roles, want)
	}
	passwords := 0
	rows, err := st.app.Journal(ctx, app.System("test"), app.JournalFilter{Kind: "user", Limit: 1000})
	apptest.Must(t, err, "journal")
	for _, r := range rows {
		if r.Action == "user.password" {
			passwords++
		}
	}
	if passwords != len(accounts) {
		t.Errorf("%d passwords were set, %d accounts are listed", passwords, len(accounts))
	}
}
