-- +goose Up
-- +goose StatementBegin
-- The doctor's runs, and what is disposed of. A run is history: the newest one says whether checkpoints may be signed.
CREATE TABLE doctor_runs (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('quick', 'whole')),
  node TEXT NOT NULL,
  size INTEGER NOT NULL,
  sound BOOLEAN NOT NULL,
  findings TEXT NOT NULL
);
CREATE INDEX doctor_runs_scope ON doctor_runs (scope, id);

-- A disposal is asked for by one person and decided by another. What was disposed of keeps its row and its hash; only bytes go.
CREATE TABLE disposals (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  before_on TEXT NOT NULL,
  basis TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'rejected')),
  asked_by INTEGER NOT NULL REFERENCES users (id),
  asked_at INTEGER NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  note TEXT NOT NULL,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);

CREATE TABLE disposed_files (
  id INTEGER PRIMARY KEY,
  disposal_id INTEGER NOT NULL REFERENCES disposals (id),
  attachment_id INTEGER NOT NULL UNIQUE REFERENCES attachments (id),
  sha256 TEXT NOT NULL,
  thumb_sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX disposed_files_sum ON disposed_files (sha256);

-- The doctor reads the records of one thing at a time, whatever the size of the journal.
CREATE INDEX journal_of_object ON journal (object_kind, object_id, no);

CREATE TRIGGER doctor_runs_no_update BEFORE UPDATE ON doctor_runs BEGIN SELECT RAISE(ABORT, 'append-only: doctor_runs'); END;
CREATE TRIGGER doctor_runs_no_delete BEFORE DELETE ON doctor_runs BEGIN SELECT RAISE(ABORT, 'append-only: doctor_runs'); END;
CREATE TRIGGER doctor_runs_no_replace BEFORE INSERT ON doctor_runs WHEN EXISTS (SELECT 1 FROM doctor_runs WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: doctor_runs'); END;
CREATE TRIGGER disposals_frozen BEFORE UPDATE ON disposals WHEN OLD.state <> 'asked' OR NEW.id <> OLD.id OR NEW.before_on <> OLD.before_on OR NEW.basis <> OLD.basis OR NEW.reason <> OLD.reason OR NEW.asked_by <> OLD.asked_by OR NEW.asked_at <> OLD.asked_at OR NEW.decided_by = OLD.asked_by BEGIN SELECT RAISE(ABORT, 'immutable: disposals'); END;
CREATE TRIGGER disposals_no_delete BEFORE DELETE ON disposals BEGIN SELECT RAISE(ABORT, 'append-only: disposals'); END;
CREATE TRIGGER disposals_no_replace BEFORE INSERT ON disposals WHEN EXISTS (SELECT 1 FROM disposals WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: disposals'); END;
CREATE TRIGGER disposed_files_no_update BEFORE UPDATE ON disposed_files BEGIN SELECT RAISE(ABORT, 'append-only: disposed_files'); END;
CREATE TRIGGER disposed_files_no_delete BEFORE DELETE ON disposed_files BEGIN SELECT RAISE(ABORT, 'append-only: disposed_files'); END;
CREATE TRIGGER disposed_files_no_replace BEFORE INSERT ON disposed_files WHEN EXISTS (SELECT 1 FROM disposed_files WHERE id = NEW.id OR attachment_id = NEW.attachment_id) BEGIN SELECT RAISE(ABORT, 'append-only: disposed_files'); END;
-- +goose StatementEnd
