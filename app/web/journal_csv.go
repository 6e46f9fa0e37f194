package web

import (
	"net/http"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// journalChunk is how many records of a file are read at a time.
const journalChunk = 500

// journalCSV sends the filtered records as a file for Excel, the newest first, with everything that they hold; that they were taken away is recorded first. It is
// no proof: that is the export for verification.
func (s *server) journalCSV(c *call) error {
	if !c.rights.Audit {
		return missingPage()
	}
	q, err := c.ledgerQuery()
	if err != nil {
		return err
	}
	if len(q.faults) > 0 {
		return s.journalPage(c)
	}
	if err := s.App.RecordExtract(c.ctx(), c.actor, c.Request().URL.RequestURI()); err != nil {
		return err
	}
	filter := q.filter
	filter.Limit = journalChunk
	found, err := s.App.JournalPage(c.ctx(), c.actor, filter)
	if err != nil {
		return err
	}
	w, err := c.openCSV("journal-" + s.App.Today().String())
	if err != nil || c.Request().Method == http.MethodHead { // nobody reads the whole journal for a head
		return err
	}
	if err := w.row(c.journalHeads()...); err != nil {
		return err
	}
	for {
		if err := c.writeRecords(w, found.Rows); err != nil {
			return err
		}
		if found.Before == 0 {
			break
		}
		filter.Before = found.Before
		if found, err = s.App.JournalPage(c.ctx(), c.actor, filter); err != nil {
			return err
		}
	}
	return w.close()
}

func (c *call) journalHeads() []string {
	return []string{c.T("journal.no"), c.T("journal.at"), c.T("journal.who"), c.T("journal.unit"), c.T("journal.action"), c.T("journal.kind"), c.T("journal.object"),
		c.T("record.before"), c.T("record.after"), c.T("journal.reason"), c.T("journal.basis"), c.T("journal.rule"), c.T("record.address"), c.T("record.request")}
}

func (c *call) writeRecords(w csvFile, rows []app.JournalRow) error {
	l, err := newLedger(c, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		line := l.line(row, 0)
		var before, after []string
		for _, ch := range line.Changes {
			if !ch.New {
				before = append(before, ch.Name+": "+ch.Before)
			}
			after = append(after, ch.Name+": "+ch.After)
		}
		kind := line.Kind
		if kind == "" {
			kind = l.word("object.", row.ObjectKind)
		}
		record := []string{strconv.FormatInt(row.No, 10), c.instant(row.At), line.Who, line.Unit, line.What, kind, line.Object, strings.Join(before, "; "), strings.Join(after, "; "),
			line.Reason, line.Basis, line.Rule, line.Address, line.Request}
		if err := w.row(record...); err != nil {
			return err
		}
	}
	return nil
}

// personYear counts what a person did in a year.
func (s *server) personYear(c *call) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	account := c.Param("account")
	id := idOf(dir.Users, func(u app.User) bool { return u.Account == account })
	if id == 0 || !c.rights.Audit && id != c.user.ID {
		return missingPage()
	}
	units, err := s.App.JournalUnits(c.ctx(), c.actor, id)
	if err != nil {
		return err
	}
	page := templates.JournalYearPage{}
	if len(units) > 0 {
		page.Units = c.T("journal_year.units", "Units", strings.Join(units, c.T("rules.comma")))
	}
	return s.showYear(c, page, c.T("journal_year.of", "Who", dir.Users[id].Name), "person="+account, app.JournalFilter{Person: id})
}

// unitYear counts what the people of a unit did in a year, under its name at that time.
func (s *server) unitYear(c *call) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	code := c.Param("code")
	id := idOf(dir.Units, func(u app.Unit) bool { return u.Code == code })
	if id == 0 || !c.rights.Audit {
		return missingPage()
	}
	return s.showYear(c, templates.JournalYearPage{}, c.T("journal_year.of", "Who", dir.Units[id].Name), "unit="+code, app.JournalFilter{Unit: dir.Units[id].Name})
}
