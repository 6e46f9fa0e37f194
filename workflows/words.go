// Package workflows holds the law as data: which state may follow which and who may bring that about,
// which light a late matter gets and who is told of it. It reads YAML, checks the whole of it when it is
// loaded, and judges facts that the caller hands in; it knows no database, no clock and no calendar.
package workflows

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Words is one text in the languages of the product, under the keys "zh" and "en".
type Words map[string]string

// In returns the text for a language tag such as "zh-CN" or "en", and the Chinese one when that language is absent.
func (w Words) In(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if text := w[base]; text != "" {
		return text
	}
	return w["zh"]
}

// Named is one entry of a fixed list of the vocabulary, such as a paper or a recipient.
type Named struct {
	ID    string
	Title Words
}

// Role is what an actor is with respect to one row; who holds which role on which row is decided outside this package.
type Role string

// The roles that a definition may name (domain.md, sections 2 and 3).
const (
	RoleAdministrator       Role = "administrator"
	RoleDistrictLeader      Role = "district_leader"
	RoleTaskforceLeader     Role = "taskforce_leader"
	RoleTaskforceMember     Role = "taskforce_member"
	RoleUnitLeader          Role = "unit_leader"
	RoleUnitHandler         Role = "unit_handler"
	RoleSupervisor          Role = "supervisor"
	RoleSupervisionDirector Role = "supervision_director"
	RoleInspector           Role = "inspector"
)

// Roles returns every role that a definition may name.
func Roles() []Role {
	return []Role{
		RoleAdministrator, RoleDistrictLeader, RoleTaskforceLeader, RoleTaskforceMember, RoleUnitLeader,
		RoleUnitHandler, RoleSupervisor, RoleSupervisionDirector, RoleInspector,
	}
}

// Term is a length of time in one unit: "workday", "day", "week", "month", "quarter", "year", "hour" or "workhour" (hours in
// which the office is open); N may be negative in the steps of a rule.
type Term struct {
	N    int
	Unit string
}

var termPattern = regexp.MustCompile(`^([+-]?[0-9]{1,4}) (workday|day|week|month|quarter|year|hour|workhour)s?$`)

// ParseTerm reads "5 workdays", "+1 workday", "-3 workdays", "30 days", "2 weeks", "2 months", "2 hours" or "4 workhours".
func ParseTerm(text string) (Term, error) {
	parts := termPattern.FindStringSubmatch(text)
	if parts == nil {
		return Term{}, say(`%q is not a term: write a number and a unit, such as "5 workdays", "30 days", "1 month" or "2 hours"`, text)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return Term{}, fmt.Errorf("read the number of the term %q: %w", text, err)
	}
	return Term{N: n, Unit: parts[2]}, nil
}

// String writes the term as the definitions write it, such as "5 workdays" or "-1 workday".
func (t Term) String() string {
	if t.N == 1 || t.N == -1 {
		return fmt.Sprintf("%d %s", t.N, t.Unit)
	}
	return fmt.Sprintf("%d %ss", t.N, t.Unit)
}

// Shift returns the day that lies a term after a day (before it, when the term is negative); days are counted from 1970-01-01.
type Shift func(day int, t Term) (int, error)
