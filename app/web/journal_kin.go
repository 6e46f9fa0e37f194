package web

import (
	"encoding/json"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/audit"
)

// kinColumns are the columns in which a record of one ticket names others.
func kinColumns() []string {
	return []string{"ticket_id", "blocks_id", "parent_ticket_id", "duplicate_of_id"}
}

// kinOf are the numbers of the tickets that a record names beside its own.
func kinOf(row app.JournalRow) []int64 {
	if row.ObjectKind != "ticket" || !slices.ContainsFunc(kinColumns(), func(column string) bool { return strings.Contains(string(row.Record), `"`+column+`"`) }) {
		return nil
	}
	r, err := row.Decoded()
	if err != nil {
		return nil
	}
	var out []int64
	for _, side := range []json.RawMessage{r.Before, r.After} {
		columns := object(side)
		for _, name := range kinColumns() {
			if n, ok := columns[name].(json.Number); ok {
				if id, err := n.Int64(); err == nil && id > 0 {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

// kindOfChange is whose columns a record changes: a light's, a link's, or those of its object.
func kindOfChange(r audit.Record) string {
	switch {
	case strings.HasPrefix(r.Action, "escalation."):
		return "escalation"
	case r.Action == "ticket.link", r.Action == "ticket.unlink":
		return "ticket_link"
	}
	return r.Object.Kind
}

// ticketNamed is a ticket's number and title, "" when it is gone or not for this reader.
func (l *ledger) ticketNamed(id int64) string {
	t, ok := l.tickets[id]
	if !ok {
		return ""
	}
	return l.c.TicketNo(t.No) + " " + t.Name
}

// units names the units that received a ticket, with when each accepted it.
func (l *ledger) units(list []any) string {
	var words []string
	for _, one := range list {
		u, _ := one.(map[string]any)
		id, _ := u["unit_id"].(json.Number)
		n, _ := id.Int64()
		name := l.named("unit_id", n)
		if on, _ := u["accepted_on"].(string); on != "" {
			name += " " + on
		}
		words = append(words, name)
	}
	return strings.Join(words, l.c.T("project.comma"))
}
