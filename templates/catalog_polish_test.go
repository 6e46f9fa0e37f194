package templates

// polishKeys are the keys that the last of the map, the meetings and the links put together; see dynamicKeys.
func polishKeys() map[string][]string {
	return map[string][]string{
		"rate.made.":          {"start_rate", "invest_rate", "funds_rate", "completion_rate"},
		"done.":               {"ticket_unlinked"},
		"move.":               {"unlink"},
		"column.":             {"units"},
		"column.ticket_link.": {"ticket_id", "blocks_id"},
	}
}
