package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Ticket is a 督办事项: one guaranteed responsibility, with a row for each unit that receives it.
type Ticket struct {
	Row
	No                string // public number, "2023-001", shown as 〔2023〕001号
	Kind              string
	Title             string
	Basis             string // 立项依据
	Instruction       string // verbatim
	TaskForceID       int64
	ProjectID         int64
	IssuerUnitID      int64
	LeadUnitID        int64
	HandlerID         int64
	LeaderID          int64 // of a leader's instruction: to whom the closing is first shown
	CreatedBy         int64
	CreatedAt         int64 `gorm:"autoCreateTime:false"`
	MachineVersion    int
	State             string
	StateSince        calendar.Date
	DueTerm           string        // "15 days", "5 workdays"; "" when the date was given
	DueOn             calendar.Date // frozen at issue
	BaselineOn        calendar.Date // the original due date of this term: late stays late (按原定时间考核)
	JudgedOn          calendar.Date // the date that judges: the original one, later by the working days of granted pauses
	IssuedOn          calendar.Date
	IssuedAt          int64         // the instant, for limits in hours
	BegunOn           calendar.Date // when the unit first set to work
	Complex           bool          // 复杂疑难: rule sets may give it more time
	Urgency           string        // one of Urgencies
	SlipOn            calendar.Date // when a supervisor last found it slow or poor; zero once that is answered
	Importance        string        // one of Importances: a ladder may start higher
	AcceptedOn        calendar.Date
	SubmittedOn       calendar.Date
	VerifiedOn        calendar.Date
	ClosedOn          calendar.Date
	PauseAsked        bool
	PauseCode         string // its ground, an option of the workflow's move
	PauseReason       string
	PauseUntil        calendar.Date
	ReviewOn          calendar.Date // of a pause: when the issuer looks at it next
	DateChanges       int           // how often the date in force has moved
	Extensions        int           // granted
	Pauses            int           // granted
	PausedDays        int           // working days that the clock stood, in pauses that are over
	Returns           int
	Disputes          int
	HandOvers         int
	Reopens           int
	ShownOn           calendar.Date
	Feedback          string
	Cause             string // of a blocker
	CoordinationLevel int    // 0 none, 1 to 4
	DecisionFrom      string
	Ruleset           string // under which it was issued, such as "default@1"; its lights go by that version
	Light             workflows.Light
	LightRule         string
	LightSince        calendar.Date
	NextCheckAt       int64 `journal:"-"`
	ParentTicketID    int64 // the ticket that it was split off, 0 for none
	DuplicateOfID     int64 // the ticket that says the same and goes on, 0 for none
}

// TicketUnit is one receiving unit's row of a ticket.
type TicketUnit struct {
	Row
	TicketID   int64
	UnitID     int64
	Part       string // "lead" 牵头 or "assist" 协办
	AcceptedOn calendar.Date
	AcceptedBy int64
	RepliedOn  calendar.Date // of an assisting unit
	RepliedBy  int64
	Reply      string
	// The part as an item of rules: see receiving.go.
	DueOn       calendar.Date
	Light       workflows.Light
	LightRule   string
	LightSince  calendar.Date
	NextCheckAt int64 `journal:"-"`
}

// TicketKinds lists the kinds of ticket (domain.md section 2).
func TicketKinds() []string {
	return []string{"assignment", "blocker", "instruction", "decision", "appeal", "rectification", "policy"}
}

// Urgencies lists how urgent a ticket may be.
func Urgencies() []string { return []string{"normal", "urgent", "special"} }

// Importances lists how important a ticket may be.
func Importances() []string { return []string{"normal", "important", "special"} }

// Causes lists the cause classes of a blocker.
func Causes() []string {
	return []string{"land", "approval", "funds", "demolition", "utilities", "labour", "owner", "other"}
}

// DueTerms lists the limits in use that a form offers (domain.md section 5).
func DueTerms() []string {
	return []string{"5 workdays", "7 workdays", "15 workdays", "5 days", "7 days", "15 days", "30 days", "1 month", "3 months"}
}

func (t *tx) ticketChange(action string, k *Ticket, was any) change {
	return change{action: action, kind: "ticket", id: k.ID, no: k.No, taskForce: k.TaskForceID, project: k.ProjectID, ticket: k.ID, before: was, after: k}
}

// MoveTicket is the command that makes one move; fields that the move does not need are ignored.
type MoveTicket struct {
	Ticket, Version int64
	Move            string
	Reason          string
	Feedback        string
	Note            string
	ReasonCode      string        // of a pause
	ExpectedEnd     calendar.Date // expected end of a pause
	DueOn           calendar.Date // of a reopened ticket; zero: its own term again, counted from today
	ShownOn         calendar.Date // when a leader's instruction was shown to that leader
	original        int64         // of a duplicate that is ended: the ticket that goes on
}

