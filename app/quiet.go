package app

import (
	"context"
	"strings"
	"time"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// SetMail is how a person wants their mail. Nobody can choose none: a duty is told.
type SetMail struct {
	Version            int64
	Single             bool   // each reminder by itself, instead of one letter a working day
	QuietFrom, QuietTo string // times of day between which no mail comes, "20:00" and "08:00"; "" for none
}

// Mail reads the person's own choice.
func (a *App) Mail(ctx context.Context, actor Actor) (SetMail, error) {
	u, err := look[User](a.view(ctx, actor), actor.ID)
	if err != nil {
		return SetMail{}, err
	}
	return SetMail{Version: u.Version, Single: u.MailMode == "single", QuietFrom: u.QuietFrom, QuietTo: u.QuietTo}, nil
}

// SetMail changes the person's own choice. What waits follows it at once: it goes the new way, and once.
func (a *App) SetMail(ctx context.Context, actor Actor, cmd SetMail) error {
	return a.write(ctx, actor, func(t *tx) error {
		u, err := get[User](t, actor.ID)
		if err != nil {
			return err
		}
		if u.Version != cmd.Version {
			return &Fault{Kind: Stale, Key: "stale"}
		}
		cmd.QuietFrom, cmd.QuietTo = strings.TrimSpace(cmd.QuietFrom), strings.TrimSpace(cmd.QuietTo)
		if err := t.checkQuiet(cmd.QuietFrom, cmd.QuietTo); err != nil {
			return err
		}
		was := *u
		u.MailMode, u.QuietFrom, u.QuietTo = "", cmd.QuietFrom, cmd.QuietTo
		if cmd.Single {
			u.MailMode = "single"
		}
		if err := update(t, u); err != nil {
			return err
		}
		if err := t.follow(u); err != nil {
			return err
		}
		t.record(change{action: "user.mail", kind: "user", id: u.ID, no: u.Account, before: was, after: u})
		return nil
	})
}

// follow lets what waits for the person go the way that they have chosen. Their row is locked, and a letter is made and claimed only under a lock on it, so
// nothing is taken twice or left out.
func (t *tx) follow(u *User) error {
	waits := table[Reminder](t.db).Where("status = 'queued' AND channel = 'mail' AND item_kind <> 'digest' AND recipient_id = ? AND collected_on = ''", u.ID)
	if u.MailMode == "single" {
		_, err := waits.Where("daily").Change(t.ctx, map[string]any{"daily": false, "not_before": t.calendar(0).NextOpen(t.now).Unix()})
		return err
	}
	_, err := waits.Where("NOT daily AND begun_at = 0 AND escalation_id <> 0 AND light <> ? AND escalation_id NOT IN (SELECT id FROM escalations WHERE interview <> '')", workflows.LightRed).
		Update(t.ctx, "daily", true)
	return err
}

// leastLoud is how many minutes of a working day quiet hours must leave for mail [P].
const leastLoud = 120

// checkQuiet wants two times of day or none, and that they leave time for mail.
func (t *tx) checkQuiet(from, to string) error {
	if from == "" && to == "" {
		return nil
	}
	var c check
	for field, text := range map[string]string{"quiet_from": from, "quiet_to": to} {
		if _, err := calendar.ParseClock(text); err != nil {
			c.add(field, "clock_form", nil)
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	cal, s, left := t.calendar(0), silenceOf(from, to), 0
	day := cal.Roll(t.today)
	for m := range 24 * 60 {
		if cal.Open(cal.At(day, m/60, m%60)) && !s.covers(m) {
			left++
		}
	}
	if left < leastLoud {
		c.add("quiet_to", "quiet_long", map[string]any{"Hours": leastLoud / 60})
	}
	return c.err()
}

// silence is a part of the day in minutes, the end outside; it may go over midnight.
type silence struct{ from, to int }

// silenceOf reads quiet hours; what is not a pair of times counts for nothing.
func silenceOf(from, to string) silence {
	f, errFrom := calendar.ParseClock(from)
	t, errTo := calendar.ParseClock(to)
	if errFrom != nil || errTo != nil {
		return silence{}
	}
	return silence{f.Hour*60 + f.Minute, t.Hour*60 + t.Minute}
}

func (s silence) covers(minute int) bool {
	if s.from <= s.to {
		return minute >= s.from && minute < s.to
	}
	return minute >= s.from || minute < s.to
}

// loud is the first instant from t on that is working time and outside the quiet hours. Where another calendar has left them no working time they count for
// nothing: a duty can't be silenced for ever.
func (s silence) loud(cal *calendar.Calendar, t time.Time) time.Time {
	at := cal.NextOpen(t)
	for range 4 { // each round leaves the quiet hours or a pause of the day behind
		local := at.In(cal.Location())
		if !s.covers(local.Hour()*60 + local.Minute()) {
			return at
		}
		end := cal.At(cal.Today(at), s.to/60, s.to%60)
		if !end.After(at) {
			end = cal.At(cal.Today(at).AddDays(1), s.to/60, s.to%60)
		}
		at = cal.NextOpen(end)
	}
	return cal.NextOpen(t)
}

// hushed puts a letter off to the end of its recipient's quiet hours, and tells whether it did. A red light and an interview are told in all working time.
func (t *tx) hushed(r *Reminder, u *User) (bool, error) {
	at := silenceOf(u.QuietFrom, u.QuietTo).loud(t.calendar(0), t.now)
	if !at.After(t.now) {
		return false, nil
	}
	pressing, err := t.pressing(r)
	if err != nil || pressing {
		return false, err
	}
	return true, t.later(r, at)
}

// pressing tells whether a reminder is told without delay: of a red light, or of an interview.
func (t *tx) pressing(r *Reminder) (bool, error) {
	if r.Light == workflows.LightRed {
		return true, nil
	}
	e, err := t.escalationOf(r)
	return e != nil && e.Interview != "", err
}

// missed tells whether a step began before the last working day ended: a sweep on time would have found it then, so the bells were silent.
func (t *tx) missed(e *Escalation) bool {
	cal, last := t.calendar(0), t.today.AddDays(-1)
	for !cal.Day(last).Working {
		last = last.AddDays(-1)
	}
	return !e.BeganOn.IsZero() && e.BeganOn <= last
}
