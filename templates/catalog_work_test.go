package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/workflows"
)

// workKeys are the keys that the desk, the inbox and the tickets put together, and those of the faults and the journal's actions, read from the code; see dynamicKeys.
func workKeys() map[string][]string {
	return map[string][]string{
		"kind.":         app.TicketKinds(),
		"cause.":        app.Causes(),
		"coordination.": numbers(1, 4),
		"term.":         {"workday", "day", "month", "hour"},
		"part.":         {"lead", "assist"},
		"channel.":      {"inbox", "mail"},
		"delivery.":     {"queued", "sending", "accepted", "failed", "unknown", "withdrawn"},
		"lifted.":       {"cured", "superseded", "date_changed"},
		"move.":         {"hand"},
		"day.":          {"weekday", "weekend", "holiday", "make_up"},
		"error.":        {"unknown_next", "missing_next", "too_large_next", "bad_request_next", "disk_full_next", "disk_failed_next", "file_not_kept_next", "unsaved_next", "unsure_next"},
		"desk_group.":   {"mine", "waiting", "soon"},
		"desk_empty.":   {"mine", "waiting", "soon"},
		"desk_next.":    {"mine", "waiting", "soon"},
		"done.":         doneKeys(),
		"fault.":        faultKeys(),
		"action.":       actionKeys(),
	}
}

// found collects the last group of every match in the files that are no tests, each once.
func found(pattern string, globs ...string) []string {
	re := regexp.MustCompile(pattern)
	var all []string
	for _, glob := range globs {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			panic(fmt.Sprintf("no files for %s: %v", glob, err))
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				panic(err)
			}
			for _, m := range re.FindAllStringSubmatch(string(text), -1) {
				all = append(all, m[len(m)-1])
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// doneKeys are what pages say after a form was sent.
func doneKeys() []string {
	return found(`\.(?:done|after)\([^\n]*?, "([a-z_]+)"[,)]`, "../app/web/*.go")
}

// faultKeys are the keys of all faults that the product makes, and the codes with which a workflow refuses a move.
func faultKeys() []string {
	keys := found(`(?:refused\(|invalid\([^,\n]+, |\.add\([^,\n]+, |\.fault\([^,\n]+, |Key: *)"([a-z_]+)"`, "../app/*.go", "../app/web/*.go")
	for _, key := range []string{"unknown_move", "not_from_here"} { // of workflows.Refusal; not_allowed becomes denied
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// actionKeys are the actions of the journal: those written out in the code, and the moves of a ticket.
func actionKeys() []string {
	keys := found(`"((?:project|ticket|progress|milestone|assignment|escalation|exemption|paper|enterprise|user|unit|grant|session|setting|task_force|journal)\.[a-z_]+)"`, "../app/*.go")
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	if err != nil {
		panic(err)
	}
	for _, move := range machines["ticket"].Moves {
		keys = append(keys, "ticket."+move.ID)
	}
	return keys
}

// The lists above are read from code by pattern: a pattern that finds nothing any more would prove nothing.
func TestKeysAreFoundInTheCode(t *testing.T) {
	for name, c := range map[string]struct {
		got  []string
		want []string
	}{
		"faults":  {faultKeys(), []string{"required", "too_long", "recused", "stale_by", "due_needed", "date_form", "amount_over_plan", "denied", "unknown_move"}},
		"actions": {actionKeys(), []string{"project.judge", "escalation.relight", "ticket.hand", "ticket.reopen", "progress.return", "milestone.reach", "assignment.hand_over", "journal.export"}},
		"done":    {doneKeys(), []string{"setup", "ticket_moved", "ticket_handed", "read"}},
	} {
		for _, key := range c.want {
			if !slices.Contains(c.got, key) {
				t.Errorf("%s: %q is not found in the code", name, key)
			}
		}
	}
}
