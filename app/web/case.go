package web

import (
	"encoding/hex"
	"errors"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/templates"
)

// caseTries is how often a case is gathered anew when somebody recorded something about it meanwhile.
const caseTries = 3

func (s *server) ticketCase(c *call) error { return s.exportCase(c, "ticket", c.Param("no")) }

func (s *server) projectCase(c *call) error { return s.exportCase(c, "project", c.Param("code")) }

// exportCase streams a case as a bundle. Nothing is sent before the first byte of it is there, so a refusal is still a page of its own.
func (s *server) exportCase(c *call, kind, no string) error {
	d := &download{c: c, name: "battlemap-" + kind + "-" + no + "-" + s.App.Today().String() + ".zip"}
	var err error
	for range caseTries {
		if err = s.writeCase(c, kind, no, d); d.begun || !stale(err) {
			break
		}
	}
	return err
}

func stale(err error) bool {
	f, ok := errors.AsType[*app.Fault](err)
	return ok && f.Kind == app.Stale
}

func (s *server) writeCase(c *call, kind, no string, d *download) error {
	one, err := s.App.OpenCase(c.ctx(), c.actor, kind, no)
	if err != nil {
		return err
	}
	w := caseWords{c: c, one: one}
	if w.dir, err = s.App.Directory(c.ctx()); err != nil {
		return err
	}
	doc, err := w.doc()
	if err != nil {
		return err
	}
	page, err := doc.HTML()
	if err != nil {
		return err
	}
	paper, err := doc.PDF(s.App.Now())
	if err != nil {
		return err
	}
	return s.App.ExportCase(c.ctx(), c.actor, one, []audit.Member{audit.NewMember("case.html", page), audit.NewMember("case.pdf", paper)}, d)
}

// caseWords words a case as a document.
type caseWords struct {
	c   *call
	one app.Case
	dir app.Directory
}

func (w caseWords) doc() (templates.CaseDoc, error) {
	c, one := w.c, w.one
	place, err := c.s.App.Place(c.ctx())
	if err != nil {
		return templates.CaseDoc{}, err
	}
	d := templates.CaseDoc{Locale: c.Locale, Place: place, No: one.No, Name: one.Title, Kind: c.T("object." + one.Kind)}
	if one.Kind == "ticket" {
		d.No = c.TicketNo(one.No)
		d.Parts, err = w.ticketParts()
	} else {
		d.Parts, err = w.projectParts()
	}
	if err != nil {
		return d, err
	}
	papers, err := w.papers()
	if err != nil {
		return d, err
	}
	talk, err := w.talk()
	if err != nil {
		return d, err
	}
	d.Parts = append(d.Parts, papers, talk, w.files())
	d.Facts = w.facts(d)
	for _, key := range []string{"how_records", "how_files", "how_verify", "how_key", "how_limits"} {
		d.How = append(d.How, c.T("case."+key))
	}
	d.Records, err = w.records()
	return d, err
}

// facts say what the document is, so that it can be understood alone.
func (w caseWords) facts(d templates.CaseDoc) []templates.Def {
	c, rows := w.c, w.one.Rows
	who := c.actor.Name
	if c.actor.Unit != "" {
		who += " · " + c.actor.Unit
	}
	defs := []templates.Def{{Name: d.Kind, Text: d.No + " " + d.Name}, {Name: c.T("case.by"), Text: who}, {Name: c.T("case.at"), Text: c.at(c.s.App.Now().Unix())}}
	if len(rows) > 0 {
		defs = append(defs, templates.Def{Name: c.T("case.count"), Text: c.T("case.count_of", "N", c.Count(len(rows)), "From", c.Count(int(rows[0].No)), "To", c.Count(int(rows[len(rows)-1].No))),
			Note: c.T("case.as_of", "Size", c.Count(int(w.one.Size)))})
	}
	return defs
}

// records are all records in words, with the hash that the proof names.
func (w caseWords) records() ([]templates.CaseRecord, error) {
	l, err := newLedger(w.c, w.one.Rows)
	if err != nil {
		return nil, err
	}
	out := make([]templates.CaseRecord, 0, len(w.one.Rows))
	for _, row := range w.one.Rows {
		leaf := audit.LeafHash(row.Record)
		one := templates.CaseRecord{JournalLine: l.line(row, 0), Action: row.Action, Leaf: hex.EncodeToString(leaf[:])}
		if r, err := row.Decoded(); err == nil {
			one.Address, one.Request = r.Address, r.Request
		}
		out = append(out, one)
	}
	return out, nil
}

