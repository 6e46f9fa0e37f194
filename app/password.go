package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/alexedwards/argon2id"
)

const (
	minPassword = 12 // characters
	maxPassword = 128
)

// passwordParams are argon2id with 64 MiB, 3 passes and 1 lane (RFC 9106, second recommendation with fewer lanes).
func passwordParams() *argon2id.Params {
	return &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// unknownHash is compared when there is no such account, so that both cases take the same time. It is the hash of a random password nobody kept.
const unknownHash = "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$3mKJ6kVY5b3m1JwYx0r0oV1kq0l2aQxZ2kz1x0b8l1Y"

// checkPassword returns the user when the account is open and the password right, nil otherwise.
func (a *App) checkPassword(ctx context.Context, account, password string) (*User, error) {
	u, err := table[User](a.db.read).Where("account = ?", account).First(ctx)
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

// SetPassword is the command of somebody who changes their own password.
type SetPassword struct{ Current, New, Again string }

// SetPassword changes the actor's own password and ends all their sessions.
func (a *App) SetPassword(ctx context.Context, actor Actor, account string, cmd SetPassword) error {
	keys := []string{"password " + account, "address " + actor.Address}
	if err := a.countAttempt(ctx, keys); err != nil {
		return err
	}
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
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.forgiveAttempt(keys); err != nil {
			return err
		}
		return t.storePassword(actor.ID, hash)
	})
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
		mostlyOne(password):
		return "", invalid("password", "password_weak", nil)
	}
	a.passwords <- struct{}{}
	defer func() { <-a.passwords }()
	return argon2id.CreateHash(password, passwordParams())
}

// mostlyOne tells whether one character makes up more than half of the password.
func mostlyOne(password string) bool {
	count, n := map[rune]int{}, 0
	for _, r := range password {
		count[r]++
		n++
	}
	for _, times := range count {
		if times > n/2 {
			return true
		}
	}
	return false
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
