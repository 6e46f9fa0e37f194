package apptest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver that puts the rows in
	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app"
	"battlemap/app/audit"
)

// Size is how large a generated district is.
type Size struct {
	Tickets int // all of them open and in progress, with their alarm clocks set
	Records int // of the journal; as many as the tickets need, if it is less
}

// Generate makes the small district of a world on SQLite large: copies of a ticket for each of ten task forces, every one with its receiving unit, its records in
// the journal under the Merkle tree, and its words in the search; what is left of the records says that somebody read the journal. The patterns go through
// the door, the copies past it, since ten million writes take a day: but a doctor finds nothing wrong with them. The same size gives the same rows, whatever the day.
func (w *World) Generate(t testing.TB, s *Small, size Size) {
	t.Helper()
	patterns := w.patterns(t, s)
	Must(t, w.App.Close(), "close before the copies are made")
	w.App = nil
	path := strings.TrimPrefix(w.Options.Database, "sqlite:")
	// Without a journal of its own and without waiting for the disk: a database that breaks here is made anew.
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=OFF&_synchronous=OFF&_cache_size=-300000&_locking_mode=EXCLUSIVE")
	Must(t, err, "open %s", path)
	db.SetMaxOpenConns(1)
	g := newGenerator(t, db, patterns)
	for n := range max(0, size.Tickets-len(patterns)) {
		g.ticket(n)
	}
	for g.tree.size < int64(size.Records) {
		g.reading()
	}
	g.finish()
	Must(t, db.Close(), "close the copies")
	w.Reopen(t)
	Must(t, w.App.SignCheckpoint(context.Background()), "sign")
}

