package app

import (
	"context"
	"time"
)

// KnownDevice is a browser in which a person has signed in before. It opens nothing: it only keeps the guesses of strangers from locking the person out of it.
type KnownDevice struct {
	TokenHash string `gorm:"primaryKey"`
	UserID    int64  `gorm:"primaryKey;autoIncrement:false"`
	SeenAt    int64
}

// deviceLife is how long a browser is known after its last sign-in [P].
const deviceLife = 180 * 24 * time.Hour

// DeviceLife is how long a browser is known after its last sign-in.
func DeviceLife() time.Duration { return deviceLife }

// knows tells whether an account has signed in with the browser that holds this token.
func (a *App) knows(ctx context.Context, account, device string) (bool, error) {
	if device == "" {
		return false, nil
	}
	n, err := table[KnownDevice](a.db.read).Where("token_hash = ? AND seen_at > ? AND user_id = (SELECT id FROM users WHERE account = ?)", hashToken(device), a.Now().Add(-deviceLife).Unix(), account).Count(ctx, "user_id")
	return n > 0, err
}

// deviceToken is the token under which a browser is known: the one that it has when that came from here, else a new one. What a stranger has planted is not kept.
func (a *App) deviceToken(ctx context.Context, had string) (string, error) {
	if had != "" {
		n, err := table[KnownDevice](a.db.read).Where("token_hash = ?", hashToken(had)).Count(ctx, "user_id")
		if err != nil || n > 0 {
			return had, err
		}
	}
	return a.newToken()
}

// know notes that a person has signed in with a browser.
func (t *tx) know(user int64, device string) error {
	return execute(t.ctx, t.db, `INSERT INTO known_devices (token_hash, user_id, seen_at) VALUES (?, ?, ?)
ON CONFLICT (token_hash, user_id) DO UPDATE SET seen_at = excluded.seen_at`, hashToken(device), user, t.now.Unix())
}
