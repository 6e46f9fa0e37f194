package web

import (
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// ticketState is the name of a state of tickets.
func (c *call) ticketState(id string) string {
	if state, ok := c.s.App.Machine("ticket").State(id); ok {
		return state.Title.In(c.Lang)
	}
	return id
}

// ticketKind is what kind of state a ticket is in, one of the Kind constants of workflows.
func (c *call) ticketKind(id string) string {
	state, _ := c.s.App.Machine("ticket").State(id)
	return state.Kind
}

// expected is the move that normally comes next from a state: the usual one, or where there is none the first that is not grave.
func expected(m *workflows.Machine, state string) (workflows.Move, bool) {
	from := func(usual bool) int {
		return slices.IndexFunc(m.Moves, func(v workflows.Move) bool {
			return slices.Contains(v.From, state) && (v.Usual || !usual && !v.Grave && v.To != workflows.Same)
		})
	}
	i := from(true)
	if i < 0 {
		i = from(false)
	}
	if i < 0 {
		return workflows.Move{}, false
	}
	return m.Moves[i], true
}

// ofUnit tells whether a role is held in a receiving unit.
func ofUnit(r workflows.Role) bool {
	return r == workflows.RoleUnitHandler || r == workflows.RoleUnitLeader
}

// ticketTurn names whose move comes next: the units that work on it, or the role that the workflow names; "" when nobody's.
func (c *call) ticketTurn(k *app.Ticket, dir app.Directory, notAccepted []int64) string {
	m := c.s.App.Machine("ticket")
	move, ok := expected(m, k.State)
	if k.PauseAsked {
		move, ok = m.Move("grant_pause")
	}
	if !ok || len(move.By) == 0 {
		return ""
	}
	if !ofUnit(move.By[0]) {
		return c.T("ticket.turn", "Who", c.Role(move.By[0]))
	}
	units := []int64{k.LeadUnitID}
	if move.EachUnit && len(notAccepted) > 0 {
		units = notAccepted
	}
	var names []string
	for _, id := range units {
		names = append(names, dir.Units[id].Name)
	}
	return c.T("ticket.turn", "Who", strings.Join(names, c.T("work.and")))
}

// dueWords says how far a due date is, by the calendar of a task force, 0 for the district's: 还有 3 个工作日, 今日到期, 已逾期 2 个工作日. Between rest days no
// working day is left or past, and that is said too.
func (c *call) dueWords(taskForce int64, due calendar.Date) (words string, late bool) {
	today := c.s.App.Today()
	n := c.s.App.CalendarFor(taskForce).Workdays(today, due)
	switch {
	case due.IsZero():
		return "", false
	case n == 0 && due < today:
		return c.T("work.due_past"), true
	case n == 0 && due > today:
		return c.T("work.due_rest", "N", int(due-today)), false
	}
	return c.DueIn(n), n < 0
}

// ticketDue says when a ticket is due and how far that is. A ticket whose feedback is in, or whose clock stands, is not late.
func (c *call) ticketDue(k *app.Ticket) (day, words string, late bool) {
	day = c.due(k.DueOn)
	switch kind := c.ticketKind(k.State); {
	case kind == workflows.KindDraft && k.DueOn.IsZero():
		return c.T("ticket.due_after_issue", "Term", c.dueTerm(k.DueTerm)), "", false
	case kind == workflows.KindDraft:
		return day, c.T("ticket.due_not_issued"), false
	case kind == workflows.KindDone:
		return day, c.T("ticket.due_closed", "Day", c.ShortDay(k.ClosedOn)), false
	case kind == workflows.KindEnded:
		return day, c.T("ticket.due_ended", "Day", c.ShortDay(k.StateSince)), false
	case kind == workflows.KindPaused:
		return day, c.T("ticket.due_paused", "Day", c.ShortDay(k.PauseUntil)), false
	case k.State == "disputed":
		return day, c.T("ticket.due_disputed"), false
	case !k.SubmittedOn.IsZero():
		if n := c.s.App.CalendarFor(k.TaskForceID).Workdays(k.JudgedOn, k.SubmittedOn); n > 0 { // judged by the original date
			return day, c.T("ticket.due_submitted_late", "Day", c.ShortDay(k.SubmittedOn), "N", n), false
		}
		return day, c.T("ticket.due_submitted", "Day", c.ShortDay(k.SubmittedOn)), false
	}
	words, late = c.dueWords(k.TaskForceID, k.DueOn)
	return day, words, late
}

// dueTerm writes a term such as "5 workdays"; what is no term is left out.
func (c *call) dueTerm(text string) string {
	term, err := calendar.ParseTerm(text)
	if err != nil {
		return ""
	}
	return c.Term(term)
}

// ticketTitle is the number and name of a ticket in one line.
func (c *call) ticketTitle(k *app.Ticket) string { return c.TicketNo(k.No) + " " + k.Title }

// whose says for whom a list was drawn: the person with their unit, and how far they see.
func (c *call) whose() string {
	key := "work.sees_own"
	if c.rights.SeesAll {
		key = "work.sees_all"
	}
	return c.T(key, "Who", c.user.Name, "Unit", c.actor.Unit)
}

// id64 writes a row's number for a form.
func id64(n int64) string { return strconv.FormatInt(n, 10) }
