package templates

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

//go:embed print/archive.html
var archiveSheet string

// ArchiveDoc is the index of an archive package, to be read in any browser without this program.
type ArchiveDoc struct {
	Locale
	Place, Title, Lead string
	Facts              []Def
	Sections           []ArchiveSection
}

// ArchiveSection is one list of a package.
type ArchiveSection struct {
	ID, Title string
	Heads     []string
	Rows      [][]string
}

// HTML draws the index as one file that needs no other.
func (d ArchiveDoc) HTML() ([]byte, error) {
	t, err := template.New("archive").Parse(archiveSheet)
	if err != nil {
		return nil, fmt.Errorf("parse the sheet of an archive package: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, d); err != nil {
		return nil, fmt.Errorf("draw the archive package %s: %w", d.Title, err)
	}
	return out.Bytes(), nil
}

// archiver words an archive: it holds the names that ids stand for.
type archiver struct {
	l       Locale
	r       app.Archive
	loc     *time.Location
	machine func(id string, version int) *workflows.Machine
	users   map[int64]app.User
	units   map[int64]app.Unit
	forces  map[int64]app.TaskForce
}

// ArchiveDoc words a year; machine finds the workflow that a thing goes by, and place is the district.
func (l Locale) ArchiveDoc(r app.Archive, place string, loc *time.Location, machine func(id string, version int) *workflows.Machine) ArchiveDoc {
	w := archiver{l: l, r: r, loc: loc, machine: machine, users: map[int64]app.User{}, units: map[int64]app.Unit{}, forces: map[int64]app.TaskForce{}}
	for _, u := range r.Users {
		w.users[u.ID] = u
	}
	for _, u := range r.Units {
		w.units[u.ID] = u
	}
	for _, f := range r.Forces {
		w.forces[f.ID] = f
	}
	lead := l.T("archive.interim")
	if r.Closed {
		lead = l.T("archive.closed")
	}
	return ArchiveDoc{Locale: l, Place: place, Title: l.T("archive.doc_title", "Year", r.Year), Lead: lead,
		Facts: []Def{
			{Name: l.T("archive.made_at"), Text: l.Moment(r.Made.In(loc))},
			{Name: l.T("archive.records"), Text: l.T("archive.records_are", "Count", l.Count(len(r.Numbers)), "First", r.Numbers[0], "Last", r.Numbers[len(r.Numbers)-1])},
		},
		Sections: []ArchiveSection{w.projects(), w.tickets(), w.papers(), w.files(), w.people(), w.grants(), w.laws(), w.times(), w.disposals()}}
}

func (w archiver) section(id string, heads ...string) ArchiveSection {
	s := ArchiveSection{ID: id, Title: w.l.T("archive.part." + id)}
	for _, h := range heads {
		s.Heads = append(s.Heads, w.l.T("archive.head."+h))
	}
	return s
}

func (w archiver) day(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (w archiver) at(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).In(w.loc).Format("2006-01-02 15:04")
}

func (w archiver) state(machine string, version int, id string) string {
	if m := w.machine(machine, version); m != nil {
		if s, ok := m.State(id); ok {
			return s.Title.In(w.l.Lang)
		}
	}
	return id
}

func (w archiver) projects() ArchiveSection {
	s := w.section("projects", "no", "name", "force", "unit", "state", "signed", "started", "finished")
	for _, p := range w.r.Projects {
		s.Rows = append(s.Rows, []string{p.Code, p.Name, w.forces[p.TaskForceID].Name, w.units[p.UnitID].Name, w.state("project", p.MachineVersion, p.Stage),
			w.day(p.SignedOn), w.day(p.StartedOn), w.day(p.FinishedOn)})
	}
	return s
}

func (w archiver) tickets() ArchiveSection {
	s := w.section("tickets", "no", "name", "basis", "force", "unit", "state", "issued", "due", "original", "closed")
	for _, k := range w.r.Tickets {
		s.Rows = append(s.Rows, []string{w.l.TicketNo(k.No), k.Title, k.Basis, w.forces[k.TaskForceID].Name, w.units[k.LeadUnitID].Name, w.state("ticket", k.MachineVersion, k.State),
			w.day(k.IssuedOn), w.day(k.DueOn), w.day(k.BaselineOn), w.day(k.ClosedOn)})
	}
	return s
}

func (w archiver) papers() ArchiveSection {
	s := w.section("papers", "no", "heading", "item", "unit", "text", "issued")
	for _, p := range w.r.Papers {
		s.Rows = append(s.Rows, []string{p.No, p.Heading, p.ItemNo, w.units[p.UnitID].Name, p.Body, w.at(p.IssuedAt)})
	}
	return s
}

func (w archiver) files() ArchiveSection {
	s := w.section("files", "name", "caption", "handed_in", "who", "size", "sha256", "fate")
	for _, f := range w.r.Files {
		fate := w.l.T("archive.fate.kept")
		switch {
		case f.Fate == "disposed":
			fate = w.l.T("archive.fate.disposed", "No", f.Disposal)
		case f.Fate != "":
			fate = w.l.T("archive.fate.lost")
		}
		s.Rows = append(s.Rows, []string{f.Name, f.Caption, w.at(f.AddedAt), w.users[f.AddedBy].Name, strconv.FormatInt(f.Size, 10), f.SHA256, fate})
	}
	return s
}

func (w archiver) people() ArchiveSection {
	s := w.section("people", "account", "who", "post", "unit", "open")
	for _, u := range w.r.Users {
		open := w.l.T("archive.open")
		if u.Disabled {
			open = w.l.T("archive.shut")
		}
		s.Rows = append(s.Rows, []string{u.Account, u.Name, u.Title, w.units[u.UnitID].Name, open})
	}
	return s
}

func (w archiver) grants() ArchiveSection {
	s := w.section("grants", "who", "role", "scope", "from", "to", "by")
	for _, g := range w.r.Grants {
		scope := w.l.T("scope." + g.Scope)
		switch g.Scope {
		case "task_force":
			scope = w.forces[g.ScopeID].Name
		case "unit":
			scope = w.units[g.ScopeID].Name
		}
		s.Rows = append(s.Rows, []string{w.users[g.UserID].Name, w.l.Role(g.Role), scope, w.day(g.ValidFrom), w.day(g.ValidTo), w.users[g.GrantedBy].Name})
	}
	return s
}

func (w archiver) laws() ArchiveSection {
	s := w.section("laws", "name", "source", "state_code", "from", "sha256")
	for _, one := range w.r.Laws {
		s.Rows = append(s.Rows, []string{fmt.Sprintf("%s %s@%d", one.Kind, one.Name, one.Edition), one.Source, one.State, w.day(one.EffectiveFrom), one.SHA256})
	}
	return s
}

func (w archiver) times() ArchiveSection {
	s := w.section("times", "no", "name", "state_code", "text", "issued")
	for _, v := range w.r.Times {
		s.Rows = append(s.Rows, []string{v.Number, v.Title, v.State, v.Source, w.at(v.ApprovedAt)})
	}
	return s
}

func (w archiver) disposals() ArchiveSection {
	s := w.section("disposals", "before", "basis", "reason", "by", "decided", "count")
	for _, d := range w.r.Disposed {
		s.Rows = append(s.Rows, []string{w.day(d.BeforeOn), d.Basis, d.Reason, w.users[d.AskedBy].Name + " " + w.at(d.AskedAt),
			w.l.T("disposal_state."+d.State) + " " + w.users[d.DecidedBy].Name + " " + w.at(d.DecidedAt), strconv.Itoa(d.Files)})
	}
	return s
}
