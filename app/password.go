package app

import (
	"context"
	"fmt"

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
	a.hashed()
	if cmpErr != nil {
		return nil, fmt.Errorf("compare password: %w", cmpErr)
	}
	if !ok || u.PasswordHash == "" || u.Disabled {
		return nil, nil
	}
	return &u, nil
}

// hashed ends a hash. The 64 MiB that it took can go back to the system when no other needs them.
func (a *App) hashed() {
	<-a.passwords
	if len(a.passwords) == 0 && a.opt.Spare != nil {
		a.opt.Spare()
	}
}

// SetPassword is the command of somebody who changes their own password.
type SetPassword struct{ Current, New, Again string }

// SetPassword changes the actor's own password and ends all their sessions.
func (a *App) SetPassword(ctx context.Context, actor Actor, account string, cmd SetPassword) error {
	counts := ownCounts(account, actor.Address)
	if err := a.countAttempt(ctx, counts); err != nil {
		return err
	}
	user, err := a.checkPassword(ctx, account, cmd.Current)
	if err != nil {
		return err
	}
	if user == nil || user.ID != actor.ID {
		return a.refusePassword(ctx, actor, account, "current")
	}
	about, err := a.about(ctx, *user)
	if err != nil {
		return err
	}
	hash, err := a.hashPassword(cmd.New, cmd.Again, about)
	if err != nil {
		return err
	}
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.stillOpen(*user); err != nil {
			return err
		}
		if err := t.forgiveAttempt(counts); err != nil {
			return err
		}
		return t.storePassword(actor.ID, hash)
	})
}

// refusePassword records that somebody who is signed in gave a wrong password; the count stands already.
func (a *App) refusePassword(ctx context.Context, actor Actor, account, field string) error {
	err := a.write(ctx, actor, func(t *tx) error {
		t.record(change{action: "session.refuse", kind: "account", no: clip(account, 40)})
		return nil
	})
	return errOr(err, invalid(field, "not_the_password", nil))
}

// stillOpen tells, inside the door, that the account is as it was when the password was compared: comparing takes a while, in which an administrator may have shut
// the account, or its owner changed the password.
func (t *tx) stillOpen(compared User) error {
	u, err := get[User](t, compared.ID)
	if err != nil {
		return err
	}
	if u.Disabled || u.PasswordHash != compared.PasswordHash {
		return denied()
	}
	return nil
}

// hashPassword checks the rules for passwords and hashes it: its length, and that nobody who knows what about says could guess it.
func (a *App) hashPassword(password, again string, about []string) (string, error) {
	n := len([]rune(password))
	switch {
	case n < minPassword:
		return "", invalid("password", "password_short", map[string]any{"Min": minPassword, "N": n})
	case n > maxPassword:
		return "", invalid("password", "too_long", map[string]any{"Limit": maxPassword, "N": n})
	case password != again:
		return "", invalid("again", "password_again", nil)
	case guessable(password, about):
		return "", invalid("password", "password_weak", nil)
	}
	a.passwords <- struct{}{}
	defer a.hashed()
	return argon2id.CreateHash(password, passwordParams())
}

// about is what everybody knows of an account: its name, the person's, their unit's and the district's.
func (a *App) about(ctx context.Context, u User) ([]string, error) {
	who, err := a.actorOf(ctx, u)
	if err != nil {
		return nil, err
	}
	place, err := a.Place(ctx)
	return []string{u.Account, u.Name, who.Unit, place}, err
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
	if err := t.shutOut(user); err != nil {
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
	u, err := found(table[User](a.db.read).Where("account = ?", account).First(ctx))
	if err != nil {
		return err
	}
	about, err := a.about(ctx, *u)
	if err != nil {
		return err
	}
	hash, err := a.hashPassword(password, password, about)
	if err != nil {
		return err
	}
	return a.write(ctx, actor, func(t *tx) error { return t.storePassword(u.ID, hash) })
}
