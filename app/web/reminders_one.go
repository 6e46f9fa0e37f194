package web

import (
	"net/url"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

func (s *server) reminderPage(c *call) error { return s.showReminder(c, statusPage, refusedLetters{}) }

func (s *server) showReminder(c *call, status int, refused refusedLetters) error {
	f, err := s.App.LedgerFile(c.ctx(), c.actor, number(c.Param("no")))
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	r := f.Reminder
	page := templates.LedgerReminderPage{Status: c.reminderStatus(r), Facts: c.reminderFacts(f, dir), Times: c.reminderTimes(f), Attempts: c.attemptTable(f.Attempts, dir)}
	page.Body, page.None = c.reminderWords(r, f.Escalation).Body, c.T("ledger.no_attempts."+r.Channel)
	if r.ItemKind == "digest" {
		carried, err := c.carriedTable(f.Carried, dir)
		if err != nil {
			return err
		}
		page.Carried = []templates.Table{carried}
	}
	if r.Dead() && f.May {
		page.Decide = c.decideForm("/ledger/"+id64(r.ID)+"/decide", refused)
		page.Decide.Letter = pickOf(r.ID, f.Seen)
	} else if text := refused.faults[""]; text != "" {
		page.Notices = append(page.Notices, templates.Notice{Tone: "bad", Text: text})
	}
	base, err := c.base(c.T("ledger.one", "No", r.ID))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "reminders", c.reminderWords(r, f.Escalation).Subject
	list := templates.Crumb{Text: c.T("ledger.own"), Href: "/me/told"}
	if c.rights.ReadsReminder(r) {
		list = templates.Crumb{Text: c.T("ledger.title"), Href: "/ledger"}
	}
	base.Crumbs = []templates.Crumb{list, {Text: c.T("ledger.no", "No", id64(r.ID))}}
	return showBase(c, status, s.Set.Pages.Ledger.Reminder, base, page)
}

// reminderFacts say who was told what, and why.
func (c *call) reminderFacts(f *app.LedgerFile, dir app.Directory) []templates.Def {
	r := f.Reminder
	l := c.reminderLine(r, f.Escalation, dir)
	defs := []templates.Def{{Name: c.T("ledger.who"), Text: l.Who, Note: l.Unit}, {Name: c.T("ledger.channel"), Text: l.Channel}}
	if l.Item != "" {
		defs = append(defs, templates.Def{Name: c.T("ledger.about"), Text: l.Item, Href: l.OnPage})
	}
	defs = append(defs, templates.Def{Name: c.T("ledger.what"), Text: l.What})
	if f.Escalation != nil {
		defs = append(defs, templates.Def{Name: c.T("ledger.why"), Text: c.T("ledger.why_link"), Href: l.Why}, templates.Def{Name: c.T("ledger.rule"), Text: l.Rule, Note: r.Ruleset + "@" + id64(int64(r.RulesetVersion))})
		if w, err := c.Reminder(r, f.Escalation, c.s.App.Machine("ticket")); err == nil {
			defs = append(defs, w.Facts[1:]...) // the first says the rule
		}
	}
	if !r.DueOn.IsZero() && r.ItemKind != "digest" {
		defs = append(defs, templates.Def{Name: c.T("notice.due"), Text: c.due(r.DueOn)})
	}
	return defs
}

func (c *call) reminderTimes(f *app.LedgerFile) []templates.Def {
	r := f.Reminder
	defs := []templates.Def{{Name: c.T("ledger.status"), Text: c.T("ledger_status." + r.Status), Note: c.reminderNote(r)}, {Name: c.T("ledger.queued"), Text: c.at(r.CreatedAt)}}
	if r.Dead() {
		defs[0].Tone = "late"
	}
	if r.BegunAt != 0 {
		defs = append(defs, templates.Def{Name: c.T("ledger.tried"), Text: c.at(r.BegunAt)})
	}
	if r.SettledAt != 0 && r.Status != "queued" && r.Status != "sending" {
		defs = append(defs, templates.Def{Name: c.T("ledger.settled"), Text: c.at(r.SettledAt)})
	}
	if f.Letter != nil {
		defs = append(defs, templates.Def{Name: c.T("ledger.letter"), Text: c.T("ledger.no", "No", id64(f.Letter.ID)), Href: "/ledger/" + id64(f.Letter.ID), Note: c.T("ledger_status." + f.Letter.Status)})
	}
	if r.Channel == "mail" && f.Letter == nil {
		name, _, _ := strings.Cut(app.Delivery{Reminder: r}.MessageID(""), "@")
		defs = append(defs, templates.Def{Name: c.T("ledger.message_id"), Text: name, Note: c.T("ledger.message_id_note")})
	}
	return defs
}

func (c *call) attemptTable(attempts []app.Attempt, dir app.Directory) templates.Table {
	var t templates.Table
	heads := []string{c.T("ledger.at"), c.T("ledger.outcome"), c.T("ledger.answer"), c.T("ledger.by"), c.T("ledger.next")}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for _, a := range attempts {
		outcome := templates.Cell{Text: c.T("attempt." + a.Outcome), Head: heads[1]}
		if a.Outcome == "failed" || a.Outcome == "unknown" || a.Outcome == "down" {
			outcome.Class = "late"
		}
		if a.How != "" {
			outcome.Note = c.T("arrival." + a.How)
		}
		by := c.T("ledger.node", "Node", a.Node)
		if a.ByID != 0 {
			by = dir.Users[a.ByID].Name
		}
		next := ""
		if a.NextAt != 0 {
			next = c.when(a.NextAt)
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.at(a.At), Head: heads[0]}, outcome, {Text: a.Answer, Head: heads[2]}, {Text: by, Head: heads[3]}, {Text: next, Head: heads[4]}})
	}
	return t
}

