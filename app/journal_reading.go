package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"battlemap/workflows"
)

// maxAsked is how much of an address the journal keeps.
const maxAsked = 1000

// inspects tells whether the actor's reading is itself on record.
func (s sight) inspects() bool {
	return slices.ContainsFunc(s.grants, func(g RoleGrant) bool { return g.Role == workflows.RoleInspector })
}

// RecordReading records that an inspector reads a page, before it is shown: one record a person, address and hour of the clock, so that going back and forth does
// not flood the trail. What others read is nobody's business and is not recorded.
func (a *App) RecordReading(ctx context.Context, actor Actor, what string) error {
	s, err := a.sight(ctx, actor)
	if err != nil || !s.inspects() {
		return err
	}
	what = clip(plain(what), maxAsked)
	hour := a.Now().Truncate(time.Hour).Unix()
	rows, err := table[JournalRow](a.db.read).Where("actor_id = ? AND actor_id > 0 AND action = 'journal.read'", actor.ID).Order("no DESC").Limit(200).Find(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.At >= hour && askedFor(row) == what {
			return nil
		}
	}
	err = a.write(ctx, actor, func(t *tx) error {
		t.record(change{action: "journal.read", kind: "journal", after: map[string]any{"address": what}})
		return nil
	})
	if err == nil {
		return nil
	}
	// A journal that the doctor found broken, or whose disk is full or has failed, may take no record any more; that is when an inspector must be able to read. The log
	// keeps the reading.
	if bad, cause := a.unsound(ctx); !notStored(err) && (cause != nil || !bad) {
		return err
	}
	a.opt.Log.Error("a reading could not be recorded", "person", actor.ID, "address", what, "error", err)
	return nil
}

// RecordExtract records that somebody takes a list of the audit away as a file, every time: inspectors and the supervision director may.
func (a *App) RecordExtract(ctx context.Context, actor Actor, what string) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, exporters()...); err != nil {
			return err
		}
		t.record(change{action: "journal.extract", kind: "journal", after: map[string]any{"address": clip(plain(what), maxAsked)}})
		return nil
	})
}

// askedFor is the address of a recorded reading, "" when the record can't be read.
func askedFor(row JournalRow) string {
	var after struct{ Address string }
	r, err := row.Decoded()
	if err != nil || json.Unmarshal(r.After, &after) != nil {
		return ""
	}
	return after.Address
}
