package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"battlemap/app/audit"
	"battlemap/workflows"
)

// mirror is a table whose rows the journal tells of: what stands in a row must be what the records about it said last. Whoever edits a row by hand leaves a row
// that no record explains.
type mirror struct {
	kind   string   // of the records' object
	other  []string // actions whose records bear this kind and number but are about something else
	free   []string // columns that change without a record of this kind; what writes them is told beside
	drops  bool     // rows may be deleted by a record that says so
	states string   // the machine whose moves the column "state" goes by, "" for none
	stage  string   // the column that holds the state
	rows   func(d *doctor, after int64) ([]mirrored, error)
}

// mirrored is a row as the journal would write it down.
type mirrored struct {
	id      int64
	no      string
	columns map[string]any
}

// pageOfRows is how many rows are compared at a time.
const pageOfRows = 200

// mirrors are the main things of the district. Lights are left out where a sweep sets them without a record of the item: their rungs are records of their own.
func mirrors() []mirror {
	light := []string{"light", "light_rule", "light_since", "version"}
	return []mirror{
		{kind: "ticket", rows: rowsAs[Ticket], free: append(slices.Clone(light), "slip_on"), states: "ticket", stage: "state",
			other: []string{"ticket.ask_extension", "ticket.approve_extension"}},
		// Amounts, the day of the last progress and the units of the assignment follow from records about progress and assignments.
		{kind: "project", rows: rowsAs[Project], free: append(slices.Clone(light), "reported_fen", "verified_fen", "last_progress_on", "lead_unit_id", "unit_id"), states: "project", stage: "stage",
			other: []string{"project.claim", "project.verify", "project.reject", "project.judge", "project.plan"}},
		{kind: "milestone", rows: rowsAs[Milestone], free: light},
		{kind: "assignment", rows: rowsAs[Assignment], free: []string{"version", "valid_to"}}, // the next assignment ends it
		{kind: "progress", rows: rowsAs[ProgressEntry]}, {kind: "exemption", rows: rowsAs[Exemption]},
		{kind: "paper", rows: rowsAs[Paper]}, {kind: "comment", rows: rowsAs[Comment]}, {kind: "attachment", rows: rowsAs[Attachment]},
		{kind: "unit", rows: rowsAs[Unit]}, {kind: "user", rows: rowsAs[User], free: []string{"lang", "theme", "version"}}, // taste is nobody's business
		{kind: "grant", rows: rowsAs[RoleGrant]}, {kind: "task_force", rows: rowsAs[TaskForce]}, {kind: "enterprise", rows: rowsAs[Enterprise]},
		{kind: "calendar", rows: rowsAs[CalendarVersion], free: []string{"moving", "moved", "version"}}, {kind: "law", rows: rowsAs[Law]},
		{kind: "meeting", rows: rowsAs[Meeting]}, {kind: "decision", rows: rowsAs[DecisionItem]}, {kind: "agenda_item", rows: rowsAs[AgendaItem]},
		{kind: "cell_limit", rows: rowsAs[CellLimit]}, {kind: "figure", rows: rowsAs[Figure]}, {kind: "saved_view", rows: rowsAs[SavedView], drops: true},
		{kind: "witness", rows: rowsAs[Witness]}, {kind: "disposal", rows: rowsAs[Disposal]}, {kind: "disposed_file", rows: rowsAs[DisposedFile]},
	}
}

// rowsAs reads the next rows of a table.
func rowsAs[T any](d *doctor, after int64) ([]mirrored, error) {
	rows, err := table[T](d.db).Where("id > ?", after).Order("id").Limit(pageOfRows).Find(d.ctx)
	if err != nil {
		return nil, err
	}
	out := make([]mirrored, len(rows))
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		out[i] = mirrored{id: v.FieldByName("ID").Int(), columns: columns(&rows[i])}
		for _, name := range []string{"No", "Code", "Account"} {
			if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
				out[i].no = f.String()
				break
			}
		}
	}
	return out, nil
}

// lookRows proves I8 for every table that the journal tells of, and I2 on the way: rows without a record, records without a row, columns that no record set.
func (d *doctor) lookRows() ([]Finding, error) {
	rows, moves := Finding{Check: "rows"}, Finding{Check: "moves"}
	for _, m := range mirrors() {
		if err := d.guarded(&rows, func(d *doctor, f *Finding) error { return m.compare(d, f, &moves) }); err != nil {
			return nil, err
		}
	}
	return []Finding{rows, moves}, d.guarded(&rows, lookSettings)
}

func (m mirror) compare(d *doctor, rows, moves *Finding) error {
	for after := int64(0); ; {
		page, err := m.rows(d, after)
		if err != nil {
			return fmt.Errorf("rows of %s: %w", m.kind, err)
		}
		last := int64(math.MaxInt64)
		if len(page) == pageOfRows {
			last = page[len(page)-1].id
		}
		told, err := m.told(d, after, last, moves)
		if err != nil {
			return fmt.Errorf("records of %s: %w", m.kind, err)
		}
		for _, row := range page {
			rows.Looked++
			m.hold(row, told[row.id], rows)
			delete(told, row.id)
		}
		for _, id := range sortedKeys(told) {
			if !told[id].dropped {
				rows.add("row_gone", "Kind", m.kind, "No", told[id].name(id), "Record", told[id].last)
			}
		}
		if last == math.MaxInt64 {
			return nil
		}
		after = last
	}
}

// tale is what the records say of one thing up to the last of them.
type tale struct {
	no      string
	columns map[string]json.RawMessage
	last    int64 // number of the newest record
	dropped bool
	drafted bool // by the newest record
}

