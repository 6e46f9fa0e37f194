package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"gorm.io/gorm"
)

// writer is the one connection that writes to SQLite. A COMMIT waits for the disk, so the transactions that are waiting when one begins share it: each runs
// behind a savepoint of its own, one that fails is taken back alone, and nobody hears of success before the disk has everything.
type writer struct {
	door   *gorm.DB // on pool, with the callbacks of the database
	pool   *prepared
	disk   func(error) error // looks at how a transaction ended: a disk that failed takes no more
	log    *slog.Logger
	usable func() error
	undone func() // is called when transactions that succeeded were not kept: what their neighbours have seen of them never was

	mu      sync.Mutex
	waiting []*turn
	serving bool
	closed  bool
	idle    sync.Cond // on mu: nobody waits any more
}

// turn is one transaction that waits for the writer.
type turn struct {
	ctx    context.Context // asked before it begins; once begun it runs to its end, since SQLite takes everything back with a statement that is interrupted
	fn     func(context.Context, *gorm.DB) error
	err    error
	panics any
	done   chan struct{}
}

// mostTogether is how many transactions share a COMMIT: the last of them waits for the work of all.
const mostTogether = 64

// openWriter takes the only connection of SQLite's writing pool for good; on PostgreSQL every transaction has one of its own.
func (d *database) openWriter(ctx context.Context, log *slog.Logger, undone func()) error {
	if d.postgres {
		return nil
	}
	pool, err := d.write.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("take the writing connection: %w", err)
	}
	w := &writer{door: d.write.Session(&gorm.Session{NewDB: true, Context: context.Background()}), pool: &prepared{conn: conn, known: map[string]*sql.Stmt{}}, usable: d.usable, undone: undone, log: log}
	// SQLite's own checkpoints keep silent when they fail: w.checkpoint does not.
	if err := w.pool.run("PRAGMA wal_autocheckpoint=0"); err != nil {
		return fmt.Errorf("keep SQLite from checkpoints of its own: %w", err)
	}
	w.disk = func(err error) error { return d.judge(err, log) }
	w.idle.L = &w.mu
	w.door.Statement.ConnPool = w.pool
	d.writer = w
	// What a transaction would take back is noted down page by page, and beyond 64 KiB in a file: that was half of the time of a move.
	return w.pool.run("PRAGMA temp_store = MEMORY")
}

// write runs fn as a transaction and returns when it is on the disk, or taken back.
func (w *writer) write(ctx context.Context, fn func(context.Context, *gorm.DB) error) error {
	t := &turn{ctx: ctx, fn: fn, done: make(chan struct{})}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return sql.ErrConnDone
	}
	w.waiting = append(w.waiting, t)
	if !w.serving {
		w.serving = true
		go w.serve()
	}
	w.mu.Unlock()
	<-t.done
	if t.panics != nil {
		panic(t.panics)
	}
	return t.err
}

