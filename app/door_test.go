package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// A change that nobody recorded is a bug: it must not come through.
func TestDoorWantsARecord(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		side, ctx := lookAside(t, w), context.Background()
		before := side.dump()
		rename := func(tx *app.Tx) error { return app.Exec(tx, "UPDATE units SET name = 'stolen' WHERE code = 'gxj'") }
		if err := app.Write(ctx, w.App, app.System("test"), rename); !errors.Is(err, app.ErrNothing) {
			t.Fatalf("a silent change: %v, want %v", err, app.ErrNothing)
		}
		if !reflect.DeepEqual(before, side.dump()) {
			t.Error("a silent change stayed")
		}
		failing := errors.New("verb failed")
		err := app.Write(ctx, w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, "test.rename")
			return errors.Join(rename(tx), failing)
		})
		if !errors.Is(err, failing) || !reflect.DeepEqual(before, side.dump()) {
			t.Errorf("a verb that failed: %v; or its change stayed", err)
		}
		apptest.Must(t, app.Write(ctx, w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, "test.rename")
			return rename(tx)
		}), "a recorded change")
		if got := side.text("SELECT name FROM units WHERE code = 'gxj'"); got != "stolen" {
			t.Errorf("a recorded change did not stay: %s", got)
		}
	})
}

func TestChoreRefusesRecords(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		side := lookAside(t, w)
		before := side.dump()
		err := app.Chore(context.Background(), w.App, func(tx *app.Tx) error {
			app.Note(tx, "test.rename")
			return app.Exec(tx, "UPDATE units SET name = 'stolen' WHERE code = 'gxj'")
		})
		if err == nil || !reflect.DeepEqual(before, side.dump()) {
			t.Errorf("a chore with a record: %v; or it stayed", err)
		}
	})
}

// The record and the change are one transaction: whichever statement of the journal fails, the change is gone, and the public number is not used up.
func TestChangeFallsWithItsRecord(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s := w.Seed(t)
		side, ctx := lookAside(t, w), context.Background()
		news, stop := w.App.Listen()
		defer stop()
		draft := app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"}
		before := side.dump()
		for _, statement := range [][2]string{{"INSERT", "journal"}, {"INSERT", "journal_hashes"}, {"UPDATE", "journal_head"}, {"INSERT", "ticket_units"}} {
			disarm := side.boobyTrap(statement[0], statement[1])
			_, err := w.App.DraftTicket(ctx, w.As(t, "sup"), draft)
			disarm()
			if err == nil || !strings.Contains(err.Error(), "trap") || app.AsFaults(err) != nil {
				t.Errorf("%s: %v, want the trap as an unknown error", statement, err)
			}
			if now := side.dump(); !reflect.DeepEqual(before, now) {
				t.Errorf("%s failed and something stayed", statement)
			}
		}
		select {
		case n := <-news:
			t.Errorf("the hub told of journal size %d though nothing was committed", n)
		default:
		}
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), draft)
		apptest.Must(t, err, "draft")
		size, err := w.App.JournalSize(ctx)
		apptest.Must(t, err, "size")
		if k.No != "2023-001" || <-news != size {
			t.Errorf("number %s after failed drafts, want 2023-001; or the hub did not tell size %d", k.No, size)
		}
	})
}

// A transaction that a neighbour pushed aside runs again and is recorded once. SQLite's single writer is never pushed aside inside a transaction.
func TestPushedAsideRunsAgain(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		side := lookAside(t, w)
		side.pushAside("journal", 2)
		_, err := w.App.AddUnit(context.Background(), app.Setup("test"), app.AddUnit{Code: "a", Name: "甲", Kind: "bureau"})
		apptest.Must(t, err, "a write that was pushed aside twice")
		if got := side.rows("SELECT no, action FROM journal WHERE action <> 'law.ship'"); len(got) != 1 {
			t.Errorf("recorded %v", got)
		}
		side.exec("ALTER SEQUENCE tries RESTART")
		side.exec("UPDATE patience SET n = 100")
		if _, err := w.App.AddUnit(context.Background(), app.Setup("test"), app.AddUnit{Code: "b", Name: "乙", Kind: "bureau"}); err == nil || app.AsFaults(err) != nil {
			t.Errorf("a write that is always pushed aside: %v", err)
		}
	})
}

