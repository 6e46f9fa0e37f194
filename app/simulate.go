package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Differs is a stretch of days on which an item has another light under a draft than under the law.
type Differs struct {
	Kind, No, Title string
	From, To        calendar.Date
	Law, Draft      Seen
	Keeps           bool // a running item that keeps the version it was issued under: the draft holds for later ones
}

// simulateLimit is the longest stretch that one simulation replays.
const simulateLimit = 3 * 366

// SimulateRules replays a rule set over recorded history: for every day between two days, as of 17:00, it works out the lights under the law of that day and
// under the draft, from the journal's records alone, and lists where they differ. Nothing is changed, and the same history gives the same list.
func (a *App) SimulateRules(ctx context.Context, actor Actor, draft *workflows.Ruleset, from, to calendar.Date) ([]Differs, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !s.all {
		return nil, denied()
	}
	switch {
	case from.IsZero():
		return nil, invalid("from", "required", nil)
	case to < from:
		return nil, invalid("to", "ends_before_start", nil)
	case to > a.Today():
		return nil, invalid("to", "in_future", nil)
	case int(to-from) > simulateLimit:
		return nil, invalid("to", "simulate_limit", map[string]any{"N": simulateLimit})
	}
	rows, err := a.pastRecords(ctx, a.opt.Calendar.At(to, judgeHour, 0).Unix(), "1 = 1")
	if err != nil {
		return nil, err
	}
	r := &replay{t: a.view(ctx, System("simulate")), past: newPast(a), from: from, draft: draft, open: map[string]*Differs{}, lives: map[string]*life{}}
	for day := from; day <= to; day = day.AddDays(1) {
		if rows, err = r.advance(rows, day); err != nil {
			return nil, err
		}
		if err := r.look(day); err != nil {
			return nil, fmt.Errorf("replay %s: %w", day, err)
		}
	}
	return r.list(), nil
}

// replay walks through the days and keeps, for each item, the stretch in which the two laws differ.
type replay struct {
	t     *tx
	past  *past
	from  calendar.Date
	draft *workflows.Ruleset
	open  map[string]*Differs // by kind and number
	done  []Differs
	lives map[string]*life // as open
}

// life is an item's life under the two laws.
type life struct {
	happened   []workflows.Event
	law, draft *track
	facts      []factsSince // of a ticket or milestone, the oldest first
}

// factsSince are an item's facts as of one version of its row.
type factsSince struct {
	day     calendar.Date
	version int64
	facts   workflows.Facts
}

// advance applies the records up to 17:00 of a day and returns the rest.
func (r *replay) advance(rows []JournalRow, day calendar.Date) ([]JournalRow, error) {
	cal := r.t.app.opt.Calendar
	until := cal.At(day, judgeHour, 0).Unix()
	for len(rows) > 0 && rows[0].At <= until {
		if err := r.past.apply(rows[0]); err != nil {
			return nil, err
		}
		rows = rows[1:]
	}
	r.past.light()
	return rows, nil
}

// look compares the two laws on every item as it is at 17:00 of a day.
func (r *replay) look(day calendar.Date) error {
	t := r.t
	for _, id := range sortedKeys(r.past.projects) {
		p := r.past.projects[id]
		if err := r.both(t.projectWatch(p, r.past.history(id)), day, t.book.rules("", day), t.calmProject(p), t.judged(p)); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(r.past.milestones) {
		m := r.past.milestones[id]
		p := r.past.projects[m.ProjectID]
		if p == nil {
			continue
		}
		w := t.milestoneWatch(p, m)
		if err := r.keepFacts(w, day, m.Version+p.Version<<32, func() (workflows.Facts, error) { return milestoneFacts(p, m), nil }); err != nil {
			return err
		}
		if err := r.both(w, day, t.book.rules(m.Ruleset, day), workflows.LightGreen, true); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(r.past.tickets) {
		k := r.past.tickets[id]
		w := t.ticketWatch(k)
		if err := r.keepFacts(w, day, k.Version, func() (workflows.Facts, error) { return t.ticketFacts(k) }); err != nil {
			return err
		}
		if err := r.both(w, day, t.book.rules(k.Ruleset, day), t.calmTicket(k), !k.IssuedOn.IsZero()); err != nil {
			return err
		}
	}
	return nil
}

// lifeOf begins an item's life with what had been shown to it before the replay.
func (r *replay) lifeOf(w *watch) (*life, error) {
	key := fmt.Sprintf("%s %d", w.item.kind, w.item.id)
	if l := r.lives[key]; l != nil {
		return l, nil
	}
	w.seen = nil
	past, err := w.remembered()
	if err != nil {
		return nil, err
	}
	l := &life{happened: past.events, law: newTrack(r.from, past), draft: newTrack(r.from, past)}
	r.lives[key] = l
	return l, nil
}

// keepFacts remembers a row's facts from version to version, so that rules can look back on the ends of earlier periods.
func (r *replay) keepFacts(w *watch, day calendar.Date, version int64, facts func() (workflows.Facts, error)) error {
	l, err := r.lifeOf(w)
	if err != nil {
		return err
	}
	if n := len(l.facts); n == 0 || l.facts[n-1].version != version {
		f, err := facts()
		if err != nil {
			return err
		}
		l.facts = append(l.facts, factsSince{day, version, f})
	}
	newest := l.facts[len(l.facts)-1].facts
	w.facts = func(*workflows.Rule, calendar.Date, calendar.Date) (workflows.Facts, error) { return newest, nil }
	w.past = func(_ *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		for i := len(l.facts) - 1; i >= 0; i-- {
			if l.facts[i].day <= last {
				return l.facts[i].facts, nil
			}
		}
		return nil, nil
	}
	return nil
}

// both lives through a day under the law and under the draft, and compares the lights.
func (r *replay) both(w *watch, day calendar.Date, law *workflows.Ruleset, calm workflows.Light, judged bool) error {
	l, err := r.lifeOf(w)
	if err != nil {
		return err
	}
	return r.compare(w.item, day, func(draft bool) (Seen, error) {
		tr, rules := l.law, law
		if draft {
			tr, rules = l.draft, r.draft
		}
		if !judged {
			clear(tr.lit)
			return Seen{Light: calm}, nil
		}
		err := tr.live(w, rules, day, l.happened)
		return tr.worst(calm), err
	})
}

func (r *replay) choose(draft bool, law *workflows.Ruleset) *workflows.Ruleset {
	if draft {
		return r.draft
	}
	return law
}

// compare lengthens the item's stretch, or closes it and begins another.
func (r *replay) compare(it item, day calendar.Date, see func(draft bool) (Seen, error)) error {
	law, err := see(false)
	if err != nil {
		return err
	}
	draft, err := see(true)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s %d", it.kind, it.id)
	if d := r.open[key]; d != nil {
		if d.Law.Light == law.Light && d.Draft.Light == draft.Light && d.Draft.Rule == draft.Rule && d.Law.Rule == law.Rule {
			d.To = day
			return nil
		}
		r.done = append(r.done, *d)
		delete(r.open, key)
	}
	if law.Light != draft.Light {
		r.open[key] = &Differs{Kind: it.kind, No: it.no, Title: it.title, From: day, To: day, Law: law, Draft: draft}
	}
	return nil
}

// list is everything that differs, by day and then by item.
func (r *replay) list() []Differs {
	for _, d := range r.open {
		r.done = append(r.done, *d)
	}
	slices.SortFunc(r.done, compareDiffers)
	return r.done
}
