package web

import (
	"battlemap/app"
)

// The forms about an extension, as a ticket's page names them in ?do=.
const (
	askExtension      = "ask_extension"
	decideExtension   = "decide_extension"
	withdrawExtension = "withdraw_extension"
)

// extensionPost reads a form about an extension with the ticket that it is about.
func (s *server) extensionPost(c *call, move string) (app.Ticket, *form, typedMove, error) {
	f, err := c.form()
	if err != nil {
		return app.Ticket{}, nil, typedMove{}, err
	}
	k, err := s.App.TicketSeen(c.ctx(), c.actor, c.Param("no"))
	return k, f, typedMove{move: move, seen: f.number("seen"), form: f}, err
}

// askExtension asks for a later due date.
func (s *server) askExtension(c *call) error {
	k, f, typed, err := s.extensionPost(c, askExtension)
	if err != nil {
		return err
	}
	cmd := app.AskExtension{Ticket: k.ID, Version: f.number("version"), WantedOn: f.day("wanted_on"), Reason: f.text("reason"), Progress: f.text("progress")}
	if err = f.err(); err == nil || cmd.Version != k.Version {
		err = s.App.AskExtension(c.ctx(), c.actor, cmd)
	}
	return c.after(err, "/tickets/"+k.No+"#extension", "extension_asked", s.ticketAgain(c, err, typed))
}

// decideExtension grants or refuses the request that waits, for the step whose turn it is.
func (s *server) decideExtension(c *call) error {
	k, f, typed, err := s.extensionPost(c, decideExtension)
	if err != nil {
		return err
	}
	cmd := app.DecideExtension{Ticket: k.ID, Version: f.number("version"), Grant: f.text("verdict") == "grant", GrantedOn: f.day("granted_on"), Note: f.text("note")}
	if verdict := f.text("verdict"); verdict != "grant" && verdict != "refuse" {
		f.fault("verdict", "choose")
	}
	if err = f.err(); err == nil || cmd.Version != k.Version {
		err = s.App.DecideExtension(c.ctx(), c.actor, cmd)
	}
	return c.after(err, "/tickets/"+k.No+"#extension", "extension_decided", s.ticketAgain(c, err, typed))
}

// withdrawExtension takes the request that waits back.
func (s *server) withdrawExtension(c *call) error {
	k, f, typed, err := s.extensionPost(c, withdrawExtension)
	if err != nil {
		return err
	}
	err = s.App.WithdrawExtension(c.ctx(), c.actor, app.WithdrawExtension{Ticket: k.ID, Version: f.number("version"), Reason: f.text("reason")})
	return c.after(err, "/tickets/"+k.No+"#extension", "extension_withdrawn", s.ticketAgain(c, err, typed))
}
