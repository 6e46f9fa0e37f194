-- +goose Up
-- +goose StatementBegin
-- What the pages read in order or by name, however many tickets there are: the open ones as lists and boards show them, those closed of late, and whose they are.
CREATE INDEX tickets_urgent ON tickets ((CASE light WHEN 'red' THEN 0 WHEN 'orange' THEN 1 WHEN 'yellow' THEN 2 WHEN 'blue' THEN 3 ELSE 4 END), (CASE due_on WHEN '' THEN '9999' ELSE due_on END), id)
  WHERE state NOT IN ('closed', 'terminated');
CREATE INDEX tickets_closed ON tickets (closed_on) WHERE state = 'closed';
CREATE INDEX tickets_handler ON tickets (handler_id) WHERE handler_id > 0;
-- +goose StatementEnd
