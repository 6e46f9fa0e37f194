package templates

// scopeKeys are the keys that the pages of figures and of subjects put together; see dynamicKeys.
func scopeKeys() map[string][]string {
	return map[string][]string{
		"figures.type.":       {"percent", "amount", "int", "bool", "day", "text"},
		"period.":             {"day", "week", "month", "quarter", "half_year", "year"},
		"scope.":              {"milestone", "ticket", "receiving_unit"},
		"action.figure.":      {"enter", "correct"},
		"action.ticket_unit.": {"reply"},
		"action.subject.":     {"judge"},
		"object.":             {"figure", "ticket_unit", "district"},
		"column.":             {"value", "entered_by", "entered_at", "replied_on", "replied_by", "reply"},
		"done.":               {"figures_kept", "part_replied"},
		"fault.": {"figure_future", "figure_nothing", "figure_why", "figure_int", "figure_percent", "figure_amount", "figure_bool", "figure_value",
			"figure_long", "part_lead", "part_replied"},
	}
}
