-- +goose Up
-- +goose StatementBegin
-- What rules look at besides: how hard, urgent and important a ticket is, the instant at which it was issued and the day on which work began; and what a rung adds to the score.
ALTER TABLE tickets ADD COLUMN complex BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tickets ADD COLUMN urgency TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE tickets ADD COLUMN importance TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE tickets ADD COLUMN issued_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN begun_on TEXT NOT NULL DEFAULT '';
UPDATE tickets SET issued_at = COALESCE((SELECT MAX(at) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.approve'), 0) WHERE issued_on <> '';
UPDATE tickets SET begun_on = COALESCE((SELECT date(MIN(at), 'unixepoch', '+8 hours') FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.start'), '') WHERE issued_on <> '';
ALTER TABLE escalations ADD COLUMN points INTEGER NOT NULL DEFAULT 0;
ALTER TABLE escalations ADD COLUMN charge TEXT NOT NULL DEFAULT '';
-- +goose StatementEnd
