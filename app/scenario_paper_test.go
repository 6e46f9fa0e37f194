package app_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// The words of the stories about papers. A paper is named by what it is about: a ticket's name or a project's code, and kind= when there are several.
//
//	prefix 南岗
//	grant guar linked_leader force=1
//	issue T blue_slip facts="..." as=sup [deadline=2023-05-06] [anyway=yes]
//	receive|promise|answer|settle|record T ...
//	expect paper T state=issued kind=blue_slip no=南岗督蓝〔2023〕1号 deadline=2023-05-06
//	expect papers 2 T
//	expect told 1 act=expire for=tf1
func (st *stage) paperWord(w []string, opt map[string]string) (bool, error) {
	ctx := context.Background()
	switch w[0] {
	case "prefix":
		return true, st.w.App.SetPaperPrefix(ctx, st.actor(opt, "admin"), w[1])
	case "grant":
		g := app.Grant{UserID: st.s.Users[w[1]], Role: workflows.Role(w[2]), Scope: "district"}
		if opt["force"] != "" {
			g.Scope, g.ScopeID = "task_force", st.s.Forces[opt["force"]]
		}
		_, err := st.w.App.Grant(ctx, st.w.As(st.t, "admin"), g)
		return true, err
	case "issue":
		return true, st.issuePaper(w[1], w[2], opt)
	case "receive":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		return true, st.w.App.ReceivePaper(ctx, st.actor(opt, "gxj.hand"), app.ReceivePaper{Paper: r.Paper.ID, Version: st.version(r, opt)})
	case "promise":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		return true, st.w.App.PromisePaper(ctx, st.actor(opt, "gxj.hand"), app.PromisePaper{Paper: r.Paper.ID, Version: st.version(r, opt), On: date(w[2]), NextStep: opt["next"]})
	case "answer":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		return true, st.w.App.AnswerPaper(ctx, st.actor(opt, "gxj.lead"), app.AnswerPaper{Paper: r.Paper.ID, Version: st.version(r, opt), Text: opt["text"]})
	case "settle":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		return true, st.w.App.DecidePaper(ctx, st.actor(opt, "dir"), app.DecidePaper{Paper: r.Paper.ID, Version: st.version(r, opt), Verdict: w[2], Note: opt["note"]})
	case "record":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		return true, st.w.App.RecordPaper(ctx, st.actor(opt, "dir"), app.RecordPaper{Paper: r.Paper.ID, Version: st.version(r, opt), On: date(opt["on"]), Who: opt["who"], Facts: opt["facts"], Requirements: opt["requirements"]})
	case "expect":
		return st.expectPaper(w[1:], opt)
	}
	return false, nil
}

func (st *stage) version(r app.PaperRow, opt map[string]string) int64 {
	if n, err := strconv.ParseInt(opt["version"], 10, 64); err == nil {
		return n
	}
	return r.Life.Version
}

func (st *stage) issuePaper(what, form string, opt map[string]string) error {
	cmd := app.IssuePaper{ItemKind: "project", Form: form, Facts: opt["facts"], Require: opt["require"], DeadlineOn: date(opt["deadline"]), Anyway: opt["anyway"] != ""}
	if id, ok := st.tickets[what]; ok {
		cmd.ItemKind, cmd.Item = "ticket", id
	} else {
		d, err := st.dossier(what)
		if err != nil {
			return err
		}
		cmd.Item = d.Project.ID
	}
	_, err := st.w.App.IssuePaper(context.Background(), st.actor(opt, "sup"), cmd)
	return err
}

// papersOn are the papers on a ticket, or on a project and its milestones, the newest first.
func (st *stage) papersOn(what string) []app.PaperRow {
	all, err := st.w.App.Papers(context.Background(), app.System("test"), app.PaperFilter{})
	apptest.Must(st.t, err, "papers")
	id, ticket := st.tickets[what]
	return slices.DeleteFunc(all, func(r app.PaperRow) bool {
		if ticket {
			return r.Paper.TicketID != id
		}
		return r.Paper.TicketID != 0 || r.Paper.ItemNo != what
	})
}

func (st *stage) paper(what string, opt map[string]string) (app.PaperRow, error) {
	for _, r := range st.papersOn(what) {
		if (opt["kind"] == "" || r.Paper.Kind == opt["kind"]) && (opt["no"] == "" || r.Paper.No == opt["no"]) {
			return r, nil
		}
	}
	return app.PaperRow{}, fmt.Errorf("no paper on %s %v", what, opt)
}

func (st *stage) expectPaper(w []string, opt map[string]string) (bool, error) {
	switch w[0] {
	case "papers":
		return true, same(nil, strconv.Itoa(len(st.papersOn(w[2]))), w[1])
	case "told":
		n := 0
		for _, r := range st.reminders() {
			if strings.HasPrefix(r.Step, "paper."+opt["act"]+" ") && (opt["for"] == "" || r.RecipientID == st.s.Users[opt["for"]]) {
				n++
			}
		}
		return true, same(nil, strconv.Itoa(n), w[1])
	case "paper":
		r, err := st.paper(w[1], opt)
		if err != nil {
			return true, err
		}
		for name, got := range map[string]string{"state": r.Life.State, "deadline": r.Paper.DeadlineOn.String(), "light": string(r.Paper.Light), "issued": r.Paper.IssuedOn.String(),
			"expired": r.Life.PromiseExpiredOn.String(), "why": r.Life.EndedWhy} {
			if want, ok := opt[name]; ok && want != got {
				return true, fmt.Errorf("%s: %s is %q, want %q", r.Paper.No, name, got, want)
			}
		}
		for name, text := range map[string]string{"body": r.Paper.Body, "vacant": r.Paper.Vacant, "cc": r.Paper.Cc, "interviewer": r.Paper.Interviewer, "heading": r.Paper.Heading} {
			if want, ok := opt[name]; ok && !strings.Contains(text, want) {
				return true, fmt.Errorf("%s: %s lacks %q: %s", r.Paper.No, name, want, text)
			}
		}
		return true, nil
	case "lights":
		return true, st.expectLit(w[1], opt)
	}
	return false, nil
}

// expectLit: expect lights P-001 milestone=供地 lit=yellow : exactly these lights burn on it.
func (st *stage) expectLit(what string, opt map[string]string) error {
	var lit []string
	add := func(e app.Escalation) {
		if e.LiftedOn.IsZero() && e.Light != workflows.LightNone {
			lit = append(lit, string(e.Light))
		}
	}
	if id, ok := st.tickets[what]; ok {
		k, err := st.find(what)
		if err != nil {
			return err
		}
		f, err := st.w.App.TicketFile(context.Background(), app.System("test"), k.No)
		if err != nil || id != k.ID {
			return err
		}
		for _, e := range f.Escalations {
			add(e)
		}
	} else {
		d, err := st.dossier(what)
		if err != nil {
			return err
		}
		for _, e := range d.Escalations {
			if m := slices.IndexFunc(d.Milestones, func(m app.Milestone) bool { return m.Name == opt["milestone"] }); m >= 0 && (e.ItemKind != "milestone" || e.ItemID != d.Milestones[m].ID) {
				continue
			}
			add(e)
		}
	}
	slices.Sort(lit)
	return same(nil, strings.Join(lit, ","), opt["lit"])
}
