package templates

// guardKeys are the keys that the doctor, the archive and disposals put together; see dynamicKeys.
func guardKeys() map[string][]string {
	return map[string][]string{
		"doctor.check.": {"guards", "head", "edge", "escalations", "letters", "rungs", "lights", "laws", "late", "files", "database", "leaves", "nodes", "order", "columns", "checkpoints", "against",
			"rows", "moves"},
		"doctor.found.":      append(found(`(?:f|rows|moves|w\.\w+)\.(?:add|mention)\("([a-z_]+)"`, "../app/doctor*.go"), "rung_twice", "letter_twice", "letter_orphan", "light_untold"),
		"stuck.kind.":        {"job", "ticket", "project", "milestone", "receiving_unit", "paper", "subject"},
		"stuck.job.":         {"sweep", "deliver", "publish", "checkpoint", "doctor", "tidy"},
		"doctor.left.":       found(`Left = "([a-z_]+)"`, "../app/doctor*.go"),
		"doctor.scope.":      {"quick", "whole"},
		"object.":            {"doctor", "disposal", "disposed_file", "archive"},
		"action.doctor.":     {"sound", "unsound"},
		"action.disposal.":   {"ask", "approve", "reject"},
		"action.attachment.": {"dispose"},
		"system.":            {"doctor"},
		"column.":            {"checks", "retention_months", "before_on", "asked_by", "asked_at", "note", "files", "bytes", "disposal_id", "attachment_id"},
		"value.state.":       {"asked"},
		"disposal_state.":    {"asked", "approved", "rejected"},
		"done.":              {"retention_set", "disposal_asked", "disposal_decided"},
		"fault.":             {"retention_short", "kept_for_ever", "retention_runs", "year_not_archived", "disposal_decided", "own_disposal", "file_disposed", "archive_year"},
		"archive.part.":      found(`w\.section\("([a-z_]+)"`, "archive.go"),
		"archive.head.": {"no", "name", "force", "unit", "state", "state_code", "signed", "started", "finished", "basis", "issued", "due", "original", "closed", "heading", "item", "text", "caption",
			"handed_in", "who", "size", "sha256", "fate", "account", "post", "open", "role", "scope", "from", "to", "by", "source", "before", "reason", "decided", "count"},
	}
}
