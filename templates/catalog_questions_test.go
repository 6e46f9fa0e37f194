package templates

// questionKeys are the keys that the pages of the audit put together; see dynamicKeys.
func questionKeys() map[string][]string {
	return map[string][]string{
		"action.": {"journal.read", "journal.extract"},
		"column.": {"address"},
	}
}
