-- +goose Up
-- +goose StatementBegin
-- Every version of a rule set or workflow, from its draft on; items keep the rule set that they were issued under.
CREATE TABLE laws (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ruleset', 'machine')),
  name TEXT NOT NULL,
  edition INTEGER NOT NULL,
  yaml TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'rejected', 'withdrawn')),
  reason TEXT NOT NULL,
  drafted_by INTEGER NOT NULL,
  drafted_at INTEGER NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  decision_note TEXT NOT NULL,
  effective_from TEXT NOT NULL,
  CHECK (state <> 'approved' OR decided_by = 0 OR decided_by <> drafted_by)
);
CREATE UNIQUE INDEX laws_edition ON laws (kind, name, edition) WHERE state = 'approved';
ALTER TABLE tickets ADD COLUMN ruleset TEXT NOT NULL DEFAULT '';
ALTER TABLE milestones ADD COLUMN ruleset TEXT NOT NULL DEFAULT '';

CREATE TRIGGER laws_no_update BEFORE UPDATE ON laws WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'append-only: laws'); END;
CREATE TRIGGER laws_no_delete BEFORE DELETE ON laws BEGIN SELECT RAISE(ABORT, 'append-only: laws'); END;
CREATE TRIGGER laws_no_replace BEFORE INSERT ON laws WHEN EXISTS (SELECT 1 FROM laws WHERE id = NEW.id OR NEW.state = 'approved' AND state = 'approved' AND kind = NEW.kind AND name = NEW.name AND edition = NEW.edition) BEGIN SELECT RAISE(ABORT, 'append-only: laws'); END;
-- +goose StatementEnd
