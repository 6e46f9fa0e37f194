package web

import (
	"bytes"
	"strconv"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// drawnBoard is a board with what the frame around it says of it.
type drawnBoard struct {
	html   []byte
	rows   int
	lights map[workflows.Light]int
	all    int
}

// sketch draws a board: the call that asks for it, what it shows, and how.
type sketch struct {
	*call
	app.BoardCards
	filter mapFilter
	out    bytes.Buffer
	err    error
}

// drawBoard draws the board of a view.
func (c *call) drawBoard(b app.BoardCards, f mapFilter) (drawnBoard, error) {
	narrow, err := c.boardFilter(b, f)
	if err != nil {
		return drawnBoard{}, err
	}
	k := &sketch{call: c, BoardCards: b, filter: f}
	var d drawnBoard
	switch f.view {
	case "tickets":
		g := c.s.App.TicketStates(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		sketchGrid(k, g, "tickets", k.thenTicket)
	case "months":
		g := c.s.App.Stages(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		k.months(g)
	default:
		g := c.s.App.Stages(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		sketchGrid(k, g, "stages", k.thenCard)
	}
	k.out.WriteString("</tr></tbody></table>")
	d.html = k.out.Bytes()
	return d, k.err
}

// sketchPiece draws one piece.
func sketchPiece[T any](k *sketch, page templates.Page[T], data T) {
	if k.err == nil {
		k.err = page.Render(&k.out, k.s.Set.Base(k.Lang), data)
	}
}

// sketchGrid draws task forces by columns.
func sketchGrid[C app.Boarded](k *sketch, g app.Grid[C], board string, card func(C) templates.Card) {
	head := templates.BoardHead{Corner: k.T("map.corner"), Count: k.Count(len(g.Rows))}
	for i, st := range g.Columns {
		column := templates.BoardColumn{ID: st.ID, Name: st.Title.In(k.Lang), Note: k.stageNote(g.Counts[i], st.LimitDays), Idle: g.Counts[i] == 0}
		if l, ok := k.Limit(board, 0, st.ID); ok {
			column.Limit = k.T("board.limit_each", "N", l.Most)
		}
		head.Columns = append(head.Columns, column)
	}
	sketchPiece(k, k.s.Set.Pages.Board.Head, head)
	for i, row := range g.Rows {
		k.rowHead(row.TaskForce, row.Lights, 0, i == 0)
		for j := range row.Cells {
			sketchPiece(k, k.s.Set.Pages.Board.Cell, sketchCell(k, row, g.Columns[j], j, board, card))
		}
	}
}

// rowHead begins a task force's row; span is for the months view, where it is the head of a group.
func (k *sketch) rowHead(tf app.TaskForce, lights map[workflows.Light]int, span int, first bool) {
	n := 0
	for _, count := range lights {
		n += count
	}
	sketchPiece(k, k.s.Set.Pages.Board.Row, templates.BoardRow{First: first, Code: tf.Code, Flag: pennant(tf), Href: forcePath(tf), Lead: k.leaderOf(k.Leaders[tf.LeaderID]), Count: k.T("map.count", "N", n),
		Lights: k.lightCounts(lights), Folded: k.filter.folded(tf.Code), Fold: k.filter.folding(tf.Code).path(), Span: span})
}

// sketchCell is where a task force and a column cross.
func sketchCell[C app.Boarded](k *sketch, row app.GridRow[C], st workflows.State, j int, board string, card func(C) templates.Card) templates.BoardCell {
	cell := templates.BoardCell{Row: row.TaskForce.Code, Col: st.ID, Head: st.Title.In(k.Lang)}
	if l, ok := k.Limit(board, row.TaskForce.ID, st.ID); ok {
		cell.Limit, cell.Cap, cell.Full = strconv.Itoa(l.Most), k.T("board.of_limit", "N", row.Standing[j], "Limit", l.Most), row.Standing[j] >= l.Most
	}
	rest, all := map[workflows.Light]int{}, map[workflows.Light]int{}
	for i, one := range row.Cells[j] {
		drawn := card(one)
		all[drawn.Light]++
		if i >= crowded && !k.filter.all {
			rest[drawn.Light]++
			continue
		}
		html, err := k.s.Set.Pages.Board.Card.HTML(k.s.Set.Base(k.Lang), drawn)
		if err != nil {
			k.err = err
		}
		cell.Cards = append(cell.Cards, html)
	}
	if n := len(row.Cells[j]) - len(cell.Cards); n > 0 {
		cell.More = k.T("map.more", "N", n, "Lights", k.countsInWords(rest))
		cell.Href = k.filter.with(func(f *mapFilter) { f.force, f.state, f.all, f.fold = row.TaskForce.Code, st.ID, true, "" }).path()
	}
	if len(row.Cells[j]) > 0 {
		cell.Sum = k.countsInWords(all)
	}
	return cell
}
