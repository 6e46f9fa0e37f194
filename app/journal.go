package app

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"battlemap/app/audit"
)

// JournalRow is one record of the journal: the stored bytes are what was hashed, the other columns only find it.
type JournalRow struct {
	No          int64 `gorm:"primaryKey;autoIncrement:false"`
	At          int64
	ActorKind   string
	ActorID     int64
	Action      string
	ObjectKind  string
	ObjectID    int64
	TaskForceID int64
	ProjectID   int64
	TicketID    int64
	Unit        string // of the actor, as it was called
	Rule        string // "ruleset/rule", without its version
	Record      []byte
}

// TableName is the table of the journal.
func (JournalRow) TableName() string { return "journal" }

// Decoded is the record as it was written.
func (r JournalRow) Decoded() (audit.Record, error) { return audit.Decode(r.Record) }

// change is what a verb tells the journal about one thing it did.
type change struct {
	action    string // noun.verb
	kind      string // of the object
	id        int64
	no        string // public number
	taskForce int64
	project   int64
	ticket    int64
	before    any // row before, nil when it is new
	after     any // row after
	reason    string
	basis     string
	rule      string // id@version
	by        *Actor // when the step is the rule's and not the person's in whose transaction it falls
}

// record notes a change; the door refuses to commit without one.
func (t *tx) record(c change) { t.records = append(t.records, c) }

// recordsOfTicket and recordsOfProject are the conditions on table journal for the records of one item. Its indexes hold only what has an item, and know it only when they are told.
const (
	recordsOfTicket  = "ticket_id = ? AND ticket_id > 0"
	recordsOfProject = "project_id = ? AND project_id > 0"
)

// append writes the gathered records to the journal. The head row is locked here, as the last thing before commit: that gives one gap-free order.
func (t *tx) append() (int64, error) {
	size, last, err := t.lockHead()
	if err != nil {
		return 0, err
	}
	if err := t.sameTimes(); err != nil {
		return 0, err
	}
	// A neighbour that began later may have committed first, and clocks are set back: the journal's time never goes back.
	at := max(t.now.Unix(), last)
	first := size
	hashes := &pendingHashes{stored: hashReader{t.ctx, t.db}, fresh: map[int64]tlog.Hash{}}
	var rows []JournalRow
	for _, c := range t.records {
		r, err := t.encode(c, size+1, at)
		if err != nil {
			return 0, fmt.Errorf("record %s: %w", c.action, err)
		}
		if err := hashes.add(size, r.Record); err != nil {
			return 0, fmt.Errorf("append record %d: %w", size+1, err)
		}
		rows = append(rows, r)
		size++
	}
	if err := storeAll(t.ctx, t.db, rows); err != nil {
		return 0, fmt.Errorf("store journal records: %w", err)
	}
	if err := hashes.save(t.ctx, t.db); err != nil {
		return 0, err
	}
	err = execute(t.ctx, t.db, "UPDATE journal_head SET size = ?, at = ? WHERE id = 1 AND size = ?", size, at, first)
	return size, err
}

func (t *tx) lockHead() (size, at int64, err error) {
	query := "SELECT size, at FROM journal_head WHERE id = 1"
	if t.app.db.postgres {
		query += " FOR UPDATE"
	}
	if err := single(t.ctx, t.db, []any{&size, &at}, query); err != nil {
		return 0, 0, fmt.Errorf("lock the journal's head: %w", err)
	}
	return size, at, nil
}

func (t *tx) encode(c change, no, at int64) (JournalRow, error) {
	actor := t.actor
	if c.by != nil {
		actor = *c.by
	}
	before, after, err := difference(c.before, c.after)
	if err != nil {
		return JournalRow{}, err
	}
	record, err := audit.Encode(audit.Record{
		No: no, At: time.Unix(at, 0).UTC().Format(time.RFC3339), Actor: actor.audit(), Action: c.action,
		Object: audit.Object{Kind: c.kind, ID: c.id, No: c.no}, TaskForce: c.taskForce, Project: c.project, Ticket: c.ticket,
		Before: before, After: after, Reason: c.reason, Basis: c.basis, Rule: c.rule, Request: t.actor.Request, Address: t.actor.Address,
	})
	return JournalRow{
		No: no, At: at, ActorKind: actor.Kind, ActorID: actor.ID, Action: c.action, ObjectKind: c.kind, ObjectID: c.id,
		TaskForceID: c.taskForce, ProjectID: c.project, TicketID: c.ticket, Unit: actor.Unit, Rule: withoutVersion(c.rule), Record: record,
	}, err
}

// difference gives the changed columns before and after; all columns when there was nothing before.
func difference(before, after any) (b, a json.RawMessage, err error) {
	was, is := map[string]any{}, map[string]any{}
	x, y := reflect.Indirect(reflect.ValueOf(before)), reflect.Indirect(reflect.ValueOf(after))
	if before != nil && after != nil && x.Kind() == reflect.Struct && x.Type() == y.Type() {
		addChanged(was, is, x, y)
	} else {
		was, is = columns(before), columns(after)
		for name, value := range is {
			if old, ok := was[name]; ok && before != nil && reflect.DeepEqual(old, value) {
				delete(was, name)
				delete(is, name)
			}
		}
	}
	if b, err = object(was); err != nil {
		return nil, nil, err
	}
	a, err = object(is)
	return b, a, err
}

