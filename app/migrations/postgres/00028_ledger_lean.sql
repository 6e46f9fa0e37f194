-- +goose Up
-- +goose StatementBegin
-- Most reminders are of moves and arrive: only the others are found by rule, by escalation and by status. Those on their way have indexes of their own.
DROP INDEX reminders_status;
DROP INDEX reminders_force_status;
DROP INDEX reminders_rule;
DROP INDEX reminders_escalation;
CREATE INDEX reminders_status ON reminders (status, created_at, id) WHERE status NOT IN ('queued', 'sending', 'accepted');
CREATE INDEX reminders_force_status ON reminders (task_force_id, status, created_at, id) WHERE status NOT IN ('queued', 'sending', 'accepted');
CREATE INDEX reminders_rule ON reminders (rule_id, created_at, id) WHERE rule_id <> 'event';
CREATE INDEX reminders_escalation ON reminders (escalation_id) WHERE escalation_id <> 0;
-- +goose StatementEnd
