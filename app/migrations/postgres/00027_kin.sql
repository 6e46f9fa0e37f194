-- +goose Up
-- +goose StatementBegin
-- What the pages ask of few among many tickets: the copies of one, and the paused ones whose review is due.
CREATE INDEX tickets_duplicate ON tickets (duplicate_of_id) WHERE duplicate_of_id > 0;
CREATE INDEX tickets_review ON tickets (review_on, id) WHERE state = 'paused' AND review_on <> '';
-- +goose StatementEnd
