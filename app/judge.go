package app

import (
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Seen is the light that a rule set gives an item on a day, and the rule it comes from; green and none come from no rule.
type Seen struct {
	Light workflows.Light
	Rule  string
	Title workflows.Words // of the rule
}

// worse keeps the graver of two lights.
func (s *Seen) worse(f *workflows.Finding) {
	if f != nil && f.Step.Light.Worse(s.Light) {
		*s = Seen{f.Step.Light, f.Rule, f.RuleTitle}
	}
}

// seenNow is what a rule set says of an item at the end of a day: the last step reached of each rule that counts days, and what each rule judged at the end of the
// last period. What a rule said when something happened is not asked again.
func (w *watch) seenNow(rules *workflows.Ruleset, day calendar.Date, calm workflows.Light) (Seen, error) {
	out := Seen{Light: calm}
	for _, r := range rules.For(w.item.kind) {
		f, err := w.saysNow(r, day)
		if err != nil {
			return out, w.failed(r, err)
		}
		out.worse(f)
	}
	return out, nil
}

func (w *watch) saysNow(r *workflows.Rule, day calendar.Date) (*workflows.Finding, error) {
	about := day
	if r.Every != "" {
		last, err := r.LastJudged(int(day), w.counts())
		if err != nil {
			return nil, err
		}
		about = calendar.Date(last)
	}
	s, err := w.subject(r, about, day)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Every != "":
		return r.Judge(s, int(about), w.counts())
	case r.Anchor == "":
		return nil, nil
	}
	found, err := r.Reached(s, workflows.EndOf(int(day)), w.counts())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[len(found)-1], nil
}

// calmProject is a project's light when nothing complains.
func (t *tx) calmProject(p *Project) workflows.Light {
	if !t.judged(p) || p.PlannedStartOn.IsZero() {
		return workflows.LightNone
	}
	return workflows.LightGreen
}

// calmTicket is the light of a ticket, and of a unit's part in it, when nothing complains.
func (t *tx) calmTicket(k *Ticket) workflows.Light {
	s, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	if s.Kind == workflows.KindOpen || s.Kind == workflows.KindPaused {
		return workflows.LightGreen
	}
	return workflows.LightNone
}

// track is what one law has shown to an item so far in a replay.
type track struct {
	seen  remembered
	lit   map[string]*workflows.Finding
	known map[string]bool // findings that were shown, by rule, step and day
}

// newTrack begins with what had been shown and had happened before a day.
func newTrack(from calendar.Date, past *remembered) *track {
	tr := &track{lit: map[string]*workflows.Finding{}, known: map[string]bool{}, seen: remembered{lights: map[string]map[calendar.Date]workflows.Light{}}}
	for _, c := range past.cards {
		if c.On < int(from) {
			tr.show(c)
		}
	}
	for _, e := range past.events {
		if e.On < int(from) {
			tr.seen.events = append(tr.seen.events, e)
		}
	}
	return tr
}

func (tr *track) show(c workflows.Card) {
	tr.seen.cards = append(tr.seen.cards, c)
	if tr.seen.lights[c.Rule] == nil {
		tr.seen.lights[c.Rule] = map[calendar.Date]workflows.Light{}
	}
	tr.seen.lights[c.Rule][calendar.Date(c.About)] = c.Light
}

// live lives through a day under a rule set: what happened is heard, steps begin, periods are judged, and what no longer holds goes out.
func (tr *track) live(w *watch, rules *workflows.Ruleset, day calendar.Date, happened []workflows.Event) error {
	w.seen = &tr.seen
	for _, e := range happened {
		if e.On == int(day) {
			if err := tr.hear(w, rules, e, 0); err != nil {
				return err
			}
			tr.seen.events = append(tr.seen.events, e)
		}
	}
	for _, r := range rules.For(w.item.kind) {
		if err := tr.rule(w, rules, r, day); err != nil {
			return w.failed(r, err)
		}
	}
	for id := range tr.lit { // of a rule that is gone
		if _, ok := rules.Rule(id); !ok {
			delete(tr.lit, id)
		}
	}
	return nil
}

