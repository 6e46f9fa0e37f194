package web

import (
	"cmp"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// askDisputed lists objections with their outcome, and what was withdrawn.
func askDisputed(q *questionCall) error {
	list, err := q.s.App.DisputedAndWithdrawn(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(b app.TakenBack) app.Told { return b.Told })); err != nil {
		return err
	}
	q.heads("at", "item", "what", "by", "reason", "outcome")
	q.counts("what", "", nil)
	for _, b := range list {
		what := q.l.what(b.Row.Action)
		reason := q.l.reason(b.Record.Reason)
		if said := cmp.Or(b.Origin.Is.Text("body"), b.Origin.Is.Text("name")); said != "" && b.Row.ObjectKind != "paper" { // a comment's words, a file's name
			reason = strings.TrimSpace(reason + " " + q.T("question_disputed.said", "Text", said))
		}
		q.line([]int64{b.Origin.No(), b.No(), b.Outcome.No()}, q.when(b.Told), q.item(b.Told), templates.Cell{Text: what}, q.who(b.Told), templates.Cell{Text: reason, Class: "wide"}, q.outcome(b))
		q.tally.add(what, 0)
	}
	return nil
}

func (q *questionCall) outcome(b app.TakenBack) templates.Cell {
	switch {
	case b.Open:
		return templates.Cell{Text: q.T("question_disputed.open"), Note: q.T("question_disputed.days", "N", b.Days), Class: "late"}
	case b.Dispute:
		return templates.Cell{Text: q.who(b.Outcome).Text + " " + q.l.what(b.Outcome.Row.Action), Note: q.T("question_disputed.days", "N", b.Days) + " " + b.Outcome.Record.Reason, Class: "wide"}
	}
	return templates.Cell{}
}

// askExemptions lists the reasons that were accepted, by who accepted them.
func askExemptions(q *questionCall) error {
	list, err := q.s.App.ReasonsAccepted(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(e app.Exempted) app.Told { return e.Told })); err != nil {
		return err
	}
	q.heads("at", "approver", "item", "rule", "excused", "reason", "#put_out")
	q.counts("approver", "put_out", q.plainNumber)
	for _, e := range list {
		item := q.item(e.Told)
		if m, err := calendar.ParseMonth(e.About); err == nil {
			e.About = q.Month(m)
		} else if d, err := calendar.ParseDate(e.About); err == nil {
			e.About = q.Day(d)
		} else {
			e.About = q.T("question_exemptions.whole")
		}
		by := q.T("question_exemptions.entered")
		if e.FromAnswer {
			by = q.T("question_exemptions.answer")
		}
		q.line(append([]int64{e.No()}, e.PutOut...), q.when(e.Told), q.who(e.Told), item, templates.Cell{Text: q.ruleTitle(e.Rule), Note: by}, templates.Cell{Text: e.About},
			templates.Cell{Text: e.Reason, Class: "wide"}, q.num(len(e.PutOut)))
		q.tally.add(q.whoName(e.Told), int64(len(e.PutOut)))
	}
	return nil
}

