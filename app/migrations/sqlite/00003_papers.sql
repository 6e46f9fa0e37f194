-- +goose Up
-- +goose StatementBegin
-- Papers: 提醒函, 督办单, 约谈通知书, 通报. What was issued never changes; what happens to a paper afterwards stands in paper_acts (append-only) and, as it is now, in paper_lives.

CREATE TABLE papers (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  no TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  year INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  escalation_id INTEGER NOT NULL,
  item_kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  item_no TEXT NOT NULL,
  item_title TEXT NOT NULL,
  task_force_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  light TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  step TEXT NOT NULL,
  ruleset TEXT NOT NULL,
  ruleset_version INTEGER NOT NULL,
  finding TEXT NOT NULL,
  heading TEXT NOT NULL,
  addressed TEXT NOT NULL,
  facts TEXT NOT NULL,
  body TEXT NOT NULL,
  scope TEXT NOT NULL,
  issuer TEXT NOT NULL,
  contact TEXT NOT NULL,
  cc TEXT NOT NULL,
  vacant TEXT NOT NULL,
  interviewer TEXT NOT NULL,
  told TEXT NOT NULL,
  previous_id INTEGER NOT NULL,
  issued_by INTEGER NOT NULL,
  issued_on TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  deadline_on TEXT NOT NULL,
  UNIQUE (kind, year, seq)
);
CREATE INDEX papers_item ON papers (item_kind, item_id);
CREATE INDEX papers_unit ON papers (unit_id);
CREATE INDEX papers_project ON papers (project_id);
CREATE INDEX papers_ticket ON papers (ticket_id);

CREATE TABLE paper_lives (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  paper_id INTEGER NOT NULL UNIQUE REFERENCES papers (id),
  item_kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('issued', 'received', 'promised', 'answered', 'returned', 'recorded', 'accepted', 'exempted', 'lifted', 'superseded')),
  resume TEXT NOT NULL,
  received_on TEXT NOT NULL,
  received_by INTEGER NOT NULL,
  promised_on TEXT NOT NULL,
  promised_by INTEGER NOT NULL,
  next_step TEXT NOT NULL,
  promise_expired_on TEXT NOT NULL,
  answered_on TEXT NOT NULL,
  answered_by INTEGER NOT NULL,
  answer TEXT NOT NULL,
  decided_on TEXT NOT NULL,
  decided_by INTEGER NOT NULL,
  decision_note TEXT NOT NULL,
  ended_on TEXT NOT NULL,
  ended_why TEXT NOT NULL,
  next_check_at INTEGER NOT NULL
);
CREATE INDEX paper_lives_due ON paper_lives (next_check_at, id) WHERE next_check_at > 0;
CREATE INDEX paper_lives_item ON paper_lives (item_kind, item_id);
CREATE INDEX paper_lives_state ON paper_lives (state);

CREATE TABLE paper_acts (
  id INTEGER PRIMARY KEY,
  paper_id INTEGER NOT NULL REFERENCES papers (id),
  act TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_id INTEGER NOT NULL,
  day TEXT NOT NULL,
  who TEXT NOT NULL,
  text TEXT NOT NULL,
  more TEXT NOT NULL
);
CREATE INDEX paper_acts_paper ON paper_acts (paper_id, id);

CREATE TABLE accepted_reasons (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  item_kind TEXT NOT NULL,
  item_id INTEGER NOT NULL,
  rule_id TEXT NOT NULL,
  due_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  paper_id INTEGER NOT NULL,
  approved_by INTEGER NOT NULL,
  approved_at INTEGER NOT NULL,
  UNIQUE (item_kind, item_id, rule_id, due_on)
);

CREATE TRIGGER papers_no_update BEFORE UPDATE ON papers BEGIN SELECT RAISE(ABORT, 'append-only: papers'); END;
CREATE TRIGGER papers_no_delete BEFORE DELETE ON papers BEGIN SELECT RAISE(ABORT, 'append-only: papers'); END;
CREATE TRIGGER paper_acts_no_update BEFORE UPDATE ON paper_acts BEGIN SELECT RAISE(ABORT, 'append-only: paper_acts'); END;
CREATE TRIGGER paper_acts_no_delete BEFORE DELETE ON paper_acts BEGIN SELECT RAISE(ABORT, 'append-only: paper_acts'); END;
CREATE TRIGGER papers_no_replace BEFORE INSERT ON papers WHEN EXISTS (SELECT 1 FROM papers WHERE id = NEW.id OR code = NEW.code OR no = NEW.no OR kind = NEW.kind AND year = NEW.year AND seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'append-only: papers'); END;
CREATE TRIGGER paper_acts_no_replace BEFORE INSERT ON paper_acts WHEN EXISTS (SELECT 1 FROM paper_acts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: paper_acts'); END;
-- +goose StatementEnd