func (tr *track) rule(w *watch, rules *workflows.Ruleset, r *workflows.Rule, day calendar.Date) error {
	about := day
	if r.Every != "" {
		last, err := w.judgedAt(r, day)
		if err != nil {
			return err
		}
		if last == 0 {
			return tr.cure(w, r, day)
		}
		about = last
	}
	s, err := w.subject(r, about, day)
	if err != nil {
		return err
	}
	switch {
	case r.Every != "":
		f, err := r.Judge(s, int(about), w.counts())
		if err != nil {
			return err
		}
		return tr.says(w, rules, r, day, one(f))
	case r.Anchor == "":
		return tr.cure(w, r, day)
	}
	found, err := r.Reached(s, workflows.EndOf(int(day)), w.counts())
	if err != nil {
		return err
	}
	return tr.says(w, rules, r, day, found)
}

func one(f *workflows.Finding) []workflows.Finding {
	if f == nil {
		return nil
	}
	return []workflows.Finding{*f}
}

// says keeps what a rule says on a day: the last finding is lit, each new one is a card and lets other rules know.
func (tr *track) says(w *watch, rules *workflows.Ruleset, r *workflows.Rule, day calendar.Date, found []workflows.Finding) error {
	delete(tr.lit, r.ID)
	for i := range found {
		f := &found[i]
		tr.lit[r.ID] = f
		key := f.Rule + "/" + f.Step.ID + "/" + calendar.Date(f.Due).String()
		if tr.known[key] {
			continue
		}
		tr.known[key] = true
		if err := tr.card(w, rules, f, day, 0); err != nil {
			return err
		}
	}
	return nil
}

func (tr *track) card(w *watch, rules *workflows.Ruleset, f *workflows.Finding, day calendar.Date, depth int) error {
	also := f.Step.Also()
	for _, kind := range append([]string{string(f.Step.Light)}, also...) {
		if kind == "" || depth >= deepest {
			continue
		}
		if err := tr.hear(w, rules, workflows.Event{Kind: kind, On: int(day)}, depth+1); err != nil {
			return err
		}
	}
	tr.show(workflows.Card{Rule: f.Rule, Step: f.Step.ID, Light: f.Step.Light, About: f.Due, On: int(day), Deadline: f.AnswerBy, Also: also})
	return nil
}

// deepest is how many cards may bring each other on one day.
const deepest = 4

// hear asks the rules that are judged on an event.
func (tr *track) hear(w *watch, rules *workflows.Ruleset, e workflows.Event, depth int) error {
	for _, r := range rules.For(w.item.kind) {
		if !slices.Contains(r.On, e.Kind) {
			continue
		}
		s, err := w.subject(r, calendar.Date(e.On), calendar.Date(e.On))
		if err != nil {
			return err
		}
		f, err := r.OnEvent(s, e, w.counts())
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		tr.lit[r.ID] = f
		if err := tr.card(w, rules, f, calendar.Date(e.On), depth); err != nil {
			return err
		}
	}
	return nil
}

// cure puts out what a rule lit that no longer holds.
func (tr *track) cure(w *watch, r *workflows.Rule, day calendar.Date) error {
	f := tr.lit[r.ID]
	if f == nil {
		return nil
	}
	about := day
	if r.Every != "" {
		about = calendar.Date(f.Due)
	}
	s, err := w.subject(r, about, day)
	if err != nil {
		return err
	}
	cured, err := r.Cured(s, workflows.EndOf(int(day)), w.counts())
	if cured {
		delete(tr.lit, r.ID)
	}
	return err
}

// worst is the gravest light that is lit.
func (tr *track) worst(calm workflows.Light) Seen {
	out := Seen{Light: calm}
	for _, id := range sortedNames(tr.lit) {
		out.worse(tr.lit[id])
	}
	return out
}
