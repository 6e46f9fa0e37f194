package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Reminder is one row of the ledger: who is told what, why, when, by which channel, and whether it arrived. It is its own outbox entry.
// Its key (item, rule with its version, step, due, recipient, channel) is unique and never changes, so nobody is told twice.
type Reminder struct {
	ID             int64  `gorm:"primaryKey"`
	ItemKind       string // of the item; "digest" for a letter that carries several reminders
	ItemID         int64
	RuleID         string // of the rule, or "event" for a move that somebody made
	Ruleset        string // with the version under which the step was reached; "" for an event
	RulesetVersion int
	Step           string // of the rule, or the move with the version it led to; of a digest its number within the day
	DueOn          calendar.Date
	RecipientID    int64
	UnitID         int64  // of the recipient when it was queued
	TaskForceID    int64  // whose item it is; 0 for a letter of the day and what is the district's
	ItemNo         string // public number of the ticket or project; "" for a letter of the day
	Channel        string // "inbox" or "mail"
	EscalationID   int64  // 0 for an event
	Light          workflows.Light
	Subject        string        // catalog key below "notice."
	Detail         string        // JSON of Notice, the facts of the sentence
	Link           string        // path of the page
	Status         string        // "queued", "sending", "accepted" (the inbox or the mail server took it), "failed", "unknown" (it may have arrived), "withdrawn" or "digested" (in a letter of the day)
	WithdrawnWhy   string        // one of WithdrawnWhys; "" while it is not withdrawn
	Daily          bool          // waits for the letter of the day
	CollectedOn    calendar.Date // of a mail: the day whose letter it went out as, or in
	DigestID       int64         // of the letter that carries it; 0 when it goes alone
	CreatedAt      int64         `gorm:"autoCreateTime:false"`
	NotBefore      int64         // when it may go out, or is tried again
	BegunAt        int64         // when it was first tried; the date of the letter
	Attempts       int           // that the other side refused, since it was queued or put back
	ClaimedUntil   int64
	SettledAt      int64
	ReadAt         int64
	Error          string // the last answer
}

// WithdrawnWhys lists why a reminder was not sent in the end.
func WithdrawnWhys() []string {
	return []string{"closed", "cured", "date_changed", "acknowledged", "handed_over", "account_shut", "no_address", "superseded", "exempted", "answered", "empty", "undone"}
}

// Notice is what a reminder's sentence is made of.
type Notice struct {
	No     string   `json:"no"`
	Title  string   `json:"title"`
	Move   string   `json:"move,omitempty"`   // of an event
	By     string   `json:"by,omitempty"`     // who made the move
	Part   string   `json:"part,omitempty"`   // the part of the system that did, where no person
	Reason string   `json:"reason,omitempty"` // that was given
	Due    string   `json:"due,omitempty"`
	Rule   string   `json:"rule,omitempty"` // id of the rule that fired
	Step   string   `json:"step,omitempty"`
	Vacant []string `json:"vacant,omitempty"` // rungs that nobody holds: the reminder went up
	Up     []string `json:"up,omitempty"`     // the rung that each of them went to, "" where nobody above holds one
	Count  int      `json:"count,omitempty"`  // how many reminders a letter of the day carries
}

// Notice unpacks the facts of the sentence.
func (r Reminder) Notice() (Notice, error) {
	var n Notice
	err := json.Unmarshal([]byte(r.Detail), &n)
	return n, err
}

// event is something that people are told of.
type event struct {
	item       item
	rule, step string
	due        calendar.Date
	escalation int64
	light      workflows.Light
	subject    string
	move       string
	reason     string
	vacant     []Standing
}

// ruleOfMoves stands for the rule where no rule but a person's move is told of.
const ruleOfMoves = "event"

// eventOf is a move of a ticket; the version makes it unique.
func eventOf(k *Ticket, move string, version int64) event {
	return event{item: ticketItem(k), rule: ruleOfMoves, step: fmt.Sprintf("%s v%d", move, version), due: k.DueOn, subject: "ticket." + move, move: move, light: k.Light}
}

