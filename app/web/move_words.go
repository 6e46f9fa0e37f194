package web

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// moveWords is what the moves of one item are worded with.
type moveWords struct {
	c       *call
	ch      app.Choices
	back    string
	typed   typedMove
	changes []string // who changed what since the version that the person has seen
	notice  *templates.Notice
}

// no is the item's number as people write it.
func (w *moveWords) no() string {
	if w.ch.Item.Kind == "ticket" {
		return w.c.TicketNo(w.ch.Item.No)
	}
	return w.ch.Item.No
}

// stateName is what a state of the item is called.
func (w *moveWords) stateName(id string) string {
	state, ok := w.ch.Machine.State(id)
	return titled(state.Title, ok, w.c.Lang, id)
}

func (w *moveWords) show(status int) error {
	c, page := w.c, w.page()
	if part(c.Request()) {
		return showStatus(c, status, c.s.Set.Pages.Move.Part, "", page)
	}
	title := c.T("moves.menu")
	if page.Form != nil {
		title = page.Form.Title
	}
	return showStatus(c, status, c.s.Set.Pages.Move.One, title, page)
}

// html is the part as text, for an answer to the page's own script.
func (w *moveWords) html() (string, error) {
	var out bytes.Buffer
	err := w.c.s.Set.Pages.Move.Part.Render(&out, w.c.s.Set.Base(w.c.Lang), w.page())
	return out.String(), err
}

func (w *moveWords) page() templates.MovePage {
	c := w.c
	p := templates.MovePage{Item: w.ch.Item.String(), No: w.no(), Name: w.ch.Title, State: w.stateName(w.ch.State), Path: w.ch.Item.Path(), Version: id64(w.ch.Version), Back: w.backTo()}
	if w.notice != nil {
		p.Notices = append(p.Notices, *w.notice)
	}
	one, offered := w.ch.Find(w.typed.move)
	switch {
	case w.typed.stale:
		n := templates.Notice{Tone: "warn", Text: c.T("ticket.stale"), Detail: c.T("ticket.stale_next"), Items: w.changes}
		if !offered {
			n.Detail, p.Kept = c.T("ticket.stale_gone"), w.kept()
		}
		p.Notices = append(p.Notices, n)
	case w.typed.form != nil && !offered:
		p.Notices = append(p.Notices, templates.Notice{Tone: "bad", Text: c.T("ticket.refused", "Move", w.moveTitle(w.typed.move)), Detail: strings.Join(sortedFaults(w.typed.faults), " ")})
		p.Kept = w.kept()
	}
	if offered {
		form := w.form(one)
		p.Form = &form
		return p
	}
	for _, one := range w.ch.Moves {
		p.Choices = append(p.Choices, w.choice(one))
	}
	p.None = w.none()
	if u, err := w.mayUndo(w.ch); err == nil && u != nil {
		p.Undo = c.T("moves.undo_of", "Move", u.Move.Title.In(c.Lang))
		p.UndoTill = c.T("moves.undo_left", "N", int(u.Left/time.Second))
	}
	return p
}

// none says why there is nothing to do.
func (w *moveWords) none() string {
	switch {
	case len(w.ch.Moves) > 0:
		return ""
	case w.ch.Waiting != nil:
		to := w.stateName(w.ch.Waiting.ToStage)
		return w.c.T("moves.claim_waits", "To", to)
	}
	return w.c.T("moves.none")
}

func (w *moveWords) moveTitle(id string) string {
	move, ok := w.ch.Machine.Move(id)
	return titled(move.Title, ok, w.c.Lang, id)
}

// leads says where a move leads.
func (w *moveWords) leads(one app.Choice) string {
	if one.To == w.ch.State {
		return w.c.T("moves.stays")
	}
	return w.c.T("moves.to", "State", w.stateName(one.To))
}

// choice is a move in the menu.
func (w *moveWords) choice(one app.Choice) templates.MoveChoice {
	c := w.c
	out := templates.MoveChoice{ID: one.Move.ID, Title: one.Move.Title.In(c.Lang), To: w.leads(one), Href: moveHref(w.ch.Item.String(), one.Move.ID, w.back),
		Plain: len(one.Asks) == 0 && !one.Move.Grave, Usual: one.Move.Usual, Grave: one.Move.Grave, Note: w.note(one)}
	return out
}

// note says until when a move can be made, and that it has to be verified.
func (w *moveWords) note(one app.Choice) string {
	switch {
	case one.Claim:
		return w.c.T("project.counts_when", "Who", w.c.rolesInWords(one.Move.VerifiedBy))
	case !one.Last.IsZero():
		return w.c.T("ticket.last_day", "Day", w.c.due(one.Last))
	}
	return ""
}

// form asks for just the facts of one move.
func (w *moveWords) form(one app.Choice) templates.MoveForm {
	c := w.c
	f := templates.MoveForm{Move: one.Move.ID, Title: one.Move.Title.In(c.Lang), To: w.leads(one), Note: w.note(one), Grave: one.Move.Grave, Button: c.T("ticket.do", "Move", one.Move.Title.In(c.Lang))}
	if w.typed.stale {
		f.Button = c.T("moves.try_again", "Move", f.Title)
	}
	if one.Claim {
		f.Button = c.T("project.send_move")
	}
	for _, need := range one.Asks {
		f.Fields = append(f.Fields, c.moveField(need, w.typed, w.standing(one, need)))
	}
	if one.Move.Grave {
		f.Fields = append(f.Fields, c.sureField(f.Title, w.typed))
	}
	f.Problem = focusFault(f.Fields, w.typed)
	return f
}

