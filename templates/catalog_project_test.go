package templates

import "strings"

// projectKeys lists the keys of the area "project" whose rests the program puts together, and those of the journal's actions by their noun.
func projectKeys() map[string][]string {
	all := map[string][]string{
		"project.level.": {"province", "city", "district"},
		"project.entry.": {"none", "reported", "verified", "returned"},
		"done.": {"project_added", "project_reported", "project_verified", "project_returned", "project_moved", "project_claimed", "project_stage_verified", "project_rejected",
			"project_planned", "project_assigned", "project_exempted", "project_stone_added", "project_stone_reached", "project_stone_revised"},
	}
	for _, key := range actionKeys() {
		noun, verb, _ := strings.Cut(key, ".")
		all["action."+noun+"."] = append(all["action."+noun+"."], verb)
	}
	return all
}
