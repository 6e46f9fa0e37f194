package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Paper is a document as it was issued: 提醒函, 督办单, 约谈通知书 or 通报. It never changes; what happens to it afterwards is its PaperLife and its PaperActs.
type Paper struct {
	ID             int64  `gorm:"primaryKey"`
	Code           string // of its address: "yellow_slip-2023-5"
	No             string // 南岗督黄〔2023〕5号; without gaps in a kind and year
	Kind           string // id of its form
	Year           int
	Seq            int64
	EscalationID   int64 // the rung that issued it
	ItemKind       string
	ItemID         int64
	ItemNo         string
	ItemTitle      string
	TaskForceID    int64
	ProjectID      int64
	TicketID       int64
	UnitID         int64 // to which unit; its people sign for it and answer it
	PersonID       int64 // who leads that unit, or who stands in
	Light          workflows.Light
	RuleID         string
	Step           string
	Ruleset        string
	RulesetVersion int
	Finding        string // JSON of workflows.Finding, the facts as they were
	Heading        string
	Addressed      string // 主送
	Facts          string
	Body           string // one paragraph a line; "# " begins a heading
	Scope          string // of a notice
	Issuer         string // 落款
	Contact        string
	Cc             string // 抄送
	Vacant         string // which rung nobody holds, and to whom it went instead
	Interviewer    string
	Told           string // JSON: the rungs that were told
	PreviousID     int64  // the paper that was not answered
	IssuedBy       int64  // 0: a rule
	IssuedOn       calendar.Date
	IssuedAt       int64
	DeadlineOn     calendar.Date // last day to answer
}

// PaperLife is what has become of a paper.
type PaperLife struct {
	Row
	PaperID          int64
	ItemKind         string
	ItemID           int64
	State            string // see PaperStates
	Resume           string // state to go back to when the light that put the paper aside is lit again
	ReceivedOn       calendar.Date
	ReceivedBy       int64
	PromisedOn       calendar.Date // 承诺办结时限
	PromisedBy       int64
	NextStep         string
	PromiseExpiredOn calendar.Date
	AnsweredOn       calendar.Date
	AnsweredBy       int64
	Answer           string
	DecidedOn        calendar.Date
	DecidedBy        int64
	DecisionNote     string
	EndedOn          calendar.Date
	EndedWhy         string
	NextCheckAt      int64 `journal:"-"`
}

// PaperAct is one thing that happened to a paper, as it was said then; it never changes.
type PaperAct struct {
	ID      int64 `gorm:"primaryKey"`
	PaperID int64
	Act     string // "receive", "promise", "expire", "answer", "accept", "return", "exempt" or "record"
	At      int64
	ByID    int64         // 0: a rule
	Day     calendar.Date // promised, or held on
	Who     string        // who took part, or to whom it was published
	Text    string
	More    string // next step, requirements, or reason
}

// PaperStates lists the states of a paper; OpenPaperStates those in which something is still asked of somebody.
func PaperStates() []string {
	return append(OpenPaperStates(), "recorded", "accepted", "exempted", "lifted", "superseded")
}

// OpenPaperStates are the states in which something is still asked of somebody.
func OpenPaperStates() []string {
	return []string{"issued", "received", "promised", "answered", "returned"}
}

// Open tells whether something is still asked of somebody.
func (l PaperLife) Open() bool { return slices.Contains(OpenPaperStates(), l.State) }

// promising tells whether an acknowledgement is in force on a day: the promised date has not passed.
func (l PaperLife) promising(day calendar.Date) bool {
	return l.Open() && !l.PromisedOn.IsZero() && l.PromiseExpiredOn.IsZero() && day <= l.PromisedOn
}

// order is a paper to be issued.
type order struct {
	form       workflows.PaperForm
	item       item
	finding    workflows.Finding
	escalation int64
	light      workflows.Light
	facts      string
	require    string // "" for what the form asks for
	deadline   calendar.Date
	tell       []string
	previous   *Paper
	scope      string
	by         *Actor // nil: a rule
}