// MoveTicket makes a move of the ticket's workflow: version, permission, recusal, window and needed facts are checked on the row as it is now.
func (a *App) MoveTicket(ctx context.Context, actor Actor, cmd MoveTicket) (*Ticket, error) {
	var k *Ticket
	err := a.write(ctx, actor, func(t *tx) error {
		row, units, err := t.ticketAsSeen(cmd.Ticket, cmd.Version)
		if err != nil {
			return err
		}
		k = row
		move, err := t.allowedMove(k, units, cmd.Move)
		if err != nil {
			return err
		}
		cmd := cmd.only(move.Needs)
		if err := t.checkMove(k, move, cmd); err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		return t.makeMove(k, units, move, cmd)
	})
	return k, err
}

// ticketAsSeen reads and locks a ticket that the actor may see, with its units, if it is still at the version that they saw.
func (t *tx) ticketAsSeen(id, version int64) (*Ticket, []TicketUnit, error) {
	k, err := get[Ticket](t, id)
	if err != nil {
		return nil, nil, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, nil, err
	}
	if err := t.ticketVisible(k, units); err != nil {
		return nil, nil, err
	}
	if version != k.Version {
		return nil, nil, t.stale(recordsOfTicket, k.ID)
	}
	return k, units, nil
}

func (t *tx) ticketUnits(ticket int64) ([]TicketUnit, error) {
	units, err := readRows[TicketUnit](t.ctx, t.db, "ticket_id = ?", ticket)
	slices.SortFunc(units, leadFirst)
	return units, err
}

// leadFirst puts the lead unit before those who assist, and these in the order in which they were named.
func leadFirst(x, y TicketUnit) int {
	return cmp.Or(strings.Compare(y.Part, x.Part), cmp.Compare(x.ID, y.ID))
}

func ticketPlace(k *Ticket, units []TicketUnit) place {
	p := place{taskForce: k.TaskForceID, project: k.ProjectID}
	for _, u := range units {
		p.units = append(p.units, u.UnitID)
	}
	return p
}

// ticketVisible tells people who hold no role on the ticket that it is missing; a draft is not there yet for the units that will receive it.
func (t *tx) ticketVisible(k *Ticket, units []TicketUnit) error {
	where := ticketPlace(k, units)
	if state, _ := t.machine("ticket", k.MachineVersion).State(k.State); state.Kind == workflows.KindDraft {
		where.units = nil
	}
	roles, err := t.roles(where)
	if err == nil && len(roles) == 0 {
		return missing()
	}
	return err
}

// only drops what the move does not need, so that nothing unasked-for reaches the checks or the journal.
func (cmd MoveTicket) only(needs []workflows.Need) MoveTicket {
	asked := func(field string) bool {
		return slices.ContainsFunc(needs, func(n workflows.Need) bool { return n.Field == field })
	}
	out := MoveTicket{Ticket: cmd.Ticket, Version: cmd.Version, Move: cmd.Move}
	for field, keep := range map[string]func(){
		"reason": func() { out.Reason = cmd.Reason }, "feedback": func() { out.Feedback = cmd.Feedback }, "note": func() { out.Note = cmd.Note },
		"expected_end": func() { out.ExpectedEnd = cmd.ExpectedEnd }, "shown_to_leader": func() { out.ShownOn = cmd.ShownOn },
		"reason_code": func() { out.ReasonCode = cmd.ReasonCode }, "due_on": func() { out.DueOn = cmd.DueOn },
	} {
		if asked(field) {
			keep()
		}
	}
	return out
}

// allowedMove asks the machine and the recusals about the row just read.
func (t *tx) allowedMove(k *Ticket, units []TicketUnit, id string) (workflows.Move, error) {
	where := ticketPlace(k, units)
	roles, err := t.roles(where)
	if err != nil {
		return workflows.Move{}, err
	}
	move, err := t.machine("ticket", k.MachineVersion).Next(k.State, id, roles)
	if err != nil {
		return move, refusal(err)
	}
	tf, err := look[TaskForce](t, k.TaskForceID)
	if err != nil {
		return move, err
	}
	if err := t.notOwnMatter(k, move, recusal{lead: k.LeadUnitID, receiving: where.units, taskForce: *tf}); err != nil {
		return move, err
	}
	if move.EachUnit && !slices.ContainsFunc(units, func(u TicketUnit) bool { return u.UnitID == t.actor.UnitID && u.AcceptedOn.IsZero() }) {
		return move, refused("already_accepted", nil)
	}
	return move, nil
}

