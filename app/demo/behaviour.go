package demo

import (
	"time"

	"battlemap/app/calendar"
)

// behaviour is what differs from a smooth course; its head in projects.yaml explains the fields.
type behaviour struct {
	Late      int
	Share     map[time.Month]int64
	Silent    []time.Month
	Verified  map[time.Month]int64
	Returned  []time.Month
	Stalls    time.Month
	Recovers  time.Month
	Rejected  string
	Exempt    *exemption
	Suspended *suspension
	Problem   string
}

type exemption struct {
	Month  calendar.Month
	Day    calendar.Date
	Reason string
}

type suspension struct {
	From, To       calendar.Date
	Until          calendar.Date // the expected end that was given
	Reason, Resume string
}

// done is the completed investment from January to each month's end in fen, as the unit reports it: nothing before the month `from`, a share of
// the plan after it, never less than the month before.
func (p *project) done(plan [12]int64, from time.Month) [12]int64 {
	var out [12]int64
	var before, gap int64
	for m := time.January; m <= time.December; m++ {
		now := p.doneIn(plan[m-1], before, gap, m, from)
		now = max(now/wan*wan, before)
		out[m-1], before, gap = now, now, plan[m-1]-now
	}
	return out
}

// doneIn is the amount at the end of one month; before and gap are those of the month before.
func (p *project) doneIn(plan, before, gap int64, m, from time.Month) int64 {
	b := p.Behave
	switch {
	case m < from:
		return 0
	case b.Recovers != 0 && m >= b.Recovers:
		return plan - max(gap, 0)*2/3
	case b.Stalls != 0 && m >= b.Stalls:
		return before
	}
	if share, ok := since(b.Share, m); ok {
		return plan * share / 100
	}
	return plan * p.evenShare(m) / 100
}

// evenShare is the share of the plan that a smooth project does: 98 to 101 per cent, by turns.
func (p *project) evenShare(m time.Month) int64 { return 98 + int64(p.index*7+int(m)*3)%4 }

// verifiedOf is what the supervisor finds of a reported amount.
func (b behaviour) verifiedOf(reported int64, m time.Month) int64 {
	share, ok := since(b.Verified, m)
	if !ok {
		return reported
	}
	return reported * share / 100 / wan * wan
}

// since is the value that holds in month m: that of the latest month named up to m.
func since(values map[time.Month]int64, m time.Month) (int64, bool) {
	for ; m >= time.January; m-- {
		if v, ok := values[m]; ok {
			return v, true
		}
	}
	return 0, false
}
