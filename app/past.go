package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"gorm.io/gorm/schema"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// past is the district as the journal's records tell that it was at an instant: the rows that rules and the map look at, put together from what each record
// changed. A row that is in it is never changed, a new one takes its place, so that a copy of a past is a copy of its maps.
type past struct {
	app        *App
	forces     map[int64]*TaskForce
	projects   map[int64]*Project
	milestones map[int64]*Milestone
	tickets    map[int64]*Ticket
	assigned   map[int64]*Assignment // by project: the one in force
	progress   map[int64]*ProgressEntry
	entries    map[int64][]int64 // by project: its progress
	exempt     map[int64]*Exemption
	plans      map[int64]map[calendar.Month]int64 // by project, in fen
	rungs      map[subjectKey][]*Escalation       // every rung that an item reached, the oldest first, whether lit or not
	limits     map[int64]*CellLimit
	columns    map[reflect.Type]map[string][]int // where a row keeps a column
	dark       map[subjectKey]bool               // items whose light is not worked out yet after the newest step
	no, at     int64                             // the newest record that was read
	request    string                            // in which it was written
}

// subjectKey is an item of rules.
type subjectKey struct {
	kind string
	id   int64
}

func newPast(a *App) *past {
	return &past{app: a, forces: map[int64]*TaskForce{}, projects: map[int64]*Project{}, milestones: map[int64]*Milestone{}, tickets: map[int64]*Ticket{},
		assigned: map[int64]*Assignment{}, progress: map[int64]*ProgressEntry{}, entries: map[int64][]int64{}, exempt: map[int64]*Exemption{},
		plans: map[int64]map[calendar.Month]int64{}, rungs: map[subjectKey][]*Escalation{}, limits: map[int64]*CellLimit{}, columns: map[reflect.Type]map[string][]int{}, dark: map[subjectKey]bool{}}
}

// clone is a past that may be led on without changing this one.
func (p *past) clone() *past {
	q := *p
	q.forces, q.projects, q.milestones, q.tickets, q.assigned = maps.Clone(p.forces), maps.Clone(p.projects), maps.Clone(p.milestones), maps.Clone(p.tickets), maps.Clone(p.assigned)
	q.progress, q.entries, q.exempt, q.plans, q.rungs = maps.Clone(p.progress), maps.Clone(p.entries), maps.Clone(p.exempt), maps.Clone(p.plans), maps.Clone(p.rungs)
	q.columns, q.dark, q.limits = maps.Clone(p.columns), maps.Clone(p.dark), maps.Clone(p.limits)
	return &q
}

// pastWhere picks records of things that rules look at.
const pastWhere = "object_kind IN ('project', 'milestone', 'ticket', 'progress', 'exemption')"

// pastRecords reads journal records in order; where narrows them.
func (a *App) pastRecords(ctx context.Context, until int64, where string, args ...any) ([]JournalRow, error) {
	rows, err := table[JournalRow](a.db.read).Where(pastWhere+" AND at <= ?", until).Where(where, args...).Order("no").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the journal's past: %w", err)
	}
	return rows, nil
}

// apply adds one record.
func (p *past) apply(row JournalRow) error {
	var r audit.Record
	if err := json.Unmarshal(row.Record, &r); err != nil { // what Decode checks beside is the auditor's business, and costs ten times as much
		return fmt.Errorf("record %d: %w", row.No, err)
	}
	if row.At != p.at || r.Request != p.request {
		p.light()
	}
	p.no, p.at, p.request = row.No, row.At, r.Request
	if err := p.applyKind(row, r); err != nil {
		return fmt.Errorf("record %d: %w", row.No, err)
	}
	return nil
}

func (p *past) applyKind(row JournalRow, r audit.Record) error {
	if isRung(row.Action) {
		return p.applyRung(row, r)
	}
	switch row.ObjectKind {
	case "task_force":
		return fold(p, p.forces, row.ObjectID, r.After, func(f *TaskForce) { f.ID = row.ObjectID })
	case "project":
		return p.applyProject(row, r)
	case "assignment":
		return p.applyAssignment(row, r)
	case "milestone":
		if err := fold(p, p.milestones, row.ObjectID, r.After, func(m *Milestone) { m.ID, m.ProjectID = row.ObjectID, row.ProjectID }); err != nil {
			return err
		}
		if row.Action != "milestone.add" { // what is new has no light of rules yet
			p.dark[subjectKey{"milestone", row.ObjectID}] = true
		}
		if row.Action == "milestone.reach" || row.Action == "milestone.revise" {
			p.dark[subjectKey{"project", row.ProjectID}] = true
		}
	case "ticket":
		if err := fold(p, p.tickets, row.ObjectID, r.After, func(k *Ticket) { k.ID = row.ObjectID }); err != nil {
			return err
		}
		if row.Action != "ticket.draft" {
			p.dark[subjectKey{"ticket", row.ObjectID}] = true
		}
	case "cell_limit":
		return fold(p, p.limits, row.ObjectID, r.After, func(l *CellLimit) { l.ID = row.ObjectID })
	case "progress":
		return p.applyProgress(row, r)
	case "exemption":
		if !bytes.Contains(r.After, []byte(`"month"`)) { // a reason that was accepted for something else than a project's month; its numbers are others
			return nil
		}
		if err := fold(p, p.exempt, row.ObjectID, r.After, func(e *Exemption) { e.ID, e.ProjectID = row.ObjectID, row.ProjectID }); err != nil {
			return err
		}
		p.dark[subjectKey{"project", row.ProjectID}] = true
	}
	return nil
}

