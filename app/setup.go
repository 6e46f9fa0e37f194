package app

import (
	"context"
	"strings"
	"time"

	"battlemap/workflows"
)

// setupLife is how long a one-time link can be used.
const setupLife = 24 * time.Hour

// HasUsers tells whether anybody has an account yet.
func (a *App) HasUsers(ctx context.Context) (bool, error) {
	n, err := table[User](a.db.read).Count(ctx, "id")
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
		if actor.Kind == "user" && actor.ID == user {
			return refused("own_invite", nil)
		}
		u, err := look[User](t, user)
		if err != nil {
			return err
		}
		if u.Disabled {
			return refused("shut_invite", nil)
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
		if _, err := table[SetupToken](t.db).Where("user_id = ?", user).Delete(ctx); err != nil {
			return err
		}
		return table[SetupToken](t.db).Create(ctx, &SetupToken{TokenHash: hashToken(token), UserID: user, ExpiresAt: t.now.Add(setupLife).Unix()})
	})
}

// SetupUser tells for whom an unused token is: nil for the first administrator; Missing when the token is used, old or unknown, or the account is shut.
func (a *App) SetupUser(ctx context.Context, token string) (*User, error) {
	s, err := table[SetupToken](a.db.read).Where("token_hash = ? AND used_at = 0 AND expires_at > ?", hashToken(token), a.Now().Unix()).First(ctx)
	if noRow(err) {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	if s.UserID == 0 {
		return nil, a.nobodyYet(ctx)
	}
	u, err := table[User](a.db.read).Where("id = ?", s.UserID).First(ctx)
	if err != nil || u.Disabled {
		return nil, errOr(err, missing())
	}
	u.PasswordHash = ""
	return &u, nil
}

// nobodyYet tells that the first link is dead once there are accounts, however they came (a restored backup, the command line).
func (a *App) nobodyYet(ctx context.Context) error {
	has, err := a.HasUsers(ctx)
	if err == nil && has {
		return missing()
	}
	return err
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
	about := []string{account, cmd.Name, cmd.Unit, cmd.Place}
	if invited != nil {
		if about, err = a.about(ctx, *invited); err != nil {
			return err
		}
	}
	hash, err := a.hashPassword(cmd.Password, cmd.Again, about)
	if err != nil {
		return err
	}
	actor := Setup("one-time link")
	actor.Address = address
	return a.write(ctx, actor, func(t *tx) error {
		n, err := table[SetupToken](t.db).Where("token_hash = ? AND used_at = 0", hashToken(token)).Update(ctx, "used_at", t.now.Unix())
		if err != nil {
			return err
		}
		if n != 1 {
			return missing()
		}
		if invited != nil {
			if u, err := get[User](t, invited.ID); err != nil || u.Disabled { // shut since the link was opened
				return errOr(err, missing())
			}
			return t.storePassword(invited.ID, hash)
		}
		return t.firstAdministrator(cmd, account, hash)
	})
}

func (t *tx) firstAdministrator(cmd CompleteSetup, account, hash string) error {
	if n, err := table[User](t.db).Count(t.ctx, "id"); err != nil || n > 0 {
		return errOr(err, missing())
	}
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
