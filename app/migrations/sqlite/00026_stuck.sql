-- +goose Up
-- +goose StatementBegin
-- What a job could not do, so that it is tried again later and later and people see it. Rows go when it is done; they are no part of the journal.
CREATE TABLE stuck_items (
  job TEXT NOT NULL,
  kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  alarm_at INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (job, kind, item_id)
);
-- +goose StatementEnd
