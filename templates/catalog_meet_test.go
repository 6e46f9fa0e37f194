package templates

import "battlemap/app"

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
		"meeting_kind.":       app.MeetingKinds(),
		"meeting_state.":      app.MeetingStates(),
		"decision_state.":     app.DecisionStates(),
		"paper_next.":         {"decide", "late", "record", "receive", "answer"},
		"done.":               {"meeting_planned", "meeting_held", "meeting_closed", "agenda_added", "decision_noted", "decision_issued", "decision_carried", "decision_finished"},
		"fault.": {"meeting_past", "meeting_state", "meeting_item", "decisions_left", "decision_issued", "decision_ended", "decision_elsewhere", "decision_ticket_open",
			"own_draft"},
	}
}
