package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"time"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Escalation is one rung that an item reached: the rule, its version and the facts it looked at are frozen in Finding. It is lit until lifted.
type Escalation struct {
	Row
	ItemKind       string // the scope of the rule, one of workflows.Scopes
	ItemID         int64  // of its row; of a task force, a unit or the district that of the Subject
	RuleID         string
	Step           string        `journal:"names"`
	DueOn          calendar.Date `journal:"names"` // what the rung is about: the due date, or the last day of the judged month
	Ruleset        string
	RulesetVersion int
	TaskForceID    int64
	ProjectID      int64
	TicketID       int64
	Light          workflows.Light
	Paper          string
	Interview      string // role of who interviews
	BeganOn        calendar.Date
	AnswerBy       calendar.Date
	Finding        string // JSON of workflows.Finding
	RecordedAt     int64
	LiftedOn       calendar.Date
	Points         int64  // that it adds to the score, in hundredths
	Charge         string // whose score: "unit", "task_force" or "project"; "" where it adds nothing
	LiftedWhy      string // "cured", "superseded", "date_changed", "exempted" or "answered"
}

// Explain unpacks the finding, with the types of its facts as the rule saw them: JSON knows one kind of number only.
func (e Escalation) Explain() (workflows.Finding, error) {
	var f workflows.Finding
	err := json.Unmarshal([]byte(e.Finding), &f)
	for i, fact := range f.Facts {
		if n, ok := fact.Value.(float64); ok && (fact.Type == "day" || fact.Type == "int") {
			f.Facts[i].Value = int(n)
		}
	}
	return f, err
}

// Judgement is what the month rules said of a project at a month's end; it never changes.
type Judgement struct {
	ID         int64
	ProjectID  int64
	Month      calendar.Month
	Light      workflows.Light
	ScheduleBP int64 // planned share of the year's plan, in basis points
	DoneBP     int64 // verified share
	Ruleset    string
	JudgedAt   int64
}

// judgeHour is when a month is judged on its last day [P]: the office closes half an hour later, so that reminders still go out on a working day.
const judgeHour = 17

// stepHour and stepMinute are when a step of a rule begins on its day: with the working day.
const stepHour, stepMinute = 8, 30

// item is what an escalation is about.
type item struct {
	kind      string
	id        int64
	no, title string
	taskForce int64
	project   int64
	ticket    int64
	path      string // address of the page; "" for that of the ticket or project
}

// rules is who acts when a rule does: inside somebody's transaction the step is still the rule's.
func rulesActor() *Actor {
	a := System("rules")
	return &a
}

// ruleDay is the day up to which steps have begun: today once the working day has begun, yesterday before that.
func (t *tx) ruleDay() calendar.Date {
	if t.now.Before(t.calendar(0).At(t.today, stepHour, stepMinute)) {
		return t.today.AddDays(-1)
	}
	return t.today
}

func (t *tx) judgeInstant(m calendar.Month) time.Time {
	return t.calendar(0).At(m.Last(), judgeHour, 0)
}

// raise records a rung once, puts out the lower rungs of the same rule, and tells everybody on it. A rung that was reached before and put out since (a ticket
// was returned) is lit again under its old record, and nobody is told a second time; only the last rung reached can be.
func (w *watch) raise(f workflows.Finding, last bool) error {
	t, it, due := w.t, w.item, calendar.Date(f.Due)
	seen, err := list[Escalation](t, "id", "item_kind = ? AND item_id = ? AND rule_id = ? AND step = ? AND due_on = ?", it.kind, it.id, f.Rule, f.Step.ID, due)
	if err != nil {
		return err
	}
	if len(seen) > 0 && (seen[0].LiftedOn.IsZero() || !last) {
		return nil
	}
	lit, err := t.lit(it)
	if err != nil {
		return err
	}
	if excused, err := t.excused(it, f.Rule, due); err != nil || excused {
		return err
	}
	if len(seen) > 0 {
		if gone, err := t.outrun(it, f); err != nil || gone {
			return err
		}
	}
	if waits, err := t.answerWaits(it, f); err != nil || waits && len(seen) == 0 {
		return err
	}
	if err := t.outrunLit(it, f, lit); err != nil {
		return err
	}
	if err := t.lift(it, f.Rule, "superseded"); err != nil {
		return err
	}
	w.seen = nil
	if len(seen) > 0 {
		return t.lightAgain(it, &seen[0])
	}
	return w.raiseNew(f)
}

// raiseNew records a rung, issues its papers and tells everybody on it; under an acknowledgement that is in force it only records it.
func (w *watch) raiseNew(f workflows.Finding) error {
	t, it := w.t, w.item
	held, err := t.acknowledged(it, f)
	if err != nil {
		return err
	}
	if held != nil {
		f.Step.Paper, f.Step.Interview, f.Step.Answer = "", "", nil
	}
	e, err := t.newEscalation(it, f)
	if err != nil {
		return err
	}
	if err := insert(t, e); err != nil {
		return err
	}
	record := escalationChange("escalation.raise", it, nil, e, "")
	if held != nil {
		record.reason = held.No
	}
	t.record(record)
	t.showsCard(e, f.Step.Also())
	if f.Step.Coordination > 0 && w.coordinate != nil {
		w.coordinate(f.Step.Coordination)
	}
	if held != nil {
		return nil
	}
	if err := t.issueFor(it, e, f); err != nil {
		return err
	}
	standing, err := t.standing(it, f.Step.Tell)
	if err != nil {
		return err
	}
	to, vacant := everybody(standing)
	return t.tell(event{item: it, rule: f.Rule, step: f.Step.ID, due: calendar.Date(f.Due), escalation: e.ID, light: f.Step.Light, subject: "escalation", vacant: vacant}, to)
}

