package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Comment is what somebody has said on a project or ticket. It is never changed or deleted; its author may withdraw it, and the journal keeps the words.
type Comment struct {
	Row
	ItemKind string // "project" or "ticket"
	ItemID   int64
	ReplyTo  int64 // another comment of the same item; 0 for none
	Body     string
	Mentions string // numbers of the people who were told of it, "3,7"
	AddedBy  int64
	AddedAt  int64 `gorm:"autoCreateTime:false"`
	Withdrawal
}

// AddComment is the command that says something on a project or ticket.
type AddComment struct {
	ItemKind string
	Item     int64
	ReplyTo  int64
	Body     string
}

// maxComment is the longest comment in characters.
const maxComment = 1000

// AddComment says something on a project or ticket that the actor sees and does not only inspect. Whoever is named with an @ and may see it too is told, and so is
// the author of what is answered.
func (a *App) AddComment(ctx context.Context, actor Actor, cmd AddComment) (*Comment, error) {
	var out *Comment
	err := a.write(ctx, actor, func(t *tx) error {
		it, err := t.contributable(cmd.ItemKind, cmd.Item)
		if err != nil {
			return err
		}
		var c check
		c.text("body", cmd.Body, maxComment, false)
		if err := c.err(); err != nil {
			return err
		}
		one := Comment{ItemKind: it.kind, ItemID: it.id, ReplyTo: cmd.ReplyTo, Body: strings.TrimSpace(strings.ReplaceAll(cmd.Body, "\r\n", "\n")), AddedBy: t.actor.ID, AddedAt: t.now.Unix()}
		to, err := t.mentioned(it, &one)
		if err != nil {
			return err
		}
		if err := insert(t, &one); err != nil {
			return fmt.Errorf("store comment: %w", err)
		}
		out = &one
		t.record(commentChange("comment.add", it, &one, nil))
		return t.tell(event{item: it, rule: ruleOfMoves, step: fmt.Sprintf("comment %d", one.ID), subject: "comment.mention", move: "comment", reason: shortened(one.Body, 120)}, to)
	})
	return out, err
}

func commentChange(action string, it item, one *Comment, was any) change {
	return change{action: action, kind: "comment", id: one.ID, no: it.no, taskForce: it.taskForce, project: it.project, ticket: it.ticket, before: was, after: one}
}

func shortened(text string, limit int) string {
	if r := []rune(text); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return text
}

// mentioned finds whom a comment tells: the people named in it who may see the item, and the author of the comment that it answers.
func (t *tx) mentioned(it item, one *Comment) ([]int64, error) {
	var to []int64
	if one.ReplyTo != 0 {
		answered, err := chosen[Comment](t, "reply_to", one.ReplyTo)
		if err != nil {
			return nil, err
		}
		if answered.ItemKind != it.kind || answered.ItemID != it.id {
			return nil, missing()
		}
		to = append(to, answered.AddedBy)
	}
	named, err := t.named(one.Body)
	if err != nil {
		return nil, err
	}
	to = append(to, named...)
	slices.Sort(to)
	var seeing []int64
	for _, id := range slices.Compact(to) {
		ok, err := t.canSee(id, it)
		if err != nil {
			return nil, err
		}
		if ok && id != t.actor.ID {
			seeing = append(seeing, id)
		}
	}
	var numbers []string
	for _, id := range seeing {
		numbers = append(numbers, strconv.FormatInt(id, 10))
	}
	one.Mentions = strings.Join(numbers, ",")
	return seeing, nil
}

// named finds the people whose name follows an @ in a text. Of two names that begin alike the longer one is meant.
func (t *tx) named(body string) ([]int64, error) {
	if !strings.Contains(body, "@") {
		return nil, nil
	}
	users, err := table[User](t.db).Select("id", "name").Where("NOT disabled").Order("id").Find(t.ctx)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	var out []int64
	for _, rest := range strings.Split(body, "@")[1:] {
		longest := ""
		for _, u := range users {
			if strings.HasPrefix(rest, u.Name) && len(u.Name) > len(longest) {
				longest = u.Name
			}
		}
		for _, u := range users {
			if longest != "" && u.Name == longest {
				out = append(out, u.ID)
			}
		}
	}
	return out, nil
}

func (t *tx) canSee(user int64, it item) (bool, error) {
	u, err := look[User](t, user)
	if err != nil || u.Disabled {
		return false, err
	}
	_, _, err = t.seen(Actor{Kind: "user", ID: u.ID, Name: u.Name, UnitID: u.UnitID}, it.kind, it.id)
	return err == nil, only(err)
}

// WithdrawComment is the command that takes back a comment.
type WithdrawComment struct {
	ItemKind string
	Item     int64
	Comment  int64
	Reason   string
}

// WithdrawComment takes back what the actor has said: the page then says only that something was withdrawn, the journal keeps the words.
func (a *App) WithdrawComment(ctx context.Context, actor Actor, cmd WithdrawComment) error {
	return a.write(ctx, actor, func(t *tx) error {
		it, err := t.contributable(cmd.ItemKind, cmd.Item)
		if err != nil {
			return err
		}
		one, err := get[Comment](t, cmd.Comment)
		if err != nil {
			return err
		}
		if one.ItemKind != it.kind || one.ItemID != it.id || one.AddedBy != t.actor.ID {
			return missing()
		}
		was := *one
		if err := one.withdraw(t, cmd.Reason, true); err != nil {
			return err
		}
		if err := update(t, one); err != nil {
			return err
		}
		record := commentChange("comment.withdraw", it, one, was)
		record.reason = one.WithdrawnWhy
		t.record(record)
		return nil
	})
}