// patterns issues one ticket for each of ten task forces and lets the units begin to work on it.
func (w *World) patterns(t testing.TB, s *Small) []int64 {
	t.Helper()
	ctx := context.Background()
	forces := []int64{s.Forces["1"], s.Forces["10"]}
	for i := 2; i < 10; i++ {
		f, err := w.App.AddTaskForce(ctx, app.Setup("test"), app.AddTaskForce{Code: strconv.Itoa(i), Name: fmt.Sprint("示例专班", i), LeaderID: s.Users["tf1"], UnitID: s.Units["gxj"]})
		Must(t, err, "add a task force")
		forces = append(forces, f.ID)
	}
	titles := []string{"示例道路改造", "示例供水管网", "示例征拆腾退", "示例厂房建设", "示例用地报批", "示例电力接入", "示例环评审批", "示例资金拨付", "示例竣工验收", "示例招商签约"}
	var out []int64
	for i, force := range forces {
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: titles[i], Basis: "示例依据", TaskForceID: force, LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
		Must(t, err, "draft")
		for _, step := range []struct{ move, as string }{{"submit_draft", "sup"}, {"approve", "dir"}, {"accept", "gxj.hand"}, {"start", "gxj.hand"}} {
			k, err = w.App.MoveTicket(ctx, w.As(t, step.as), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
			Must(t, err, "move %s", step.move)
		}
		out = append(out, k.ID)
	}
	return out
}

// generator copies patterns into a database.
type generator struct {
	t                                         testing.TB
	db                                        *sql.DB
	patterns                                  []*pattern
	tree                                      tree
	last, lastUnit                            int64 // numbers of tickets and of their units that are taken
	tickets, units, records, hashes, text, of *bulk
	read                                      *line
	at                                        int64 // of the journal's head
}

// pattern is a ticket with everything that is copied with it.
type pattern struct {
	title     string
	row, unit map[string]any
	lines     []*line
}

// line is a record that is copied: its columns, and its bytes with gaps where number, ticket and public number belong.
type line struct {
	columns map[string]any
	parts   [][]byte
	gaps    []byte // what goes into the gap after a part: r, k or n
}

func newGenerator(t testing.TB, db *sql.DB, patterns []int64) *generator {
	t.Helper()
	g := &generator{t: t, db: db}
	for _, r := range g.query("SELECT record FROM journal ORDER BY no") {
		g.tree.add(audit.LeafHash(r["record"].([]byte)))
	}
	g.at = g.query("SELECT at FROM journal_head")[0]["at"].(int64)
	for _, id := range patterns {
		p := &pattern{row: g.query("SELECT * FROM tickets WHERE id = ?", id)[0], unit: g.query("SELECT * FROM ticket_units WHERE ticket_id = ?", id)[0]}
		p.title = p.row["title"].(string)
		for _, r := range g.query("SELECT * FROM journal WHERE object_kind = 'ticket' AND object_id = ? ORDER BY no", id) {
			p.lines = append(p.lines, g.line(r))
		}
		g.patterns = append(g.patterns, p)
		g.last, g.lastUnit = max(g.last, id), max(g.lastUnit, p.unit["id"].(int64))
	}
	g.read = &line{columns: map[string]any{"actor_kind": "system", "actor_id": 0, "action": "journal.read", "object_kind": "journal", "object_id": 0, "task_force_id": 0, "project_id": 0, "ticket_id": 0, "unit": "", "rule": ""}}
	g.read.cut(g.encode(audit.Record{Actor: audit.Actor{Kind: "system", Name: "示例"}, Action: "journal.read", Object: audit.Object{Kind: "journal"}, Reason: "示例查阅"}))
	first := g.patterns[0]
	g.tickets, g.units = g.bulk("tickets", sortedColumns(first.row)), g.bulk("ticket_units", sortedColumns(first.unit))
	g.records = g.bulk("journal", sortedColumns(first.lines[0].columns))
	g.hashes, g.text, g.of = g.bulk("journal_hashes", []string{"id", "hash"}), g.bulk("search_texts", []string{"kind", "ref_id", "text"}), g.bulk("search_grams", []string{"gram", "kind", "ref_id"})
	g.exec("BEGIN")
	return g
}

// The gaps of a record while it is a text: numbers that no record has, and a name that no ticket has.
const (
	gapRecord = 111111111111111111
	gapTicket = 222222222222222222
	gapName   = "§§§"
)

func (g *generator) encode(r audit.Record) []byte {
	g.t.Helper()
	r.No, r.At = gapRecord, time.Unix(g.at, 0).UTC().Format(time.RFC3339)
	text, err := audit.Encode(r)
	Must(g.t, err, "encode")
	return text
}

// line makes a record of a pattern one that can be copied.
func (g *generator) line(columns map[string]any) *line {
	g.t.Helper()
	r, err := audit.Decode(columns["record"].([]byte))
	Must(g.t, err, "decode")
	r.After = bytes.ReplaceAll(r.After, []byte(`"`+r.Object.No+`"`), []byte(`"`+gapName+`"`))
	r.Object.ID, r.Ticket, r.Object.No = gapTicket, gapTicket, gapName
	l := &line{columns: columns}
	l.cut(g.encode(r))
	return l
}

// cut takes the gaps out.
func (l *line) cut(text []byte) {
	gaps := map[byte]string{'r': strconv.Itoa(gapRecord), 'k': strconv.Itoa(gapTicket), 'n': gapName}
	for {
		next, at := byte(0), len(text)
		for kind, gap := range gaps {
			if i := bytes.Index(text, []byte(gap)); i >= 0 && i < at {
				next, at = kind, i
			}
		}
		l.parts = append(l.parts, text[:at])
		if next == 0 {
			return
		}
		l.gaps, text = append(l.gaps, next), text[at+len(gaps[next]):]
	}
}

// fill is the record with its gaps filled.
func (l *line) fill(no, ticket int64, name string) []byte {
	out := make([]byte, 0, 512)
	for i, part := range l.parts {
		out = append(out, part...)
		if i == len(l.gaps) {
			break
		}
		switch l.gaps[i] {
		case 'r':
			out = strconv.AppendInt(out, no, 10)
		case 'k':
			out = strconv.AppendInt(out, ticket, 10)
		default:
			out = append(out, name...)
		}
	}
	return out
}

// ticket makes the n-th copy, of the patterns in turn.
func (g *generator) ticket(n int) {
	p := g.patterns[n%len(g.patterns)]
	g.last, g.lastUnit = g.last+1, g.lastUnit+1
	name := fmt.Sprintf("2022-%06d", n+1) // of a year of its own: the numbers of this year go on as they were
	alarm := p.row["next_check_at"].(int64) + int64(n%1000)
	g.tickets.add(p.row, map[string]any{"id": g.last, "no": name, "next_check_at": alarm})
	g.units.add(p.unit, map[string]any{"id": g.lastUnit, "ticket_id": g.last})
	for _, l := range p.lines {
		g.record(l, g.last, name)
	}
	year, number, _ := strings.Cut(name, "-")
	text, grams := app.Grams(name, "〔"+year+"〕"+number+"号", p.title)
	g.text.put("ticket", g.last, text)
	for _, gram := range grams {
		g.of.put(gram, "ticket", g.last)
	}
}

// reading makes a record that says that somebody read the journal.
func (g *generator) reading() { g.record(g.read, 0, "") }

func (g *generator) record(l *line, ticket int64, name string) {
	no := g.tree.size + 1
	text := l.fill(no, ticket, name)
	g.records.add(l.columns, map[string]any{"no": no, "at": g.at, "object_id": ticket, "ticket_id": ticket, "record": text})
	id := tlog.StoredHashIndex(0, no-1)
	for i, h := range g.tree.add(audit.LeafHash(text)) {
		g.hashes.put(id+int64(i), h[:])
	}
}

func (g *generator) finish() {
	for _, b := range []*bulk{g.tickets, g.units, g.records, g.hashes, g.text, g.of} {
		b.flush()
	}
	g.exec("UPDATE journal_head SET size = ?", g.tree.size)
	g.exec("COMMIT")
	g.exec("ANALYZE")
}

func (g *generator) exec(query string, args ...any) {
	g.t.Helper()
	_, err := g.db.Exec(query, args...)
	Must(g.t, err, "%s", query)
}

// query reads whole rows by column.
func (g *generator) query(query string, args ...any) []map[string]any {
	g.t.Helper()
	rows, err := g.db.Query(query, args...)
	Must(g.t, err, "%s", query)
	defer rows.Close()
	names, err := rows.Columns()
	Must(g.t, err, "columns")
	var out []map[string]any
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		Must(g.t, rows.Scan(into...), "scan")
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i]
		}
		out = append(out, row)
	}
	Must(g.t, rows.Err(), "read")
	return out
}

