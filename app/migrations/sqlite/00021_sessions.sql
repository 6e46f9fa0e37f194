-- +goose Up
-- +goose StatementBegin
-- Sessions get a name that their owner can end them by, and the time of the last password that was given in them. Those that are open end: everybody signs in anew.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sessions_code ON sessions (code);

-- Browsers in which somebody has signed in before: guesses of strangers do not keep the owner out of these.
CREATE TABLE known_devices (
  token_hash TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id),
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (token_hash, user_id)
);
CREATE INDEX known_devices_user ON known_devices (user_id);
-- +goose StatementEnd
