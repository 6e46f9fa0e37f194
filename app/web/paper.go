package web

import (
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

func (s *server) paperPage(c *call) error {
	f, err := s.App.PaperFile(c.ctx(), c.actor, c.Param("code"))
	if err != nil {
		return err
	}
	return s.showPaper(c, statusPage, f, typedMove{move: c.QueryParam("do")})
}

// showPaper draws the page of a paper; typed is what was typed into one of its forms, or which form to open.
func (s *server) showPaper(c *call, status int, f app.PaperFile, typed typedMove) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	w := paperWords{c, f, dir, typed}
	page, err := w.page()
	if err != nil {
		return err
	}
	base, err := c.base(f.Paper.Heading)
	if err != nil {
		return err
	}
	base.Kind = "ticket"
	base.Crumbs = []templates.Crumb{{Text: c.T("papers.heading"), Href: "/papers"}, {Text: f.Paper.ItemTitle, Href: itemPath(f.Paper)}, {Text: f.Paper.No}}
	return showBase(c, status, s.Set.Pages.Paper.Paper, base, page)
}

// paperWords is what the page of a paper is worded with.
type paperWords struct {
	c     *call
	f     app.PaperFile
	dir   app.Directory
	typed typedMove
}

func (w paperWords) page() (templates.PaperPage, error) {
	c, p, l := w.c, w.f.Paper, w.f.Life
	page := templates.PaperPage{No: p.No, Path: "/papers/" + p.Code, PrintHref: "/papers/print?code=" + p.Code, Version: l.Version, Addressed: p.Addressed, Steps: w.steps(),
		Lines: paperLines(p.Body), About: w.about(), Life: w.life(), Acts: w.acts(), Moves: w.moves()}
	if p.Light != "" {
		page.Light = c.Asked(c.Light(p.Light), paperWhy(p))
	}
	page.Tags = []templates.Tag{{Text: c.T("paper_state." + l.State), Tone: "blue"}, {Text: c.paperKind(p.Kind), Tone: "line"}}
	if w.f.Late(c.s.App.Today()) {
		page.Tags = append(page.Tags, templates.Tag{Text: c.T("paper.late"), Tone: "red"})
	}
	for _, line := range strings.Split(p.Vacant, "\n") {
		if line != "" {
			page.Notices = append(page.Notices, templates.Notice{Tone: "warn", Text: line, Detail: c.T("paper.vacant_note")})
		}
	}
	if w.typed.faults != nil {
		n := templates.Notice{Tone: "bad", Text: c.T("paper.refused"), Detail: w.typed.faults[""]}
		if w.typed.stale {
			n.Text = c.T("paper.stale")
		}
		page.Notices = append(page.Notices, n)
	}
	if len(page.Moves) == 0 {
		page.MoveNote = w.turn()
	}
	told, err := c.s.App.ToldByPaper(c.ctx(), p, toldShown)
	if err != nil {
		return page, err
	}
	if page.Told, err = c.toldBox(told, w.dir, p.ItemNo); err != nil {
		return page, err
	}
	e, err := w.law()
	page.Law = e
	return page, err
}

// paperLines are the paragraphs of a document.
func paperLines(body string) []templates.PaperLine {
	var out []templates.PaperLine
	for _, text := range strings.Split(body, "\n") {
		head, ok := strings.CutPrefix(text, "# ")
		out = append(out, templates.PaperLine{Text: head, Head: ok})
	}
	return out
}

// paperWhy is the address of the explanation behind a paper: that of its matter as of the day on which it was issued, where the days to answer are counted. A
// paper that a supervisor issued says on its own page why.
func paperWhy(p app.Paper) string {
	if p.EscalationID == 0 {
		return "#why"
	}
	no := p.ItemNo
	if p.ItemKind == "milestone" {
		no = id64(p.ItemID)
	}
	return whyPath(p.ItemKind, no) + "?on=" + p.IssuedOn.String() + "#" + p.RuleID
}

// steps are the life of a paper as a line: issued, signed for, promised, answered, ended.
func (w paperWords) steps() []templates.Step {
	c, p, l := w.c, w.f.Paper, w.f.Life
	step := func(key, day, note string, done bool) templates.Step {
		s := templates.Step{Name: c.T(key), Date: day, Note: note, State: "next"}
		if done {
			s.State = "done"
		}
		return s
	}
	steps := []templates.Step{step("paper.step_issued", c.ShortDay(p.IssuedOn), "", true), step("paper.step_received", c.ShortDay(l.ReceivedOn), w.dir.Users[l.ReceivedBy].Name, !l.ReceivedOn.IsZero())}
	if !l.PromisedOn.IsZero() {
		steps = append(steps, step("paper.step_promised", c.ShortDay(l.PromisedOn), "", true))
	}
	if !p.DeadlineOn.IsZero() && p.Kind != "interview_notice" {
		steps = append(steps, step("paper.step_answered", c.ShortDay(l.AnsweredOn), w.dir.Users[l.AnsweredBy].Name, !l.AnsweredOn.IsZero() && l.State != "returned"))
	}
	end := step("paper.step_ended", c.ShortDay(l.EndedOn), "", !l.Open())
	if !l.Open() {
		end.Note = c.T("paper_state." + l.State)
	}
	steps = append(steps, end)
	for i := range steps {
		if l.Open() && steps[i].State == "next" {
			steps[i].State = "now"
			break
		}
	}
	return steps
}

