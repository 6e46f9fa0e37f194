package templates

import (
	"strconv"
	"time"

	"battlemap/app/calendar"
)

// LifeSpan is one bar of a life line. Kind is "plan", "done" or "late"; Name stands in it where there is room.
type LifeSpan struct {
	Kind, Name string
	From, To   calendar.Date
}

// LifeStone is a milestone of a life line. Tone is "", "done" or "late".
type LifeStone struct {
	On         calendar.Date
	Name, Tone string
}

// LifeLine is the argument of "lifeline": a project from its signing to its end in one drawing; make it with Locale.LifeLine. Label and Text say the same in words.
type LifeLine struct {
	Locale
	Label         string
	Text          []Def
	Width, Height int
	Ticks         []LifeTick
	Bars          []LifeBar
	Stones        []LifeMark
	Today         string // "" outside the drawing
}

// LifeTick is a quarter of a year; a year has its number.
type LifeTick struct {
	X, Name string
	Year    bool
}

// LifeBar is a drawn span.
type LifeBar struct{ Kind, Name, X, Y, W, H, TextX, TextY string }

// LifeMark is a drawn milestone with its name beside it; Line leads from it to the name.
type LifeMark struct {
	X, Tone, Name, Day, TextY, Line string
	Anchor, TextX                   string
}

const (
	lifeWide, lifeEdge = 1200, 14
	lifePlanY          = 30
	lifeDoneY          = 56
	lifeStoneY         = 100
)

// LifeLine draws spans and milestones from the first day of any to the last.
func (l Locale) LifeLine(label string, today calendar.Date, spans []LifeSpan, stones []LifeStone, text []Def) LifeLine {
	d := LifeLine{Locale: l, Label: label, Text: text, Width: lifeWide}
	from, to := lifeEnds(today, spans, stones)
	if from.IsZero() || from >= to {
		return d
	}
	place := func(on calendar.Date) float64 {
		return lifeEdge + (lifeWide-2*lifeEdge)*float64(on-from)/float64(to-from)
	}
	d.ticks(from, to, place)
	for _, s := range spans {
		d.bar(s, place)
	}
	rows := d.stones(stones, place)
	d.Height = lifeStoneY + 20 + 16*rows
	if today >= from && today <= to {
		d.Today = height(place(today))
	}
	return d
}

func lifeEnds(today calendar.Date, spans []LifeSpan, stones []LifeStone) (from, to calendar.Date) {
	add := func(on calendar.Date) {
		if on.IsZero() {
			return
		}
		if from.IsZero() || on < from {
			from = on
		}
		to = max(to, on)
	}
	for _, s := range spans {
		add(s.From)
		add(s.To)
	}
	for _, s := range stones {
		add(s.On)
	}
	if !from.IsZero() {
		add(today)
		from, to = from.Month().First(), to.Month().Last()
	}
	return from, to
}

func (d *LifeLine) ticks(from, to calendar.Date, place func(calendar.Date) float64) {
	months := (int(to) - int(from)) / 30
	every := 3
	if months > 48 {
		every = 12
	}
	for m := from.Month(); m <= to.Month(); m = m.Add(1) {
		number := m.Number()
		if number != int(time.January) && (number-1)%every != 0 {
			continue
		}
		t := LifeTick{X: height(place(m.First())), Name: d.ShortMonth(m), Year: number == int(time.January)}
		if t.Year {
			t.Name = strconv.Itoa(m.Year())
		}
		d.Ticks = append(d.Ticks, t)
	}
}

func (d *LifeLine) bar(s LifeSpan, place func(calendar.Date) float64) {
	if s.From.IsZero() || s.To < s.From {
		return
	}
	x, end := place(s.From), place(s.To)
	b := LifeBar{Kind: s.Kind, X: height(x), W: height(max(2, end-x)), Y: strconv.Itoa(lifeDoneY), H: "20", TextX: height((x + end) / 2), TextY: strconv.Itoa(lifeDoneY + 14)}
	if s.Kind == "plan" {
		b.Y, b.H, b.TextY = strconv.Itoa(lifePlanY), "16", strconv.Itoa(lifePlanY+12)
	}
	if end-x > textWidth(s.Name, 12) {
		b.Name = s.Name
	}
	d.Bars = append(d.Bars, b)
}

// textWidth is about how wide a text is drawn: a Chinese letter is as wide as it is high, another one half.
func textWidth(text string, size float64) float64 {
	w := 0.0
	for _, r := range text {
		if r > 0x2000 {
			w += size
		} else {
			w += size * .58
		}
	}
	return w + 4
}

// stones places the milestones; the names of neighbours stand below each other. It returns how many rows of names there are.
func (d *LifeLine) stones(stones []LifeStone, place func(calendar.Date) float64) int {
	var ends []float64 // of each row
	for _, s := range stones {
		x := place(s.On)
		text := s.Name + " " + d.ShortDay(s.On)
		m := LifeMark{X: height(x), Tone: s.Tone, Name: s.Name, Day: d.ShortDay(s.On), Anchor: "start"}
		start, end := x-6, x-6+textWidth(text, 12)
		if end > lifeWide {
			m.Anchor, start, end = "end", x+6-textWidth(text, 12), x+6
		}
		row := 0
		for row < len(ends) && ends[row] > start {
			row++
		}
		if row == len(ends) {
			ends = append(ends, 0)
		}
		ends[row] = end + 8
		m.TextX = height(start)
		if m.Anchor == "end" {
			m.TextX = height(end)
		}
		y := lifeStoneY + 22 + 16*row
		m.TextY = strconv.Itoa(y)
		if row > 0 {
			m.Line = "M" + height(x) + " " + strconv.Itoa(lifeStoneY+6) + "V" + strconv.Itoa(y-11)
		}
		d.Stones = append(d.Stones, m)
	}
	return len(ends)
}

// StoneY is where the milestones stand.
func (LifeLine) StoneY() int { return lifeStoneY }

// Foot is how far down the lines of the drawing reach.
func (LifeLine) Foot() int { return lifeStoneY + 8 }
