-- +goose Up
-- +goose StatementBegin
-- The reminder ledger as pages: what it is searched by, how somebody knew that a letter arrived, and how each person wants their mail.
ALTER TABLE reminders
  ADD COLUMN item_no TEXT NOT NULL DEFAULT '',
  ADD COLUMN task_force_id BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN unit_id BIGINT NOT NULL DEFAULT 0;
UPDATE reminders r SET unit_id = u.unit_id FROM users u WHERE u.id = r.recipient_id;
UPDATE reminders r SET item_no = k.no, task_force_id = k.task_force_id FROM tickets k WHERE r.item_kind = 'ticket' AND k.id = r.item_id;
UPDATE reminders r SET item_no = p.code, task_force_id = p.task_force_id FROM projects p WHERE r.item_kind = 'project' AND p.id = r.item_id;
UPDATE reminders r SET item_no = p.code, task_force_id = p.task_force_id FROM milestones m JOIN projects p ON p.id = m.project_id WHERE r.item_kind = 'milestone' AND m.id = r.item_id;
CREATE INDEX reminders_time ON reminders (created_at, id);
CREATE INDEX reminders_status ON reminders (status, created_at, id);
CREATE INDEX reminders_recipient ON reminders (recipient_id, created_at, id);
CREATE INDEX reminders_unit ON reminders (unit_id, created_at, id);
CREATE INDEX reminders_rule ON reminders (rule_id, created_at, id);
CREATE INDEX reminders_force ON reminders (task_force_id, created_at, id);
CREATE INDEX reminders_force_status ON reminders (task_force_id, status, created_at, id);
CREATE INDEX reminders_item ON reminders (item_no, created_at, id);
ALTER TABLE reminder_attempts ADD COLUMN how TEXT NOT NULL DEFAULT '' CHECK (how IN ('', 'phone', 'reply', 'server_log', 'in_person', 'other'));
ALTER TABLE users
  ADD COLUMN mail_mode TEXT NOT NULL DEFAULT '' CHECK (mail_mode IN ('', 'single')),
  ADD COLUMN quiet_from TEXT NOT NULL DEFAULT '',
  ADD COLUMN quiet_to TEXT NOT NULL DEFAULT '';
DROP TRIGGER reminders_key ON reminders;
CREATE TRIGGER reminders_key BEFORE UPDATE ON reminders FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.item_kind <> OLD.item_kind OR NEW.item_id <> OLD.item_id OR NEW.rule_id <> OLD.rule_id OR NEW.ruleset <> OLD.ruleset OR NEW.ruleset_version <> OLD.ruleset_version OR NEW.step <> OLD.step OR NEW.due_on <> OLD.due_on OR NEW.recipient_id <> OLD.recipient_id OR NEW.channel <> OLD.channel OR NEW.created_at <> OLD.created_at OR NEW.detail <> OLD.detail OR NEW.item_no <> OLD.item_no OR NEW.task_force_id <> OLD.task_force_id OR NEW.unit_id <> OLD.unit_id) EXECUTE FUNCTION refuse_change();
-- +goose StatementEnd
