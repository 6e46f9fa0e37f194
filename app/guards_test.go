package app_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// guard is a trigger without which somebody with a database client could rewrite the past.
type guard struct{ name, table string }

func guards(postgres bool) []guard {
	list := []guard{
		{"journal_no_update", "journal"}, {"journal_no_delete", "journal"},
		{"journal_hashes_no_update", "journal_hashes"}, {"journal_hashes_no_delete", "journal_hashes"},
		{"checkpoints_no_update", "checkpoints"}, {"checkpoints_no_delete", "checkpoints"},
		{"judgements_no_update", "judgements"}, {"judgements_no_delete", "judgements"},
		{"journal_head_no_back", "journal_head"}, {"journal_head_no_delete", "journal_head"}, {"milestones_baseline", "milestones"},
		{"papers_no_update", "papers"}, {"papers_no_delete", "papers"}, {"paper_acts_no_update", "paper_acts"}, {"paper_acts_no_delete", "paper_acts"},
		{"date_changes_no_update", "date_changes"}, {"date_changes_no_delete", "date_changes"},
		{"extension_decisions_no_update", "extension_decisions"}, {"extension_decisions_no_delete", "extension_decisions"},
		{"laws_no_update", "laws"}, {"laws_no_delete", "laws"},
		{"reminder_attempts_no_update", "reminder_attempts"}, {"reminder_attempts_no_delete", "reminder_attempts"},
		{"reminders_no_delete", "reminders"}, {"reminders_key", "reminders"},
		{"figures_no_update", "figures"}, {"figures_no_delete", "figures"}, {"subject_judgements_no_update", "subject_judgements"}, {"subject_judgements_no_delete", "subject_judgements"},
		{"agenda_items_no_update", "agenda_items"}, {"agenda_items_no_delete", "agenda_items"},
		{"comments_frozen", "comments"}, {"comments_no_delete", "comments"}, {"attachments_frozen", "attachments"}, {"attachments_no_delete", "attachments"},
		{"doctor_runs_no_update", "doctor_runs"}, {"doctor_runs_no_delete", "doctor_runs"},
		{"witnesses_frozen", "witnesses"}, {"witnesses_no_delete", "witnesses"}, {"witness_deliveries_key", "witness_deliveries"}, {"witness_deliveries_no_delete", "witness_deliveries"},
		{"witness_attempts_no_update", "witness_attempts"}, {"witness_attempts_no_delete", "witness_attempts"},
		{"cosignatures_no_update", "cosignatures"}, {"cosignatures_no_delete", "cosignatures"}, {"signing_keys_no_update", "signing_keys"}, {"signing_keys_no_delete", "signing_keys"},
	}
	tables, last := []string{"journal", "journal_hashes", "checkpoints", "judgements", "journal_head", "papers", "paper_acts", "date_changes", "extension_decisions", "laws",
		"reminder_attempts", "reminders", "figures", "subject_judgements", "agenda_items", "comments", "attachments", "doctor_runs",
		"witnesses", "witness_deliveries", "witness_attempts", "cosignatures", "signing_keys"}, "_no_truncate"
	if !postgres {
		tables, last = append(tables, "milestones"), "_no_replace"
	}
	for _, table := range tables {
		list = append(list, guard{table + last, table})
	}
	return list
}