func (t *tale) name(id int64) string {
	if t.no != "" {
		return t.no
	}
	return fmt.Sprint("#", id)
}

// told folds the records about things with numbers above after, up to last.
func (m mirror) told(d *doctor, after, last int64, moves *Finding) (map[int64]*tale, error) {
	out := map[int64]*tale{}
	object, no := after, int64(math.MaxInt64)
	for {
		page, err := table[JournalRow](d.db).Where("object_kind = ? AND object_id <= ? AND (object_id, no) > (?, ?)", m.kind, last, object, no).
			Order("object_id, no").Limit(pageOfWalk).Find(d.ctx)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, r := range page {
			object, no = r.ObjectID, r.No
			if strings.HasPrefix(r.Action, "escalation.") || r.Action == "subject.judge" || slices.Contains(m.other, r.Action) ||
				m.kind == "exemption" && !bytes.Contains(r.Record, []byte(`"month"`)) { // a reason that was accepted for something else than a project's month
				continue
			}
			if err := m.fold(d, out, r, moves); err != nil {
				return nil, err
			}
		}
	}
}

func (m mirror) fold(d *doctor, out map[int64]*tale, r JournalRow, moves *Finding) error {
	var said audit.Record
	if err := json.Unmarshal(r.Record, &said); err != nil {
		return nil // the check of the columns names it
	}
	was := out[r.ObjectID]
	if was == nil {
		was = &tale{no: said.Object.No, columns: map[string]json.RawMessage{}}
		out[r.ObjectID] = was
	}
	was.last, was.dropped = r.No, strings.HasSuffix(r.Action, ".drop")
	var before, after map[string]json.RawMessage
	if len(said.Before) > 0 && json.Unmarshal(said.Before, &before) != nil || len(said.After) > 0 && json.Unmarshal(said.After, &after) != nil {
		return nil // not a row: a record that carries something else
	}
	m.moved(d, was, r, before, after, moves)
	was.drafted = strings.HasSuffix(r.Action, ".draft")
	maps.Copy(was.columns, after)
	return nil
}

// moved proves I2 for one record: the state goes a way that the definition knows, from where it was, and the version goes up by one.
func (m mirror) moved(d *doctor, was *tale, r JournalRow, before, after map[string]json.RawMessage, moves *Finding) {
	from, to := text(before[m.stage]), text(after[m.stage])
	if m.states == "" || from == "" || to == "" {
		return
	}
	moves.Looked++
	var version int
	if raw := was.columns["machine_version"]; len(raw) > 0 {
		_ = json.Unmarshal(raw, &version) // 0 where it is none: the newest is asked
	}
	if stands := text(was.columns[m.stage]); stands != from && !(was.drafted && stands == to) { // a step that drafts and sends is told with where it ends
		moves.add("move_from", "No", r.No, "Said", from, "Stood", stands)
	}
	machine := d.app.view(d.ctx, System("doctor")).machine(m.states, version)
	if machine == nil || !leads(machine, from, to) && !(strings.HasSuffix(r.Action, ".undo") && leads(machine, to, from)) {
		moves.add("move_unlawful", "No", r.No, "From", from, "To", to)
	}
	if a, b := number(before["version"]), number(after["version"]); a != 0 && b != a+1 {
		moves.add("version_step", "No", r.No, "From", a, "To", b)
	}
}

// leads tells whether a move of the machine goes from one state to another.
func leads(m *workflows.Machine, from, to string) bool {
	return slices.ContainsFunc(m.Moves, func(v workflows.Move) bool {
		return slices.Contains(v.From, from) && (v.To == workflows.Before || v.Target(from, "") == to)
	})
}

func text(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func number(raw json.RawMessage) int64 {
	var n int64
	if len(raw) == 0 || json.Unmarshal(raw, &n) != nil {
		return 0
	}
	return n
}

// hold compares a row with what was told of it.
func (m mirror) hold(row mirrored, told *tale, f *Finding) {
	if told == nil {
		f.add("row_untold", "Kind", m.kind, "No", (&tale{no: row.no}).name(row.id))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(told.columns)) {
		stands, ok := row.columns[name]
		if !ok || slices.Contains(m.free, name) {
			continue
		}
		raw, err := json.Marshal(stands)
		if err != nil || !sameJSON(raw, told.columns[name]) {
			f.add("row_differs", "Kind", m.kind, "No", told.name(row.id), "Column", name, "Stands", short(raw), "Said", short(told.columns[name]), "Record", told.last)
		}
	}
}

// sameJSON compares values whatever their spelling.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// short is a value for a line of a report.
func short(raw json.RawMessage) string {
	const most = 60
	r := []rune(string(raw))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// lookSettings compares the settings with what the records said last of each.
func lookSettings(d *doctor, f *Finding) error {
	records, err := table[JournalRow](d.db).Where("object_kind = 'setting'").Order("no").Find(d.ctx)
	if err != nil {
		return err
	}
	said := map[string]string{}
	for _, r := range records {
		var one audit.Record
		var after map[string]string
		if json.Unmarshal(r.Record, &one) == nil && json.Unmarshal(one.After, &after) == nil {
			maps.Copy(said, after)
		}
	}
	rows, err := table[setting](d.db).Order("key").Find(d.ctx)
	if err != nil {
		return err
	}
	stands := map[string]string{}
	for _, r := range rows {
		f.Looked++
		stands[r.Key] = r.Value
	}
	all := maps.Clone(stands)
	maps.Copy(all, said)
	for _, key := range sortedNames(all) {
		if stands[key] != said[key] {
			f.add("row_differs", "Kind", "setting", "No", key, "Column", "value", "Stands", stands[key], "Said", said[key], "Record", 0)
		}
	}
	return nil
}
