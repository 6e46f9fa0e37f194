package app

import (
	"cmp"
	"context"
	"fmt"

	"battlemap/workflows"
)

// compareDiffers orders by day, kind, number and title.
func compareDiffers(x, y Differs) int {
	return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.No, y.No), cmp.Compare(x.Title, y.Title))
}

// previewBatch is how many running tickets a preview holds in memory at once; it looks at all of them.
const previewBatch = 500

// PreviewRules says which items would have another light today if a draft were in force: projects change on its day, running tickets and milestones keep
// the version they were issued under and show what those that come later would look like. Nothing is changed.
func (a *App) PreviewRules(ctx context.Context, actor Actor, draft *workflows.Ruleset) ([]Differs, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !s.all {
		return nil, denied()
	}
	r := &replay{t: a.view(ctx, System("preview")), draft: draft, open: map[string]*Differs{}}
	if err := r.liveProjects(ctx); err != nil {
		return nil, fmt.Errorf("preview the projects: %w", err)
	}
	if err := r.liveTickets(ctx); err != nil {
		return nil, fmt.Errorf("preview the tickets: %w", err)
	}
	return r.list(), nil
}

func (r *replay) liveProjects(ctx context.Context) error {
	t := r.t
	a, day := t.app, t.ruleDay()
	projects, err := table[Project](a.db.read).Order("id").Find(ctx)
	if err != nil {
		return err
	}
	stones, err := table[Milestone](a.db.read).Where("actual_on = ''").Order("id").Find(ctx)
	if err != nil {
		return err
	}
	byID := make(map[int64]*Project, len(projects))
	for i := range projects {
		p := &projects[i]
		byID[p.ID] = p
		h, err := t.projectHistory(p)
		if err != nil {
			return err
		}
		if !t.judged(p) {
			continue
		}
		w := t.projectWatch(p, h)
		err = r.compare(w.item, day, func(draft bool) (Seen, error) {
			return w.seenNow(r.choose(draft, t.rulesOn(day)), day, t.calmProject(p))
		})
		if err != nil {
			return err
		}
	}
	for i := range stones {
		m := &stones[i]
		p := byID[m.ProjectID]
		if p == nil {
			continue
		}
		w := t.milestoneWatch(p, m)
		if err := r.compare(w.item, day, func(draft bool) (Seen, error) {
			return w.seenNow(r.choose(draft, t.rulesOf(m.Ruleset)), day, workflows.LightGreen)
		}); err != nil {
			return err
		}
		r.keeps(milestoneItem(p, m))
	}
	return nil
}

func (r *replay) liveTickets(ctx context.Context) error {
	t := r.t
	for last := int64(0); ; {
		tickets, err := table[Ticket](t.app.db.read).Where("id > ? AND issued_on <> '' AND closed_on = ''", last).Order("id").Limit(previewBatch).Find(ctx)
		if err != nil {
			return err
		}
		for i := range tickets {
			if err := r.liveTicket(&tickets[i]); err != nil {
				return err
			}
		}
		if len(tickets) < previewBatch {
			return nil
		}
		last = tickets[len(tickets)-1].ID
	}
}

func (r *replay) liveTicket(k *Ticket) error {
	t := r.t
	w := t.ticketWatch(k)
	err := r.compare(w.item, t.ruleDay(), func(draft bool) (Seen, error) {
		return w.seenNow(r.choose(draft, t.rulesOf(k.Ruleset)), t.ruleDay(), t.calmTicket(k))
	})
	if err != nil {
		return err
	}
	r.keeps(w.item)
	return nil
}

// keeps marks an item that differs and is not touched by the draft.
func (r *replay) keeps(it item) {
	if d := r.open[fmt.Sprintf("%s %d", it.kind, it.id)]; d != nil {
		d.Keeps = true
	}
}
