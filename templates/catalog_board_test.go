package templates

// boardKeys are the keys that the map puts together; see dynamicKeys.
func boardKeys() map[string][]string {
	return map[string][]string{
		"board.view.":   {"stages", "months", "tickets"},
		"action.limit.": {"set"},
		"action.view.":  {"save", "drop"},
		"object.":       {"cell_limit", "saved_view"},
		"column.":       {"most", "board", "query", "set_by", "set_at", "saved_at"},
		"fault.":        {"cell_full", "limit_range", "views_full"},
		"done.":         {"limit_set", "view_saved", "view_dropped"},
	}
}
