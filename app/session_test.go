package app_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

const goodPassword = "春江潮水-2023-Xq"

// password gives an account a password by a hash that is quick to compare, past the App; the App's own cost is tested in TestCheck23NoDefaultAccount.
func password(t *testing.T, w *apptest.World, account, password string) {
	t.Helper()
	w.Password(t, account, password)
}

// enter signs in from a browser that nobody knows, and returns the token of the session.
func enter(w *apptest.World, account, password, address, agent string) (string, error) {
	e, err := w.App.SignIn(context.Background(), app.SignIn{Account: account, Password: password, Address: address, Agent: agent})
	return e.Token, err
}

// signIn opens a session for an account whose password is goodPassword.
func signIn(t *testing.T, w *apptest.World, account string) string {
	t.Helper()
	token, err := enter(w, account, goodPassword, "10.0.0.1", "browser")
	apptest.Must(t, err, "sign in %s", account)
	return token
}

// wantKind checks that an error is one fault of a kind, with a key unless that is "".
func wantKind(t *testing.T, doing string, err error, kind app.Kind, key string) {
	t.Helper()
	f := app.AsFaults(err)
	if len(f) == 0 || f[0].Kind != kind || key != "" && f[0].Key != key {
		t.Errorf("%s: %v, want %s %s", doing, err, kind, key)
	}
}

// alive tells whether a token still opens the door for the account.
func alive(t *testing.T, w *apptest.World, token string) bool {
	t.Helper()
	_, _, err := w.App.Authenticate(context.Background(), token)
	if err != nil {
		wantKind(t, "authenticate", err, app.Denied, "denied")
	}
	return err == nil
}

func TestCheck25SignInHasOneFace(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		for _, account := range []string{"sup", "dir", "leader"} {
			password(t, w, account, goodPassword)
		}
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["leader"], true), "disable")

		token, err := enter(w, " SUP ", goodPassword, "10.0.0.1", "browser\r\nforged: line")
		apptest.Must(t, err, "sign in")
		user, actor, err := w.App.Authenticate(ctx, token)
		apptest.Must(t, err, "authenticate")
		if user.ID != s.Users["sup"] || user.PasswordHash != "" || actor.Kind != "user" || actor.ID != s.Users["sup"] || actor.UnitID != s.Units["dcs"] || actor.Unit != "示例政府督查室" {
			t.Errorf("user %+v, actor %+v", user, actor)
		}
		if other := signIn(t, w, "sup"); other == token || len(token) < 43 {
			t.Errorf("tokens %q and %q", token, other)
		}

		// One face for all that is wrong: no such account, no password yet, shut account, wrong password.
		var faults []app.Faults
		for i, try := range [][2]string{{"nobody", goodPassword}, {"tf1", goodPassword}, {"leader", goodPassword}, {"dir", "wrong-Password-9"}, {"dir", ""}, {"dir", strings.Repeat("长", 400)}, {"", ""}} {
			refusedToken, err := enter(w, try[0], try[1], fmt.Sprint("10.0.1.", i), "browser")
			wantKind(t, fmt.Sprint(try), err, app.Invalid, "wrong_password")
			if refusedToken != "" {
				t.Errorf("%v got a token", try)
			}
			faults = append(faults, app.AsFaults(err))
		}
		for i, f := range faults {
			if !reflect.DeepEqual(f, faults[0]) {
				t.Errorf("failure %d looks different: %+v, not %+v", i, f, faults[0])
			}
		}
		actions := map[string]int{}
		for _, r := range records(t, w) {
			actions[r.Action]++
			if strings.HasPrefix(r.Action, "session.") && r.Address == "" {
				t.Errorf("record %d has no address", r.No)
			}
		}
		if actions["session.begin"] != 2 || actions["session.refuse"] != len(faults) {
			t.Errorf("recorded %v", actions)
		}

		if alive(t, w, "") || alive(t, w, "x"+token[1:]) || !alive(t, w, token) {
			t.Error("a made-up token opens the door, or the right one does not")
		}
		apptest.Must(t, w.App.SignOut(ctx, actor, token), "sign out")
		if alive(t, w, token) {
			t.Error("signed out, and the token still opens the door")
		}
	})
}

