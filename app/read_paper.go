package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
)

// PaperFilter narrows the list of papers; zero fields do not.
type PaperFilter struct {
	Unit, Ticket, Project int64
	Kind, State           string
	Codes                 []string
	Text                  string // in the number, the title or the item's number
	Open, Overdue         bool   // Overdue: the last day to answer has passed without an answer
	Limit                 int
}

// PaperRow is a paper with what has become of it.
type PaperRow struct {
	Paper Paper
	Life  PaperLife
}

// Late tells whether the last day to answer has passed on a day without an answer that waits or was accepted.
func (r PaperRow) Late(today calendar.Date) bool {
	return r.Life.waiting() && r.Paper.Kind != "interview_notice" && !r.Paper.DeadlineOn.IsZero() && r.Paper.DeadlineOn < today
}

// PaperRights says which forms the page offers; the door asks again.
type PaperRights struct {
	Receive, Promise, Answer, Decide, Exempt, Record bool
}

// PaperFile is everything about one paper that its page shows.
type PaperFile struct {
	PaperRow
	Acts     []PaperAct // oldest first
	Previous *Paper     // that it takes the place of
	Next     []Paper    // that took its place
	May      PaperRights
}

// papersWhere is the condition on table papers: what lives in one's task forces, projects and tickets, and what one's unit received.
func (s sight) papersWhere() (string, []any) {
	if s.all {
		return "1 = 1", nil
	}
	pw, pa := s.projectsWhere()
	tw, ta := s.ofTicket("papers")
	where := "(papers.task_force_id IN ? OR papers.unit_id IN ? OR (papers.ticket_id = 0 AND papers.project_id IN (SELECT id FROM projects WHERE " + pw + ")) OR " + tw + ")"
	return where, append(append([]any{ids(s.taskForces), ids(s.units)}, pa...), ta...)
}

// Papers lists the papers that the actor may see, the newest first.
func (a *App) Papers(ctx context.Context, actor Actor, f PaperFilter) ([]PaperRow, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.papersWhere()
	q := table[Paper](a.db.read).Where(where, args...)
	for column, value := range map[string]int64{"unit_id": f.Unit, "ticket_id": f.Ticket, "project_id": f.Project} {
		if value > 0 {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", plain(f.Kind))
	}
	if f.Codes != nil {
		q = q.Where("code IN ?", append([]string{""}, f.Codes...))
	}
	if f.Text != "" {
		like := "%" + plain(f.Text) + "%"
		q = q.Where("(no LIKE ? OR heading LIKE ? OR item_no LIKE ?)", like, like, like)
	}
	states := PaperStates()
	if f.Open || f.Overdue {
		states = OpenPaperStates()
	}
	if f.State != "" {
		states = slices.DeleteFunc(states, func(s string) bool { return s != f.State })
	}
	if f.Overdue {
		states = slices.DeleteFunc(states, func(s string) bool { return s == "answered" })
		q = q.Where("kind <> 'interview_notice' AND deadline_on <> '' AND deadline_on < ?", a.Today())
	}
	if len(states) < len(PaperStates()) {
		among := "id IN (SELECT paper_id FROM paper_lives WHERE state IN ?)"
		if f.Unit > 0 || f.Ticket > 0 || f.Project > 0 { // few papers, each of which is looked at
			among = "EXISTS (SELECT 1 FROM paper_lives WHERE paper_lives.paper_id = papers.id AND paper_lives.state IN ?)"
		}
		q = q.Where(among, append([]string{""}, states...))
	}
	q = q.Order("id DESC")
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	papers, err := q.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list papers: %w", err)
	}
	return a.withLives(ctx, papers)
}

func (a *App) withLives(ctx context.Context, papers []Paper) ([]PaperRow, error) {
	numbers := []int64{}
	for _, p := range papers {
		numbers = append(numbers, p.ID)
	}
	lives := map[int64]PaperLife{}
	for part := range slices.Chunk(numbers, 500) {
		found, err := table[PaperLife](a.db.read).Where("paper_id IN ?", part).Find(ctx)
		if err != nil {
			return nil, fmt.Errorf("read what became of papers: %w", err)
		}
		for _, l := range found {
			lives[l.PaperID] = l
		}
	}
	out := make([]PaperRow, len(papers))
	for i, p := range papers {
		out[i] = PaperRow{p, lives[p.ID]}
	}
	return out, nil
}

// PaperFile reads a paper's page by the code of its address, or Missing when the actor may not see it.
func (a *App) PaperFile(ctx context.Context, actor Actor, code string) (PaperFile, error) {
	rows, err := a.Papers(ctx, actor, PaperFilter{Codes: []string{plain(code)}})
	if err != nil {
		return PaperFile{}, err
	}
	if len(rows) == 0 || code == "" {
		return PaperFile{}, missing()
	}
	f := PaperFile{PaperRow: rows[0]}
	t := a.view(ctx, actor)
	if f.Acts, err = list[PaperAct](t, "id", "paper_id = ?", f.Paper.ID); err != nil {
		return f, fmt.Errorf("read what happened to %s: %w", f.Paper.No, err)
	}
	if f.Paper.PreviousID != 0 {
		if f.Previous, err = look[Paper](t, f.Paper.PreviousID); err != nil {
			return f, err
		}
	}
	if f.Next, err = list[Paper](t, "id", "previous_id = ?", f.Paper.ID); err != nil {
		return f, err
	}
	return f, t.paperRights(&f)
}

func (t *tx) paperRights(f *PaperFile) error {
	p, l := &f.Paper, &f.Life
	for may, ask := range map[*bool]func() error{
		&f.May.Receive: func() error { return t.mayReceive(p, l) },
		&f.May.Promise: func() error { return t.mayPromise(p, l) },
		&f.May.Answer:  func() error { return t.mayAnswer(p, l) },
		&f.May.Decide:  func() error { return t.mayDecide(p, l, "accept") },
		&f.May.Exempt:  func() error { return t.mayDecide(p, l, "exempt") },
		&f.May.Record:  func() error { return t.mayRecord(p, l) },
	} {
		err := ask()
		if err != nil && AsFaults(err) == nil {
			return fmt.Errorf("ask what may be done to %s: %w", p.No, err)
		}
		*may = err == nil
	}
	return nil
}

// MayIssue lists the forms that the actor may issue by hand on a ticket or project, none when they may not, and the open papers on the matter.
func (a *App) MayIssue(ctx context.Context, actor Actor, kind string, id int64) ([]string, []Paper, error) {
	t := a.view(ctx, actor)
	it, err := t.bareItem(kind, id)
	if err != nil {
		return nil, nil, err
	}
	ended, err := t.itemEnded(it)
	if err != nil || ended {
		return nil, nil, err
	}
	var forms []string
	for _, form := range a.HandForms() {
		_, err := t.mayIssue(it, IssuePaper{Form: form.ID})
		if err != nil && AsFaults(err) == nil {
			return nil, nil, err
		}
		if err == nil {
			forms = append(forms, form.ID)
		}
	}
	papers, _, err := t.papersOf(it, "")
	return forms, papers, err
}

func (t *tx) bareItem(kind string, id int64) (item, error) {
	if kind == "ticket" {
		k, err := look[Ticket](t, id)
		if err != nil {
			return item{}, err
		}
		return ticketItem(k), nil
	}
	p, err := look[Project](t, id)
	if err != nil {
		return item{}, err
	}
	return projectItem(p), nil
}
