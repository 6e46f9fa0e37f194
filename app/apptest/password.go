package apptest

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
)

// QuickHash is the hash of a password that is quick to make and to compare: the product's own takes 64 MiB, and with the race detector half a second.
func QuickHash(t testing.TB, password string) string {
	t.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	Must(t, err, "hash")
	return hash
}

// Password gives an account a password by a QuickHash, past the App: no record, and its sessions stay.
func (w *World) Password(t testing.TB, account, password string) {
	t.Helper()
	w.Past(t, "UPDATE users SET password_hash = $1 WHERE account = $2", QuickHash(t, password), account)
}

// Past runs a statement past the App.
func (w *World) Past(t testing.TB, query string, args ...any) {
	t.Helper()
	driver, dsn := "pgx", w.Options.Database
	if path, lite := strings.CutPrefix(dsn, "sqlite:"); lite {
		driver, dsn = "sqlite3", "file:"+path+"?_busy_timeout=5000&_txlock=immediate"
	}
	db, err := sql.Open(driver, dsn)
	Must(t, err, "open %s", dsn)
	defer db.Close()
	_, err = db.Exec(query, args...)
	Must(t, err, "%s", query)
}
