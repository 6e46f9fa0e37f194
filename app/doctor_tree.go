package app

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
)

// lookHead compares the size that the journal's head states with the rows and the hashes that are there, and its time with that of the last record. Before serving only
// what came after the last whole run that was sound is counted, since counting ten million rows takes seconds; every night all of them are.
func lookHead(d *doctor, f *Finding) error {
	since, err := d.countedBefore()
	if err != nil {
		return err
	}
	var heads, rows, last, at, headAt, hashes int64
	first := tlog.StoredHashCount(since)
	err = errors.Join(
		scanOne(d.db.Raw("SELECT COUNT(*), COALESCE(MAX(at), 0) FROM journal_head"), &heads, &headAt),
		scanOne(d.db.Raw("SELECT COUNT(*) FROM journal WHERE no > ?", since), &rows),
		scanOne(d.db.Raw("SELECT COALESCE(MAX(no), 0) FROM journal"), &last),
		scanOne(d.db.Raw("SELECT COALESCE(MAX(at), 0) FROM journal WHERE no = ?", d.size), &at),
		scanOne(d.db.Raw("SELECT COUNT(*) FROM journal_hashes WHERE id >= ?", first), &hashes),
	)
	if err != nil {
		return err
	}
	rows, hashes = rows+since, hashes+first
	f.Looked = rows
	if heads != 1 {
		f.add("head_missing")
	}
	if rows != d.size || last != d.size {
		f.add("head_rows", "Size", d.size, "Rows", rows, "Last", last)
	}
	if want := tlog.StoredHashCount(d.size); hashes != want {
		f.add("head_hashes", "Hashes", hashes, "Want", want)
	}
	if at != headAt {
		f.add("head_time", "No", d.size)
	}
	return nil
}

// countedBefore is the size of the journal at the last whole run, if it was sound and a part is enough: so many rows and hashes need not be counted again.
func (d *doctor) countedBefore() (int64, error) {
	if d.whole {
		return 0, nil
	}
	last, err := table[DoctorRun](d.db).Where("scope = 'whole'").Order("id DESC").Limit(1).Find(d.ctx)
	if err != nil || len(last) == 0 || !last[0].Sound || last[0].Size > d.size {
		return 0, err
	}
	return last[0].Size, nil
}

// edgeRecords is how many of the newest records a start looks at.
const edgeRecords = 64

// lookEdge proves the newest records and the hashes above them from the hashes stored before, and the last checkpoint from the stored tree.
func lookEdge(d *doctor, f *Finding) error {
	rows, err := table[JournalRow](d.db).Where("no > ?", d.size-edgeRecords).Order("no").Limit(2 * edgeRecords).Find(d.ctx)
	if err != nil {
		return err
	}
	stored := hashReader{d.ctx, d.db}
	for _, r := range rows {
		f.Looked++
		want, err := tlog.StoredHashes(r.No-1, r.Record, stored)
		if err != nil {
			f.add("hashes_gone", "No", r.No)
			continue
		}
		first := tlog.StoredHashIndex(0, r.No-1)
		ids := make([]int64, len(want))
		for i := range ids {
			ids[i] = first + int64(i)
		}
		have, err := stored.ReadHashes(ids)
		switch {
		case err != nil:
			f.add("hashes_gone", "No", r.No)
		case have[0] != want[0]:
			f.add("leaf", "No", r.No)
		case !slices.Equal(have, want):
			f.add("node", "No", r.No)
		}
	}
	return d.lastCheckpoint(f, stored)
}

func (d *doctor) lastCheckpoint(f *Finding, stored hashReader) error {
	newest, err := table[Checkpoint](d.db).Order("size DESC").Limit(1).Find(d.ctx)
	if err != nil || len(newest) == 0 {
		return err
	}
	f.Looked++
	c := newest[0]
	if c.Size > d.size {
		f.add("checkpoint_ahead", "Size", c.Size, "Have", d.size)
		return nil
	}
	root, err := audit.Root(c.Size, stored)
	if err != nil {
		f.add("hashes_gone", "No", c.Size)
		return nil
	}
	if stated, ok := statedRoot(c.Note); !ok || stated != root {
		f.add("checkpoint_root", "Size", c.Size)
	}
	return nil
}

// statedRoot is the root that a note states, signed or not.
func statedRoot(note string) (tlog.Hash, bool) {
	lines := strings.SplitN(note, "\n", 4)
	if len(lines) < 4 {
		return tlog.Hash{}, false
	}
	root, err := tlog.ParseHash(lines[2])
	return root, err == nil
}

