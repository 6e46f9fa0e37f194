package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"battlemap/app/apptest"
	"battlemap/workflows"
)

// standing is what the model knows of a ticket: a register with compare-and-swap on its version, and the set of steps that were recorded for it.
type standing struct {
	version int64
	state   string
	steps   string // keys, sorted, one a line
}

// act is what somebody did with a ticket. Its outcome is that of the write; "shown" and "recorded" are what somebody was shown of it.
type act struct {
	what    string // "move", "look", "raise" or "steps"
	move    string
	version int64
	state   string
	steps   string
}

// model says which histories of a ticket can have happened one after the other. A move that nobody knows the end of was made or was not.
func model(machine *workflows.Machine, began standing) porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{began} },
		Step: func(state, input, output any) []any {
			return after(machine, state.(standing), input.(act), output.(string))
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %s", input, output) },
	}
	return m.ToModel()
}

// after gives the states that may follow, none when this can't have happened here.
func after(machine *workflows.Machine, was standing, did act, outcome string) []any {
	switch did.what {
	case "look":
		if was.version == did.version && was.state == did.state {
			return []any{was}
		}
		return nil
	case "steps":
		if was.steps == did.steps {
			return []any{was}
		}
		return nil
	case "raise":
		steps := strings.Fields(was.steps)
		if slices.Contains(steps, did.steps) {
			return nil // a second record of the same step
		}
		was.steps = joined(append(steps, did.steps))
		return []any{was}
	}
	switch outcome {
	case "acknowledged":
		return moved(machine, was, did)
	case "unknown":
		return append(moved(machine, was, did), was)
	case "stale":
		if was.version == did.version {
			return nil
		}
	}
	return []any{was}
}

// moved gives the states that a move leads to from exactly its version.
func moved(machine *workflows.Machine, was standing, did act) []any {
	move, ok := machine.Move(did.move)
	if !ok || was.version != did.version || !slices.Contains(move.From, was.state) {
		return nil
	}
	is := was
	is.version++
	is.state = move.Target(was.state, "")
	if !move.EachUnit || is.state == was.state {
		return []any{is}
	}
	waits := is
	waits.state = was.state // other units have still to do it
	return []any{is, waits}
}

func joined(steps []string) string {
	slices.Sort(steps)
	return strings.Join(steps, "\n")
}