// past gives the world a past: records, hashes, a checkpoint, a judgement and a milestone.
func past(t *testing.T, w *apptest.World) (*apptest.Small, aside) {
	t.Helper()
	w.Options.Mail = true
	w.Reopen(t)
	s, ctx := w.Seed(t), context.Background()
	p := addProject(t, w, s, "P-001", "gxj")
	apptest.Must(t, w.App.AddMilestone(ctx, w.As(t, "tf1"), app.AddMilestone{Project: p.ID, Name: "封顶", BaselineOn: date("2023-10-31")}), "add milestone")
	paper, err := w.App.IssuePaper(ctx, w.As(t, "sup"), app.IssuePaper{ItemKind: "project", Item: p.ID, Form: "blue_slip", Facts: "示例"})
	apptest.Must(t, err, "issue")
	apptest.Must(t, w.App.ReceivePaper(ctx, w.As(t, "gxj.hand"), app.ReceivePaper{Paper: paper.ID, Version: 1}), "receive")
	st := &stage{t: t, w: w, s: s, tickets: map[string]int64{}}
	for _, line := range []string{`ticket T term="15 workdays" lead=zjj`, "move T submit_draft as=sup", "move T approve as=dir",
		"extend T to=2023-04-14 reason=示例 progress=示例 as=zjj.lead", "decide_extension T grant as=tf1"} {
		apptest.Must(t, st.line(line), "%s", line)
	}
	w.At(t, "2023-03-31 17:00")
	_, err = w.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign")
	claim(t, w.App, 1)
	side := lookAside(t, w)
	side.exec(`INSERT INTO figures (scope, subject_id, input, type, every, last_on, edition, value, source, reason, entered_by, entered_at)
VALUES ('unit', 1, 'visits', 'int', 'month', '2023-03-31', 1, '3', '示例', '', 1, 1)`)
	side.exec("INSERT INTO subjects (version, scope, ref_id, light, light_rule, light_since, next_check_at) VALUES (1, 'unit', 1, '', '', '', 0)")
	side.exec("INSERT INTO subject_judgements (subject_id, rule_id, ruleset, last_on, step, light, facts, judged_at) SELECT MAX(id), 'x', 'x@1', '2023-03-31', '', '', '{}', 1 FROM subjects")
	meeting, err := w.App.PlanMeeting(ctx, w.As(t, "sup"), app.PlanMeeting{Kind: "dispatch", Title: "示例调度会", HeldOn: w.App.Today(), ChairID: s.Users["dir"]})
	apptest.Must(t, err, "plan a meeting")
	apptest.Must(t, w.App.AddAgendaItem(ctx, w.As(t, "sup"), app.AddAgendaItem{Meeting: meeting.ID, Title: "示例事项"}), "put an item on the agenda")
	_, err = w.App.AddComment(ctx, w.As(t, "sup"), app.AddComment{ItemKind: "project", Item: p.ID, Body: "示例"})
	apptest.Must(t, err, "comment")
	_, err = w.App.AddAttachment(ctx, w.As(t, "gxj.hand"), app.AddAttachment{ItemKind: "project", Item: p.ID, Kind: "document", Name: "示例.txt", Caption: "示例", Data: []byte("示例")})
	apptest.Must(t, err, "attach")
	_, err = w.App.Examine(ctx, app.System("doctor"), false)
	apptest.Must(t, err, "examine")
	pastOfWitnesses(t, w, side)
	for _, g := range guards(false) {
		if side.number("SELECT COUNT(*) FROM "+g.table) == 0 {
			t.Fatalf("%s is empty: nothing to attack", g.table)
		}
	}
	return s, side
}

func TestThePastIsAppendOnly(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		_, side := past(t, w)
		attacks := []string{
			"UPDATE journal SET record = record", "UPDATE laws SET yaml = yaml", "DELETE FROM laws", "UPDATE journal SET at = 0 WHERE no = 1", "UPDATE journal SET no = no + 1000000", "DELETE FROM journal",
			"DELETE FROM journal WHERE no = (SELECT MAX(no) FROM journal)",
			"UPDATE journal_hashes SET hash = hash", "UPDATE journal_hashes SET id = id + 1000000", "DELETE FROM journal_hashes",
			"UPDATE checkpoints SET note = ''", "UPDATE checkpoints SET at = 0", "DELETE FROM checkpoints",
			"UPDATE judgements SET light = 'green'", "UPDATE judgements SET month = '2022-12'", "DELETE FROM judgements",
			"UPDATE date_changes SET reason = ''", "UPDATE date_changes SET to_on = '2023-12-31'", "DELETE FROM date_changes",
			"INSERT INTO date_changes SELECT * FROM date_changes", "UPDATE extension_decisions SET granted = NOT granted", "DELETE FROM extension_decisions",
			"UPDATE journal_head SET size = size - 1", "UPDATE journal_head SET size = 0", "DELETE FROM journal_head",
			"UPDATE milestones SET baseline_on = '2023-12-31'", "UPDATE milestones SET revised_on = '2023-12-31', baseline_on = ''",
			"UPDATE papers SET facts = ''", "UPDATE papers SET deadline_on = '2023-12-31'", "DELETE FROM papers", "UPDATE paper_acts SET text = 'x'", "DELETE FROM paper_acts",
			"UPDATE reminder_attempts SET outcome = 'accepted'", "UPDATE reminder_attempts SET answer = ''", "DELETE FROM reminder_attempts",
			"UPDATE reminders SET recipient_id = recipient_id + 1", "UPDATE reminders SET detail = '{}'", "UPDATE reminders SET created_at = 0", "DELETE FROM reminders",
			"INSERT INTO reminders SELECT * FROM reminders",
			"UPDATE figures SET value = '4'", "UPDATE figures SET source = ''", "DELETE FROM figures", "INSERT INTO figures SELECT * FROM figures",
			"UPDATE subject_judgements SET light = 'red'", "DELETE FROM subject_judgements", "INSERT INTO subject_judgements SELECT * FROM subject_judgements",
			"UPDATE agenda_items SET title = 'x'", "DELETE FROM agenda_items", "INSERT INTO agenda_items SELECT * FROM agenda_items",
			"UPDATE comments SET body = 'x'", "UPDATE comments SET added_at = 0", "DELETE FROM comments", "INSERT INTO comments SELECT * FROM comments",
			"UPDATE attachments SET sha256 = 'x'", "UPDATE attachments SET caption = 'x'", "DELETE FROM attachments", "INSERT INTO attachments SELECT * FROM attachments",
			"UPDATE doctor_runs SET sound = TRUE", "DELETE FROM doctor_runs", "INSERT INTO doctor_runs SELECT * FROM doctor_runs",
			"UPDATE witnesses SET address = 'x'", "UPDATE witnesses SET public_key = 'x'", "DELETE FROM witnesses", "INSERT INTO witnesses SELECT * FROM witnesses",
			"UPDATE witness_deliveries SET witness_id = witness_id + 1", "UPDATE witness_deliveries SET created_at = 0", "DELETE FROM witness_deliveries",
			"INSERT INTO witness_deliveries SELECT * FROM witness_deliveries", "UPDATE witness_attempts SET outcome = 'accepted'", "DELETE FROM witness_attempts",
			"UPDATE cosignatures SET line = 'x'", "DELETE FROM cosignatures", "UPDATE signing_keys SET statement = 'x'", "DELETE FROM signing_keys",
			"INSERT INTO journal SELECT * FROM journal WHERE no = 1",
			"INSERT INTO journal SELECT * FROM journal WHERE no = 1 ON CONFLICT (no) DO UPDATE SET at = 0",
			"INSERT INTO journal_head (id, size, at) VALUES (2, 0, 0)",
		}
		if side.postgres {
			for _, table := range []string{"journal", "journal_hashes", "checkpoints", "judgements", "papers", "paper_acts", "date_changes", "extension_decisions", "reminder_attempts", "reminders", "figures", "subject_judgements"} {
				attacks = append(attacks, "TRUNCATE "+table, "TRUNCATE "+table+" CASCADE")
			}
		} else {
			attacks = append(attacks, "UPDATE OR REPLACE journal SET no = 1 WHERE no = 2", "UPDATE OR IGNORE journal SET at = 0", "REPLACE INTO papers SELECT * FROM papers", "REPLACE INTO paper_acts SELECT * FROM paper_acts",
				"REPLACE INTO reminders SELECT * FROM reminders", "REPLACE INTO reminder_attempts SELECT * FROM reminder_attempts",
				"REPLACE INTO figures SELECT * FROM figures", "REPLACE INTO subject_judgements SELECT * FROM subject_judgements")
		}
		before := side.dump()
		for _, attack := range attacks {
			if err := side.try(attack); err == nil {
				t.Errorf("%s: went through", attack)
			}
		}
		if !reflect.DeepEqual(before, side.dump()) {
			t.Error("an attack left something behind")
		}
		if err := side.try("UPDATE milestones SET revised_on = '2023-11-30'"); err != nil {
			t.Errorf("a milestone's new date is no attack: %v", err)
		}
		sound(t, w)
	})
}

