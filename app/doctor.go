package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"battlemap/app/audit"
	"battlemap/workflows"
)

// DoctorRun is one examination of the database; rows are never changed.
type DoctorRun struct {
	ID       int64 `gorm:"primaryKey"`
	At       int64
	Scope    string // "quick" before serving, "whole" at night
	Node     string
	Size     int64 // records of the journal at that moment
	Sound    bool
	Findings string // JSON of []Finding
}

// Found reads what the run found.
func (r DoctorRun) Found() ([]Finding, error) {
	var list []Finding
	if err := json.Unmarshal([]byte(r.Findings), &list); err != nil {
		return nil, fmt.Errorf("findings of run %d: %w", r.ID, err)
	}
	return list, nil
}

// Finding is what one check of the doctor saw.
type Finding struct {
	Check   string   `json:"check"`             // its name, with a sentence below "doctor.check." in the catalogs
	Looked  int64    `json:"looked"`            // how many things it looked at
	Broken  int64    `json:"broken"`            // how many of them are not as they must be
	Left    string   `json:"left,omitempty"`    // why it could not look, a sentence below "doctor.left."
	Remarks []Remark `json:"remarks,omitempty"` // the first few
}

// Sound tells whether nothing was wrong; a check that could not look found nothing wrong, and says so.
func (f Finding) Sound() bool { return f.Broken == 0 }

// Remark is one thing that is not as it must be, or, where it is mild, one that people should know.
type Remark struct {
	Key  string         `json:"key"` // of its sentence, below "doctor.found."
	Args map[string]any `json:"args,omitempty"`
	Mild bool           `json:"mild,omitempty"`
}

// mostRemarks is how many offenders a check names; it counts all.
const mostRemarks = 5

// add counts an offender and names it if it is among the first.
func (f *Finding) add(key string, pairs ...any) {
	f.Broken++
	f.note(Remark{Key: key, Args: named(pairs)})
}

// mention names what is no fault.
func (f *Finding) mention(key string, pairs ...any) {
	f.note(Remark{Key: key, Args: named(pairs), Mild: true})
}

func (f *Finding) note(r Remark) {
	if len(f.Remarks) < mostRemarks {
		f.Remarks = append(f.Remarks, r)
	}
}

func named(pairs []any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m
}

// ReturnedNote is a checkpoint that left the building earlier, as it came back.
type ReturnedNote struct {
	Name string // of its file
	Text []byte
}

// doctor is one examination: it sees the database as it was at one instant and changes nothing.
type doctor struct {
	ctx    context.Context
	app    *App
	db     *gorm.DB
	public string // keys of the checkpoints, one a line; "": signatures can't be checked
	notes  []ReturnedNote
	size   int64 // by the journal's head
	whole  bool
	made   definitions
}

// exam is one thing that the doctor proves; quick ones don't take longer as the journal grows.
type exam struct {
	name  string
	quick bool
	look  func(*doctor, *Finding) error
}

// exams are what the doctor proves, in this order; the numbers are those of the invariants, which the sentences of the checks (doctor.check.*) spell out.
func exams() []exam {
	return []exam{
		{"guards", true, lookGuards},            // I7: the triggers that keep the past as it is
		{"head", true, lookHead},                // I7: size of the tree, rows, hashes
		{"edge", true, lookEdge},                // I7: the newest records and the last checkpoint
		{"escalations", false, lookEscalations}, // I3
		{"letters", false, lookLetters},
		{"rungs", false, lookRungs},       // I8
		{"lights", false, lookLights},     // I8
		{"laws", false, lookLaws},         // I8         // I4
		{"late", false, lookLate},         // I6
		{"files", false, lookFiles},       // I10
		{"database", false, lookDatabase}, // I9
	}
}

// Diagnose examines the database and stores nothing; whole looks at everything, otherwise only what a start can wait for. notes are checkpoints that left
// earlier, and public the keys by which they and the stored ones are believed.
func (a *App) Diagnose(ctx context.Context, whole bool, public string, notes []ReturnedNote) ([]Finding, int64, error) {
	var found []Finding
	var size int64
	made, err := a.db.defined() // before the transaction, which must not stand still meanwhile
	if err != nil {
		return nil, 0, err
	}
	err = a.db.read.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		d := &doctor{ctx: ctx, app: a, db: db, public: public, notes: notes, whole: whole, made: made}
		if err := scanOne(db.Raw("SELECT COALESCE(MAX(size), 0) FROM journal_head WHERE id = 1"), &d.size); err != nil {
			return fmt.Errorf("read the journal's head: %w", err)
		}
		size = d.size
		if err := d.believe(); err != nil {
			return err
		}
		for _, c := range exams() {
			if !whole && !c.quick {
				continue
			}
			f := Finding{Check: c.name}
			if err := d.guarded(&f, c.look); err != nil {
				return err
			}
			found = append(found, f)
		}
		if !whole {
			return nil
		}
		for _, pass := range []func() ([]Finding, error){d.walkJournal, d.lookRows} {
			more, err := pass()
			if err != nil {
				return err
			}
			found = append(found, more...)
		}
		return nil
	}, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	return found, size, err
}

