package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
)

// tampered is a district with a past, a checkpoint that left the building before somebody got at the database, and that somebody's connection.
type tampered struct {
	t    *testing.T
	w    *apptest.World
	side aside
	left app.ReturnedNote // the checkpoint that left
	size int64            // records that it covers
}

func tamper(t *testing.T, w *apptest.World) *tampered {
	t.Helper()
	_, side := past(t, w)
	x := &tampered{t: t, w: w, side: side}
	x.behind([]string{"subject_judgements", "figures"}, func() { // what the fixture put there by hand is no tampering
		side.exec("DELETE FROM subject_judgements")
		side.exec("DELETE FROM figures")
		side.exec("DELETE FROM subjects WHERE scope = 'unit' AND ref_id = 1 AND NOT EXISTS (SELECT 1 FROM subject_judgements j WHERE j.subject_id = subjects.id)")
	})
	ctx := context.Background()
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign")
	newest, err := w.App.Checkpoints(ctx, 1)
	apptest.Must(t, err, "checkpoints")
	x.left, x.size = app.ReturnedNote{Name: "left.txt", Text: []byte(newest[0].Note)}, newest[0].Size
	healthy(t, w)
	return x
}

// on is a trigger as DROP TRIGGER names it.
func (s aside) on(name, table string) string {
	if s.postgres {
		return name + " ON " + table
	}
	return name
}

// behind does something past the guards: every trigger of these tables is dropped, the statements are run, and the triggers are put back as they were, so that only what was done shows.
func (x *tampered) behind(tables []string, do func()) {
	x.t.Helper()
	var back []string
	for _, g := range guards(x.side.postgres) {
		if slices.Contains(tables, g.table) {
			back = append(back, x.side.dropGuard(g))
		}
	}
	do()
	for _, statement := range back {
		x.side.exec(statement)
	}
}

// journal are the tables of the tree.
func journalTables() []string {
	return []string{"journal", "journal_hashes", "journal_head", "checkpoints"}
}

// caught wants the doctor to say each of these, alone or against the checkpoint that left; without any it must find nothing by itself.
func (x *tampered) caught(alone []string, against string) {
	x.t.Helper()
	holds := func(lines []string, want string) bool {
		return slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) })
	}
	got := diagnosed(x.t, x.w.App, x.w.Public)
	for _, want := range alone {
		if !holds(got, want) {
			x.t.Errorf("the doctor alone does not say %q: %v", want, got)
		}
	}
	if len(alone) == 0 && len(got) > 0 {
		x.t.Errorf("the doctor alone says %v", got)
	}
	if against == "" {
		return
	}
	if got = diagnosed(x.t, x.w.App, x.w.Public, x.left); !holds(got, against) {
		x.t.Errorf("against the checkpoint that left the doctor does not say %q: %v", against, got)
	}
}

// verified is what auditverify says of an export of the database as it is, against the checkpoint that left.
func (x *tampered) verified() []audit.Code {
	x.t.Helper()
	var journal strings.Builder
	for _, row := range x.side.blobs("SELECT record FROM journal ORDER BY no") {
		journal.Write(row)
		journal.WriteByte('\n')
	}
	report, err := audit.Verify(audit.Input{Key: x.w.Public, Journal: strings.NewReader(journal.String()),
		Notes: []audit.Text{{Name: x.left.Name, Body: strings.NewReader(string(x.left.Text))}}})
	apptest.Must(x.t, err, "verify")
	var codes []audit.Code
	for _, f := range report.Faults {
		codes = append(codes, f.Code)
	}
	if report.Sound {
		x.t.Error("auditverify finds the journal sound")
	}
	return codes
}

func (s aside) blobs(query string) [][]byte {
	s.t.Helper()
	rows, err := s.db.Query(query)
	apptest.Must(s.t, err, "%s", query)
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var b []byte
		apptest.Must(s.t, rows.Scan(&b), "scan")
		out = append(out, b)
	}
	apptest.Must(s.t, rows.Err(), "%s", query)
	return out
}

