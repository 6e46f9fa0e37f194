package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// moveAnswer is what a board hears of a move that it has asked for with Accept: application/json.
type moveAnswer struct {
	Done    bool        `json:"done"`
	Stale   bool        `json:"stale,omitempty"`
	Said    string      `json:"said"`
	Item    string      `json:"item"`
	Version string      `json:"version,omitempty"`
	At      string      `json:"at,omitempty"`    // the state that it stands in now
	Claim   bool        `json:"claim,omitempty"` // it was filed, and the card stays
	Undo    *undoAnswer `json:"undo,omitempty"`
	HTML    string      `json:"html,omitempty"` // the form again, or the moves that there are now
}

// undoAnswer offers to take the move back, or names the move that leads back.
type undoAnswer struct {
	Title   string `json:"title"`
	Seconds int    `json:"seconds,omitempty"` // for how long; 0 for a move that leads back
	Move    string `json:"move,omitempty"`    // the move that leads back, "" for taking back
}

// choiceAnswer is one move of the menu for a board that picks a card up.
type choiceAnswer struct {
	Move  string `json:"move"`
	Title string `json:"title"`
	To    string `json:"to"`    // the column that it leads to
	Asks  bool   `json:"asks"`  // facts are asked for
	Grave bool   `json:"grave"` // asked once more
	Usual bool   `json:"usual"`
	Claim bool   `json:"claim"` // counts once verified: the card stays
}

// choicesAnswer is what a board hears when a card is picked up.
type choicesAnswer struct {
	Item    string         `json:"item"`
	Version string         `json:"version"`
	At      string         `json:"at"`
	Why     string         `json:"why,omitempty"` // why there is no move
	Moves   []choiceAnswer `json:"moves"`
}

// wantsJSON tells whether the page's own script asks.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// part tells whether only a part of a page is asked for: by htmx, or by the page's own script.
func part(r *http.Request) bool {
	return r.Header.Get("HX-Request") != "" || wantsJSON(r)
}

// sendJSON answers the page's own script.
func sendJSON(c *call, status int, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Vary", "Accept, HX-Request, Cookie")
	return c.JSONBlob(status, body)
}

// choices reads the moves of the item that a form or an address names.
func (c *call) choices(name string) (app.Choices, error) {
	item, ok := app.ParseItem(name)
	if !ok {
		return app.Choices{}, missingPage()
	}
	return c.s.App.Choices(c.ctx(), c.actor, item)
}

// movePage shows what may be done with an item: /move?item=ticket/2023-001, and with &move=ID the short form of one move.
func (s *server) movePage(c *call) error {
	ch, err := c.choices(c.QueryParam("item"))
	if err != nil {
		return err
	}
	w := &moveWords{c: c, ch: ch, back: localPath(c.QueryParam("back"), ""), typed: typedMove{move: c.QueryParam("move")}}
	if wantsJSON(c.Request()) && w.typed.move == "" {
		return sendJSON(c, statusPage, w.answer())
	}
	return w.show(statusPage)
}

// makeMove makes one move by the same verbs as the item's own page.
func (s *server) makeMove(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ch, err := c.choices(f.text("item"))
	if err != nil {
		return err
	}
	w := &moveWords{c: c, ch: ch, back: localPath(f.text("back"), ""), typed: typedMove{move: f.text("move"), form: f}}
	seen := f.number("version")
	err = w.make(f, ch, w.typed.move, seen)
	if err == nil {
		return w.done()
	}
	faults := app.AsFaults(err)
	if faults == nil || faults[0].Kind == app.Denied || faults[0].Kind == app.Missing {
		return err
	}
	return w.again(faults, seen)
}

// make checks what the form is to say and calls the verb. The version is compared before anything else: what was typed was meant for another state.
func (w *moveWords) make(f *form, ch app.Choices, move string, seen int64) error {
	c := w.c
	if seen != ch.Version {
		return &app.Fault{Kind: app.Stale, Key: "stale"}
	}
	v, known := ch.Machine.Move(move)
	if ch.Item.Kind == "project" {
		cmd := app.MoveProject{Project: ch.ID, Version: seen, Move: move, OccurredOn: f.day("occurred_on"), Criterion: f.text("criterion"), Evidence: f.text("evidence"),
			Reason: f.text("reason"), Document: f.text("document"), ExpectedEnd: f.day("expected_end")}
		if known && v.Grave && !f.on("sure") {
			f.fault("sure", "sure_missing")
		}
		return f.typed(func() error { return c.s.App.MoveProject(c.ctx(), c.actor, cmd) })
	}
	cmd := app.MoveTicket{Ticket: ch.ID, Version: seen, Move: move, Reason: f.text("reason"), Feedback: f.text("feedback"), Note: f.text("note"),
		ReasonCode: f.text("reason_code"), ExpectedEnd: f.day("expected_end"), DueOn: f.day("due_on"), ShownOn: f.day("shown_to_leader")}
	if known && v.Grave && !f.on("sure") {
		f.fault("sure", "sure_missing")
	}
	return f.typed(func() error {
		_, err := c.s.App.MoveTicket(c.ctx(), c.actor, cmd)
		return err
	})
}