func TestCheck22SignInIsThrottled(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		try := func(account, password, address string) error {
			_, err := enter(w, account, password, address, "browser")
			return err
		}
		first := w.Clock.Now()
		for i := range 8 {
			wantKind(t, fmt.Sprint("failure ", i+1), try("sup", "wrong-Password-9", "10.0.0.9"), app.Invalid, "wrong_password")
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
		}
		recorded := len(records(t, w))
		wantKind(t, "the ninth try", try("sup", "wrong-Password-9", "10.0.0.9"), app.Limited, "too_many_attempts")
		wantKind(t, "the right password", try("SUP", goodPassword, "10.0.0.9"), app.Limited, "too_many_attempts")
		if now := len(records(t, w)); now != recorded {
			t.Errorf("a throttled try wrote %d records", now-recorded)
		}
		w.Reopen(t) // the count outlives a restart
		w.Clock.Set(first.Add(15*time.Minute - time.Second))
		wantKind(t, "after 14:59", try("sup", goodPassword, "10.0.0.9"), app.Limited, "too_many_attempts")
		// A stranger can't lock the owner out, nor other people at the stranger's address.
		apptest.Must(t, try("sup", goodPassword, "10.0.0.1"), "the owner at another address")
		apptest.Must(t, try("dir", goodPassword, "10.0.0.9"), "somebody else at that address")
		w.Clock.Set(first.Add(15 * time.Minute))
		apptest.Must(t, try("sup", goodPassword, "10.0.0.9"), "after 15 minutes")

		// A success begins the count anew.
		for range 2 {
			for range 7 {
				wantKind(t, "failure", try("sup", "wrong-Password-9", "10.0.0.8"), app.Invalid, "wrong_password")
			}
			apptest.Must(t, try("sup", goodPassword, "10.0.0.8"), "sign in after seven failures")
		}
		// One address that tries many accounts.
		lookAside(t, w).exec("INSERT INTO login_attempts (key, failures, since) VALUES ('address 10.0.0.7', 59, ?)", w.Clock.Now().Unix())
		wantKind(t, "failure 60", try("dir", "wrong-Password-9", "10.0.0.7"), app.Invalid, "wrong_password")
		wantKind(t, "after 60 failures", try("sup", goodPassword, "10.0.0.7"), app.Limited, "too_many_attempts")
	})
}

// Expiry is enforced when a session is read, not by the clean-up.
func TestCheck31SessionsExpireOnReading(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		begin := w.Clock.Now()
		idle, kept := signIn(t, w, "sup"), signIn(t, w, "sup")
		for at := time.Duration(0); at < 7*24*time.Hour; at += 7 * time.Hour {
			w.Clock.Set(begin.Add(at))
			if !alive(t, w, kept) {
				t.Fatalf("a session in use died after %s", at)
			}
			if at == 7*time.Hour {
				w.Clock.Set(begin.Add(8*time.Hour - time.Second))
				if lookAside(t, w).number("SELECT COUNT(*) FROM sessions") != 2 {
					t.Fatal("the clean-up ran; this test is about reading")
				}
				w.Clock.Set(begin.Add(8 * time.Hour))
				if alive(t, w, idle) {
					t.Error("a session unused for 8 hours lives")
				}
			}
		}
		w.Clock.Set(begin.Add(7*24*time.Hour - time.Second))
		if !alive(t, w, kept) {
			t.Error("a session died a second before its 7 days")
		}
		w.Clock.Set(begin.Add(7 * 24 * time.Hour))
		if alive(t, w, kept) {
			t.Error("a session lives longer than 7 days")
		}
		fresh := signIn(t, w, "sup")
		apptest.Must(t, w.App.PurgeSessions(context.Background()), "purge")
		if n := lookAside(t, w).number("SELECT COUNT(*) FROM sessions"); n != 1 || !alive(t, w, fresh) {
			t.Errorf("%d sessions after the clean-up, want the fresh one", n)
		}
	})
}

