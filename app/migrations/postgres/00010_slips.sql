-- +goose Up
-- +goose StatementBegin
-- When a supervisor last found a ticket slow or poor: the rule of slips counts from that day, '' where no slip runs.
ALTER TABLE tickets ADD COLUMN slip_on TEXT NOT NULL DEFAULT '';
-- +goose StatementEnd
