package web

import (
	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) deskPage(c *call) error {
	items, err := s.App.Desk(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	w, err := c.deskWords(items)
	if err != nil {
		return err
	}
	page := templates.DeskPage{Seen: c.visit.Journal} // as it was before anything was read: what happens meanwhile is news
	if page.Notices, err = c.movedNotice(); err != nil {
		return err
	}
	dead, err := s.App.DeadLetters(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	if dead > 0 {
		page.Notices = append(page.Notices, templates.Notice{Tone: "warn", Text: c.T("ledger.desk", "N", dead), Href: "/ledger?status=dead", Action: c.T("ledger.desk_go")})
	}
	for _, id := range []string{"mine", "waiting", "soon"} {
		page.Groups = append(page.Groups, w.group(id, items))
	}
	base, err := c.base(c.T("nav.desk"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "desk", c.T("desk.lead", "Who", c.user.Name, "Unit", c.actor.Unit)
	return showBase(c, statusPage, s.Set.Pages.Work.Desk, base, page)
}

// movedNotice says where a ticket stands that was just moved from the list; the list itself may not show it any more.
func (c *call) movedNotice() ([]templates.Notice, error) {
	no := c.QueryParam("moved")
	if no == "" {
		return nil, nil
	}
	f, err := c.s.App.TicketFile(c.ctx(), c.actor, no)
	if app.AsFaults(err) != nil {
		return nil, nil // the number was typed into the address, or the ticket is out of sight now
	}
	if err != nil {
		return nil, err
	}
	k := &f.Ticket
	return []templates.Notice{{Tone: "good", Text: c.T("desk.moved", "No", c.TicketNo(k.No), "Title", k.Title, "State", c.ticketState(k.State)),
		Href: "/tickets/" + k.No, Action: c.T("desk.show")}}, nil
}

// deskWords is what the lines of a desk are worded with.
type deskWords struct {
	c           *call
	dir         app.Directory
	notAccepted map[int64][]int64
}

func (c *call) deskWords(items []app.DeskItem) (deskWords, error) {
	w := deskWords{c: c}
	var err error
	if w.dir, err = c.s.App.Directory(c.ctx()); err != nil {
		return w, err
	}
	var issued []int64
	for i := range items {
		if k := items[i].Ticket; k != nil && k.State == "issued" {
			issued = append(issued, k.ID)
		}
	}
	if len(issued) == 0 {
		return w, nil
	}
	w.notAccepted, err = c.s.App.NotAccepted(c.ctx(), issued)
	return w, err
}

func (w deskWords) group(id string, items []app.DeskItem) templates.DeskGroup {
	c := w.c
	g := templates.DeskGroup{ID: id, Name: c.T("desk_group." + id)}
	late := 0
	for i := range items {
		if items[i].Group != id {
			continue
		}
		line := w.line(&items[i])
		g.Lines = append(g.Lines, line)
		if line.Late {
			late++
		}
	}
	g.Note = c.T("desk.count", "N", len(g.Lines))
	if late > 0 {
		g.Note += " · " + c.T("desk.late", "N", late)
	}
	icons := map[string]string{"mine": "check", "waiting": "hourglass", "soon": "calendar-clock"}
	g.Empty = templates.Empty{Icon: icons[id], Text: c.T("desk_empty." + id), Next: c.T("desk_next." + id)}
	return g
}

func (w deskWords) line(it *app.DeskItem) templates.DeskLine {
	c := w.c
	l := templates.DeskLine{Light: c.whyLink(it), No: it.No, Title: it.Title, Href: it.Link, Due: c.due(it.DueOn)}
	l.DueHref = c.whyDue(it)
	if it.Ticket != nil {
		w.ticketLine(&l, it, it.Ticket)
		return l
	}
	l.DueNote, l.Late = c.dueWords(0, it.DueOn)
	month := c.Month(it.Month)
	switch it.What {
	case "claim":
		l.Asked = c.T("desk.claim", "Stage", c.stage(it.State))
		w.waits(&l, it, c.T("desk.do_claim"), "decide")
	case "verify_progress":
		l.Asked = c.T("desk.verify", "Month", month)
		w.waits(&l, it, c.T("desk.do_verify"), "verify-"+it.Month.String())
	case "report":
		l.Asked = c.T("desk.report", "Month", month)
		if it.State == "returned" {
			l.Asked = c.T("desk.returned", "Month", month)
		}
		l.Turn = c.T("desk.your_turn")
		l.Do = &templates.DeskMove{Title: c.T("desk.do_report"), Href: formOf(it, "report-form")}
	case "paper":
		l.Asked = c.T("desk_paper." + it.State)
		l.Turn = c.T("paper.turn_issuer")
		if it.Group == "mine" {
			l.Turn = c.T("desk.your_turn")
			l.Do = &templates.DeskMove{Title: c.T("desk_paper_do." + it.State), Href: it.Link + "?do=" + it.State + "#moves"}
		}
	case "extension":
		l.No, l.Asked, l.Turn = c.TicketNo(it.No), c.T("desk.extension", "Day", c.ShortDay(it.WantedOn)), c.T("desk.your_turn")
		l.Do = &templates.DeskMove{Title: c.T("desk.do_decide"), Href: it.Link + "?do=decide_extension#extension"}
	case "pause_review":
		l.No, l.Asked, l.Turn = c.TicketNo(it.No), c.T("desk.pause_review"), c.T("desk.your_turn")
		l.Do = &templates.DeskMove{Title: c.T("desk.do_review"), Href: it.Link + "?do=keep_pause#moves"}
	case "milestone":
		l.Asked = c.T("desk.milestone", "Name", it.State)
		l.Turn = c.T("ticket.turn", "Who", w.dir.Units[it.UnitID].Name)
		l.Do = &templates.DeskMove{Title: c.T("desk.do_milestone"), Href: formOf(it, "reach")}
	}
	return l
}

// formOf is the address of a form on a project's page, open.
func formOf(it *app.DeskItem, anchor string) string { return it.Link + "?do=" + anchor + "#" + anchor }

// waits words what waits for somebody outside the task force; only they get the button.
func (w deskWords) waits(l *templates.DeskLine, it *app.DeskItem, title, anchor string) {
	l.Turn = w.c.T("ticket.turn", "Who", w.c.Role(workflows.RoleSupervisor))
	if it.Group == "mine" {
		l.Turn = w.c.T("desk.your_turn")
		l.Do = &templates.DeskMove{Title: title, Href: formOf(it, anchor)}
	}
}

func (c *call) stage(id string) string {
	if state, ok := c.s.App.Machine("project").State(id); ok {
		return state.Title.In(c.Lang)
	}
	return id
}

func (w deskWords) ticketLine(l *templates.DeskLine, it *app.DeskItem, k *app.Ticket) {
	c := w.c
	l.No, l.Asked, l.Turn = c.TicketNo(k.No), c.ticketState(k.State), c.ticketTurn(k, w.dir, w.notAccepted[k.ID])
	if k.PauseAsked {
		l.Asked += c.T("ticket.pause_asked")
	}
	l.Due, l.DueNote, l.Late = c.ticketDue(k)
	if it.Group != "mine" {
		return
	}
	l.Turn = c.T("desk.your_turn")
	for _, m := range it.Moves {
		if m.Grave {
			continue
		}
		l.Do = &templates.DeskMove{Title: m.Title.In(c.Lang), Path: "/tickets/" + k.No + "/move", Move: m.ID, Version: k.Version}
		if asksFacts(k, m) {
			l.Do.Href = "/tickets/" + k.No + "?do=" + m.ID + "#moves"
		}
		return
	}
}

// asksFacts tells whether a move asks for anything on this ticket; then it is made on the ticket's page, where its form is.
func asksFacts(k *app.Ticket, m workflows.Move) bool {
	facts := workflows.Facts{"kind": k.Kind, "state": k.State, "level": k.CoordinationLevel}
	for _, n := range m.Needs {
		if asked, err := n.Asked(facts); asked || err != nil {
			return true
		}
	}
	return false
}