// askReminders lists the reminders that never arrived.
func askReminders(q *questionCall) error {
	list, err := q.s.App.RemindersNotArrived(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(nil); err != nil {
		return err
	}
	rows := make([]app.Reminder, len(list))
	for i, n := range list {
		rows[i] = n.Reminder
	}
	lines, err := q.reminderLines(rows, q.dir)
	if err != nil {
		return err
	}
	q.heads("queued_at", "reminder", "recipient", "what_of", "why_not", "#tries", "answered")
	q.counts("why_not", "", nil)
	for i, n := range list {
		l := lines[i]
		tries, last := 0, ""
		for _, t := range n.Attempts {
			if t.Outcome == "begun" {
				tries++
			}
			if t.Answer != "" {
				last = t.Answer
			}
		}
		why := q.T("question_reminders." + n.Why)
		q.line(append([]int64{n.Raised.No()}, n.Decided...), templates.Cell{Text: l.At}, templates.Cell{Text: q.T("ledger.no", "No", l.No), Href: l.Href, Note: l.Channel}, templates.Cell{Text: l.Who, Note: l.Unit},
			templates.Cell{Text: l.What, Note: l.Item, Class: "wide"}, templates.Cell{Text: why, Class: "late"}, q.num(tries), templates.Cell{Text: last, Class: "wide"})
		q.tally.add(why, 0)
	}
	return nil
}

// askVacancies lists when posts stood empty.
func askVacancies(q *questionCall) error {
	list, err := q.s.App.PostsVacant(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	var told []app.Told
	for _, v := range list {
		told = append(told, app.Told{Row: app.JournalRow{ProjectID: v.Project, TaskForceID: v.TaskForce}})
	}
	if err := q.words(told); err != nil {
		return err
	}
	q.heads("post", "item", "vacant_from", "vacant_to", "#days", "why_vacant", "ended_by")
	q.counts("post", "days", q.plainNumber)
	for _, v := range list {
		item := templates.Cell{Text: q.dir.TaskForces[v.TaskForce].Name, Href: "/taskforces/" + q.dir.TaskForces[v.TaskForce].Code}
		if p := q.l.projects[v.Project]; v.Project != 0 {
			item = templates.Cell{Text: p.No + " " + p.Name, Href: projectPath(p.No), Class: "wide"}
		}
		until, ended := templates.Cell{Text: q.T("question_vacancies.still"), Class: "late"}, templates.Cell{}
		if !v.Until.IsZero() {
			until, ended = templates.Cell{Text: q.day(v.Until), Class: "day"}, templates.Cell{Text: q.who(v.End).Text + " " + q.l.what(v.End.Row.Action), Note: q.who(v.End).Note}
		}
		post := q.postName(v.Post)
		q.line([]int64{v.No(), v.End.No()}, templates.Cell{Text: post, Class: "name"}, item, templates.Cell{Text: q.day(v.Since), Class: "day"}, until, q.num(v.Days),
			templates.Cell{Text: q.T("question_vacancies." + v.Why)}, ended)
		q.tally.add(post, int64(v.Days))
	}
	return nil
}

// askGrants lists who could do what at the end of a day.
func askGrants(q *questionCall) error {
	list, err := q.s.App.GrantsOn(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	projects, err := q.s.App.ProjectTitles(q.ctx(), q.actor, scopedProjects(list))
	if err != nil {
		return err
	}
	names := map[int64]app.Title{}
	for _, p := range projects {
		names[p.ID] = p
	}
	if err := q.words(toldOf(list, func(g app.Granted) app.Told { return g.Told })); err != nil {
		return err
	}
	q.heads("person", "role", "scope", "valid", "given_by", "could", "account_state")
	for _, g := range list {
		u := q.dir.Users[g.User]
		scope := strings.TrimSpace(q.T("scope."+g.Scope) + " " + scopeName(q.dir, names, g.Scope, g.ScopeID))
		valid := q.T("question_grants.since", "From", q.day(g.From))
		if !g.To.IsZero() && g.End.No() == 0 {
			valid = q.T("question_grants.between", "From", q.day(g.From), "To", q.day(g.To))
		}
		state := templates.Cell{}
		switch {
		case g.Shut.No() != 0:
			state = templates.Cell{Text: q.T("question_grants.shut"), Note: q.at(g.Shut.Row.At), Class: "late"}
		case g.End.No() != 0:
			state = templates.Cell{Text: q.T("question_grants.ended"), Note: q.at(g.End.Row.At), Class: "late"}
		}
		q.line([]int64{g.No(), g.End.No(), g.Shut.No()}, templates.Cell{Text: u.Name, Note: g.Account + " · " + q.dir.Units[u.UnitID].Name, Class: "name"}, templates.Cell{Text: q.Role(g.Role)}, templates.Cell{Text: scope},
			templates.Cell{Text: valid}, templates.Cell{Text: q.who(g.Told).Text, Note: q.at(g.Row.At)}, templates.Cell{Text: q.moveTitles(g), Class: "wide"}, state)
	}
	return nil
}

// scopedProjects are the projects that grants name.
func scopedProjects(list []app.Granted) []int64 {
	out := []int64{}
	for _, g := range list {
		if g.Scope == "project" && !slices.Contains(out, g.ScopeID) {
			out = append(out, g.ScopeID)
		}
	}
	return out
}

// moveTitles names the moves that a role could make, each title once.
func (q *questionCall) moveTitles(g app.Granted) string {
	var titles []string
	for _, m := range g.Moves {
		if title := m.Title.In(q.Lang); !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	if len(titles) == 0 {
		return q.T("question_grants.no_moves")
	}
	return strings.Join(titles, q.T("rules.comma"))
}
