package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// Archive is a year of the district for the archives 归档: complete in content (records, files), structure (which belongs to which), background (people, units,
// grants, rules, calendars) and process (the journal with its proofs).
type Archive struct {
	Year     int
	Closed   bool // the year is over; before that a package is an interim one
	Size     int64
	Numbers  []int64 // of the records of the year, rising
	Projects []Project
	Tickets  []Ticket
	Papers   []Paper
	Files    []CaseFile
	Laws     []Law
	Times    []CalendarVersion
	Units    []Unit
	Users    []User
	Forces   []TaskForce
	Grants   []RoleGrant
	Disposed []Disposal
	Made     time.Time
}

// span is the year in Unix seconds, from its first instant in the district to the first of the next.
func (a *App) span(year int) (from, to int64) {
	return a.opt.Calendar.At(calendar.MakeDate(year, time.January, 1), 0, 0).Unix(), a.opt.Calendar.At(calendar.MakeDate(year+1, time.January, 1), 0, 0).Unix()
}

// OpenArchive gathers a year. Invalid for a year without records.
func (a *App) OpenArchive(ctx context.Context, actor Actor, year int) (Archive, error) {
	t := a.view(ctx, actor)
	if err := t.require(place{}, exporters()...); err != nil {
		return Archive{}, err
	}
	out := Archive{Year: year, Closed: year < a.Today().Year(), Made: a.Now()}
	if year < 1970 || year > a.Today().Year() {
		return out, invalid("year", "archive_year", nil)
	}
	var err error
	if out.Size, err = a.JournalSize(ctx); err != nil {
		return out, err
	}
	from, to := a.span(year)
	err = a.db.read.WithContext(ctx).Raw("SELECT no FROM journal WHERE at >= ? AND at < ? AND no <= ? ORDER BY no", from, to, out.Size).Scan(&out.Numbers).Error
	if err != nil {
		return out, fmt.Errorf("list the records of %d: %w", year, err)
	}
	if len(out.Numbers) == 0 {
		return out, invalid("year", "archive_year", nil)
	}
	return out, t.fillArchive(&out, from, to)
}

// fillArchive reads what the records of the year are about, and what is needed to understand them.
func (t *tx) fillArchive(out *Archive, from, to int64) (err error) {
	touched := "id IN (SELECT %s FROM journal WHERE at >= ? AND at < ?)"
	if out.Projects, err = list[Project](t, "id", fmt.Sprintf(touched, "project_id"), from, to); err != nil {
		return err
	}
	if out.Tickets, err = list[Ticket](t, "id", fmt.Sprintf(touched, "ticket_id"), from, to); err != nil {
		return err
	}
	if out.Papers, err = list[Paper](t, "id", "issued_at >= ? AND issued_at < ?", from, to); err != nil {
		return err
	}
	if out.Laws, err = list[Law](t, "id", "drafted_at < ?", to); err != nil {
		return err
	}
	if out.Times, err = list[CalendarVersion](t, "id", "uploaded_at < ?", to); err != nil {
		return err
	}
	if out.Units, err = list[Unit](t, "code", "id > 0"); err != nil {
		return err
	}
	if out.Users, err = list[User](t, "account", "id > 0"); err != nil {
		return err
	}
	for i := range out.Users {
		out.Users[i].PasswordHash = ""
	}
	if out.Forces, err = list[TaskForce](t, "position", "id > 0"); err != nil {
		return err
	}
	last := calendar.MakeDate(out.Year, time.December, 31)
	if out.Grants, err = list[RoleGrant](t, "user_id, id", "valid_from <= ? AND (valid_to = '' OR valid_to >= ?)", last, calendar.MakeDate(out.Year, time.January, 1)); err != nil {
		return err
	}
	if out.Disposed, err = list[Disposal](t, "id", "id > 0"); err != nil {
		return err
	}
	out.Files, err = t.filesOf("added_at >= ? AND added_at < ?", from, to)
	return err
}

// Data is the package's tables as JSON, column by column as the database names them: what a later system can read in.
func (r Archive) Data() ([]byte, error) {
	rows := map[string][]any{}
	add := func(name string, row any) {
		m := columns(row)
		rows[name] = append(rows[name], m)
	}
	for i := range r.Projects {
		add("projects", &r.Projects[i])
	}
	for i := range r.Tickets {
		add("tickets", &r.Tickets[i])
	}
	for i := range r.Papers {
		add("papers", &r.Papers[i])
	}
	for i := range r.Files {
		add("attachments", &r.Files[i].Attachment)
	}
	for i := range r.Laws {
		add("laws", &r.Laws[i])
	}
	for i := range r.Times {
		add("calendar_versions", &r.Times[i])
	}
	for i := range r.Units {
		add("units", &r.Units[i])
	}
	for i := range r.Users {
		add("users", &r.Users[i])
	}
	for i := range r.Forces {
		add("task_forces", &r.Forces[i])
	}
	for i := range r.Grants {
		add("role_grants", &r.Grants[i])
	}
	for i := range r.Disposed {
		add("disposals", &r.Disposed[i])
	}
	return json.MarshalIndent(map[string]any{"year": r.Year, "closed": r.Closed, "records": len(r.Numbers), "first": r.Numbers[0], "last": r.Numbers[len(r.Numbers)-1], "tables": rows}, "", " ")
}

