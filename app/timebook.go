package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"battlemap/app/calendar"
)

// errTimes means that another calendar came into force while this transaction was counting by the former one; the door runs it again.
var errTimes = errors.New("the calendar changed meanwhile")

// unknownTimes is the key of calendars that must be read anew; -1 is that of a rehearsal.
const unknownTimes = -2

// timebook is the calendars as one transaction sees them: the vendored one below, the notices in force in layers above it. It is never changed;
// an approval makes another one.
type timebook struct {
	key    int64 // of timesKey
	base   *calendar.Calendar
	list   []CalendarVersion // approved, in the order of their approval; some superseded
	moving *CalendarVersion  // whose dates are still being moved, nil when none is
	mutex  sync.Mutex
	made   map[bookKey]*calendar.Calendar
}

// bookKey is whose calendar, and whether it is the one from before the version that is moving.
type bookKey struct {
	taskForce int64
	before    bool
}

func newTimebook(base *calendar.Calendar, key int64, list []CalendarVersion) *timebook {
	b := &timebook{key: key, base: base, list: list, made: map[bookKey]*calendar.Calendar{}}
	for i := range list {
		if list[i].Moving != "" {
			b.moving = &list[i]
		}
	}
	return b
}

// of is the calendar of a task force, 0 for the district.
func (b *timebook) of(taskForce int64) *calendar.Calendar { return b.get(bookKey{taskForce, false}) }

// before is the calendar as it was before the version that is moving.
func (b *timebook) before(taskForce int64) *calendar.Calendar { return b.get(bookKey{taskForce, true}) }

func (b *timebook) get(k bookKey) *calendar.Calendar {
	own := slices.ContainsFunc(b.list, func(v CalendarVersion) bool { return v.TaskForceID == k.taskForce })
	if !own {
		k.taskForce = 0
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if c, ok := b.made[k]; ok {
		return c
	}
	c := b.base
	for _, scope := range scopesOf(k.taskForce) {
		for _, v := range b.list {
			if v.TaskForceID != scope || !b.inForce(v, k.before) {
				continue
			}
			// Approve has made exactly this calendar before it let the version in, so an error means that somebody tampered with the table; the layers below still hold.
			if next, err := v.layer(c); err == nil {
				c = next
			}
		}
	}
	b.made[k] = c
	return c
}

// scopesOf lists the district, then the task force's own notices, which lie above the district's.
func scopesOf(taskForce int64) []int64 {
	if taskForce == 0 {
		return []int64{0}
	}
	return []int64{0, taskForce}
}

func (b *timebook) inForce(v CalendarVersion, before bool) bool {
	if before && b.moving != nil {
		return v.ID != b.moving.ID && (v.State == "in_force" || v.ID == b.moving.ReplacesID)
	}
	return v.State == "in_force"
}

// touches tells whether the version that is moving concerns a task force.
func (b *timebook) touches(taskForce int64) bool {
	return b.moving != nil && (b.moving.TaskForceID == 0 || b.moving.TaskForceID == taskForce)
}

// calendar is the calendar in force for the items of a task force, 0 for the district's own affairs.
func (t *tx) calendar(taskForce int64) *calendar.Calendar { return t.times.of(taskForce) }

// timesKey counts approvals, endings and finished movings: it never comes back to a former value.
func (t *tx) timesKey() (key int64, err error) {
	err = single(t.ctx, t.db, []any{&key}, `SELECT COALESCE(SUM(CASE WHEN approved_at > 0 THEN 2 ELSE 0 END + CASE WHEN ended_at > 0 THEN 2 ELSE 0 END + CASE WHEN moving <> '' THEN 1 ELSE 0 END), 0) FROM calendar_versions`)
	if err != nil {
		err = fmt.Errorf("ask for the calendars: %w", err)
	}
	return key, err
}

// openTimes makes sure that the transaction counts by the calendars that are committed now.
func (t *tx) openTimes() error {
	key, err := t.timesKey()
	if err != nil {
		return err
	}
	if t.times = t.app.times.Load(); t.times.key == key {
		return nil
	}
	if err := t.reopenTimes(key); err != nil {
		return err
	}
	t.app.times.Store(t.times)
	return nil
}

// reopenTimes reads the calendars as this transaction sees them, with its own changes; they are nobody else's before it commits.
func (t *tx) reopenTimes(key int64) error {
	rows, err := list[CalendarVersion](t, "approved_at, id", "approved_at > 0")
	if err != nil {
		return fmt.Errorf("read the calendars: %w", err)
	}
	t.times = newTimebook(t.app.opt.Calendar, key, rows)
	return nil
}

// sameTimes runs under the lock of the journal's head: a calendar that was approved since this transaction began has committed before it, so it begins again.
// On SQLite there is one writer and nothing can have happened.
func (t *tx) sameTimes() error {
	if !t.app.db.postgres || t.times.key < 0 {
		return nil
	}
	key, err := t.timesKey()
	if err != nil {
		return err
	}
	if key != t.times.key {
		return errTimes
	}
	return nil
}

// notice unpacks what a version says.
func (v CalendarVersion) notice() (calendar.Notice, error) {
	n := calendar.Notice{Title: v.Title, Number: v.Number}
	var days versionDays
	if err := json.Unmarshal([]byte(v.Days), &days); err != nil {
		return n, fmt.Errorf("read the days of calendar version %d: %w", v.ID, err)
	}
	n.Rest, n.Work, n.First, n.Last = days.Rest, days.Work, days.First, days.Last
	if v.Office != "" {
		office, err := calendar.ParseHours(v.Office)
		if err != nil {
			return n, fmt.Errorf("read the hours of calendar version %d: %w", v.ID, err)
		}
		n.Office = &office
	}
	return n, nil
}

// layer is the calendar with the version over it.
func (v CalendarVersion) layer(c *calendar.Calendar) (*calendar.Calendar, error) {
	n, err := v.notice()
	if err != nil {
		return nil, err
	}
	return c.With(n)
}
