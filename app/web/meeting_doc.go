package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/templates"
)

// meetingDoc reads the meeting that the address names for one of its documents.
func (c *call) meetingDoc() (*meetingWords, error) {
	f, err := c.s.App.MeetingFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return nil, err
	}
	dir, err := c.s.App.Directory(c.ctx())
	return &meetingWords{c: c, f: &f, dir: dir, path: meetingPath(f.Meeting.No)}, err
}

// showDoc draws a document; the running head says the day on which it was drawn.
func (s *server) showDoc(c *call, page templates.MeetDocPage) error {
	page.Running = c.T("meetdoc.running", "Day", c.Day(s.App.Today()))
	if s.Demo != nil {
		page.Sample = c.T("demo.mark")
	}
	base, err := c.base(page.Heading)
	if err != nil {
		return err
	}
	base.Kind = "docs"
	return showBase(c, statusPage, s.Set.Pages.Meet.Doc, base, page)
}

func (w *meetingWords) about() []string {
	var out []string
	for _, d := range w.facts() {
		out = append(out, w.c.T("meetdoc.fact", "Name", d.Name, "Text", d.Text))
	}
	return out
}

// sections are the parts of the agenda as parts of a document.
func (w *meetingWords) sections() []templates.DocSection {
	var page templates.MeetingPage
	w.f.May = false // no forms on paper
	w.fill(&page)
	var out []templates.DocSection
	for _, g := range page.Groups {
		s := templates.DocSection{Title: g.Title, Empty: g.Empty}
		for _, l := range g.Lines {
			s.Items = append(s.Items, templates.DocItem{Title: l.N + ". " + l.Title, Light: l.Light, Lines: l.Facts})
		}
		out = append(out, s)
	}
	return out
}

func (s *server) printAgenda(c *call) error {
	w, err := c.meetingDoc()
	if err != nil {
		return err
	}
	return s.showDoc(c, templates.MeetDocPage{Back: w.path, Heading: c.T("meetdoc.agenda", "Title", w.f.Meeting.Title), No: w.f.Meeting.No, About: w.about(), Sections: w.sections()})
}

func (s *server) printMinutes(c *call) error {
	w, err := c.meetingDoc()
	if err != nil {
		return err
	}
	if w.f.Meeting.State == "planned" {
		return missingPage()
	}
	w.f.May = false
	part := templates.DocSection{Title: c.T("meeting.decisions"), Empty: c.T("meeting.no_decisions")}
	for i := range w.f.Decisions {
		l := w.decided(&w.f.Decisions[i])
		part.Items = append(part.Items, templates.DocItem{Title: l.N + ". " + l.Text, Lines: append([]templates.Def{{Name: c.T("meetings.state"), Text: l.Tag.Text}}, l.Facts...)})
	}
	return s.showDoc(c, templates.MeetDocPage{Back: w.path, Heading: c.T("meetdoc.minutes", "Title", w.f.Meeting.Title), No: w.f.Meeting.No, About: w.about(),
		Sections: []templates.DocSection{part}, Sign: []string{c.T("meetdoc.signed", "Name", w.dir.Users[w.f.Meeting.ChairID].Name), c.Day(w.f.Meeting.HeldOn)}})
}

func (s *server) meetingPack(c *call) error {
	w, err := c.meetingDoc()
	if err != nil {
		return err
	}
	sections := w.sections()[:2:2]
	changes, err := w.changes()
	if err != nil {
		return err
	}
	waiting, err := w.papersWaiting()
	if err != nil {
		return err
	}
	return s.showDoc(c, templates.MeetDocPage{Back: w.path, Heading: c.T("meetdoc.pack", "Title", w.f.Meeting.Title), No: w.f.Meeting.No, About: w.about(), Sections: append(sections, changes, waiting)})
}

// supervisionPack is the pack without a meeting: what is red, decided and unanswered now.
func (s *server) supervisionPack(c *call) error {
	if !c.rights.Supervise {
		return missingPage()
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	w := &meetingWords{c: c, f: &app.MeetingFile{Meeting: app.Meeting{State: "closed"}}, dir: dir}
	if w.f.Agenda, err = s.App.RedList(c.ctx(), c.actor); err != nil {
		return err
	}
	red := w.sections()[1]
	open, err := s.App.OpenDecisions(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	decisions := templates.DocSection{Title: c.T("meetdoc.open"), Empty: c.T("meetdoc.open_none")}
	for i := range open {
		l := w.decided(&open[i])
		decisions.Items = append(decisions.Items, templates.DocItem{Title: strconv.Itoa(i+1) + ". " + l.Text, Light: l.Light, Lines: append([]templates.Def{{Name: c.T("meeting.of"), Text: open[i].Meeting + " #" + l.N}}, l.Facts...)})
	}
	waiting, err := w.papersWaiting()
	if err != nil {
		return err
	}
	changes, err := w.changes()
	if err != nil {
		return err
	}
	return s.showDoc(c, templates.MeetDocPage{Back: "/supervision", Heading: c.T("supervision.pack"), Sections: []templates.DocSection{decisions, red, changes, waiting}})
}

// papersWaiting are the open papers that the reader may see, as a part of a document.
func (w *meetingWords) papersWaiting() (templates.DocSection, error) {
	c := w.c
	out := templates.DocSection{Title: c.T("meetdoc.waiting"), Empty: c.T("supervision.papers_none")}
	rows, err := c.s.App.Papers(c.ctx(), c.actor, app.PaperFilter{Open: true, Limit: papersShown})
	for _, r := range rows {
		if m := w.f.Meeting; m.TaskForceID != 0 && r.Paper.TaskForceID != m.TaskForceID {
			continue
		}
		words, _ := c.dueWords(r.Paper.TaskForceID, r.Paper.DeadlineOn)
		lines := []templates.Def{{Name: c.T("papers.matter"), Text: r.Paper.ItemTitle, Note: r.Paper.ItemNo}, {Name: c.T("papers.unit"), Text: w.dir.Units[r.Paper.UnitID].Name},
			{Name: c.T("papers.state"), Text: c.T("paper_state." + r.Life.State)}}
		if !r.Paper.DeadlineOn.IsZero() {
			lines = append(lines, templates.Def{Name: c.T("papers.answer_by"), Text: c.due(r.Paper.DeadlineOn), Note: words})
		}
		item := templates.DocItem{Title: r.Paper.No + " " + c.paperKind(r.Paper.Kind), Lines: lines}
		if r.Paper.Light != "" {
			item.Light = c.Light(r.Paper.Light)
		}
		out.Items = append(out.Items, item)
	}
	return out, err
}