// members are the files and the statements of changes of the signing key, as those of a case.
func (r Archive) members(ctx context.Context, a *App) ([]audit.Member, error) {
	members, err := a.Members(ctx, Case{Attachments: r.Files})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, m := range members {
		seen[m.Name] = true
	}
	for i := range r.Laws { // the rules in the words that were in force
		m := audit.NewMember("", []byte(r.Laws[i].YAML))
		if m.Name = audit.AttachmentName(m.SHA256); !seen[m.Name] {
			members = append(members, m)
		}
		seen[m.Name] = true
	}
	return members, nil
}

// ExportArchive writes a year that OpenArchive gathered as a bundle that auditverify verifies, with documents such as case.html. It is recorded, and the record names
// the manifest, so that a checkpoint covers the documents too.
func (a *App) ExportArchive(ctx context.Context, actor Actor, r Archive, documents []audit.Member, w io.Writer) error {
	members, err := r.members(ctx, a)
	if err != nil {
		return err
	}
	members = append(members, documents...)
	return a.takeAway(ctx, actor, r.Numbers, members, func(t *tx) (int64, error) { return t.recordArchive(r, members) }, w)
}

func (t *tx) recordArchive(r Archive, members []audit.Member) (int64, error) {
	if err := t.require(place{}, exporters()...); err != nil {
		return 0, err
	}
	own, after, err := t.marked(r.Numbers, members)
	if err != nil {
		return 0, err
	}
	t.record(change{action: audit.ActionCaseExport, kind: "archive", id: int64(r.Year), no: strconv.Itoa(r.Year), after: after})
	return own, nil
}

// Archived is one package that was made.
type Archived struct {
	Year    int
	Records int64 // that it holds before its own
	Row     JournalRow
	Closed  bool // the year was over
}

// ArchiveYears lists the years that have records, the newest first, each with the packages made of it, the newest first.
func (a *App) ArchiveYears(ctx context.Context, actor Actor) (years []int, made map[int][]Archived, err error) {
	t := a.view(ctx, actor)
	if err := t.require(place{}, slices.Concat(exporters(), disposalAskers(), disposalApprovers())...); err != nil {
		return nil, nil, err
	}
	var first, last int64 // times never go back, so the ends are found by their numbers and the journal is not read through
	err = errors.Join(scanOne(t.db.Raw("SELECT COALESCE(MAX(at), 0) FROM journal WHERE no = 1"), &first),
		scanOne(t.db.Raw("SELECT COALESCE(MAX(at), 0) FROM journal_head"), &last))
	if err != nil || first == 0 {
		return nil, nil, err
	}
	for y := a.opt.Calendar.Today(unixTime(last)).Year(); y >= a.opt.Calendar.Today(unixTime(first)).Year(); y-- {
		years = append(years, y)
	}
	made, err = t.archives()
	return years, made, err
}

func (t *tx) archives() (map[int][]Archived, error) {
	rows, err := list[JournalRow](t, "no DESC", "object_kind = 'archive' AND action = ?", audit.ActionCaseExport)
	if err != nil {
		return nil, err
	}
	made := map[int][]Archived{}
	for _, row := range rows {
		var said struct {
			After audit.CaseMark `json:"after"`
		}
		if err := json.NewDecoder(bytes.NewReader(row.Record)).Decode(&said); err != nil {
			return nil, fmt.Errorf("record %d: %w", row.No, err)
		}
		year := int(row.ObjectID)
		made[year] = append(made[year], Archived{Year: year, Records: said.After.Records, Row: row, Closed: t.app.opt.Calendar.Today(unixTime(row.At)).Year() > year})
	}
	return made, nil
}

// archivedBefore refuses to do away with files of years that were not closed into a package.
func (t *tx) archivedBefore(before calendar.Date) error {
	made, err := t.archives()
	if err != nil {
		return err
	}
	files, err := t.disposable(before)
	if err != nil {
		return err
	}
	for _, f := range files {
		year := t.app.opt.Calendar.Today(unixTime(f.AddedAt)).Year()
		closed := false
		for _, one := range made[year] {
			closed = closed || one.Closed
		}
		if !closed {
			return invalid("before_on", "year_not_archived", map[string]any{"Year": year})
		}
	}
	return nil
}
