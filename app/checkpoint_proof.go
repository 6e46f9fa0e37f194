package app

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
)

// Growth is the proof that the journal of a later checkpoint begins with that of an earlier one.
type Growth struct {
	Older, Newer Checkpoint
	Roots        [2]tlog.Hash
	Proof        tlog.TreeProof
	File         []byte // to hand out; auditverify reads it
	Fits         error  // nil: the proof holds under the keys of this installation
}

// mayProve refuses who neither exports nor keeps witnesses.
func (a *App) mayProve(ctx context.Context, actor Actor) error {
	s, err := a.sight(ctx, actor)
	if err != nil || s.all && actor.trusted() || s.may(place{}, exporters()...) || s.may(place{}, witnessKeepers()...) {
		return err
	}
	return denied()
}

// CheckpointAt is the checkpoint of a size with the lines of its witnesses; who exports the journal or keeps witnesses. Missing when none was signed.
func (a *App) CheckpointAt(ctx context.Context, actor Actor, size int64) (Checkpoint, error) {
	if err := a.mayProve(ctx, actor); err != nil {
		return Checkpoint{}, err
	}
	c, err := found(table[Checkpoint](a.db.read).Where("size = ?", size).First(ctx))
	if err != nil {
		return Checkpoint{}, err
	}
	c.Note, err = a.cosigned(ctx, *c)
	return *c, err
}

// ProveGrowth proves the growth between two checkpoints, whichever is named first.
func (a *App) ProveGrowth(ctx context.Context, actor Actor, from, to int64) (Growth, error) {
	var g Growth
	var err error
	if from > to {
		from, to = to, from
	}
	if g.Older, err = a.CheckpointAt(ctx, actor, from); err != nil {
		return g, err
	}
	if g.Newer, err = a.CheckpointAt(ctx, actor, to); err != nil {
		return g, err
	}
	hashes := hashReader{ctx, a.db.read}
	if g.Proof, err = audit.ProveConsistency(to, from, hashes); err != nil {
		return g, err
	}
	if g.File, err = audit.ConsistencyFile([]byte(g.Older.Note), []byte(g.Newer.Note), hashes); err != nil {
		return g, err
	}
	keys, err := a.PublicKeys(ctx)
	if err != nil {
		return g, err
	}
	older, olderErr := audit.OpenCheckpoint([]byte(g.Older.Note), keys)
	newer, newerErr := audit.OpenCheckpoint([]byte(g.Newer.Note), keys)
	g.Roots = [2]tlog.Hash{older.Root, newer.Root}
	g.Fits = errors.Join(olderErr, newerErr)
	if g.Fits == nil {
		g.Fits = audit.CheckConsistency(g.Proof, newer, older)
	}
	return g, nil
}

// RecordFile is the proof of one record as a text to hand out, for whoever sees the record. Refused while no checkpoint covers it.
func (a *App) RecordFile(ctx context.Context, actor Actor, no int64) ([]byte, error) {
	r, err := a.JournalProof(ctx, actor, no)
	if err != nil {
		return nil, err
	}
	if r.Checkpoint == nil {
		return nil, refused("not_covered", map[string]any{"No": no})
	}
	note, err := a.cosigned(ctx, *r.Checkpoint)
	if err != nil {
		return nil, err
	}
	file, err := audit.RecordFile(r.Row.Record, []byte(note), hashReader{ctx, a.db.read})
	if err != nil {
		return nil, fmt.Errorf("prove record %d: %w", no, err)
	}
	return file, nil
}
