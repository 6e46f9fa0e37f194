package app

import (
	"context"
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Law is one version of a rule set or of a workflow, from its draft on. Once decided it never changes, and nothing is ever taken out.
type Law struct {
	Row
	Kind          string // "ruleset" or "machine"
	Name          string // what the text calls itself: "default", "ticket"
	Edition       int    // the version that the text gives itself
	YAML          string `gorm:"column:yaml" journal:"-"`
	SHA256        string `gorm:"column:sha256"`
	Source        string // the document it comes from, as the text says
	State         string // "draft", "approved", "rejected" or "withdrawn"
	Reason        string // why it is drafted
	DraftedBy     int64
	DraftedAt     int64
	DecidedBy     int64 // somebody else than DraftedBy; 0 for what came with the program
	DecidedAt     int64
	DecisionNote  string
	EffectiveFrom calendar.Date
}

// TableName is the table of the law.
func (Law) TableName() string { return "laws" }

func lawChange(action string, l *Law, was any) change {
	return change{action: action, kind: "law", id: l.ID, no: l.no(), before: was, after: l}
}

// no is the version's public name, "ruleset default@2".
func (l *Law) no() string { return fmt.Sprintf("%s %s@%d", l.Kind, l.Name, l.Edition) }

// seedLaws takes over what the program brings where the district has nothing of the same name that is as new. The first version holds from the day that
// the file names; one that comes with a newer program from the next day on.
func (a *App) seedLaws(ctx context.Context) error {
	for _, e := range shipped(a.opt) {
		a.compiled.by[e.kind+" "+lawHash(e.text())] = e
	}
	err := a.write(ctx, System("program"), func(t *tx) error {
		for _, e := range shipped(a.opt) {
			if err := t.seedLaw(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && err != errNothing && !duplicate(err) { // another node that starts at the same time may be first
		return fmt.Errorf("take over the law that comes with the program: %w", err)
	}
	_, err = a.readLaws(ctx, a.db.read)
	return err
}

func (t *tx) seedLaw(e enacted) error {
	have, err := list[Law](t, "edition", "kind = ? AND name = ? AND state = 'approved'", e.kind, e.name)
	if err != nil {
		return err
	}
	if len(have) > 0 && have[len(have)-1].Edition >= e.edition {
		return nil
	}
	l := &Law{Kind: e.kind, Name: e.name, Edition: e.edition, YAML: e.text(), SHA256: lawHash(e.text()), State: "approved", DraftedAt: t.now.Unix(),
		DecidedAt: t.now.Unix(), EffectiveFrom: t.today.AddDays(1)}
	l.Source = sourceOf(e)
	if len(have) == 0 {
		if l.EffectiveFrom, err = firstDay(e); err != nil {
			return err
		}
	}
	if err := insert(t, l); err != nil {
		return err
	}
	t.record(lawChange("law.ship", l, nil))
	return nil
}

// firstDay is from when the first version holds: for a rule set the day that its file names, for a workflow ever.
func firstDay(e enacted) (calendar.Date, error) {
	if e.rules == nil {
		return 0, nil
	}
	return calendar.ParseDate(e.rules.Effective)
}

// Laws lists every version, the newest first, without their texts; drafts only for those who draft, decide or supervise.
func (a *App) Laws(ctx context.Context, actor Actor) ([]Law, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	q := table[Law](a.db.read).Omit("yaml").Where("1 = 1")
	if !s.all {
		q = table[Law](a.db.read).Omit("yaml").Where("state = 'approved'")
	}
	return q.Order("id DESC").Find(ctx)
}

// LawFile is one version with what its page shows.
type LawFile struct {
	Law     Law
	Rules   *workflows.Ruleset // of a rule set
	Machine *workflows.Machine // of a workflow
	Before  *Law               // the version in force before it takes effect, or today; nil for the first
	Edit    bool               // the actor may change or withdraw it
	Decide  bool               // the actor may approve or reject it
	Own     bool               // the actor drafted it, so somebody else must decide
}

// LawFile reads one version; drafts are missing for those who do not see the whole district.
func (a *App) LawFile(ctx context.Context, actor Actor, id int64) (LawFile, error) {
	l, err := table[Law](a.db.read).Where("id = ?", id).First(ctx)
	if noRow(err) {
		return LawFile{}, missing()
	}
	if err != nil {
		return LawFile{}, err
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return LawFile{}, err
	}
	if l.State != "approved" && !s.all {
		return LawFile{}, missing()
	}
	e, err := parseLaw(l.Kind, l.YAML)
	if err != nil {
		return LawFile{}, fmt.Errorf("read %s: %w", l.no(), err)
	}
	f := LawFile{Law: l, Rules: e.rules, Machine: e.machine, Own: l.DraftedBy == actor.ID && !actor.trusted()}
	if l.State == "draft" {
		f.Edit, f.Decide = s.may(place{}, lawDrafters()...), !f.Own && s.may(place{}, lawDeciders()...)
	}
	f.Before, err = a.lawBefore(ctx, &l)
	return f, err
}

// lawBefore is the version that the given one follows.
func (a *App) lawBefore(ctx context.Context, l *Law) (*Law, error) {
	where, args := "kind = 'ruleset'", []any(nil)
	if l.Kind == "machine" {
		where, args = "kind = 'machine' AND name = ?", []any{l.Name}
	}
	day := a.Today()
	if l.State == "approved" {
		day = l.EffectiveFrom.AddDays(-1)
		if l.EffectiveFrom.IsZero() {
			return nil, nil
		}
	}
	rows, err := table[Law](a.db.read).Where("state = 'approved' AND id <> ? AND effective_from <= ?", l.ID, day).Where(where, args...).
		Order("effective_from DESC, id DESC").Limit(1).Find(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// MayDraftLaw tells whether the actor may draft a version of the law.
func (a *App) MayDraftLaw(ctx context.Context, actor Actor) (bool, error) {
	s, err := a.sight(ctx, actor)
	return err == nil && s.may(place{}, lawDrafters()...), err
}
