package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"gorm.io/gorm"

	"battlemap/workflows"
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
	minPassword     = 12 // characters
	maxPassword     = 128
	setupLife       = 24 * time.Hour
)

// passwordParams are argon2id with 64 MiB, 3 passes and 1 lane (RFC 9106, second recommendation with fewer lanes).
func passwordParams() *argon2id.Params {
	return &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// unknownHash is compared when there is no such account, so that both cases take the same time. It is the hash of a random password nobody kept.
const unknownHash = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$3mKJ6kVY5b3m1JwYx0r0oV1kq0l2aQxZ2kz1x0b8l1Y"

// SignIn checks the password and opens a session; the token is returned once and never stored. Wrong account and wrong password look the same.
func (a *App) SignIn(ctx context.Context, account, password, address, agent string) (string, error) {
	account = strings.ToLower(strings.TrimSpace(account))
	keys := []string{"pair " + account + " " + address, "address " + address}
	if err := a.throttled(ctx, keys); err != nil {
		return "", err
	}
	user, err := a.checkPassword(ctx, account, password)
	if err != nil {
		return "", err
	}
	if user == nil {
		return "", a.refuseSignIn(ctx, keys, account, address)
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
		if err := gorm.G[Session](t.db).Create(ctx, s); err != nil {
			return err
		}
		if _, err := gorm.G[LoginAttempt](t.db).Where("key = ?", keys[0]).Delete(ctx); err != nil {
			return err
		}
		t.record(change{action: "session.begin", kind: "user", id: user.ID, no: user.Account})
		return nil
	})
	return token, err
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// checkPassword returns the user when the account is open and the password right, nil otherwise.
func (a *App) checkPassword(ctx context.Context, account, password string) (*User, error) {
	u, err := gorm.G[User](a.db.read).Where("account = ?", account).First(ctx)
	if err != nil && !noRow(err) {
		return nil, err
	}
	hash := u.PasswordHash
	if hash == "" || len(password) > 4*maxPassword {
		hash, password = unknownHash, ""
	}
	a.passwords <- struct{}{}
	ok, cmpErr := argon2id.ComparePasswordAndHash(password, hash)
	<-a.passwords
	if cmpErr != nil {
		return nil, fmt.Errorf("compare password: %w", cmpErr)
	}
	if !ok || u.PasswordHash == "" || u.Disabled {
		return nil, nil
	}
	return &u, nil
}

func (a *App) throttled(ctx context.Context, keys []string) error {
	rows, err := gorm.G[LoginAttempt](a.db.read).Where("key IN ? AND since > ?", keys, a.Now().Add(-attemptWindow).Unix()).Find(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Key == keys[0] && r.Failures >= attemptsPair || r.Key == keys[1] && r.Failures >= attemptsAddress {
			return &Fault{Kind: Limited, Key: "too_many_attempts", Args: map[string]any{"Minutes": int(attemptWindow / time.Minute)}}
		}
	}
	return nil
}

// refuseSignIn counts the failure in a transaction of its own and records it.
func (a *App) refuseSignIn(ctx context.Context, keys []string, account, address string) error {
	actor := System("sign-in")
	actor.Address = address
	err := a.write(ctx, actor, func(t *tx) error {
		now, start := t.now.Unix(), t.now.Add(-attemptWindow).Unix()
		for _, key := range keys {
			err := gorm.G[any](t.db).Exec(ctx, `INSERT INTO login_attempts (key, failures, since) VALUES (?, 1, ?)
ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN login_attempts.since > ? THEN login_attempts.failures + 1 ELSE 1 END,
since = CASE WHEN login_attempts.since > ? THEN login_attempts.since ELSE ? END`, key, now, start, start, now)
			if err != nil {
				return err
			}
		}
		t.record(change{action: "session.refuse", kind: "account", no: clip(account, 40)})
		return nil
	})
	return errors.Join(&Fault{Kind: Invalid, Key: "wrong_password", Field: "password"}, err)
}

// Authenticate finds the open session of a token and the person it belongs to. Expiry is checked here, on reading; Denied when it is over.
func (a *App) Authenticate(ctx context.Context, token string) (User, Actor, error) {
	s, err := gorm.G[Session](a.db.read).Where("token_hash = ?", hashToken(token)).First(ctx)
	if noRow(err) {
		return User{}, Actor{}, denied()
	}
	if err != nil {
		return User{}, Actor{}, err
	}
	now := a.Now().Unix()
	if now >= s.ExpiresAt || now >= s.SeenAt+int64(a.opt.SessionIdle/time.Second) {
		return User{}, Actor{}, denied()
	}
	u, err := gorm.G[User](a.db.read).Where("id = ?", s.UserID).First(ctx)
	if err != nil {
		return User{}, Actor{}, err
	}
	if u.Disabled {
		return User{}, Actor{}, denied()
	}
	if now-s.SeenAt >= 60 { // once a minute is enough: it is a write
		err = a.chore(ctx, func(t *tx) error {
			return gorm.G[any](t.db).Exec(ctx, "UPDATE sessions SET seen_at = ? WHERE token_hash = ?", now, s.TokenHash)
		})
		if err != nil {
			return User{}, Actor{}, err
		}
	}
	actor, err := a.actorOf(ctx, u)
	u.PasswordHash = ""
	return u, actor, err
}

// SignOut ends the session of a token.
func (a *App) SignOut(ctx context.Context, actor Actor, token string) error {
	return a.write(ctx, actor, func(t *tx) error {
		if _, err := gorm.G[Session](t.db).Where("token_hash = ?", hashToken(token)).Delete(ctx); err != nil {
			return err
		}
		t.record(change{action: "session.end", kind: "user", id: actor.ID})
		return nil
	})
}

func (t *tx) endSessions(user int64) error {
	_, err := gorm.G[Session](t.db).Where("user_id = ?", user).Delete(t.ctx)
	return err
}

// SetPassword is the command of somebody who changes their own password.
type SetPassword struct{ Current, New, Again string }

// SetPassword changes the actor's own password and ends all their sessions.
func (a *App) SetPassword(ctx context.Context, actor Actor, account string, cmd SetPassword) error {
	user, err := a.checkPassword(ctx, account, cmd.Current)
	if err != nil {
		return err
	}
	if user == nil || user.ID != actor.ID {
		return invalid("current", "wrong_password", nil)
	}
	hash, err := a.hashPassword(cmd.New, cmd.Again, account)
	if err != nil {
		return err
	}
	return a.write(ctx, actor, func(t *tx) error { return t.storePassword(actor.ID, hash) })
}

// hashPassword checks the rules for passwords (length, no account or product name in it) and hashes it.
func (a *App) hashPassword(password, again, account string) (string, error) {
	n := len([]rune(password))
	lower := strings.ToLower(password)
	switch {
	case n < minPassword:
		return "", invalid("password", "password_short", map[string]any{"Min": minPassword, "N": n})
	case n > maxPassword:
		return "", invalid("password", "too_long", map[string]any{"Limit": maxPassword, "N": n})
	case password != again:
		return "", invalid("again", "password_again", nil)
	case account != "" && strings.Contains(lower, account), strings.Contains(lower, "battlemap"), strings.Contains(lower, "123456"), strings.Contains(lower, "password"),
		strings.Count(password, password[:1]) > n/2:
		return "", invalid("password", "password_weak", nil)
	}
	a.passwords <- struct{}{}
	defer func() { <-a.passwords }()
	return argon2id.CreateHash(password, passwordParams())
}

func (t *tx) storePassword(user int64, hash string) error {
	u, err := get[User](t, user)
	if err != nil {
		return err
	}
	u.PasswordHash = hash
	if err := update(t, u); err != nil {
		return err
	}
	if err := t.endSessions(user); err != nil {
		return err
	}
	t.record(change{action: "user.password", kind: "user", id: u.ID, no: u.Account})
	return nil
}

// ResetPassword sets a password from the machine's command line; only a Setup actor may.
func (a *App) ResetPassword(ctx context.Context, actor Actor, account, password string) error {
	if actor.Kind != "setup" {
		return denied()
	}
	who, err := a.Actor(ctx, account)
	if err != nil {
		return err
	}
	hash, err := a.hashPassword(password, password, account)
	if err != nil {
		return err
	}
	return a.write(ctx, actor, func(t *tx) error { return t.storePassword(who.ID, hash) })
}

// HasUsers tells whether anybody has an account yet.
func (a *App) HasUsers(ctx context.Context) (bool, error) {
	n, err := gorm.G[User](a.db.read).Count(ctx, "id")
	return n > 0, err
}

// FirstLink makes the one-time token for the first administrator; an earlier unused one dies.
func (a *App) FirstLink(ctx context.Context) (string, error) {
	has, err := a.HasUsers(ctx)
	if err != nil {
		return "", err
	}
	if has {
		return "", refused("already_set_up", nil)
	}
	return a.newSetupToken(ctx, 0)
}

// InviteLink makes a one-time token with which a person sets their password; administrators only.
func (a *App) InviteLink(ctx context.Context, actor Actor, user int64) (string, error) {
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		u, err := get[User](t, user)
		if err != nil {
			return err
		}
		t.record(change{action: "user.invite", kind: "user", id: u.ID, no: u.Account})
		return nil
	})
	if err != nil {
		return "", err
	}
	return a.newSetupToken(ctx, user)
}

