package templates

// boardKeys are the keys that the map puts together; see dynamicKeys.
func boardKeys() map[string][]string {
	return map[string][]string{
		"board.view.": {"stages", "months", "tickets"},
	}
}
