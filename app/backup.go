package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// ErrOwnBackup means that the database is saved by its own tool: pg_dump for PostgreSQL.
var ErrOwnBackup = errors.New("a PostgreSQL database is saved with pg_dump")

// Snapshot writes an SQLite database as it is at one instant into a new file, and that onto the disk. A server may be running on it, and people may write meanwhile:
// they neither wait nor show in it.
func Snapshot(ctx context.Context, database, to string) error {
	path, lite := strings.CutPrefix(database, "sqlite:")
	if !lite {
		return ErrOwnBackup
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w: %s", ErrNoDatabase, path)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return fmt.Errorf("open SQLite %s: %w", path, err)
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy the database: %w", errors.Join(err, db.Close()))
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := syncPath(to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}

// syncPath brings a file, or the names in a folder, onto the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
