package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// silence is a story in which much falls due between the middle of April and the second week of May, with the May holiday in it.
const silence = `at 2023-04-14 08:00
project P-001 stage=landed start=2023-04-10 year=1 plan=0,0,0,10,10,10,10,10,10,10,15,15
project P-002 stage=building start=2023-03-01 year=1 plan=0,0,10,30,10,10,10,10,5,5,5,5
milestone P-002 封顶 2023-04-21
ticket A due=2023-04-26
move A submit_draft as=sup
move A approve as=dir
move A accept
ticket B term="15 workdays" lead=zjj
move B submit_draft as=sup
move B approve as=dir
daily 2023-04-18`

// Three weeks without a bell, a month's end and a holiday among them: the steps are recorded in their order and with their own days, as a working system would
// have recorded them, and each person is told of each of them once.
func TestThreeWeeksWithoutABell(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		database := "sqlite:" + t.TempDir() + "/working.db"
		working, silent := withMail(t, apptest.Open(t, database)), withMail(t, w)
		for _, st := range []*stage{working, silent} {
			for _, line := range strings.Split(silence, "\n") {
				apptest.Must(t, st.line(line), "%s", line)
			}
			st.post()
		}
		for day := date("2023-04-19"); day <= date("2023-05-11"); day = day.AddDays(1) {
			apptest.Must(t, working.line("daily "+day.String()), "daily")
			apptest.Must(t, working.line("at "+day.String()+" 17:15"), "evening")
			working.post()
		}
		apptest.Must(t, silent.line("at 2023-05-11 17:15"), "the bell comes back")
		letters, each := 0, map[string]int{}
		for range 3 { // bells that ring once more than needed tell nobody anything
			apptest.Must(t, silent.tick(), "tick")
			for account, n := range silent.mailed() {
				letters, each[account] = letters+n, each[account]+n
			}
		}
		for account, n := range each {
			if n != 1 {
				t.Errorf("%s got %d letters after the silence, want one", account, n)
			}
		}
		const steps = "SELECT item_kind, item_id, rule_id, step, due_on, light, paper, began_on FROM escalations"
		const told = "SELECT item_kind, item_id, rule_id, step, due_on, recipient_id, channel FROM reminders WHERE item_kind <> 'digest' AND rule_id <> 'event'"
		one, two := lookAside(t, working.w), lookAside(t, w)
		for _, query := range []string{steps, told} {
			want, got := one.rows(query), two.rows(query)
			slices.Sort(want)
			slices.Sort(got)
			sameLines(t, query, want, got)
		}
		for _, item := range two.rows("SELECT DISTINCT item_kind, item_id, rule_id FROM escalations") {
			where := strings.NewReplacer("item_kind=", "item_kind='", " item_id=", "' AND item_id=", " rule_id=", " AND rule_id='").Replace(item) + "'"
			if days := two.rows("SELECT began_on FROM escalations WHERE " + where + " ORDER BY id"); !slices.IsSorted(days) {
				t.Errorf("%s climbed out of order: %v", item, days)
			}
		}
		if n := two.number("SELECT COUNT(*) FROM escalations"); n < 6 {
			t.Errorf("only %d steps", n)
		}
		if waiting := two.rows("SELECT item_kind, rule_id, step, status FROM reminders WHERE status IN ('queued', 'sending')"); len(waiting) > 0 {
			t.Errorf("still waiting: %v", waiting)
		}
		t.Logf("%d steps in the silence, %d letters in one evening", two.number("SELECT COUNT(*) FROM escalations"), letters)
	})
}

// post sends every letter whose time has come, over a mail server that accepts everything, and returns how many.
func (st *stage) post() int {
	st.t.Helper()
	n := 0
	for {
		got, err := st.w.App.ClaimMail(context.Background(), 1)
		apptest.Must(st.t, err, "claim")
		if len(got) == 0 {
			return n
		}
		apptest.Must(st.t, st.w.App.Settle(context.Background(), got[0], app.Outcome("accepted"), nil), "settle %s", fmt.Sprint(got[0].Reminder.ID))
		n++
	}
}
