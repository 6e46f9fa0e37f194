package templates

// chartKeys are the keys that the charts and the funds in place put together; see dynamicKeys.
func chartKeys() map[string][]string {
	return map[string][]string{
		"column.": {"reported_funds_fen", "verified_funds_fen"},
		"fault.":  {"funds_shrink", "funds_beyond_later", "funds_not_reported"},
	}
}
