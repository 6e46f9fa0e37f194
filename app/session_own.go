package app

import (
	"context"
	"slices"
	"time"
)

// confirmFor is how long a password counts as just given when the options say nothing [P].
const confirmFor = 15 * time.Minute

// OwnSession is a session as its owner sees it. The code names it and opens nothing.
type OwnSession struct {
	Code              string
	CreatedAt, SeenAt int64
	Address, Agent    string
	Present           bool // the one that asks
}

// OwnSessions lists the actor's open sessions, the present one first, then those used last.
func (a *App) OwnSessions(ctx context.Context, actor Actor, token string) ([]OwnSession, error) {
	rows, err := table[Session](a.db.read).Where("user_id = ?", actor.ID).Order("seen_at DESC, created_at DESC, code").Find(ctx)
	if err != nil {
		return nil, err
	}
	var out []OwnSession
	for _, s := range rows {
		if a.isOver(s.SeenAt, s.ExpiresAt) {
			continue
		}
		out = append(out, OwnSession{Code: s.Code, CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, Address: s.Address, Agent: s.Agent, Present: s.TokenHash == hashToken(token)})
	}
	slices.SortStableFunc(out, func(x, y OwnSession) int { return rank(y.Present) - rank(x.Present) })
	return out, nil
}

func rank(present bool) int {
	if present {
		return 1
	}
	return 0
}

// EndSession ends one of the actor's own sessions; Missing for anybody else's, as for one that there is not.
func (a *App) EndSession(ctx context.Context, actor Actor, code string) error {
	return a.write(ctx, actor, func(t *tx) error {
		n, err := table[Session](t.db).Where("code = ? AND user_id = ?", plain(code), actor.ID).Delete(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return missing()
		}
		t.record(change{action: "session.end", kind: "user", id: actor.ID})
		return nil
	})
}

// EndOtherSessions ends all sessions of the actor but the one of the token.
func (a *App) EndOtherSessions(ctx context.Context, actor Actor, token string) error {
	return a.write(ctx, actor, func(t *tx) error {
		n, err := table[Session](t.db).Where("user_id = ? AND token_hash <> ?", actor.ID, hashToken(token)).Delete(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			return refused("no_other_session", nil)
		}
		t.record(change{action: "session.end_others", kind: "user", id: actor.ID, after: map[string]any{"sessions": n}})
		return nil
	})
}

// Confirm takes the password of somebody who is signed in once more, before something grave. The session goes on under a new token, which is returned; the old one is
// dead. Denied when the session is over.
func (a *App) Confirm(ctx context.Context, actor Actor, account, token, password string) (string, error) {
	counts := ownCounts(account, actor.Address)
	if err := a.countAttempt(ctx, counts); err != nil {
		return "", err
	}
	user, err := a.checkPassword(ctx, account, password)
	if err != nil {
		return "", err
	}
	if user == nil || user.ID != actor.ID {
		return "", a.refusePassword(ctx, actor, account, "confirm_password")
	}
	next, err := a.newToken()
	if err != nil {
		return "", err
	}
	return next, a.write(ctx, actor, func(t *tx) error {
		if err := t.stillOpen(*user); err != nil {
			return err
		}
		var held string
		err := scanOne(t.db.Raw("UPDATE sessions SET token_hash = ?, confirmed_at = ? WHERE token_hash = ? AND user_id = ? RETURNING code",
			hashToken(next), t.now.Unix(), hashToken(token), actor.ID), &held)
		if noRow(err) {
			return denied()
		}
		if err != nil {
			return err
		}
		if err := t.forgiveAttempt(counts); err != nil {
			return err
		}
		t.record(change{action: "session.confirm", kind: "user", id: actor.ID, no: user.Account})
		return nil
	})
}

// confirmed tells whether a password that was given at a time still counts as just given.
func (a *App) confirmed(at int64) bool {
	return a.Now().Unix() < at+int64(a.opt.ConfirmFor/time.Second)
}
