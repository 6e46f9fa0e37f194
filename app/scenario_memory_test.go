package app_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"battlemap/app"
)

// remember plays what people do to deadlines:
//
//	extend T to=2022-10-20 reason=… progress=… as=gxj.lead
//	decide_extension T grant|deny on=2022-10-18 note=… as=dir
//	withdraw_extension T as=gxj.lead
//	hand T gxj.lead reason=… as=gxj.hand
func (st *stage) remember(w []string, opt map[string]string) error {
	ctx, a := context.Background(), st.w.App
	k, err := st.find(w[1])
	if err != nil {
		return err
	}
	version := k.Version
	if opt["version"] != "" {
		if version, err = strconv.ParseInt(opt["version"], 10, 64); err != nil {
			return err
		}
	}
	switch w[0] {
	case "extend":
		return a.AskExtension(ctx, st.actor(opt, "gxj.lead"), app.AskExtension{Ticket: k.ID, Version: version, WantedOn: date(opt["to"]), Reason: opt["reason"], Progress: opt["progress"]})
	case "decide_extension":
		return a.DecideExtension(ctx, st.actor(opt, "dir"), app.DecideExtension{Ticket: k.ID, Version: version, Grant: w[2] == "grant", GrantedOn: date(opt["on"]), Note: opt["note"]})
	case "withdraw_extension":
		return a.WithdrawExtension(ctx, st.actor(opt, "gxj.lead"), app.WithdrawExtension{Ticket: k.ID, Version: version, Reason: opt["reason"]})
	}
	return a.HandTicket(ctx, st.actor(opt, "gxj.lead"), app.HandTicket{Ticket: k.ID, Version: version, HandlerID: st.s.Users[w[2]], Reason: opt["reason"]})
}

// expectMemory looks at what is remembered of deadlines:
//
//	expect baseline|judged|review T 2022-10-11
//	expect dates T 2                            how many settings and moves of its date (of a milestone: expect dates P-001 3 milestone=封顶)
//	expect date T 2 cause=extension from=… to=… by=dir reason=… rule=… basis=…      the second of them
//	expect counts T extensions=1 returns=2 disputes=0 hand_overs=1 pauses=1 paused_days=20 reopens=0 moves=3
//	expect desk dir 1 what=extension            lines of that kind on somebody's desk, in "mine"
func (st *stage) expectMemory(w []string, opt map[string]string) error {
	if w[0] == "desk" {
		items, err := st.w.App.Desk(context.Background(), st.w.As(st.t, w[1]))
		n := 0
		for _, it := range items {
			if it.Group == "mine" && it.What == opt["what"] {
				n++
			}
		}
		return same(err, strconv.Itoa(n), w[2])
	}
	if w[0] == "dates" || w[0] == "date" {
		changes, err := st.dateChanges(w[1], opt["milestone"])
		if err != nil || w[0] == "dates" {
			return same(err, strconv.Itoa(len(changes)), w[2])
		}
		n, err := strconv.Atoi(w[2])
		if err != nil || n < 1 || n > len(changes) {
			return fmt.Errorf("no date number %s among %d: %v", w[2], len(changes), err)
		}
		return st.sameDate(changes[n-1], opt)
	}
	k, err := st.find(w[1])
	switch w[0] {
	case "baseline":
		return same(err, k.BaselineOn.String(), w[2])
	case "judged":
		return same(err, k.JudgedOn.String(), w[2])
	case "review":
		return same(err, or(k.ReviewOn.String(), "none"), w[2])
	}
	for name, want := range opt {
		got, ok := map[string]int{"extensions": k.Extensions, "returns": k.Returns, "disputes": k.Disputes, "hand_overs": k.HandOvers, "pauses": k.Pauses,
			"paused_days": k.PausedDays, "reopens": k.Reopens, "moves": k.DateChanges, "level": k.CoordinationLevel}[name]
		if !ok || strconv.Itoa(got) != want {
			return fmt.Errorf("%s is %d, want %s (%v)", name, got, want, err)
		}
	}
	return err
}

func (st *stage) dateChanges(what, milestone string) ([]app.DateChange, error) {
	ctx := context.Background()
	if milestone == "" {
		k, err := st.find(what)
		if err != nil {
			return nil, err
		}
		return st.w.App.DateChanges(ctx, st.w.As(st.t, "dir"), "ticket", k.ID)
	}
	d, err := st.dossier(what)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(d.Milestones, func(m app.Milestone) bool { return m.Name == milestone })
	if i < 0 {
		return nil, fmt.Errorf("no milestone %s", milestone)
	}
	return st.w.App.DateChanges(ctx, st.w.As(st.t, "dir"), "milestone", d.Milestones[i].ID)
}

func (st *stage) sameDate(c app.DateChange, opt map[string]string) error {
	got := map[string]string{"cause": c.Cause, "from": c.FromOn.String(), "to": c.ToOn.String(), "judged": c.JudgedOn.String(), "reason": c.Reason, "basis": c.Basis, "rule": c.Rule}
	for account, id := range st.s.Users {
		if id == c.ChangedBy {
			got["by"] = account
		}
	}
	for name, want := range opt {
		if got[name] != want {
			return fmt.Errorf("%s is %q, want %q: %+v", name, got[name], want, c)
		}
	}
	return nil
}