// issuePaper gives the paper its number and freezes all that it says.
func (t *tx) issuePaper(o order) (*Paper, error) {
	cal := t.calendar(0)
	p := &Paper{Kind: o.form.ID, EscalationID: o.escalation, ItemKind: o.item.kind, ItemID: o.item.id, ItemNo: o.item.no, ItemTitle: o.item.title, TaskForceID: o.item.taskForce,
		ProjectID: o.item.project, TicketID: o.item.ticket, Light: o.light, RuleID: o.finding.Rule, Step: o.finding.Step.ID, Ruleset: o.finding.Ruleset,
		RulesetVersion: o.finding.Version, Facts: o.facts, Scope: o.scope, IssuedOn: cal.Today(cal.NextOpen(t.now)), IssuedAt: t.now.Unix(), DeadlineOn: o.deadline}
	if o.previous != nil {
		p.PreviousID = o.previous.ID
	}
	if o.by != nil {
		p.IssuedBy = o.by.ID
	}
	for name, value := range map[*string]any{&p.Finding: o.finding, &p.Told: o.tell} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("keep what %s was issued on: %w", p.ItemNo, err)
		}
		*name = string(text)
	}
	for _, fill := range []func(*Paper, order) error{t.numberPaper, t.addressPaper, t.signPaper, t.writePaper} {
		if err := fill(p, o); err != nil {
			return nil, fmt.Errorf("issue a %s on %s: %w", o.form.ID, o.item.no, err)
		}
	}
	if err := t.numberRow(p, &p.ID); err != nil {
		return nil, err
	}
	if err := create(t, p); err != nil {
		return nil, fmt.Errorf("issue %s: %w", p.No, err)
	}
	t.record(t.paperChange("paper.issue", p, nil, p, o.by))
	life := &PaperLife{PaperID: p.ID, ItemKind: p.ItemKind, ItemID: p.ItemID, State: "issued"}
	if err := t.windPaper(p, life); err != nil {
		return nil, err
	}
	return p, insert(t, life)
}

// paperChange describes something that happened to a paper; nil for by is the rules' doing.
func (t *tx) paperChange(action string, p *Paper, was, is any, by *Actor) change {
	if by == nil {
		by = rulesActor()
	}
	return change{action: action, kind: "paper", id: p.ID, no: p.No, taskForce: p.TaskForceID, project: p.ProjectID, ticket: p.TicketID, before: was, after: is,
		rule: fmt.Sprintf("%s/%s@%d", p.Ruleset, p.RuleID, p.RulesetVersion), by: by}
}

// numberPaper counts within the kind and year; the counter's row stays locked until the end of the transaction, so there are no gaps and no doubles.
func (t *tx) numberPaper(p *Paper, o order) error {
	prefix, err := t.setting("paper_prefix")
	if err != nil {
		return err
	}
	p.Year = p.IssuedOn.Year()
	if p.Seq, err = t.next(fmt.Sprintf("paper %s %d", p.Kind, p.Year)); err != nil {
		return err
	}
	p.Code, p.No = fmt.Sprintf("%s-%d-%d", p.Kind, p.Year, p.Seq), t.app.forms.Number(prefix, o.form, p.Year, p.Seq)
	return nil
}

// addressPaper finds to whom the paper goes, who gets a copy, and which rungs stand vacant.
func (t *tx) addressPaper(p *Paper, o order) error {
	var err error
	if p.UnitID, err = t.unitOf(o.item); err != nil {
		return err
	}
	p.Addressed = o.item.title
	if p.UnitID != 0 {
		unit, err := look[Unit](t, p.UnitID)
		if err != nil {
			return err
		}
		p.Addressed = unit.Name
	}
	rungs := slices.Clone(o.tell)
	if !slices.Contains(rungs, "unit_leader") {
		rungs = append([]string{"unit_leader"}, rungs...)
	}
	held := o.finding.Step.Interview
	if p.Kind == "interview_notice" && !slices.Contains(rungs, held) {
		rungs = append(rungs, held)
	}
	standing, err := t.standing(o.item, rungs)
	if err != nil {
		return err
	}
	var copies, vacant []string
	for _, s := range standing {
		name, err := t.namesOf(s)
		if err != nil {
			return err
		}
		if s.Vacant {
			vacant = append(vacant, t.app.forms.Vacant(recipientTitle(s.Rung), name))
		}
		switch {
		case s.Rung == "unit_leader":
			if len(s.People) > 0 {
				p.PersonID = s.People[0]
			}
		case s.Rung != "unit_handler" && s.Rung != "responsible_person" && len(s.People) > 0 && !slices.Contains(copies, name):
			copies = append(copies, name)
		}
		if p.Kind == "interview_notice" && s.Rung == held {
			p.Interviewer = name
		}
	}
	p.Cc, p.Vacant = t.app.forms.Join(copies), strings.Join(vacant, "\n")
	return nil
}

// namesOf writes a rung with those who answer for it, such as 专班班长示例班长一.
func (t *tx) namesOf(s Standing) (string, error) {
	if len(s.People) == 0 {
		return "", nil
	}
	rung := s.Rung
	if s.Vacant {
		rung = s.Up
	}
	var names []string
	for _, id := range s.People {
		u, err := look[User](t, id)
		if err != nil {
			return "", err
		}
		names = append(names, u.Name)
	}
	return recipientTitle(rung) + t.app.forms.Join(names), nil
}

