-- +goose Up
-- +goose StatementBegin
-- Dates are TEXT 'YYYY-MM-DD' and months TEXT 'YYYY-MM', '' for none; instants are Unix seconds; money is in fen (分).
-- A reference column without REFERENCES is optional: 0 means none.

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);

CREATE TABLE units (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  parent_id INTEGER NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  account TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES units (id),
  email TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled BOOLEAN NOT NULL,
  lang TEXT NOT NULL,
  theme TEXT NOT NULL
);
CREATE INDEX users_unit ON users (unit_id);

CREATE TABLE role_grants (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('district', 'unit', 'task_force', 'project')),
  scope_id INTEGER NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  granted_by INTEGER NOT NULL
);
CREATE INDEX role_grants_user ON role_grants (user_id);
CREATE INDEX role_grants_role ON role_grants (role, scope, scope_id);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE login_attempts (
  key TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  since INTEGER NOT NULL
);

CREATE TABLE setup_tokens (
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
);

CREATE TABLE task_forces (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  leader_id INTEGER NOT NULL,
  deputy_id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  document_no TEXT NOT NULL,
  flagged_on TEXT NOT NULL,
  duty TEXT NOT NULL
);

CREATE TABLE enterprises (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  credit_code TEXT NOT NULL,
  contact TEXT NOT NULL
);

CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE,
  national_code TEXT NOT NULL,
  name TEXT NOT NULL,
  task_force_id INTEGER NOT NULL REFERENCES task_forces (id),
  enterprise_id INTEGER NOT NULL,
  level TEXT NOT NULL,
  field TEXT NOT NULL,
  site TEXT NOT NULL,
  sample BOOLEAN NOT NULL,
  in_plan BOOLEAN NOT NULL,
  spring_start BOOLEAN NOT NULL,
  signed_on TEXT NOT NULL,
  invest_fen INTEGER NOT NULL,
  year INTEGER NOT NULL,
  year_plan_fen INTEGER NOT NULL,
  planned_start_on TEXT NOT NULL,
  started_on TEXT NOT NULL,
  planned_finish_on TEXT NOT NULL,
  finished_on TEXT NOT NULL,
  registered_on TEXT NOT NULL,
  machine_version INTEGER NOT NULL,
  stage TEXT NOT NULL,
  resume_stage TEXT NOT NULL,
  stage_since TEXT NOT NULL,
  lead_unit_id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  reported_fen INTEGER NOT NULL,
  verified_fen INTEGER NOT NULL,
  last_progress_on TEXT NOT NULL,
  light TEXT NOT NULL,
  light_rule TEXT NOT NULL,
  light_since TEXT NOT NULL,
  judged_month TEXT NOT NULL,
  next_check_at INTEGER NOT NULL
);
CREATE INDEX projects_task_force ON projects (task_force_id, stage);
CREATE INDEX projects_unit ON projects (unit_id);
CREATE INDEX projects_lead_unit ON projects (lead_unit_id);
CREATE INDEX projects_due ON projects (next_check_at, id) WHERE next_check_at > 0;

CREATE TABLE milestones (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  baseline_on TEXT NOT NULL,
  revised_on TEXT NOT NULL,
  actual_on TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  light TEXT NOT NULL,
  light_rule TEXT NOT NULL,
  light_since TEXT NOT NULL,
  next_check_at INTEGER NOT NULL,
  UNIQUE (project_id, position)
);
CREATE INDEX milestones_due ON milestones (next_check_at, id) WHERE next_check_at > 0;

CREATE TABLE monthly_plans (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  month TEXT NOT NULL,
  amount_fen INTEGER NOT NULL,
  UNIQUE (project_id, month)
);

CREATE TABLE progress_entries (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  month TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reported', 'verified', 'returned')),
  reported_fen INTEGER NOT NULL,
  text TEXT NOT NULL,
  problems TEXT NOT NULL,
  next_step TEXT NOT NULL,
  reported_by INTEGER NOT NULL,
  reported_at INTEGER NOT NULL,
  verified_fen INTEGER NOT NULL,
  verified_by INTEGER NOT NULL,
  verified_at INTEGER NOT NULL,
  verify_note TEXT NOT NULL,
  UNIQUE (project_id, month)
);
CREATE INDEX progress_waiting ON progress_entries (state, project_id);

