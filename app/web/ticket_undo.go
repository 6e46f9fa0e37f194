package web

import (
	"time"

	"battlemap/app"
	"battlemap/templates"
)

// undo offers to take the person's last move back, for browsers without the board's script too; nil where there is none.
func (w *ticketWords) undo() (*templates.TicketUndo, error) {
	c, k := w.c, w.f.Ticket
	u, err := c.s.App.MayUndo(c.ctx(), c.actor, k.ID)
	if err != nil || u == nil {
		return nil, err
	}
	return &templates.TicketUndo{Item: app.ItemName{Kind: "ticket", No: k.No}.String(), Title: c.T("moves.undo_of", "Move", u.Move.Title.In(c.Lang)), Till: c.T("moves.undo_left", "N", int(u.Left/time.Second))}, nil
}

// actUnlink is the form that ends a link; it is no act of its own, since who may link may end.
const actUnlink = "unlink"

// unlink is the form that ends a link of the ticket, nil where there is none or the person may not.
func (w *ticketWords) unlink() (*templates.TicketHand, error) {
	c := w.c
	kin, err := c.s.App.TicketKin(c.ctx(), c.actor, w.f.Ticket)
	if err != nil || len(kin.Before)+len(kin.After) == 0 {
		return nil, err
	}
	may, err := c.s.App.MayAct(c.ctx(), c.actor, w.f.Ticket, app.ActLink)
	if err != nil || !may {
		return nil, err
	}
	options := []templates.Option{{Text: c.T("work.choose")}}
	add := func(key string, links []app.Linked) {
		for i := range links {
			options = append(options, templates.Option{Value: id64(links[i].Link.ID), Text: c.T("ticket.unlink_one", "How", c.T(key), "Ticket", c.ticketTitle(&links[i].Ticket))})
		}
	}
	add("triage.first", kin.Before)
	add("triage.after", kin.After)
	h := &templates.TicketHand{Open: w.typed.move == actUnlink}
	which := c.Field("link", "ticket.unlink_which", w.typed.value(actUnlink, "link", "")).Choose(options).Need()
	if h.Open {
		which = which.Fails(w.typed.faults)
	}
	h.Fields = []templates.Field{which}
	return h, nil
}

// unlinkTicket ends a link of a ticket.
func (s *server) unlinkTicket(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	k, err := s.App.TicketSeen(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	typed := typedMove{move: actUnlink, seen: f.number("seen"), form: f}
	err = s.App.UnlinkTickets(c.ctx(), c.actor, app.UnlinkTickets{Ticket: k.ID, Version: f.number("version"), Link: f.number("link")})
	return c.after(err, "/tickets/"+k.No, "ticket_unlinked", s.ticketAgain(c, err, typed))
}
