-- +goose Up
-- +goose StatementBegin
-- Figures that people enter by period, and the subjects of rules that are no project, milestone or ticket: a unit's part in a ticket, a task force, a unit, the district.

-- A figure is never changed: a correction is the next edition of the same figure.
CREATE TABLE figures (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('project', 'milestone', 'ticket', 'receiving_unit', 'task_force', 'unit', 'district')),
  subject_id INTEGER NOT NULL,
  input TEXT NOT NULL,
  type TEXT NOT NULL,
  every TEXT NOT NULL,
  last_on TEXT NOT NULL,
  edition INTEGER NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  entered_by INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  UNIQUE (scope, subject_id, input, last_on, edition)
);

CREATE TABLE subjects (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('task_force', 'unit', 'district')),
  ref_id INTEGER NOT NULL,
  light TEXT NOT NULL,
  light_rule TEXT NOT NULL,
  light_since TEXT NOT NULL,
  next_check_at INTEGER NOT NULL,
  UNIQUE (scope, ref_id)
);
CREATE INDEX subjects_due ON subjects (next_check_at, id) WHERE next_check_at > 0;

-- What a rule said of a subject about a period, with the facts as they were then.
CREATE TABLE subject_judgements (
  id INTEGER PRIMARY KEY,
  subject_id INTEGER NOT NULL REFERENCES subjects (id),
  rule_id TEXT NOT NULL,
  ruleset TEXT NOT NULL,
  last_on TEXT NOT NULL,
  step TEXT NOT NULL,
  light TEXT NOT NULL,
  facts TEXT NOT NULL,
  judged_at INTEGER NOT NULL,
  UNIQUE (subject_id, rule_id, last_on)
);

ALTER TABLE ticket_units ADD COLUMN replied_on TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN replied_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket_units ADD COLUMN reply TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN due_on TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN light TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN light_rule TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN light_since TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_units ADD COLUMN next_check_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ticket_units_due ON ticket_units (next_check_at, id) WHERE next_check_at > 0;

-- SQLite can't widen a CHECK: the table is made anew.
CREATE TABLE escalations_new (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  item_kind TEXT NOT NULL CHECK (item_kind IN ('project', 'milestone', 'ticket', 'receiving_unit', 'task_force', 'unit', 'district')),
  item_id INTEGER NOT NULL,
  rule_id TEXT NOT NULL,
  step TEXT NOT NULL,
  due_on TEXT NOT NULL,
  ruleset TEXT NOT NULL,
  ruleset_version INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  light TEXT NOT NULL,
  paper TEXT NOT NULL,
  interview TEXT NOT NULL,
  began_on TEXT NOT NULL,
  answer_by TEXT NOT NULL,
  finding TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  lifted_on TEXT NOT NULL,
  lifted_why TEXT NOT NULL,
  UNIQUE (item_kind, item_id, rule_id, step, due_on)
);
INSERT INTO escalations_new SELECT id, version, item_kind, item_id, rule_id, step, due_on, ruleset, ruleset_version, task_force_id, project_id, ticket_id,
  light, paper, interview, began_on, answer_by, finding, recorded_at, lifted_on, lifted_why FROM escalations;
DROP TABLE escalations;
ALTER TABLE escalations_new RENAME TO escalations;
CREATE INDEX escalations_lit ON escalations (item_kind, item_id) WHERE lifted_on = '';
CREATE INDEX escalations_project ON escalations (project_id);
CREATE INDEX escalations_ticket ON escalations (ticket_id);

CREATE TRIGGER figures_no_update BEFORE UPDATE ON figures BEGIN SELECT RAISE(ABORT, 'append-only: figures'); END;
CREATE TRIGGER figures_no_delete BEFORE DELETE ON figures BEGIN SELECT RAISE(ABORT, 'append-only: figures'); END;
CREATE TRIGGER figures_no_replace BEFORE INSERT ON figures WHEN EXISTS (SELECT 1 FROM figures WHERE id = NEW.id OR scope = NEW.scope AND subject_id = NEW.subject_id AND input = NEW.input AND last_on = NEW.last_on AND edition = NEW.edition) BEGIN SELECT RAISE(ABORT, 'append-only: figures'); END;
CREATE TRIGGER subject_judgements_no_update BEFORE UPDATE ON subject_judgements BEGIN SELECT RAISE(ABORT, 'append-only: subject_judgements'); END;
CREATE TRIGGER subject_judgements_no_delete BEFORE DELETE ON subject_judgements BEGIN SELECT RAISE(ABORT, 'append-only: subject_judgements'); END;
CREATE TRIGGER subject_judgements_no_replace BEFORE INSERT ON subject_judgements WHEN EXISTS (SELECT 1 FROM subject_judgements WHERE id = NEW.id OR subject_id = NEW.subject_id AND rule_id = NEW.rule_id AND last_on = NEW.last_on) BEGIN SELECT RAISE(ABORT, 'append-only: subject_judgements'); END;
-- +goose StatementEnd