CREATE TABLE stage_claims (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  move TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('claimed', 'verified', 'rejected')),
  occurred_on TEXT NOT NULL,
  criterion TEXT NOT NULL,
  evidence TEXT NOT NULL,
  reason TEXT NOT NULL,
  document TEXT NOT NULL,
  expected_end TEXT NOT NULL,
  claimed_by INTEGER NOT NULL,
  claimed_at INTEGER NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  decision_note TEXT NOT NULL
);
CREATE INDEX stage_claims_project ON stage_claims (project_id);
CREATE INDEX stage_claims_waiting ON stage_claims (state) WHERE state = 'claimed';

CREATE TABLE assignments (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  guarantee_leader_id INTEGER NOT NULL,
  lead_unit_id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  responsible_id INTEGER NOT NULL,
  officer_id INTEGER NOT NULL,
  contact TEXT NOT NULL,
  duties TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  handed_from INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX assignments_project ON assignments (project_id, valid_to);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  no TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  basis TEXT NOT NULL,
  instruction TEXT NOT NULL,
  task_force_id INTEGER NOT NULL REFERENCES task_forces (id),
  project_id INTEGER NOT NULL,
  issuer_unit_id INTEGER NOT NULL,
  lead_unit_id INTEGER NOT NULL,
  handler_id INTEGER NOT NULL,
  leader_id INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  machine_version INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_since TEXT NOT NULL,
  due_term TEXT NOT NULL,
  due_on TEXT NOT NULL,
  baseline_on TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  accepted_on TEXT NOT NULL,
  submitted_on TEXT NOT NULL,
  verified_on TEXT NOT NULL,
  closed_on TEXT NOT NULL,
  pause_asked BOOLEAN NOT NULL,
  pause_reason TEXT NOT NULL,
  pause_until TEXT NOT NULL,
  shown_on TEXT NOT NULL,
  feedback TEXT NOT NULL,
  cause TEXT NOT NULL,
  coordination_level INTEGER NOT NULL,
  decision_from TEXT NOT NULL,
  light TEXT NOT NULL,
  light_rule TEXT NOT NULL,
  light_since TEXT NOT NULL,
  next_check_at INTEGER NOT NULL
);
CREATE INDEX tickets_task_force ON tickets (task_force_id, state, id);
CREATE INDEX tickets_project ON tickets (project_id);
CREATE INDEX tickets_due ON tickets (next_check_at, id) WHERE next_check_at > 0;

CREATE TABLE ticket_units (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  unit_id INTEGER NOT NULL REFERENCES units (id),
  part TEXT NOT NULL CHECK (part IN ('lead', 'assist')),
  accepted_on TEXT NOT NULL,
  accepted_by INTEGER NOT NULL,
  UNIQUE (ticket_id, unit_id)
);
CREATE INDEX ticket_units_unit ON ticket_units (unit_id, ticket_id);

CREATE TABLE exemptions (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  rule_id TEXT NOT NULL,
  month TEXT NOT NULL,
  reason TEXT NOT NULL,
  approved_by INTEGER NOT NULL,
  approved_at INTEGER NOT NULL,
  UNIQUE (project_id, rule_id, month)
);

CREATE TABLE judgements (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  month TEXT NOT NULL,
  light TEXT NOT NULL,
  schedule_bp INTEGER NOT NULL,
  done_bp INTEGER NOT NULL,
  ruleset TEXT NOT NULL,
  judged_at INTEGER NOT NULL,
  UNIQUE (project_id, month)
);

