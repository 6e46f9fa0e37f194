package templates

// lawKeys are the keys that the pages of the law put together; see dynamicKeys.
func lawKeys() map[string][]string {
	return map[string][]string{
		"law_kind.":         {"ruleset", "machine"},
		"law_state.":        {"draft", "approved", "rejected", "withdrawn"},
		"preview.":          {"project", "milestone_later", "ticket_later"},
		"whypage.mark.":     {"start", "counted", "skipped", "last", "moved", "due"},
		"whypage.":          {"lit", "calm", "apart"},
		"whypage.count_of.": {"deadline", "step", "next", "answer"},
		"holiday.":          {"new_year", "spring", "qingming", "labour", "dragon_boat", "mid_autumn", "national"},
		"day.":              {"weekday", "weekend", "holiday", "make_up"},
		"action.law.":       {"ship", "draft", "approve", "reject", "withdraw"},
		"object.":           {"law"},
		"system.":           {"program"},
		"column.":           {"edition", "sha256", "source", "drafted_by", "drafted_at", "effective_from"},
		"value.state.":      {"draft", "approved", "withdrawn"},
		"done.":             {"law_drafted", "law_decided"},
		"fault.": {"law_wrong", "law_too_early", "law_edition", "law_no_machine", "law_state_lost", "law_move_lost", "law_need_unknown", "law_taken", "law_own", "law_late",
			"simulate_limit", "in_future", "date_form"},
	}
}