func TestCheck32SessionsEndAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		one, two, other := signIn(t, w, "sup"), signIn(t, w, "sup"), signIn(t, w, "dir")
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], true), "disable")
		if alive(t, w, one) || alive(t, w, two) || !alive(t, w, other) {
			t.Error("a shut account's sessions live, or somebody else's died")
		}
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], false), "open again")
		if alive(t, w, one) {
			t.Error("an ended session came back with the account")
		}
		// Shut by other means: the row alone counts, even while sessions are left.
		one = signIn(t, w, "sup")
		lookAside(t, w).exec("UPDATE users SET disabled = ? WHERE account = 'sup'", true)
		if alive(t, w, one) {
			t.Error("a session of a shut account lives")
		}
		wantKind(t, "shut one's own account", w.App.Disable(ctx, w.As(t, "admin"), s.Users["admin"], true), app.Refused, "own_account")

		dir := w.As(t, "dir")
		for key, cmd := range map[string]app.SetPassword{
			"not_the_password": {Current: "wrong-Password-9", New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ab"},
			"password_again":   {Current: goodPassword, New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ac"},
			"password_short":   {Current: goodPassword, New: "夏夜", Again: "夏夜"},
		} {
			wantKind(t, key, w.App.SetPassword(ctx, dir, "dir", cmd), app.Invalid, key)
		}
		password(t, w, "tf1", "tf-One-19-Kk-elsewhere")
		wantKind(t, "another's password", w.App.SetPassword(ctx, dir, "tf1", app.SetPassword{Current: "tf-One-19-Kk-elsewhere", New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ab"}),
			app.Invalid, "not_the_password")
		if !alive(t, w, other) {
			t.Error("a refused change of password ended a session")
		}
		apptest.Must(t, w.App.SetPassword(ctx, dir, "dir", app.SetPassword{Current: goodPassword, New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ab"}), "change password")
		if alive(t, w, other) {
			t.Error("the password was changed and the session lives")
		}
		if _, err := enter(w, "dir", goodPassword, "10.0.0.1", ""); err == nil {
			t.Error("the old password still opens the account")
		}
		_, err := enter(w, "dir", "夏夜星河-2023-Ab", "10.0.0.1", "")
		apptest.Must(t, err, "sign in with the new password")
		wantKind(t, "reset by a person", w.App.ResetPassword(ctx, w.As(t, "admin"), "dir", goodPassword), app.Denied, "denied")
		apptest.Must(t, w.App.ResetPassword(ctx, app.Setup("command"), "dir", goodPassword), "reset")
		signIn(t, w, "dir")
	})
}

func TestRolesCountFromTheirDayToTheirDay(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		admin := w.As(t, "admin")
		unit := func(as string, n int) error {
			_, err := w.App.AddUnit(ctx, w.As(t, as), app.AddUnit{Code: fmt.Sprint("u", n), Name: fmt.Sprint("单位", n), Kind: "street"})
			return err
		}
		give := func(from, to string) *app.RoleGrant {
			g, err := w.App.Grant(ctx, admin, app.Grant{UserID: s.Users["sup"], Role: workflows.RoleAdministrator, Scope: "district", ValidFrom: date(from), ValidTo: date(to)})
			apptest.Must(t, err, "grant")
			return g
		}
		wantKind(t, "without the role", unit("sup", 1), app.Denied, "denied")
		give("2023-03-14", "2023-03-15")
		for day, may := range map[string]bool{"2023-03-13 23:59": false, "2023-03-14 00:00": true, "2023-03-15 23:59": true, "2023-03-16 00:00": false} {
			w.At(t, day)
			if err := unit("sup", len(day)+int(w.Clock.Now().Unix())); (err == nil) != may {
				t.Errorf("a role from 14 to 15 March at %s: %v", day, err)
			}
			rights, err := w.App.Rights(ctx, w.As(t, "sup"))
			apptest.Must(t, err, "rights")
			if rights.People != may || slices.Contains(rights.Roles, workflows.RoleAdministrator) != may {
				t.Errorf("rights at %s: %+v", day, rights)
			}
		}
		w.At(t, "2023-04-03 09:00")
		g := give("", "")
		apptest.Must(t, unit("sup", 2), "with the role")
		apptest.Must(t, w.App.Revoke(ctx, admin, g.ID), "revoke")
		wantKind(t, "a revoked role in the same minute", unit("sup", 3), app.Denied, "denied")

		wantKind(t, "grant oneself a role", second(w.App.Grant(ctx, admin, app.Grant{UserID: admin.ID, Role: workflows.RoleInspector, Scope: "district"})), app.Refused, "own_grant")
		for _, bad := range []app.Grant{
			{UserID: s.Users["sup"], Role: "king", Scope: "district"}, {UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "planet"},
			{UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "district", ScopeID: s.Units["gxj"]}, {UserID: s.Users["sup"], Role: workflows.RoleUnitLeader, Scope: "unit"},
			{UserID: s.Users["sup"], Role: workflows.RoleUnitLeader, Scope: "unit", ScopeID: 999}, {UserID: 999, Role: workflows.RoleInspector, Scope: "district"},
			{UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "district", ValidFrom: date("2023-05-02"), ValidTo: date("2023-05-01")},
		} {
			wantKind(t, fmt.Sprintf("%+v", bad), second(w.App.Grant(ctx, admin, bad)), app.Invalid, "")
		}
		wantKind(t, "grant by a leader", second(w.App.Grant(ctx, w.As(t, "leader"), app.Grant{UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "district"})), app.Denied, "denied")
	})
}

func second[T any](_ T, err error) error { return err }

var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)
