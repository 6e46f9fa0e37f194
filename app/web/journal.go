package web

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
)

// ledgerLines is how many records stand on one page of the journal.
const ledgerLines = 50

// noted is a page that an inspector's look at is recorded of, before it is shown: what they read is on record like what they do. For everybody else it is the page.
func (s *server) noted(page func(*call) error) func(*call) error {
	return func(c *call) error {
		if err := s.App.RecordReading(c.ctx(), c.actor, c.Request().URL.RequestURI()); err != nil {
			return err
		}
		return page(c)
	}
}

func (s *server) journalPage(c *call) error {
	q, err := c.ledgerQuery()
	if err != nil {
		return err
	}
	page := templates.JournalPage{MayExport: c.rights.Journal, Filters: q.fields(c), Filtered: q.filtered(), Year: q.year()}
	page.Empty = templates.Empty{Icon: "scroll-text", Text: c.T("journal.empty"), Next: c.T("journal.empty_next"), Href: "/journal", Action: c.T("journal.clear")}
	if page.Checkpoint, err = s.checkpointNotice(c); err != nil {
		return err
	}
	if len(q.faults) == 0 {
		if err := s.fillLedger(c, q, &page); err != nil {
			return err
		}
	}
	base, err := c.base(c.T("journal.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "ledger", c.T("journal.lead_own")
	if c.rights.SeesAll {
		base.Lead = c.T("journal.lead_all")
	}
	return showBase(c, statusPage, s.Set.Pages.Admin.Journal, base, page)
}

// fillLedger fills a page of the ledger, with the way to the pages before and after.
func (s *server) fillLedger(c *call, q ledgerQuery, page *templates.JournalPage) error {
	filter := q.filter
	filter.Limit = ledgerLines
	found, err := s.App.JournalPage(c.ctx(), c.actor, filter)
	if err != nil {
		return err
	}
	if found.Before > 0 {
		page.Older = q.address(found.Before)
	}
	if q.filter.Before > 0 {
		page.Newest = q.address(0)
	}
	if q.filter.Text != "" && found.Before > 0 && len(found.Rows) < ledgerLines { // the page is not full because the search stopped, and says so
		page.Searched = templates.Notice{Text: c.T("journal.searched", "No", c.Count(int(found.Before)), "N", len(found.Rows)), Href: page.Older, Action: c.T("journal.search_on")}
	}
	rows := found.Rows
	if len(rows) == 0 {
		return nil
	}
	if c.rights.Audit {
		page.Download = q.file()
	}
	first, last := rows[len(rows)-1].No, rows[0].No
	page.Range = c.T("journal.range", "From", c.Count(int(first)), "To", c.Count(int(last)), "Lines", len(rows))
	l, err := newLedger(c, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		page.Lines = append(page.Lines, l.line(row, ledgerColumns))
	}
	return nil
}

// checkpointNotice says how far the newest checkpoint reaches.
func (s *server) checkpointNotice(c *call) (templates.Notice, error) {
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return templates.Notice{}, err
	}
	newest, err := s.App.Checkpoints(c.ctx(), 1)
	if err != nil {
		return templates.Notice{}, err
	}
	if len(newest) == 0 {
		return templates.Notice{Tone: "warn", Text: c.T("journal.no_checkpoint", "Size", c.Count(int(size)))}, nil
	}
	n := templates.Notice{Text: c.T("journal.checkpoint", "Size", c.Count(int(newest[0].Size)), "At", c.at(newest[0].At)), Detail: c.T("journal.all_covered")}
	if open := int(size - newest[0].Size); open > 0 {
		n.Detail = c.T("journal.uncovered", "N", open)
	}
	return n, nil
}

func (s *server) recordPage(c *call) error {
	no := number(c.Param("no"))
	r, err := s.App.JournalProof(c.ctx(), c.actor, no)
	if err != nil {
		return err
	}
	l, err := newLedger(c, []app.JournalRow{r.Row})
	if err != nil {
		return err
	}
	base, err := c.base(c.T("record.title", "No", c.Count(int(no))))
	if err != nil {
		return err
	}
	page := l.record(r)
	base.Kind, base.Lead = "record", page.Line.What
	base.Crumbs = []templates.Crumb{{Text: c.T("journal.title"), Href: "/journal"}, {Text: strconv.FormatInt(no, 10)}}
	if c.rights.SeesAll {
		if err := s.neighbours(c, no, &page); err != nil {
			return err
		}
	}
	return showBase(c, statusPage, s.Set.Pages.Admin.Record, base, page)
}

// neighbours links the records before and after for those who see all of them; numbers have no gaps.
func (s *server) neighbours(c *call, no int64, page *templates.RecordPage) error {
	size, err := s.App.JournalSize(c.ctx())
	if no > 1 {
		page.Prev = recordPath(no - 1)
	}
	if no < size {
		page.Next = recordPath(no + 1)
	}
	return err
}

func recordPath(no int64) string { return "/journal/" + strconv.FormatInt(no, 10) }

// record is the page of one record: the words, the bytes and the proof.
func (l *ledger) record(r app.JournalRecord) templates.RecordPage {
	c, raw := l.c, string(r.Row.Record)
	page := templates.RecordPage{Line: l.line(r.Row, 0), Raw: raw, Pretty: indented(r.Row.Record), Size: c.T("record.bytes", "N", len(raw))}
	page.Facts = l.facts(r.Row, page.Line)
	page.Changes = l.changeTable(page.Line)
	page.Hashes = []templates.Def{{Name: c.T("record.hex"), Text: hex.EncodeToString(r.Leaf[:])}, {Name: c.T("record.base64"), Text: base64.StdEncoding.EncodeToString(r.Leaf[:])}}
	if r.Checkpoint == nil {
		page.Verdict = templates.Notice{Tone: "warn", Text: c.T("record.uncovered", "No", c.Count(int(r.Row.No))), Detail: c.T("record.uncovered_next")}
		return page
	}
	head, err := c.s.App.CheckProof(r)
	page.Note = r.Checkpoint.Note
	page.Checkpoint = []templates.Def{
		{Name: c.T("record.origin"), Text: head.Origin}, {Name: c.T("record.covers"), Text: c.T("record.first", "Size", c.Count(int(r.Checkpoint.Size)))},
		{Name: c.T("record.signed"), Text: c.at(r.Checkpoint.At)},
	}
	for i, side := range proofSides(r.Checkpoint.Size, r.Row.No-1) {
		if i < len(r.Proof) {
			page.Proof = append(page.Proof, templates.ProofStep{N: strconv.Itoa(i + 1), Side: c.T(side), Hash: r.Proof[i].String()})
		}
	}
	page.Verdict = templates.Notice{Tone: "good", Text: c.T("record.proven", "No", c.Count(int(r.Row.No)), "Size", c.Count(int(r.Checkpoint.Size)), "At", c.at(r.Checkpoint.At)),
		Detail: c.T("record.proven_note")}
	if err != nil {
		c.s.Log.Error("record does not fit its checkpoint", "id", c.id(), "no", r.Row.No, "error", err)
		page.Verdict = templates.Notice{Tone: "bad", Text: c.T("record.broken", "No", c.Count(int(r.Row.No))), Detail: c.T("record.broken_next")}
	}
	return page
}

// proofSides says on which side each hash of an inclusion proof is joined, from the leaf to the root (RFC 6962, section 2.1.1).
func proofSides(size, index int64) []string {
	if size < 2 {
		return nil
	}
	half := int64(1)
	for half*2 < size {
		half *= 2
	}
	if index < half {
		return append(proofSides(half, index), "record.side_right")
	}
	return append(proofSides(size-half, index-half), "record.side_left")
}

// exportJournal streams the zip. Nothing is sent before the first byte of it is there, so a refusal is still a page of its own.
func (s *server) exportJournal(c *call) error {
	return s.App.ExportJournal(c.ctx(), c.actor, &download{c: c, name: "battlemap-journal-" + s.App.Today().String() + ".zip"})
}

// download is a file on its way to the browser; its head goes out with the first byte.
type download struct {
	c     *call
	name  string
	begun bool
}

// Write sends the head once, then the bytes.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		h := d.c.Response().Header()
		h.Set(echo.HeaderContentType, "application/zip")
		h.Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", d.name))
		d.c.Response().WriteHeader(statusPage)
		d.begun = true
	}
	return d.c.Response().Write(b)
}