// papers lists the papers, of a project's tickets too.
func (w caseWords) papers() (templates.CasePart, error) {
	c := w.c
	part := templates.CasePart{Name: "papers"}
	filter := app.PaperFilter{Project: w.one.ID}
	if w.one.Kind == "ticket" {
		filter = app.PaperFilter{Ticket: w.one.ID}
	}
	rows, err := c.s.App.Papers(c.ctx(), c.actor, filter)
	if err != nil {
		return part, err
	}
	for _, r := range rows {
		part.Texts = append(part.Texts, templates.CaseText{Head: c.paperKind(r.Paper.Kind) + " " + r.Paper.No + " · " + c.FullDay(r.Paper.IssuedOn) + " · " + r.Paper.Addressed,
			Body: r.Paper.Heading + "\n" + r.Paper.Body, Note: c.T("paper_state." + r.Life.State)})
	}
	if len(rows) == 0 {
		part.Empty = c.T("case.no_papers")
	}
	return part, nil
}

// talk is what people said, withdrawn words too: they stay on record.
func (w caseWords) talk() (templates.CasePart, error) {
	c := w.c
	part := templates.CasePart{Name: "talk"}
	talk, err := c.s.App.Talk(c.ctx(), c.actor, w.one.Kind, w.one.ID)
	if err != nil {
		return part, err
	}
	for _, one := range talk.Comments {
		text := templates.CaseText{Head: w.person(one.AddedBy) + " · " + c.at(one.AddedAt), Body: one.Body}
		if one.WithdrawnAt != 0 {
			text.Note = c.T("case.withdrawn", "Name", w.person(one.WithdrawnBy), "At", c.at(one.WithdrawnAt), "Why", one.WithdrawnWhy)
		}
		part.Texts = append(part.Texts, text)
	}
	if len(talk.Comments) == 0 {
		part.Empty = c.T("case.no_talk")
	}
	return part, nil
}

func (w caseWords) person(id int64) string {
	u, ok := w.dir.Users[id]
	if !ok {
		return w.c.T("journal.nobody")
	}
	if unit := w.dir.Units[u.UnitID].Name; unit != "" {
		return u.Name + " · " + unit
	}
	return u.Name
}

// files lists the attachments by their hash; what was withdrawn, and what bytes are gone, is said.
func (w caseWords) files() templates.CasePart {
	c := w.c
	part := templates.CasePart{Name: "files", Note: c.T("case.files_note")}
	for _, f := range w.one.Attachments {
		text := templates.CaseText{Head: f.Name + " · " + f.Caption, Body: c.T("case.file", "Name", w.person(f.AddedBy), "At", c.at(f.AddedAt), "Size", c.Count(int(f.Size)), "Type", f.MediaType) + "\nattachments/" + f.SHA256}
		if f.Caption == "" {
			text.Head = f.Name
		}
		if f.SentSHA256 != f.SHA256 {
			text.Body += "\n" + c.T("case.file_sent", "Sum", f.SentSHA256)
		}
		if f.WithdrawnAt != 0 {
			text.Note = c.T("case.withdrawn", "Name", w.person(f.WithdrawnBy), "At", c.at(f.WithdrawnAt), "Why", f.WithdrawnWhy)
		}
		switch f.Fate {
		case "disposed":
			text.Note += " " + c.T("case.file_disposed", "No", f.Disposal)
		case "lost":
			text.Note += " " + c.T("case.file_lost")
		}
		part.Texts = append(part.Texts, text)
	}
	if len(part.Texts) == 0 {
		part.Note, part.Empty = "", c.T("case.no_files")
	}
	return part
}

// lights lists what rules raised, the oldest first.
func (w caseWords) lights(list []app.Escalation) templates.CasePart {
	c := w.c
	part := templates.CasePart{Name: "lights"}
	l := ledger{c: c, dir: w.dir}
	for i := range list {
		e := list[len(list)-1-i]
		rule, _ := l.rule(e.RuleID)
		if known, ok := c.s.App.RulesetBy(e.Ruleset + "@" + id64(int64(e.RulesetVersion))).Rule(e.RuleID); ok {
			rule = known.Title.In(c.Lang)
		}
		text := templates.CaseText{Head: c.T("light."+string(e.Light)) + " · " + c.at(e.RecordedAt) + " · " + rule, Body: l.explained(e.Finding)}
		if !e.LiftedOn.IsZero() {
			text.Note = c.T("case.lifted", "Day", c.FullDay(e.LiftedOn), "Why", l.word("lifted.", e.LiftedWhy))
		}
		part.Texts = append(part.Texts, text)
	}
	if len(list) == 0 {
		part.Empty = c.T("case.no_lights")
	}
	return part
}

// holders are a chain of responsibility as names and values.
func holders(chain []templates.Holder) []templates.Def {
	var out []templates.Def
	for _, h := range chain {
		d := templates.Def{Name: h.Role, Text: h.Name, Note: h.Unit}
		if h.Name == "" {
			d.Text, d.Tone = h.Vacant, "late"
		}
		out = append(out, d)
	}
	return out
}
