package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"battlemap/app/audit"
	"battlemap/app/media"
)

// takeAway writes records and members as a bundle that auditverify reads. First record notes the taking away and returns the number of that record; a checkpoint that
// covers it is signed, and only then does anything leave.
func (a *App) takeAway(ctx context.Context, actor Actor, numbers []int64, members []audit.Member, record func(*tx) (int64, error), w io.Writer) error {
	var own int64
	err := a.write(ctx, actor, func(t *tx) (err error) {
		own, err = record(t)
		return err
	})
	if err != nil {
		return err
	}
	if err := a.SignCheckpoint(ctx); err != nil {
		return err
	}
	newest, err := a.Checkpoints(ctx, 1)
	if err != nil {
		return err
	}
	if len(newest) == 0 || newest[0].Size < own {
		return fmt.Errorf("take a bundle away: no checkpoint covers record %d", own)
	}
	note, err := a.cosigned(ctx, newest[0])
	if err != nil {
		return err
	}
	public, err := a.PublicKeys(ctx)
	if err != nil {
		return err
	}
	return audit.WriteBundle(w, audit.Bundle{Public: public, Checkpoint: []byte(note), Hashes: hashReader{ctx, a.db.read}, Records: a.numbered(ctx, numbers, own), Members: members})
}

// marked locks the journal and returns the number that the next record gets and the "after" that names the manifest in it. Refused without a key, and while the
// journal is unsound: no checkpoint would cover the bundle.
func (t *tx) marked(numbers []int64, members []audit.Member) (own int64, after map[string]any, err error) {
	if t.app.opt.SigningKey == "" {
		return 0, nil, refused("no_signing_key", nil)
	}
	if bad, err := unsoundOn(t.ctx, t.db); err != nil || bad {
		return 0, nil, cmp.Or(err, error(refused("journal_unsound", nil)))
	}
	size, _, err := t.lockHead()
	if err != nil {
		return 0, nil, err
	}
	_, mark, err := audit.Manifest(numbers, members)
	if err != nil {
		return 0, nil, err
	}
	text, err := json.Marshal(mark)
	if err != nil {
		return 0, nil, err
	}
	err = json.Unmarshal(text, &after)
	return size + 1, after, err
}

// numbered yields the stored bytes of records by their numbers, and of one more at the end. They are read again: what stands in the database now is what is proven.
func (a *App) numbered(ctx context.Context, numbers []int64, last int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		left := append(append([]int64(nil), numbers...), last)
		for len(left) > 0 {
			page := left[:min(len(left), 500)]
			left = left[len(page):]
			rows, err := table[JournalRow](a.db.read).Where("no IN ?", page).Order("no").Find(ctx)
			if err == nil && len(rows) != len(page) {
				err = fmt.Errorf("%d of %d records are missing", len(page)-len(rows), len(page))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range rows {
				if !yield(r.Record, nil) {
					return
				}
			}
		}
	}
}

// filesOf are the attachments that a condition finds, each with whether its bytes are still there.
func (t *tx) filesOf(where string, args ...any) ([]CaseFile, error) {
	rows, err := list[Attachment](t, "id", where, args...)
	if err != nil {
		return nil, err
	}
	var out []CaseFile
	for _, row := range rows {
		f := CaseFile{Attachment: row}
		d, err := t.disposalOf(row.ID)
		if err != nil {
			return nil, err
		}
		switch _, err := t.app.fileBytes(row.SHA256); {
		case d != nil:
			f.Fate, f.Disposal = "disposed", d.ID
		case errors.Is(err, media.ErrLost):
			f.Fate = "lost"
		case err != nil:
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
