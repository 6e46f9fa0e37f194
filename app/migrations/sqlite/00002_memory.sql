-- +goose Up
-- +goose StatementBegin
-- Deadlines with a memory: every date that was set or moved, who asked for more time and who decided, pauses and their reviews.

-- Every change of a due date of a ticket or a milestone; never updated.
CREATE TABLE date_changes (
  id INTEGER PRIMARY KEY,
  item_kind TEXT NOT NULL CHECK (item_kind IN ('ticket', 'milestone')),
  item_id INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  cause TEXT NOT NULL,
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  judged_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  basis TEXT NOT NULL,
  rule TEXT NOT NULL,
  source_id INTEGER NOT NULL,
  changed_by INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
);
CREATE INDEX date_changes_item ON date_changes (item_kind, item_id, id);

CREATE TABLE extensions (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  unit_id INTEGER NOT NULL REFERENCES units (id),
  state TEXT NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn', 'lapsed')),
  old_on TEXT NOT NULL,
  wanted_on TEXT NOT NULL,
  granted_on TEXT NOT NULL,
  last_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  progress TEXT NOT NULL,
  chain TEXT NOT NULL,
  step INTEGER NOT NULL,
  rule TEXT NOT NULL,
  asked_by INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL
);
CREATE INDEX extensions_ticket ON extensions (ticket_id);
CREATE UNIQUE INDEX extensions_waiting ON extensions (ticket_id) WHERE state = 'asked';

-- One row a step of the chain of approval; never updated.
CREATE TABLE extension_decisions (
  id INTEGER PRIMARY KEY,
  extension_id INTEGER NOT NULL REFERENCES extensions (id),
  step INTEGER NOT NULL,
  role TEXT NOT NULL,
  stands_for TEXT NOT NULL,
  granted BOOLEAN NOT NULL,
  granted_on TEXT NOT NULL,
  note TEXT NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  UNIQUE (extension_id, step)
);

CREATE TABLE pauses (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  state TEXT NOT NULL CHECK (state IN ('asked', 'refused', 'withdrawn', 'lapsed', 'running', 'ended')),
  reason_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  expected_end TEXT NOT NULL,
  asked_by INTEGER NOT NULL,
  asked_on TEXT NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_on TEXT NOT NULL,
  note TEXT NOT NULL,
  review_on TEXT NOT NULL,
  reviews INTEGER NOT NULL,
  ended_by INTEGER NOT NULL,
  ended_on TEXT NOT NULL,
  workdays INTEGER NOT NULL
);
CREATE INDEX pauses_ticket ON pauses (ticket_id);

ALTER TABLE tickets ADD COLUMN judged_on TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN pause_code TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN review_on TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN date_changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN extensions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN pauses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN paused_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN disputes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN hand_overs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN reopens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE milestones ADD COLUMN final BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE milestones ADD COLUMN date_changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE milestones ADD COLUMN change_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE milestones ADD COLUMN decision TEXT NOT NULL DEFAULT '';

-- What happened before this migration is in the journal and on the rows.
UPDATE tickets SET judged_on = baseline_on,
  returns = (SELECT COUNT(*) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.return'),
  disputes = (SELECT COUNT(*) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.dispute'),
  hand_overs = (SELECT COUNT(*) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.hand'),
  pauses = (SELECT COUNT(*) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.grant_pause'),
  reopens = (SELECT COUNT(*) FROM journal WHERE ticket_id = tickets.id AND action = 'ticket.reopen');
INSERT INTO date_changes (item_kind, item_id, task_force_id, project_id, ticket_id, cause, from_on, to_on, judged_on, reason, basis, rule, source_id, changed_by, changed_at)
  SELECT 'ticket', k.id, k.task_force_id, k.project_id, k.id, 'issue', '', k.baseline_on, k.baseline_on, '', k.basis, '', 0, j.actor_id, j.at
  FROM tickets k JOIN journal j ON j.no = (SELECT MIN(no) FROM journal WHERE ticket_id = k.id AND action = 'ticket.approve') WHERE k.baseline_on <> '';
INSERT INTO date_changes (item_kind, item_id, task_force_id, project_id, ticket_id, cause, from_on, to_on, judged_on, reason, basis, rule, source_id, changed_by, changed_at)
  SELECT 'milestone', m.id, p.task_force_id, p.id, 0, 'set', '', m.baseline_on, m.baseline_on, '', '', '', 0, 0, 0
  FROM milestones m JOIN projects p ON p.id = m.project_id;
INSERT INTO date_changes (item_kind, item_id, task_force_id, project_id, ticket_id, cause, from_on, to_on, judged_on, reason, basis, rule, source_id, changed_by, changed_at)
  SELECT 'milestone', m.id, p.task_force_id, p.id, 0, 'revise', m.baseline_on, m.revised_on, m.baseline_on, '', '', '', 0, 0, 0
  FROM milestones m JOIN projects p ON p.id = m.project_id WHERE m.revised_on <> '';
UPDATE milestones SET date_changes = 1 WHERE revised_on <> '';
INSERT INTO pauses (version, ticket_id, state, reason_code, reason, expected_end, asked_by, asked_on, decided_by, decided_on, note, review_on, reviews, ended_by, ended_on, workdays)
  SELECT 1, id, CASE state WHEN 'paused' THEN 'running' ELSE 'asked' END, 'other', pause_reason, pause_until, 0, state_since, 0, CASE state WHEN 'paused' THEN state_since ELSE '' END, '', '', 0, 0, '', 0
  FROM tickets WHERE state = 'paused' OR pause_asked;
UPDATE tickets SET review_on = pause_until WHERE state = 'paused';
UPDATE pauses SET review_on = expected_end WHERE state = 'running';

CREATE TRIGGER date_changes_no_update BEFORE UPDATE ON date_changes BEGIN SELECT RAISE(ABORT, 'append-only: date_changes'); END;
CREATE TRIGGER date_changes_no_delete BEFORE DELETE ON date_changes BEGIN SELECT RAISE(ABORT, 'append-only: date_changes'); END;
CREATE TRIGGER date_changes_no_replace BEFORE INSERT ON date_changes WHEN EXISTS (SELECT 1 FROM date_changes WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: date_changes'); END;
CREATE TRIGGER extension_decisions_no_update BEFORE UPDATE ON extension_decisions BEGIN SELECT RAISE(ABORT, 'append-only: extension_decisions'); END;
CREATE TRIGGER extension_decisions_no_delete BEFORE DELETE ON extension_decisions BEGIN SELECT RAISE(ABORT, 'append-only: extension_decisions'); END;
CREATE TRIGGER extension_decisions_no_replace BEFORE INSERT ON extension_decisions WHEN EXISTS (SELECT 1 FROM extension_decisions WHERE id = NEW.id OR extension_id = NEW.extension_id AND step = NEW.step) BEGIN SELECT RAISE(ABORT, 'append-only: extension_decisions'); END;
-- +goose StatementEnd
