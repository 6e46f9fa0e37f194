package templates

import "battlemap/app"

// triageKeys are the keys that the acts on tickets, the triage desk and the palette put together; see dynamicKeys.
func triageKeys() map[string][]string {
	return map[string][]string{
		"move.":          {"split", "raise", "reassign", "link"},
		"triage_part.":   app.TriageParts(),
		"triage_key.":    {"walk", "open", "usual", "hand", "reassign", "return", "split", "duplicate", "raise", "link", "decide", "withdraw", "select", "next", "send", "close"},
		"act.":           app.TicketActs(),
		"column.ticket.": {"parent_ticket_id", "duplicate_of_id"},
		"column.":        {"blocks_id", "made_by", "made_on", "ended_on"},
	}
}
