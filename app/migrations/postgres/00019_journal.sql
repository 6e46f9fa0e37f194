-- +goose Up
-- +goose StatementBegin
-- What the journal is searched by beside what it had: the unit of the actor as it was called, and the rule without its version. Both stand in the record; these
-- columns only find it. The trigger is away for one statement, inside this transaction.
ALTER TABLE journal ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN rule TEXT NOT NULL DEFAULT '';
DROP TRIGGER journal_no_update ON journal;
DO $$
DECLARE one RECORD;
BEGIN
  UPDATE journal SET unit = COALESCE(convert_from(record, 'UTF8')::jsonb -> 'actor' ->> 'unit', ''),
    rule = split_part(COALESCE(convert_from(record, 'UTF8')::jsonb ->> 'rule', ''), '@', 1);
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  -- A record that was damaged stays unfound by its unit; the others do not.
  FOR one IN SELECT no FROM journal LOOP
    BEGIN
      UPDATE journal SET unit = COALESCE(convert_from(record, 'UTF8')::jsonb -> 'actor' ->> 'unit', ''),
        rule = split_part(COALESCE(convert_from(record, 'UTF8')::jsonb ->> 'rule', ''), '@', 1) WHERE no = one.no;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN NULL;
    END;
  END LOOP;
END $$;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE INDEX journal_action ON journal (action, no);
CREATE INDEX journal_object ON journal (object_kind, no);
CREATE INDEX journal_force ON journal (task_force_id, no) WHERE task_force_id > 0;
CREATE INDEX journal_unit ON journal (unit, no) WHERE unit <> '';
CREATE INDEX journal_rule ON journal (rule, no) WHERE rule <> '';
-- +goose StatementEnd
