package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/workflows"
)

// scopeWord plays what is said of figures, of the parts of units in tickets, and of task forces, units and the district:
//
//	enter task_force satisfied 2023-03-31 1 78.5 source=... as=sup    enters a figure; the subject by its number
//	reply T zjj as=zjj.hand text=...                                  an assisting unit replies for its part
//	expect part T zjj light=yellow due=2022-09-30                     a unit's part in a ticket
//	expect subject task_force 1 yellow rule=...                       a task force, unit or the district by its code ("-" for the district)
//	expect judged_then task_force 1 RULE 2023-03-31 orange            what was judged of a period, for good
//	expect unjudged task_force 1 rule=satisfied.low                   the explanation says what is lacking
func (st *stage) scopeWord(w []string, opt map[string]string) (known bool, err error) {
	switch {
	case w[0] == "enter":
		return true, st.enter(w[1], w[2], w[3], w[4], w[5], opt)
	case w[0] == "reply":
		return true, st.reply(w[1], w[2], opt)
	case w[0] == "expect" && w[1] == "part":
		return true, st.expectPart(w[2], w[3], opt)
	case w[0] == "expect" && w[1] == "judged_then":
		return true, st.expectJudged(w[2], w[3], w[4], w[5], w[6])
	case w[0] == "expect" && (w[1] == "subject" || w[1] == "unjudged"):
		return true, st.expectSubject(w, opt)
	}
	return false, nil
}

func (st *stage) refOf(scope, code string) int64 {
	switch scope {
	case "task_force":
		return st.s.Forces[code]
	case "unit":
		return st.s.Units[code]
	}
	return 0
}

func (st *stage) enter(scope, input, last, no, value string, opt map[string]string) error {
	sheet, err := st.w.App.FigureSheet(context.Background(), st.actor(opt, "sup"), scope, input, date(last))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sheet.Rows, func(r app.FigureRow) bool { return r.Subject.No == no || no == "-" })
	if i < 0 {
		return fmt.Errorf("no %s %s", scope, no)
	}
	cell := app.FigureCell{Subject: sheet.Rows[i].Subject.ID, Value: value}
	if now := sheet.Rows[i].Now; now != nil {
		cell.Edition = now.Edition
	}
	return st.w.App.EnterFigures(context.Background(), st.actor(opt, "sup"), app.EnterFigures{Scope: scope, Input: input, Last: date(last), Source: or(opt["source"], "示例报表"),
		Reason: opt["reason"], Cells: []app.FigureCell{cell}})
}

func (st *stage) part(name, unit string) (app.TicketUnit, error) {
	k, err := st.find(name)
	if err != nil {
		return app.TicketUnit{}, err
	}
	f, err := st.w.App.TicketFile(context.Background(), app.System("test"), k.No)
	if err != nil {
		return app.TicketUnit{}, err
	}
	i := slices.IndexFunc(f.Units, func(u app.TicketUnit) bool { return u.UnitID == st.s.Units[unit] })
	if i < 0 {
		return app.TicketUnit{}, fmt.Errorf("%s has no part in %s", unit, name)
	}
	return f.Units[i], nil
}

func (st *stage) reply(name, unit string, opt map[string]string) error {
	u, err := st.part(name, unit)
	if err != nil {
		return err
	}
	return st.w.App.ReplyPart(context.Background(), st.actor(opt, unit+".hand"), app.ReplyPart{Part: u.ID, Version: u.Version, Text: opt["text"]})
}

func (st *stage) expectPart(name, unit string, opt map[string]string) error {
	u, err := st.part(name, unit)
	if err != nil {
		return err
	}
	if opt["due"] != "" && u.DueOn.String() != opt["due"] {
		return fmt.Errorf("due on %s, want %s", u.DueOn, opt["due"])
	}
	if opt["rule"] != "" && u.LightRule != opt["rule"] {
		return fmt.Errorf("lit by %q, want %q", u.LightRule, opt["rule"])
	}
	if opt["light"] == "" {
		return nil
	}
	return same(nil, or(string(u.Light), "none"), opt["light"])
}

func (st *stage) expectSubject(w []string, opt map[string]string) error {
	all, err := st.w.App.SubjectLights(context.Background(), app.System("test"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s app.SubjectLight) bool { return s.Scope == w[2] && s.RefID == st.refOf(w[2], w[3]) })
	if i < 0 {
		return fmt.Errorf("no rule has judged %s %s", w[2], w[3])
	}
	if w[1] == "subject" {
		if opt["rule"] != "" && all[i].LightRule != opt["rule"] {
			return fmt.Errorf("lit by %q, want %q", all[i].LightRule, opt["rule"])
		}
		return same(nil, or(string(all[i].Light), "none"), w[4])
	}
	why, err := st.w.App.ExplainSubject(context.Background(), app.System("test"), all[i].ID, 0)
	if err != nil {
		return err
	}
	j := slices.IndexFunc(why.Rules, func(r app.RuleWhy) bool { return r.Rule.ID == opt["rule"] })
	if j < 0 || !why.Rules[j].Finding.Unknown() {
		return fmt.Errorf("the explanation says %+v", why.Rules)
	}
	text := why.Rules[j].Finding.WhyNot("zh", func(day int) string { return fmt.Sprint(day) })
	if !strings.Contains(text, "尚无数据") || why.Light == workflows.LightRed {
		return fmt.Errorf("the explanation says %q", text)
	}
	return nil
}

func (st *stage) expectJudged(scope, code, rule, last, want string) error {
	side := lookAside(st.t, st.w)
	return same(nil, side.text(`SELECT j.light FROM subject_judgements j JOIN subjects s ON s.id = j.subject_id WHERE s.scope = ? AND s.ref_id = ? AND j.rule_id = ? AND j.last_on = ?`,
		scope, st.refOf(scope, code), rule, last), want)
}