func (t *tx) checkMove(k *Ticket, move workflows.Move, cmd MoveTicket) error {
	if err := t.childrenDone(k, move); err != nil {
		return err
	}
	ruled, err := t.ruleMove(k, move, cmd)
	if err != nil {
		return err
	}
	if move.Within != nil && ruled == nil {
		of := map[string]calendar.Date{"issued_on": k.IssuedOn, "closed_on": k.ClosedOn}[move.Within.Of]
		last, err := move.Within.Last(int(of), t.counts(k.TaskForceID).Due)
		if err != nil {
			return fmt.Errorf("window of move %s: %w", move.ID, err)
		}
		if int(t.today) > last {
			return refused("too_late", map[string]any{"Last": calendar.Date(last)})
		}
	}
	facts, err := t.ticketFacts(k)
	if err != nil {
		return err
	}
	needs, err := move.Asks(facts)
	if err != nil {
		return err
	}
	var c check
	given := map[string]string{"reason": cmd.Reason, "feedback": cmd.Feedback, "note": cmd.Note, "expected_end": cmd.ExpectedEnd.String(), "shown_to_leader": cmd.ShownOn.String(),
		"reason_code": cmd.ReasonCode, "due_on": cmd.DueOn.String()}
	for _, need := range needs {
		c.text(need.Field, given[need.Field], 2000, need.Optional)
	}
	if ruled != nil {
		ruled.lacking(&c)
	}
	c.oneOf(move, "reason_code", cmd.ReasonCode)
	if !cmd.DueOn.IsZero() && cmd.DueOn <= t.today {
		c.add("due_on", "in_past", nil)
	}
	if cmd.ShownOn > t.today {
		c.add("shown_to_leader", "in_future", nil)
	}
	if !cmd.ExpectedEnd.IsZero() && cmd.ExpectedEnd <= t.today {
		c.add("expected_end", "in_past", nil)
	}
	return c.err()
}

// makeMove applies what belongs to the single moves, then the new state.
func (t *tx) makeMove(k *Ticket, units []TicketUnit, move workflows.Move, cmd MoveTicket) error {
	was := *k
	if cmd.original != 0 {
		k.DuplicateOfID = cmd.original
	}
	to, err := t.sideEffects(k, units, move, cmd)
	if err != nil {
		return err
	}
	if to != k.State {
		if err := t.roomFor("tickets", k.TaskForceID, to); err != nil {
			return err
		}
		k.State, k.StateSince = to, t.today
		if err := t.lapse(k, was.State); err != nil {
			return err
		}
	}
	if err := t.saveTicket(k); err != nil {
		return err
	}
	c := t.ticketChange("ticket."+move.ID, k, was)
	c.reason = strings.TrimSpace(cmd.Reason + cmd.Note)
	t.record(c)
	return t.announce(k, units, move, cmd)
}

func (t *tx) sideEffects(k *Ticket, units []TicketUnit, move workflows.Move, cmd MoveTicket) (to string, err error) {
	to = move.To
	switch move.ID {
	case "approve":
		err = t.issue(k)
	case "accept":
		to, err = t.acceptRow(k, units, move)
	case "draft_feedback":
		k.Feedback = strings.TrimSpace(cmd.Feedback)
	case "submit":
		k.Feedback, k.SubmittedOn = strings.TrimSpace(cmd.Feedback), t.today
	case "return":
		k.SubmittedOn, k.VerifiedOn = 0, 0
		k.Returns++
		t.happens(ticketItem(k), "returned")
	case "verify":
		k.VerifiedOn = t.today
	case "close":
		k.ClosedOn, k.ShownOn = t.today, cmd.ShownOn
	case "dispute":
		k.Disputes++
		t.happens(ticketItem(k), "disputed")
	case "ask_pause", "withdraw_pause", "refuse_pause", "grant_pause", "keep_pause", "end_pause", "resume":
		err = t.pauseMove(k, move, cmd)
	case "reopen":
		t.happens(ticketItem(k), "redone")
		err = t.reopen(k, cmd)
	case "start":
		if k.BegunOn.IsZero() {
			k.BegunOn = t.today
		}
	}
	return to, err
}

// issue freezes the due date: a later change of the calendar does not move it.
func (t *tx) issue(k *Ticket) error {
	k.IssuedOn, k.IssuedAt, k.Ruleset = t.today, t.now.Unix(), rulesStamp(t.rulesOn(t.today))
	if k.DueTerm != "" {
		term, err := calendar.ParseTerm(k.DueTerm)
		if err != nil {
			return fmt.Errorf("due term of %s: %w", k.No, err)
		}
		if k.DueOn, err = t.calendar(k.TaskForceID).Due(t.today, term); err != nil {
			return fmt.Errorf("due date of %s: %w", k.No, err)
		}
	}
	if k.BaselineOn.IsZero() {
		k.BaselineOn = k.DueOn
	}
	k.JudgedOn = k.BaselineOn
	return t.changeTicketDate(k, 0, DateChange{Cause: "issue", Basis: k.Basis})
}

// acceptRow accepts the actor's unit's row; the ticket is accepted when all its units have.
func (t *tx) acceptRow(k *Ticket, units []TicketUnit, move workflows.Move) (string, error) {
	left := 0
	for i := range units {
		u := &units[i]
		if u.UnitID == t.actor.UnitID && u.AcceptedOn.IsZero() {
			u.AcceptedOn, u.AcceptedBy = t.today, t.actor.ID
			if err := update(t, u); err != nil {
				return "", err
			}
		}
		if u.AcceptedOn.IsZero() {
			left++
		}
	}
	if left > 0 {
		return k.State, nil
	}
	k.AcceptedOn = t.today
	return move.To, nil
}

func (t *tx) saveTicket(k *Ticket) error {
	if err := t.saveParts(k); err != nil {
		return err
	}
	if err := t.relightTicket(k); err != nil {
		return err
	}
	if err := t.windTicket(k); err != nil {
		return err
	}
	return keep(t, k)
}
