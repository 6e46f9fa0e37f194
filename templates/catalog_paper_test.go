package templates

import "battlemap/app"

// paperKeys are the keys that the papers put together; see dynamicKeys.
func paperKeys() map[string][]string {
	return map[string][]string{
		"paper_state.":   app.PaperStates(),
		"lifted.":        {"exempted", "answered"},
		"paper_act.":     {"receive", "promise", "expire", "answer", "accept", "return", "exempt", "record"},
		"done.":          {"paper_prefix", "paper_received", "paper_promised", "paper_answered", "paper_decided", "paper_recorded", "paper_issued"},
		"desk_paper.":    {"receive", "answer", "decide", "record"},
		"desk_paper_do.": {"receive", "answer", "decide", "record"},
		"move.":          {"paper_answer", "paper_accept", "paper_return", "paper_exempt", "paper_record", "paper_expire"},
		"column.":        {"paper_prefix"},
		"column.paper.": {"kind", "item_no", "item_title", "unit_id", "person_id", "heading", "addressed", "facts", "body", "scope", "issuer", "contact", "cc", "vacant", "interviewer", "previous_id",
			"issued_by", "issued_on", "deadline_on", "received_on", "received_by", "promised_on", "promised_by", "next_step", "promise_expired_on", "answered_on", "answered_by", "answer",
			"decided_on", "ended_on", "ended_why"},
	}
}
