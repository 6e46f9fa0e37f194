package app_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// What a child process is told through its environment: the database, and the instant that its clock shows.
const childDatabase, childClock = "BATTLEMAP_TEST_CHILD_DATABASE", "BATTLEMAP_TEST_CHILD_CLOCK"

// child prepares this test binary to run once more, as a process of its own that runs one test on the world's database.
func child(t *testing.T, w *apptest.World, test string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^"+test+"$", "-test.count=1", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), childDatabase+"="+w.Options.Database, childClock+"="+strconv.FormatInt(w.Clock.Now().Unix(), 10),
		"TMPDIR="+t.TempDir()) // a killed process does not tidy up after itself
	return cmd
}

// asChild opens the App as a child process does, or skips the test in a process that is none.
func asChild(t *testing.T) *app.App {
	t.Helper()
	if os.Getenv(childDatabase) == "" {
		t.Skip("runs only as the child process of another test")
	}
	opt, clock := apptest.Options(t, os.Getenv(childDatabase))
	now, err := strconv.ParseInt(os.Getenv(childClock), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	clock.Set(time.Unix(now, 0))
	a, err := app.Open(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return a // never closed: the process is killed
}

// killed waits for a child's end, which must be SIGKILL.
func killed(t *testing.T, cmd *exec.Cmd, out fmt.Stringer) {
	t.Helper()
	err := cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended with %v instead of being killed:\n%s", err, out)
	}
}

// TestSweepChild checks one due item and kills its own process.
func TestSweepChild(t *testing.T) {
	a := asChild(t)
	if swept, err := a.Sweep(context.Background(), app.System("sweep"), 1); err != nil || swept.Checked != 1 {
		t.Fatalf("swept %+v, error %v; want one item", swept, err)
	}
	apptest.Must(t, syscall.Kill(os.Getpid(), syscall.SIGKILL), "kill")
	select {}
}

// The whole year 2023 again, with the process killed after every step of every sweep: the same records come out, byte for byte. On PostgreSQL make check kills in every fourth
// sweep only: a child takes seconds there with the race detector.
// It holds on PostgreSQL too, because a step that was killed after its commit is not repeated, so no identity number is drawn in vain.
func TestKilledAfterEverySweepStep(t *testing.T) {
	const story = "testdata/scenarios/year2023.txtar"
	each(t, func(t *testing.T, w *apptest.World) {
		play(t, story, newStage(t, w))

		database := "sqlite:" + t.TempDir() + "/killed.db"
		if !strings.HasPrefix(w.Options.Database, "sqlite:") {
			database = apptest.Schema(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"))
		}
		again := apptest.Open(t, database)
		st, deaths := newStage(t, again), 0
		whole, busy, every := st.sweep, 0, 1
		if postgres := !strings.HasPrefix(database, "sqlite:"); postgres && os.Getenv("BATTLEMAP_TEST_YEAR") == "" {
			every = 4
		}
		st.sweep = func() {
			due, err := app.DueItems(context.Background(), again.App)
			apptest.Must(t, err, "due items")
			if len(due) > 0 {
				busy++
			}
			if len(due) > 0 && busy%every == 0 {
				deaths += sweepByChildren(t, again)
				return
			}
			whole()
		}
		play(t, story, st)
		if deaths < 50/every {
			t.Errorf("only %d children were killed in a year", deaths)
		}
		t.Logf("%d children were killed", deaths)
		sameLines(t, "journal", journalBytes(t, w), journalBytes(t, again))
		one, two := lookAside(t, w), lookAside(t, again)
		for _, query := range []string{
			"SELECT * FROM escalations ORDER BY id",
			"SELECT id, item_kind, item_id, rule_id, step, due_on, recipient_id, channel, escalation_id, light, subject, detail, link, created_at, not_before FROM reminders ORDER BY id",
			"SELECT * FROM judgements ORDER BY id", "SELECT * FROM projects ORDER BY id", "SELECT id, hash FROM journal_hashes ORDER BY id",
		} {
			sameLines(t, query, one.rows(query), two.rows(query))
		}
	})
}

// sweepByChildren sends one child after the other until nothing is due, and returns how many died.
func sweepByChildren(t *testing.T, w *apptest.World) int {
	t.Helper()
	const enough = 100
	for n := range enough {
		due, err := app.DueItems(context.Background(), w.App)
		apptest.Must(t, err, "due items")
		if len(due) == 0 {
			return n
		}
		cmd, out := child(t, w, "TestSweepChild"), &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		apptest.Must(t, cmd.Start(), "start a child")
		killed(t, cmd, out)
		left, err := app.DueItems(context.Background(), w.App)
		apptest.Must(t, err, "due items")
		if want := due[1:]; !slices.Equal(left, want) {
			t.Fatalf("due were %v; after one step %v, want %v", due, left, want)
		}
	}
	t.Fatalf("still due after %d steps", enough)
	return 0
}

func journalBytes(t *testing.T, w *apptest.World) []string {
	t.Helper()
	size, err := w.App.JournalSize(context.Background())
	apptest.Must(t, err, "journal size")
	var out []string
	for b, err := range w.App.JournalRecords(context.Background(), size) {
		apptest.Must(t, err, "read the journal")
		out = append(out, string(b))
	}
	return out
}

func sameLines(t *testing.T, what string, want, got []string) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: nothing to compare", what)
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("%s, line %d:\nundisturbed %s\nkilled      %s", what, i+1, want[i], got[i])
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%s: %d lines undisturbed, %d killed", what, len(want), len(got))
	}
}

