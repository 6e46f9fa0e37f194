package templates

// meetKeys are the keys that meetings and the supervision desk put together; see dynamicKeys.
func meetKeys() map[string][]string {
	return map[string][]string{
		"action.meeting.":     {"plan", "hold", "close"},
		"action.agenda_item.": {"add"},
		"action.decision.":    {"record", "issue", "carry", "finish"},
		"object.":             {"meeting", "agenda_item", "decision"},
		"column.": {"held_on", "chair_id", "attendees", "opened_at", "since_on", "why", "blockers", "done", "added_by", "added_at", "term", "recorded_by",
			"done_on"},
		"column.agenda_item.": {"days"},
		"fault.": {"meeting_past", "meeting_state", "meeting_item", "decisions_left", "decision_issued", "decision_ended", "decision_elsewhere", "decision_ticket_open",
			"own_draft"},
	}
}
