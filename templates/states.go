package templates

import (
	"fmt"
	"strconv"
)

// StateNode is one state to draw: the main line has Rank 1 and up, a state beside it hangs below the place of the line that Rank names.
type StateNode struct {
	ID, Name, Date string
	Rank           int
	Beside         bool
	State          string // "done", "now" or "next"
}

// StateWay is a way between two states to draw. Open ways are the moves that can be made now, and carry their names.
type StateWay struct {
	From, To, Name string
	Open           bool
}

// States is the argument of "states"; make it with DrawStates. Label and Text say the same in words.
type States struct {
	Label         string
	Width, Height int
	Boxes         []StateBox
	Ways          []StatePath
	Text          []string
}

// StateBox is a drawn state.
type StateBox struct {
	X, Y, MidX, NameY, DateY int
	Name, Date, State        string
	Beside                   bool
}

// StatePath is a drawn way with the place of its name.
type StatePath struct {
	D, Name, Anchor string
	TextX, TextY    int
	Open            bool
}

const (
	stateWide, stateHigh  = 112, 42
	stateStep, stateFloor = 150, 98
	stateTop              = 26
)

// DrawStates places the states: the main line above, the others in a row below it.
func DrawStates(label string, nodes []StateNode, ways []StateWay, text []string) States {
	d := States{Label: label, Text: text, Height: stateTop + stateHigh + 6}
	at := map[string]StateBox{}
	for _, n := range nodes {
		b := StateBox{X: 2 + (n.Rank-1)*stateStep, Y: stateTop, Name: n.Name, Date: n.Date, State: n.State, Beside: n.Beside}
		if n.Beside {
			b.Y += stateFloor
			d.Height = stateTop + stateFloor + stateHigh + 6
		}
		b.MidX, b.NameY, b.DateY = b.X+stateWide/2, b.Y+18, b.Y+34
		if n.Date == "" {
			b.NameY = b.Y + 26
		}
		d.Width = max(d.Width, b.X+stateWide+4)
		d.Boxes = append(d.Boxes, b)
		at[n.ID] = b
	}
	for _, w := range ways {
		from, ok := at[w.From]
		to, also := at[w.To]
		if ok && also {
			d.Ways = append(d.Ways, way(from, to, w))
		}
	}
	return d
}

// way draws a way: along the line, down from it, or up to it again.
func way(from, to StateBox, w StateWay) StatePath {
	p := StatePath{Name: w.Name, Open: w.Open, Anchor: "middle"}
	switch {
	case from.Y == to.Y && from.X < to.X:
		y := from.Y + stateHigh/2
		p.D = fmt.Sprintf("M%d %dH%d", from.X+stateWide, y, to.X-7)
		p.TextX, p.TextY = (from.X+stateWide+to.X)/2, from.Y-8
	case from.Y == to.Y:
		p.D = fmt.Sprintf("M%d %dV%dH%dV%d", from.MidX, from.Y, from.Y-14, to.MidX, to.Y-7)
		p.TextX, p.TextY = (from.MidX+to.MidX)/2, from.Y-17
	case from.Y < to.Y:
		p.D = fmt.Sprintf("M%d %dL%d %d", from.MidX-12, from.Y+stateHigh, to.MidX-12, to.Y-7)
		p.TextX, p.TextY, p.Anchor = min(from.MidX, to.MidX)-18, (from.Y+stateHigh+to.Y)/2+4, "end"
	default:
		p.D = fmt.Sprintf("M%d %dV%dH%dV%d", from.MidX+12, from.Y, to.Y+stateHigh+34, to.MidX+12, to.Y+stateHigh+7)
		p.TextX, p.TextY, p.Anchor = (from.MidX+to.MidX)/2+18, (from.Y+to.Y+stateHigh)/2+14, "start"
	}
	return p
}

// ViewBox is the size of the drawing.
func (s States) ViewBox() string {
	return "0 0 " + strconv.Itoa(s.Width) + " " + strconv.Itoa(s.Height)
}

// Wide and High are the sizes of a box.
func (StateBox) Wide() int { return stateWide }

// High is the height of a box.
func (StateBox) High() int { return stateHigh }