// showsCard lets the rules that are judged on cards know of one, and of what else it brought.
func (t *tx) showsCard(e *Escalation, also []string) {
	for _, kind := range append([]string{string(e.Light)}, also...) {
		if kind != "" {
			t.happenings = append(t.happenings, happening{kind: e.ItemKind, id: e.ItemID, event: workflows.Event{Kind: kind, On: int(e.BeganOn)}, card: e.ID})
		}
	}
}

// noticing finds a public notice in a finding as it is stored, so that the others need not be unpacked.
var noticing = regexp.MustCompile(`"Notice":"[^"]`)

// also lists the kinds of events that the rung brought besides its light.
func (e *Escalation) also() ([]string, error) {
	step := workflows.Step{Paper: e.Paper, Interview: e.Interview}
	if noticing.MatchString(e.Finding) {
		f, err := e.Explain()
		if err != nil {
			return nil, fmt.Errorf("read the finding of escalation %d: %w", e.ID, err)
		}
		step.Notice = f.Step.Notice
	}
	return step.Also(), nil
}

func (t *tx) lightAgain(it item, e *Escalation) error {
	was := *e
	e.LiftedOn, e.LiftedWhy = 0, ""
	if err := update(t, e); err != nil {
		return err
	}
	t.record(escalationChange("escalation.relight", it, was, e, ""))
	if err := t.tellAgain(e.ID); err != nil {
		return err
	}
	return t.resumePapers(it, e)
}

// escalationChange describes a rung's change for the journal; it is the rule's doing, in whoever's transaction it falls.
func escalationChange(action string, it item, was any, e *Escalation, why string) change {
	return change{action: action, kind: it.kind, id: it.id, no: it.no, taskForce: it.taskForce, project: it.project, ticket: it.ticket,
		before: was, after: e, reason: why, rule: fmt.Sprintf("%s/%s@%d", e.Ruleset, e.RuleID, e.RulesetVersion), by: rulesActor()}
}

func (t *tx) newEscalation(it item, f workflows.Finding) (*Escalation, error) {
	finding, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("keep the finding of %s: %w", f.Rule, err)
	}
	e := &Escalation{ItemKind: it.kind, ItemID: it.id, RuleID: f.Rule, Step: f.Step.ID, DueOn: calendar.Date(f.Due), Ruleset: f.Ruleset, RulesetVersion: f.Version,
		TaskForceID: it.taskForce, ProjectID: it.project, TicketID: it.ticket, Light: f.Step.Light, Paper: f.Step.Paper, Interview: f.Step.Interview,
		Points: int64(math.Round(f.Points * 100)), BeganOn: t.beganOn(it, f), Finding: string(finding), RecordedAt: t.now.Unix()}
	if e.Points != 0 {
		e.Charge = cmp.Or(f.Step.Charge, "unit")
	}
	if f.Step.Answer != nil {
		cal := t.calendar(it.taskForce)
		from := cal.Today(cal.NextOpen(t.now))
		e.AnswerBy, err = cal.Due(from, calendar.Term{N: f.Step.Answer.N, Unit: calendar.Unit(f.Step.Answer.Unit)})
	}
	return e, err
}

// beganOn is the day on which a step began. A running project comes under a new rule set on the day that this takes effect: nothing is lit for the days before.
func (t *tx) beganOn(it item, f workflows.Finding) calendar.Date {
	on := calendar.Date(f.On)
	if e, ok := t.book.of("ruleset", f.Ruleset, f.Version); ok && it.kind == "project" {
		return max(on, e.from)
	}
	return on
}

// lit reads the escalations of an item that are not lifted.
func (t *tx) lit(it item) ([]Escalation, error) {
	if it.id == 0 {
		return nil, nil
	}
	return list[Escalation](t, "id", "item_kind = ? AND item_id = ? AND lifted_on = ''", it.kind, it.id)
}

// lift puts out what a rule lit on an item, under whichever version.
func (t *tx) lift(it item, rule, why string) error { return t.liftBy(it, nil, rule, why) }

// liftBy puts out what a rule of one rule set lit on an item: what another version lit, that version puts out.
func (t *tx) liftBy(it item, rules *workflows.Ruleset, rule, why string) error {
	lit, err := t.lit(it)
	if err != nil {
		return err
	}
	for i := range lit {
		if lit[i].RuleID != rule || rules != nil && (lit[i].Ruleset != rules.ID || lit[i].RulesetVersion != rules.Version) {
			continue
		}
		if err := t.liftOne(it, &lit[i], why); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) liftOne(it item, e *Escalation, why string) error {
	was := *e
	e.LiftedOn, e.LiftedWhy = t.today, why
	if err := update(t, e); err != nil {
		return err
	}
	if why != "superseded" {
		if err := t.withdraw(e.ID, why); err != nil {
			return err
		}
	}
	t.record(escalationChange("escalation.lift", it, was, e, why))
	return t.endPapers(it, e.RuleID, why)
}

// lamp is the light of an item as its row keeps it.
type lamp struct {
	light workflows.Light
	rule  string
	since calendar.Date
}

// worst is the gravest light among those lit, or calm when none is.
func worst(lit []Escalation, calm lamp, old lamp) lamp {
	out := calm
	for _, e := range lit {
		if e.Light.Worse(out.light) {
			out = lamp{e.Light, e.RuleID, e.BeganOn}
		}
	}
	if out.light == old.light && out.rule == old.rule && !old.since.IsZero() {
		out.since = old.since
	}
	return out
}

// earlier is the smaller of two instants, 0 meaning never.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
