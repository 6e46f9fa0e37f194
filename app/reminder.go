package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Reminder is one row of the ledger: who is told what, why, when, by which channel, and whether it arrived. It is its own outbox entry.
// Its key (item, rule, step, due, recipient, channel) is unique, so nobody is told twice.
type Reminder struct {
	ID           int64 `gorm:"primaryKey"`
	ItemKind     string
	ItemID       int64
	RuleID       string // of the rule, or "event" for a move that somebody made
	Step         string // of the rule, or the move with the version it led to
	DueOn        calendar.Date
	RecipientID  int64
	Channel      string // "inbox" or "mail"
	EscalationID int64  // 0 for an event
	Light        workflows.Light
	Subject      string // catalog key below "notice."
	Detail       string // JSON of Notice, the facts of the sentence
	Link         string // path of the page
	Status       string // "queued", "sending", "accepted", "failed", "unknown" or "withdrawn"
	CreatedAt    int64  `gorm:"autoCreateTime:false"`
	NotBefore    int64
	Attempts     int
	ClaimedUntil int64
	SettledAt    int64
	ReadAt       int64
	Error        string
}

// Notice is what a reminder's sentence is made of.
type Notice struct {
	No     string   `json:"no"`
	Title  string   `json:"title"`
	Move   string   `json:"move,omitempty"`   // of an event
	By     string   `json:"by,omitempty"`     // who made the move
	Reason string   `json:"reason,omitempty"` // that was given
	Due    string   `json:"due,omitempty"`
	Rule   string   `json:"rule,omitempty"` // id of the rule that fired
	Step   string   `json:"step,omitempty"`
	Vacant []string `json:"vacant,omitempty"` // rungs that nobody holds: the reminder went up
	Up     []string `json:"up,omitempty"`     // the rung that each of them went to, "" where nobody above holds one
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

// eventOf is a move of a ticket; the version makes it unique.
func eventOf(k *Ticket, move string, version int64) event {
	return event{item: ticketItem(k), rule: "event", step: fmt.Sprintf("%s v%d", move, version), due: k.DueOn, subject: "ticket." + move, move: move, light: k.Light}
}

// tell queues one reminder for each recipient and channel, for the next working time. A key that is there already is left alone.
func (t *tx) tell(e event, to []int64) error {
	notice := Notice{No: e.item.no, Title: e.item.title, Move: e.move, Reason: e.reason, Due: e.due.String()}
	for _, s := range e.vacant {
		notice.Vacant, notice.Up = append(notice.Vacant, s.Rung), append(notice.Up, s.Up)
	}
	if e.rule != "event" {
		notice.Rule, notice.Step = e.rule, e.step
	} else {
		notice.By = t.actor.Name
	}
	detail, err := json.Marshal(notice)
	if err != nil {
		return fmt.Errorf("write notice: %w", err)
	}
	for _, user := range to {
		channels, err := t.channels(user)
		if err != nil {
			return err
		}
		for _, channel := range channels {
			r := &Reminder{ItemKind: e.item.kind, ItemID: e.item.id, RuleID: e.rule, Step: e.step, DueOn: e.due, RecipientID: user, Channel: channel,
				EscalationID: e.escalation, Light: e.light, Subject: e.subject, Detail: string(detail), Link: e.item.link(), Status: "queued",
				CreatedAt: t.now.Unix(), NotBefore: t.app.opt.Calendar.NextOpen(t.now).Unix()}
			if err := t.queue(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (it item) link() string {
	if it.path != "" {
		return it.path
	}
	if it.ticket != 0 {
		return "/tickets/" + it.no
	}
	return "/projects/" + it.no
}

func (t *tx) queue(r *Reminder) error {
	seen, err := gorm.G[Reminder](t.db).Where("item_kind = ? AND item_id = ? AND rule_id = ? AND step = ? AND due_on = ? AND recipient_id = ? AND channel = ?",
		r.ItemKind, r.ItemID, r.RuleID, r.Step, r.DueOn, r.RecipientID, r.Channel).Count(t.ctx, "id")
	if err != nil || seen > 0 {
		return err
	}
	return create(t, r)
}

// channels are the inbox, and mail where the person has an address and a mail server is configured.
func (t *tx) channels(user int64) ([]string, error) {
	u, err := look[User](t, user)
	if err != nil {
		return nil, err
	}
	if t.app.opt.Mail && u.Email != "" {
		return []string{"inbox", "mail"}, nil
	}
	return []string{"inbox"}, nil
}

// withdraw stops reminders of an escalation that is no longer lit and that have not gone out.
func (t *tx) withdraw(escalation int64) error {
	_, err := gorm.G[Reminder](t.db).Where("escalation_id = ? AND status = 'queued'", escalation).Update(t.ctx, "status", "withdrawn")
	return err
}

// ladderUp names, for a rung that nobody holds, the one above it.
func ladderUp() []string {
	return []string{"unit_handler", "responsible_person", "unit_leader", "taskforce_leader", "guarantee_leader", "supervision_director", "district_leader"}
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
	tf, err := look[TaskForce](t, it.taskForce)
	if err != nil {
		return nil, err
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
	grants, err := list[RoleGrant](t, "user_id, id", "role = ?", role)
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
	q := gorm.G[Reminder](a.db.read).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted'", actor.ID)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	return q.Order("id DESC").Limit(limit).Find(ctx)
}

// Unread counts the reminders in a person's inbox that were not opened.
func (a *App) Unread(ctx context.Context, actor Actor) (int64, error) {
	return gorm.G[Reminder](a.db.read).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted' AND read_at = 0", actor.ID).Count(ctx, "id")
}

// MarkRead marks the person's own reminders up to a number as read; reading is never scored (国办函〔2026〕12号).
func (a *App) MarkRead(ctx context.Context, actor Actor, upTo int64) error {
	return a.chore(ctx, func(t *tx) error {
		_, err := gorm.G[Reminder](t.db).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted' AND read_at = 0 AND id <= ?", actor.ID, upTo).
			Update(ctx, "read_at", t.now.Unix())
		return err
	})
}
