package templates

// timeKeys are the keys that the pages of the past put together; see dynamicKeys.
func timeKeys() map[string][]string {
	return map[string][]string{
		"change.": {"worse", "better", "lifted", "wavered", "stage", "added", "reached", "slipped", "opened", "closed", "paper", "answer", "person"},
		"time.":   {"week_before", "day_before", "day_after", "week_after", "meeting"},
		"fault.":  {"past_in_future", "past_before_records"},
	}
}
