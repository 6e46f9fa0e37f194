-- +goose Up
-- +goose StatementBegin
-- Working time: notices of days off and make-up days, layered over the vendored calendar, for the district or for one task force. What a version says never
-- changes once it is in force; only its state, and how far the moving of dates has come, do.

CREATE TABLE calendar_versions (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  number TEXT NOT NULL,
  covers INTEGER NOT NULL,
  source TEXT NOT NULL,
  days TEXT NOT NULL,
  office TEXT NOT NULL,
  replaces_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'in_force', 'superseded', 'discarded')),
  uploaded_by INTEGER NOT NULL,
  uploaded_at INTEGER NOT NULL,
  approved_by INTEGER NOT NULL,
  approved_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  moving TEXT NOT NULL CHECK (moving IN ('', 'ticket', 'milestone', 'escalation')),
  moved_to INTEGER NOT NULL,
  moved INTEGER NOT NULL
);
CREATE INDEX calendar_versions_state ON calendar_versions (state);

CREATE TABLE calendar_moves (
  id INTEGER PRIMARY KEY,
  calendar_id INTEGER NOT NULL REFERENCES calendar_versions (id),
  item_kind TEXT NOT NULL CHECK (item_kind IN ('ticket', 'milestone', 'escalation')),
  item_id INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  no TEXT NOT NULL,
  title TEXT NOT NULL,
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  judged_from_on TEXT NOT NULL,
  judged_to_on TEXT NOT NULL,
  moved_at INTEGER NOT NULL
);
CREATE INDEX calendar_moves_item ON calendar_moves (item_kind, item_id);
CREATE INDEX calendar_moves_version ON calendar_moves (calendar_id, id);

ALTER TABLE milestones ADD COLUMN lawful_on TEXT NOT NULL DEFAULT '';

CREATE TRIGGER calendar_moves_no_update BEFORE UPDATE ON calendar_moves BEGIN SELECT RAISE(ABORT, 'append-only: calendar_moves'); END;
CREATE TRIGGER calendar_moves_no_delete BEFORE DELETE ON calendar_moves BEGIN SELECT RAISE(ABORT, 'append-only: calendar_moves'); END;
CREATE TRIGGER calendar_moves_no_replace BEFORE INSERT ON calendar_moves WHEN EXISTS (SELECT 1 FROM calendar_moves WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: calendar_moves'); END;
CREATE TRIGGER calendar_versions_frozen BEFORE UPDATE ON calendar_versions WHEN NEW.task_force_id <> OLD.task_force_id OR NEW.title <> OLD.title OR NEW.number <> OLD.number OR NEW.covers <> OLD.covers OR NEW.source <> OLD.source OR NEW.days <> OLD.days OR NEW.office <> OLD.office OR NEW.uploaded_by <> OLD.uploaded_by OR NEW.uploaded_at <> OLD.uploaded_at BEGIN SELECT RAISE(ABORT, 'immutable: calendar_versions'); END;
CREATE TRIGGER calendar_versions_no_delete BEFORE DELETE ON calendar_versions BEGIN SELECT RAISE(ABORT, 'append-only: calendar_versions'); END;
CREATE TRIGGER calendar_versions_no_replace BEFORE INSERT ON calendar_versions WHEN EXISTS (SELECT 1 FROM calendar_versions WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: calendar_versions'); END;
-- +goose StatementEnd