func (a *App) newSetupToken(ctx context.Context, user int64) (string, error) {
	token, err := a.newToken()
	if err != nil {
		return "", err
	}
	return token, a.chore(ctx, func(t *tx) error {
		if _, err := gorm.G[SetupToken](t.db).Where("user_id = ?", user).Delete(ctx); err != nil {
			return err
		}
		return gorm.G[SetupToken](t.db).Create(ctx, &SetupToken{TokenHash: hashToken(token), UserID: user, ExpiresAt: t.now.Add(setupLife).Unix()})
	})
}

// SetupUser tells for whom an unused token is: nil for the first administrator; Missing when the token is used, old or unknown.
func (a *App) SetupUser(ctx context.Context, token string) (*User, error) {
	s, err := gorm.G[SetupToken](a.db.read).Where("token_hash = ? AND used_at = 0 AND expires_at > ?", hashToken(token), a.Now().Unix()).First(ctx)
	if noRow(err) {
		return nil, missing("link")
	}
	if err != nil || s.UserID == 0 {
		return nil, err
	}
	u, err := gorm.G[User](a.db.read).Where("id = ?", s.UserID).First(ctx)
	u.PasswordHash = ""
	return &u, err
}

// CompleteSetup is the command behind a one-time link; Place, Unit, Account and Name only count for the first administrator.
type CompleteSetup struct{ Place, Unit, Account, Name, Password, Again string }