func (w paperWords) about() []templates.Def {
	c, p := w.c, w.f.Paper
	defs := []templates.Def{{Name: c.T("papers.matter"), Text: p.ItemTitle, Note: p.ItemNo, Href: itemPath(p)}, {Name: c.T("paper.unit"), Text: p.Addressed, Note: w.dir.Users[p.PersonID].Name},
		{Name: c.T("paper.issuer"), Text: p.Issuer, Note: p.Contact}, {Name: c.T("papers.issued"), Text: c.due(p.IssuedOn)}}
	for _, d := range []templates.Def{{Name: c.T("paper.cc"), Text: p.Cc}, {Name: c.T("paper.interviewer"), Text: p.Interviewer}, {Name: c.T("paper.scope"), Text: p.Scope}} {
		if d.Text != "" {
			defs = append(defs, d)
		}
	}
	if w.f.Previous != nil {
		defs = append(defs, templates.Def{Name: c.T("paper.previous"), Text: w.f.Previous.No, Href: "/papers/" + w.f.Previous.Code})
	}
	for _, next := range w.f.Next {
		defs = append(defs, templates.Def{Name: c.T("paper.next"), Text: next.No, Href: "/papers/" + next.Code})
	}
	return defs
}

func (w paperWords) life() []templates.Def {
	c, p, l := w.c, w.f.Paper, w.f.Life
	var defs []templates.Def
	if !p.DeadlineOn.IsZero() {
		words, late := c.dueWords(p.TaskForceID, p.DeadlineOn)
		name := "papers.answer_by"
		if p.Kind == "interview_notice" {
			name = "papers.interview_by"
		}
		d := templates.Def{Name: c.T(name), Text: c.due(p.DeadlineOn), Href: paperWhy(p)}
		if l.Open() && l.State != "answered" && p.Kind != "interview_notice" {
			d.Note = words
			if late {
				d.Tone = "late"
			}
		}
		defs = append(defs, d)
	}
	if !l.PromisedOn.IsZero() {
		d := templates.Def{Name: c.T("paper.promised"), Text: c.due(l.PromisedOn), Note: l.NextStep}
		if !l.PromiseExpiredOn.IsZero() {
			d.Tone, d.Note = "late", c.T("paper.promise_told", "Day", c.Day(l.PromiseExpiredOn))
		}
		defs = append(defs, d)
	}
	state := templates.Def{Name: c.T("papers.state"), Text: c.T("paper_state." + l.State)}
	if !l.Open() {
		state.Note = c.Day(l.EndedOn)
		if why, ok := c.paperValue("paper", "ended_why", l.EndedWhy); ok && l.State == "lifted" {
			state.Note += " · " + why
		}
	}
	return append(defs, state)
}

// law says by which rule the paper was issued, with its facts as they were.
func (w paperWords) law() ([]templates.Def, error) {
	f, err := app.Escalation{Finding: w.f.Paper.Finding}.Explain()
	if err != nil {
		return nil, err
	}
	c := w.c
	defs := []templates.Def{{Name: c.T("why.rule"), Text: f.RuleTitle.In(c.Lang), Href: paperWhy(w.f.Paper), Note: f.Ruleset + "/" + f.Stamp()}, {Name: c.T("why.source"), Text: f.Source},
		{Name: c.T("paper.facts"), Text: f.Sentence(c.Lang, c.DayNumber)}}
	return append(defs, c.FindingFacts(w.f.Paper.ItemKind, f, law{c}.codes())...), nil
}

func (w paperWords) acts() []templates.PaperAct {
	c := w.c
	var out []templates.PaperAct
	for i := len(w.f.Acts) - 1; i >= 0; i-- {
		a := w.f.Acts[i]
		act := templates.PaperAct{At: c.at(a.At), Who: w.dir.Users[a.ByID].Name, What: c.T("paper_act." + a.Act)}
		for _, d := range []templates.Def{{Name: c.T("paper.act_day"), Text: c.due(a.Day)}, {Name: c.T("paper.act_who"), Text: a.Who}, {Name: c.T("paper.act_text"), Text: a.Text}, {Name: c.T("paper.act_more"), Text: a.More}} {
			if d.Text != "" {
				act.Defs = append(act.Defs, d)
			}
		}
		out = append(out, act)
	}
	return out
}

// turn says whose turn it is where the reader can do nothing.
func (w paperWords) turn() string {
	c, l := w.c, w.f.Life
	switch {
	case !l.Open():
		return c.T("paper.turn_nobody")
	case l.State == "answered":
		return c.T("paper.turn_issuer")
	case w.f.Paper.DeadlineOn.IsZero() && !l.ReceivedOn.IsZero():
		return c.T("paper.turn_issuer")
	}
	return c.T("paper.turn_unit", "Unit", w.f.Paper.Addressed)
}
