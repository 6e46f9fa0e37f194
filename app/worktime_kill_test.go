package app_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// TestMoveChild moves the dates of one item under the amended calendar and kills its own process, unless nothing was left to move.
func TestMoveChild(t *testing.T) {
	a := asChild(t)
	if err := app.MoveSome(context.Background(), a, 1); err != nil {
		t.Fatal(err)
	}
	apptest.Must(t, syscall.Kill(os.Getpid(), syscall.SIGKILL), "kill")
	select {}
}

// A holiday upload whose process is killed after every single item ends with the same dates, the same journal and the same letters as one that was left in peace.
func TestKilledInTheMiddleOfAHolidayUpload(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		database := "sqlite:" + t.TempDir() + "/killed.db"
		if !strings.HasPrefix(w.Options.Database, "sqlite:") {
			database = apptest.Schema(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"))
		}
		again := apptest.Open(t, database)
		one, deaths := newStage(t, w), 0
		amend(t, one)
		apptest.Must(t, w.App.MoveDates(context.Background(), app.System("calendar")), "move dates")
		two := newStage(t, again)
		amend(t, two)
		for app.Moving(again.App) {
			cmd, out := child(t, again, "TestMoveChild"), &strings.Builder{}
			cmd.Stdout, cmd.Stderr = out, out
			apptest.Must(t, cmd.Start(), "start a child")
			killed(t, cmd, out)
			if deaths++; deaths > 50 {
				t.Fatal("the moving never ends")
			}
		}
		if deaths < 6 {
			t.Errorf("only %d children were killed", deaths)
		}
		a, b := lookAside(t, w), lookAside(t, again)
		for _, query := range []string{
			"SELECT id, no, due_on, baseline_on, judged_on, light FROM tickets ORDER BY id", "SELECT id, baseline_on, revised_on, lawful_on, light FROM milestones ORDER BY id",
			"SELECT id, item_kind, item_id, from_on, to_on, judged_from_on, judged_to_on FROM calendar_moves ORDER BY id", "SELECT id, state, moving, moved FROM calendar_versions ORDER BY id",
			"SELECT item_kind, item_id, rule_id, step, recipient_id, channel FROM reminders ORDER BY id",
		} {
			sameLines(t, query, a.rows(query), b.rows(query))
		}
		t.Logf("%d children were killed, %d dates moved", deaths, a.number("SELECT COUNT(*) FROM calendar_moves"))
	})
}

// amend gives a district three tickets and a milestone, and a notice that is approved, with nothing moved yet.
func amend(t *testing.T, st *stage) {
	t.Helper()
	for _, line := range []string{
		"at 2023-04-24", `ticket A term="5 workdays"`, "ticket B due=2023-05-05", "ticket C due=2023-05-10",
		"project P-001 stage=landed start=2023-06-01 year=1 plan=0,0,0,0,0,10,10,10,20,20,15,15", "milestone P-001 供地 2023-05-04",
		"move A submit_draft as=sup", "move A approve as=dir", "move B submit_draft as=sup", "move B approve as=dir", "move C submit_draft as=sup", "move C approve as=dir",
		`notice 延长 by=sup number=示例〔2023〕1号 text="2023-05-04~2023-05-07 休 劳动节"`,
	} {
		apptest.Must(t, st.line(line), "%s", line)
	}
	v, err := st.noticeVersion("延长", "dir")
	apptest.Must(t, err, "read the notice")
	apptest.Must(t, app.Enforce(context.Background(), st.w.App, st.w.As(t, "dir"), v), "approve %s", fmt.Sprint(v.ID))
}
