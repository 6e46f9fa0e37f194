package app_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

const childDelay = "BATTLEMAP_TEST_CHILD_DELAY"

// TestBellChild rings the bells once. It is killed so many microseconds after it began, or comes to its end if it is quicker.
func TestBellChild(t *testing.T) {
	a, ctx := asChild(t), context.Background()
	delay, err := time.ParseDuration(os.Getenv(childDelay))
	apptest.Must(t, err, "delay")
	if delay > 0 {
		time.AfterFunc(delay, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
	}
	swept, err := a.Sweep(ctx, app.System("sweep"), 0)
	if err != nil || swept.Failed > 0 {
		t.Fatalf("swept %+v, %v", swept, err)
	}
	apptest.Must(t, second(a.DeliverInbox(ctx)), "deliver")
}

// The year simulated again gives the same ledgers to the byte, on either database, when its bells are killed at random moments: 200 times when BATTLEMAP_TEST_YEAR is set
// (make year), which plays it without kills again too, and a dozen times otherwise.
func TestKilledAtRandomTheLedgerIsTheSame(t *testing.T) {
	t.Parallel()
	const story = "testdata/scenarios/year2023.txtar"
	want, long := 12, os.Getenv("BATTLEMAP_TEST_YEAR") != ""
	if long {
		want = 200
	}
	first := playedLedger(t, story, "sqlite:"+t.TempDir()+"/first.db", 0)
	if long {
		sameLines(t, "the year twice", first, playedLedger(t, story, "sqlite:"+t.TempDir()+"/again.db", 0))
	}
	apptest.Each(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"), func(t *testing.T, w *apptest.World) {
		if long && strings.HasPrefix(w.Options.Database, "postgres") {
			sameLines(t, "the year on the other database", first, playedLedger(t, story, apptest.Schema(t, os.Getenv("BATTLEMAP_TEST_POSTGRES")), 0))
		}
		sameLines(t, "the year with kills", first, playedLedger(t, story, w.Options.Database, want))
	})
}

// playedLedger plays a story on an empty database with that many kills of the process that rings the bells, and returns every line of its ledgers.
func playedLedger(t *testing.T, story, database string, kills int) []string {
	t.Helper()
	w := apptest.Open(t, database)
	st, deaths := newStage(t, w), 0
	dice := rand.New(rand.NewPCG(2023, uint64(kills)))
	if kills > 0 {
		st.sweep = func() { deaths += bellsByChildren(t, w, dice, min(kills-deaths, 1+kills/10)) }
	}
	play(t, story, st)
	lines := ledgerLines(t, w)
	if deaths < kills {
		t.Errorf("only %d of %d kills", deaths, kills)
	}
	kind, _, _ := strings.Cut(database, ":")
	t.Logf("%s: %d kills, %d lines, SHA-256 %x", kind, deaths, len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n"))))
	return lines
}

// bellsByChildren rings the bells in one child after the other until one comes to its end, and returns how many died; at most so many are killed.
func bellsByChildren(t *testing.T, w *apptest.World, dice *rand.Rand, most int) int {
	t.Helper()
	due, err := app.DueItems(context.Background(), w.App)
	apptest.Must(t, err, "due items")
	if len(due) == 0 {
		return 0 // the parent delivers what is left
	}
	for deaths := 0; ; {
		delay := time.Duration(0)
		if deaths < most {
			// Mostly in the first items, sometimes in the last, sometimes not at all.
			most := []int{300, 600, 1000, 3000}[dice.IntN(4)] * len(due)
			delay = time.Duration(1+dice.IntN(most)) * time.Microsecond
		}
		cmd, out := child(t, w, "TestBellChild"), &strings.Builder{}
		cmd.Env = append(cmd.Env, childDelay+"="+delay.String())
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Run(); err == nil {
			return deaths
		}
		if !wasKilled(cmd) {
			t.Fatalf("the child ended with %s:\n%s", cmd.ProcessState, out)
		}
		deaths++
	}
}

func wasKilled(cmd *exec.Cmd) bool {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// ledgerLines are the journal's stored bytes, and every row of the ledgers. The numbers of rows that no record names are left out: PostgreSQL never gives the
// number of a step that was rolled back a second time.
func ledgerLines(t *testing.T, w *apptest.World) []string {
	t.Helper()
	lines, side := journalBytes(t, w), lookAside(t, w)
	for _, table := range []string{"escalations", "papers", "paper_lives", "paper_acts", "reminders", "judgements", "projects", "journal_hashes"} {
		var columns []string
		for _, column := range side.columns(table) {
			if column != "id" || !slices.Contains([]string{"paper_acts", "reminders", "judgements"}, table) {
				columns = append(columns, column)
			}
		}
		rows := side.rows(fmt.Sprintf("SELECT %s FROM %s", strings.Join(columns, ", "), table))
		slices.Sort(rows)
		for _, row := range rows {
			lines = append(lines, table+" "+row)
		}
	}
	return lines
}