// applyProject leaves out records about a project that carry something else: a claim, or a judgement.
func (p *past) applyProject(row JournalRow, r audit.Record) error {
	switch row.Action {
	case "project.claim", "project.verify", "project.reject", "project.judge":
	case "project.plan":
		if len(r.After) == 0 { // confirmed with a reason, without another amount
			return nil
		}
		months := map[calendar.Month]int64{}
		if err := json.Unmarshal(r.After, &months); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		all := map[calendar.Month]int64{}
		maps.Copy(all, p.plans[row.ProjectID])
		maps.Copy(all, months)
		p.plans[row.ProjectID] = all
	default:
		if err := fold(p, p.projects, row.ObjectID, r.After, func(q *Project) { q.ID, q.Code = row.ObjectID, r.Object.No }); err != nil {
			return err
		}
	}
	if row.Action != "project.add" { // a new project has no light yet
		p.dark[subjectKey{"project", row.ProjectID}] = true
	}
	return nil
}

// applyAssignment puts a project's assignment in the place of the one before it; the record says what is different.
func (p *past) applyAssignment(row JournalRow, r audit.Record) error {
	if err := fold(p, p.assigned, row.ProjectID, r.After, func(s *Assignment) { s.ID, s.ProjectID = row.ObjectID, row.ProjectID }); err != nil {
		return err
	}
	s := p.assigned[row.ProjectID]
	alter(p.projects, s.ProjectID, func(q *Project) { q.LeadUnitID, q.UnitID = s.LeadUnitID, s.UnitID })
	p.dark[subjectKey{"project", s.ProjectID}] = true
	return nil
}

// applyProgress keeps on the project what its newest report says.
func (p *past) applyProgress(row JournalRow, r audit.Record) error {
	if p.progress[row.ObjectID] == nil {
		p.entries[row.ProjectID] = append(slices.Clip(p.entries[row.ProjectID]), row.ObjectID)
	}
	if err := fold(p, p.progress, row.ObjectID, r.After, func(e *ProgressEntry) { e.ID, e.ProjectID = row.ObjectID, row.ProjectID }); err != nil {
		return err
	}
	e := p.progress[row.ObjectID]
	newest := func(state string) (out *ProgressEntry) {
		for _, id := range p.entries[row.ProjectID] {
			if one := p.progress[id]; (state == "" || one.State == state) && (out == nil || one.Month > out.Month) {
				out = one
			}
		}
		return out
	}
	alter(p.projects, row.ProjectID, func(q *Project) {
		switch {
		case row.Action == "progress.verify":
			q.LastProgressOn, q.VerifiedFen = p.today(), newest("verified").VerifiedFen
		case row.Action == "progress.report" && newest("") == e:
			q.ReportedFen = e.ReportedFen
		}
	})
	p.dark[subjectKey{"project", row.ProjectID}] = true
	return nil
}

// today is the day of the newest record.
func (p *past) today() calendar.Date { return p.app.opt.Calendar.Today(unixTime(p.at)) }

// alter puts a changed copy of a row in its place, if it is there.
func alter[T any](rows map[int64]*T, id int64, how func(*T)) {
	if rows[id] == nil {
		return
	}
	row := *rows[id]
	how(&row)
	rows[id] = &row
}

// fold sets on a copy of a row what a record changed, and begins the row where it is new.
func fold[T any](p *past, rows map[int64]*T, id int64, after json.RawMessage, name func(*T)) error {
	row := new(T)
	if rows[id] != nil {
		*row = *rows[id]
	}
	name(row)
	rows[id] = row
	return p.set(row, after)
}

// set sets on a row the columns of a record.
func (p *past) set(row any, after json.RawMessage) error {
	if len(after) == 0 {
		return nil
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(after, &columns); err != nil {
		return err
	}
	v := reflect.ValueOf(row).Elem()
	places := p.columns[v.Type()]
	if places == nil {
		places = map[string][]int{}
		placesOf(v.Type(), nil, places)
		p.columns[v.Type()] = places
	}
	return setColumns(v, columns, places)
}

// setColumns sets on a row what a record says of its columns; places are those of placesOf. Columns that the row does not keep are passed over.
func setColumns(row reflect.Value, columns map[string]json.RawMessage, places map[string][]int) error {
	for name, raw := range columns {
		at, ok := places[name]
		if !ok {
			continue
		}
		field := row.FieldByIndex(at)
		field.SetZero() // what a pointer points to is shared with the row before
		if err := json.Unmarshal(raw, field.Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// placesOf finds the fields of columns: the other direction of addColumns.
func placesOf(t reflect.Type, above []int, places map[string][]int) {
	for i := range t.NumField() {
		field := t.Field(i)
		at := append(slices.Clip(above), i)
		switch {
		case field.Anonymous:
			placesOf(field.Type, at, places)
		case field.IsExported():
			places[schema.NamingStrategy{}.ColumnName("", field.Name)] = at
		}
	}
}

// history is what the facts of a project are worked out from.
func (p *past) history(project int64) projectHistory {
	var h projectHistory
	for month, amount := range p.plans[project] {
		h.plans = append(h.plans, MonthlyPlan{ProjectID: project, Month: month, AmountFen: amount})
	}
	slices.SortFunc(h.plans, func(x, y MonthlyPlan) int { return int(x.Month - y.Month) })
	for _, id := range p.entries[project] {
		h.entries = append(h.entries, *p.progress[id])
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
