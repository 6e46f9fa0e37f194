package templates

// questionKeys are the keys that the pages of the audit put together; see dynamicKeys.
func questionKeys() map[string][]string {
	return map[string][]string{
		"questions.":           {"by_from", "by_to", "by_on", "by_taskforce", "by_unit", "by_person", "by_days"},
		"question.dates.":      {"title", "lead", "how", "where"},
		"question.lights.":     {"title", "lead", "how", "where"},
		"question.amounts.":    {"title", "lead", "how", "where"},
		"question.late.":       {"title", "lead", "how", "where", "sort"},
		"question.same_unit.":  {"title", "lead", "how", "where"},
		"question.disputed.":   {"title", "lead", "how", "where"},
		"question.exemptions.": {"title", "lead", "how", "where"},
		"question.reminders.":  {"title", "lead", "how", "where"},
		"question.vacancies.":  {"title", "lead", "how", "where", "sort"},
		"question.grants.":     {"title", "lead", "how", "where", "sort"},
		"question_col.":        {"moved_at", "item", "date_from", "date_to", "asked", "nth", "by", "cause", "days_moved", "count", "lifted_at", "light", "days_lit", "lifted_by", "did", "verified_at", "reported", "verified", "over", "by_report", "by_verify", "note", "unit", "entered_at", "fact", "happened", "late", "late_sum", "judged_at", "did_work", "judged", "at", "what", "reason", "outcome", "approver", "rule", "excused", "put_out", "queued_at", "reminder", "recipient", "what_of", "why_not", "tries", "answered", "post", "vacant_from", "vacant_to", "days", "why_vacant", "ended_by", "person", "role", "scope", "valid", "given_by", "could", "account_state"},
		"question_late.":       {"stage", "milestone", "progress", "figure", "shown", "file"},
		"question_reminders.":  {"failed", "unknown", "waiting", "no_address", "account_shut", "said"},
		"question_vacancies.":  {"unassigned", "empty", "shut"},
		"question_post.":       {"guarantee_leader", "responsible_person", "service_officer", "taskforce_leader", "lead_unit", "unit"},
		"action.":              {"journal.read", "journal.extract"},
		"column.journal.":      {"address"},
		"fault.":               {"question_too_long"},
		"column.":              {"address"},
	}
}
