-- +goose Up
-- +goose StatementBegin
-- A link opens the wall on a screen where nobody signs in. Only the hash of its token is stored; seen_at is a mark of the screen, not of a person.
CREATE TABLE wall_links (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  task_force_id INTEGER NOT NULL,
  lang TEXT NOT NULL CHECK (lang IN ('zh-CN', 'en')),
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_on TEXT NOT NULL,
  revoked_by INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
);
-- +goose StatementEnd
