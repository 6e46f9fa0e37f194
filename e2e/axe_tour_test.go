package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeTour is what one person looks at in one tab; without a role it is somebody without a session.
type axeTour struct {
	role      string
	addresses []string
	opens     []opening
}

// opening is something that opens on a page by a script: it can when needs comes true, and is there when ready does.
type opening struct{ name, address, needs, script, ready string }

// furnished are the addresses of what is put into the demo first, because the played district has none of it.
type furnished struct{ pages, strangers []string }

// axeTours deals every address to the one person who sees most there, and once more to those to whom it looks another way; long tours are dealt out in two.
func axeTours(f furnished) []axeTour {
	done := map[string]bool{}
	fresh := func(addresses ...string) (out []string) {
		for _, address := range addresses {
			if !done[address] {
				done[address] = true
				out = append(out, address)
			}
		}
		return out
	}
	roles := byRole()
	common, hers := fresh(everyone()...), append(fresh(roles["supervision_director"]...), "/wall")
	half := len(hers) / 2
	tours := []axeTour{
		{role: "supervision_director", addresses: append(slices.Clone(hers[half:]), common[:half]...)},
		{role: "supervision_director", addresses: append(slices.Clone(hers[:half]), common[half:]...)},
		{role: "supervisor", addresses: append(fresh(append(roles["supervisor"], f.pages...)...), "/supervision")},
		{role: "taskforce_leader", opens: openings()},
	}
	again := map[string][]string{"taskforce_leader": {"/desk", "/triage"}, "unit_handler": {"/desk", "/projects/P-001"}}
	for _, role := range []string{"administrator", "inspector", "taskforce_leader", "unit_leader", "unit_handler"} {
		tours = append(tours, axeTour{role: role, addresses: append(fresh(roles[role]...), again[role]...)})
	}
	return append(tours, axeTour{addresses: append(f.strangers, "/login")})
}

// openings are the dialogs, panels and menus of the product. A map remembers its view, so its openings name it.
func openings() []opening {
	card := `document.querySelector('#board [data-item]')`
	key := func(key string) string {
		return card + `.focus(); document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '` + key + `', bubbles: true}))`
	}
	return []opening{
		{"keys", "/desk", `!!document.getElementById('keys')`, `document.getElementById('keys').showModal()`, `document.getElementById('keys').open`},
		{"more on a phone", "/desk", `!!document.querySelector('.rail-more')`, `document.querySelector('.rail-more').open = true`, `document.querySelector('.rail-more').open`},
		{"palette", "/desk", `!!document.querySelector('dialog#palette')`, `document.querySelector('[data-palette]').click()`, `document.querySelector('#palette').open && !!document.querySelector('#palette-list [role=option]')`},
		{"palette without an answer", "/map?view=stages", `!!document.querySelector('dialog#palette')`, `document.querySelector('[data-palette]').click(); document.getElementById('palette-q').value = 'qqqq'; document.getElementById('palette-q').dispatchEvent(new Event('input', {bubbles: true}))`,
			`document.getElementById('palette-list').dataset.q === 'qqqq'`},
		{"panel of a card", "/map?view=stages", `!!document.querySelector('a.card-link') && !!window.htmx`, `document.querySelector('a.card-link').click()`, `document.querySelector('#panel').childElementCount > 0`},
		{"menu of a card", "/map?view=stages", `!!` + card, key("m"), `document.getElementById('move-dialog').open`},
		{"card picked up", "/map?view=stages", `!!` + card, key(" "), `document.getElementById('board-say').textContent !== ''`},
		{"cards chosen", "/map?view=tickets", `!!` + card, key("x"), `!document.getElementById('board-bar').hidden`},
		{"track chosen", "/map?view=months", `!!` + card, key("x"), `!document.getElementById('board-bar').hidden`},
	}
}

// furnish holds a meeting whose decision becomes a ticket, opens another and plans a third, says a word on a project and a ticket, hands a photo in and hangs a screen.
func (c *axeCheck) furnish(t *testing.T) furnished {
	t.Helper()
	director := c.take(t, "supervision_director")
	director.visit("/wall/links")
	director.send(`form[action="/wall/links"]`, map[string]string{"name": "示例大厅", "expires_on": "2023-07-31"})
	screen := strings.TrimPrefix(ask(director, evaluate[string](`document.querySelector('.admin-address').value`)), c.s.url)
	held := director.planned("示例调度会一", true)
	director.send(`#red form[data-enter]`, map[string]string{"text": "示例：请牵头单位一周内报送整改方案。"})
	director.reads("议定事项已转为督办事项", "〔2023〕017号")
	director.visit(held)
	director.send(`form[action$="/close"]`, nil)
	now := director.planned("示例调度会二", true)
	next := director.planned("示例调度会三", false)

	unit := c.take(t, "unit_handler")
	unit.visit("/projects/P-001")
	unit.run(chromedp.SetUploadFiles(chromedp.CSS("#report-form-camera"), []string{photo(t)}))
	unit.send("#report-form", map[string]string{"amount": "0", "text": "示例：春节停工", "caption": "示例：手机上拍的工地"})
	supervisor := c.take(t, "supervisor")
	for _, page := range []string{"/projects/P-001", "/tickets/2023-015"} {
		supervisor.visit(page)
		supervisor.send("#say", map[string]string{"body": "示例：请补一张照片"})
	}
	papers := supervisor.links("/papers?all=1", `main td a[href^="/papers/"]`, 2)
	c.back("supervision_director", director)
	c.back("unit_handler", unit)
	c.back("supervisor", supervisor)
	pages := []string{"/projects/P-001", "/projects/P-005", "/tickets/2023-015", "/tickets/2023-001", "/tickets/2023-017", now, now + "/agenda", now + "/pack", held, held + "/minutes", next, "/nothing"}
	strangers := []string{"/wall/" + strings.Repeat("a", 43)}
	for _, slide := range []string{"0", "1", "2", "3"} {
		strangers = append(strangers, screen+"?every=300&slide="+slide)
	}
	return furnished{append(pages, papers...), strangers}
}

// planned plans a meeting, opens it where it is to be held now, and returns its address.
func (b *browser) planned(title string, hold bool) string {
	b.t.Helper()
	b.visit("/meetings/new")
	b.send(`form[action="/meetings/new"]`, map[string]string{"title": title})
	if hold {
		b.send(`form[action$="/hold"]`, nil)
	}
	path, _, _ := strings.Cut(b.path(), "?")
	return path
}