func (c *call) carriedTable(rows []app.Reminder, dir app.Directory) (templates.Table, error) {
	lines, err := c.reminderLines(rows, dir)
	t := templates.Table{}
	if err != nil {
		return t, err
	}
	heads := []string{c.T("ledger.about"), c.T("ledger.what"), c.T("ledger.status")}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, []templates.Cell{{Text: l.Item, Href: l.Href, Class: "name", Head: heads[0]}, {Text: l.What, Note: l.Rule, Light: l.Light, Head: heads[1]}, {Text: l.Status.Text, Note: l.Note, Head: heads[2]}})
	}
	return t, nil
}

// refusedLetters is what a decision that was refused had chosen and typed.
type refusedLetters struct {
	letters     []app.DeadLetter
	how, reason string
	faults      templates.Faults
}

func (r refusedLetters) picked(id int64) bool {
	for _, l := range r.letters {
		if l.Reminder == id {
			return true
		}
	}
	return false
}

// pickOf is what stands for a letter in a form: its number and that of its last attempt.
func pickOf(id, seen int64) string { return id64(id) + ":" + id64(seen) }

func (c *call) decideForm(path string, refused refusedLetters) *templates.LedgerDecide {
	ways := []templates.Option{{Text: c.T("ledger.how_choose")}}
	for _, w := range app.ArrivalWays() {
		ways = append(ways, templates.Option{Value: w, Text: c.T("arrival." + w)})
	}
	return &templates.LedgerDecide{Locale: c.Locale, Path: path, Problem: strings.TrimSpace(refused.faults[""] + " " + refused.faults["letters"]),
		How:    c.Field("how", "ledger.how", refused.how).Choose(ways).Fails(refused.faults),
		Reason: c.Field("reason", "ledger.reason", refused.reason).Hinted("ledger.reason_hint").Fails(refused.faults)}
}

// decideLetters decides about the letters that were ticked in the list.
func (s *server) decideLetters(c *call) error {
	q := c.reminderQuery("/ledger", false)
	return s.decide(c, q.address("/ledger", "", ""), func(status int, refused refusedLetters) error {
		return s.showReminders(c, status, q, refused)
	})
}

// decideLetter decides about the letter of the page.
func (s *server) decideLetter(c *call) error {
	return s.decide(c, "/ledger/"+url.PathEscape(c.Param("no")), func(status int, refused refusedLetters) error {
		return s.showReminder(c, status, refused)
	})
}

func (s *server) decide(c *call, to string, again func(int, refusedLetters) error) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	refused := refusedLetters{how: f.text("how"), reason: f.text("reason")}
	for _, text := range f.all("letter") {
		id, seen, _ := strings.Cut(text, ":")
		refused.letters = append(refused.letters, app.DeadLetter{Reminder: number(id), Seen: number(seen)})
	}
	done := "letters_again"
	switch f.text("verb") {
	case "again":
		err = s.App.SendAgain(c.ctx(), c.actor, refused.letters)
	case "arrived":
		done = "letters_arrived"
		err = s.App.LettersArrived(c.ctx(), c.actor, app.LettersArrived{Letters: refused.letters, How: refused.how, Reason: refused.reason})
	default:
		f.fault("letters", "choose")
		err = f.err()
	}
	return c.after(err, to, done, func(status int, faults templates.Faults) error {
		refused.faults = faults
		return again(status, refused)
	})
}
