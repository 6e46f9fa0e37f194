package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// mostMoves is how many items one request may move.
const mostMoves = 200

// chosenItem is one of several items with its moves, or with why it has none.
type chosenItem struct {
	words *moveWords
	seen  int64
	err   error // missing, or not an item
	name  string
}

// manyAnswer is what a board hears of a move of several items.
type manyAnswer struct {
	Said    string       `json:"said"`
	Results []moveAnswer `json:"results"`
	HTML    string       `json:"html"`
}

// chosenItems reads the items that a form names as "ticket/2023-001@7", 7 being the version that the person has seen.
func (c *call) chosenItems(values []string) ([]chosenItem, error) {
	if len(values) > mostMoves {
		return nil, app.Faults{{Kind: app.Invalid, Key: "too_many_items", Args: map[string]any{"Limit": mostMoves, "N": len(values)}}}
	}
	var out []chosenItem
	for _, value := range values {
		name, version, _ := strings.Cut(value, "@")
		if slices.ContainsFunc(out, func(o chosenItem) bool { return o.name == name }) {
			continue
		}
		one := chosenItem{name: name, seen: number(version)}
		ch, err := c.choices(name)
		if err != nil && app.AsFaults(err) == nil {
			return nil, err
		}
		one.err, one.words = err, &moveWords{c: c, ch: ch}
		out = append(out, one)
	}
	return out, nil
}

// movesPage shows what may be done with several items, and with &move=ID the form of one move for all of them.
func (s *server) movesPage(c *call) error {
	q := c.QueryParams()
	items, err := c.chosenItems(q["item"])
	if err != nil {
		return err
	}
	return c.showMany(statusPage, c.manyPage(items, localPath(c.QueryParam("back"), ""), typedMove{move: c.QueryParam("move")}))
}

// makeMoves makes one move for each of the items by itself: one that is refused or has changed holds up no other.
func (s *server) makeMoves(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	items, err := c.chosenItems(f.all("item"))
	if err != nil {
		return err
	}
	back, typed := localPath(f.text("back"), ""), typedMove{move: f.text("move"), form: f}
	if faults := c.lacking(items, f, typed.move); faults != nil {
		typed.faults = faults
		return c.showMany(statusOf(app.Faults{{Kind: app.Invalid}}), c.manyPage(items, back, typed))
	}
	page := templates.ManyPage{Back: backOr(back)}
	answer := manyAnswer{Results: []moveAnswer{}}
	done := 0
	for _, one := range items {
		result, said, err := c.moveOne(f, one, typed.move)
		if err != nil && done > 0 {
			return fmt.Errorf("%w: %d moves were made before: %w", app.ErrUnsure, done, err)
		}
		if err != nil {
			return err
		}
		if result.Done {
			done++
		}
		page.Results, answer.Results = append(page.Results, result), append(answer.Results, said)
	}
	page.Said = c.T("moves.many_done", "N", done, "Left", len(items)-done)
	if !wantsJSON(c.Request()) {
		return c.showMany(statusPage, page)
	}
	var out bytes.Buffer
	if err := s.Set.Pages.Move.ManyPart.Render(&out, s.Set.Base(c.Lang), page); err != nil {
		return err
	}
	answer.Said, answer.HTML = page.Said, out.String()
	return sendJSON(c, statusPage, answer)
}

// moveOne makes the move for one item and says what came of it; only an unknown error stops the rest.
func (c *call) moveOne(f *form, one chosenItem, move string) (templates.ManyResult, moveAnswer, error) {
	w := one.words
	said := moveAnswer{Item: one.name}
	out := templates.ManyResult{No: one.name}
	err := one.err
	if err == nil {
		out = templates.ManyResult{No: w.no(), Name: w.ch.Title, Href: w.ch.Item.Path()}
		w.typed = typedMove{move: move, form: f}
		fresh := &form{c: c}
		err = w.make(fresh, w.ch, move, one.seen)
	}
	faults := app.AsFaults(err)
	switch {
	case err == nil:
		choice, _ := w.ch.Find(move)
		now, err := c.s.App.Choices(c.ctx(), c.actor, w.ch.Item)
		if err != nil && app.AsFaults(err) == nil {
			return out, said, err
		}
		out.Done, out.Tag, out.Said = true, templates.Tag{Text: c.T("moves.result_done"), Tone: "green", Icon: "check"}, w.said(choice, now)
		said.Version, said.At, said.Claim = id64(now.Version), now.State, choice.Claim
	case faults == nil:
		return out, said, err
	case faults[0].Kind == app.Stale:
		now, err := c.s.App.Choices(c.ctx(), c.actor, w.ch.Item)
		if err != nil {
			return out, said, err
		}
		w.ch, w.typed.stale = now, true
		if err := w.readChanges(one.seen); err != nil {
			return out, said, err
		}
		out.Tag, out.Said, said.Stale = templates.Tag{Text: c.T("moves.result_stale"), Tone: "yellow", Icon: "history"}, strings.Join(w.changes, " "), true
	case faults[0].Kind == app.Missing || faults[0].Kind == app.Denied:
		out.Tag, out.Said = templates.Tag{Text: c.T("moves.result_refused"), Tone: "red", Icon: "ban"}, c.T("moves.not_yours")
	default:
		out.Tag, out.Said = templates.Tag{Text: c.T("moves.result_refused"), Tone: "red", Icon: "ban"}, strings.Join(sortedFaults(c.faults(faults)), " ")
	}
	said.Done, said.Said = out.Done, out.Said
	return out, said, nil
}

