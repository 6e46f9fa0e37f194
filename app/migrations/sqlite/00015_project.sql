-- +goose Up
-- +goose StatementBegin
-- Files and words of people on projects and tickets. Rows stay for ever: all that may change is that one is withdrawn, once.
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE,
  item_kind TEXT NOT NULL CHECK (item_kind IN ('project', 'ticket')),
  item_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('photo', 'document')),
  name TEXT NOT NULL,
  caption TEXT NOT NULL,
  dated_on TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  sent_sha256 TEXT NOT NULL,
  thumb_sha256 TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  added_by INTEGER NOT NULL REFERENCES users (id),
  added_at INTEGER NOT NULL,
  withdrawn_by INTEGER NOT NULL,
  withdrawn_at INTEGER NOT NULL,
  withdrawn_why TEXT NOT NULL
);
CREATE INDEX attachments_item ON attachments (item_kind, item_id);

CREATE TABLE comments (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  item_kind TEXT NOT NULL CHECK (item_kind IN ('project', 'ticket')),
  item_id INTEGER NOT NULL,
  reply_to INTEGER NOT NULL,
  body TEXT NOT NULL,
  mentions TEXT NOT NULL,
  added_by INTEGER NOT NULL REFERENCES users (id),
  added_at INTEGER NOT NULL,
  withdrawn_by INTEGER NOT NULL,
  withdrawn_at INTEGER NOT NULL,
  withdrawn_why TEXT NOT NULL
);
CREATE INDEX comments_item ON comments (item_kind, item_id);

CREATE TRIGGER attachments_frozen BEFORE UPDATE ON attachments WHEN OLD.withdrawn_at <> 0 OR NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.item_kind <> OLD.item_kind OR NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind OR NEW.name <> OLD.name OR NEW.caption <> OLD.caption OR NEW.dated_on <> OLD.dated_on OR NEW.media_type <> OLD.media_type OR NEW.size <> OLD.size OR NEW.sha256 <> OLD.sha256 OR NEW.sent_sha256 <> OLD.sent_sha256 OR NEW.thumb_sha256 <> OLD.thumb_sha256 OR NEW.width <> OLD.width OR NEW.height <> OLD.height OR NEW.added_by <> OLD.added_by OR NEW.added_at <> OLD.added_at BEGIN SELECT RAISE(ABORT, 'immutable: attachments'); END;
CREATE TRIGGER attachments_no_delete BEFORE DELETE ON attachments BEGIN SELECT RAISE(ABORT, 'append-only: attachments'); END;
CREATE TRIGGER attachments_no_replace BEFORE INSERT ON attachments WHEN EXISTS (SELECT 1 FROM attachments WHERE id = NEW.id OR code = NEW.code) BEGIN SELECT RAISE(ABORT, 'append-only: attachments'); END;
CREATE TRIGGER comments_frozen BEFORE UPDATE ON comments WHEN OLD.withdrawn_at <> 0 OR NEW.id <> OLD.id OR NEW.item_kind <> OLD.item_kind OR NEW.item_id <> OLD.item_id OR NEW.reply_to <> OLD.reply_to OR NEW.body <> OLD.body OR NEW.mentions <> OLD.mentions OR NEW.added_by <> OLD.added_by OR NEW.added_at <> OLD.added_at BEGIN SELECT RAISE(ABORT, 'immutable: comments'); END;
CREATE TRIGGER comments_no_delete BEFORE DELETE ON comments BEGIN SELECT RAISE(ABORT, 'append-only: comments'); END;
CREATE TRIGGER comments_no_replace BEFORE INSERT ON comments WHEN EXISTS (SELECT 1 FROM comments WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only: comments'); END;
-- +goose StatementEnd
