package app_test

import (
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// The search for due items reads nothing but the partial index, in its order: goal P4 rests on it.
func TestSweepReadsThePartialIndexOnly(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		side := lookAside(t, w)
		for _, kind := range []string{"milestone", "project", "ticket"} {
			plan := dueplan(side, kind)
			if !strings.Contains(plan, kind+"s_due") || strings.Contains(strings.ToUpper(plan), "SORT") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("due %ss are found by\n%s", kind, plan)
			}
		}
	})
}

// dueplan explains the search. PostgreSQL reads an empty table from end to end for choice, so that is forbidden for the moment of asking.
func dueplan(side aside, kind string) string {
	side.t.Helper()
	query := strings.NewReplacer("<= ?", "<= 1700000000", "LIMIT ?", "LIMIT 5000").Replace(app.DueQuery(kind))
	if !side.postgres {
		return strings.Join(side.rows("EXPLAIN QUERY PLAN "+query), "\n")
	}
	side.db.SetMaxOpenConns(1)
	side.exec("SET enable_seqscan = off")
	side.exec("SET enable_bitmapscan = off")
	return strings.Join(side.rows("EXPLAIN "+query), "\n")
}
