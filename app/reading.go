package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// ErrNoDatabase says that there is no database of this product where one was looked for.
var ErrNoDatabase = errors.New("there is no Battlemap database here")

// SchemaError says that a database is of another version than this program and was left as it is.
type SchemaError struct{ Have, Want int64 } // numbers of the newest migration

// Error names both versions.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("the database has schema %d, this program works with %d", e.Have, e.Want)
}

// OpenReading connects to a database that is there and of this program's version, for looking only: the database itself refuses every write, nothing is
// migrated, and nothing is made where nothing was. A server may be running on it.
func OpenReading(ctx context.Context, opt Options) (*App, error) {
	a, err := newApp(opt)
	if err != nil {
		return nil, err
	}
	if a.db, err = openReading(opt.Database); err != nil {
		return nil, err
	}
	err = a.db.sameSchema(ctx)
	if err == nil {
		err = a.KeepUp(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, a.db.close())
	}
	return a, nil
}

func openReading(dsn string) (*database, error) {
	path, lite := strings.CutPrefix(dsn, "sqlite:")
	var dialector gorm.Dialector
	if lite {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return nil, fmt.Errorf("%w: %s", ErrNoDatabase, path)
		}
		dialector = onSQLite("file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_busy_timeout=5000&_query_only=on")
	} else {
		u, err := url.Parse(dsn)
		if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
			return nil, errors.New("open database: want sqlite:PATH or a postgres:// URL") // without the text, which may hold a password
		}
		q := u.Query()
		q.Set("default_transaction_read_only", "on")
		u.RawQuery = q.Encode()
		dialector = postgres.Open(u.String())
	}
	db, err := gorm.Open(dialector, gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open the database for reading: %w", err)
	}
	return &database{write: db, read: db, postgres: !lite}, setConns(db, 2)
}

var migrationFile = regexp.MustCompile(`^(\d+)_`)

// sameSchema compares the newest migration that was applied with the newest of this program.
func (d *database) sameSchema(ctx context.Context) error {
	dir := "migrations/sqlite"
	if d.postgres {
		dir = "migrations/postgres"
	}
	files, err := fs.ReadDir(migrations, dir)
	if err != nil {
		return err
	}
	e := &SchemaError{}
	for _, f := range files {
		if m := migrationFile.FindStringSubmatch(f.Name()); m != nil {
			n, err := strconv.ParseInt(m[1], 10, 64)
			if err != nil {
				return fmt.Errorf("number of %s: %w", f.Name(), err)
			}
			e.Want = max(e.Want, n)
		}
	}
	if err := scanOne(d.read.WithContext(ctx).Raw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied"), &e.Have); err != nil {
		return errors.Join(ErrNoDatabase, err)
	}
	if e.Have != e.Want {
		return e
	}
	return nil
}

// ItemNamed finds out what a person means by "〔2023〕001号", "2023-1", a project code, or a code with a milestone's name, "P-001/开工", and returns what Explain takes.
func (a *App) ItemNamed(ctx context.Context, actor Actor, text string) (kind, no string, err error) {
	text = strings.TrimSpace(plain(text))
	if no, ok := TicketNumber(text); ok {
		if _, _, _, err = a.itemOf(ctx, actor, "ticket", no); err == nil || !isMissing(err) {
			return "ticket", no, err
		}
	}
	if _, _, _, err = a.itemOf(ctx, actor, "project", text); err == nil || !isMissing(err) {
		return "project", text, err
	}
	cut := strings.LastIndex(text, "/")
	if cut < 0 {
		return "", "", missing()
	}
	project, _, _, err := a.itemOf(ctx, actor, "project", text[:cut])
	if err != nil {
		return "", "", err
	}
	m, err := table[Milestone](a.db.read).Where("project_id = ? AND name = ?", project, text[cut+1:]).First(ctx)
	if noRow(err) {
		err = missing()
	}
	return "milestone", strconv.FormatInt(m.ID, 10), err
}

func isMissing(err error) bool {
	f := AsFaults(err)
	return len(f) == 1 && f[0].Kind == Missing
}
