package web

import "battlemap/app"

// reminderChunk is how many rows of a download are read at a time.
const reminderChunk = 1000

// remindersCSV sends the filtered list as a file for Excel: UTF-8 with a byte order mark, and no cell that a spreadsheet would take for a formula.
func (s *server) remindersCSV(c *call) error {
	q := c.reminderQuery("/ledger", false)
	if len(q.faults) > 0 {
		return s.showReminders(c, statusInvalid, q, refusedLetters{})
	}
	q.filter.Before, q.filter.Limit = app.LedgerPlace{}, reminderChunk
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	rows, err := q.rows()
	if err != nil {
		return err
	}
	out, err := c.openCSV("ledger-" + s.App.Today().String())
	if err != nil {
		return err
	}
	if err := out.row(c.reminderHeads()...); err != nil {
		return err
	}
	for len(rows) > 0 {
		if err := c.writeReminders(out, rows, dir); err != nil {
			return err
		}
		if len(rows) < reminderChunk {
			break
		}
		q.filter.Before = rows[len(rows)-1].Place()
		if rows, err = q.rows(); err != nil {
			return err
		}
	}
	return out.close()
}

func (c *call) reminderHeads() []string {
	return []string{c.T("ledger.csv_no"), c.T("ledger.queued"), c.T("ledger.who"), c.T("ledger.unit"), c.T("ledger.channel"), c.T("ledger.item"), c.T("ledger.what"), c.T("ledger.rule"),
		c.T("ledger.csv_version"), c.T("ledger.csv_step"), c.T("notice.due"), c.T("ledger.status"), c.T("ledger.csv_note"), c.T("ledger.tried"), c.T("ledger.settled"), c.T("ledger.csv_attempts"), c.T("ledger.letter")}
}

func (c *call) writeReminders(out csvFile, rows []app.Reminder, dir app.Directory) error {
	lines, err := c.reminderLines(rows, dir)
	if err != nil {
		return err
	}
	for i, r := range rows {
		l, version, due, letter, settled := lines[i], "", "", "", ""
		if r.EscalationID != 0 {
			version = r.Ruleset + "@" + id64(int64(r.RulesetVersion))
		}
		if !r.DueOn.IsZero() {
			due = r.DueOn.String()
		}
		if r.DigestID != 0 {
			letter = id64(r.DigestID)
		}
		if l.Settled != "" {
			settled = c.instant(r.SettledAt)
		}
		err := out.row(l.No, c.instant(r.CreatedAt), l.Who, l.Unit, l.Channel, l.Item, l.What, r.RuleID, version, r.Step, due, l.Status.Text, l.Note, c.instant(r.BegunAt), settled,
			id64(int64(r.Attempts)), letter)
		if err != nil {
			return err
		}
	}
	return nil
}
