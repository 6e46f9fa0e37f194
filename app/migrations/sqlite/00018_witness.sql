-- +goose Up
-- +goose StatementBegin
-- Witnesses stand outside and receive checkpoints. A witness is never removed, only revoked; what was sent to it, and what became of it, stays.
CREATE TABLE witnesses (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('mail', 'folder', 'https')),
  address TEXT NOT NULL,
  public_key TEXT NOT NULL,
  rhythm TEXT NOT NULL CHECK (rhythm IN ('daily', 'hourly', 'every', 'demand')),
  added_by INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  revoked_by INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  revoked_why TEXT NOT NULL
);

-- One row for each checkpoint and witness: the outbox of the witnesses.
CREATE TABLE witness_deliveries (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL REFERENCES checkpoints (size),
  witness_id INTEGER NOT NULL REFERENCES witnesses (id),
  asked_by INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'accepted', 'failed', 'unknown', 'superseded', 'withdrawn')),
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  UNIQUE (size, witness_id)
);
CREATE INDEX witness_deliveries_due ON witness_deliveries (not_before, id) WHERE status IN ('queued', 'sending');
CREATE INDEX witness_deliveries_witness ON witness_deliveries (witness_id, created_at);

CREATE TABLE witness_attempts (
  id INTEGER PRIMARY KEY,
  delivery_id INTEGER NOT NULL REFERENCES witness_deliveries (id),
  at INTEGER NOT NULL,
  node TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'accepted', 'retry', 'down', 'failed', 'unknown', 'again', 'superseded', 'withdrawn')),
  next_at INTEGER NOT NULL,
  answer TEXT NOT NULL
);
CREATE INDEX witness_attempts_delivery ON witness_attempts (delivery_id, id);

-- The signature line that a witness gave back for a checkpoint (C2SP tlog-cosignature), checked before it was stored.
CREATE TABLE cosignatures (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL REFERENCES checkpoints (size),
  witness_id INTEGER NOT NULL REFERENCES witnesses (id),
  at INTEGER NOT NULL,
  line TEXT NOT NULL,
  UNIQUE (size, witness_id)
);

-- The public keys that signed checkpoints before, and the statements by which the old ones name the new ones. The first key of an installation is in no row.
CREATE TABLE signing_keys (
  id INTEGER PRIMARY KEY,
  public_key TEXT NOT NULL UNIQUE,
  previous TEXT NOT NULL,
  from_size INTEGER NOT NULL,
  statement TEXT NOT NULL,
  at INTEGER NOT NULL
);

CREATE TRIGGER witness_attempts_no_update BEFORE UPDATE ON witness_attempts BEGIN SELECT RAISE(ABORT, 'append-only: witness_attempts'); END;
CREATE TRIGGER witness_attempts_no_delete BEFORE DELETE ON witness_attempts BEGIN SELECT RAISE(ABORT, 'append-only: witness_attempts'); END;
CREATE TRIGGER witness_attempts_no_replace BEFORE INSERT ON witness_attempts WHEN EXISTS (SELECT 1 FROM witness_attempts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: witness_attempts'); END;
CREATE TRIGGER cosignatures_no_update BEFORE UPDATE ON cosignatures BEGIN SELECT RAISE(ABORT, 'append-only: cosignatures'); END;
CREATE TRIGGER cosignatures_no_delete BEFORE DELETE ON cosignatures BEGIN SELECT RAISE(ABORT, 'append-only: cosignatures'); END;
CREATE TRIGGER cosignatures_no_replace BEFORE INSERT ON cosignatures WHEN EXISTS (SELECT 1 FROM cosignatures WHERE id = NEW.id OR size = NEW.size AND witness_id = NEW.witness_id) BEGIN SELECT RAISE(ABORT, 'append-only: cosignatures'); END;
CREATE TRIGGER signing_keys_no_update BEFORE UPDATE ON signing_keys BEGIN SELECT RAISE(ABORT, 'append-only: signing_keys'); END;
CREATE TRIGGER signing_keys_no_delete BEFORE DELETE ON signing_keys BEGIN SELECT RAISE(ABORT, 'append-only: signing_keys'); END;
CREATE TRIGGER signing_keys_no_replace BEFORE INSERT ON signing_keys WHEN EXISTS (SELECT 1 FROM signing_keys WHERE id = NEW.id OR public_key = NEW.public_key) BEGIN SELECT RAISE(ABORT, 'append-only: signing_keys'); END;
CREATE TRIGGER witnesses_frozen BEFORE UPDATE ON witnesses WHEN NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.kind <> OLD.kind OR NEW.address <> OLD.address OR NEW.public_key <> OLD.public_key OR NEW.added_by <> OLD.added_by OR NEW.added_at <> OLD.added_at OR OLD.revoked_at <> 0 BEGIN SELECT RAISE(ABORT, 'immutable: witnesses'); END;
CREATE TRIGGER witnesses_no_delete BEFORE DELETE ON witnesses BEGIN SELECT RAISE(ABORT, 'append-only: witnesses'); END;
CREATE TRIGGER witnesses_no_replace BEFORE INSERT ON witnesses WHEN EXISTS (SELECT 1 FROM witnesses WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: witnesses'); END;
CREATE TRIGGER witness_deliveries_key BEFORE UPDATE ON witness_deliveries WHEN NEW.id <> OLD.id OR NEW.size <> OLD.size OR NEW.witness_id <> OLD.witness_id OR NEW.asked_by <> OLD.asked_by OR NEW.created_at <> OLD.created_at BEGIN SELECT RAISE(ABORT, 'immutable: witness_deliveries'); END;
CREATE TRIGGER witness_deliveries_no_delete BEFORE DELETE ON witness_deliveries BEGIN SELECT RAISE(ABORT, 'append-only: witness_deliveries'); END;
CREATE TRIGGER witness_deliveries_no_replace BEFORE INSERT ON witness_deliveries WHEN EXISTS (SELECT 1 FROM witness_deliveries WHERE id = NEW.id OR size = NEW.size AND witness_id = NEW.witness_id) BEGIN SELECT RAISE(ABORT, 'append-only: witness_deliveries'); END;
-- +goose StatementEnd
