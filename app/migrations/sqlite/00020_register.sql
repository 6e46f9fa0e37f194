-- +goose Up
-- +goose StatementBegin
-- What seldom changes and every transaction asks for: people, units, roles, task forces, assignments, limits, settings, the
-- law, the calendars and what the doctor found. The version is counted up by whoever
-- changes any of it, by hand too, so that a process knows with one look whether what it has read before still holds.
CREATE TABLE register (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
);
INSERT INTO register (id, version) VALUES (1, 1);
CREATE TRIGGER users_register_insert AFTER INSERT ON users BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER users_register_update AFTER UPDATE ON users BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER users_register_delete AFTER DELETE ON users BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER units_register_insert AFTER INSERT ON units BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER units_register_update AFTER UPDATE ON units BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER units_register_delete AFTER DELETE ON units BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER task_forces_register_insert AFTER INSERT ON task_forces BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER task_forces_register_update AFTER UPDATE ON task_forces BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER task_forces_register_delete AFTER DELETE ON task_forces BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER role_grants_register_insert AFTER INSERT ON role_grants BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER role_grants_register_update AFTER UPDATE ON role_grants BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER role_grants_register_delete AFTER DELETE ON role_grants BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER cell_limits_register_insert AFTER INSERT ON cell_limits BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER cell_limits_register_update AFTER UPDATE ON cell_limits BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER cell_limits_register_delete AFTER DELETE ON cell_limits BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER laws_register_insert AFTER INSERT ON laws BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER laws_register_update AFTER UPDATE ON laws BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER laws_register_delete AFTER DELETE ON laws BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER calendar_versions_register_insert AFTER INSERT ON calendar_versions BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER calendar_versions_register_update AFTER UPDATE ON calendar_versions BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER calendar_versions_register_delete AFTER DELETE ON calendar_versions BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER assignments_register_insert AFTER INSERT ON assignments BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER assignments_register_update AFTER UPDATE ON assignments BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER assignments_register_delete AFTER DELETE ON assignments BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER settings_register_insert AFTER INSERT ON settings BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER settings_register_update AFTER UPDATE ON settings BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER settings_register_delete AFTER DELETE ON settings BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER doctor_runs_register_insert AFTER INSERT ON doctor_runs BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER doctor_runs_register_update AFTER UPDATE ON doctor_runs BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
CREATE TRIGGER doctor_runs_register_delete AFTER DELETE ON doctor_runs BEGIN UPDATE register SET version = version + 1 WHERE id = 1; END;
-- +goose StatementEnd
