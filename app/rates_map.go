package app

import (
	"context"
	"maps"
	"slices"
	"sync"

	"battlemap/app/calendar"
)

// MapRates are the four rates of the projects of a board as of its day: of today by the rows, of a past day by the journal up to it.
func (a *App) MapRates(ctx context.Context, b BoardCards) ([]Rate, error) {
	if b.past != nil {
		return a.ratesThen(b.past, b.Projects, b.Today), nil
	}
	known, err := a.ratedNow(ctx, b)
	if err != nil {
		return nil, err
	}
	list := make([]Rated, 0, len(b.Projects))
	for _, c := range b.Projects {
		x := known[c.Project.ID]
		x.Project = c.Project
		list = append(list, x)
	}
	return RatesOf(list, b.Today, a.rates), nil
}

// keptRated keeps the amounts that the rates of all projects are made of, as of one size of the journal: the map of every reader asks for them after every record.
type keptRated struct {
	mu   sync.Mutex
	no   int64
	day  calendar.Date
	rows map[int64]Rated
}

// ratedNow are the amounts by project, at least as new as the board. Only those of projects that the journal named since are read anew.
func (a *App) ratedNow(ctx context.Context, b BoardCards) (map[int64]Rated, error) {
	k := &a.rated
	k.mu.Lock()
	defer k.mu.Unlock()
	same := k.rows != nil && k.day == b.Today
	if same && k.no >= b.Journal {
		return k.rows, nil
	}
	if same {
		changed, some, err := a.changedItems(ctx, k.no, b.Journal)
		if err != nil {
			return nil, err
		}
		if some {
			return a.renewRated(ctx, b.Journal, changed.projects)
		}
	}
	rows, err := ratedAmounts(ctx, a.db.read, nil, b.Today)
	if err != nil {
		return nil, err
	}
	k.no, k.day, k.rows = b.Journal, b.Today, rows
	return rows, nil
}

// renewRated reads the amounts of the changed projects; what was answered before is never changed, readers still hold it.
func (a *App) renewRated(ctx context.Context, no int64, changed map[int64]bool) (map[int64]Rated, error) {
	k := &a.rated
	if len(changed) > 0 {
		now, err := ratedAmounts(ctx, a.db.read, slices.Collect(maps.Keys(changed)), k.day)
		if err != nil {
			return nil, err
		}
		k.rows = maps.Clone(k.rows)
		for id := range changed {
			k.rows[id] = now[id]
		}
	}
	k.no = no
	return k.rows, nil
}

// ratesThen are the four rates of cards of a past day.
func (a *App) ratesThen(p *past, cards []Card, day calendar.Date) []Rate {
	list := make([]Rated, len(cards))
	for i, c := range cards {
		list[i] = p.rated(c.Project, day)
	}
	return RatesOf(list, day, a.rates)
}

// rated is what the rates of one project were made of, as the journal tells it.
func (p *past) rated(q Project, day calendar.Date) Rated {
	last := monthEnded(day)
	first := calendar.MakeMonth(last.Year(), 1)
	out := Rated{Project: q}
	for month, fen := range p.plans[q.ID] {
		if month >= first && month <= last {
			out.PlanFen += fen
		}
	}
	var entries []*ProgressEntry
	for _, id := range p.entries[q.ID] {
		if e := p.progress[id]; e.State == "verified" && e.Month >= first && e.Month <= last {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(x, y *ProgressEntry) int { return int(x.Month - y.Month) })
	for _, e := range entries {
		out.DoneFen = e.VerifiedFen
		if e.VerifiedFundsFen != nil {
			out.FundsFen = e.VerifiedFundsFen
		}
	}
	return out
}
