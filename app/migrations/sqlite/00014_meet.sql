-- +goose Up
-- +goose StatementBegin
-- Meetings: the agenda is frozen when a meeting is opened and never changes; decisions stay until their tickets are closed.

CREATE TABLE meetings (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  no TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('dispatch', 'special', 'coordination', 'other')),
  year INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  title TEXT NOT NULL,
  task_force_id INTEGER NOT NULL,
  held_on TEXT NOT NULL,
  chair_id INTEGER NOT NULL,
  place TEXT NOT NULL,
  attendees TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'held', 'closed')),
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_on TEXT NOT NULL,
  UNIQUE (kind, year, seq)
);
CREATE INDEX meetings_held ON meetings (task_force_id, held_on, id);

CREATE TABLE agenda_items (
  id INTEGER PRIMARY KEY,
  meeting_id INTEGER NOT NULL REFERENCES meetings (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('decision', 'red', 'manual')),
  item_kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  item_no TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  light TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  since_on TEXT NOT NULL,
  days INTEGER NOT NULL,
  due_on TEXT NOT NULL,
  unit_id INTEGER NOT NULL,
  leader_id INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  decision_id INTEGER NOT NULL,
  why TEXT NOT NULL,
  blockers TEXT NOT NULL,
  decision_from TEXT NOT NULL,
  done TEXT NOT NULL,
  added_by INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE (meeting_id, position)
);

CREATE TABLE decision_items (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  meeting_id INTEGER NOT NULL REFERENCES meetings (id),
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  task_force_id INTEGER NOT NULL,
  lead_unit_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  term TEXT NOT NULL,
  agenda_item_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'carried')),
  carried_from INTEGER NOT NULL,
  recorded_by INTEGER NOT NULL,
  done_on TEXT NOT NULL,
  note TEXT NOT NULL,
  UNIQUE (meeting_id, position)
);
CREATE INDEX decision_items_open ON decision_items (meeting_id) WHERE state = 'open';
CREATE INDEX decision_items_ticket ON decision_items (ticket_id) WHERE ticket_id > 0;

CREATE TRIGGER agenda_items_no_update BEFORE UPDATE ON agenda_items BEGIN SELECT RAISE(ABORT, 'append-only: agenda_items'); END;
CREATE TRIGGER agenda_items_no_delete BEFORE DELETE ON agenda_items BEGIN SELECT RAISE(ABORT, 'append-only: agenda_items'); END;
CREATE TRIGGER agenda_items_no_replace BEFORE INSERT ON agenda_items WHEN EXISTS (SELECT 1 FROM agenda_items WHERE id = NEW.id OR meeting_id = NEW.meeting_id AND position = NEW.position) BEGIN SELECT RAISE(ABORT, 'append-only: agenda_items'); END;
-- +goose StatementEnd