// standing is what stands in a field before anything was typed: a drafted feedback, the date of a new term.
func (w *moveWords) standing(one app.Choice, need workflows.Need) string {
	switch {
	case need.Field == "feedback":
		return w.ch.Feedback
	case one.Move.ID == "reopen" && need.Field == "due_on":
		return w.ch.ReopenOn.String()
	}
	return ""
}

// moveField is the control for one thing that a move needs.
func (c *call) moveField(n workflows.Need, typed typedMove, standing string) templates.Field {
	f := templates.Field{Locale: c.Locale, Name: n.Field, ID: "m-" + n.Field, Label: n.Title.In(c.Lang), Value: standing, Kind: "text", Required: !n.Optional, Error: typed.faults[n.Field]}
	if typed.form != nil {
		f.Value = typed.form.text(n.Field)
	}
	switch n.Type {
	case "text":
		if n.Field != "document" {
			f = f.Lines(3)
		}
	case "date":
		f = f.As("date")
		if n.Field == "occurred_on" {
			f = f.Between("", c.s.App.Today().String())
		}
	case "choice":
		options := []templates.Option{{Text: c.T("work.choose")}}
		for _, o := range n.Options {
			options = append(options, templates.Option{Value: o.ID, Text: o.Title.In(c.Lang)})
		}
		f = f.Choose(options)
	}
	return f
}

// sureField is the box that a grave move asks to tick.
func (c *call) sureField(move string, typed typedMove) templates.Field {
	f := c.Field("sure", "ticket.sure", "").Tick(typed.form != nil && typed.form.on("sure"))
	f.ID, f.Label, f.Error = "m-sure", c.T("ticket.sure", "Move", move), typed.faults["sure"]
	return f
}

// focusFault puts the cursor where something is to be mended, or into the first field, and returns what was wrong with the whole.
func focusFault(fields []templates.Field, typed typedMove) string {
	if len(fields) > 0 {
		i := max(slices.IndexFunc(fields, func(f templates.Field) bool { return f.Error != "" }), 0)
		fields[i].Focus = true
	}
	if typed.form == nil || typed.stale {
		return ""
	}
	return typed.faults[""]
}

// kept is what was typed for a move that can't be made any more.
func (w *moveWords) kept() []templates.Def {
	move, ok := w.ch.Machine.Move(w.typed.move)
	if !ok || w.typed.form == nil {
		return nil
	}
	var defs []templates.Def
	for _, n := range move.Needs {
		if value := w.typed.form.text(n.Field); value != "" {
			defs = append(defs, templates.Def{Name: n.Title.In(w.c.Lang), Text: value})
		}
	}
	return defs
}

// readChanges finds who changed what after the version that the person has seen. Only a stale form asks.
func (w *moveWords) readChanges(seen int64) error {
	if !w.typed.stale {
		return nil
	}
	c := w.c
	rows, err := c.s.App.ItemJournal(c.ctx(), c.actor, w.ch, changesShown*4)
	if err != nil {
		return err
	}
	records, err := readRecords(rows)
	if err != nil {
		return err
	}
	for _, r := range records {
		if version, ok := r.after["version"].(float64); ok && r.record.Object.Kind == w.ch.Item.Kind && int64(version) <= seen || len(w.changes) == changesShown {
			break
		}
		name, unit := r.who(c)
		w.changes = append(w.changes, c.T("ticket.changed", "Who", strings.TrimSpace(name+" "+unit), "At", c.when(r.at), "Action", r.what(c), "No", c.Count(int(r.no))))
	}
	return nil
}

// said is what a toast says of a move that was made.
func (w *moveWords) said(one app.Choice, now app.Choices) string {
	c := w.c
	if one.Claim {
		return c.T("moves.claimed", "Item", w.no(), "To", w.stateName(one.To))
	}
	if now.ID == 0 || now.State == w.ch.State {
		return c.T("moves.made", "Item", w.no(), "Move", one.Move.Title.In(c.Lang))
	}
	return c.T("moves.moved", "Item", w.no(), "Move", one.Move.Title.In(c.Lang), "To", w.stateName(now.State))
}

func (w *moveWords) mayUndo(now app.Choices) (*app.Undo, error) {
	if now.Item.Kind != "ticket" || now.ID == 0 {
		return nil, nil
	}
	return w.c.s.App.MayUndo(w.c.ctx(), w.c.actor, now.ID)
}

// undoOffer offers to take the move back while the law allows it, else the move of the workflow that leads back, where the person may make one.
func (w *moveWords) undoOffer(now app.Choices) (*undoAnswer, error) {
	u, err := w.mayUndo(now)
	if err != nil {
		return nil, err
	}
	if u != nil {
		return &undoAnswer{Title: w.c.T("moves.undo"), Seconds: int(u.Left / time.Second)}, nil
	}
	for _, one := range now.Moves {
		if one.To == w.ch.State && now.State != w.ch.State && !one.Move.Grave {
			return &undoAnswer{Title: one.Move.Title.In(w.c.Lang), Move: one.Move.ID}, nil
		}
	}
	return nil, nil
}

// answer is what a board hears when a card is picked up.
func (w *moveWords) answer() choicesAnswer {
	out := choicesAnswer{Item: w.ch.Item.String(), Version: id64(w.ch.Version), At: w.ch.State, Why: w.none(), Moves: []choiceAnswer{}}
	for _, one := range w.ch.Moves {
		out.Moves = append(out.Moves, choiceAnswer{Move: one.Move.ID, Title: one.Move.Title.In(w.c.Lang), To: one.To, Asks: len(one.Asks) > 0, Grave: one.Move.Grave, Usual: one.Move.Usual, Claim: one.Claim})
	}
	return out
}
