package web

import (
	"encoding/csv"
	"net/http"
	"strings"
	"unicode/utf8"

	"battlemap/app"
)

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
	head := c.Response().Header()
	head.Set("Content-Type", "text/csv; charset=utf-8")
	head.Set("Content-Disposition", `attachment; filename="ledger-`+s.App.Today().String()+`.csv"`)
	head.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(statusPage)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return err
	}
	w := csv.NewWriter(c.Response())
	w.UseCRLF = true
	if err := w.Write(c.reminderHeads()); err != nil {
		return err
	}
	for len(rows) > 0 {
		if err := c.writeReminders(w, rows, dir); err != nil {
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
	w.Flush()
	return w.Error()
}

func (c *call) reminderHeads() []string {
	return []string{c.T("ledger.csv_no"), c.T("ledger.queued"), c.T("ledger.who"), c.T("ledger.unit"), c.T("ledger.channel"), c.T("ledger.item"), c.T("ledger.what"), c.T("ledger.rule"),
		c.T("ledger.csv_version"), c.T("ledger.csv_step"), c.T("notice.due"), c.T("ledger.status"), c.T("ledger.csv_note"), c.T("ledger.tried"), c.T("ledger.settled"), c.T("ledger.csv_attempts"), c.T("ledger.letter")}
}

func (c *call) writeReminders(w *csv.Writer, rows []app.Reminder, dir app.Directory) error {
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
		record := []string{l.No, c.instant(r.CreatedAt), l.Who, l.Unit, l.Channel, l.Item, l.What, r.RuleID, version, r.Step, due, l.Status.Text, l.Note, c.instant(r.BegunAt), settled,
			id64(int64(r.Attempts)), letter}
		for j := range record {
			record[j] = plainCell(record[j])
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	return nil
}

// plainCell keeps a spreadsheet from taking text for a formula: an apostrophe stands before what begins like one, in half or full width.
func plainCell(text string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u3000"))
	if strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) && text != "" {
		return "'" + text
	}
	return text
}