func object(m map[string]any) (json.RawMessage, error) {
	if len(m) == 0 {
		return nil, nil
	}
	return json.Marshal(m) // map keys come out sorted: the same change is the same bytes
}

// columns names a row's values as the database does. Alarm clocks and secrets are left out: `journal:"-"`.
func columns(value any) map[string]any {
	if value == nil {
		return nil
	}
	if m, ok := value.(map[string]any); ok {
		return m
	}
	m := map[string]any{}
	addColumns(m, reflect.Indirect(reflect.ValueOf(value)))
	return m
}

func addColumns(m map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Anonymous:
			addColumns(m, v.Field(i))
		case told(field):
			m[columnName(field)] = v.Field(i).Interface()
		}
	}
}

// addChanged adds the columns in which two rows of a type differ, and those that tell which row it is, where the object of a record is another thing: `journal:"names"`.
func addChanged(was, is map[string]any, x, y reflect.Value) {
	for i := range x.NumField() {
		field := x.Type().Field(i)
		switch {
		case field.Anonymous:
			addChanged(was, is, x.Field(i), y.Field(i))
		case told(field) && (field.Tag.Get("journal") == "names" || !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface())):
			was[columnName(field)], is[columnName(field)] = x.Field(i).Interface(), y.Field(i).Interface()
		}
	}
}

// told tells whether the journal names a field; the object says which row it is.
func told(field reflect.StructField) bool {
	return field.Tag.Get("journal") != "-" && field.IsExported() && field.Name != "ID"
}

func columnName(field reflect.StructField) string {
	return schema.NamingStrategy{}.ColumnName("", field.Name)
}

// hashReader reads the stored hashes of the tree.
type hashReader struct {
	ctx context.Context
	db  *gorm.DB
}

// ReadHashes returns the hashes at the given storage indexes, in that order.
func (h hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	rows, err := readRows[journalHash](h.ctx, h.db, "id IN ?", indexes)
	if err != nil {
		return nil, fmt.Errorf("read tree hashes: %w", err)
	}
	found := make(map[int64]tlog.Hash, len(rows))
	for _, r := range rows {
		found[r.ID] = tlog.Hash(r.Hash)
	}
	out := make([]tlog.Hash, len(indexes))
	for i, id := range indexes {
		hash, ok := found[id]
		if !ok {
			return nil, fmt.Errorf("tree hash %d is missing", id)
		}
		out[i] = hash
	}
	return out, nil
}

type journalHash struct {
	ID   int64 `gorm:"primaryKey;autoIncrement:false"` // the first is 0
	Hash []byte
}

// TableName is the table of the tree's hashes.
func (journalHash) TableName() string { return "journal_hashes" }

// pendingHashes are tree hashes of this transaction on top of the stored ones.
type pendingHashes struct {
	stored hashReader
	fresh  map[int64]tlog.Hash
	order  []journalHash
}

// ReadHashes serves tlog from the fresh hashes first.
func (p *pendingHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var ask, at []int64
	for i, id := range indexes {
		if hash, ok := p.fresh[id]; ok {
			out[i] = hash
			continue
		}
		ask, at = append(ask, id), append(at, int64(i))
	}
	got, err := p.stored.ReadHashes(ask)
	if err != nil {
		return nil, err
	}
	for i, hash := range got {
		out[at[i]] = hash
	}
	return out, nil
}

func (p *pendingHashes) add(size int64, record []byte) error {
	hashes, err := audit.Append(size, record, p)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, size)
	for i, hash := range hashes {
		p.fresh[first+int64(i)] = hash
		p.order = append(p.order, journalHash{ID: first + int64(i), Hash: hash[:]})
	}
	return nil
}

func (p *pendingHashes) save(ctx context.Context, db *gorm.DB) error {
	if err := storeAll(ctx, db, p.order); err != nil {
		return fmt.Errorf("store tree hashes: %w", err)
	}
	return nil
}

// JournalRecord is one record with the proof that the newest checkpoint covers it.
type JournalRecord struct {
	Row        JournalRow
	Leaf       tlog.Hash
	Checkpoint *Checkpoint // nil: no checkpoint covers it yet
	Proof      tlog.RecordProof
	Keys       string // public keys of this installation, one a line
}

// JournalProof reads record no with its inclusion proof, or Missing when the actor may not see it.
func (a *App) JournalProof(ctx context.Context, actor Actor, no int64) (JournalRecord, error) {
	rows, err := a.Journal(ctx, actor, JournalFilter{Before: no + 1, Limit: 1})
	if err != nil {
		return JournalRecord{}, err
	}
	if len(rows) == 0 || rows[0].No != no {
		return JournalRecord{}, missing()
	}
	r := JournalRecord{Row: rows[0], Leaf: audit.LeafHash(rows[0].Record)}
	newest, err := a.Checkpoints(ctx, 1)
	if err != nil || len(newest) == 0 || newest[0].Size < no {
		return r, err
	}
	r.Checkpoint = &newest[0]
	if r.Keys, err = a.PublicKeys(ctx); err != nil {
		return r, err
	}
	r.Proof, err = tlog.ProveRecord(newest[0].Size, no-1, hashReader{ctx, a.db.read})
	return r, err
}
