package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// typedMove is what somebody typed into a form of a ticket's page, so that nothing of it is lost when the move is refused; or only which form to open.
type typedMove struct {
	move   string // of the workflow, or "hand"
	seen   int64  // size of the journal that the person had before them
	stale  bool
	form   *form // nil when nothing was typed
	faults templates.Faults
}

// value is what was typed into a field, or otherwise what stands there.
func (t typedMove) value(move, field, otherwise string) string {
	if t.form == nil || t.move != move {
		return otherwise
	}
	return t.form.text(field)
}

func (s *server) moveTicket(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	k, err := s.App.TicketSeen(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	cmd := app.MoveTicket{Ticket: k.ID, Version: f.number("version"), Move: f.text("move"), Reason: f.text("reason"), Feedback: f.text("feedback"),
		Note: f.text("note"), ReasonCode: f.text("reason_code"), ExpectedEnd: f.day("expected_end"), DueOn: f.day("due_on"), ShownOn: f.day("shown_to_leader")}
	typed := typedMove{move: cmd.Move, seen: f.number("seen"), form: f}
	err = f.err()
	switch move, _ := s.App.Machine("ticket").Move(cmd.Move); {
	case cmd.Version != k.Version:
		err = app.Faults{{Kind: app.Stale, Key: "stale"}} // said before anything else: what was typed was meant for another state
	case err == nil && move.Grave && !f.on("sure"):
		unsure := app.Faults{{Kind: app.Invalid}}
		return s.ticketAgain(c, unsure, typed)(statusOf(unsure), templates.Faults{"sure": c.T("ticket.sure_missing")})
	case err == nil:
		_, err = s.App.MoveTicket(c.ctx(), c.actor, cmd)
	}
	if err == nil && f.text("from") == "desk" {
		return c.done("/desk?moved="+k.No, "")
	}
	return c.after(err, "/tickets/"+k.No, "ticket_moved", s.ticketAgain(c, err, typed))
}

func (s *server) handTicket(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	k, err := s.App.TicketSeen(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	cmd := app.HandTicket{Ticket: k.ID, Version: f.number("version"), HandlerID: f.number("handler_id"), Reason: f.text("reason")}
	typed := typedMove{move: "hand", seen: f.number("seen"), form: f}
	err = s.App.HandTicket(c.ctx(), c.actor, cmd)
	return c.after(err, "/tickets/"+k.No, "ticket_handed", s.ticketAgain(c, err, typed))
}

// ticketAgain shows the ticket as it is now with what was typed and what was wrong.
func (s *server) ticketAgain(c *call, err error, typed typedMove) func(int, templates.Faults) error {
	return func(status int, faults templates.Faults) error {
		file, readErr := s.App.TicketFile(c.ctx(), c.actor, c.Param("no"))
		if readErr != nil {
			return readErr
		}
		typed.faults, typed.stale = faults, app.AsFaults(err)[0].Kind == app.Stale
		return s.showTicket(c, status, file, typed)
	}
}

// lastDay is the last day of a move that has one; the rule set's day goes before the workflow's.
func (w *ticketWords) lastDay(m workflows.Move) (last calendar.Date, timed bool) {
	if m.ID == "dispute" && !w.m.Dispute.IsZero() {
		return w.m.Dispute, true
	}
	last, timed = w.v.LastDay[m.ID]
	return last, timed
}

// tooLate tells whether the time for a move has run out.
func (w *ticketWords) tooLate(m workflows.Move) bool {
	last, timed := w.lastDay(m)
	return timed && last < w.c.s.App.Today()
}

// moves are the allowed moves as buttons and forms, the usual one first. A move whose time has run out is not offered.
func (w *ticketWords) moves() []templates.TicketMove {
	c := w.c
	var out []templates.TicketMove
	for i, m := range w.f.Moves {
		if w.tooLate(m) {
			continue
		}
		tm := templates.TicketMove{ID: m.ID, Title: m.Title.In(c.Lang), Usual: i == 0 && !m.Grave, Grave: m.Grave, Open: w.typed.move == m.ID}
		for _, n := range w.v.Asks[m.ID] {
			tm.Fields = append(tm.Fields, w.field(m.ID, n))
		}
		if m.Grave {
			tm.Fields = append(tm.Fields, w.sure(m))
		}
		if i := slices.IndexFunc(tm.Fields, func(f templates.Field) bool { return f.Error != "" }); i >= 0 {
			tm.Fields[i].Focus = true // the page scrolls to what is to be mended
		}
		tm.Plain = len(tm.Fields) == 0
		if last, timed := w.lastDay(m); timed {
			tm.Note = c.T("ticket.last_day", "Day", c.due(last))
		}
		if w.typed.form != nil && tm.Open && !w.typed.stale {
			tm.Problem = w.typed.faults[""]
		}
		out = append(out, tm)
	}
	return out
}

// sure is the box that a grave move asks to tick before it is made.
func (w *ticketWords) sure(m workflows.Move) templates.Field {
	f := w.c.Field("sure", "ticket.sure", "").Tick(false)
	f.ID, f.Label = "f-"+m.ID+"-sure", w.c.T("ticket.sure", "Move", m.Title.In(w.c.Lang))
	if w.typed.move == m.ID {
		f.Error = w.typed.faults["sure"]
	}
	return f
}

// field is the control for one thing that a move needs; a drafted feedback stands in it already.
func (w *ticketWords) field(move string, n workflows.Need) templates.Field {
	otherwise := ""
	switch {
	case n.Field == "feedback":
		otherwise = w.f.Ticket.Feedback
	case move == "reopen" && n.Field == "due_on":
		otherwise = w.m.ReopenOn.String()
	}
	f := templates.Field{Locale: w.c.Locale, Name: n.Field, ID: "f-" + move + "-" + n.Field, Label: n.Title.In(w.c.Lang), Value: w.typed.value(move, n.Field, otherwise),
		Kind: "text", Required: !n.Optional}
	switch n.Type {
	case "text":
		f = f.Lines(4)
	case "date":
		f = f.As("date")
	case "choice":
		options := []templates.Option{{Text: w.c.T("work.choose")}}
		for _, o := range n.Options {
			options = append(options, templates.Option{Value: o.ID, Text: o.Title.In(w.c.Lang)})
		}
		f = f.Choose(options)
	}
	if w.typed.move == move {
		f.Error = w.typed.faults[n.Field]
	}
	return f
}

// hand is the form that hands the ticket on, nil for those who may not.
func (w *ticketWords) hand() *templates.TicketHand {
	c := w.c
	if len(w.f.Handlers) == 0 {
		return nil
	}
	options := []templates.Option{{Text: c.T("work.choose")}}
	for _, u := range w.f.Handlers {
		o := templates.Option{Value: id64(u.ID), Text: strings.TrimSpace(u.Name + " " + u.Title)}
		if u.ID == w.f.Ticket.HandlerID {
			o.Text += c.T("ticket.handler_now")
		}
		options = append(options, o)
	}
	h := &templates.TicketHand{Open: w.typed.move == "hand"}
	who := c.Field("handler_id", "ticket.handler", w.typed.value("hand", "handler_id", "")).Choose(options).Need()
	why := c.Field("reason", "ticket.hand_reason", w.typed.value("hand", "reason", ""))
	why.ID = "f-hand-reason"
	if h.Open {
		who, why = who.Fails(w.typed.faults), why.Fails(w.typed.faults)
	}
	h.Fields = []templates.Field{who, why}
	return h
}

// notices say what was refused and who changed what meanwhile; what was typed for a form that is gone is kept to be copied.
func (w *ticketWords) notices(moves []templates.TicketMove) ([]templates.Notice, []templates.Def) {
	c, t := w.c, w.typed
	out := w.standing()
	if t.form == nil {
		return out, nil
	}
	offered := t.move == "hand" && len(w.f.Handlers) > 0 || w.memoryOffered(t.move) || talkForm(t.move) ||
		slices.ContainsFunc(moves, func(m templates.TicketMove) bool { return m.ID == t.move && !m.Plain })
	switch {
	case t.stale:
		n := templates.Notice{Tone: "warn", Text: c.T("ticket.stale"), Detail: c.T("ticket.stale_next"), Items: w.changesSince(t.seen)}
		if !offered {
			n.Detail = c.T("ticket.stale_gone")
		}
		out = append([]templates.Notice{n}, out...)
	case t.faults[""] != "" && (!offered || t.move == "hand"):
		out = append([]templates.Notice{{Tone: "bad", Text: c.T("ticket.refused", "Move", w.moveTitle(t.move)), Detail: t.faults[""]}}, out...)
	}
	if offered {
		return out, nil
	}
	return out, w.kept()
}

// changesShown is how many changes a stale form lists at most; the history below it has all of them.
const changesShown = 6

// changesSince says who changed what after the page was drawn that the person had before them.
func (w *ticketWords) changesSince(seen int64) []string {
	c := w.c
	var out []string
	for _, r := range w.records {
		if r.no <= seen || seen == 0 && len(out) > 0 || len(out) == changesShown {
			break
		}
		name, unit := r.who(c)
		out = append(out, c.T("ticket.changed", "Who", strings.TrimSpace(name+" "+unit), "At", c.when(r.at), "Action", r.what(c), "No", c.Count(int(r.no))))
	}
	return out
}

// kept is what was typed for a move that can't be made any more.
func (w *ticketWords) kept() []templates.Def {
	m, ok := w.machine.Move(w.typed.move)
	if !ok {
		return w.memoryKept()
	}
	var defs []templates.Def
	for _, n := range m.Needs {
		if value := w.typed.form.text(n.Field); value != "" {
			defs = append(defs, templates.Def{Name: n.Title.In(w.c.Lang), Text: value})
		}
	}
	return defs
}

// standing says what everybody must know of the ticket as it stands: a pause that was asked for, and why it stands beside the main line.
func (w *ticketWords) standing() []templates.Notice {
	c, k := w.c, &w.f.Ticket
	var out []templates.Notice
	if k.PauseAsked {
		out = append(out, templates.Notice{Text: c.T("ticket.pause_wanted", "Day", c.Day(k.PauseUntil)), Detail: w.pauseGround(k.PauseCode) + " · " + k.PauseReason})
	}
	out = append(out, w.pausedStanding()...)
	if on := w.machine.Rank(k.State) > 0 && k.State != w.machine.Initial; on {
		return out
	}
	if r, ok := w.entered(k.State); ok && r.record.Reason != "" {
		name, _ := r.who(c)
		out = append(out, templates.Notice{Tone: "warn", Text: c.T("ticket.stands", "State", c.ticketState(k.State), "Who", name, "At", c.when(r.at)), Detail: r.record.Reason})
	}
	return out
}

func (w *ticketWords) moveTitle(id string) string {
	if m, ok := w.machine.Move(id); ok {
		return m.Title.In(w.c.Lang)
	}
	return w.c.T("move." + id)
}
