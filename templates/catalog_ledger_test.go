package templates

import "battlemap/app"

// ledgerKeys are the keys that the reminder ledger puts together; see dynamicKeys.
func ledgerKeys() map[string][]string {
	return map[string][]string{"delivery.": {"digested"}, "withdrawn.": app.WithdrawnWhys()}
}
