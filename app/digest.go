package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"battlemap/workflows"
)

// A person's mail is collected: what is not urgent comes as one letter a working day, and what piled up while nothing could be sent comes as one letter too.
// A single one goes as it is. The letter is a row of the ledger like any other, so it is claimed, tried again and settled like any other; the reminders that it
// carries point at it.

const (
	pile     = 3                // so many letters may follow each other; more that were held up come as one [P]
	heldUp   = 10 * time.Minute // a letter that waited longer was held up [P]
	patience = 30 * time.Minute // how long the day's letter waits for the sweep to judge everything that is due [P]
)

// collect makes the letters that are due, for each person by themselves.
func (t *tx) collect() error {
	var people []int64
	err := t.db.Raw(`SELECT recipient_id FROM reminders WHERE status = 'queued' AND channel = 'mail' AND not_before <= ? AND item_kind <> 'digest'
AND (daily AND collected_on = '' OR NOT daily AND begun_at = 0 AND created_at <= ?) GROUP BY recipient_id HAVING COUNT(*) > ? OR MAX(CASE WHEN daily THEN 1 ELSE 0 END) = 1
ORDER BY recipient_id`, t.now.Unix(), t.now.Add(-heldUp).Unix(), pile).Scan(&people).Error
	if err != nil {
		return fmt.Errorf("find whose mail is to be collected: %w", err)
	}
	for _, user := range people {
		err := t.apart(func() error { return t.collectFor(user) })
		if bad, ok := errors.AsType[rowFault](err); ok {
			// Whatever it is, this person's mail must neither stop the others' nor wait for ever: each goes by itself, and what is bad fails by itself.
			t.app.logFailure("the mail of a person can't be collected", bad.error, "user", user)
			_, err = table[Reminder](t.db).Where("status = 'queued' AND channel = 'mail' AND recipient_id = ? AND not_before <= ? AND daily AND collected_on = ''", user, t.now.Unix()).
				Update(t.ctx, "daily", false)
		}
		if err != nil {
			return fmt.Errorf("collect the mail of user %d: %w", user, err)
		}
	}
	return nil
}

func (t *tx) collectFor(user int64) error {
	// Locked: of two nodes that collect at once, one leaves the person to the other.
	u, err := table[User](t.db, clause.Locking{Strength: "NO KEY UPDATE", Options: "SKIP LOCKED"}).Where("id = ?", user).First(t.ctx)
	if noRow(err) {
		return nil
	}
	if err != nil {
		return err
	}
	waiting, err := list[Reminder](t, "id", `status = 'queued' AND channel = 'mail' AND recipient_id = ? AND not_before <= ? AND item_kind <> 'digest'
AND (daily AND collected_on = '' OR NOT daily AND begun_at = 0)`, user, t.now.Unix())
	if err != nil {
		return err
	}
	var day, held, fresh []Reminder
	for i := range waiting {
		r := &waiting[i]
		ok, err := t.collectable(r, &u)
		switch {
		case err != nil:
			return err
		case !ok:
		case r.Daily:
			day = append(day, *r)
		case r.CreatedAt <= t.now.Add(-heldUp).Unix():
			held = append(held, *r)
		default:
			fresh = append(fresh, *r)
		}
	}
	if day, err = t.dayLetter(&u, day); err != nil {
		return err
	}
	late, err := t.anyMissed(day)
	if err != nil {
		return err
	}
	switch {
	case late: // the bells were silent: everything that waits comes in this one letter
		held = append(held, fresh...)
	case len(held) <= pile:
		held = nil
	}
	return t.bind(&u, append(day, held...), len(day) > 0)
}

// collectable tells whether a reminder may go into a letter now. What can't be read goes by itself, where it fails by itself.
func (t *tx) collectable(r *Reminder, u *User) (bool, error) {
	ok, err := t.stillDue(r)
	if err == nil && ok {
		var quiet bool
		quiet, err = t.hushed(r, u)
		ok = !quiet
	}
	if errors.Is(err, errBusy) {
		return false, nil
	}
	if _, isPoison := errors.AsType[poison](err); isPoison {
		return false, t.alone(r.ID)
	}
	return ok, err
}

// anyMissed tells whether one of the reminders is of a step that was found late.
func (t *tx) anyMissed(rows []Reminder) (bool, error) {
	for i := range rows {
		e, err := t.escalationOf(&rows[i])
		if err != nil {
			return false, err
		}
		if e != nil && t.missed(e) {
			return true, nil
		}
	}
	return false, nil
}