// statedSize is the size that a note states, or -1.
func statedSize(note string) int64 {
	lines := strings.SplitN(note, "\n", 3)
	if len(lines) < 3 {
		return -1
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// growing is the right edge of a tree as it grows by leaves: the roots of its complete subtrees, the largest first.
type growing struct {
	size int64
	edge []tlog.Hash
}

// add returns the hashes that are stored with a leaf: its own, and those of the subtrees that it completes.
func (g *growing) add(leaf tlog.Hash) []tlog.Hash {
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

func (g *growing) root() tlog.Hash {
	if len(g.edge) == 0 {
		return tlog.Hash{}
	}
	last := len(g.edge) - 1
	root := g.edge[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(g.edge[i], root)
	}
	return root
}

// walk reads the journal once from its beginning, with the tree, the checkpoints and the notes that came back beside it. It keeps no more than the edge of two
// trees: one of the records as they are, one of the hashes as they are stored.
type walk struct {
	*doctor
	leaves, nodes, order, columns, signed, against *Finding
	bytes, kept                                    growing
	at                                             int64 // of the record before
	next                                           []Checkpoint
	came                                           []ReturnedNote // those that are still ahead, the smallest first
}

// pageOfWalk is how many records are read at a time.
const pageOfWalk = 500

// walkJournal proves I7 whole: every record under its hash, every hash above it, every past checkpoint, every note that came back.
func (d *doctor) walkJournal() ([]Finding, error) {
	names := []string{"leaves", "nodes", "order", "columns", "checkpoints", "against"}
	found := make([]Finding, len(names))
	for i, name := range names {
		found[i].Check = name
	}
	w := &walk{doctor: d, leaves: &found[0], nodes: &found[1], order: &found[2], columns: &found[3], signed: &found[4], against: &found[5]}
	w.receive()
	// What can't be read is broken, and no reason to keep silent about the rest.
	return found, d.guarded(w.leaves, func(*doctor, *Finding) error { return w.run() })
}

func (w *walk) run() error {
	if err := w.fill(0); err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := table[JournalRow](w.db).Where("no > ?", after).Order("no").Limit(pageOfWalk).Find(w.ctx)
		if err != nil {
			return fmt.Errorf("read the journal after %d: %w", after, err)
		}
		if len(rows) == 0 {
			break
		}
		if err := w.page(rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].No
	}
	w.end()
	return nil
}

// receive sorts the notes that came back and drops those that are no evidence.
func (w *walk) receive() {
	if len(w.notes) == 0 {
		w.against.Left = "no_notes"
		return
	}
	for _, n := range w.notes {
		w.against.Looked++
		if _, err := audit.OpenCheckpoint(n.Text, w.public); err != nil {
			w.against.add("note_unproven", "File", n.Name, "Error", err.Error())
			continue
		}
		w.came = append(w.came, n)
	}
	slices.SortStableFunc(w.came, func(a, b ReturnedNote) int {
		return cmp.Compare(statedSize(string(a.Text)), statedSize(string(b.Text)))
	})
}

// fill reads the next checkpoints.
func (w *walk) fill(after int64) (err error) {
	if len(w.next) == 0 {
		w.next, err = table[Checkpoint](w.db).Where("size > ?", after).Order("size").Limit(pageOfWalk).Find(w.ctx)
	}
	return err
}

func (w *walk) page(rows []JournalRow) error {
	first := tlog.StoredHashIndex(0, rows[0].No-1)
	end := tlog.StoredHashIndex(0, rows[len(rows)-1].No)
	stored, err := table[journalHash](w.db).Where("id >= ? AND id < ?", first, end).Order("id").Limit(4 * pageOfWalk).Find(w.ctx)
	if err != nil {
		return fmt.Errorf("read tree hashes: %w", err)
	}
	hashes := make(map[int64]tlog.Hash, len(stored))
	for _, h := range stored {
		if len(h.Hash) == len(tlog.Hash{}) {
			hashes[h.ID] = tlog.Hash(h.Hash)
		}
	}
	for _, r := range rows {
		if err := w.record(r, hashes); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) record(r JournalRow, hashes map[int64]tlog.Hash) error {
	w.leaves.Looked++
	w.order.Looked++
	if r.No != w.bytes.size+1 {
		w.order.add("gap", "First", w.bytes.size+1, "Last", r.No-1)
		w.bytes.size, w.kept.size = r.No-1, r.No-1 // the trees can't be trusted from here on, and the checkpoints will say so
		w.bytes.edge, w.kept.edge = edgeOfNothing(w.bytes.size), edgeOfNothing(w.kept.size)
	}
	if r.At < w.at {
		w.order.add("clock_back", "No", r.No)
	}
	w.at = r.At
	w.compare(r)
	leaf, first := audit.LeafHash(r.Record), tlog.StoredHashIndex(0, r.No-1)
	w.bytes.add(leaf)
	have, ok := hashes[first]
	switch {
	case !ok:
		w.leaves.add("hashes_gone", "No", r.No)
		have = leaf
	case have != leaf:
		w.leaves.add("leaf", "No", r.No)
	}
	for i, want := range w.kept.add(have)[1:] {
		w.nodes.Looked++
		if got, ok := hashes[first+1+int64(i)]; !ok || got != want {
			w.nodes.add("node", "No", r.No)
		}
	}
	return w.passed(r.No)
}

// edgeOfNothing stands for the subtrees that can't be worked out any more.
func edgeOfNothing(size int64) []tlog.Hash {
	var n int
	for ; size > 0; size &= size - 1 {
		n++
	}
	return make([]tlog.Hash, n)
}

// compare holds the columns by which a record is found against what the record says.
func (w *walk) compare(r JournalRow) {
	w.columns.Looked++
	said, err := r.Decoded()
	if err != nil {
		w.columns.add("no_record", "No", r.No, "Error", err.Error())
		return
	}
	at, err := time.Parse(time.RFC3339, said.At)
	for _, c := range []struct {
		name string
		same bool
	}{
		{"no", said.No == r.No}, {"at", err == nil && at.Unix() == r.At}, {"actor_kind", said.Actor.Kind == r.ActorKind}, {"actor_id", said.Actor.ID == r.ActorID},
		{"action", said.Action == r.Action}, {"object_kind", said.Object.Kind == r.ObjectKind}, {"object_id", said.Object.ID == r.ObjectID},
		{"task_force_id", said.TaskForce == r.TaskForceID}, {"project_id", said.Project == r.ProjectID}, {"ticket_id", said.Ticket == r.TicketID},
		{"unit", said.Actor.Unit == r.Unit}, {"rule", withoutVersion(said.Rule) == r.Rule},
	} {
		if !c.same {
			w.columns.add("column", "No", r.No, "Column", c.name)
		}
	}
}

// passed holds what is signed about the journal of this size against it.
func (w *walk) passed(size int64) error {
	for len(w.next) > 0 && w.next[0].Size <= size {
		w.checkpoint(w.next[0])
		w.next = w.next[1:]
		if err := w.fill(size); err != nil {
			return err
		}
	}
	for len(w.came) > 0 && statedSize(string(w.came[0].Text)) <= size {
		n := w.came[0]
		w.came = w.came[1:]
		if root, ok := statedRoot(string(n.Text)); !ok || statedSize(string(n.Text)) != size && size > 0 || root != w.bytes.root() {
			w.against.add("note_differs", "File", n.Name, "Size", statedSize(string(n.Text)))
		}
	}
	return nil
}

func (w *walk) checkpoint(c Checkpoint) {
	w.signed.Looked++
	root, ok := statedRoot(c.Note)
	switch {
	case !ok || statedSize(c.Note) != c.Size:
		w.signed.add("checkpoint_form", "Size", c.Size)
	case c.Size != w.bytes.size || root != w.bytes.root():
		w.signed.add("checkpoint_root", "Size", c.Size)
	case w.public == "":
		w.signed.Left = "no_key"
	default:
		opened, err := audit.OpenCheckpoint([]byte(c.Note), w.public)
		if err != nil {
			w.signed.add("checkpoint_signature", "Size", c.Size, "Error", err.Error())
		} else if opened.At.Unix() != c.At {
			w.signed.add("checkpoint_form", "Size", c.Size)
		}
	}
}

// end says what was signed about records that are not there any more.
func (w *walk) end() {
	for _, c := range w.next {
		w.signed.Looked++
		w.signed.add("checkpoint_ahead", "Size", c.Size, "Have", w.bytes.size)
	}
	for _, n := range w.came {
		w.against.add("note_ahead", "File", n.Name, "Size", statedSize(string(n.Text)), "Have", w.bytes.size)
	}
	if w.bytes.size < w.size {
		w.order.add("gap", "First", w.bytes.size+1, "Last", w.size)
	}
}
