-- +goose Up
-- +goose StatementBegin
-- How many things may stand in a cell of a board, and the views of the map that people keep.

-- task_force_id 0 is every task force that has no row of its own; most 0 is a limit that was lifted.
CREATE TABLE cell_limits (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  board TEXT NOT NULL CHECK (board IN ('stages', 'tickets')),
  task_force_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  most INTEGER NOT NULL CHECK (most >= 0),
  reason TEXT NOT NULL,
  set_by INTEGER NOT NULL,
  set_at INTEGER NOT NULL,
  UNIQUE (board, task_force_id, state)
);

-- scope says who finds the view: its owner alone, the people of a task force, or everybody. It shows to each only what they may see.
CREATE TABLE saved_views (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  owner_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('own', 'task_force', 'district')),
  scope_id INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  UNIQUE (owner_id, name)
);
CREATE INDEX saved_views_shared ON saved_views (scope, scope_id) WHERE scope <> 'own';
CREATE INDEX reminders_unread ON reminders (recipient_id) WHERE channel = 'inbox' AND status = 'accepted' AND read_at = 0;
-- +goose StatementEnd