// edited is record no with one word for another of the same length.
func (x *tampered) edited(no int64, from, to string) []byte {
	x.t.Helper()
	record := x.side.blobs(fmt.Sprintf("SELECT record FROM journal WHERE no = %d", no))[0]
	if !strings.Contains(string(record), from) {
		x.t.Fatalf("record %d does not hold %q: %s", no, from, record)
	}
	return []byte(strings.Replace(string(record), from, to, 1))
}

// approval is the number of the record by which the ticket was issued.
func (x *tampered) approval() int64 {
	return x.side.number("SELECT no FROM journal WHERE action = 'ticket.approve'")
}

func TestARecordEditedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		no := x.approval()
		forged := x.edited(no, "示例督查主任", "示例督查主仼")
		x.behind([]string{"journal"}, func() { x.side.exec("UPDATE journal SET record = ? WHERE no = ?", forged, no) })
		x.caught([]string{fmt.Sprintf("leaves leaf map[No:%d]", no), "checkpoints checkpoint_root"}, "against note_differs")
		x.verified()
	})
}

func TestAColumnOfTheJournalEditedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		no := x.approval()
		x.behind([]string{"journal"}, func() { x.side.exec("UPDATE journal SET actor_id = actor_id + 1 WHERE no = ?", no) })
		x.caught([]string{fmt.Sprintf("columns column map[Column:actor_id No:%d]", no)}, "")
		// These two hide a record from whoever looks for a unit or a rule.
		x.behind([]string{"journal"}, func() {
			x.side.exec("UPDATE journal SET actor_id = actor_id - 1, unit = 'x', rule = 'y' WHERE no = ?", no)
		})
		x.caught([]string{fmt.Sprintf("columns column map[Column:unit No:%d]", no), fmt.Sprintf("columns column map[Column:rule No:%d]", no)}, "")
	})
}

// A row that can't even be read must not silence the doctor: checkpoints would go on being signed. SQLite puts a word into a column of numbers.
func TestARecordThatCantBeRead(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		if x.side.postgres {
			t.Skip("PostgreSQL refuses a word in a column of numbers")
		}
		x.behind([]string{"journal"}, func() { x.side.exec("UPDATE journal SET at = 'x' WHERE no = 2") })
		ctx := context.Background()
		_, err := w.App.Examine(ctx, app.System("doctor"), true)
		apptest.Must(t, err, "examine")
		if stopped, err := app.Unsound(ctx, w.App); !stopped || err != nil {
			t.Errorf("checkpoints are signed on: %v", err)
		}
		x.caught([]string{"leaves unreadable"}, "")
	})
}

func TestAGuardDroppedOrChanged(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		g := guard{"journal_no_delete", "journal"}
		back := x.side.dropGuard(g)
		x.caught([]string{"guards trigger_missing map[Name:journal_no_delete]"}, "")
		if x.side.postgres {
			x.side.exec("CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal FOR EACH ROW WHEN (OLD.no < 0) EXECUTE FUNCTION refuse_change()")
		} else {
			x.side.exec("CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal WHEN OLD.no < 0 BEGIN SELECT RAISE(ABORT, 'append-only: journal'); END")
		}
		x.caught([]string{"guards trigger_changed map[Name:journal_no_delete]"}, "")
		x.side.exec("DROP TRIGGER " + x.side.on(g.name, g.table))
		x.side.exec(back)
		healthy(t, w)
		if !x.side.postgres {
			return
		}
		x.side.exec("ALTER TABLE journal DISABLE TRIGGER journal_no_delete")
		x.caught([]string{"guards trigger_off map[Name:journal_no_delete]"}, "")
		x.side.exec("ALTER TABLE journal ENABLE TRIGGER journal_no_delete")
		x.side.exec("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$")
		x.caught([]string{"guards function_changed map[Name:refuse_change]"}, "")
	})
}

func TestTheTailRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		keep := x.size - 7
		x.behind(append(journalTables(), "witness_attempts", "witness_deliveries", "cosignatures"), func() {
			for _, table := range []string{"witness_attempts", "witness_deliveries", "cosignatures"} {
				x.side.exec("DELETE FROM " + table)
			}
			x.side.exec("DELETE FROM journal WHERE no > ?", keep)
			x.side.exec("DELETE FROM journal_hashes WHERE id >= ?", tlog.StoredHashIndex(0, keep))
			x.side.exec("DELETE FROM checkpoints WHERE size > ?", keep)
			x.side.exec("UPDATE journal_head SET size = ?, at = (SELECT MAX(at) FROM journal)", keep)
		})
		// By itself the tree is whole again: what the records told of stands in the tables without them.
		x.caught([]string{"rows row_untold"}, "against note_ahead")
		if codes := x.verified(); !slices.Contains(codes, audit.CutOff) {
			t.Errorf("auditverify says %v", codes)
		}
	})
}

// rebuild makes the whole tree anew from the records as they now stand, and signs every checkpoint again with the real key: what who holds server and key can do.
func (x *tampered) rebuild() { x.rehash(true) }

// rehash makes the tree anew; without the key the checkpoints stay as they were signed.
func (x *tampered) rehash(key bool) {
	x.t.Helper()
	var hashes tree
	signed := x.side.numbers("SELECT size FROM checkpoints ORDER BY size")
	x.side.exec("DELETE FROM journal_hashes")
	private, _ := apptest.Key(x.t)
	for i, record := range x.side.blobs("SELECT record FROM journal ORDER BY no") {
		size := int64(i + 1)
		more, err := audit.Append(size-1, record, hashes)
		apptest.Must(x.t, err, "append")
		for _, h := range more {
			x.side.exec("INSERT INTO journal_hashes (id, hash) VALUES (?, ?)", len(hashes), h[:])
			hashes = append(hashes, h)
		}
		if !key || !slices.Contains(signed, size) {
			continue
		}
		root, err := audit.Root(size, hashes)
		apptest.Must(x.t, err, "root")
		old, err := audit.OpenCheckpoint(x.left.Text, x.w.Public)
		apptest.Must(x.t, err, "open")
		note, err := audit.SignCheckpoint(audit.Checkpoint{Origin: old.Origin, Size: size, Root: root, At: old.At}, private)
		apptest.Must(x.t, err, "sign")
		x.side.exec("UPDATE checkpoints SET at = ?, note = ? WHERE size = ?", old.At.Unix(), string(note), size)
	}
}

func (s aside) numbers(query string) []int64 {
	s.t.Helper()
	rows, err := s.db.Query(query)
	apptest.Must(s.t, err, "%s", query)
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		apptest.Must(s.t, rows.Scan(&n), "scan")
		out = append(out, n)
	}
	apptest.Must(s.t, rows.Err(), "%s", query)
	return out
}

func TestTheTreeRebuiltWithTheRealKey(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		no := x.approval()
		forged := x.edited(no, "示例督查主任", "示例督查主仼")
		x.behind(journalTables(), func() {
			x.side.exec("UPDATE journal SET record = ? WHERE no = ?", forged, no)
			x.rebuild()
		})
		// A name is in no other table: the database is in order, and only what left before tells.
		x.caught(nil, "against note_differs")
		x.verified()
	})
}

// Who has the database and not the key can make the hashes fit, and not the checkpoints.
func TestTheTreeRebuiltWithoutTheKey(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		no := x.approval()
		forged := x.edited(no, "示例督查主任", "示例督查主仼")
		x.behind(journalTables(), func() {
			x.side.exec("UPDATE journal SET record = ? WHERE no = ?", forged, no)
			x.rehash(false)
		})
		x.caught([]string{"edge checkpoint_root", "checkpoints checkpoint_root"}, "against note_differs")
		x.verified()
	})
}

