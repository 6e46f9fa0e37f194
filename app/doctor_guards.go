package app

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// definitions are the triggers, and on PostgreSQL the functions that they call, as the migrations of this program make them: what a database must have, to the word.
type definitions struct {
	triggers  map[string]string // by name, in the form of plainly
	functions map[string]string // by name: the source
}

var (
	madeInMigrations = regexp.MustCompile(`(?s)CREATE TRIGGER (\w+) (?:.*?BEGIN .*?END;|.*?\);)|DROP TRIGGER (?:IF EXISTS )?(\w+)|CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\).*?\$\$(.*?)\$\$`)
	whitespace       = regexp.MustCompile(`\s+`)
)

// defined reads the migrations in their order: a later file may drop what an earlier one made.
func (d *database) defined() (definitions, error) {
	out := definitions{triggers: map[string]string{}, functions: map[string]string{}}
	dir := "migrations/sqlite"
	if d.postgres {
		dir = "migrations/postgres"
	}
	files, err := fs.Glob(migrations, dir+"/*.sql")
	if err != nil {
		return out, err
	}
	slices.Sort(files)
	for _, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return out, err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for _, m := range madeInMigrations.FindAllStringSubmatch(up, -1) {
			switch {
			case m[1] != "":
				out.triggers[m[1]] = plainly(m[0])
			case m[2] != "":
				delete(out.triggers, m[2])
			default:
				out.functions[m[3]] = m[4]
			}
		}
	}
	for _, name := range d.guards() {
		if out.triggers[name] == "" {
			return out, fmt.Errorf("no migration makes the trigger %s", name)
		}
	}
	return out, nil
}

// plainly is a definition without what a database adds or drops when it tells it back: spaces, the last semicolon, and on PostgreSQL brackets, casts and capitals.
func plainly(text string) string {
	text = strings.TrimSuffix(strings.TrimSpace(whitespace.ReplaceAllString(text, " ")), ";")
	if strings.Contains(text, " EXECUTE FUNCTION ") {
		text = strings.NewReplacer("(", "", ")", "", "::text", "").Replace(strings.ToLower(text))
		text = strings.ReplaceAll(whitespace.ReplaceAllString(text, " "), " !=", " <>")
	}
	return text
}

// trigger is one that the database has.
type trigger struct {
	Name, Definition string
	Live             bool // not switched off
}

// triggersOn lists the triggers of people and migrations, not those by which PostgreSQL keeps foreign keys.
func (d *database) triggersOn(ctx context.Context, db *gorm.DB) ([]trigger, error) {
	query := "SELECT name, sql AS definition, TRUE AS live FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
	if d.postgres {
		query = `SELECT tgname AS name, replace(pg_get_triggerdef(t.oid, TRUE), current_schema() || '.', '') AS definition, tgenabled IN ('O', 'A') AS live
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY tgname`
	}
	var have []trigger
	if err := db.WithContext(ctx).Raw(query).Scan(&have).Error; err != nil {
		return nil, fmt.Errorf("list triggers: %w", err)
	}
	return have, nil
}

// lookGuards compares every trigger with the one that the migrations made: there, switched on, of the same words, and no stranger among them.
func lookGuards(d *doctor, f *Finding) error {
	have, err := d.app.db.triggersOn(d.ctx, d.db)
	if err != nil {
		return err
	}
	left := maps.Clone(d.made.triggers)
	for _, t := range have {
		f.Looked++
		definition, known := left[t.Name]
		delete(left, t.Name)
		switch {
		case !known:
			f.add("trigger_strange", "Name", t.Name)
		case !t.Live:
			f.add("trigger_off", "Name", t.Name)
		case plainly(t.Definition) != definition:
			f.add("trigger_changed", "Name", t.Name)
		}
	}
	for _, name := range sortedNames(left) {
		f.add("trigger_missing", "Name", name)
	}
	if d.app.db.postgres {
		return lookFunctions(d, f, d.made.functions)
	}
	return nil
}

// lookFunctions compares what PostgreSQL's triggers call, and looks for two ways of switching them all off at once.
func lookFunctions(d *doctor, f *Finding, want map[string]string) error {
	for _, name := range sortedNames(want) {
		var source []string
		err := d.db.Raw("SELECT prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname = ?", name).Scan(&source).Error
		if err != nil {
			return fmt.Errorf("read function %s: %w", name, err)
		}
		f.Looked++
		if len(source) != 1 || source[0] != want[name] {
			f.add("function_changed", "Name", name)
		}
	}
	var role string
	if err := scanOne(d.db.Raw("SELECT current_setting('session_replication_role')"), &role); err != nil {
		return err
	}
	if role != "origin" {
		f.add("triggers_all_off", "Role", role)
	}
	var rules []string
	if err := d.db.Raw("SELECT tablename || '.' || rulename FROM pg_rules WHERE schemaname = current_schema() ORDER BY 1").Scan(&rules).Error; err != nil {
		return err
	}
	for _, name := range rules {
		f.add("rule_strange", "Name", name)
	}
	return nil
}
