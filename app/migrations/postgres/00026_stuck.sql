-- +goose Up
-- +goose StatementBegin
-- What a job could not do, so that it is tried again later and later and people see it. Rows go when it is done; they are no part of the journal.
CREATE TABLE stuck_items (
  job TEXT NOT NULL,
  kind TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  alarm_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (job, kind, item_id)
);
-- +goose StatementEnd
