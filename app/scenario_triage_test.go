package app_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"battlemap/app"
)

// triageWord plays the verbs about a ticket beside its moves:
//
//	split T into=A:gxj,B:zjj due=2023-03-20 reason=... : children by their titles
//	duplicate T of=O reason=...
//	raise T level=3 from=... reason=...
//	reassign T lead=zjj reason=...
//	link T after=O | link T before=O ; unlink T from=O
//	expect acts T hand,split as=... ; expect kin T parent=... ; expect level T 3 ; expect lead T zjj ; expect like T "title" N
func (st *stage) triageWord(w []string, opt map[string]string) (bool, error) {
	if w[0] == "expect" {
		switch w[1] {
		case "acts", "kin", "level", "lead", "like":
			return true, st.expectTriage(w[1:], opt)
		}
		return false, nil
	}
	acts := map[string]func(app.Ticket, map[string]string) error{"split": st.split, "duplicate": st.duplicate, "raise": st.raise, "reassign": st.reassign, "link": st.link, "unlink": st.unlink}
	act, ok := acts[w[0]]
	if !ok {
		return false, nil
	}
	k, err := st.find(w[1])
	if err != nil {
		return true, err
	}
	if opt["version"] != "" {
		if k.Version, err = strconv.ParseInt(opt["version"], 10, 64); err != nil {
			return true, err
		}
	}
	return true, act(k, opt)
}

func (st *stage) split(k app.Ticket, opt map[string]string) error {
	cmd := app.SplitTicket{Ticket: k.ID, Version: k.Version, Reason: opt["reason"]}
	for part := range strings.SplitSeq(opt["into"], ",") {
		title, unit, _ := strings.Cut(part, ":")
		cmd.Children = append(cmd.Children, app.ChildDraft{Title: title, LeadUnitID: st.s.Units[unit], DueOn: date(opt["due"])})
	}
	made, err := st.w.App.SplitTicket(context.Background(), st.actor(opt, "tf1"), cmd)
	for _, child := range made {
		st.tickets[child.Title] = child.ID
	}
	return err
}

func (st *stage) duplicate(k app.Ticket, opt map[string]string) error {
	return st.w.App.MarkDuplicate(context.Background(), st.actor(opt, "tf1"), app.MarkDuplicate{Ticket: k.ID, Version: k.Version, Original: st.tickets[opt["of"]], Reason: opt["reason"]})
}

func (st *stage) raise(k app.Ticket, opt map[string]string) error {
	level, err := strconv.Atoi(opt["level"])
	if err != nil {
		return err
	}
	return st.w.App.RaiseLevel(context.Background(), st.actor(opt, "tf1"), app.RaiseLevel{Ticket: k.ID, Version: k.Version, Level: level, DecisionFrom: opt["from"], Reason: opt["reason"]})
}

func (st *stage) reassign(k app.Ticket, opt map[string]string) error {
	return st.w.App.ReassignTicket(context.Background(), st.actor(opt, "dir"), app.ReassignTicket{Ticket: k.ID, Version: k.Version, LeadUnitID: st.s.Units[opt["lead"]], Reason: opt["reason"]})
}

func (st *stage) link(k app.Ticket, opt map[string]string) error {
	cmd := app.LinkTickets{Ticket: k.ID, Version: k.Version, Other: st.tickets[opt["after"]], Reason: opt["reason"]}
	if opt["before"] != "" {
		cmd.Blocks, cmd.Other = true, st.tickets[opt["before"]]
	}
	return st.w.App.LinkTickets(context.Background(), st.actor(opt, "gxj.hand"), cmd)
}

func (st *stage) unlink(k app.Ticket, opt map[string]string) error {
	kin, err := st.w.App.TicketKin(context.Background(), app.System("test"), k)
	if err != nil {
		return err
	}
	for _, l := range append(kin.Before, kin.After...) {
		if l.Ticket.ID == st.tickets[opt["from"]] {
			return st.w.App.UnlinkTickets(context.Background(), st.actor(opt, "gxj.hand"), app.UnlinkTickets{Ticket: k.ID, Version: k.Version, Link: l.Link.ID})
		}
	}
	return fmt.Errorf("no link to %s", opt["from"])
}

func (st *stage) expectTriage(w []string, opt map[string]string) error {
	k, err := st.find(w[1])
	if err != nil {
		return err
	}
	ctx := context.Background()
	switch w[0] {
	case "level":
		return same(nil, strconv.Itoa(k.CoordinationLevel), w[2])
	case "lead":
		return same(nil, fmt.Sprint(k.LeadUnitID), fmt.Sprint(st.s.Units[w[2]]))
	case "like":
		found, err := st.w.App.LikelyDuplicates(ctx, st.actor(opt, "tf1"), app.DraftTicket{TaskForceID: k.TaskForceID, Title: w[2]})
		return same(err, strconv.Itoa(len(found)), w[3])
	case "acts":
		acts, err := st.w.App.Acts(ctx, st.actor(opt, "tf1"), k)
		return same(err, strings.Join(acts, ","), w[2])
	}
	kin, err := st.w.App.TicketKin(ctx, st.actor(opt, "dir"), k)
	var got []string
	name := func(what string, list ...app.Ticket) {
		for _, one := range list {
			got = append(got, what+":"+one.Title)
		}
	}
	for what, one := range map[string]*app.Ticket{"parent": kin.Parent, "original": kin.Original} {
		if one != nil {
			name(what, *one)
		}
	}
	name("child", kin.Children...)
	name("duplicate", kin.Duplicates...)
	for _, l := range kin.Before {
		name("before", l.Ticket)
	}
	for _, l := range kin.After {
		name("after", l.Ticket)
	}
	return same(err, strings.Join(got, ","), opt["are"])
}
