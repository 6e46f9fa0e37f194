package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// LightLift is a light that went out.
type LightLift struct {
	Told         // the record that put it out: it is the rule's
	Lit     Told // the newest record that lit it, which says since when
	By      Told // what a person did in the same breath, without a number where only the clock did
	Light   workflows.Light
	Why     string // as records say it: "cured", "exempted", "answered", "date_changed"
	Since   calendar.Date
	Lifted  calendar.Date
	DaysLit int
}

// nearby is how many numbers apart what a person did and what a rule made of it are at most.
const nearby = 40

// LightsLifted answers which lights were put out, and by what. A light that gave way to a graver one of the same rule is not out. The unit is that of who acted.
func (a *App) LightsLifted(ctx context.Context, actor Actor, f QuestionFilter) ([]LightLift, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	lifts, err := a.told(ctx, f, "escalation.lift")
	if err != nil {
		return nil, err
	}
	lifts = slices.DeleteFunc(lifts, func(t Told) bool { return t.Is.Text("lifted_why") == "superseded" })
	lit, err := a.toldOf(ctx, lifts, "escalation.raise", "escalation.relight") // not by the period: a light may have burnt for long
	if err != nil {
		return nil, err
	}
	by, err := a.doneBeside(ctx, lifts)
	if err != nil {
		return nil, err
	}
	lamps := litBy(lit)
	var out []LightLift
	for i, t := range lifts {
		l := LightLift{Told: t, Why: t.Is.Text("lifted_why"), Lifted: t.Is.Day("lifted_on"), By: by[i]}
		of := lamps[lampKey(t)]
		l.Lit = newest(of, t.No(), func(Told) bool { return true })
		if raised := newest(of, t.No(), func(r Told) bool { return r.Row.Action == "escalation.raise" && sameRung(t, r) }); raised.No() != 0 {
			l.Light, l.Since = workflows.Light(raised.Is.Text("light")), raised.Is.Day("began_on")
			l.DaysLit = int(l.Lifted - l.Since)
		}
		if unit == "" || l.By.Record.Actor.Unit == unit {
			out = append(out, l)
		}
	}
	return out, nil
}

// lamp of a rule on an item: one of its steps is lit at a time.
type lampOf struct {
	kind string
	id   int64
	rule string
}

func lampKey(t Told) lampOf { return lampOf{t.Row.ObjectKind, t.Row.ObjectID, t.Row.Rule} }

// sameRung tells whether two records of a lamp are about the same step, where both name it: the earliest versions named it at the raising only.
func sameRung(a, b Told) bool {
	step := a.Is.Text("step")
	return step == "" || step == b.Is.Text("step") && a.Is.Day("due_on") == b.Is.Day("due_on")
}

func litBy(list []Told) map[lampOf][]Told {
	out := map[lampOf][]Told{}
	for _, t := range list {
		out[lampKey(t)] = append(out[lampKey(t)], t)
	}
	return out
}

// besideAtATime is around how many records one look is taken: around all of them lies most of the journal.
const besideAtATime = 200

// doneBeside finds for each record what a person did in the same breath, without a number where nobody did.
func (a *App) doneBeside(ctx context.Context, list []Told) ([]Told, error) {
	out := make([]Told, 0, len(list))
	for some := range slices.Chunk(list, besideAtATime) {
		near, err := a.beside(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			out = append(out, doneBy(t, near))
		}
	}
	return out, nil
}

// beside reads what people did around some records.
func (a *App) beside(ctx context.Context, list []Told) (map[int64]Told, error) {
	near := map[int64]bool{}
	for _, t := range list {
		for no := t.No() - nearby; no <= t.No()+nearby; no++ {
			near[no] = true
		}
	}
	var numbers []int64
	for no := range near {
		numbers = append(numbers, no)
	}
	slices.Sort(numbers)
	where, arg := among(a.db.read, "no", numbers)
	rows, err := table[JournalRow](a.db.read).Where(where, arg).Where("actor_kind = 'user'").Order("no").Find(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Told, len(rows))
	for _, row := range rows {
		if out[row.No], err = tellOf(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// doneBy is the nearest record of a person in the same request, at the same instant and about the same ticket or project.
func doneBy(t Told, beside map[int64]Told) Told {
	for apart := int64(1); apart <= nearby; apart++ {
		for _, no := range []int64{t.No() + apart, t.No() - apart} {
			by, ok := beside[no]
			if ok && by.Row.At == t.Row.At && by.Record.Request == t.Record.Request && by.Row.TicketID == t.Row.TicketID && by.Row.ProjectID == t.Row.ProjectID {
				return by
			}
		}
	}
	return Told{}
}
