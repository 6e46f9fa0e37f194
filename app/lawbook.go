package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// enacted is one approved version of a rule set or of a workflow; one of rules and machine is set.
type enacted struct {
	id      int64
	kind    string
	name    string
	edition int
	from    calendar.Date
	rules   *workflows.Ruleset
	machine *workflows.Machine
}

// lawbook is every approved version as one transaction sees it, in the order in which they take effect. It is never changed: a publication makes another.
type lawbook struct{ list []enacted }

// compiled keeps every text of the law that was read, by its kind and SHA-256: what is published never changes, so neither does what it means.
type compiled struct {
	mutex sync.Mutex
	by    map[string]enacted
}

func lawHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// shippedBook is the law as the program brings it, for a district that has none of its own yet.
func shippedBook(opt Options) *lawbook {
	b := &lawbook{}
	for _, e := range shipped(opt) {
		b.list = append(b.list, e)
	}
	return b
}

// shipped lists what the program brings: the machines in the order of their names, then the rule set.
func shipped(opt Options) []enacted {
	var list []enacted
	for id, m := range opt.Machines {
		list = append(list, enacted{kind: "machine", name: id, edition: m.Version, machine: m})
	}
	slices.SortFunc(list, func(x, y enacted) int { return strings.Compare(x.name, y.name) })
	return append(list, enacted{kind: "ruleset", name: opt.Ruleset.ID, edition: opt.Ruleset.Version, rules: opt.Ruleset})
}

// text is the file that a version was read from.
func (e enacted) text() string {
	if e.rules != nil {
		return e.rules.Text
	}
	return e.machine.Text
}

// readLaws reads the approved versions. What this process has not met before is compiled from the text in the database, whose hash must be the stored one.
func (a *App) readLaws(ctx context.Context, db *gorm.DB) (*lawbook, error) {
	rows, err := table[Law](db).Select("id, kind, name, edition, sha256, effective_from").Where("state = 'approved'").Order("effective_from, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the law in force: %w", err)
	}
	if len(rows) == 0 {
		return shippedBook(a.opt), nil
	}
	b := &lawbook{list: make([]enacted, 0, len(rows))}
	for _, row := range rows {
		e, err := a.compile(ctx, db, row)
		if err != nil {
			return nil, err
		}
		e.id, e.name, e.edition, e.from = row.ID, row.Name, row.Edition, row.EffectiveFrom
		b.list = append(b.list, e)
	}
	a.known.Store(b)
	return b, nil
}

func (a *App) compile(ctx context.Context, db *gorm.DB, row Law) (enacted, error) {
	key := row.Kind + " " + row.SHA256
	a.compiled.mutex.Lock()
	defer a.compiled.mutex.Unlock()
	if e, ok := a.compiled.by[key]; ok {
		return e, nil
	}
	full, err := table[Law](db).Where("id = ?", row.ID).First(ctx)
	if err != nil {
		return enacted{}, fmt.Errorf("read the text of %s %s@%d: %w", row.Kind, row.Name, row.Edition, err)
	}
	if lawHash(full.YAML) != full.SHA256 {
		return enacted{}, fmt.Errorf("the text of %s %s@%d is not the one that was approved: its SHA-256 differs", row.Kind, row.Name, row.Edition)
	}
	e, err := parseLaw(row.Kind, full.YAML)
	if err != nil {
		return enacted{}, fmt.Errorf("this program can't read %s %s@%d: %w", row.Kind, row.Name, row.Edition, err)
	}
	a.compiled.by[key] = e
	return e, nil
}

// parseLaw reads and checks a text of the law.
func parseLaw(kind, text string) (enacted, error) {
	e := enacted{kind: kind}
	var err error
	if kind == "machine" {
		if e.machine, err = workflows.ReadMachine("", text); err == nil {
			e.name, e.edition = e.machine.ID, e.machine.Version
		}
		return e, err
	}
	if e.rules, err = workflows.ReadRuleset("", text); err == nil {
		e.name, e.edition = e.rules.ID, e.rules.Version
	}
	return e, err
}

