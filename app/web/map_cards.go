package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// cardsAnswer is what GET /map/cards tells about single cards, so that a live page replaces those and not the board.
type cardsAnswer struct {
	Journal int64            `json:"journal"`
	Cards   []cardAnswer     `json:"cards"`
	Columns map[string]count `json:"columns"` // by data-col
	Rows    map[string]count `json:"rows"`    // by data-row
	Cells   []cellAnswer     `json:"cells"`   // those with a limit
}

// cardAnswer is one card: where it stands now and what it looks like, or that it is not on this board (or not for this person).
type cardAnswer struct {
	Item  string `json:"item"`
	Gone  bool   `json:"gone,omitempty"`
	Row   string `json:"row,omitempty"`
	Col   string `json:"col,omitempty"`
	Place int    `json:"place"` // its place in the cell, from 0: beyond "shown" it stands behind the link
	HTML  string `json:"html,omitempty"`
}

// count is how many cards a column or a row holds, in words as the head says it.
type count struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

type cellAnswer struct {
	Row   string `json:"row"`
	Col   string `json:"col"`
	Cap   string `json:"cap"`
	Full  bool   `json:"full"`
	Limit int    `json:"limit"`
}

// mostItems is how many cards one request may ask for; more is a reason to ask for the map.
const mostItems = 100

// mapCards answers single cards of a board: /map/cards?items=project/P-001,ticket/2023-001&view=… with the filter of the map.
func (s *server) mapCards(c *call) error {
	f := c.mapFilter()
	b, err := s.App.BoardCards(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	narrow, err := c.boardFilter(b, f)
	if err != nil {
		return err
	}
	out := cardsAnswer{Journal: b.Journal, Cards: []cardAnswer{}, Columns: map[string]count{}, Rows: map[string]count{}, Cells: []cellAnswer{}}
	items := slices.DeleteFunc(strings.Split(c.QueryParam("items"), ","), func(s string) bool { return s == "" })
	items = items[:min(len(items), mostItems)]
	k := &sketch{call: c, BoardCards: b, filter: f}
	switch f.view {
	case "tickets":
		err = answerCards(k, s.App.TicketStates(b, narrow), "tickets", c.ticketCard, items, &out)
	case "months":
		err = k.answerTracks(s.App.Stages(b, narrow), items, &out)
	default:
		err = answerCards(k, s.App.Stages(b, narrow), "stages", c.mapCard, items, &out)
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}

// answerCards finds the items on a board, draws them, and counts the board.
func answerCards[C app.Boarded](k *sketch, g app.Grid[C], board string, card func(C) templates.Card, items []string, out *cardsAnswer) error {
	for i, st := range g.Columns {
		out.Columns[st.ID] = count{g.Counts[i], k.stageNote(g.Counts[i], st.LimitDays)}
	}
	found := map[string]cardAnswer{}
	for _, row := range g.Rows {
		k.answerRow(row.TaskForce.Code, row.Lights, out)
		for j, cell := range row.Cells {
			if l, ok := k.Limit(board, row.TaskForce.ID, g.Columns[j].ID); ok {
				out.Cells = append(out.Cells, cellAnswer{Row: row.TaskForce.Code, Col: g.Columns[j].ID, Limit: l.Most, Full: row.Standing[j] >= l.Most,
					Cap: k.T("board.of_limit", "N", row.Standing[j], "Limit", l.Most)})
			}
			for place, one := range cell {
				if !slices.Contains(items, one.Item()) {
					continue
				}
				html, err := k.drawCard(0, func() templates.Card { return card(one) })
				if err != nil {
					return err
				}
				found[one.Item()] = cardAnswer{Item: one.Item(), Row: row.TaskForce.Code, Col: g.Columns[j].ID, Place: place, HTML: string(html)}
			}
		}
	}
	out.answer(items, found)
	return nil
}

// answerTracks does the same for the months view, where a card is a line; its HTML is a whole row.
func (k *sketch) answerTracks(g app.Grid[app.Card], items []string, out *cardsAnswer) error {
	first, last := k.span(g)
	found := map[string]cardAnswer{}
	for _, row := range g.Rows {
		k.answerRow(row.TaskForce.Code, row.Lights, out)
		for _, cell := range row.Cells {
			for _, card := range cell {
				if !slices.Contains(items, card.Item()) {
					continue
				}
				html, err := k.s.Set.Pages.Board.Track.HTML(k.s.Set.Base(k.Lang), k.track(row.TaskForce, card, first, last))
				if err != nil {
					return err
				}
				line, _ := strings.CutPrefix(strings.TrimSpace(string(html)), "</tr>")
				found[card.Item()] = cardAnswer{Item: card.Item(), Row: row.TaskForce.Code, Col: card.Project.Stage, HTML: strings.TrimSpace(line) + "</tr>"}
			}
		}
	}
	out.answer(items, found)
	return nil
}

func (k *sketch) answerRow(code string, lights map[workflows.Light]int, out *cardsAnswer) {
	n := 0
	for _, one := range lights {
		n += one
	}
	out.Rows[code] = count{n, k.T("map.count", "N", n)}
}

// answer lists the items in the order in which they were asked for; what is not on the board is gone, and so is what the person may not see.
func (out *cardsAnswer) answer(items []string, found map[string]cardAnswer) {
	for _, item := range items {
		card, ok := found[item]
		if !ok {
			card = cardAnswer{Item: item, Gone: true}
		}
		out.Cards = append(out.Cards, card)
	}
}
