package app_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// What a child of these tests is told besides: which verb, and after which of its writes it kills itself.
const childVerb, childDeath = "BATTLEMAP_TEST_CHILD_VERB", "BATTLEMAP_TEST_CHILD_DEATH"

func die() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		panic(err)
	}
	select {}
}

// TestPublicationChild runs a verb and kills its own process after one of its writes, or, where there are not so many, after the verb has answered.
func TestPublicationChild(t *testing.T) {
	a := asChild(t)
	death, err := strconv.Atoi(os.Getenv(childDeath))
	apptest.Must(t, err, "read after which write to die")
	app.AfterWrite(a, func(n int) {
		if n == death {
			die()
		}
	})
	apptest.Must(t, publicationStep(a, os.Getenv(childVerb)), "%s", os.Getenv(childVerb))
	if _, err := os.Stdout.WriteString("answered\n"); err != nil {
		t.Fatal(err)
	}
	die()
}

func publicationStep(a *app.App, verb string) error {
	ctx := context.Background()
	as := func(account string) app.Actor {
		actor, err := a.Actor(ctx, account)
		if err != nil {
			panic(err)
		}
		return actor
	}
	switch verb {
	case "draft":
		text, err := os.ReadFile("testdata/laws/second.yaml")
		if err != nil {
			return err
		}
		_, err = a.DraftLaw(ctx, as("dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例：修订", EffectiveFrom: date("2023-05-01")})
		return err
	case "publish":
		laws, err := a.Laws(ctx, app.System("test"))
		if err != nil {
			return err
		}
		for _, l := range laws {
			if l.State == "draft" {
				_, err = a.DecideLaw(ctx, as("leader"), app.DecideLaw{Law: l.ID, Version: l.Version, Decision: "approve"})
				return err
			}
		}
		return fmt.Errorf("no draft")
	case "upload":
		_, err := a.UploadCalendar(ctx, as("sup"), app.UploadCalendar{Title: "延长", Number: "示例〔2023〕1号", Text: "2023-05-04~2023-05-07 休 劳动节"})
		return err
	}
	f, err := a.CalendarFile(ctx, as("dir"), 1)
	if err != nil {
		return err
	}
	if f.Version.State != "draft" { // the approval is through; what a sweep does after a restart
		return a.MoveDates(ctx, app.System("calendar"))
	}
	return a.DecideCalendar(ctx, as("dir"), app.DecideCalendar{ID: 1, Version: f.Version.Version, Approve: true})
}

// killing runs a verb in one child after the other, the first killed after its first write, the next after its second, until one answers; after each
// death the district is opened again and must stand as half says.
func killing(t *testing.T, w *apptest.World, verb string, half func(aside)) (deaths int) {
	t.Helper()
	for death := 1; death < 200; death++ {
		cmd, out := child(t, w, "TestPublicationChild"), &strings.Builder{}
		cmd.Env = append(cmd.Env, childVerb+"="+verb, childDeath+"="+strconv.Itoa(death))
		cmd.Stdout, cmd.Stderr = out, out
		apptest.Must(t, cmd.Start(), "start a child")
		killed(t, cmd, out)
		deaths++
		w.Reopen(t)
		sound(t, w)
		if strings.Contains(out.String(), "answered") {
			return deaths
		}
		half(lookAside(t, w))
	}
	t.Fatalf("%s never answers", verb)
	return 0
}

