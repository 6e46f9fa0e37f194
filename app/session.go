package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// Session is a signed-in browser. Only the hash of its token is stored.
type Session struct {
	TokenHash   string `gorm:"primaryKey"`
	Code        string // by which its owner ends it; random, and opens nothing
	UserID      int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	SeenAt      int64
	ExpiresAt   int64
	ConfirmedAt int64 // when the password was last given in it
	Address     string
	Agent       string
}

// SetupToken lets one person set a password once: the first administrator (UserID 0), or an account that was made for them.
type SetupToken struct {
	TokenHash string `gorm:"primaryKey"`
	UserID    int64
	ExpiresAt int64
	UsedAt    int64
}

// SignIn is what somebody who signs in types, and what is known of their browser.
type SignIn struct {
	Account, Password string
	Address, Agent    string
	Request           string // request id
	Device            string // the token of a browser that has signed in before, "" for none
	Session           string // the token of the session that the browser has now, "" for none: it ends
}

// Entry is what a browser gets when somebody has signed in: tokens that are returned once and never stored.
type Entry struct{ Token, Device string }

// SignIn checks the password and opens a session. Wrong account and wrong password look the same.
func (a *App) SignIn(ctx context.Context, cmd SignIn) (Entry, error) {
	account := plain(strings.ToLower(strings.TrimSpace(cmd.Account)))
	counts := strangersCounts(account, cmd.Address)
	known, err := a.knows(ctx, account, cmd.Device)
	if err != nil {
		return Entry{}, err
	}
	if known {
		counts = knownCounts(account, cmd.Device)
	}
	if err := a.countAttempt(ctx, counts); err != nil {
		return Entry{}, err
	}
	user, err := a.checkPassword(ctx, account, cmd.Password)
	if err != nil {
		return Entry{}, err
	}
	if user == nil {
		return Entry{}, a.refuseSignIn(ctx, account, cmd)
	}
	entry, err := a.enter(ctx, *user, cmd, counts)
	if f := AsFaults(err); f != nil && f[0].Kind == Denied {
		return Entry{}, a.refuseSignIn(ctx, account, cmd)
	}
	return entry, err
}

// enter opens the session of somebody whose password was right; Denied when the account was shut, or its password changed, since it was compared.
func (a *App) enter(ctx context.Context, user User, cmd SignIn, counts []count) (e Entry, err error) {
	actor, err := a.actorOf(ctx, user)
	if err != nil {
		return e, err
	}
	actor.Address, actor.Request = cmd.Address, cmd.Request
	if e.Token, err = a.newToken(); err != nil {
		return e, err
	}
	code, err := a.newToken()
	if err != nil {
		return e, err
	}
	if e.Device, err = a.deviceToken(ctx, cmd.Device); err != nil {
		return e, err
	}
	return e, a.write(ctx, actor, func(t *tx) error {
		if err := t.stillOpen(user); err != nil {
			return err
		}
		if err := t.leave(cmd.Session); err != nil {
			return err
		}
		now := t.now.Unix()
		s := &Session{TokenHash: hashToken(e.Token), Code: code, UserID: user.ID, CreatedAt: now, SeenAt: now, ConfirmedAt: now,
			ExpiresAt: t.now.Add(a.opt.SessionMax).Unix(), Address: cmd.Address, Agent: line(clip(cmd.Agent, 200))}
		if err := table[Session](t.db).Create(ctx, s); err != nil {
			return err
		}
		if err := t.know(user.ID, e.Device); err != nil {
			return err
		}
		if err := t.forgiveAttempt(counts); err != nil {
			return err
		}
		t.record(change{action: "session.begin", kind: "user", id: user.ID, no: user.Account}) // with the address: the log of sign-ins is the journal, which nobody purges
		return nil
	})
}