// pushAside makes the first n inserts into a table fail as PostgreSQL does with the loser of a conflict (40001).
func (s aside) pushAside(table string, n int) {
	s.t.Helper()
	s.exec("CREATE SEQUENCE tries")
	s.exec("CREATE TABLE patience AS SELECT " + fmt.Sprint(n) + "::bigint AS n")
	s.exec(`CREATE FUNCTION push_aside() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF nextval('tries') <= (SELECT n FROM patience) THEN RAISE EXCEPTION 'pushed aside' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$`)
	s.exec("CREATE TRIGGER push_aside BEFORE INSERT ON " + table + " FOR EACH ROW EXECUTE FUNCTION push_aside()")
}

func TestOlderVersion(t *testing.T) {
	for _, c := range []struct {
		have, want string
		older      bool
	}{
		{"3.51.2", "3.51.3", true}, {"3.51.3", "3.51.3", false}, {"3.51.10", "3.51.3", false}, {"3.9.9", "3.51.3", true}, {"3.52", "3.51.3", false},
		{"3.51", "3.51.3", true}, {"4.0.0", "3.51.3", false}, {"2.99.99", "3.51.3", true}, {"3.51.3.1", "3.51.3", false}, {"", "3.51.3", true},
	} {
		if got := app.OlderVersion(c.have, c.want); got != c.older {
			t.Errorf("OlderVersion(%q, %q) = %t", c.have, c.want, got)
		}
	}
}

// The journal's time does not follow a clock that was set back.
func TestJournalTimeNeverGoesBack(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		for i, at := range []string{"2023-03-13 10:00", "2023-03-13 09:00", "2023-03-12 23:59", "2023-03-13 11:00"} {
			w.At(t, at)
			_, err := w.App.AddUnit(context.Background(), app.Setup("test"), app.AddUnit{Code: fmt.Sprint(i), Name: fmt.Sprint("单位", i), Kind: "bureau"})
			apptest.Must(t, err, "add unit")
		}
		var at []string
		for _, r := range records(t, w) {
			if r.Action != "law.ship" { // when the district was opened, before the clock was wound
				at = append(at, r.At)
			}
		}
		if want := []string{"2023-03-13T02:00:00Z", "2023-03-13T02:00:00Z", "2023-03-13T02:00:00Z", "2023-03-13T03:00:00Z"}; !slices.Equal(at, want) {
			t.Errorf("times %v, want %v", at, want)
		}
		sound(t, w)
	})
}

// records are the journal's records, decoded from the stored bytes, in order.
func records(t testing.TB, w *apptest.World) []audit.Record {
	t.Helper()
	size, err := w.App.JournalSize(context.Background())
	apptest.Must(t, err, "journal size")
	var out []audit.Record
	for b, err := range w.App.JournalRecords(context.Background(), size) {
		apptest.Must(t, err, "read the journal")
		r, err := audit.Decode(b)
		apptest.Must(t, err, "decode %s", b)
		out = append(out, r)
	}
	return out
}

// tree keeps hashes in memory, apart from the App's.
type tree []tlog.Hash

func (h tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range at {
		out = append(out, h[i])
	}
	return out, nil
}

// sound signs a checkpoint and compares it with a tree that is built anew from the stored bytes; the numbers must have no gap.
func sound(t testing.TB, w *apptest.World) (size int64) {
	t.Helper()
	ctx := context.Background()
	var hashes tree
	for i, r := range records(t, w) {
		if size++; r.No != size {
			t.Fatalf("record %d stands at place %d", r.No, i+1)
		}
	}
	side := lookAside(t, w)
	if n, top := side.number("SELECT COUNT(*) FROM journal"), side.number("SELECT size FROM journal_head"); n != size || top != size {
		t.Fatalf("%d records in %d rows under head %d", size, n, top)
	}
	n := int64(0)
	for b, err := range w.App.JournalRecords(ctx, size) {
		apptest.Must(t, err, "read the journal")
		more, err := tlog.StoredHashes(n, b, hashes)
		apptest.Must(t, err, "hash record %d", n+1)
		hashes = append(hashes, more...)
		n++
	}
	root, err := tlog.TreeHash(size, hashes)
	apptest.Must(t, err, "root")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign")
	newest, err := w.App.Checkpoints(ctx, 1)
	apptest.Must(t, err, "checkpoints")
	c, err := audit.OpenCheckpoint([]byte(newest[0].Note), w.Public)
	apptest.Must(t, err, "open checkpoint")
	if c.Size != size || c.Root != root {
		t.Fatalf("checkpoint of %d records with root %s; the stored bytes are %d records with root %s", c.Size, c.Root, size, root)
	}
	return size
}