// on is the version in force on a day: of a machine by its name, of the district's rule set by whatever name it goes. Before the first one that one holds.
func (b *lawbook) on(kind, name string, day calendar.Date) (enacted, bool) {
	var out enacted
	found := false
	for _, e := range b.list {
		if e.kind != kind || name != "" && e.name != name {
			continue
		}
		if !found || e.from <= day {
			out, found = e, true
		}
	}
	return out, found
}

// of is one version by its number.
func (b *lawbook) of(kind, name string, edition int) (enacted, bool) {
	i := slices.IndexFunc(b.list, func(e enacted) bool { return e.kind == kind && e.name == name && e.edition == edition })
	if i < 0 {
		return enacted{}, false
	}
	return b.list[i], true
}

// machine is the version of a machine under which an item was entered; the one in force on the day for an item that names none.
func (b *lawbook) machine(id string, version int, day calendar.Date) *workflows.Machine {
	if e, ok := b.of("machine", id, version); ok {
		return e.machine
	}
	e, _ := b.on("machine", id, day)
	return e.machine
}

// rules is the rule set of a stamp such as "default@1"; the one in force on the day for an item that carries none.
func (b *lawbook) rules(stamp string, day calendar.Date) *workflows.Ruleset {
	for _, e := range b.list {
		if e.kind == "ruleset" && stamp != "" && rulesStamp(e.rules) == stamp {
			return e.rules
		}
	}
	e, _ := b.on("ruleset", "", day)
	return e.rules
}

// rulesStamp names a rule set and its version, as items and judgements keep it.
func rulesStamp(s *workflows.Ruleset) string { return fmt.Sprintf("%s@%d", s.ID, s.Version) }

// machine is the workflow under which an item was entered.
func (t *tx) machine(id string, version int) *workflows.Machine {
	return t.book.machine(id, version, t.today)
}

// machineNow is the workflow under which an item is entered today.
func (t *tx) machineNow(id string) *workflows.Machine { return t.book.machine(id, 0, t.today) }

// rulesOn is the rule set in force on a day.
func (t *tx) rulesOn(day calendar.Date) *workflows.Ruleset { return t.book.rules("", day) }

// rulesOf is the rule set that an item was issued under, by its stamp.
func (t *tx) rulesOf(stamp string) *workflows.Ruleset { return t.book.rules(stamp, t.today) }

// begins is the instant at which a day's steps, and a law that takes effect on it, begin.
func (t *tx) begins(day calendar.Date) int64 {
	return t.calendar(0).At(day, stepHour, stepMinute).Unix()
}

// nextLaw is the instant at which the next rule set after a day takes effect, 0 when none is approved.
func (t *tx) nextLaw(day calendar.Date) int64 {
	for _, e := range t.book.list {
		if e.kind == "ruleset" && e.from > day {
			return t.begins(e.from)
		}
	}
	return 0
}

// KeepUp reads which law and which calendars are in force, so that pages show what another node has published.
func (a *App) KeepUp(ctx context.Context) error {
	return a.newTx(ctx, a.db.read.WithContext(ctx), System("reading")).open()
}

// Machine is the workflow definition in force today for "ticket" or "project".
func (a *App) Machine(id string) *workflows.Machine {
	return a.known.Load().machine(id, 0, a.Today())
}

// MachineOf is the version of a workflow definition that an item was entered under.
func (a *App) MachineOf(id string, version int) *workflows.Machine {
	return a.known.Load().machine(id, version, a.Today())
}

// Ruleset is the rule set in force today.
func (a *App) Ruleset() *workflows.Ruleset { return a.known.Load().rules("", a.Today()) }

// RulesetBy is the rule set of a stamp such as "default@1", as items keep it; the one in force today when there is no such version.
func (a *App) RulesetBy(stamp string) *workflows.Ruleset {
	return a.known.Load().rules(stamp, a.Today())
}
