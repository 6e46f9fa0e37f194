package templates

import "battlemap/app"

// wallKeys are the keys that the wall and its links put together; see dynamicKeys.
func wallKeys() map[string][]string {
	return map[string][]string{
		"wall_state.":       app.WallLinkStates(),
		"done.":             {"wall_revoked"},
		"fault.":            {"wall_expiry", "wall_revoked"},
		"object.":           {"wall_link"},
		"action.wall_link.": {"add", "revoke"},
		"column.":           {"expires_on", "revoked_by", "revoked_at"},
	}
}
