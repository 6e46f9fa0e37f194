package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/audit"
)

// SigningKey is a key that signs checkpoints, and how the one before named it. The first key of an installation has no row: it is the Previous of the first change.
type SigningKey struct {
	ID        int64 `gorm:"primaryKey"`
	PublicKey string
	Previous  string
	FromSize  int64  // the previous key signs up to this size, the new one from it on
	Statement string // signed by both (docs/journal.md)
	At        int64
}

// RotateKey is the command that names a new key, by both its halves.
type RotateKey struct{ Private, Public string }

// RotateKey makes a new key follow the one of this process: both sign a statement, which is recorded, and a last checkpoint of the old key covers that record.
// Only somebody at the machine can, where the keys lie. This process signs nothing afterwards. Asked again after it was cut short, it goes on where it stopped.
func (a *App) RotateKey(ctx context.Context, actor Actor, cmd RotateKey) error {
	if !actor.trusted() {
		return denied()
	}
	chain, err := a.rotations(ctx)
	if err != nil {
		return err
	}
	if len(chain) == 0 || chain[len(chain)-1].PublicKey != cmd.Public {
		if err := a.write(ctx, actor, func(t *tx) error { return t.rotate(cmd) }); err != nil {
			return fmt.Errorf("rotate the key: %w", err)
		}
	}
	return a.signLast(ctx)
}

// rotate records the change under the journal's lock: the statement names the number of its own record.
func (t *tx) rotate(cmd RotateKey) error {
	size, _, err := t.lockHead()
	if err != nil {
		return err
	}
	old, err := t.retired()
	if err != nil {
		return err
	}
	if old || t.app.opt.SigningKey == "" {
		return errRetired
	}
	if bad, err := unsoundOn(t.ctx, t.db); err != nil || bad { // the last checkpoint of the old key would vouch for the damage
		return cmp.Or(err, error(refused("journal_unsound", nil)))
	}
	r := audit.Rotation{Old: t.app.opt.PublicKey, New: cmd.Public, From: size + 1, At: t.now}
	statement, err := audit.SignRotation(r, t.app.opt.SigningKey, cmd.Private)
	if err != nil {
		return err
	}
	k := &SigningKey{PublicKey: r.New, Previous: r.Old, FromSize: r.From, Statement: string(statement), At: t.now.Unix()}
	if err := create(t, k); err != nil {
		return err
	}
	t.record(change{action: "key.rotate", kind: "key", no: r.New, before: map[string]any{"public_key": r.Old}, after: map[string]any{"public_key": r.New, "statement": string(statement)}})
	return nil
}

// signLast signs the journal up to the record of the change with the old key, unless that was done.
func (a *App) signLast(ctx context.Context) error {
	return a.chore(ctx, func(t *tx) error {
		chain, err := list[SigningKey](t, "id", "id > 0")
		if err != nil || len(chain) == 0 {
			return err
		}
		last := chain[len(chain)-1]
		there, err := table[Checkpoint](t.db).Where("size = ?", last.FromSize).Find(ctx)
		if err != nil || len(there) > 0 || last.Previous != a.opt.PublicKey {
			return err
		}
		return t.signUpTo(last.FromSize)
	})
}

// rotations lists the changes of keys, the oldest first.
func (a *App) rotations(ctx context.Context) ([]SigningKey, error) {
	return table[SigningKey](a.db.read).Order("id").Find(ctx)
}

// statements are the signed statements of the changes of keys, the oldest first.
func (a *App) statements(ctx context.Context) ([][]byte, error) {
	chain, err := a.rotations(ctx)
	var out [][]byte
	for _, k := range chain {
		out = append(out, []byte(k.Statement))
	}
	return out, err
}

// keyChain lists the changes of keys, the oldest first. Where the key never changed, it is the one key, without a statement.
func (a *App) keyChain(ctx context.Context) ([]SigningKey, error) {
	chain, err := a.rotations(ctx)
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

// retired tells whether the key of this process was replaced: it then signs nothing until it is started with the new one.
func (t *tx) retired() (bool, error) {
	chain, err := table[SigningKey](t.db).Order("id DESC").Limit(1).Find(t.ctx)
	return len(chain) == 1 && chain[0].PublicKey != t.app.opt.PublicKey, err
}
