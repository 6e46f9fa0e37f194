package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Session is a signed-in browser. Only the hash of its token is stored.
type Session struct {
	TokenHash string `gorm:"primaryKey"`
	UserID    int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	SeenAt    int64
	ExpiresAt int64
	Address   string
	Agent     string
}

// SetupToken lets one person set a password once: the first administrator (UserID 0), or an account that was made for them.
type SetupToken struct {
	TokenHash string `gorm:"primaryKey"`
	UserID    int64
	ExpiresAt int64
	UsedAt    int64
}

// LoginAttempt counts failed sign-ins from one address for one account.
type LoginAttempt struct {
	Key      string `gorm:"primaryKey"`
	Failures int
	Since    int64
}

const (
	attemptWindow   = 15 * time.Minute
	attemptsPair    = 8  // failures of one account from one address
	attemptsAddress = 60 // failures from one address over all accounts
)

// SignIn checks the password and opens a session; the token is returned once and never stored. Wrong account and wrong password look the same.
func (a *App) SignIn(ctx context.Context, account, password, address, agent string) (string, error) {
	account = plain(strings.ToLower(strings.TrimSpace(account)))
	keys := []string{"pair " + clip(account, 40) + " " + address, "address " + address}
	if err := a.countAttempt(ctx, keys); err != nil {
		return "", err
	}
	user, err := a.checkPassword(ctx, account, password)
	if err != nil {
		return "", err
	}
	if user == nil {
		return "", a.refuseSignIn(ctx, account, address)
	}
	actor, err := a.actorOf(ctx, *user)
	if err != nil {
		return "", err
	}
	actor.Address = address
	token, err := a.newToken()
	if err != nil {
		return "", err
	}
	err = a.write(ctx, actor, func(t *tx) error {
		s := &Session{TokenHash: hashToken(token), UserID: user.ID, CreatedAt: t.now.Unix(), SeenAt: t.now.Unix(),
			ExpiresAt: t.now.Add(a.opt.SessionMax).Unix(), Address: address, Agent: clip(agent, 200)}
		if err := table[Session](t.db).Create(ctx, s); err != nil {
			return err
		}
		if err := t.forgiveAttempt(keys); err != nil {
			return err
		}
		t.record(change{action: "session.begin", kind: "user", id: user.ID, no: user.Account}) // with the address: the log of sign-ins is the journal, which nobody purges
		return nil
	})
	return token, err
}

// clip makes text of at most n bytes out of what came from outside.
func clip(s string, n int) string {
	return plain(s[:min(n, len(s))])
}

// plain drops what no database stores as text, so that looking for it finds nothing instead of failing.
func plain(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") }

// countAttempt counts a try before the password is compared, in a transaction of its own: guesses that come at once count like guesses in a row, and a
// failed request does not take its count back. Too many within the window are refused unseen.
func (a *App) countAttempt(ctx context.Context, keys []string) error {
	limits := []int{attemptsPair, attemptsAddress}
	tooMany := false
	err := a.chore(ctx, func(t *tx) error {
		tooMany = false
		now, start := t.now.Unix(), t.now.Add(-attemptWindow).Unix()
		for i, key := range keys {
			var n int
			err := scanOne(t.db.Raw(`INSERT INTO login_attempts (key, failures, since) VALUES (?, 1, ?)
ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN login_attempts.since > ? THEN login_attempts.failures + 1 ELSE 1 END,
since = CASE WHEN login_attempts.since > ? THEN login_attempts.since ELSE ? END RETURNING failures`, key, now, start, start, now), &n)
			if err != nil {
				return fmt.Errorf("count sign-in attempts: %w", err)
			}
			if n > limits[i] {
				tooMany = true
				return nil // one account's guesses do not use up the whole office's address
			}
		}
		return nil
	})
	if err != nil || !tooMany {
		return err
	}
	return &Fault{Kind: Limited, Key: "too_many_attempts", Args: map[string]any{"Minutes": int(attemptWindow / time.Minute)}}
}

// forgiveAttempt takes the count of a successful sign-in back.
func (t *tx) forgiveAttempt(keys []string) error {
	if _, err := table[LoginAttempt](t.db).Where("key = ?", keys[0]).Delete(t.ctx); err != nil {
		return err
	}
	return execute(t.ctx, t.db, "UPDATE login_attempts SET failures = failures - 1 WHERE key = ? AND failures > 0", keys[1])
}

// refuseSignIn records the failure; the count stands already.
func (a *App) refuseSignIn(ctx context.Context, account, address string) error {
	actor := System("sign-in")
	actor.Address = address
	err := a.write(ctx, actor, func(t *tx) error {
		t.record(change{action: "session.refuse", kind: "account", no: clip(account, 40)})
		return nil
	})
	return errors.Join(&Fault{Kind: Invalid, Key: "wrong_password", Field: "password"}, err)
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
	now := a.Now().Unix()
	if now >= s.ExpiresAt || now >= s.SeenAt+int64(a.opt.SessionIdle/time.Second) {
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

func (t *tx) endSessions(user int64) error {
	_, err := table[Session](t.db).Where("user_id = ?", user).Delete(t.ctx)
	return err
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

// PurgeSessions deletes sessions that are over, old sign-in counters and dead links; they count for nothing any more, this only tidies.
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
		_, err := table[Session](t.db).Where("expires_at <= ? OR seen_at <= ?", t.now.Unix(), idle).Delete(ctx)
		return err
	})
}
