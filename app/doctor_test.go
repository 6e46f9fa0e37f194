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