// dayLetter says which of the reminders that wait for the letter of the day go now: all when none has gone today, else only the pressing ones; the others wait
// for the next working day.
func (t *tx) dayLetter(u *User, day []Reminder) ([]Reminder, error) {
	if len(day) == 0 {
		return nil, nil
	}
	newest := slices.MaxFunc(day, func(a, b Reminder) int { return int(max(a.NotBefore, a.CreatedAt) - max(b.NotBefore, b.CreatedAt)) })
	if t.now.Unix() < max(newest.NotBefore, newest.CreatedAt)+int64(patience/time.Second) {
		if pending, err := t.sweepPending(); err != nil || pending {
			return nil, err
		}
	}
	gone, err := table[Reminder](t.db).Where("recipient_id = ? AND collected_on = ? AND daily", u.ID, t.today).Count(t.ctx, "id")
	if err != nil || gone == 0 {
		return day, err
	}
	cal := t.calendar(0)
	next := cal.NextOpen(cal.At(cal.Roll(t.today.AddDays(1)), 0, 0))
	var now []Reminder
	for i := range day {
		pressing, err := t.pressing(&day[i])
		if err == nil && !pressing {
			err = t.later(&day[i], next)
		}
		if err != nil {
			return nil, err
		}
		if pressing {
			now = append(now, day[i])
		}
	}
	return now, nil
}

// alone lets a reminder go by itself that waited for the letter of the day.
func (t *tx) alone(id int64) error {
	_, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", id).Update(t.ctx, "daily", false)
	return err
}

// sweepPending tells whether items wait to be judged: their reminders belong into the same letter.
// What a sweep has put off because it fails is not waited for.
func (t *tx) sweepPending() (bool, error) {
	now := t.now.Unix()
	for _, kind := range []string{"ticket", "milestone", "project"} {
		var n int64
		err := scanOne(t.db.Raw(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM `+kind+`s i WHERE next_check_at > 0 AND next_check_at <= ?
AND NOT EXISTS (SELECT 1 FROM stuck_items s WHERE s.job = 'sweep' AND s.kind = ? AND s.item_id = i.id AND s.alarm_at = i.next_check_at AND s.next_at > ?) LIMIT 1) AS pending`, now, kind, now), &n)
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// bind makes one letter of several reminders; a single one stays as it is.
func (t *tx) bind(u *User, rows []Reminder, daily bool) error {
	switch len(rows) {
	case 0:
		return nil
	case 1:
		_, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", rows[0].ID).Update(t.ctx, "collected_on", t.today)
		return err
	}
	before, err := table[Reminder](t.db).Where("item_kind = 'digest' AND recipient_id = ? AND due_on = ?", u.ID, t.today).Count(t.ctx, "id")
	if err != nil {
		return err
	}
	detail, err := json.Marshal(Notice{Count: len(rows)})
	if err != nil {
		return err
	}
	d := Reminder{ItemKind: "digest", RuleID: "digest", Step: strconv.FormatInt(before+1, 10), DueOn: t.today, RecipientID: u.ID, UnitID: u.UnitID, Channel: "mail", Light: gravest(rows),
		Subject: "digest", Detail: string(detail), Link: "/inbox", Status: "queued", Daily: daily, CollectedOn: t.today, CreatedAt: t.now.Unix(), NotBefore: t.now.Unix()}
	if err := create(t, &d); err != nil {
		return err
	}
	numbers := make([]int64, len(rows))
	for i, r := range rows {
		numbers[i] = r.ID
	}
	_, err = table[Reminder](t.db).Where("id IN ? AND status = 'queued'", numbers).
		Change(t.ctx, map[string]any{"status": "digested", "digest_id": d.ID, "collected_on": t.today, "settled_at": t.now.Unix()})
	return err
}

func gravest(rows []Reminder) workflows.Light {
	light := workflows.LightNone
	for _, r := range rows {
		if r.Light.Worse(light) {
			light = r.Light
		}
	}
	return light
}

// carried reads what a letter of the day carries and still has a reason; the letter is withdrawn when nothing is left.
func (t *tx) carried(d *Reminder) ([]Carried, error) {
	rows, err := list[Reminder](t, "id", "digest_id = ? AND status = 'digested'", d.ID)
	if err != nil {
		return nil, err
	}
	var out []Carried
	for i := range rows {
		r := &rows[i]
		ok, err := t.stillDue(r)
		var e *Escalation
		if err == nil && ok {
			e, err = t.escalationOf(r)
		}
		if bad, isPoison := errors.AsType[poison](err); isPoison {
			if err := t.drop(r, bad); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, Carried{Reminder: *r, Escalation: e})
		}
	}
	if len(out) == 0 {
		return nil, t.withdrawn("empty", "id = ?", d.ID)
	}
	return out, nil
}

// drop takes a damaged row out of a letter.
func (t *tx) drop(r *Reminder, bad poison) error {
	text := clip(bad.Error(), 500)
	_, err := table[Reminder](t.db).Where("id = ? AND status = 'digested'", r.ID).
		Change(t.ctx, map[string]any{"status": "failed", "settled_at": t.now.Unix(), "error": text})
	if err != nil {
		return err
	}
	return t.attempted(r, "failed", 0, text, 0)
}