// tell queues one reminder for each recipient and channel, for the next working time. A key that is there already is left alone.
func (t *tx) tell(e event, to []int64) error {
	notice := Notice{No: e.item.no, Title: e.item.title, Move: e.move, Reason: e.reason, Due: e.due.String()}
	for _, s := range e.vacant {
		notice.Vacant, notice.Up = append(notice.Vacant, s.Rung), append(notice.Up, s.Up)
	}
	if e.rule != ruleOfMoves {
		notice.Rule, notice.Step = e.rule, e.step
	} else {
		notice.By = t.actor.Name
		if t.actor.trusted() {
			notice.By, notice.Part = "", t.actor.Name
		}
	}
	detail, err := json.Marshal(notice)
	if err != nil {
		return fmt.Errorf("write notice: %w", err)
	}
	pattern := Reminder{ItemKind: e.item.kind, ItemID: e.item.id, ItemNo: e.item.no, TaskForceID: e.item.taskForce, RuleID: e.rule, Step: e.step, DueOn: e.due, EscalationID: e.escalation, Light: e.light,
		Subject: e.subject, Detail: string(detail), Link: e.item.link(), Status: "queued", CreatedAt: t.now.Unix()}
	when := posting{urgent: true}
	if e.escalation != 0 {
		lit, err := look[Escalation](t, e.escalation)
		if err != nil {
			return err
		}
		pattern.Ruleset, pattern.RulesetVersion = lit.Ruleset, lit.RulesetVersion
		when = posting{urgent: lit.Light == workflows.LightRed || lit.Interview != "", missed: t.missed(lit)}
	}
	for _, user := range to {
		if err := t.tellOne(pattern, user, when); err != nil {
			return err
		}
	}
	return nil
}

// posting says whether a mail goes at once or in the letter of the day; what was missed while no bell rang comes together.
type posting struct{ urgent, missed bool }

// tellOne queues a reminder for one person: for the inbox, and by mail where there is an address and a mail server is configured.
func (t *tx) tellOne(r Reminder, user int64, when posting) error {
	u, err := look[User](t, user)
	if err != nil {
		return err
	}
	r.RecipientID, r.UnitID, r.Channel, r.NotBefore = user, u.UnitID, "inbox", t.calendar(0).NextOpen(t.now).Unix()
	if err := t.queue(r); err != nil || !t.app.opt.Mail || u.Email == "" {
		return err
	}
	r.Channel, r.Daily = "mail", when.missed || !when.urgent && u.MailMode != "single"
	return t.queue(r)
}

func (it item) link() string {
	if it.path != "" {
		return it.path
	}
	if slices.Contains(SubjectScopes(), it.kind) {
		return subjectPath(it.id)
	}
	if it.ticket != 0 {
		return "/tickets/" + it.no
	}
	return "/projects/" + it.no
}

// queue enters a reminder into the ledger. A key that is there already is left alone.
func (t *tx) queue(r Reminder) error {
	var seen bool
	err := single(t.ctx, t.db, []any{&seen}, `SELECT EXISTS (SELECT 1 FROM reminders WHERE item_kind = ? AND item_id = ? AND rule_id = ? AND ruleset = ? AND ruleset_version = ? AND step = ? AND due_on = ?
AND recipient_id = ? AND channel = ?)`, r.ItemKind, r.ItemID, r.RuleID, r.Ruleset, r.RulesetVersion, r.Step, r.DueOn, r.RecipientID, r.Channel)
	if err != nil || seen {
		return err
	}
	return create(t, &r)
}

// withdraw stops the reminders of an escalation that have not gone out, and says why: it was lifted ("cured", "date_changed") or "acknowledged".
func (t *tx) withdraw(escalation int64, why string) error {
	return t.withdrawn(why, "escalation_id = ? AND escalation_id <> 0", escalation)
}

// withdrawn takes back what has not begun to go out, alone or in a letter of the day.
func (t *tx) withdrawn(why, where string, args ...any) error {
	waits := `(status = 'queued' OR status = 'digested' AND digest_id IN (SELECT id FROM reminders WHERE status = 'queued')) AND `
	_, err := table[Reminder](t.db).Where(waits+where, args...).
		Change(t.ctx, map[string]any{"status": "withdrawn", "withdrawn_why": why, "settled_at": t.now.Unix()})
	return err
}

// tellAgain puts back what was withdrawn before anybody was told: a rung that is lit again under its old record.
func (t *tx) tellAgain(escalation int64) error {
	_, err := table[Reminder](t.db).Where("escalation_id = ? AND escalation_id <> 0 AND status = 'withdrawn' AND withdrawn_why IN ('cured', 'date_changed')", escalation).
		Change(t.ctx, map[string]any{"status": "queued", "withdrawn_why": "", "settled_at": 0, "digest_id": 0, "collected_on": "", "not_before": t.calendar(0).NextOpen(t.now).Unix()})
	return err
}

