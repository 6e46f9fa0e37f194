-- +goose Up
-- +goose StatementBegin
-- What the journal is searched by beside what it had: the unit of the actor as it was called, and the rule without its version. Both stand in the record; these
-- columns only find it. The trigger is away for one statement, inside this transaction.
ALTER TABLE journal ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN rule TEXT NOT NULL DEFAULT '';
DROP TRIGGER journal_no_update;
UPDATE journal SET unit = COALESCE(json_extract(CAST(record AS TEXT), '$.actor.unit'), ''),
  rule = COALESCE(substr(json_extract(CAST(record AS TEXT), '$.rule'), 1, instr(json_extract(CAST(record AS TEXT), '$.rule') || '@', '@') - 1), '')
  WHERE json_valid(CAST(record AS TEXT));
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only: journal'); END;
CREATE INDEX journal_action ON journal (action, no);
CREATE INDEX journal_object ON journal (object_kind, no);
CREATE INDEX journal_force ON journal (task_force_id, no) WHERE task_force_id > 0;
CREATE INDEX journal_unit ON journal (unit, no) WHERE unit <> '';
CREATE INDEX journal_rule ON journal (rule, no) WHERE rule <> '';
-- +goose StatementEnd