CREATE TABLE escalations (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  item_kind TEXT NOT NULL CHECK (item_kind IN ('project', 'milestone', 'ticket')),
  item_id INTEGER NOT NULL,
  rule_id TEXT NOT NULL,
  step TEXT NOT NULL,
  due_on TEXT NOT NULL,
  ruleset TEXT NOT NULL,
  ruleset_version INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  light TEXT NOT NULL,
  paper TEXT NOT NULL,
  interview TEXT NOT NULL,
  began_on TEXT NOT NULL,
  answer_by TEXT NOT NULL,
  finding TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  lifted_on TEXT NOT NULL,
  lifted_why TEXT NOT NULL,
  UNIQUE (item_kind, item_id, rule_id, step, due_on)
);
CREATE INDEX escalations_lit ON escalations (item_kind, item_id) WHERE lifted_on = '';
CREATE INDEX escalations_project ON escalations (project_id);
CREATE INDEX escalations_ticket ON escalations (ticket_id);

CREATE TABLE reminders (
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
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'accepted', 'failed', 'unknown', 'withdrawn')),
  created_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  UNIQUE (item_kind, item_id, rule_id, step, due_on, recipient_id, channel)
);
CREATE INDEX reminders_out ON reminders (not_before, id) WHERE status IN ('queued', 'sending');
CREATE INDEX reminders_inbox ON reminders (recipient_id, id) WHERE channel = 'inbox';
CREATE INDEX reminders_escalation ON reminders (escalation_id);

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);

CREATE TABLE journal (
  no INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id INTEGER NOT NULL,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  record BLOB NOT NULL
);
CREATE INDEX journal_project ON journal (project_id, no) WHERE project_id > 0;
CREATE INDEX journal_ticket ON journal (ticket_id, no) WHERE ticket_id > 0;
CREATE INDEX journal_actor ON journal (actor_id, no) WHERE actor_id > 0;

CREATE TABLE journal_hashes (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
);

CREATE TABLE journal_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  at INTEGER NOT NULL
);
INSERT INTO journal_head (id, size, at) VALUES (1, 0, 0);

CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  note TEXT NOT NULL
);

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only: journal'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only: journal'); END;
CREATE TRIGGER journal_hashes_no_update BEFORE UPDATE ON journal_hashes BEGIN SELECT RAISE(ABORT, 'append-only: journal_hashes'); END;
CREATE TRIGGER journal_hashes_no_delete BEFORE DELETE ON journal_hashes BEGIN SELECT RAISE(ABORT, 'append-only: journal_hashes'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
CREATE TRIGGER journal_head_no_back BEFORE UPDATE ON journal_head WHEN NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'append-only: journal_head'); END;
CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON journal_head BEGIN SELECT RAISE(ABORT, 'append-only: journal_head'); END;
CREATE TRIGGER judgements_no_update BEFORE UPDATE ON judgements BEGIN SELECT RAISE(ABORT, 'append-only: judgements'); END;
CREATE TRIGGER judgements_no_delete BEFORE DELETE ON judgements BEGIN SELECT RAISE(ABORT, 'append-only: judgements'); END;
CREATE TRIGGER milestones_baseline BEFORE UPDATE OF baseline_on ON milestones WHEN NEW.baseline_on <> OLD.baseline_on BEGIN SELECT RAISE(ABORT, 'immutable: milestones.baseline_on'); END;
-- REPLACE deletes without firing delete triggers unless recursive_triggers is on: what is there may not be inserted again.
CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal WHERE no = NEW.no) BEGIN SELECT RAISE(ABORT, 'append-only: journal'); END;
CREATE TRIGGER journal_hashes_no_replace BEFORE INSERT ON journal_hashes WHEN EXISTS (SELECT 1 FROM journal_hashes WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: journal_hashes'); END;
CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size) BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
CREATE TRIGGER judgements_no_replace BEFORE INSERT ON judgements WHEN EXISTS (SELECT 1 FROM judgements WHERE id = NEW.id OR project_id = NEW.project_id AND month = NEW.month) BEGIN SELECT RAISE(ABORT, 'append-only: judgements'); END;
CREATE TRIGGER journal_head_no_replace BEFORE INSERT ON journal_head WHEN EXISTS (SELECT 1 FROM journal_head WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: journal_head'); END;
CREATE TRIGGER milestones_no_replace BEFORE INSERT ON milestones WHEN EXISTS (SELECT 1 FROM milestones WHERE id = NEW.id OR project_id = NEW.project_id AND position = NEW.position) BEGIN SELECT RAISE(ABORT, 'append-only: milestones'); END;
-- +goose StatementEnd
