package app_test

import (
	"context"
	"fmt"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// diagnosed is what a whole examination found, as "check key args", mild remarks left out.
func diagnosed(t testing.TB, a *app.App, public string, notes ...app.ReturnedNote) []string {
	t.Helper()
	found, _, err := a.Diagnose(context.Background(), true, public, notes)
	apptest.Must(t, err, "diagnose")
	return offenders(found)
}

func offenders(found []app.Finding) []string {
	var out []string
	for _, f := range found {
		for _, r := range f.Remarks {
			if !r.Mild {
				out = append(out, fmt.Sprint(f.Check, " ", r.Key, " ", r.Args))
			}
		}
	}
	return out
}

// healthy fails unless every invariant that a database can show holds.
func healthy(t testing.TB, w *apptest.World) {
	t.Helper()
	for _, line := range diagnosed(t, w.App, w.Public) {
		t.Errorf("doctor: %s", line)
	}
}

// A broken database is remembered, said in the journal once, and stops checkpoints until a clean run; a quick run does not lift what a whole one found.
func TestTheDoctorsWordStands(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		ctx := context.Background()
		told := func() (n int64) { return x.side.number("SELECT COUNT(*) FROM journal WHERE action LIKE 'doctor.%'") }
		examine := func(whole, sound bool, records int64) {
			t.Helper()
			run, err := w.App.Examine(ctx, app.System("doctor"), whole)
			apptest.Must(t, err, "examine")
			if found, err := run.Found(); run.Sound != sound || err != nil {
				t.Errorf("sound %t, want %t: %v %v", run.Sound, sound, offenders(found), err)
			}
			if told() != records {
				t.Errorf("%d records of the doctor's word, want %d", told(), records)
			}
		}
		stopped := func(want bool) {
			t.Helper()
			if got, err := app.Unsound(ctx, w.App); got != want || err != nil {
				t.Errorf("stopped %t, want %t, %v", got, want, err)
			}
		}
		examine(true, true, 0)
		examine(false, true, 0)
		stopped(false)
		x.side.exec("UPDATE tickets SET due_on = '2023-12-31'")
		examine(false, true, 0) // a quick look does not read the rows
		examine(true, false, 1)
		stopped(true)
		examine(true, false, 1)
		x.side.exec("UPDATE tickets SET due_on = '2023-04-03'")
		examine(false, true, 1)
		stopped(true)
		examine(true, true, 2)
		stopped(false)
		back := x.side.dropGuard(guard{"papers_no_delete", "papers"})
		examine(false, false, 3)
		stopped(true)
		x.side.exec(back)
		examine(false, true, 4)
		stopped(false)
		for account, may := range map[string]bool{"insp": true, "dir": true, "admin": true, "sup": false, "tf1": false, "gxj.hand": false, "leader": false} {
			runs, err := w.App.DoctorRuns(ctx, w.As(t, account), 3)
			if may != (err == nil) || may && len(runs) != 3 {
				t.Errorf("%s reads %d runs, %v", account, len(runs), err)
			}
		}
	})
}

// A journal whose head was damaged takes no record any more; that it is broken is known nevertheless.
func TestTheDoctorsWordWithoutAJournal(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		x.behind([]string{"journal_head"}, func() { x.side.exec("UPDATE journal_head SET size = size - 1") })
		run, err := w.App.Examine(context.Background(), app.System("doctor"), false)
		apptest.Must(t, err, "examine")
		if stopped, err := app.Unsound(context.Background(), w.App); run.Sound || !stopped || err != nil {
			t.Errorf("sound %t, stopped %t, %v", run.Sound, stopped, err)
		}
	})
}