// A start must say which guard is gone, and remember it; the office is opened all the same.
func TestTheDoctorNamesTheMissingGuard(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		side := lookAside(t, w)
		start := func() error {
			a, err := app.Open(context.Background(), w.Options)
			apptest.Must(t, err, "open")
			run, err := a.Examine(context.Background(), app.System("doctor"), false)
			apptest.Must(t, errors.Join(err, a.Close()), "examine")
			found, err := run.Found()
			apptest.Must(t, err, "findings")
			if run.Sound {
				return nil
			}
			return errors.New(strings.NewReplacer("[", " ", "]", " ", ":", " ").Replace(strings.Join(offenders(found), ", ")))
		}
		all := guards(side.postgres)
		for few := range slices.Chunk(all, 5) { // as many as a finding names
			var restore []string
			for _, g := range few {
				restore = append(restore, side.dropGuard(g))
			}
			side.named(all, few, start())
			for _, statement := range restore {
				side.exec(statement)
			}
			if !side.postgres {
				continue
			}
			for _, g := range few {
				side.exec(fmt.Sprintf("ALTER TABLE %s DISABLE TRIGGER %s", g.table, g.name))
			}
			side.named(all, few, start())
			for _, g := range few {
				side.exec(fmt.Sprintf("ALTER TABLE %s ENABLE TRIGGER %s", g.table, g.name))
			}
		}
		apptest.Must(t, start(), "start with all guards restored")
		side.dropGuard(guards(false)[0])
		side.dropGuard(guards(false)[10])
		if err := start(); err == nil || !strings.Contains(err.Error(), "journal_no_update") || !strings.Contains(err.Error(), "milestones_baseline") {
			t.Errorf("two guards are gone: %v", err)
		}
	})
}

// dropGuard takes a trigger away and returns the statement that brings it back.
func (s aside) dropGuard(g guard) (restore string) {
	s.t.Helper()
	if s.postgres {
		restore = s.text("SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace AND tgname = ?", g.name)
		s.exec(fmt.Sprintf("DROP TRIGGER %s ON %s", g.name, g.table))
		return restore
	}
	restore = s.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", g.name)
	s.exec("DROP TRIGGER " + g.name)
	return restore
}

// named fails unless what a start says names the guards that are gone, each of them and no other.
func (s aside) named(all, gone []guard, said error) {
	s.t.Helper()
	if said == nil {
		s.t.Errorf("%v are gone, and a start says nothing", gone)
		return
	}
	words := strings.FieldsFunc(said.Error(), func(r rune) bool { return r == ' ' || r == ',' })
	for _, g := range all {
		if slices.Contains(words, g.name) != slices.Contains(gone, g) {
			s.t.Errorf("%v are gone; of %s a start says %v", gone, g.name, said)
		}
	}
}
