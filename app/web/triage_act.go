package web

import (
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// actTicket does one thing with one ticket: a move of its workflow, or an act beside it.
func (s *server) actTicket(c *call) error {
	if !c.rights.Triage {
		return missingPage()
	}
	f, err := c.form()
	if err != nil {
		return err
	}
	file, err := s.App.TicketFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	typed := typedMove{move: f.text("act"), seen: f.number("seen"), form: f}
	err = s.act(c, f, &file, &typed)
	faults := app.AsFaults(err)
	if err != nil && (faults == nil || faults[0].Kind == app.Denied || faults[0].Kind == app.Missing) {
		return err
	}
	if err != nil {
		if typed.faults == nil {
			typed.faults = c.faults(faults)
		}
		typed.stale = faults[0].Kind == app.Stale
		if c.fragment() {
			return s.showTriageDetail(c, statusOf(faults), file.Ticket.No, typed)
		}
		return s.showTriage(c, statusOf(faults), nil, file.Ticket.No, typed)
	}
	if !c.fragment() {
		return c.done("/triage?done="+file.Ticket.No, "")
	}
	return s.showDone(c, file.Ticket.No)
}

// act sends the form to its verb.
func (s *server) act(c *call, f *form, file *app.TicketFile, typed *typedMove) error {
	k, ctx := &file.Ticket, c.ctx()
	version, reason := f.number("version"), f.text("reason")
	if version != k.Version {
		return app.Faults{{Kind: app.Stale, Key: "stale"}} // said before anything else: what was typed was meant for another state
	}
	switch id := f.text("act"); id {
	case app.ActHand:
		return s.App.HandTicket(ctx, c.actor, app.HandTicket{Ticket: k.ID, Version: version, HandlerID: f.number("handler_id"), Reason: reason})
	case app.ActReassign:
		return s.App.ReassignTicket(ctx, c.actor, app.ReassignTicket{Ticket: k.ID, Version: version, LeadUnitID: f.number("lead_unit_id"), Reason: reason})
	case app.ActSplit:
		cmd := f.split(k.ID, version)
		if err := f.err(); err != nil {
			return err
		}
		_, err := s.App.SplitTicket(ctx, c.actor, cmd)
		return err
	case app.ActRaise:
		return s.App.RaiseLevel(ctx, c.actor, app.RaiseLevel{Ticket: k.ID, Version: version, Level: int(f.number("level")), DecisionFrom: f.text("decision_from"), Reason: reason})
	case app.ActDuplicate:
		return s.App.MarkDuplicate(ctx, c.actor, app.MarkDuplicate{Ticket: k.ID, Version: version, Original: f.number("original"), Reason: reason})
	case app.ActLink:
		return s.App.LinkTickets(ctx, c.actor, app.LinkTickets{Ticket: k.ID, Version: version, Other: f.number("other"), Blocks: f.text("way") == "before", Reason: reason})
	default:
		return s.moveFrom(c, f, k, id, typed)
	}
}

// moveFrom makes a move of the workflow from the form of a preview.
func (s *server) moveFrom(c *call, f *form, k *app.Ticket, id string, typed *typedMove) error {
	cmd := app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: id, Reason: f.text("reason"), Feedback: f.text("feedback"), Note: f.text("note"), ReasonCode: f.text("reason_code"),
		ExpectedEnd: f.day("expected_end"), DueOn: f.day("due_on"), ShownOn: f.day("shown_to_leader")}
	if err := f.err(); err != nil {
		return err
	}
	if move, _ := s.App.MachineOf("ticket", k.MachineVersion).Move(id); move.Grave && !f.on("sure") {
		typed.faults = templates.Faults{"sure": c.T("ticket.sure_missing")}
		return app.Faults{{Kind: app.Invalid, Field: "sure"}}
	}
	_, err := s.App.MoveTicket(c.ctx(), c.actor, cmd)
	return err
}

// split reads the duties that were typed; rows without a title and a unit were left empty.
func (f *form) split(ticket, version int64) app.SplitTicket {
	cmd := app.SplitTicket{Ticket: ticket, Version: version, Reason: f.text("reason")}
	for i := 1; i <= splitRows; i++ {
		n := "-" + strconv.Itoa(i)
		title, unit := strings.TrimSpace(f.text("title"+n)), f.number("lead_unit_id"+n)
		if title == "" && unit == 0 {
			continue
		}
		cmd.Children = append(cmd.Children, app.ChildDraft{Title: title, LeadUnitID: unit, DueOn: f.day("due_on" + n)})
	}
	return cmd
}

// showDone answers an act with the ticket's line as it reads now, and what has happened on it.
func (s *server) showDone(c *call, no string) error {
	line := templates.TriageLine{Ref: no, No: c.TicketNo(no), Href: "/triage?no=" + no}
	f, err := s.App.TicketFile(c.ctx(), c.actor, no)
	switch {
	case app.AsFaults(err) != nil:
		line.Done = c.T("triage.gone")
	case err != nil:
		return err
	default:
		line.Title, line.Light, line.Version, line.Done = f.Ticket.Title, c.Light(f.Ticket.Light), f.Ticket.Version, c.triageSays(f)
	}
	return showStatus(c, statusPage, s.Set.Pages.Triage.Line, line.Title, line)
}

// triageSays is what has last happened to a ticket, and where it stands now.
func (c *call) triageSays(f app.TicketFile) string {
	what := ""
	if records, err := readRecords(f.Journal); err == nil {
		for _, r := range records {
			if !r.ofRule() {
				what = r.what(c)
				break
			}
		}
	}
	return c.T("triage.done", "No", c.TicketNo(f.Ticket.No), "What", what, "State", c.ticketState(f.Ticket.State))
}

// actSelected makes the usual move of every selected ticket that asks for nothing, each by itself, and says of each how it went.
func (s *server) actSelected(c *call) error {
	if !c.rights.Triage {
		return missingPage()
	}
	f, err := c.form()
	if err != nil {
		return err
	}
	var notices []templates.Notice
	for _, item := range f.all("item") {
		no, version, _ := strings.Cut(item, ":")
		file, err := s.App.TicketFile(c.ctx(), c.actor, no)
		if err == nil {
			usual, ok := usualMove(file.Moves)
			switch {
			case !ok || asksFacts(&file.Ticket, usual):
				err = app.Faults{{Kind: app.Refused, Key: "not_from_here"}}
			default:
				_, err = s.App.MoveTicket(c.ctx(), c.actor, app.MoveTicket{Ticket: file.Ticket.ID, Version: number(version), Move: usual.ID})
			}
		}
		faults := app.AsFaults(err)
		if err != nil && faults == nil {
			return err
		}
		n := templates.Notice{Tone: "good", Text: c.TicketNo(no)}
		if faults != nil {
			n.Tone, n.Detail = "bad", c.sentence(faults[0])
		} else if file, err = s.App.TicketFile(c.ctx(), c.actor, no); err == nil {
			n.Text = c.triageSays(file)
		}
		notices = append(notices, n)
	}
	if len(notices) == 0 {
		notices = []templates.Notice{{Tone: "warn", Text: c.T("triage.none_selected")}}
	}
	return s.showTriage(c, statusPage, notices, "", typedMove{})
}
