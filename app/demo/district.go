package demo

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

//go:embed district.yaml
var districtYAML []byte

//go:embed projects.yaml
var projectsYAML []byte

//go:embed tickets.yaml
var ticketsYAML []byte

//go:embed talk.yaml
var talkYAML []byte

// wan is 10,000 yuan in fen.
const wan = 1_000_000

// district is everything that the YAML files say.
type district struct {
	Place     string
	Prefix    string // word of the papers' numbers
	Ceremony  calendar.Date
	Over      calendar.Date
	Document  string
	Password  string
	Units     []unit
	People    []person
	Forces    []force
	Officers  []string
	Verifiers []string
	Accounts  []grant
	Grants    []grant
	Curves    map[string][12]int64
	Words     words
	projects  []*project
	tickets   []*ticket
	talk      talk
}

type unit struct{ Code, Name, Kind string }

type person struct{ Account, Unit, Name, Title string }

type force struct {
	Code, Name, Leader, Deputy, Unit, Guarantee, Duty string
	Members                                           []string
}

type grant struct {
	Role    workflows.Role
	Account string
}

// words are the sentences of the scripted people; {month}, {done}, {share} are filled in.
type words struct {
	Contact          string
	Duties           string
	NamedDuties      string   `yaml:"named_duties"`
	OnTime           []string `yaml:"on_time"`
	Behind           []string
	NotStarted       []string `yaml:"not_started"`
	NextOnTime       []string `yaml:"next_on_time"`
	NextBehind       []string `yaml:"next_behind"`
	NextToStart      []string `yaml:"next_not_started"`
	CatchingUp       string   `yaml:"catching_up"`
	Corrected        string
	VerifyLess       string `yaml:"verify_less"`
	VerifyReturn     string `yaml:"verify_return"`
	ClaimAccept      string `yaml:"claim_accept"`
	PaperNext        string `yaml:"paper_next"`
	PaperAnswer      string `yaml:"paper_answer"`
	PaperReturn      string `yaml:"paper_return"`
	PaperDemand      string `yaml:"paper_demand"`
	MeetingPlace     string `yaml:"meeting_place"`
	MeetingAttendees string `yaml:"meeting_attendees"`
	Criteria         map[string]string
	Evidence         map[string]string
	Milestone        string
}

// project is one of the fifty; its head in projects.yaml explains the fields. Money is in 万元.
type project struct {
	Code, Name, Force, Unit, Level, Field, Site, Owner, Stage, Curve, Criterion string
	Named                                                                       bool
	Invest, Plan                                                                int64
	Start                                                                       start
	Finish                                                                      calendar.Date
	Stages                                                                      map[string]calendar.Date
	Vacant                                                                      []string
	Behave                                                                      behaviour
	Handover                                                                    *handover
	Milestones                                                                  []milestone

	index int // its place in the file, for what goes by turns
}

// planned tells whether the project is in the year's plan.
func (p *project) planned() bool { return p.Plan > 0 }

// start is a planned start: a date, or "spring" for the collective start on the day of the ceremony.
type start struct {
	spring bool
	on     calendar.Date
}

// UnmarshalText reads a date, or "spring".
func (s *start) UnmarshalText(text []byte) error {
	if string(text) == "spring" {
		s.spring = true
		return nil
	}
	var err error
	s.on, err = calendar.ParseDate(string(text))
	return err
}

type milestone struct {
	Name        string
	On, Reached calendar.Date
	Revised     *revision
}

type revision struct {
	Day, To calendar.Date
	Reason  string
}

type handover struct {
	Day                 calendar.Date
	Responsible, Reason string
}

// ticket is one 督办事项 with the steps that people make on it.
type ticket struct {
	Title, Kind, Cause, Force, Project, Lead, Leader, Basis, Instruction, Term, By string
	DecisionFrom                                                                   string `yaml:"decision_from"`
	Level                                                                          int
	Assist                                                                         []string
	Due                                                                            calendar.Date
	Steps                                                                          []step
}

type step struct {
	On    calendar.Date
	Do    string // moves, in their order
	As    string // account, when it is not the usual one
	Say   string
	To    string        // account, of a hand-over
	Until calendar.Date // expected end of a pause; the date that an extension asks for
	Why   string        // ground of a pause, "other" when it names none; the progress so far of an extension
}