// bulk gathers rows of a table and inserts many at a time.
type bulk struct {
	g      *generator
	table  string
	names  []string
	values []any
	many   *sql.Stmt
}

// rowsAtOnce is how many rows one statement inserts.
const rowsAtOnce = 100

func (g *generator) bulk(table string, names []string) *bulk {
	g.t.Helper()
	b := &bulk{g: g, table: table, names: names}
	var err error
	b.many, err = g.db.Prepare(b.statement(rowsAtOnce))
	Must(g.t, err, "prepare for %s", table)
	return b
}

func (b *bulk) statement(rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(b.names)), ",") + ")"
	return "INSERT INTO " + b.table + " (" + strings.Join(b.names, ",") + ") VALUES " + strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}

// add inserts a row that is like another but for some columns.
func (b *bulk) add(like, other map[string]any) {
	for _, name := range b.names {
		v, ok := other[name]
		if !ok {
			v = like[name]
		}
		b.values = append(b.values, v)
	}
	b.full()
}

func (b *bulk) put(values ...any) {
	b.values = append(b.values, values...)
	b.full()
}

func (b *bulk) full() {
	if len(b.values) < rowsAtOnce*len(b.names) {
		return
	}
	_, err := b.many.Exec(b.values...)
	Must(b.g.t, err, "insert into %s", b.table)
	b.values = b.values[:0]
}

func (b *bulk) flush() {
	if rows := len(b.values) / len(b.names); rows > 0 {
		b.g.exec(b.statement(rows), b.values...)
	}
	Must(b.g.t, b.many.Close(), "close")
}

func sortedColumns(row map[string]any) []string {
	var out []string
	for name := range row {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// tree is the right edge of a Merkle tree that grows by leaves.
type tree struct {
	size int64
	edge []tlog.Hash
}

// add returns the hashes that are stored with a leaf: its own, and those of the subtrees that it completes.
func (g *tree) add(leaf tlog.Hash) []tlog.Hash {
	out := []tlog.Hash{leaf}
	for n := g.size; n&1 == 1; n >>= 1 {
		last := len(g.edge) - 1
		leaf = tlog.NodeHash(g.edge[last], leaf)
		g.edge = g.edge[:last]
		out = append(out, leaf)
	}
	g.edge = append(g.edge, leaf)
	g.size++
	return out
}