// A rule set that is drafted and published while the process is killed after each single write is afterwards either there as a whole or not at all; trying again
// succeeds, and it is in force once, from its day.
func TestKilledInTheMiddleOfARulePublication(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		for _, line := range []string{"at 2023-04-24", "project P-001 stage=building start=2023-03-01 year=1 plan=0,0,0,0,0,10,10,10,20,20,15,15"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		size := sound(t, w)
		deaths := killing(t, w, "draft", func(side aside) {
			if n := side.number("SELECT COUNT(*) FROM laws WHERE state <> 'approved'"); n != 0 || sound(t, w) != size {
				t.Errorf("a draft that was killed left %d rows", n)
			}
		})
		bells := lookAside(t, w).rows("SELECT id, version, next_check_at FROM projects ORDER BY id")
		size = sound(t, w)
		deaths += killing(t, w, "publish", func(side aside) {
			if n := side.number("SELECT COUNT(*) FROM laws WHERE state = 'draft' AND decided_at = 0 AND version = 1"); n != 1 || sound(t, w) != size {
				t.Errorf("a publication that was killed left %d open drafts and %d records, before %d", n, sound(t, w), size)
			}
			sameLines(t, "alarm clocks", bells, side.rows("SELECT id, version, next_check_at FROM projects ORDER BY id"))
		})
		side := lookAside(t, w)
		if n := side.number("SELECT COUNT(*) FROM laws WHERE name = 'default' AND edition = 2 AND state = 'approved'"); n != 1 {
			t.Errorf("%d approved versions", n)
		}
		if n := side.number("SELECT COUNT(*) FROM journal WHERE action = 'law.approve'"); n != 1 {
			t.Errorf("%d records of the approval", n)
		}
		if err := publicationStep(w.App, "publish"); err == nil {
			t.Error("it was published twice")
		}
		for _, line := range []string{"expect law default@1", "at 2023-05-01", "expect law default@2"} {
			if err := st.line(line); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if deaths < 6 {
			t.Errorf("only %d children were killed", deaths)
		}
		t.Logf("%d children were killed", deaths)
	})
}

// A notice of days off that is uploaded and approved while the process is killed after each single write is afterwards in force as a whole or not at all, and ends
// with the same dates and letters as one that was left in peace.
func TestKilledAtEveryWriteOfAHolidayUpload(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		database := "sqlite:" + t.TempDir() + "/killed.db"
		if !strings.HasPrefix(w.Options.Database, "sqlite:") {
			database = apptest.Schema(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"))
		}
		again := apptest.Open(t, database)
		for _, world := range []*apptest.World{w, again} {
			st := newStage(t, world)
			for _, line := range []string{"at 2023-04-24", `ticket A term="5 workdays"`, "ticket B due=2023-05-05",
				"move A submit_draft as=sup", "move A approve as=dir", "move B submit_draft as=sup", "move B approve as=dir"} {
				apptest.Must(t, st.line(line), "%s", line)
			}
		}
		apptest.Must(t, publicationStep(w.App, "upload"), "upload in peace")
		apptest.Must(t, publicationStep(w.App, "decree"), "approve in peace")
		size := sound(t, again)
		deaths := killing(t, again, "upload", func(side aside) {
			if n := side.number("SELECT COUNT(*) FROM calendar_versions"); n != 0 || sound(t, again) != size {
				t.Errorf("an upload that was killed left %d rows", n)
			}
		})
		size = sound(t, again)
		deaths += killing(t, again, "decree", func(side aside) {
			approved, moved := side.number("SELECT COUNT(*) FROM calendar_versions WHERE state = 'in_force'"), side.number("SELECT COUNT(*) FROM calendar_moves")
			records := side.number("SELECT COUNT(*) FROM journal WHERE action = 'calendar.approve'")
			if approved != records || approved == 0 && (moved > 0 || sound(t, again) != size) {
				t.Errorf("%d in force, %d records of it, %d dates moved", approved, records, moved)
			}
		})
		a, b := lookAside(t, w), lookAside(t, again)
		for _, query := range []string{
			"SELECT id, no, due_on, baseline_on, judged_on, light FROM tickets ORDER BY id", "SELECT item_kind, item_id, from_on, to_on FROM calendar_moves ORDER BY id",
			"SELECT id, state, moving, moved FROM calendar_versions ORDER BY id", "SELECT no, action FROM journal ORDER BY no",
		} {
			sameLines(t, query, a.rows(query), b.rows(query))
		}
		if deaths < 8 {
			t.Errorf("only %d children were killed", deaths)
		}
		t.Logf("%d children were killed", deaths)
	})
}
