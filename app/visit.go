package app

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"battlemap/app/calendar"
)

// Visit is one request of a signed-in person: who they are and what they may do at the moment it came in.
type Visit struct {
	User    User
	Actor   Actor
	Rights  Rights
	Journal int64 // its size at that moment
	Sure    bool  // the password was given a moment ago
	Unread  int   // messages in the inbox
	Own     int   // projects that the person is assigned to
	Place   string
	Scope   string // names what the person may see: people with the same scope see the same
	sight   sight
	until   int64 // when the session is over unless the person does something
}

// visitor is what is known of a person at one version of the register, on one day: a person, a unit, a grant, an assignment, the name of the district and what the
// doctor found belong to it.
type visitor struct {
	version int64
	day     calendar.Date
	Visit
}

// visitors are the people seen last on this node.
type visitors struct {
	mu   sync.Mutex
	seen map[int64]visitor
	ask  *sql.Stmt
	turn chan struct{} // so many are read at a time: thousands of pages come back at once when a server has started
}

// mostReading is how many people are read at a time. Whoever waits for a turn holds next to nothing.
const mostReading = 32

// mostVisitors is how many people are kept in mind; after that the book begins anew.
const mostVisitors = 4096

// visitQuery reads a session with the sizes of the journal and of the register in the same snapshot.
const visitQuery = `SELECT h.size, (SELECT version FROM register WHERE id = 1), s.user_id, s.seen_at, s.expires_at, s.confirmed_at, u.disabled, u.lang, u.theme,
(SELECT COUNT(*) FROM reminders r WHERE r.recipient_id = s.user_id AND r.channel = 'inbox' AND r.status = 'accepted' AND r.read_at = 0)
FROM sessions s JOIN users u ON u.id = s.user_id JOIN journal_head h ON h.id = 1 WHERE s.token_hash = `

// prepareVisits prepares the one query that every request makes.
func (a *App) prepareVisits(ctx context.Context) error {
	pool, err := a.db.read.DB()
	if err != nil {
		return err
	}
	mark := litePlace
	if a.db.postgres {
		mark = "$1"
	}
	a.visitors.seen, a.visitors.turn = map[int64]visitor{}, make(chan struct{}, mostReading)
	a.visitors.ask, err = pool.PrepareContext(ctx, visitQuery+mark)
	return err
}

// Visit finds the open session of a token, the person it belongs to and their rights, and notes that the person is active, unless the page asked by itself. Denied when
// the session is over, or the account shut. A session that was ended, and a grant that was taken back, on whatever node, count at once: one query asks every time.
func (a *App) Visit(ctx context.Context, token string, background bool) (Visit, error) {
	var size, version, user, seen, expires, confirmed int64
	var off bool
	var lang, theme string
	var unread int
	hash := hashToken(token)
	// In the request's context: whoever left while all connections were taken must not take the next one.
	err := a.visitors.ask.QueryRowContext(ctx, hash).Scan(&size, &version, &user, &seen, &expires, &confirmed, &off, &lang, &theme, &unread)
	if errors.Is(err, sql.ErrNoRows) {
		return Visit{}, denied()
	}
	if err != nil {
		return Visit{}, err
	}
	now := a.Now().Unix()
	if off || a.isOver(seen, expires) {
		return Visit{}, denied()
	}
	v, err := a.visitor(ctx, user, version)
	if err != nil {
		return Visit{}, err
	}
	v.User.Lang, v.User.Theme, v.Actor.Lang, v.Unread, v.Journal, v.Sure = lang, theme, lang, unread, size, a.confirmed(confirmed)
	v.until = min(expires, seen+int64(a.opt.SessionIdle/time.Second))
	if !background && now-seen >= 60 && !a.db.busy() { // once a minute is enough: it is a write, for which no page waits while the writers wait for each other
		err = a.chore(ctx, func(t *tx) error {
			return execute(ctx, t.db, "UPDATE sessions SET seen_at = ? WHERE token_hash = ?", now, hash)
		})
		if notStored(err) { // pages are read on while nothing can be written; the session ends a little earlier
			err = nil
		}
	}
	return v, err
}

// visitor is what is known of a person; it is read anew when the register or the day has changed.
func (a *App) visitor(ctx context.Context, user, version int64) (Visit, error) {
	today := a.Today()
	if v, ok := a.visitors.known(user, version, today); ok {
		return v, nil
	}
	select {
	case a.visitors.turn <- struct{}{}:
	case <-ctx.Done():
		return Visit{}, ctx.Err()
	}
	defer func() { <-a.visitors.turn }()
	if v, ok := a.visitors.known(user, version, today); ok { // another page of the same person was first
		return v, nil
	}
	v, err := a.readVisitor(ctx, user)
	if err != nil {
		return v, err
	}
	a.visitors.mu.Lock()
	defer a.visitors.mu.Unlock()
	if len(a.visitors.seen) >= mostVisitors {
		clear(a.visitors.seen)
	}
	a.visitors.seen[user] = visitor{version: version, day: today, Visit: v}
	return v, nil
}

// known is what is kept of a person, if it is of that version and day.
func (v *visitors) known(user, version int64, today calendar.Date) (Visit, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	have, ok := v.seen[user]
	return have.Visit, ok && have.version == version && have.day == today
}

func (a *App) readVisitor(ctx context.Context, user int64) (v Visit, err error) {
	if err := a.KeepUp(ctx); err != nil { // another node may have published a version of the law
		return v, err
	}
	if v.User, err = table[User](a.db.read).Where("id = ?", user).First(ctx); err != nil {
		return v, err
	}
	v.User.PasswordHash = ""
	if v.Actor, err = a.actorOf(ctx, v.User); err != nil {
		return v, err
	}
	if v.Rights, err = a.Rights(ctx, v.Actor); err != nil {
		return v, err
	}
	if v.sight, err = a.sight(ctx, v.Actor); err != nil {
		return v, err
	}
	v.Scope = v.sight.scope()
	own, err := a.OwnProjects(ctx, v.Actor)
	if err != nil {
		return v, err
	}
	v.Own = int(own)
	v.Place, err = a.Place(ctx)
	return v, err
}