// shortest is the shortest part of a history that can't have happened: first the earliest end, where what was not answered by then is unknown, then without
// whatever it can't have happened without either and that changed nothing.
func shortest(m porcupine.Model, history []porcupine.Operation) []porcupine.Operation {
	ends := make([]int64, 0, len(history))
	for _, op := range history {
		ends = append(ends, op.Return)
	}
	slices.Sort(ends)
	n, _ := slices.BinarySearchFunc(ends, true, func(end int64, _ bool) int {
		return cmp.Compare(truth(!porcupine.CheckOperations(m, upTo(history, end))), 1)
	})
	if n < len(ends) {
		history = upTo(history, ends[n])
	}
	for i := 0; i < len(history); {
		without := slices.Delete(slices.Clone(history), i, i+1)
		if changesNothing(history[i]) && !porcupine.CheckOperations(m, without) {
			history = without
			continue
		}
		i++
	}
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	return history
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func changesNothing(op porcupine.Operation) bool {
	outcome := op.Output.(string)
	return outcome == "shown" || outcome == "recorded" || outcome == "stale" || outcome == "refused"
}

// upTo is the history as it was known at one time.
func upTo(history []porcupine.Operation, end int64) []porcupine.Operation {
	var out []porcupine.Operation
	for _, op := range history {
		switch {
		case op.Return <= end:
			out = append(out, op)
		case op.Call <= end && !changesNothing(op):
			op.Output, op.Return = "unknown", math.MaxInt64
			out = append(out, op)
		}
	}
	return out
}

func told(history []porcupine.Operation) string {
	var out strings.Builder
	for _, op := range history {
		fmt.Fprintf(&out, "  client %2d %12d..%-12d %+v: %s\n", op.ClientId, op.Call, op.Return, op.Input, op.Output)
	}
	return out.String()
}

// The model lets through what can happen, and what can't is shown as its shortest part: two who moved one version, a move that was lost after a look at it, a step
// recorded twice.
func TestFaultModelKnowsWhatCanHappen(t *testing.T) {
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	apptest.Must(t, err, "definitions")
	m := model(machines["ticket"], standing{version: 3, state: "issued"})
	op := func(call, back int64, did act, outcome string) porcupine.Operation {
		return porcupine.Operation{Input: did, Output: outcome, Call: call, Return: back}
	}
	move := func(name string, version int64) act { return act{what: "move", move: name, version: version} }
	at := func(version int64, state string) act { return act{what: "look", version: version, state: state} }
	raise, steps := act{what: "raise", steps: "overdue"}, func(text string) act { return act{what: "steps", steps: text} }
	for _, one := range []struct {
		name    string
		history []porcupine.Operation
		part    int // operations of the shortest part that can't have happened; 0 when all can
	}{
		{"one wins, the other hears that it is late", []porcupine.Operation{op(1, 9, move("accept", 3), "acknowledged"), op(2, 8, move("accept", 3), "stale"), op(10, 11, at(4, "accepted"), "shown")}, 0},
		{"accepted by one unit of two", []porcupine.Operation{op(1, 2, move("accept", 3), "acknowledged"), op(3, 4, at(4, "issued"), "shown")}, 0},
		{"nobody knows, and it was made", []porcupine.Operation{op(1, math.MaxInt64, move("dispute", 3), "unknown"), op(3, 4, at(4, "disputed"), "shown")}, 0},
		{"nobody knows, and it was not made", []porcupine.Operation{op(1, math.MaxInt64, move("dispute", 3), "unknown"), op(3, 4, at(3, "issued"), "shown")}, 0},
		{"made late", []porcupine.Operation{op(1, math.MaxInt64, move("dispute", 3), "unknown"), op(3, 4, at(3, "issued"), "shown"), op(5, 6, at(4, "disputed"), "shown")}, 0},
		{"a step is recorded once", []porcupine.Operation{op(0, math.MaxInt64, raise, "unknown"), op(1, 2, steps(""), "recorded"), op(3, 4, steps("overdue"), "recorded")}, 0},
		{"two win", []porcupine.Operation{op(1, 2, at(3, "issued"), "shown"), op(3, 9, move("accept", 3), "acknowledged"), op(4, 8, move("accept", 3), "acknowledged"), op(10, 11, at(5, "accepted"), "shown")}, 2},
		{"lost after it was shown", []porcupine.Operation{op(1, 2, move("dispute", 3), "acknowledged"), op(3, 4, at(4, "disputed"), "shown"), op(5, 6, at(3, "issued"), "shown")}, 2},
		{"refused as old, and it was not", []porcupine.Operation{op(1, 2, move("accept", 3), "stale"), op(3, 4, at(3, "issued"), "shown")}, 1},
		{"a step is gone", []porcupine.Operation{op(0, math.MaxInt64, raise, "unknown"), op(1, 2, steps("overdue"), "recorded"), op(3, 4, steps(""), "recorded")}, 3},
		{"a step twice", []porcupine.Operation{op(0, math.MaxInt64, raise, "unknown"), op(0, math.MaxInt64, raise, "unknown")}, 2},
	} {
		if can := porcupine.CheckOperations(m, one.history); can != (one.part == 0) {
			t.Errorf("%s: can happen %v", one.name, can)
		} else if part := shortest(m, one.history); !can && len(part) != one.part {
			t.Errorf("%s: shortest part\n%swant %d operations", one.name, told(part), one.part)
		}
	}
}
