-- +goose Up
-- +goose StatementBegin
-- The reminder ledger as pages: what it is searched by, how somebody knew that a letter arrived, and how each person wants their mail.
ALTER TABLE reminders ADD COLUMN item_no TEXT NOT NULL DEFAULT '';
ALTER TABLE reminders ADD COLUMN task_force_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reminders ADD COLUMN unit_id INTEGER NOT NULL DEFAULT 0;
UPDATE reminders SET unit_id = COALESCE((SELECT u.unit_id FROM users u WHERE u.id = recipient_id), 0),
  item_no = COALESCE(CASE item_kind
    WHEN 'ticket' THEN (SELECT k.no FROM tickets k WHERE k.id = item_id)
    WHEN 'project' THEN (SELECT p.code FROM projects p WHERE p.id = item_id)
    WHEN 'milestone' THEN (SELECT p.code FROM milestones m JOIN projects p ON p.id = m.project_id WHERE m.id = item_id) END, ''),
  task_force_id = COALESCE(CASE item_kind
    WHEN 'ticket' THEN (SELECT k.task_force_id FROM tickets k WHERE k.id = item_id)
    WHEN 'project' THEN (SELECT p.task_force_id FROM projects p WHERE p.id = item_id)
    WHEN 'milestone' THEN (SELECT p.task_force_id FROM milestones m JOIN projects p ON p.id = m.project_id WHERE m.id = item_id) END, 0);
CREATE INDEX reminders_time ON reminders (created_at, id);
CREATE INDEX reminders_status ON reminders (status, created_at, id);
CREATE INDEX reminders_recipient ON reminders (recipient_id, created_at, id);
CREATE INDEX reminders_unit ON reminders (unit_id, created_at, id);
CREATE INDEX reminders_rule ON reminders (rule_id, created_at, id);
CREATE INDEX reminders_force ON reminders (task_force_id, created_at, id);
CREATE INDEX reminders_force_status ON reminders (task_force_id, status, created_at, id);
CREATE INDEX reminders_item ON reminders (item_no, created_at, id);
ALTER TABLE reminder_attempts ADD COLUMN how TEXT NOT NULL DEFAULT '' CHECK (how IN ('', 'phone', 'reply', 'server_log', 'in_person', 'other'));
ALTER TABLE users ADD COLUMN mail_mode TEXT NOT NULL DEFAULT '' CHECK (mail_mode IN ('', 'single'));
ALTER TABLE users ADD COLUMN quiet_from TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN quiet_to TEXT NOT NULL DEFAULT '';
DROP TRIGGER reminders_key;
CREATE TRIGGER reminders_key BEFORE UPDATE OF id, item_kind, item_id, rule_id, ruleset, ruleset_version, step, due_on, recipient_id, channel, created_at, detail, item_no, task_force_id, unit_id ON reminders WHEN NEW.id <> OLD.id OR NEW.item_kind <> OLD.item_kind OR NEW.item_id <> OLD.item_id OR NEW.rule_id <> OLD.rule_id OR NEW.ruleset <> OLD.ruleset OR NEW.ruleset_version <> OLD.ruleset_version OR NEW.step <> OLD.step OR NEW.due_on <> OLD.due_on OR NEW.recipient_id <> OLD.recipient_id OR NEW.channel <> OLD.channel OR NEW.created_at <> OLD.created_at OR NEW.detail <> OLD.detail OR NEW.item_no <> OLD.item_no OR NEW.task_force_id <> OLD.task_force_id OR NEW.unit_id <> OLD.unit_id BEGIN SELECT RAISE(ABORT, 'immutable: reminders'); END;
-- +goose StatementEnd
