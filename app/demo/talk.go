package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// talk is what people say to each other in the year; the head of talk.yaml explains it.
type talk struct {
	Meetings []gathering
	Remarks  []remark
	Photos   []picture
}

// gathering is a 调度会 of the district: convened three working days before, held and written down on its day.
type gathering struct {
	On, Close calendar.Date
	Title     string
	Decisions []resolved
}

// resolved is a decision of a meeting: it becomes a ticket, or it is done on a day.
type resolved struct {
	Text, Force, Lead, Project, Term, Say string
	Issue                                 bool
	Done                                  calendar.Date
}

// remark is a comment on a project, or on a ticket that is named by its title; it may answer one that begins with some words.
type remark struct {
	On                                calendar.Date
	By, Project, Ticket, Say, Answers string
}

// picture is a drawing of a site that is handed in as a photo.
type picture struct {
	On          calendar.Date
	By, Project string
	Caption     string
	Floors      int
}

// check joins what is named and does not exist.
func (t *talk) check(d *district) (faults []error) {
	for _, m := range t.Meetings {
		for _, x := range m.Decisions {
			if d.force(x.Force) == nil || d.unit(x.Lead) == nil || x.Project != "" && d.project(x.Project) == nil || x.Issue != x.Done.IsZero() {
				faults = append(faults, fmt.Errorf("%s: %s: no task force %q, unit %q or project %q, or neither a ticket nor done", m.Title, x.Text, x.Force, x.Lead, x.Project))
			}
		}
	}
	for _, r := range t.Remarks {
		named := find(d.tickets, func(k *ticket) bool { return k.Title == r.Ticket })
		if d.person(r.By) == nil || d.project(r.Project) == nil && named == nil {
			faults = append(faults, fmt.Errorf("remark of %s: no person %q, project %q or ticket %q", r.On, r.By, r.Project, r.Ticket))
		}
	}
	for _, p := range t.Photos {
		if d.person(p.By) == nil || d.project(p.Project) == nil {
			faults = append(faults, fmt.Errorf("photo of %s: no person %q or project %q", p.On, p.By, p.Project))
		}
	}
	return faults
}

// convenes is how many working days before its day a meeting is convened.
const convenes = 3

// scriptTalk puts meetings, remarks and photos on their days.
func (p *Play) scriptTalk(out map[calendar.Date][]act) error {
	add := func(day calendar.Date, part Part, what string, do func(context.Context) error) {
		out[day] = append(out[day], act{part: part, what: what, do: do})
	}
	for _, g := range p.district.talk.Meetings {
		before, err := p.cal.AddWorkdays(g.On, -convenes)
		if err != nil {
			return fmt.Errorf("%s: %w", g.Title, err)
		}
		add(before, Supervision, g.Title+" plan", func(ctx context.Context) error { return p.convene(ctx, g) })
		add(g.On, Verification, g.Title+" hold", func(ctx context.Context) error { return p.meet(ctx, g) })
		for _, x := range g.Decisions {
			if !x.Done.IsZero() {
				add(x.Done, Supervision, g.Title+" done", func(ctx context.Context) error { return p.conclude(ctx, g, x) })
			}
		}
		add(g.Close, Supervision, g.Title+" close", func(ctx context.Context) error { return p.adjourn(ctx, g) })
	}
	for _, r := range p.district.talk.Remarks {
		add(r.On, Feedback, "remark", func(ctx context.Context) error { return p.say(ctx, r) })
	}
	for _, x := range p.district.talk.Photos {
		add(x.On, Feedback, x.Project+" photo", func(ctx context.Context) error { return p.show(ctx, x) })
	}
	return nil
}

// secretary convenes the meetings and writes them down.
func (p *Play) secretary(ctx context.Context) (app.Actor, error) {
	return p.as(ctx, p.district.holder(workflows.RoleSupervisor))
}

// meeting finds a meeting of the script by its title, nil when it is not convened yet.
func (p *Play) meeting(ctx context.Context, title string) (*app.MeetingFile, error) {
	rows, err := p.app.Meetings(ctx, app.System("demo"))
	if err != nil {
		return nil, err
	}
	row := find(rows, func(r app.MeetingRow) bool { return r.Meeting.Title == title })
	if row == nil {
		return nil, nil
	}
	f, err := p.app.MeetingFile(ctx, app.System("demo"), row.Meeting.No)
	return &f, err
}

