package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// SigningKey is a key that signs checkpoints, and how the one before named it. The first key of an installation has no row: it is the Previous of the first change.
type SigningKey struct {
	ID        int64 `gorm:"primaryKey"`
	PublicKey string
	Previous  string
	Statement string // signed by the previous key (docs/journal.md)
	At        int64
}

// RotateKey is the command that names a new key: the public halves, and the statement that the old key signed.
type RotateKey struct{ Public, Previous, Statement string }

// RotateKey records that a new key signs from now on. Only somebody at the machine can, where the keys lie; the caller signs a last checkpoint with the old key
// afterwards, so that the record of the change is covered by it.
func (a *App) RotateKey(ctx context.Context, actor Actor, cmd RotateKey) error {
	return a.write(ctx, actor, func(t *tx) error {
		if !actor.trusted() {
			return denied()
		}
		if err := checkRotation(cmd); err != nil {
			return err
		}
		chain, err := list[SigningKey](t, "id", "id > 0")
		if err != nil {
			return err
		}
		if len(chain) > 0 && chain[len(chain)-1].PublicKey != cmd.Previous {
			return fmt.Errorf("rotate the key: the journal names %q as the last key, not %q", chain[len(chain)-1].PublicKey, cmd.Previous)
		}
		k := &SigningKey{PublicKey: cmd.Public, Previous: cmd.Previous, Statement: cmd.Statement, At: t.now.Unix()}
		if err := create(t, k); err != nil {
			return fmt.Errorf("rotate the key: %w", err)
		}
		t.record(change{action: "key.rotate", kind: "key", no: cmd.Public, before: map[string]any{"public_key": cmd.Previous},
			after: map[string]any{"public_key": cmd.Public, "statement": cmd.Statement}})
		return nil
	})
}

// keyChain lists the changes of keys, the oldest first. Where the key never changed, it is the one key, without a statement.
func (a *App) keyChain(ctx context.Context) ([]SigningKey, error) {
	chain, err := table[SigningKey](a.db.read).Order("id").Find(ctx)
	if err == nil && len(chain) == 0 && a.opt.PublicKey != "" {
		chain = []SigningKey{{PublicKey: a.opt.PublicKey}}
	} else if len(chain) > 0 {
		chain = slices.Insert(chain, 0, SigningKey{PublicKey: chain[0].Previous})
	}
	return chain, err
}

// PublicKeys are all keys that ever signed here, one a line, the oldest first.
func (a *App) PublicKeys(ctx context.Context) (string, error) {
	chain, err := a.keyChain(ctx)
	var out strings.Builder
	for _, k := range chain {
		out.WriteString(k.PublicKey + "\n")
	}
	return out.String(), err
}

// KeyNamed tells whether the journal already names a key as the newest: a change that was cut short goes on from there.
func (a *App) KeyNamed(ctx context.Context, public string) (bool, error) {
	chain, err := table[SigningKey](a.db.read).Order("id DESC").Limit(1).Find(ctx)
	return len(chain) == 1 && chain[0].PublicKey == public, err
}

// retired tells whether the key of this process was replaced: it then signs nothing until it is started with the new one.
func (t *tx) retired() (bool, error) {
	chain, err := table[SigningKey](t.db).Order("id DESC").Limit(1).Find(t.ctx)
	return len(chain) == 1 && chain[0].PublicKey != t.app.opt.PublicKey, err
}
