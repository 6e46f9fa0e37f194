package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// past is the district as the journal's records tell that it was at an instant: the rows that rules look at, put together from what each record changed.
type past struct {
	projects   map[int64]*Project
	milestones map[int64]*Milestone
	tickets    map[int64]*Ticket
	progress   map[int64]*ProgressEntry
	exempt     map[int64]*Exemption
	plans      map[int64]map[calendar.Month]int64 // by project, in fen
	at         int64                              // the newest record that was read
}

func newPast() *past {
	return &past{projects: map[int64]*Project{}, milestones: map[int64]*Milestone{}, tickets: map[int64]*Ticket{}, progress: map[int64]*ProgressEntry{},
		exempt: map[int64]*Exemption{}, plans: map[int64]map[calendar.Month]int64{}}
}

// pastWhere picks records of things that rules look at.
const pastWhere = "object_kind IN ('project', 'milestone', 'ticket', 'progress', 'exemption')"

// pastRecords reads journal records in order; where narrows them.
func (a *App) pastRecords(ctx context.Context, until int64, where string, args ...any) ([]JournalRow, error) {
	rows, err := gorm.G[JournalRow](a.db.read).Where(pastWhere+" AND at <= ?", until).Where(where, args...).Order("no").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the journal's past: %w", err)
	}
	return rows, nil
}

// apply adds one record.
func (p *past) apply(row JournalRow, today func(at int64) calendar.Date) error {
	r, err := row.Decoded()
	if err != nil {
		return fmt.Errorf("record %d: %w", row.No, err)
	}
	p.at = row.At
	switch row.ObjectKind {
	case "project":
		return p.applyProject(row, r)
	case "milestone":
		return fold(p.milestones, row.ObjectID, r, func(m *Milestone) { m.ID = row.ObjectID; m.ProjectID = row.ProjectID })
	case "ticket":
		return fold(p.tickets, row.ObjectID, r, func(k *Ticket) { k.ID = row.ObjectID })
	case "progress":
		if project := p.projects[row.ProjectID]; project != nil && row.Action == "progress.verify" {
			project.LastProgressOn = today(row.At)
		}
		return fold(p.progress, row.ObjectID, r, func(e *ProgressEntry) { e.ID = row.ObjectID; e.ProjectID = row.ProjectID })
	case "exemption":
		return fold(p.exempt, row.ObjectID, r, func(e *Exemption) { e.ID = row.ObjectID; e.ProjectID = row.ProjectID })
	}
	return nil
}

// applyProject leaves out records about a project that carry something else: a claim, or a judgement.
func (p *past) applyProject(row JournalRow, r audit.Record) error {
	switch row.Action {
	case "project.claim", "project.verify", "project.reject", "project.judge":
		return nil
	case "project.plan":
		months := map[calendar.Month]int64{}
		if err := json.Unmarshal(r.After, &months); err != nil {
			return fmt.Errorf("record %d: plan: %w", row.No, err)
		}
		if p.plans[row.ProjectID] == nil {
			p.plans[row.ProjectID] = map[calendar.Month]int64{}
		}
		maps.Copy(p.plans[row.ProjectID], months)
		return nil
	}
	return fold(p.projects, row.ObjectID, r, func(q *Project) { q.ID, q.Code = row.ObjectID, r.Object.No })
}

// fold sets on a row what a record changed, and begins the row where it is new.
func fold[T any](rows map[int64]*T, id int64, r audit.Record, name func(*T)) error {
	if rows[id] == nil {
		rows[id] = new(T)
	}
	name(rows[id])
	if len(r.After) == 0 {
		return nil
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(r.After, &columns); err != nil {
		return fmt.Errorf("record %d: %w", r.No, err)
	}
	if err := setColumns(columns, reflect.ValueOf(rows[id]).Elem()); err != nil {
		return fmt.Errorf("record %d: %w", r.No, err)
	}
	return nil
}

// setColumns is the other direction of addColumns.
func setColumns(columns map[string]json.RawMessage, v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			if err := setColumns(columns, v.Field(i)); err != nil {
				return err
			}
			continue
		}
		raw, ok := columns[schema.NamingStrategy{}.ColumnName("", field.Name)]
		if !ok || !field.IsExported() {
			continue
		}
		if err := json.Unmarshal(raw, v.Field(i).Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", field.Name, err)
		}
	}
	return nil
}

// history is what the facts of a project are worked out from.
func (p *past) history(project int64) projectHistory {
	var h projectHistory
	for month, amount := range p.plans[project] {
		h.plans = append(h.plans, MonthlyPlan{ProjectID: project, Month: month, AmountFen: amount})
	}
	slices.SortFunc(h.plans, func(x, y MonthlyPlan) int { return int(x.Month - y.Month) })
	for _, e := range p.progress {
		if e.ProjectID == project {
			h.entries = append(h.entries, *e)
		}
	}
	slices.SortFunc(h.entries, func(x, y ProgressEntry) int { return int(x.Month - y.Month) })
	for _, e := range p.exempt {
		if e.ProjectID == project {
			h.exempt = append(h.exempt, *e)
		}
	}
	return h
}

func sortedNames[T any](rows map[string]T) []string { return slices.Sorted(maps.Keys(rows)) }

// sortedKeys are the numbers of rows in order: what is worked out twice comes out the same.
func sortedKeys[T any](rows map[int64]T) []int64 { return slices.Sorted(maps.Keys(rows)) }
