-- +goose Up
-- +goose StatementBegin
-- What projects and tickets are found by: the folded text, and every pair of characters that can follow each other in it, as written or as read aloud.
CREATE TABLE search_texts (
  kind TEXT NOT NULL,
  ref_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (kind, ref_id)
) WITHOUT ROWID;

CREATE TABLE search_grams (
  gram TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref_id INTEGER NOT NULL,
  PRIMARY KEY (gram, kind, ref_id)
) WITHOUT ROWID;
CREATE INDEX search_grams_of ON search_grams (kind, ref_id);

CREATE TABLE search_index (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
);
INSERT INTO search_index (id, version) VALUES (1, 0);

-- A ticket that was split off another, and one that says the same as another.
ALTER TABLE tickets ADD COLUMN parent_ticket_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN duplicate_of_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_parent ON tickets (parent_ticket_id) WHERE parent_ticket_id > 0;

-- One ticket that waits for another; history, so a link is ended and never removed.
CREATE TABLE ticket_links (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id),
  blocks_id INTEGER NOT NULL REFERENCES tickets (id),
  reason TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_on TEXT NOT NULL,
  ended_on TEXT NOT NULL
);
CREATE INDEX ticket_links_ticket ON ticket_links (ticket_id);
CREATE INDEX ticket_links_blocks ON ticket_links (blocks_id);
CREATE UNIQUE INDEX ticket_links_once ON ticket_links (ticket_id, blocks_id) WHERE ended_on = '';
-- +goose StatementEnd
