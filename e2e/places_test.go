package e2e

// The pages that TestPages and TestNothingIsInaccessible look at. A new area adds its addresses here, once.

// everyone are the addresses that every person may open.
func everyone() []string {
	return []string{"/desk", "/map", "/map?light=red", "/projects", "/projects?text=%E4%B8%8D%E5%AD%98%E5%9C%A8", "/tickets", "/taskforces", "/taskforces/1", "/inbox", "/me/told", "/journal", "/rules", "/me", "/search?q=%E7%A4%BA%E4%BE%8B",
		"/papers", "/papers?all=1", "/calendar", "/calendar?year=2024", "/why/tickets/2023-001", "/why/projects/P-001", "/why/milestones/1", "/rules?tab=ticket", "/charts", "/charts?from=2023-01&to=2023-02"}
}

// byRole are the addresses that only some roles may open, or that look another way to them.
func byRole() map[string][]string {
	return map[string][]string{
		"administrator": {"/people", "/wall/links", "/calendar/new", "/rules/drafts", "/rules/drafts/new", "/rules/simulate"},
		"inspector":     {"/journal/100", "/people"},
		"supervision_director": {"/wall/links", "/tickets/new", "/calendar/new", "/rules/drafts", "/rules/drafts/1", "/rules/drafts/new", "/rules/simulate", "/rules/simulate?law=1&from=2023-06-01&to=2023-06-30",
			"/ledger", "/figures"},
		"taskforce_leader": {"/projects/new", "/tickets/new"},
		"unit_leader":      nil,
		"unit_handler":     nil,
		"supervisor":       {"/ledger", "/ledger/1", "/subjects", "/projects/P-001", "/rules/drafts", "/rules/drafts/1", "/papers/print"},
	}
}

// found are pages of single things that a person comes upon in the lists.
func (b *browser) found() []string {
	b.t.Helper()
	pages := b.links("/projects", `main a[href^="/projects/P"]`, 2)
	pages = append(pages, b.links("/tickets", `main a[href^="/tickets/2"]`, 3)...)
	return append(pages, b.links("/papers?all=1", `main td a[href^="/papers/"]`, 2)...)
}

// opening is something that opens on a page by a script; it is there when ready comes true. A page that lacks what it needs has none.
type opening struct{ name, address, script, ready, needs string }

// openings are the dialogs, panels and menus of the product.
func openings() []opening {
	return []opening{
		{"keys", "/desk", `document.getElementById('keys').showModal()`, `document.getElementById('keys').open`, `#keys`},
		{"panel of a card", "/map", `document.querySelector('a.card-link').click()`, `document.querySelector('#panel').childElementCount > 0`, `a.card-link`},
		{"more on a phone", "/desk", `document.querySelector('.rail-more').open = true`, `document.querySelector('.rail-more').open`, `.rail-more`},
		{"palette", "/desk", `document.querySelector('[data-palette]').click()`, `document.querySelector('#palette').open`, `dialog#palette`},
	}
}