// serve works until nobody waits.
func (w *writer) serve() {
	for {
		w.mu.Lock()
		together := w.waiting[:min(len(w.waiting), mostTogether)]
		w.waiting = w.waiting[len(together):]
		if len(together) == 0 {
			w.waiting, w.serving = nil, false
			w.idle.Broadcast()
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		w.commit(together)
		w.checkpoint()
	}
}

// mostLogged is how many pages the write-ahead log may hold that are not in the database yet.
const mostLogged = 1000

// checkpoint brings the log into the database when it has grown. The disk may fail under that as under a write: what a failed fsync has left behind must not be
// built upon, so it is heard like one.
func (w *writer) checkpoint() {
	if w.usable() != nil {
		return
	}
	var busy, pages, done int64
	err := w.pool.ask("PRAGMA wal_checkpoint(NOOP)", &busy, &pages, &done)
	if err == nil && pages-done >= mostLogged {
		err = w.pool.ask("PRAGMA wal_checkpoint(PASSIVE)", &busy, &pages, &done)
	}
	if err = w.disk(err); err != nil && !errors.Is(err, ErrDiskFailed) { // that one is in the log by now
		w.log.Warn("the write-ahead log stays as long as it is", "error", err)
	}
}

// commit runs transactions in their order and commits those that succeed. When SQLite itself took everything back (a full disk), the one in which that happened
// fails, and the others run again.
func (w *writer) commit(together []*turn) {
	for len(together) > 0 {
		failed, err := w.attempt(together)
		if failed != nil || err != nil {
			w.undone()
		}
		if failed == nil {
			for _, t := range together {
				if err != nil { // what the others were refused for may never have been: they saw what is not kept
					t.err, t.panics = err, nil
				}
				close(t.done)
			}
			return
		}
		var rest []*turn
		for _, t := range together {
			if t != failed {
				t.err, t.panics = nil, nil
				rest = append(rest, t)
			}
		}
		close(failed.done)
		together = rest
	}
}

// attempt is one BEGIN with its COMMIT. err is what kept all of them from the disk; failed is the one that lost the transaction for all.
func (w *writer) attempt(together []*turn) (failed *turn, err error) {
	if err := w.usable(); err != nil {
		return nil, err
	}
	if err := w.pool.run("BEGIN IMMEDIATE"); err != nil {
		return nil, w.disk(err)
	}
	good := 0
	for _, t := range together {
		kept, err := w.take(t, len(together) > 1)
		if err != nil {
			t.err = w.disk(errors.Join(t.err, err))
			return t, nil
		}
		if kept {
			good++
		}
	}
	if good == 0 {
		return nil, w.undo()
	}
	if err := w.pool.run("COMMIT"); err != nil {
		return nil, w.disk(errors.Join(err, w.undo()))
	}
	return nil, nil
}

// undo ends what a failed COMMIT has left open; mostly SQLite did it already.
func (w *writer) undo() error {
	if err := w.pool.run("ROLLBACK"); err != nil && !outside(err) {
		return err
	}
	return nil
}

// take runs one transaction, behind a savepoint when it has company, and tells whether there is something to commit. An error means that the whole is lost.
func (w *writer) take(t *turn, company bool) (kept bool, err error) {
	if t.err = t.ctx.Err(); t.err != nil {
		return false, nil
	}
	if company {
		if err := w.pool.run("SAVEPOINT turn"); err != nil {
			return false, err
		}
	}
	w.call(t)
	if err := w.usable(); err != nil { // the disk has failed under this one: nothing of the others may be built upon it
		return false, errors.Join(err, w.undo())
	}
	switch {
	case t.err == nil && !company:
		return true, nil
	case t.err == nil:
		return true, w.pool.run("RELEASE turn")
	case company:
		if err := w.pool.run("ROLLBACK TO turn"); err != nil {
			return false, err
		}
		return false, w.pool.run("RELEASE turn")
	}
	return false, nil
}

// call keeps a panic for the one who asked: it is nobody else's.
func (w *writer) call(t *turn) {
	defer func() {
		if p := recover(); p != nil {
			t.panics = fmt.Sprintf("%v\n%s", p, debug.Stack())
			t.err = errors.New("panic behind the door")
		}
	}()
	ctx := context.WithoutCancel(t.ctx)
	t.err = w.disk(t.fn(ctx, w.door.WithContext(ctx)))
}

// close lets those who wait finish; whoever comes later is refused.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	for w.serving {
		w.idle.Wait()
	}
	w.mu.Unlock()
	return w.pool.close()
}

// prepared is a connection whose statements are prepared once, which database/sql does not do for those of a transaction. Only one goroutine at a time uses it.
type prepared struct {
	conn  *sql.Conn
	known map[string]*sql.Stmt
}

// mostPrepared bounds the memory of statements whose text varies with the length of a list.
const mostPrepared = 500

// PrepareContext prepares a statement, or finds the one prepared before.
func (p *prepared) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.known[query]; ok {
		return s, nil
	}
	if len(p.known) >= mostPrepared {
		if err := p.forget(); err != nil {
			return nil, err
		}
	}
	s, err := p.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.known[query] = s
	return s, nil
}

// ExecContext runs a statement.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext runs a query.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext runs a query for one row. It prepares nothing, since its error would have no way out; the door does not use it.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.conn.QueryRowContext(ctx, query, args...)
}

func (p *prepared) run(statement string) error {
	_, err := p.ExecContext(context.Background(), statement)
	return err
}

// ask reads the one row of a statement.
func (p *prepared) ask(statement string, into ...any) error {
	s, err := p.PrepareContext(context.Background(), statement)
	if err != nil {
		return err
	}
	return s.QueryRowContext(context.Background()).Scan(into...)
}

func (p *prepared) forget() error {
	var errs []error
	for _, s := range p.known {
		errs = append(errs, s.Close())
	}
	p.known = map[string]*sql.Stmt{}
	return errors.Join(errs...)
}

func (p *prepared) close() error {
	err := errors.Join(p.forget(), p.conn.Close())
	if errors.Is(err, sql.ErrConnDone) { // closed before
		return nil
	}
	return err
}
