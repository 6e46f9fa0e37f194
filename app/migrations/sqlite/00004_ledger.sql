-- +goose Up
-- +goose StatementBegin
-- The reminder ledger tells the whole life of a reminder. SQLite can't widen a CHECK or a key, so the table is made anew.

CREATE TABLE reminders_new (
  id INTEGER PRIMARY KEY,
  item_kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  rule_id TEXT NOT NULL,
  step TEXT NOT NULL,
  due_on TEXT NOT NULL,
  recipient_id INTEGER NOT NULL REFERENCES users (id),
  channel TEXT NOT NULL CHECK (channel IN ('inbox', 'mail')),
  escalation_id INTEGER NOT NULL,
  light TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  link TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'accepted', 'failed', 'unknown', 'withdrawn', 'digested')),
  created_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  ruleset TEXT NOT NULL,
  ruleset_version INTEGER NOT NULL,
  withdrawn_why TEXT NOT NULL,
  daily BOOLEAN NOT NULL,
  collected_on TEXT NOT NULL,
  digest_id INTEGER NOT NULL,
  begun_at INTEGER NOT NULL,
  UNIQUE (item_kind, item_id, rule_id, ruleset, ruleset_version, step, due_on, recipient_id, channel)
);
INSERT INTO reminders_new SELECT r.id, r.item_kind, r.item_id, r.rule_id, r.step, r.due_on, r.recipient_id,
  r.channel, r.escalation_id, r.light, r.subject, r.detail, r.link, r.status, r.created_at,
  r.not_before, r.attempts, r.claimed_until, r.settled_at, r.read_at, r.error, COALESCE(e.ruleset, ''), COALESCE(e.ruleset_version, 0),
  CASE r.status WHEN 'withdrawn' THEN 'cured' ELSE '' END, FALSE, '', 0, CASE WHEN r.attempts > 0 THEN r.not_before ELSE 0 END
  FROM reminders r LEFT JOIN escalations e ON e.id = r.escalation_id;
DROP TABLE reminders;
ALTER TABLE reminders_new RENAME TO reminders;
CREATE INDEX reminders_out ON reminders (channel, not_before, id) WHERE status = 'queued';
CREATE INDEX reminders_sending ON reminders (claimed_until) WHERE status = 'sending';
CREATE INDEX reminders_dead ON reminders (id) WHERE status IN ('failed', 'unknown');
CREATE INDEX reminders_digest ON reminders (digest_id) WHERE digest_id > 0;
CREATE INDEX reminders_collected ON reminders (recipient_id, collected_on) WHERE collected_on <> '';
CREATE INDEX reminders_inbox ON reminders (recipient_id, id) WHERE channel = 'inbox';
CREATE INDEX reminders_escalation ON reminders (escalation_id);

-- Every attempt at a message, and everything that a person decided about it.
CREATE TABLE reminder_attempts (
  id INTEGER PRIMARY KEY,
  reminder_id INTEGER NOT NULL REFERENCES reminders (id),
  at INTEGER NOT NULL,
  node TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'accepted', 'retry', 'down', 'failed', 'unknown', 'again', 'arrived')),
  next_at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  by_id INTEGER NOT NULL
);
CREATE INDEX reminder_attempts_reminder ON reminder_attempts (reminder_id, id);

CREATE TRIGGER reminder_attempts_no_update BEFORE UPDATE ON reminder_attempts BEGIN SELECT RAISE(ABORT, 'append-only: reminder_attempts'); END;
CREATE TRIGGER reminder_attempts_no_delete BEFORE DELETE ON reminder_attempts BEGIN SELECT RAISE(ABORT, 'append-only: reminder_attempts'); END;
CREATE TRIGGER reminders_no_delete BEFORE DELETE ON reminders BEGIN SELECT RAISE(ABORT, 'append-only: reminders'); END;
CREATE TRIGGER reminders_key BEFORE UPDATE OF id, item_kind, item_id, rule_id, ruleset, ruleset_version, step, due_on, recipient_id, channel, created_at, detail ON reminders WHEN NEW.id <> OLD.id OR NEW.item_kind <> OLD.item_kind OR NEW.item_id <> OLD.item_id OR NEW.rule_id <> OLD.rule_id OR NEW.ruleset <> OLD.ruleset OR NEW.ruleset_version <> OLD.ruleset_version OR NEW.step <> OLD.step OR NEW.due_on <> OLD.due_on OR NEW.recipient_id <> OLD.recipient_id OR NEW.channel <> OLD.channel OR NEW.created_at <> OLD.created_at OR NEW.detail <> OLD.detail BEGIN SELECT RAISE(ABORT, 'immutable: reminders'); END;
CREATE TRIGGER reminder_attempts_no_replace BEFORE INSERT ON reminder_attempts WHEN EXISTS (SELECT 1 FROM reminder_attempts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: reminder_attempts'); END;
CREATE TRIGGER reminders_no_replace BEFORE INSERT ON reminders WHEN EXISTS (SELECT 1 FROM reminders WHERE id = NEW.id OR item_kind = NEW.item_kind AND item_id = NEW.item_id AND rule_id = NEW.rule_id AND ruleset = NEW.ruleset AND ruleset_version = NEW.ruleset_version AND step = NEW.step AND due_on = NEW.due_on AND recipient_id = NEW.recipient_id AND channel = NEW.channel) BEGIN SELECT RAISE(ABORT, 'append-only: reminders'); END;
-- +goose StatementEnd
