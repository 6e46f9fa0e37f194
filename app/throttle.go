package app

import (
	"context"
	"fmt"
	"time"
)

// LoginAttempt counts passwords that were tried under one key: of one account from one address, of one account, from one address, or in one known browser.
type LoginAttempt struct {
	Key      string `gorm:"primaryKey"`
	Failures int
	Since    int64
}

// How many wrong passwords a quarter of an hour takes [P].
const (
	attemptWindow   = 15 * time.Minute
	attemptsPair    = 8  // of one account from one address, or in one known browser
	attemptsAccount = 40 // of one account from all addresses, browsers that the account has signed in with before left out
	attemptsAddress = 60 // from one address over all accounts
)

// count is one key under which tries are counted, and how many it takes.
type count struct {
	key   string
	limit int
}

// strangersCounts are those of a sign-in from a browser that the account has not signed in with before.
func strangersCounts(account, address string) []count {
	account = clip(account, 40)
	return []count{{"pair " + account + " " + address, attemptsPair}, {"account " + account, attemptsAccount}, {"address " + address, attemptsAddress}}
}

// knownCounts is that of a browser in which the account has signed in before: what strangers try, elsewhere or behind the same address, does not keep the owner out.
func knownCounts(account, device string) []count {
	return []count{{"device " + clip(account, 40) + " " + hashToken(device), attemptsPair}}
}

// ownCounts are those of somebody signed in who gives the password once more.
func ownCounts(account, address string) []count {
	return []count{{"password " + account, attemptsPair}, {"address " + address, attemptsAddress}}
}

// countAttempt counts a try before the password is compared, in a transaction of its own: guesses that come at once count like guesses in a row, and a
// failed request does not take its count back. Too many within the window are refused unseen.
func (a *App) countAttempt(ctx context.Context, counts []count) error {
	tooMany := false
	err := a.chore(ctx, func(t *tx) error {
		tooMany = false
		now, start := t.now.Unix(), t.now.Add(-attemptWindow).Unix()
		for _, c := range counts {
			var n int
			err := scanOne(t.db.Raw(`INSERT INTO login_attempts (key, failures, since) VALUES (?, 1, ?)
ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN login_attempts.since > ? THEN login_attempts.failures + 1 ELSE 1 END,
since = CASE WHEN login_attempts.since > ? THEN login_attempts.since ELSE ? END RETURNING failures`, c.key, now, start, start, now), &n)
			if err != nil {
				return fmt.Errorf("count sign-in attempts: %w", err)
			}
			if n > c.limit {
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

// forgiveAttempt takes the counts of a right password back: the first begins anew, from the others this one try is taken.
func (t *tx) forgiveAttempt(counts []count) error {
	if _, err := table[LoginAttempt](t.db).Where("key = ?", counts[0].key).Delete(t.ctx); err != nil {
		return err
	}
	for _, c := range counts[1:] {
		if err := execute(t.ctx, t.db, "UPDATE login_attempts SET failures = failures - 1 WHERE key = ? AND failures > 0", c.key); err != nil {
			return err
		}
	}
	return nil
}