// recipientTitle is the Chinese title of a rung: papers are written in Chinese.
func recipientTitle(rung string) string {
	for _, n := range workflows.Recipients() {
		if n.ID == rung {
			return n.Title.In("zh")
		}
	}
	return rung
}

// unitOf is the unit that answers for an item; 0 when none does yet.
func (t *tx) unitOf(it item) (int64, error) {
	if own, err := t.itemUnit(it); err != nil || own != 0 {
		return own, err
	}
	switch {
	case it.ticket != 0:
		k, err := look[Ticket](t, it.ticket)
		if err != nil {
			return 0, err
		}
		return k.LeadUnitID, nil
	case it.project != 0:
		s, err := t.assignment(it.project)
		if err != nil || s.UnitID != 0 {
			return s.UnitID, err
		}
		return s.LeadUnitID, nil
	}
	return 0, nil
}

// signPaper names who issues it and whom to ask: a rule's papers go out in the name of those who direct supervision.
func (t *tx) signPaper(p *Paper, o order) error {
	unit, contact := int64(0), ""
	if o.by != nil {
		unit, contact = o.by.UnitID, o.by.Name
	} else if directors, err := t.holders(workflows.RoleSupervisionDirector, place{}); err != nil {
		return err
	} else if len(directors) > 0 {
		u, err := look[User](t, directors[0])
		if err != nil {
			return err
		}
		unit, contact = u.UnitID, u.Name
	}
	p.Contact = contact
	if unit != 0 {
		u, err := look[Unit](t, unit)
		if err != nil {
			return err
		}
		p.Issuer = u.Name
		return nil
	}
	var err error
	p.Issuer, err = t.setting("place")
	return err
}

// writePaper writes the text from the form.
func (t *tx) writePaper(p *Paper, o order) error {
	person := ""
	if p.PersonID != 0 {
		u, err := look[User](t, p.PersonID)
		if err != nil {
			return err
		}
		person = u.Name
	}
	rule := o.finding.RuleTitle.In("zh")
	if o.finding.Rule == handRule {
		rule = ""
	}
	title := o.finding.Ruleset
	if law, ok := t.book.of("ruleset", o.finding.Ruleset, o.finding.Version); ok {
		title = law.rules.Title.In("zh")
	}
	basis := t.app.forms.Basis(title, rule, strings.TrimRight(o.finding.Source, "。"), o.finding.Version)
	places := map[string]string{"item": o.item.title, "no": o.item.no, "facts": o.facts, "basis": basis, "require": o.form.Require, "unit": p.Addressed, "person": person,
		"interviewer": p.Interviewer, "scope": o.scope}
	if o.require != "" {
		places["require"] = o.require
	}
	if o.previous != nil {
		places["previous"] = o.previous.No
	}
	if !o.deadline.IsZero() {
		places["deadline"] = t.writtenDay(o.deadline)
	}
	heading, body := o.form.Write(places)
	p.Heading, p.Body = heading, strings.Join(body, "\n")
	return nil
}

func (t *tx) writtenDay(d calendar.Date) string {
	return t.app.forms.Date(d.Year(), int(d.Month().First().In(t.calendar(0).Location()).Month()), d.Day())
}

// tight takes the spaces out between Chinese and figures: a document has none.
func tight(text string) string {
	var out []rune
	all := []rune(text)
	for i, r := range all {
		if r == ' ' && i > 0 && i+1 < len(all) && (all[i-1] > 127 || all[i+1] > 127) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// papersOf reads the papers on an item that are still open, with their lives.
func (t *tx) papersOf(it item, rule string) ([]Paper, []PaperLife, error) {
	query := "item_kind = ? AND item_id = ? AND id IN (SELECT paper_id FROM paper_lives WHERE item_kind = ? AND item_id = ? AND state IN ?)"
	args := []any{it.kind, it.id, it.kind, it.id, OpenPaperStates()}
	if rule != "" {
		query, args = query+" AND rule_id = ?", append(args, rule)
	}
	papers, err := list[Paper](t, "id", query, args...)
	if err != nil {
		return nil, nil, err
	}
	var lives []PaperLife
	for _, p := range papers {
		l, err := t.lifeOf(p.ID)
		if err != nil {
			return nil, nil, err
		}
		lives = append(lives, *l)
	}
	return papers, lives, nil
}

func (t *tx) lifeOf(paper int64) (*PaperLife, error) {
	return found(table[PaperLife](t.db).Where("paper_id = ?", paper).First(t.ctx))
}
