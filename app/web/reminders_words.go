package web

import (
	"slices"
	"time"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// reminderLines word rows of the ledger. A damaged row is shown as what it is: it must not hide the others.
func (c *call) reminderLines(rows []app.Reminder, dir app.Directory) ([]templates.LedgerLine, error) {
	lit, err := c.s.App.EscalationsOf(c.ctx(), rows)
	if err != nil {
		return nil, err
	}
	var lines []templates.LedgerLine
	for _, r := range rows {
		var e *app.Escalation
		if found, ok := lit[r.EscalationID]; ok {
			e = &found
		}
		lines = append(lines, c.reminderLine(r, e, dir))
	}
	return lines, nil
}

func (c *call) reminderLine(r app.Reminder, e *app.Escalation, dir app.Directory) templates.LedgerLine {
	l := templates.LedgerLine{No: id64(r.ID), Href: "/ledger/" + id64(r.ID), At: c.when(r.CreatedAt), Who: dir.Users[r.RecipientID].Name, Unit: dir.Units[r.UnitID].Name,
		Channel: c.T("channel." + r.Channel), Status: c.reminderStatus(r), Note: c.reminderNote(r)}
	w := c.reminderWords(r, e)
	l.What, l.Item = w.What, w.Item
	if r.ItemKind != "digest" {
		l.OnPage = r.Link
	}
	if e != nil {
		l.Light = c.Light(r.Light).Bare() // the words begin with the word
		rule := r.RuleID
		if known, ok := c.s.App.Ruleset().Rule(r.RuleID); ok {
			rule = known.Title.In(c.Lang)
		}
		l.Rule = c.T("ledger.by_rule", "Rule", rule, "Version", r.RulesetVersion, "Step", c.T("light."+string(r.Light)))
		l.Why = whyOf(r, e)
	}
	if r.DigestID != 0 {
		l.Letter, l.LetterRef = "/ledger/"+id64(r.DigestID), c.T("ledger.in_letter", "No", r.DigestID)
	}
	if r.BegunAt != 0 {
		l.Tried = c.T("ledger.tried_at", "At", c.when(r.BegunAt))
	}
	if r.SettledAt != 0 && !slices.Contains([]string{"queued", "sending"}, r.Status) {
		l.Settled = c.T("ledger.settled_at", "At", c.when(r.SettledAt))
	}
	return l
}

// reminderWords are the words of a reminder; of a letter of the day, and of a row that can't be read, the ledger's own.
func (c *call) reminderWords(r app.Reminder, e *app.Escalation) templates.Wording {
	n, err := r.Notice()
	if err == nil && r.ItemKind == "digest" {
		return templates.Wording{Light: r.Light, What: c.T("ledger.letter_of_day", "N", n.Count)}
	}
	var w templates.Wording
	if err == nil {
		w, err = c.Reminder(r, e, c.s.App.Machine("ticket"))
	}
	if err != nil {
		return templates.Wording{What: c.T("ledger.damaged"), Item: r.ItemNo}
	}
	return w
}

// whyOf is the address of the explanation as of the day on which the step began.
func whyOf(r app.Reminder, e *app.Escalation) string {
	on := "?on=" + e.BeganOn.String()
	switch r.ItemKind {
	case "ticket", "project":
		return whyPath(r.ItemKind, r.ItemNo) + on
	case "milestone":
		return whyPath("milestone", id64(r.ItemID)) + on
	}
	return ""
}

// reminderStatus is what became of a reminder: a word, a colour and a shape.
func (c *call) reminderStatus(r app.Reminder) templates.Tag {
	looks := map[string][2]string{"queued": {"blue", "clock"}, "sending": {"blue", "send"}, "accepted": {"green", "check"}, "digested": {"line", "archive"},
		"failed": {"red", "x"}, "unknown": {"orange", "circle-question-mark"}, "withdrawn": {"line", "undo-2"}}
	look := looks[r.Status]
	return templates.Tag{Text: c.T("ledger_status." + r.Status), Tone: look[0], Icon: look[1]}
}

// reminderNote says when a reminder goes out, why it was withdrawn, or what the other side said.
func (c *call) reminderNote(r app.Reminder) string {
	switch {
	case r.Status == "queued" && r.Error != "":
		return c.T("ledger.again_from", "At", c.when(r.NotBefore), "Answer", r.Error)
	case r.Status == "queued":
		return c.T("delivery.not_before", "At", c.when(r.NotBefore))
	case r.Status == "withdrawn":
		return c.T("withdrawn." + r.WithdrawnWhy)
	case r.Dead():
		return r.Error
	}
	return ""
}

// toldShown is how many reminders an item's page shows.
const toldShown = 60

// toldBox says on an item's page who was told of it: one group a step or move, and in it one line a channel and outcome.
func (c *call) toldBox(reminders []app.Reminder, dir app.Directory, item string) (templates.ToldBox, error) {
	box := templates.ToldBox{Locale: c.Locale}
	if c.rights.Ledger && item != "" {
		box.Href = "/ledger?item=" + item
	}
	lit, err := c.s.App.EscalationsOf(c.ctx(), reminders)
	if err != nil {
		return box, err
	}
	last := app.Reminder{}
	for _, r := range reminders {
		if len(box.Groups) == 0 || r.RuleID != last.RuleID || r.Step != last.Step || r.DueOn != last.DueOn || r.ItemKind != last.ItemKind || r.ItemID != last.ItemID {
			box.Groups = append(box.Groups, c.toldGroup(r, lit))
		}
		last = r
		g := &box.Groups[len(box.Groups)-1]
		told := c.delivery(r)
		i := slices.IndexFunc(g.To, func(d templates.Def) bool { return d.Name == told.Name && d.Note == told.Note })
		if i < 0 {
			g.To = append(g.To, told)
			i = len(g.To) - 1
		}
		if g.To[i].Text != "" {
			g.To[i].Text += c.T("work.and")
		}
		g.To[i].Text += dir.Users[r.RecipientID].Name
	}
	return box, nil
}

func (c *call) toldGroup(r app.Reminder, lit map[int64]app.Escalation) templates.ToldGroup {
	g := templates.ToldGroup{Day: c.when(r.CreatedAt)}
	if e, ok := lit[r.EscalationID]; ok {
		g.Light, g.Text = c.Light(e.Light), c.T("notice.light_only", "Light", c.T("light."+string(e.Light)))
		if e.Paper != "" {
			g.Text = titleOf(workflows.Papers(), e.Paper, c.Lang)
		}
		if rule, ok := c.s.App.RulesetBy(e.Ruleset + "@" + id64(int64(e.RulesetVersion))).Rule(e.RuleID); ok {
			g.Text += " · " + rule.Title.In(c.Lang)
		}
		return g
	}
	g.Text = c.reminderWords(r, nil).What
	return g
}

// delivery says by which way somebody was told, and what became of it.
func (c *call) delivery(r app.Reminder) templates.Def {
	d := templates.Def{Name: c.T("channel." + r.Channel), Note: c.T("delivery." + r.Status)}
	switch r.Status {
	case "accepted", "failed", "unknown":
		d.Note += " " + c.when(r.SettledAt)
	case "queued":
		d.Note += " " + c.T("delivery.not_before", "At", c.when(r.NotBefore))
	}
	if r.WithdrawnWhy != "" {
		d.Note += c.T("delivery.why", "Why", c.T("withdrawn."+r.WithdrawnWhy))
	}
	if r.Dead() {
		d.Tone = "late"
	}
	return d
}

// instant writes an instant of the database with its year, "" for none.
func (c *call) instant(unix int64) string {
	if unix == 0 {
		return ""
	}
	return c.local(time.Unix(unix, 0)).Format("2006-01-02 15:04:05")
}