// parse reads the four files and checks that what they name exists.
func parse() (*district, error) {
	d := &district{}
	if err := strict(districtYAML, d); err != nil {
		return nil, fmt.Errorf("district.yaml: %w", err)
	}
	if err := strict(projectsYAML, &d.projects); err != nil {
		return nil, fmt.Errorf("projects.yaml: %w", err)
	}
	if err := strict(ticketsYAML, &d.tickets); err != nil {
		return nil, fmt.Errorf("tickets.yaml: %w", err)
	}
	if err := strict(talkYAML, &d.talk); err != nil {
		return nil, fmt.Errorf("talk.yaml: %w", err)
	}
	for i, p := range d.projects {
		p.index = i
		if p.Start.spring {
			p.Start.on = d.Ceremony
		}
	}
	return d, d.check()
}

func strict(data []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return err
	}
	if err := dec.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return errors.New("more than one document")
	}
	return nil
}

// check joins everything that is named and does not exist, and every plan that does not add up.
func (d *district) check() error {
	var faults []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	for _, p := range d.People {
		want(d.unit(p.Unit) != nil, "%s: no unit %q", p.Account, p.Unit)
	}
	for _, g := range slices.Concat(d.Accounts, d.Grants) {
		want(d.person(g.Account) != nil, "role %s: nobody is %q", g.Role, g.Account)
	}
	for _, f := range d.Forces {
		for _, account := range append([]string{f.Leader, f.Deputy, f.Guarantee}, f.Members...) {
			want(d.person(account) != nil, "task force %s: nobody is %q", f.Code, account)
		}
		want(d.unit(f.Unit) != nil, "task force %s: no unit %q", f.Code, f.Unit)
	}
	for _, p := range d.projects {
		want(d.force(p.Force) != nil && d.unit(p.Unit) != nil, "%s: no task force %q or unit %q", p.Code, p.Force, p.Unit)
		var sum int64
		for _, share := range d.Curves[p.Curve] {
			sum += share
		}
		want(!p.planned() || sum == 100, "%s: curve %q adds up to %d", p.Code, p.Curve, sum)
	}
	titles := map[string]bool{}
	for _, k := range d.tickets {
		want(!titles[k.Title], "two tickets are called %s", k.Title)
		titles[k.Title] = true
		want(d.force(k.Force) != nil && d.unit(k.Lead) != nil, "%s: no task force %q or unit %q", k.Title, k.Force, k.Lead)
		want(k.Project == "" || d.project(k.Project) != nil, "%s: no project %q", k.Title, k.Project)
	}
	return errors.Join(append(faults, d.talk.check(d)...)...)
}

func (d *district) unit(code string) *unit {
	return find(d.Units, func(u unit) bool { return u.Code == code })
}

func (d *district) person(account string) *person {
	return find(d.People, func(p person) bool { return p.Account == account })
}

func (d *district) force(code string) *force {
	return find(d.Forces, func(f force) bool { return f.Code == code })
}

func (d *district) project(code string) *project {
	i := slices.IndexFunc(d.projects, func(p *project) bool { return p.Code == code })
	if i < 0 {
		return nil
	}
	return d.projects[i]
}

func find[T any](list []T, is func(T) bool) *T {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return nil
	}
	return &list[i]
}

// months is the project's plan by month, in fen; it adds up to the year's plan exactly, since one per cent of 1 万元 is 10,000 fen.
func (d *district) months(p *project) [12]int64 {
	var out [12]int64
	for i, share := range d.Curves[p.Curve] {
		out[i] = p.Plan * wan / 100 * share
	}
	return out
}

// planUpTo is the plan from January to the end of each month, in fen.
func (d *district) planUpTo(p *project) [12]int64 {
	months := d.months(p)
	for i := 1; i < 12; i++ {
		months[i] += months[i-1]
	}
	return months
}

// year is the year that the plan is for.
func (d *district) year() int { return d.Ceremony.Year() }

func (d *district) month(m time.Month) calendar.Month { return calendar.MakeMonth(d.year(), m) }