// done says what has happened and how it can be taken back.
func (w *moveWords) done() error {
	c, was := w.c, w.ch
	choice, _ := was.Find(w.typed.move)
	if !part(c.Request()) {
		key := map[bool]string{true: "move_claimed", false: "move_made"}[choice.Claim]
		return c.done(w.backTo(), key)
	}
	now, err := c.s.App.Choices(c.ctx(), c.actor, was.Item)
	if faults := app.AsFaults(err); faults != nil { // moved out of the person's sight
		now, err = app.Choices{Item: was.Item, Machine: was.Machine}, nil
	}
	if err != nil {
		return err
	}
	out := moveAnswer{Done: true, Item: was.Item.String(), Claim: choice.Claim, Said: w.said(choice, now)}
	if now.ID != 0 {
		out.Version, out.At = id64(now.Version), now.State
		if out.Undo, err = w.undoOffer(now); err != nil {
			return err
		}
	}
	if wantsJSON(c.Request()) {
		return sendJSON(c, statusPage, out)
	}
	page := w.page()
	page.Choices, page.None, page.Form = nil, "", nil
	page.Notices = []templates.Notice{{Tone: "good", Text: out.Said}}
	return showStatus(c, statusPage, c.s.Set.Pages.Move.Part, "", page)
}

// again shows the form with what was wrong and what was typed; or what somebody else has changed since, with the way to try it again.
func (w *moveWords) again(faults app.Faults, seen int64) error {
	c := w.c
	now, err := c.s.App.Choices(c.ctx(), c.actor, w.ch.Item)
	if err != nil {
		return err
	}
	w.ch, w.typed.faults, w.typed.stale = now, c.faults(faults), faults[0].Kind == app.Stale
	if err := w.readChanges(seen); err != nil {
		return err
	}
	if wantsJSON(c.Request()) {
		html, err := w.html()
		if err != nil {
			return err
		}
		said := c.sentence(faults[0])
		if w.typed.stale {
			said = strings.Join(append([]string{c.T("ticket.stale")}, w.changes...), " ")
		}
		return sendJSON(c, statusOf(faults), moveAnswer{Stale: w.typed.stale, Said: said, Item: now.Item.String(), Version: id64(now.Version), At: now.State, HTML: html})
	}
	return w.show(statusOf(faults))
}

// undoMove takes the person's last move of a ticket back.
func (s *server) undoMove(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ch, err := c.choices(f.text("item"))
	if err != nil {
		return err
	}
	w := &moveWords{c: c, ch: ch, back: localPath(f.text("back"), "")}
	if ch.Item.Kind != "ticket" {
		err = &app.Fault{Kind: app.Refused, Key: "undo_none"}
	} else {
		_, err = s.App.UndoMove(c.ctx(), c.actor, app.UndoMove{Ticket: ch.ID, Version: f.number("version")})
	}
	if wantsJSON(c.Request()) {
		return w.undoneAnswer(err)
	}
	return c.after(err, w.backTo(), "move_undone", func(status int, faults templates.Faults) error {
		if w.ch, err = c.choices(ch.Item.String()); err != nil {
			return err
		}
		w.notice = &templates.Notice{Tone: "bad", Text: c.T("moves.not_undone"), Detail: strings.Join(sortedFaults(faults), " ")}
		return w.show(status)
	})
}

func (w *moveWords) undoneAnswer(err error) error {
	out := moveAnswer{Item: w.ch.Item.String()}
	if err == nil {
		out.Done, out.Said = true, w.c.T("moves.undone", "Item", w.no())
		return sendJSON(w.c, statusPage, out)
	}
	faults := app.AsFaults(err)
	if faults == nil || faults[0].Kind == app.Denied || faults[0].Kind == app.Missing {
		return err
	}
	out.Said, out.Stale = w.c.T("moves.not_undone")+" "+w.c.sentence(faults[0]), faults[0].Kind == app.Stale
	return sendJSON(w.c, statusOf(faults), out)
}

func sortedFaults(faults templates.Faults) []string {
	var out []string
	for _, text := range faults {
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// backTo is where a page without JavaScript goes on to.
func (w *moveWords) backTo() string {
	if w.back != "" {
		return w.back
	}
	return w.ch.Item.Path()
}

// moveHref is the address of the moves of an item, or of one of them.
func moveHref(item, move, back string) string {
	v := url.Values{"item": {item}}
	if move != "" {
		v.Set("move", move)
	}
	if back != "" {
		v.Set("back", back)
	}
	return "/move?" + v.Encode()
}