func (p *Play) convene(ctx context.Context, g gathering) error {
	f, err := p.meeting(ctx, g.Title)
	if err != nil || f != nil {
		return err
	}
	who, err := p.secretary(ctx)
	if err != nil {
		return err
	}
	w := p.district.Words
	_, err = p.app.PlanMeeting(ctx, who, app.PlanMeeting{Kind: "dispatch", Title: g.Title, HeldOn: g.On, ChairID: p.people[p.district.holder(workflows.RoleDistrictLeader)],
		Place: w.MeetingPlace, Attendees: w.MeetingAttendees})
	return err
}

// meet opens the meeting, which freezes its agenda from the red list, and writes its decisions down.
func (p *Play) meet(ctx context.Context, g gathering) error {
	f, err := p.meeting(ctx, g.Title)
	if err != nil || f == nil {
		return err
	}
	who, err := p.secretary(ctx)
	if err != nil {
		return err
	}
	if f.Meeting.State == "planned" {
		if err := p.app.HoldMeeting(ctx, who, app.HoldMeeting{Meeting: f.Meeting.ID, Version: f.Meeting.Version}); err != nil {
			return err
		}
	}
	for _, x := range g.Decisions {
		if find(f.Decisions, x.is) != nil {
			continue
		}
		cmd := app.RecordDecision{Meeting: f.Meeting.ID, Text: x.Text, TaskForceID: p.forces[x.Force], LeadUnitID: p.units[x.Lead], ProjectID: p.projects[x.Project], Term: x.Term, Issue: x.Issue}
		if _, err := p.app.RecordDecision(ctx, who, cmd); err != nil {
			return err
		}
	}
	return nil
}

func (x resolved) is(r app.DecisionRow) bool { return r.Decision.Text == x.Text }

// conclude says that a decision is done.
func (p *Play) conclude(ctx context.Context, g gathering, x resolved) error {
	f, err := p.meeting(ctx, g.Title)
	if err != nil || f == nil {
		return err
	}
	row := find(f.Decisions, x.is)
	if row == nil || row.Decision.State != "open" {
		return nil
	}
	who, err := p.secretary(ctx)
	if err != nil {
		return err
	}
	return p.app.FinishDecision(ctx, who, app.FinishDecision{Decision: row.Decision.ID, Version: row.Decision.Version, Note: x.Say})
}

func (p *Play) adjourn(ctx context.Context, g gathering) error {
	f, err := p.meeting(ctx, g.Title)
	if err != nil || f == nil || f.Meeting.State != "held" {
		return err
	}
	who, err := p.secretary(ctx)
	if err != nil {
		return err
	}
	return p.app.CloseMeeting(ctx, who, app.CloseMeeting{Meeting: f.Meeting.ID, Version: f.Meeting.Version})
}

// say puts a remark where it belongs, unless it is there.
func (p *Play) say(ctx context.Context, r remark) error {
	kind, id := "project", p.projects[r.Project]
	if r.Project == "" {
		k, err := p.ticket(ctx, r.Ticket)
		if err != nil || k == nil {
			return err
		}
		kind, id = "ticket", k.ID
	}
	said, err := p.app.Talk(ctx, app.System("demo"), kind, id)
	if err != nil || slices.ContainsFunc(said.Comments, func(c app.Comment) bool { return c.Body == r.Say }) {
		return err
	}
	who, err := p.as(ctx, r.By)
	if err != nil {
		return err
	}
	cmd := app.AddComment{ItemKind: kind, Item: id, Body: r.Say}
	if answered := find(said.Comments, func(c app.Comment) bool { return r.Answers != "" && strings.HasPrefix(c.Body, r.Answers) }); answered != nil {
		cmd.ReplyTo = answered.ID
	}
	_, err = p.app.AddComment(ctx, who, cmd)
	return err
}

// show hands in a drawing as a photo, where files can be handed in.
func (p *Play) show(ctx context.Context, x picture) error {
	said, err := p.app.Talk(ctx, app.System("demo"), "project", p.projects[x.Project])
	if err != nil || !said.Files || slices.ContainsFunc(said.Photos, func(f app.Attachment) bool { return f.Caption == x.Caption }) {
		return err
	}
	data, err := drawSite(x.Floors)
	if err != nil {
		return fmt.Errorf("draw %s: %w", x.Caption, err)
	}
	who, err := p.as(ctx, x.By)
	if err != nil {
		return err
	}
	_, err = p.app.AddAttachment(ctx, who, app.AddAttachment{ItemKind: "project", Item: p.projects[x.Project], Kind: "photo", Name: fmt.Sprintf("示例-%s-%d.png", x.Project, cmp.Or(x.Floors, 1)),
		Caption: x.Caption, DatedOn: x.On, Data: data})
	return err
}
