package web

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// drawnBoard is a board with what the frame around it says of it.
type drawnBoard struct {
	body   segment
	rows   int
	lights map[workflows.Light]int
	all    int
}

// chunk is a part of a board that is drawn and compressed at once; mark changes whenever it looks different.
type chunk struct {
	id   string
	mark uint64
	draw func(*bytes.Buffer) error
}

// fullChunk is how many cards a chunk holds at most before the next one begins: more would make a single change dear, fewer would compress badly.
const fullChunk = 64

// sketch plans a board: the call that asks for it, what it shows, and its chunks.
type sketch struct {
	*call
	app.BoardCards
	filter mapFilter
	chunks []chunk
}

// mark mixes numbers into one that is other when any of them is.
func mark(h uint64, numbers ...int64) uint64 {
	for _, n := range numbers {
		h = (h ^ uint64(n)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

// begins is 1 for the first row, which ends none before it.
func begins(i int) int64 {
	if i == 0 {
		return 1
	}
	return 0
}

// planBoard plans the board of a view.
func (c *call) planBoard(b app.BoardCards, f mapFilter) (*sketch, drawnBoard, error) {
	narrow, err := c.boardFilter(b, f)
	if err != nil {
		return nil, drawnBoard{}, err
	}
	k := &sketch{call: c, BoardCards: b, filter: f}
	var d drawnBoard
	switch f.view {
	case "tickets":
		g := c.s.App.TicketStates(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		planGrid(k, g, "tickets", func(t app.TicketCard) (int64, workflows.Light) { return t.Drawn, t.Ticket.Light }, k.thenTicket)
	case "months":
		g := c.s.App.Stages(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		k.planMonths(g)
	default:
		g := c.s.App.Stages(b, narrow)
		d = drawnBoard{rows: len(g.Rows), lights: g.Lights, all: g.All}
		planGrid(k, g, "stages", func(p app.Card) (int64, workflows.Light) { return p.Drawn, p.Project.Light }, k.thenCard)
	}
	k.add("end", 1, func(out *bytes.Buffer) error {
		out.WriteString("</tr></tbody></table>")
		return nil
	})
	return k, d, nil
}

func (k *sketch) add(id string, mark uint64, draw func(*bytes.Buffer) error) {
	k.chunks = append(k.chunks, chunk{id, mark, draw})
}

// piece draws one piece of a board.
func piece[T any](k *sketch, out *bytes.Buffer, page templates.Page[T], data T) error {
	return page.Render(out, k.s.Set.Base(k.Lang), data)
}

// planGrid plans task forces by columns: the head, then the rows, each in as many chunks as it has cards for.
func planGrid[C app.Boarded](k *sketch, g app.Grid[C], board string, look func(C) (int64, workflows.Light), card func(C) templates.Card) {
	counts := mark(uint64(k.Epoch), int64(len(g.Rows)))
	for _, n := range g.Counts {
		counts = mark(counts, int64(n))
	}
	for _, l := range k.Limits {
		counts = mark(counts, l.ID, l.Version)
	}
	k.add("head", counts, func(out *bytes.Buffer) error { return piece(k, out, k.s.Set.Pages.Board.Head, gridHead(k, g, board)) })
	for i, row := range g.Rows {
		first, from := i == 0, 0
		for from < len(row.Cells) {
			to, cards := from, 0
			m := mark(uint64(k.Epoch), begins(i), int64(from))
			for to < len(row.Cells) && cards < fullChunk {
				for _, one := range row.Cells[to] {
					drawn, _ := look(one)
					m = mark(m, drawn)
				}
				l, _ := k.Limit(board, row.TaskForce.ID, g.Columns[to].ID)
				m = mark(m, int64(row.Standing[to]), int64(l.Most), int64(len(row.Cells[to])))
				cards += len(row.Cells[to])
				to++
			}
			if from == 0 {
				for _, l := range lightsInOrder() {
					m = mark(m, int64(row.Lights[l]))
				}
			}
			begin, end := from, to
			k.add(row.TaskForce.Code+" "+strconv.Itoa(from), m, func(out *bytes.Buffer) error {
				if begin == 0 {
					if err := k.rowHead(out, row.TaskForce, row.Lights, 0, first); err != nil {
						return err
					}
				}
				for j := begin; j < end; j++ {
					cell, err := gridCell(k, row, g.Columns[j], j, board, look, card)
					if err != nil {
						return err
					}
					if err := piece(k, out, k.s.Set.Pages.Board.Cell, cell); err != nil {
						return err
					}
				}
				return nil
			})
			from = to
		}
	}
}

func gridHead[C app.Boarded](k *sketch, g app.Grid[C], board string) templates.BoardHead {
	head := templates.BoardHead{Corner: k.T("map.corner"), Count: k.Count(len(g.Rows))}
	all := 0
	for _, n := range g.Counts {
		all += n
	}
	for i, st := range g.Columns {
		column := templates.BoardColumn{ID: st.ID, Name: st.Title.In(k.Lang), Note: k.stageNote(g.Counts[i], st.LimitDays), Idle: g.Counts[i] == 0, Share: shareOf(g.Counts[i], all)}
		if l, ok := k.Limit(board, 0, st.ID); ok {
			column.Limit = k.T("board.limit_each", "N", l.Most)
		}
		head.Columns = append(head.Columns, column)
	}
	return head
}

// shareOf says whether a column holds much or little of a board.
func shareOf(n, all int) string {
	switch {
	case all == 0:
		return ""
	case 5*n >= 2*all:
		return "many"
	case 10*n <= all:
		return "few"
	}
	return ""
}

// rowHead begins a task force's row; span is for the months view, where it is the head of a group.
func (k *sketch) rowHead(out *bytes.Buffer, tf app.TaskForce, lights map[workflows.Light]int, span int, first bool) error {
	n := 0
	for _, count := range lights {
		n += count
	}
	return piece(k, out, k.s.Set.Pages.Board.Row, templates.BoardRow{First: first, Code: tf.Code, Flag: pennant(tf), Href: forcePath(tf), Lead: k.leaderOf(k.Leaders[tf.LeaderID]),
		Count: k.T("map.count", "N", n), Lights: k.lightCounts(lights), Folded: k.filter.folded(tf.Code), Fold: k.filter.folding(tf.Code).path(), Span: span})
}

// gridCell is where a task force and a column cross.
func gridCell[C app.Boarded](k *sketch, row app.GridRow[C], st workflows.State, j int, board string, look func(C) (int64, workflows.Light), card func(C) templates.Card) (templates.BoardCell, error) {
	cell := templates.BoardCell{Row: row.TaskForce.Code, Col: st.ID, Head: st.Title.In(k.Lang)}
	if l, ok := k.Limit(board, row.TaskForce.ID, st.ID); ok {
		cell.Limit, cell.Cap, cell.Full = strconv.Itoa(l.Most), k.T("board.of_limit", "N", row.Standing[j], "Limit", l.Most), row.Standing[j] >= l.Most
	}
	rest, all := map[workflows.Light]int{}, map[workflows.Light]int{}
	for i, one := range row.Cells[j] {
		drawn, light := look(one)
		all[light]++
		if i >= crowded && !k.filter.all {
			rest[light]++
			continue
		}
		html, err := k.drawCard(drawn, func() templates.Card { return card(one) })
		if err != nil {
			return cell, err
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
	return cell, nil
}

// drawCard draws a card once for all who read the language: drawn is its number, other for everything that it shows; 0 is not kept.
func (c *call) drawCard(drawn int64, card func() templates.Card) (template.HTML, error) {
	key := cardKey{drawn, c.Lang}
	if html, ok := c.s.boards.card(key); ok {
		return html, nil
	}
	html, err := c.s.Set.Pages.Board.Card.HTML(c.s.Set.Base(c.Lang), card())
	html = template.HTML(strings.TrimSpace(string(html)))
	if err == nil && drawn > 0 {
		c.s.boards.keepCard(key, html)
	}
	return html, err
}