func TestABackDatedRecordPutIn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		no := x.approval()
		twin := x.side.blobs(fmt.Sprintf("SELECT record FROM journal WHERE no = %d", no))[0]
		x.behind(journalTables(), func() {
			for n := x.size; n > no; n-- { // make room
				record := x.side.blobs(fmt.Sprintf("SELECT record FROM journal WHERE no = %d", n))[0]
				moved := strings.Replace(string(record), fmt.Sprintf(`"no":%d,"at"`, n), fmt.Sprintf(`"no":%d,"at"`, n+1), 1)
				x.side.exec("UPDATE journal SET no = no + 1, record = ? WHERE no = ?", []byte(moved), n)
			}
			record := strings.Replace(strings.Replace(string(twin), fmt.Sprintf(`"no":%d,"at"`, no), fmt.Sprintf(`"no":%d,"at"`, no+1), 1), "ticket.approve", "ticket.forged", 1)
			x.side.exec(`INSERT INTO journal (no, at, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record)
SELECT ?, at, actor_kind, actor_id, 'ticket.forged', object_kind, object_id, task_force_id, project_id, ticket_id, ? FROM journal WHERE no = ?`, no+1, []byte(record), no)
			x.side.exec("UPDATE journal_head SET size = size + 1")
			x.rebuild()
		})
		x.caught([]string{"moves move_from"}, "against note_differs") // the ticket can't be approved twice
		x.verified()
	})
}

// The business tables are guarded by nobody; what stands in them without a record shows all the same.
func TestABusinessRowEditedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		light, rule := x.side.text("SELECT light FROM tickets"), x.side.text("SELECT light_rule FROM tickets")
		for _, attack := range []struct{ do, undo, want string }{
			{"UPDATE tickets SET due_on = '2023-12-31'", "UPDATE tickets SET due_on = '2023-04-03'", "rows row_differs map[Column:due_on Kind:ticket No:2023-001"},
			{"UPDATE projects SET invest_fen = invest_fen + 1", "UPDATE projects SET invest_fen = invest_fen - 1", "rows row_differs map[Column:invest_fen Kind:project"},
			{"UPDATE milestones SET actual_on = '2023-03-20'", "UPDATE milestones SET actual_on = ''", "rows row_differs map[Column:actual_on Kind:milestone"},
			{"UPDATE tickets SET light = 'red', light_rule = 'x'", "UPDATE tickets SET light = '" + light + "', light_rule = '" + rule + "'", "lights light_untold"},
			{"INSERT INTO role_grants (id, version, user_id, role, scope, scope_id, valid_from, valid_to, granted_by) SELECT 999, version, user_id, 'administrator', scope, scope_id, valid_from, valid_to, granted_by FROM role_grants WHERE id = 1",
				"DELETE FROM role_grants WHERE id = 999", "rows row_untold map[Kind:grant"},
			{"INSERT INTO exemptions (version, project_id, rule_id, month, reason, approved_by, approved_at) VALUES (1, 1, 'x', '2023-03', '示例', 1, 1)", "DELETE FROM exemptions", "rows row_untold map[Kind:exemption"},
			{"UPDATE users SET disabled = NOT disabled WHERE account = 'sup'", "UPDATE users SET disabled = NOT disabled WHERE account = 'sup'", "rows row_differs map[Column:disabled Kind:user No:sup"},
			{"UPDATE assignments SET responsible_id = responsible_id + 1", "UPDATE assignments SET responsible_id = responsible_id - 1", "rows row_differs map[Column:responsible_id Kind:assignment"},
			{"INSERT INTO settings (key, value) VALUES ('place', '示例')", "DELETE FROM settings WHERE key = 'place'", "rows row_differs map[Column:value Kind:setting No:place"},
			{"UPDATE escalations SET points = points + 7", "UPDATE escalations SET points = points - 7", "rungs rung_differs map[Column:points"},
		} {
			x.side.exec(attack.do)
			x.caught([]string{attack.want}, "")
			x.side.exec(attack.undo)
		}
		healthy(t, w)
	})
}

func TestAttachedBytesChangedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		sum := x.side.text("SELECT sha256 FROM attachments")
		apptest.Must(t, os.WriteFile(filepath.Join(w.Options.Files, sum[:2], sum[2:]), []byte("示列"), 0o600), "write over a file")
		x.caught([]string{"files file_lost"}, "")
	})
}
