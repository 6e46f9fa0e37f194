package app

import (
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Pause is a stop of a ticket's clock: asked for with a reason, granted or refused by the issuer, reviewed every quarter, ended by whoever takes the work up again.
type Pause struct {
	Row
	TicketID    int64
	State       string // "asked", "refused", "withdrawn", "lapsed", "running" or "ended"
	ReasonCode  string // an option of the workflow's move
	Reason      string
	ExpectedEnd calendar.Date
	AskedBy     int64
	AskedOn     calendar.Date
	DecidedBy   int64
	DecidedOn   calendar.Date // the pause begins on the day on which it is granted
	Note        string
	ReviewOn    calendar.Date // when the issuer looks at it next
	Reviews     int
	EndedBy     int64
	EndedOn     calendar.Date
	Workdays    int // that the clock stood
}

// reviewTerm is how long a pause runs at most before the issuer reviews it: every quarter (domain.md section 3).
func reviewTerm() calendar.Term { return calendar.Term{N: 3, Unit: calendar.UnitMonth} }

// pauseMove applies a move about a pause to the pause's own row and to the ticket.
func (t *tx) pauseMove(k *Ticket, move workflows.Move, cmd MoveTicket) error {
	if move.ID == "ask_pause" {
		return t.askPause(k, cmd)
	}
	p, err := t.openPause(k.ID)
	if err != nil {
		return err
	}
	if p == nil {
		return refused("pause_not_asked", nil)
	}
	waits := p.State == "asked"
	if waits == (move.ID == "keep_pause" || move.ID == "end_pause" || move.ID == "resume") {
		return refused("pause_not_asked", nil)
	}
	note := strings.TrimSpace(cmd.Reason + cmd.Note)
	switch move.ID {
	case "grant_pause":
		err = t.grantPause(k, p, note)
	case "refuse_pause":
		t.closePause(k, p, "refused", note)
	case "withdraw_pause":
		t.closePause(k, p, "withdrawn", note)
	case "keep_pause":
		err = t.keepPause(k, p, cmd)
	case "resume", "end_pause":
		err = t.endPause(k, p, note)
	}
	if err != nil {
		return err
	}
	return update(t, p)
}

// openPause reads the pause that waits or runs, nil when there is none.
func (t *tx) openPause(ticket int64) (*Pause, error) {
	found, err := list[Pause](t, "id DESC", "ticket_id = ? AND state IN ('asked', 'running')", ticket)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (t *tx) askPause(k *Ticket, cmd MoveTicket) error {
	if k.PauseAsked {
		return refused("pause_waiting", nil)
	}
	p := &Pause{TicketID: k.ID, State: "asked", ReasonCode: cmd.ReasonCode, Reason: strings.TrimSpace(cmd.Reason), ExpectedEnd: cmd.ExpectedEnd,
		AskedBy: t.actor.ID, AskedOn: t.today}
	k.PauseAsked, k.PauseCode, k.PauseReason, k.PauseUntil = true, p.ReasonCode, p.Reason, p.ExpectedEnd
	return insert(t, p)
}

func (t *tx) grantPause(k *Ticket, p *Pause, note string) error {
	k.PauseAsked = false
	k.Pauses++
	p.State, p.DecidedBy, p.DecidedOn, p.Note = "running", t.actor.ID, t.today, note
	return t.setReview(k, p)
}

// setReview sets the next review: after a quarter, or when the pause was expected to end, whichever comes first.
func (t *tx) setReview(k *Ticket, p *Pause) error {
	quarter, err := t.calendar(k.TaskForceID).Due(t.today, reviewTerm())
	if err != nil {
		return fmt.Errorf("count the quarter of a pause: %w", err)
	}
	p.ReviewOn = quarter
	if end := t.calendar(k.TaskForceID).Roll(p.ExpectedEnd); p.ExpectedEnd > t.today && end < quarter {
		p.ReviewOn = end
	}
	k.ReviewOn = p.ReviewOn
	return nil
}

// closePause ends a request that did not become a pause.
func (t *tx) closePause(k *Ticket, p *Pause, state, note string) {
	k.PauseAsked, k.PauseCode, k.PauseReason, k.PauseUntil = false, "", "", 0
	p.State, p.DecidedBy, p.DecidedOn, p.Note = state, t.actor.ID, t.today, note
}

func (t *tx) keepPause(k *Ticket, p *Pause, cmd MoveTicket) error {
	p.Reviews++
	p.Note = strings.TrimSpace(cmd.Reason)
	if !cmd.ExpectedEnd.IsZero() {
		p.ExpectedEnd, k.PauseUntil = cmd.ExpectedEnd, cmd.ExpectedEnd
	}
	return t.setReview(k, p)
}

// endPause starts the clock again: the date in force and the date that judges move by the working days of the pause [P]; the original date stays on record.
func (t *tx) endPause(k *Ticket, p *Pause, note string) error {
	p.State, p.EndedBy, p.EndedOn = "ended", t.actor.ID, t.today
	if note != "" {
		p.Note = note
	}
	p.Workdays = t.calendar(k.TaskForceID).Workdays(p.DecidedOn, t.today)
	why := p.Reason
	k.PauseCode, k.PauseReason, k.PauseUntil, k.ReviewOn = "", "", 0, 0
	if p.Workdays <= 0 {
		return nil
	}
	k.PausedDays += p.Workdays
	from := k.DueOn
	for _, day := range []*calendar.Date{&k.DueOn, &k.JudgedOn} {
		later, err := t.calendar(k.TaskForceID).AddWorkdays(*day, p.Workdays)
		if err != nil {
			return fmt.Errorf("move the due date of %s by a pause: %w", k.No, err)
		}
		*day = later
	}
	return t.changeTicketDate(k, from, DateChange{Cause: "pause", Reason: why, SourceID: p.ID})
}

// lapse ends what waits or runs for a ticket that has left the state for which it was asked.
func (t *tx) lapse(k *Ticket, was string) error {
	state, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	over := state.Kind == workflows.KindDone || state.Kind == workflows.KindEnded
	if over {
		if err := t.lapseExtension(k); err != nil {
			return err
		}
	}
	leftPause := was == "paused" && k.State != "paused" && over
	leftWork := k.PauseAsked && k.State != "accepted" && k.State != "in_progress"
	if !leftPause && !leftWork {
		return nil
	}
	p, err := t.openPause(k.ID)
	if err != nil {
		return err
	}
	k.ReviewOn = 0
	if p == nil {
		k.PauseAsked, k.PauseCode, k.PauseReason, k.PauseUntil = false, "", "", 0
		return nil
	}
	if leftWork {
		t.closePause(k, p, "lapsed", "")
	} else {
		p.State, p.EndedBy, p.EndedOn, p.Workdays = "ended", t.actor.ID, t.today, t.calendar(k.TaskForceID).Workdays(p.DecidedOn, t.today)
		k.PauseCode, k.PauseReason, k.PauseUntil = "", "", 0
	}
	return update(t, p)
}

// pauseMismatch tells whether a move about a pause has nothing to act on: nobody has asked for one, or somebody has already.
func pauseMismatch(k *Ticket, move string) bool {
	switch move {
	case "grant_pause", "refuse_pause", "withdraw_pause":
		return !k.PauseAsked
	case "ask_pause":
		return k.PauseAsked
	}
	return false
}
