-- +goose Up
-- +goose StatementBegin
-- What seldom changes and every transaction asks for: people, units, roles, task forces, assignments, limits, settings, the
-- law, the calendars and what the doctor found. The version is counted up by whoever
-- changes any of it, by hand too, so that a process knows with one look whether what it has read before still holds.
CREATE TABLE register (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO register (id, version) VALUES (1, 1);
CREATE FUNCTION count_register() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE register SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER users_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER units_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON units FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER task_forces_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON task_forces FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER role_grants_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON role_grants FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER cell_limits_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON cell_limits FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER laws_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON laws FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER calendar_versions_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON calendar_versions FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER assignments_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON assignments FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER settings_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON settings FOR EACH STATEMENT EXECUTE FUNCTION count_register();
CREATE TRIGGER doctor_runs_register AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON doctor_runs FOR EACH STATEMENT EXECUTE FUNCTION count_register();
-- +goose StatementEnd
