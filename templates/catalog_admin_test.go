package templates

// adminKeys are the keys that the journal, the rules and the people put together; see dynamicKeys.
func adminKeys() map[string][]string {
	return map[string][]string{
		"object.":            {"project", "ticket", "progress", "milestone", "assignment", "exemption", "paper", "task_force", "unit", "user", "grant", "enterprise", "account", "setting", "journal"},
		"system.":            {"rules", "sign_in", "sweep", "one_time_link", "command_line", "demo", "export"},
		"scope.":             {"district", "task_force", "unit", "project"},
		"unit_kind.":         {"bureau", "street", "park", "office"},
		"state_kind.":        {"draft", "open", "paused", "done", "ended"},
		"recuse.":            {"lead_unit", "receiving_unit", "task_force"},
		"op.":                {"and", "or", "not", "in", "not_in", "eq", "ne", "comma"},
		"done.":              {"unit_added", "user_added", "user_shut", "user_reopened", "grant_given", "grant_ended", "force_added", "force_changed"},
		"fault.":             {"own_invite"},
		"value.state.":       {"claimed", "verified", "rejected", "reported", "returned"},
		"value.lang.":        {"zh-CN", "en"},
		"value.theme.":       {"light", "dark"},
		"urgency.":           {"normal", "urgent", "special"},
		"importance.":        {"normal", "important", "special"},
		"charge.":            {"unit", "task_force", "project"},
		"column.user.":       {"title", "unit_id"},
		"column.task_force.": {"leader_id", "unit_id"},
		"column.escalation.": {"due_on"},
		"column.": {"code", "no", "name", "title", "kind", "parent_id", "valid_from", "valid_to", "account", "unit_id", "email", "disabled", "lang", "theme", "user_id", "role", "scope",
			"granted_by", "leader_id", "deputy_id", "document_no", "flagged_on", "duty", "credit_code", "contact", "national_code", "task_force_id", "enterprise_id", "level", "field", "site",
			"sample", "in_plan", "spring_start", "signed_on", "invest_fen", "year", "year_plan_fen", "planned_start_on", "started_on", "planned_finish_on", "finished_on", "registered_on",
			"stage", "resume_stage", "stage_since", "lead_unit_id", "reported_fen", "verified_fen", "last_progress_on", "light", "light_rule", "light_since", "baseline_on", "revised_on",
			"actual_on", "owner_id", "evidence", "move", "from_stage", "to_stage", "state", "occurred_on", "criterion", "reason", "document", "expected_end", "claimed_by", "claimed_at",
			"decided_by", "decided_at", "decision_note", "month", "text", "problems", "next_step", "reported_by", "reported_at", "verified_by", "verified_at", "verify_note", "rule_id",
			"approved_by", "approved_at", "guarantee_leader_id", "responsible_id", "officer_id", "duties", "basis", "instruction", "issuer_unit_id", "handler_id", "created_by", "created_at",
			"state_since", "due_term", "due_on", "issued_on", "accepted_on", "submitted_on", "verified_on", "closed_on", "pause_asked", "pause_reason", "pause_until", "shown_on", "feedback",
			"cause", "coordination_level", "decision_from", "paper", "interview", "began_on", "answer_by", "finding", "lifted_on", "schedule_bp", "done_bp", "ruleset", "judged_at", "place",
			"complex", "urgency", "importance", "issued_at", "begun_on", "points", "charge"},
	}
}
