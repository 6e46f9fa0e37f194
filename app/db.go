package app

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// database is the pair of pools: one writer and many readers on SQLite, a few writers and many readers on PostgreSQL.
type database struct {
	write, read *gorm.DB
	postgres    bool
	writer      *writer                // of SQLite, from the first transaction of the door on
	failed      atomic.Pointer[string] // how SQLite's disk has failed this process; see disk.go
}

// once runs fn between BEGIN and COMMIT, in the context that it is given.
func (d *database) once(ctx context.Context, fn func(context.Context, *gorm.DB) error) error {
	if d.writer != nil {
		return saved(ctx, false, d.writer.write(ctx, fn))
	}
	asked := false
	err := d.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		err := fn(ctx, db)
		asked = err == nil
		return err
	})
	return saved(ctx, asked, err)
}

// minSQLite is the first version without the WAL-reset corruption of 3.7.0 to 3.51.2.
const minSQLite = "3.51.3"

func openDatabase(ctx context.Context, dsn string) (*database, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return openSQLite(ctx, path)
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(dsn)
	}
	return nil, errors.New("open database: want sqlite:PATH or a postgres:// URL")
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard, // errors are returned and logged once, by whoever handles them
		SkipDefaultTransaction: true,
		TranslateError:         true,
		PrepareStmt:            true,
		Plugins:                map[string]gorm.Plugin{shapesName: &shapes{}},
	}
}

// lite is gorm's dialect of SQLite with a plus before each value. SQLite plans by the bare values of a condition, and the driver takes them back after each run, so a
// prepared statement with such a condition was parsed and planned anew whenever it ran: a quarter of the time of a move. The plus changes no value.
type lite struct{ *sqlite.Dialector }

func onSQLite(dsn string) gorm.Dialector { return lite{&sqlite.Dialector{DSN: dsn}} }

// BindVarTo writes the place of a value.
func (lite) BindVarTo(out clause.Writer, _ *gorm.Statement, _ any) {
	_, _ = out.WriteString(litePlace) // it ends in memory
}

// litePlace is the place of a value in a statement for SQLite.
const litePlace = "+?"

func openSQLite(ctx context.Context, path string) (*database, error) {
	// immediate: a read-then-write transaction that begins deferred fails at once with "database is locked".
	common := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_journal_mode=WAL&_foreign_keys=on&_synchronous=FULL"
	write, err := gorm.Open(onSQLite(common+"&_txlock=immediate"), gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open SQLite %s: %w", path, err)
	}
	if err := setConns(write, 1); err != nil {
		return nil, err
	}
	if err := checkSQLiteVersion(ctx, write); err != nil {
		return nil, err
	}
	if err := settleLog(ctx, write, path); err != nil {
		return nil, err
	}
	read, err := gorm.Open(onSQLite(common+"&_query_only=on"), gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open SQLite %s for reading: %w", path, err)
	}
	if err := setConns(read, max(4, 2*runtime.GOMAXPROCS(0))); err != nil {
		return nil, err
	}
	return &database{write: write, read: read}, nil
}

// idleLimit is how long the server lets a transaction of ours stand still. The door waits for nobody inside one, so such a process was stopped or has lost
// its network, while it may hold the lease's row or the journal's head: without a limit the whole district would wait for it.
const idleLimit = 30 * time.Second

// postgresReads and postgresWrites are a node's connections. Each has its own pool, so that writers who wait for the journal's head hold up only each other and every page is
// still read. Three nodes take 72 of the 100 connections that a server usually allows, and leave the rest to backups and people.
const postgresReads, postgresWrites = 16, 8

func openPostgres(dsn string) (*database, error) {
	dsn, err := limitIdle(dsn)
	if err != nil {
		return nil, err
	}
	write, err := openPool(dsn, postgresWrites)
	if err != nil {
		return nil, err
	}
	read, err := openPool(dsn, postgresReads)
	if err != nil {
		return nil, errors.Join(err, closePool(write))
	}
	return &database{write: write, read: read, postgres: true}, nil
}

