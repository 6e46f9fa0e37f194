package e2e

// The pages that TestPages and TestNothingIsInaccessible look at. A new area adds its addresses here, once.

// everyone are the addresses that every person may open.
func everyone() []string {
	return []string{"/desk", "/map", "/map?light=red", "/projects", "/projects?text=%E4%B8%8D%E5%AD%98%E5%9C%A8", "/tickets", "/taskforces", "/taskforces/1", "/inbox", "/me/told", "/journal", "/rules", "/me", "/search?q=%E7%A4%BA%E4%BE%8B",
		"/papers", "/papers?all=1", "/calendar", "/calendar?year=2024", "/why/tickets/2023-001", "/why/projects/P-001", "/why/milestones/1", "/rules?tab=ticket", "/charts", "/charts?from=2023-01&to=2023-02"}
}

// common are the addresses of everyone that TestPages opens as a role: all of them as the director, who sees most, and for the others those that show each something else.
func common(role string) []string {
	if role == "supervision_director" {
		return everyone()
	}
	return []string{"/desk", "/map", "/projects", "/tickets", "/taskforces/1", "/inbox", "/me/told", "/journal", "/me", "/papers", "/why/tickets/2023-001"}
}

// byRole are the addresses that only some roles may open, or that look another way to them.
func byRole() map[string][]string {
	return map[string][]string{
		"administrator": {"/doctor", "/archive", "/people", "/wall/links", "/calendar/new", "/rules/drafts", "/rules/drafts/new", "/rules/simulate"},
		"inspector": {"/proof", "/doctor", "/archive", "/journal/100", "/people", "/supervision", "/map?on=2023-04-21", "/map?view=tickets&on=2023-04-21", "/changes?from=2023-05-31&to=2023-06-30",
			"/journal?unit=dcs&from=2023-06-01", "/journal?text=%E5%8C%BA%E9%95%BF", "/journal/people/director", "/questions", "/questions/dates", "/questions/lights", "/questions/amounts", "/questions/late?days=0", "/questions/same-unit", "/questions/disputed",
			"/questions/exemptions", "/questions/reminders", "/questions/vacancies?from=2023-03-01", "/questions/grants"},
		"supervision_director": {"/wall/links", "/supervision", "/meetings", "/meetings/new", "/triage", "/map?view=months", "/map?view=tickets", "/map?all=1", "/map?view=months&on=2023-04-21", "/map/limits", "/move?item=ticket/2023-015", "/moves?item=ticket/2023-015&item=ticket/2023-001",
			"/changes", "/tickets/new", "/calendar/new", "/rules/drafts", "/rules/drafts/1", "/rules/drafts/new", "/rules/simulate", "/rules/simulate?law=1&from=2023-06-01&to=2023-06-30",
			"/ledger", "/figures"},
		"taskforce_leader": {"/projects/new", "/tickets/new", "/triage", "/meetings"},
		"unit_leader":      {"/triage"},
		"unit_handler":     nil,
		"supervisor":       {"/supervision", "/supervision/pack", "/meetings", "/triage", "/ledger", "/ledger/1", "/subjects", "/projects/P-001", "/rules/drafts", "/rules/drafts/1", "/papers/print"},
	}
}

// found are pages of single things that a person comes upon in the lists.
func (b *browser) found() []string {
	b.t.Helper()
	pages := b.links("/projects", `main a[href^="/projects/P"]`, 2)
	pages = append(pages, b.links("/tickets", `main a[href^="/tickets/2"]`, 3)...)
	return append(pages, b.links("/papers?all=1", `main td a[href^="/papers/"]`, 2)...)
}