// TestBurstChild writes from four goroutines until it is killed, and says "ack CODE" after each write that the door acknowledged.
func TestBurstChild(t *testing.T) {
	a := asChild(t)
	errs := together(4, func(i int) error {
		for n := 0; ; n++ {
			code := fmt.Sprintf("%d.%d.%d", os.Getpid(), i, n)
			if _, err := a.AddUnit(context.Background(), app.Setup("burst"), app.AddUnit{Code: code, Name: "示例单位" + code, Kind: "bureau"}); err != nil {
				return err
			}
			if _, err := os.Stdout.WriteString("ack " + code + "\n"); err != nil {
				return err
			}
		}
	})
	t.Fatal(errs)
}

// What the door acknowledged is there after the process was killed at any moment, with its record, and nothing is there by halves.
func TestKilledInABurstOfWrites(t *testing.T) {
	const deaths = 10
	each(t, func(t *testing.T, w *apptest.World) {
		var acknowledged []string
		for i := range deaths {
			cmd, errors := child(t, w, "TestBurstChild"), &strings.Builder{}
			cmd.Stderr = errors
			out, err := cmd.StdoutPipe()
			apptest.Must(t, err, "pipe")
			apptest.Must(t, cmd.Start(), "start a child")
			lines, n := bufio.NewScanner(out), 0
			for lines.Scan() { // to the end: what it said before it died counts
				if code, ok := strings.CutPrefix(lines.Text(), "ack "); ok {
					acknowledged = append(acknowledged, code)
					if n++; n == 3+7*i {
						apptest.Must(t, cmd.Process.Kill(), "kill")
					}
				}
			}
			killed(t, cmd, errors)
		}
		w.Reopen(t)
		sound(t, w)
		stored := lookAside(t, w).rows("SELECT code FROM units ORDER BY code")
		var recorded []string
		for _, r := range records(t, w) {
			if r.Action != "law.ship" {
				recorded = append(recorded, "code="+r.Object.No)
			}
		}
		slices.Sort(stored)
		slices.Sort(recorded)
		sameLines(t, "units with their records", stored, recorded)
		for _, code := range acknowledged {
			if _, found := slices.BinarySearch(stored, "code="+code); !found {
				t.Errorf("unit %s was acknowledged and is gone", code)
			}
		}
		if len(acknowledged) < deaths*3 {
			t.Errorf("only %d writes were acknowledged", len(acknowledged))
		}
		t.Logf("%d deaths, %d writes acknowledged, %d stored", deaths, len(acknowledged), len(stored))
	})
}
