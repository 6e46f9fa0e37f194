package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"battlemap/workflows"
)

// Kind says what sort of fault it is; app/web alone turns it into a status code.
type Kind string

// The kinds of fault. Everything that is not a *Fault is an unknown error.
const (
	Invalid Kind = "invalid" // what was typed can't be accepted
	Stale   Kind = "stale"   // somebody changed the row since it was read
	Denied  Kind = "denied"  // the actor may not, or the row is not theirs to see
	Missing Kind = "missing" // there is no such row
	Refused Kind = "refused" // the law does not allow this now
	Limited Kind = "limited" // too many tries
)

// Fault is an error meant for a person: a catalog key with its arguments, at a field when one is to blame.
type Fault struct {
	Kind  Kind
	Key   string         // catalog key below "fault."
	Field string         // the form field, "" when none
	Args  map[string]any // named arguments of the sentence
}

// Error is the fault for the log; people read the catalog's sentence.
func (f *Fault) Error() string {
	if f.Field != "" {
		return fmt.Sprintf("%s: %s (%s) %v", f.Kind, f.Key, f.Field, f.Args)
	}
	return fmt.Sprintf("%s: %s %v", f.Kind, f.Key, f.Args)
}

// Faults is several faults of one form.
type Faults []*Fault

// Error joins the faults.
func (f Faults) Error() string {
	s := make([]string, len(f))
	for i, one := range f {
		s[i] = one.Error()
	}
	return strings.Join(s, "; ")
}

// AsFaults unpacks the faults meant for a person, nil when err is anything else.
func AsFaults(err error) Faults {
	if many, ok := errors.AsType[Faults](err); ok {
		return many
	}
	if one, ok := errors.AsType[*Fault](err); ok {
		return Faults{one}
	}
	return nil
}

func missing() *Fault { return &Fault{Kind: Missing, Key: "missing"} }

func denied() *Fault { return &Fault{Kind: Denied, Key: "denied"} }

func refused(key string, args map[string]any) *Fault {
	return &Fault{Kind: Refused, Key: key, Args: args}
}

func invalid(field, key string, args map[string]any) *Fault {
	return &Fault{Kind: Invalid, Key: key, Field: field, Args: args}
}

// check gathers the faults of one form.
type check struct{ faults Faults }

func (c *check) add(field, key string, args map[string]any) {
	c.faults = append(c.faults, invalid(field, key, args))
}

// text wants 1..limit characters, or 0..limit when optional.
func (c *check) text(field, value string, limit int, optional bool) {
	n := len([]rune(strings.TrimSpace(value)))
	switch {
	case !isText(value):
		c.add(field, "not_text", nil)
	case n == 0 && !optional:
		c.add(field, "required", nil)
	case n > limit:
		c.add(field, "too_long", map[string]any{"Limit": limit, "N": n})
	}
}

// isText tells whether every database can store the value as text.
func isText(value string) bool { return utf8.ValidString(value) && !strings.Contains(value, "\x00") }

// oneOf wants a choice of the move's to be one of its options; emptiness is text's business.
func (c *check) oneOf(move workflows.Move, field, value string) {
	for _, need := range move.Needs {
		if need.Field == field && value != "" && !slices.ContainsFunc(need.Options, func(o workflows.Named) bool { return o.ID == value }) {
			c.add(field, "choose", nil)
		}
	}
}

func (c *check) err() error {
	if len(c.faults) == 0 {
		return nil
	}
	return c.faults
}
