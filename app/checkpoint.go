package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"battlemap/app/audit"
)

// Checkpoint is a signed statement of the tree's root at a size, as C2SP signed note.
type Checkpoint struct {
	Size int64 `gorm:"primaryKey;autoIncrement:false"`
	At   int64
	Note string
}

// Checkpoints lists the newest checkpoints, the newest first.
func (a *App) Checkpoints(ctx context.Context, limit int) ([]Checkpoint, error) {
	return table[Checkpoint](a.db.read).Order("size DESC").Limit(limit).Find(ctx)
}

// errRetired means that another key was named by key rotate while this process still holds the one before.
var errRetired = errors.New("sign a checkpoint: the key was replaced; start this process again with the new one")

// SignCheckpoint signs the journal as it stands and stores the note; it does nothing when the newest checkpoint already covers it, and refuses while the doctor's
// last word is that the journal is unsound: a signature would vouch for the damage.
func (a *App) SignCheckpoint(ctx context.Context) error {
	if a.opt.SigningKey == "" {
		return nil
	}
	return a.chore(ctx, func(t *tx) error {
		size, _, err := t.lockHead()
		if err != nil {
			return err
		}
		// Asked under the lock: whoever waited for it may have waited for the very change of the key.
		if old, err := t.retired(); err != nil || old {
			return cmp.Or(err, errRetired)
		}
		if bad, err := unsoundOn(ctx, t.db); err != nil || bad {
			return cmp.Or(err, error(refused("journal_unsound", nil)))
		}
		if size == 0 {
			return nil
		}
		newest, err := table[Checkpoint](t.db).Order("size DESC").Limit(1).Find(ctx)
		if err != nil || len(newest) == 1 && newest[0].Size == size {
			return err
		}
		return t.signUpTo(size)
	})
}

// signUpTo stores a checkpoint of the first size records.
func (t *tx) signUpTo(size int64) error {
	root, err := audit.Root(size, hashReader{t.ctx, t.db})
	if err != nil {
		return fmt.Errorf("root of %d records: %w", size, err)
	}
	private := t.app.opt.SigningKey
	name, _, _ := strings.Cut(strings.TrimPrefix(private, "PRIVATE+KEY+"), "+")
	note, err := audit.SignCheckpoint(audit.Checkpoint{Origin: name, Size: size, Root: root, At: t.now}, private)
	if err != nil {
		return err
	}
	return table[Checkpoint](t.db).Create(t.ctx, &Checkpoint{Size: size, At: t.now.Unix(), Note: string(note)})
}

// isUnsound tells whether no checkpoint was signed because the journal was found unsound.
func isUnsound(err error) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Key == "journal_unsound"
}

// JournalRecords yields the stored bytes of records 1 to size in order, for an export.
func (a *App) JournalRecords(ctx context.Context, size int64) iter.Seq2[[]byte, error] {
	const page = 500
	return func(yield func([]byte, error) bool) {
		for after := int64(0); after < size; {
			rows, err := table[JournalRow](a.db.read).Where("no > ? AND no <= ?", after, size).Order("no").Limit(page).Find(ctx)
			if err == nil && len(rows) == 0 {
				err = fmt.Errorf("record %d is missing", after+1)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range rows {
				if !yield(r.Record, nil) {
					return
				}
				after = r.No
			}
		}
	}
}

// ExportJournal writes the journal as it stands as a zip that auditverify reads; inspectors and the supervision director may, and it is recorded.
func (a *App) ExportJournal(ctx context.Context, actor Actor, w io.Writer) error {
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, exporters()...); err != nil {
			return err
		}
		t.record(change{action: "journal.export", kind: "journal"})
		return nil
	})
	if err != nil {
		return err
	}
	// What is unsound must be able to leave the house all the same, under the checkpoints that are there.
	if err := a.SignCheckpoint(ctx); err != nil && !isUnsound(err) {
		return err
	}
	size, err := a.JournalSize(ctx)
	if err != nil {
		return err
	}
	public, err := a.PublicKeys(ctx)
	if err != nil {
		return err
	}
	statements, err := a.statements(ctx)
	if err != nil {
		return err
	}
	return audit.WriteExport(w, audit.Export{Public: public, Rotations: statements, Records: a.JournalRecords(ctx, size), Checkpoints: a.notes(ctx, size),
		Hashes: hashReader{ctx, a.db.read}, Size: size})
}

// notes yields the signed checkpoints up to a size, the smallest first.
func (a *App) notes(ctx context.Context, size int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for after := int64(0); ; {
			rows, err := table[Checkpoint](a.db.read).Where("size > ? AND size <= ?", after, size).Order("size").Limit(500).Find(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(rows) == 0 {
				return
			}
			for _, c := range rows {
				note, err := a.cosigned(ctx, c)
				if !yield([]byte(note), err) || err != nil {
					return
				}
				after = c.Size
			}
		}
	}
}
