package templates

// worktimeKeys are the keys that the calendar's pages and the journal put together; see dynamicKeys.
func worktimeKeys() map[string][]string {
	return map[string][]string{
		"calendar.state.":      {"draft", "in_force", "superseded", "discarded"},
		"calendar.moved_item.": {"ticket", "milestone", "escalation"},
		"move.":                {"calendar_moved"},
		"object.":              {"calendar", "escalation"},
		"system.":              {"calendar"},
		"action.":              {"calendar.upload", "calendar.approve", "calendar.discard", "calendar.supersede", "calendar.moved"},
		"action.calendar.":     {"upload", "approve", "discard", "supersede", "moved"},
		"column.":              {"number", "covers", "source", "days", "office", "replaces_id", "uploaded_by", "uploaded_at", "ended_at", "moving", "moved", "lawful_on"},
		"value.state.":         {"in_force", "superseded", "discarded"},
		"fault.": {"calendar_line", "calendar_date", "calendar_order", "calendar_weekday", "calendar_count", "calendar_year", "calendar_extension", "calendar_unread", "calendar_twice",
			"calendar_json", "calendar_empty", "calendar_office", "calendar_no_working_time"},
		"done.": {"calendar_kept", "calendar_enforced", "calendar_discarded"},
	}
}
