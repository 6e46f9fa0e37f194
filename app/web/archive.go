package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/templates"
)

// archiveAsk is what a refused form typed.
type archiveAsk struct {
	months string
	typed  app.AskDisposal
	faults templates.Faults
}

func (s *server) archivePage(c *call) error { return s.showArchive(c, statusPage, archiveAsk{}) }

func (s *server) showArchive(c *call, status int, ask archiveAsk) error {
	years, made, err := s.App.ArchiveYears(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	disposals, err := s.App.Disposals(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	months, err := s.App.Retention(c.ctx())
	if err != nil {
		return err
	}
	page := templates.ArchivePage{MayMake: c.rights.Audit, Problem: ask.faults[""], Retention: c.T("retention.for_ever")}
	if months > 0 {
		page.Retention = c.T("retention.months", "N", months)
	}
	for _, year := range years {
		page.Years = append(page.Years, c.archiveYear(year, made[year]))
	}
	if len(years) == 0 {
		page.Empty = []templates.Empty{{Icon: "archive", Text: c.T("archive.empty"), Next: c.T("archive.empty_next")}}
	}
	for _, d := range disposals {
		page.Disposals = append(page.Disposals, c.disposalLine(d, dir))
	}
	if len(disposals) == 0 {
		page.NoneAsked = []templates.Empty{{Icon: "archive", Text: c.T("disposal.none"), Next: c.T("disposal.none_next")}}
	}
	if c.rights.Disposes {
		c.archiveForms(&page, ask, months)
	}
	base, err := c.base(c.T("archive.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "archive", c.T("archive.lead")
	return showBase(c, status, s.Set.Pages.Guard.Archive, base, page)
}

func (c *call) archiveForms(page *templates.ArchivePage, ask archiveAsk, months int) {
	term := ask.months
	if term == "" {
		term = strconv.Itoa(months)
	}
	page.Term = []templates.Field{c.Field("months", "retention.term", term).As("number").Hinted("retention.term_hint").Need().Fails(ask.faults)}
	before := ""
	if !ask.typed.BeforeOn.IsZero() {
		before = ask.typed.BeforeOn.String()
	}
	page.Ask = []templates.Field{
		c.Field("before_on", "disposal.before", before).As("date").Hinted("disposal.before_hint").Need().Fails(ask.faults),
		c.Field("basis", "disposal.basis", ask.typed.Basis).Hinted("disposal.basis_hint").Need().Fails(ask.faults),
		c.Field("reason", "disposal.reason", ask.typed.Reason).Need().Fails(ask.faults),
	}
}

func (c *call) archiveYear(year int, made []app.Archived) templates.ArchiveYear {
	line := templates.ArchiveYear{Year: strconv.Itoa(year), Note: c.T("archive.open_year")}
	if year < c.s.App.Today().Year() {
		line.Note = c.T("archive.closed_year")
	}
	for _, one := range made {
		who := ""
		if r, err := one.Row.Decoded(); err == nil {
			who = r.Actor.Name
		}
		line.Made = append(line.Made, templates.ArchiveMade{At: c.at(one.Row.At), Who: who, Records: c.T("archive.held", "Count", c.Count(int(one.Records))), Href: recordPath(one.Row.No), No: "#" + id64(one.Row.No)})
	}
	return line
}

func (c *call) disposalLine(d app.Disposal, dir app.Directory) templates.DisposalLine {
	line := templates.DisposalLine{ID: id64(d.ID), Before: c.T("disposal.files_before", "Day", c.FullDay(d.BeforeOn)), Basis: d.Basis, Why: d.Reason,
		Asked: dir.Users[d.AskedBy].Name + " · " + c.at(d.AskedAt), State: templates.Tag{Text: c.T("disposal_state." + d.State), Tone: map[string]string{"asked": "blue", "approved": "green"}[d.State]}}
	if d.State != "asked" {
		line.Decided = dir.Users[d.DecidedBy].Name + " · " + c.at(d.DecidedAt)
		if d.Note != "" {
			line.Decided += " · " + d.Note
		}
	}
	if d.State == "approved" {
		line.Result = c.T("disposal.result", "Files", d.Files, "Bytes", c.Count(int(d.Bytes)))
	}
	if d.State == "asked" && c.rights.ApprovesDisposal {
		if line.Own = d.AskedBy == c.actor.ID; !line.Own {
			line.Version = id64(d.Version)
		}
	}
	return line
}

func (s *server) setRetention(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ask := archiveAsk{months: f.text("months")}
	months, err := strconv.Atoi(ask.months)
	if err != nil {
		months = -1 // no number: refused with the sentence that says which are possible
	}
	if err = f.err(); err == nil {
		err = s.App.SetRetention(c.ctx(), c.actor, months)
	}
	return c.after(err, "/archive#retention", "retention_set", s.archiveAgain(c, ask))
}

func (s *server) askDisposal(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ask := archiveAsk{typed: app.AskDisposal{BeforeOn: f.day("before_on"), Basis: f.text("basis"), Reason: f.text("reason")}}
	if err = f.err(); err == nil {
		_, err = s.App.AskDisposal(c.ctx(), c.actor, ask.typed)
	}
	return c.after(err, "/archive#disposals", "disposal_asked", s.archiveAgain(c, ask))
}

func (s *server) decideDisposal(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.DecideDisposal{Disposal: f.number("disposal"), Version: f.number("version"), Approve: f.text("decision") == "approve", Note: f.text("note")}
	if err = f.err(); err == nil {
		err = s.App.DecideDisposal(c.ctx(), c.actor, cmd)
	}
	return c.after(err, "/archive#disposals", "disposal_decided", s.archiveAgain(c, archiveAsk{}))
}

func (s *server) archiveAgain(c *call, ask archiveAsk) func(int, templates.Faults) error {
	return func(status int, faults templates.Faults) error {
		ask.faults = faults
		if text := faults["note"]; text != "" {
			ask.faults[""] = text
		}
		return s.showArchive(c, status, ask)
	}
}

// archivePackage streams a year as a zip. Nothing is sent before the first byte of it is there, so a refusal is still a page of its own.
func (s *server) archivePackage(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	year := int(f.number("year"))
	d := &download{c: c, name: "battlemap-archive-" + strconv.Itoa(year) + ".zip"}
	if err = f.err(); err == nil {
		err = s.writeArchive(c, year, d)
	}
	if err == nil || d.begun {
		return err
	}
	return c.after(err, "", "", func(status int, faults templates.Faults) error {
		if text := faults["year"]; text != "" {
			faults[""] = text
		}
		return s.showArchive(c, status, archiveAsk{faults: faults})
	})
}

func (s *server) writeArchive(c *call, year int, d *download) error {
	r, err := s.App.OpenArchive(c.ctx(), c.actor, year)
	if err != nil {
		return err
	}
	documents, err := ArchiveDocuments(s.App, c.Locale, r, c.visit.Place)
	if err != nil {
		return err
	}
	return s.App.ExportArchive(c.ctx(), c.actor, r, documents, d)
}

// ArchiveDocuments are the index of an archive package for people, and its tables for a later system.
func ArchiveDocuments(a *app.App, l templates.Locale, r app.Archive, place string) ([]audit.Member, error) {
	page, err := l.ArchiveDoc(r, place, a.Calendar().Location(), a.MachineOf).HTML()
	if err != nil {
		return nil, err
	}
	data, err := r.Data()
	if err != nil {
		return nil, err
	}
	return []audit.Member{audit.NewMember("case.html", page), audit.NewMember("case.json", data)}, nil
}