func openPool(dsn string, conns int) (*gorm.DB, error) {
	db, err := gorm.Open(postgres.Open(dsn), gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return db, setConns(db, conns)
}

// busy tells whether every writing connection is taken. On SQLite the one always is, and nobody waits for a neighbour's network.
func (d *database) busy() bool {
	pool, err := d.write.DB()
	if err != nil || !d.postgres {
		return false
	}
	s := pool.Stats()
	return s.InUse >= s.MaxOpenConnections
}

// limitIdle asks the server for idleLimit, unless the URL names another limit (in milliseconds).
func limitIdle(dsn string) (string, error) {
	const limit = "idle_in_transaction_session_timeout"
	u, err := url.Parse(dsn)
	if err != nil {
		return "", errors.New("open PostgreSQL: the URL can't be read") // without the text, which may hold a password
	}
	q := u.Query()
	if !q.Has(limit) {
		q.Set(limit, strconv.FormatInt(idleLimit.Milliseconds(), 10))
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}

func setConns(db *gorm.DB, n int) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return nil
}

func checkSQLiteVersion(ctx context.Context, db *gorm.DB) error {
	var have string
	if err := scanOne(db.WithContext(ctx).Raw("SELECT sqlite_version()"), &have); err != nil {
		return fmt.Errorf("ask SQLite for its version: %w", err)
	}
	if olderVersion(have, minSQLite) {
		return fmt.Errorf("SQLite %s can corrupt a WAL database; %s or later is required", have, minSQLite)
	}
	return nil
}

// olderVersion compares dotted numbers.
func olderVersion(have, want string) bool {
	h, w := strings.Split(have, "."), strings.Split(want, ".")
	for i := range w {
		var a int
		if i < len(h) {
			a, _ = strconv.Atoi(h[i])
		}
		b, _ := strconv.Atoi(w[i])
		if a != b {
			return a < b
		}
	}
	return false
}

func (d *database) close() error {
	var errs []error
	if d.writer != nil {
		errs = append(errs, d.writer.close())
	}
	for _, g := range []*gorm.DB{d.write, d.read} {
		errs = append(errs, closePool(g))
	}
	return errors.Join(errs...)
}

func closePool(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// scanOne reads the single row of a query. gorm's own Row answers nil when the connection is broken, and reading that panics.
func scanOne(query *gorm.DB, into ...any) error {
	rows, err := query.Rows()
	if err != nil {
		return err
	}
	return onlyRow(rows, into)
}

// onlyRow reads the single row of an answer and closes it; sql.ErrNoRows when there is none.
func onlyRow(rows *sql.Rows, into []any) error {
	if !rows.Next() {
		return errors.Join(cmp.Or(rows.Err(), sql.ErrNoRows), rows.Close())
	}
	return errors.Join(rows.Scan(into...), rows.Close())
}

// again tells whether a transaction failed only because of its neighbours and may be run again.
func again(err error) bool {
	if errors.Is(err, errTimes) {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	if lite, ok := errors.AsType[sqlite3.Error](err); ok {
		return lite.Code == sqlite3.ErrBusy
	}
	return false
}

// outside tells whether SQLite refused a statement only because no transaction is open.
func outside(err error) bool {
	lite, ok := errors.AsType[sqlite3.Error](err)
	return ok && lite.Code == sqlite3.ErrError && strings.Contains(lite.Error(), "no transaction is active")
}

// noRow tells whether a query found nothing.
func noRow(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}

// duplicate tells whether a write met a unique key.
func duplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// damaged tells whether SQLite found its file broken, or could not read it.
func damaged(err error) bool {
	lite, ok := errors.AsType[sqlite3.Error](err)
	return ok && (lite.Code == sqlite3.ErrCorrupt || lite.Code == sqlite3.ErrNotADB || lite.Code == sqlite3.ErrIoErr)
}