// CompleteSetup uses up the token: it makes the first administrator with their unit, or sets the invited person's password.
func (a *App) CompleteSetup(ctx context.Context, token, address string, cmd CompleteSetup) error {
	invited, err := a.SetupUser(ctx, token)
	if err != nil {
		return err
	}
	account := strings.ToLower(strings.TrimSpace(cmd.Account))
	if invited != nil {
		account = invited.Account
	}
	hash, err := a.hashPassword(cmd.Password, cmd.Again, account)
	if err != nil {
		return err
	}
	actor := Setup("one-time link")
	actor.Address = address
	return a.write(ctx, actor, func(t *tx) error {
		n, err := gorm.G[SetupToken](t.db).Where("token_hash = ? AND used_at = 0", hashToken(token)).Update(ctx, "used_at", t.now.Unix())
		if err != nil {
			return err
		}
		if n != 1 {
			return missing("link")
		}
		if invited != nil {
			return t.storePassword(invited.ID, hash)
		}
		return t.firstAdministrator(cmd, account, hash)
	})
}

func (t *tx) firstAdministrator(cmd CompleteSetup, account, hash string) error {
	var c check
	c.text("unit", cmd.Unit, 60, false)
	if err := c.err(); err != nil {
		return err
	}
	if err := t.setPlace(cmd.Place); err != nil {
		return err
	}
	unit := &Unit{Code: "001", Name: strings.TrimSpace(cmd.Unit), Kind: "bureau", ValidFrom: t.today}
	if err := insert(t, unit); err != nil {
		return taken(err, "unit")
	}
	t.record(change{action: "unit.add", kind: "unit", id: unit.ID, no: unit.Code, after: unit})
	user := &User{Account: account, Name: strings.TrimSpace(cmd.Name), UnitID: unit.ID, Lang: "zh-CN", PasswordHash: hash}
	if err := t.addUser(user); err != nil {
		return err
	}
	return t.grant(&RoleGrant{UserID: user.ID, Role: workflows.RoleAdministrator, Scope: "district"})
}

// newToken is 256 random bits.
func (a *App) newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := a.opt.Rand.Read(b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// PurgeSessions deletes sessions that are over; they are dead anyway, this only tidies.
func (a *App) PurgeSessions(ctx context.Context) error {
	return a.chore(ctx, func(t *tx) error {
		idle := t.now.Unix() - int64(a.opt.SessionIdle/time.Second)
		_, err := gorm.G[Session](t.db).Where("expires_at <= ? OR seen_at <= ?", t.now.Unix(), idle).Delete(ctx)
		return err
	})
}
