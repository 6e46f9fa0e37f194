package templates

import "battlemap/app"

// memoryKeys are the keys that the pages about deadlines put together; see dynamicKeys.
func memoryKeys() map[string][]string {
	states := []string{"asked", "refused", "withdrawn", "lapsed"}
	return map[string][]string{
		"date_cause.": app.DateCauses(),
		"extension.":  append([]string{"granted"}, states...),
		"pause.":      append([]string{"running", "ended"}, states...),
		"asks.":       app.TicketAsks(),
		"move.":       {"ask_extension", "decide_extension", "approve_extension", "grant_extension", "refuse_extension", "withdraw_extension"},
		"column.": {"judged_on", "review_on", "date_changes", "extensions", "pauses", "paused_days", "pause_code", "returns", "disputes", "hand_overs", "reopens", "final",
			"change_reason", "decision", "extension", "step", "wanted_on", "granted_on", "progress", "chain"},
	}
}