// believe takes the keys before and after a trusted one to be this journal's too, where both signed that one follows the other.
func (d *doctor) believe() error {
	chain, err := table[SigningKey](d.db).Order("id").Find(d.ctx)
	if err != nil || d.public == "" {
		return err
	}
	known := false
	var keys []string
	for _, k := range chain {
		r, err := audit.OpenRotation([]byte(k.Statement))
		if err != nil || r.Old != k.Previous || r.New != k.PublicKey {
			return nil
		}
		keys = append(keys, k.Previous, k.PublicKey)
	}
	for _, line := range strings.Fields(d.public) {
		known = known || slices.Contains(keys, line)
	}
	if known {
		slices.Sort(keys)
		d.public = strings.Join(slices.Compact(append(keys, strings.Fields(d.public)...)), "\n")
	}
	return nil
}

// guarded runs a check; a question that the database can't answer is a finding of its own, and the next check is asked nevertheless.
func (d *doctor) guarded(f *Finding, look func(*doctor, *Finding) error) error {
	if err := d.db.SavePoint("one_exam").Error; err != nil {
		return err
	}
	err := caught(func() error { return look(d, f) })
	if d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	if damaged(err) && !d.whole {
		return err // nobody may work on a file that can't be read: a start ends here, as it would at the first page
	}
	if err != nil {
		f.add("unreadable", "Error", err.Error())
	}
	return d.db.RollbackTo("one_exam").Error
}

// Sound tells whether no finding is broken.
func Sound(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return !f.Sound() })
}

// Examine examines the database and stores the result. When the state changes, from sound to broken or back, the journal says so; an unsound run stops new
// checkpoints until a clean one.
func (a *App) Examine(ctx context.Context, actor Actor, whole bool) (DoctorRun, error) {
	found, size, err := a.Diagnose(ctx, whole, a.opt.PublicKey, nil)
	if err != nil {
		return DoctorRun{}, fmt.Errorf("examine the database: %w", err)
	}
	text, err := json.Marshal(found)
	if err != nil {
		return DoctorRun{}, err
	}
	run := DoctorRun{Scope: "quick", Node: a.opt.Node, Size: size, Sound: Sound(found), Findings: string(text)}
	if whole {
		run.Scope = "whole"
	}
	store := func(t *tx) error {
		run.ID, run.At = 0, t.now.Unix()
		if err := t.numberRow(&run, &run.ID); err != nil {
			return err
		}
		return table[DoctorRun](t.db).Create(t.ctx, &run)
	}
	err = a.writeOr(ctx, actor, func(t *tx) error { return t.examined(&run, found, store) }, store)
	if err != nil && !run.Sound && !errors.Is(err, ErrLeaseLost) {
		// A journal that is broken may not take a record; that it is must be known all the same.
		a.opt.Log.Error("the doctor's finding could not be recorded in the journal", "error", err)
		err = a.chore(ctx, store)
	}
	if err == nil && !run.Sound {
		a.opt.Log.Error("the database is not sound; no checkpoint is signed until it is", "run", run.ID, "findings", run.Findings)
	}
	return run, err
}

// examined stores a run and records a change of state.
func (t *tx) examined(run *DoctorRun, found []Finding, store func(*tx) error) error {
	was, err := unsoundOn(t.ctx, t.db)
	if err != nil {
		return err
	}
	if err := store(t); err != nil {
		return err
	}
	is, err := unsoundOn(t.ctx, t.db)
	if err != nil || is == was {
		return err
	}
	action := "doctor.sound"
	if is {
		action = "doctor.unsound"
	}
	var broken []string
	for _, f := range found {
		if !f.Sound() {
			broken = append(broken, f.Check)
		}
	}
	t.record(change{action: action, kind: "doctor", id: run.ID, after: map[string]any{"scope": run.Scope, "checks": broken, "size": run.Size}})
	return nil
}

// unsound tells whether the doctor found the database broken and no clean run has lifted that since: then no checkpoint may be signed. A quick run does not
// lift what a whole one found.
func (a *App) unsound(ctx context.Context) (bool, error) { return unsoundOn(ctx, a.db.read) }

func unsoundOn(ctx context.Context, db *gorm.DB) (bool, error) {
	n, err := table[DoctorRun](db).Where("sound = ? AND id IN (SELECT MAX(id) FROM doctor_runs UNION SELECT MAX(id) FROM doctor_runs WHERE scope = 'whole')", false).Count(ctx, "id")
	if err != nil {
		return false, fmt.Errorf("read the doctor's last runs: %w", err)
	}
	return n > 0, nil
}

// doctorReaders see what the doctor found.
func doctorReaders() []workflows.Role {
	return []workflows.Role{workflows.RoleInspector, workflows.RoleSupervisionDirector, workflows.RoleAdministrator}
}

// DoctorRuns lists the newest runs, the newest first; Denied for those whom it does not concern.
func (a *App) DoctorRuns(ctx context.Context, actor Actor, limit int) ([]DoctorRun, error) {
	if err := a.view(ctx, actor).require(place{}, doctorReaders()...); err != nil {
		return nil, err
	}
	return table[DoctorRun](a.db.read).Order("id DESC").Limit(limit).Find(ctx)
}
