package app

import (
	"context"
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

// keptRated keeps what the rates of all projects are made of, as of one size of the journal: the map of every reader asks for it after every record.
type keptRated struct {
	mu   sync.Mutex
	no   int64
	day  calendar.Date
	rows map[int64]Rated
}

func (a *App) ratedNow(ctx context.Context, b BoardCards) (map[int64]Rated, error) {
	k := &a.rated
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rows != nil && k.no == b.Journal && k.day == b.Today {
		return k.rows, nil
	}
	projects, err := table[Project](a.db.read).Find(ctx)
	if err != nil {
		return nil, err
	}
	list, err := rated(ctx, a.db.read, projects, b.Today)
	if err != nil {
		return nil, err
	}
	rows := make(map[int64]Rated, len(list))
	for _, x := range list {
		rows[x.Project.ID] = x
	}
	k.no, k.day, k.rows = b.Journal, b.Today, rows
	return rows, nil
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
