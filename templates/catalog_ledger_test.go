package templates

import "battlemap/app"

// ledgerKeys are the keys that the reminder ledger puts together; see dynamicKeys.
func ledgerKeys() map[string][]string {
	return map[string][]string{
		"delivery.":           {"digested"},
		"withdrawn.":          app.WithdrawnWhys(),
		"ledger_status.":      app.LedgerStatuses(),
		"ledger.no_attempts.": app.Channels(),
		"attempt.":            {"begun", "accepted", "retry", "down", "failed", "unknown", "again", "arrived"},
		"arrival.":            app.ArrivalWays(),
		"done.":               {"letters_again", "letters_arrived", "mail_set"},
		"action.reminder.":    {"again", "arrived"},
		"object.":             {"reminder"},
		"column.":             {"letter_status", "mail_mode", "quiet_from", "quiet_to"},
		"value.mail_mode.":    {"single"},
	}
}