// lacking checks once, for all items together, that the facts of the move are there; nil when they are.
func (c *call) lacking(items []chosenItem, f *form, move string) templates.Faults {
	faults := templates.Faults{}
	for _, one := range items {
		choice, ok := one.words.ch.Find(move)
		if one.err != nil || !ok {
			continue
		}
		for _, need := range choice.Asks {
			if !need.Optional && strings.TrimSpace(f.text(need.Field)) == "" {
				faults[need.Field] = c.sentence(&app.Fault{Key: "required"})
			}
		}
		if choice.Move.Grave && !f.on("sure") {
			faults["sure"] = c.sentence(&app.Fault{Key: "sure_missing"})
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

func backOr(back string) string {
	if back == "" {
		return "/tickets"
	}
	return back
}

func (c *call) showMany(status int, page templates.ManyPage) error {
	if part(c.Request()) {
		return showStatus(c, status, c.s.Set.Pages.Move.ManyPart, "", page)
	}
	return showStatus(c, status, c.s.Set.Pages.Move.Many, c.T("moves.many"), page)
}

// manyPage lists the items and the moves that can be made for at least one of them; with a move, its form.
func (c *call) manyPage(items []chosenItem, back string, typed typedMove) templates.ManyPage {
	p := templates.ManyPage{Back: backOr(back), Said: c.T("moves.chosen", "N", len(items))}
	var moves []workflows.Move
	counts, leads := map[string]int{}, map[string]string{}
	needs := map[string][]workflows.Need{}
	for _, one := range items {
		w := one.words
		if one.err != nil {
			p.Items = append(p.Items, templates.ManyItem{No: one.name, Problem: c.T("moves.not_yours"), Value: one.name})
			continue
		}
		item := templates.ManyItem{Value: one.name + "@" + id64(one.seen), No: w.no(), Name: w.ch.Title, Href: w.ch.Item.Path(), State: w.stateName(w.ch.State), Problem: w.none()}
		if _, ok := w.ch.Find(typed.move); !ok && typed.move != "" {
			item.Problem = c.T("moves.not_offered")
		}
		p.Items = append(p.Items, item)
		for _, choice := range w.ch.Moves {
			id := choice.Move.ID
			if counts[id] == 0 {
				moves = append(moves, choice.Move)
				leads[id] = w.leads(choice)
			}
			counts[id]++
			for _, need := range choice.Asks {
				if !slices.ContainsFunc(needs[id], func(n workflows.Need) bool { return n.Field == need.Field }) {
					needs[id] = append(needs[id], need)
				}
			}
		}
	}
	for _, move := range moves {
		note := c.T("moves.for", "N", counts[move.ID], "All", len(items))
		if move.ID == typed.move {
			form := c.manyForm(move, needs[move.ID], typed)
			form.Note = note
			p.Form = &form
		}
		p.Moves = append(p.Moves, templates.MoveChoice{ID: move.ID, Title: move.Title.In(c.Lang), To: leads[move.ID], Note: note, Usual: move.Usual, Grave: move.Grave})
	}
	return p
}

func (c *call) manyForm(move workflows.Move, needs []workflows.Need, typed typedMove) templates.MoveForm {
	title := move.Title.In(c.Lang)
	f := templates.MoveForm{Move: move.ID, Title: title, Grave: move.Grave, Button: c.T("ticket.do", "Move", title)}
	for _, need := range needs {
		f.Fields = append(f.Fields, c.moveField(need, typed, ""))
	}
	if move.Grave {
		f.Fields = append(f.Fields, c.sureField(title, typed))
	}
	f.Problem = focusFault(f.Fields, typed)
	return f
}