// finder looks up who stands on a rung with respect to an item.
func (t *tx) finder(it item) (func(rung string) ([]int64, error), error) {
	where := place{taskForce: it.taskForce, project: it.project}
	var guarantee Assignment
	var handler int64
	if it.project != 0 {
		var err error
		if guarantee, err = t.assignment(it.project); err != nil {
			return nil, err
		}
		where.units = []int64{guarantee.UnitID}
	}
	if it.ticket != 0 {
		k, err := get[Ticket](t, it.ticket)
		if err != nil {
			return nil, err
		}
		handler, where.units = k.HandlerID, []int64{k.LeadUnitID}
	}
	own, err := t.itemUnit(it)
	if err != nil {
		return nil, err
	}
	if own != 0 {
		if !slices.Contains(where.units, own) {
			handler = 0 // of the lead unit, and this is another's part
		}
		where.units = []int64{own}
	}
	tf := &TaskForce{} // a unit and the district belong to none
	if it.taskForce != 0 {
		if tf, err = look[TaskForce](t, it.taskForce); err != nil {
			return nil, err
		}
	}
	return func(rung string) ([]int64, error) {
		switch rung {
		case "responsible_person":
			return t.present(guarantee.ResponsibleID)
		case "guarantee_leader":
			return t.present(guarantee.GuaranteeLeaderID)
		case "taskforce_leader":
			return t.present(tf.LeaderID)
		case "unit_handler":
			if handler != 0 {
				return t.present(handler)
			}
		case "taskforce_office": // its members draft and prepare in its name
			return t.holders(workflows.RoleTaskforceMember, where)
		}
		return t.holders(workflows.Role(rung), where)
	}, nil
}

// present is the person, unless there is none or the account is shut.
func (t *tx) present(user int64) ([]int64, error) {
	if user == 0 {
		return nil, nil
	}
	u, err := look[User](t, user)
	if err != nil || u.Disabled {
		return nil, err
	}
	return []int64{user}, nil
}

// holders are the people who hold a role at a place today, in order of their number.
func (t *tx) holders(role workflows.Role, where place) ([]int64, error) {
	grants, err := recall(t, registerKey{kind: "holders", name: string(role)}, func() ([]RoleGrant, error) { return list[RoleGrant](t, "user_id, id", "role = ?", role) })
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, g := range grants {
		if !g.holdsOn(t.today) || !g.covers(where) || slices.Contains(out, g.UserID) {
			continue
		}
		there, err := t.present(g.UserID)
		if err != nil {
			return nil, err
		}
		out = append(out, there...)
	}
	return out, nil
}

// announce tells those whose move a ticket's move has become, as its definition names them.
func (t *tx) announce(k *Ticket, units []TicketUnit, move workflows.Move, cmd MoveTicket) error {
	e := eventOf(k, move.ID, k.Version)
	e.reason = cmd.Reason
	where := ticketPlace(k, units)
	var to []int64
	for _, rung := range move.Tell {
		people, err := t.told(k, rung, where)
		if err != nil {
			return err
		}
		for _, p := range people {
			if p != t.actor.ID && !slices.Contains(to, p) {
				to = append(to, p)
			}
		}
	}
	return t.tell(e, to)
}

func (t *tx) told(k *Ticket, rung string, where place) ([]int64, error) {
	switch {
	case rung == "unit_handler" && k.HandlerID != 0:
		return t.present(k.HandlerID)
	case rung == "taskforce_leader":
		tf, err := look[TaskForce](t, k.TaskForceID)
		if err != nil {
			return nil, err
		}
		return t.present(tf.LeaderID)
	}
	return t.holders(workflows.Role(rung), where)
}

// Inbox lists the reminders that have reached a person's inbox, the newest first.
func (a *App) Inbox(ctx context.Context, actor Actor, before int64, limit int) ([]Reminder, error) {
	q := table[Reminder](a.db.read).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted'", actor.ID)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	return q.Order("id DESC").Limit(limit).Find(ctx)
}

// Unread counts the reminders in a person's inbox that were not opened.
func (a *App) Unread(ctx context.Context, actor Actor) (int64, error) {
	return table[Reminder](a.db.read).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted' AND read_at = 0", actor.ID).Count(ctx, "id")
}

// MarkRead marks the person's own reminders up to a number as read; reading is never scored (国办函〔2026〕12号).
func (a *App) MarkRead(ctx context.Context, actor Actor, upTo int64) error {
	return a.chore(ctx, func(t *tx) error {
		_, err := table[Reminder](t.db).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted' AND read_at = 0 AND id <= ?", actor.ID, upTo).
			Update(ctx, "read_at", t.now.Unix())
		return err
	})
}
