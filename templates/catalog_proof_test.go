package templates

import "battlemap/app"

// proofKeys are the keys that the pages of proofs put together; see dynamicKeys.
func proofKeys() map[string][]string {
	return map[string][]string{
		"witness_kind.":      app.WitnessKinds(),
		"witness_rhythm.":    app.WitnessRhythms(),
		"witness_state.":     app.WitnessStates(),
		"witness_outcome.":   {"begun", "accepted", "retry", "down", "failed", "unknown", "again", "superseded", "withdrawn"},
		"done.":              {"witness_added", "witness_revoked", "checkpoint_published"},
		"fault.":             {"witness_there", "witness_key", "witness_no_mail", "witness_no_folder", "witness_url", "witness_revoked", "no_signing_key", "journal_unsound", "not_covered"},
		"object.":            {"witness", "key", "case"},
		"action.witness.":    {"add", "revoke"},
		"action.checkpoint.": {"ask"},
		"action.key.":        {"rotate"},
		"action.case.":       {"export"},
		"case.":              {"object", "chain", "dates", "lights", "papers", "talk", "files", "records", "milestones", "months", "tickets", "how", "how_records", "how_files", "how_verify", "how_key", "how_limits"},
		"column.":            {"public_key", "rhythm", "revoked_why", "statement", "manifest", "records"},
	}
}