// leave ends the session that a browser had before somebody signed in with it, whosever it was: no identifier from before a sign-in is worth anything after it.
func (t *tx) leave(token string) error {
	if token == "" {
		return nil
	}
	s, err := table[Session](t.db).Where("token_hash = ?", hashToken(token)).First(t.ctx)
	if noRow(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := table[Session](t.db).Where("token_hash = ?", s.TokenHash).Delete(t.ctx); err != nil {
		return err
	}
	t.record(change{action: "session.end", kind: "user", id: s.UserID})
	return nil
}

// clip makes text of at most n bytes out of what came from outside.
func clip(s string, n int) string {
	return plain(s[:min(n, len(s))])
}

// plain drops what no database stores as text, so that looking for it finds nothing instead of failing.
func plain(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") }

// line makes one harmless line of what came from outside: control characters, and those that turn the direction of reading, become spaces.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// refuseSignIn records the failure; the count stands already. A failure that can't be recorded is an error of the server, not a guess that nobody hears of.
func (a *App) refuseSignIn(ctx context.Context, account string, cmd SignIn) error {
	actor := System("sign-in")
	actor.Address, actor.Request = cmd.Address, cmd.Request
	err := a.write(ctx, actor, func(t *tx) error {
		t.record(change{action: "session.refuse", kind: "account", no: clip(account, 40)})
		return nil
	})
	return errOr(err, invalid("password", "wrong_password", nil))
}

// Authenticate finds the open session of a token and the person it belongs to, and notes that the person is active. Denied when the session is over.
func (a *App) Authenticate(ctx context.Context, token string) (User, Actor, error) {
	s, u, actor, err := a.session(ctx, token)
	now := a.Now().Unix()
	if err == nil && now-s.SeenAt >= 60 { // once a minute is enough: it is a write
		err = a.chore(ctx, func(t *tx) error {
			return execute(ctx, t.db, "UPDATE sessions SET seen_at = ? WHERE token_hash = ?", now, s.TokenHash)
		})
	}
	return u, actor, err
}

// Glance is Authenticate for what a page asks by itself, such as an open map: the person may be long gone, so it does not count as activity.
func (a *App) Glance(ctx context.Context, token string) (User, Actor, error) {
	_, u, actor, err := a.session(ctx, token)
	return u, actor, err
}

// session reads the session of a token with its person. Expiry is checked here, on reading.
func (a *App) session(ctx context.Context, token string) (Session, User, Actor, error) {
	s, err := table[Session](a.db.read).Where("token_hash = ?", hashToken(token)).First(ctx)
	if noRow(err) {
		return Session{}, User{}, Actor{}, denied()
	}
	if err != nil {
		return Session{}, User{}, Actor{}, err
	}
	if a.isOver(s.SeenAt, s.ExpiresAt) {
		return Session{}, User{}, Actor{}, denied()
	}
	u, err := table[User](a.db.read).Where("id = ?", s.UserID).First(ctx)
	if err != nil {
		return Session{}, User{}, Actor{}, err
	}
	if u.Disabled {
		return Session{}, User{}, Actor{}, denied()
	}
	actor, err := a.actorOf(ctx, u)
	u.PasswordHash = ""
	return s, u, actor, err
}

// isOver tells whether a session that was last used, and that ends at the latest, at these times is over now.
func (a *App) isOver(seen, expires int64) bool {
	now := a.Now().Unix()
	return now >= expires || now >= seen+int64(a.opt.SessionIdle/time.Second)
}

// SignOut ends the session of a token.
func (a *App) SignOut(ctx context.Context, actor Actor, token string) error {
	return a.write(ctx, actor, func(t *tx) error {
		if _, err := table[Session](t.db).Where("token_hash = ?", hashToken(token)).Delete(ctx); err != nil {
			return err
		}
		t.record(change{action: "session.end", kind: "user", id: actor.ID})
		return nil
	})
}

// shutOut ends everything with which somebody could act in a person's name: sessions, one-time links, and what is remembered of browsers.
func (t *tx) shutOut(user int64) error {
	for _, from := range []string{"sessions", "setup_tokens", "known_devices"} {
		if err := execute(t.ctx, t.db, "DELETE FROM "+from+" WHERE user_id = ?", user); err != nil {
			return err
		}
	}
	return nil
}

// newToken is 256 random bits.
func (a *App) newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(a.opt.Rand, b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// PurgeSessions deletes sessions that are over, old sign-in counters, dead links and browsers that were not used for long; they count for nothing any more, this only tidies.
// Who signed in when and from where, and who failed to, is in the journal (session.begin, session.refuse, session.end) and stays for ever, longer than the six months
// that the law asks of security logs.
func (a *App) PurgeSessions(ctx context.Context) error {
	return a.chore(ctx, func(t *tx) error {
		idle := t.now.Unix() - int64(a.opt.SessionIdle/time.Second)
		if _, err := table[LoginAttempt](t.db).Where("since < ?", t.now.Add(-attemptWindow).Unix()).Delete(ctx); err != nil {
			return err
		}
		if _, err := table[SetupToken](t.db).Where("used_at > 0 OR expires_at <= ?", t.now.Unix()).Delete(ctx); err != nil {
			return err
		}
		if _, err := table[KnownDevice](t.db).Where("seen_at <= ?", t.now.Add(-deviceLife).Unix()).Delete(ctx); err != nil {
			return err
		}
		_, err := table[Session](t.db).Where("expires_at <= ? OR seen_at <= ?", t.now.Unix(), idle).Delete(ctx)
		return err
	})
}
