-- +goose Up
-- +goose StatementBegin
-- Funds in place from January on, beside the investment: what the unit reported and what a supervisor verified never merge. NULL where none were reported.
ALTER TABLE progress_entries ADD COLUMN reported_funds_fen BIGINT;
ALTER TABLE progress_entries ADD COLUMN verified_funds_fen BIGINT;
-- +goose StatementEnd