// together runs n functions at once and gathers their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

func TestManyWritersLoseNothing(t *testing.T) {
	const writers, writes = 16, 25
	each(t, func(t *testing.T, w *apptest.World) {
		s := w.Seed(t)
		ctx, tf, hand := context.Background(), w.As(t, "tf1"), w.As(t, "gxj.hand")
		milestones := make([]int64, writers)
		for i := range writers {
			p := addProject(t, w, s, fmt.Sprintf("P-%03d", i+1), "gxj")
			apptest.Must(t, w.App.AddMilestone(ctx, tf, app.AddMilestone{Project: p.ID, Name: "封顶", BaselineOn: date("2023-10-31")}), "add milestone")
			d, err := w.App.ProjectDossier(ctx, tf, p.Code)
			apptest.Must(t, err, "dossier")
			milestones[i] = d.Milestones[0].ID
		}
		before := sound(t, w)
		errs := together(writers, func(i int) error {
			for n := range writes {
				cmd := app.MoveMilestone{Milestone: milestones[i], Version: int64(n + 1), RevisedOn: date("2023-11-01").AddDays(n), Reason: fmt.Sprintf("示例 %d/%d", i, n)}
				if err := w.App.MoveMilestone(ctx, hand, cmd); err != nil {
					return fmt.Errorf("writer %d, write %d: %w", i, n, err)
				}
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if size := sound(t, w); size != before+writers*writes {
			t.Errorf("%d new records, want %d", size-before, writers*writes)
		}
		said := map[string]int{}
		for _, r := range records(t, w)[before:] {
			said[r.Reason]++
		}
		if len(said) != writers*writes || slices.Max(slices.Collect(maps.Values(said))) != 1 {
			t.Errorf("%d different changes in the journal, want each of %d once", len(said), writers*writes)
		}
		for _, row := range lookAside(t, w).rows("SELECT version, revised_on FROM milestones") {
			if want := fmt.Sprintf("version=%d revised_on=%s", writes+1, date("2023-11-01").AddDays(writes-1)); row != want {
				t.Errorf("milestone %s, want %s", row, want)
			}
		}
	})
}

// addProject puts a project of task force 1 on the map and assigns it to a unit.
func addProject(t testing.TB, w *apptest.World, s *apptest.Small, code, unit string) *app.Project {
	t.Helper()
	ctx, tf := context.Background(), w.As(t, "tf1")
	p, err := w.App.AddProject(ctx, tf, app.AddProject{Code: code, Name: "示例项目" + code, Level: "city", TaskForceID: s.Forces["1"], Sample: true, InPlan: true,
		InvestFen: 3_000_000_00, YearPlanFen: 1_200_000_00, Year: 2023, Stage: "building", PlannedStartOn: calendar.MakeDate(2023, 3, 1)})
	apptest.Must(t, err, "add project %s", code)
	apptest.Must(t, w.App.Assign(ctx, tf, app.Assign{Project: p.ID, UnitID: s.Units[unit], LeadUnitID: s.Units[unit],
		ResponsibleID: s.Users[unit+".hand"], GuaranteeLeaderID: s.Users["guar"]}), "assign %s", code)
	return p
}

// Twenty people press a button on the same page: one wins, the others hear who was quicker.
func TestOneVersionOneWinner(t *testing.T) {
	const people = 20
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		for _, line := range []string{`ticket T term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir", "move T accept", "move T start"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		k, err := st.find("T")
		apptest.Must(t, err, "find")
		before, hand := sound(t, w), w.As(t, "gxj.hand")
		errs := together(people, func(i int) error {
			_, err := w.App.MoveTicket(context.Background(), hand, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "draft_feedback", Feedback: fmt.Sprint("第", i, "稿")})
			return err
		})
		stale := 0
		for _, err := range errs {
			if f := app.AsFaults(err); len(f) == 1 && f[0].Kind == app.Stale && f[0].Args["Who"].(audit.Actor).Name == hand.Name {
				stale++
			} else if err != nil {
				t.Error(err)
			}
		}
		if now, err := st.find("T"); err != nil || stale != people-1 || now.Version != k.Version+1 || sound(t, w) != before+1 {
			t.Errorf("%d of %d heard that they were late; version %d after %d, error %v", stale, people, now.Version, k.Version, err)
		}
	})
}
