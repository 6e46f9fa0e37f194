package templates

// moveKeys are the keys that the moves put together; see dynamicKeys.
func moveKeys() map[string][]string {
	return map[string][]string{
		"done.": {"move_made", "move_claimed"},
	}
}
