package app

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	r := &replay{t: a.view(ctx, System("simulate")), past: newPast(), draft: draft, open: map[string]*Differs{}, facts: map[int64]ticketLook{}}
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
	draft *workflows.Ruleset
	open  map[string]*Differs // by kind and number
	done  []Differs
	facts map[int64]ticketLook
}

// ticketLook are a ticket's facts as of one version of its row.
type ticketLook struct {
	version int64
	facts   workflows.Facts
}

// advance applies the records up to 17:00 of a day and returns the rest.
func (r *replay) advance(rows []JournalRow, day calendar.Date) ([]JournalRow, error) {
	cal := r.t.app.opt.Calendar
	until := cal.At(day, judgeHour, 0).Unix()
	for len(rows) > 0 && rows[0].At <= until {
		if err := r.past.apply(rows[0], func(at int64) calendar.Date { return cal.Today(time.Unix(at, 0)) }); err != nil {
			return nil, err
		}
		rows = rows[1:]
	}
	return rows, nil
}

// look compares the two laws on every item as it is at 17:00 of a day.
func (r *replay) look(day calendar.Date) error {
	a, now := r.t.app, r.t.book.rules("", day)
	judged := day.Month()
	if day != judged.Last() {
		judged = judged.Add(-1)
	}
	for _, id := range sortedKeys(r.past.projects) {
		p, h := r.past.projects[id], r.past.history(id)
		err := r.compare(projectItem(p), day, func(draft bool) (Seen, error) { return a.seenProject(r.choose(draft, now), p, h, judged, day) })
		if err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(r.past.milestones) {
		m := r.past.milestones[id]
		p := r.past.projects[m.ProjectID]
		if p == nil {
			continue
		}
		law := r.t.book.rules(m.Ruleset, day)
		err := r.compare(milestoneItem(p, m), day, func(draft bool) (Seen, error) { return a.seenMilestone(r.choose(draft, law), p, m, day) })
		if err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(r.past.tickets) {
		k := r.past.tickets[id]
		facts, err := r.ticket(k)
		if err != nil {
			return err
		}
		law := r.t.book.rules(k.Ruleset, day)
		if err := r.compare(ticketItem(k), day, func(draft bool) (Seen, error) { return a.seenTicket(r.choose(draft, law), facts, day) }); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) choose(draft bool, law *workflows.Ruleset) *workflows.Ruleset {
	if draft {
		return r.draft
	}
	return law
}

func (r *replay) ticket(k *Ticket) (workflows.Facts, error) {
	if seen, ok := r.facts[k.ID]; ok && seen.version == k.Version {
		return seen.facts, nil
	}
	f, err := r.t.ticketFacts(k)
	r.facts[k.ID] = ticketLook{k.Version, f}
	return f, err
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
