package templates

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"battlemap/app/calendar"
)

// -kitchen DIR writes the kitchen pages and the static files there, so that they can be looked at:
//
//	go test ./templates -run Kitchen -kitchen /tmp/kitchen
var kitchenDir = flag.String("kitchen", "", "directory for the drawn kitchen pages")

// kitchen draws the sample pages of testdata/kitchen on the product's own frames and parts.
type kitchen struct {
	set   *Set
	pages map[string]func(lang string) ([]byte, error)
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	set, err := New(Options{Files: kitchenTree(t)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := newParser(kitchenTree(t), map[string]any{"asset": set.AssetPath})
	if err != nil {
		t.Fatal(err)
	}
	k := &kitchen{set: set, pages: map[string]func(string) ([]byte, error){}}
	addKitchen(k, p, "parts", partsSample)
	addKitchen(k, p, "map", mapSample)
	addKitchen(k, p, "years", yearsSample)
	addKitchen(k, p, "ticket", ticketSample)
	addKitchen(k, p, "project", projectSample)
	addKitchen(k, p, "desk", deskSample)
	addKitchen(k, p, "ledger", ledgerSample)
	addKitchen(k, p, "doc", docSample)
	for _, err := range p.errs {
		t.Error(err)
	}
	addPage(k, set.Pages.Login, "login", loginSample)
	addPage(k, set.Pages.Error, "error", errorSample)
	addPage(k, set.Pages.Setup, "setup", setupSample)
	addPage(k, set.Pages.Wall.Screen, "wall", wallSample)
	return k
}

// kitchenTree is the embedded tree with the kitchen pages beside the real ones.
func kitchenTree(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for _, dir := range []string{"html", "locales", "static"} {
		for name, text := range readAll(t, dir) {
			tree[name] = &fstest.MapFile{Data: text}
		}
	}
	for name, text := range readAll(t, "testdata/kitchen") {
		tree["html/kitchen/"+filepath.Base(name)] = &fstest.MapFile{Data: text}
	}
	return tree
}

func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		all[filepath.ToSlash(name)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func addKitchen[T any](k *kitchen, p *parser, name string, sample func(say) (Base, T)) {
	addPage(k, page[T](p, "kitchen/"+name+".html"), name, sample)
}

func addPage[T any](k *kitchen, p Page[T], name string, sample func(say) (Base, T)) {
	checkErr := p.check() // before the first Render: the escaper rewrites the template
	k.pages[name] = func(lang string) ([]byte, error) {
		if checkErr != nil {
			return nil, checkErr
		}
		frame, data := sample(say{Locale: k.set.Words().Locale(lang)})
		var out bytes.Buffer
		err := p.Render(&out, frame, data)
		return out.Bytes(), err
	}
}

// say chooses between the two languages of a sample text.
type say struct{ Locale }

func (s say) is(zh, en string) string {
	if s.Lang == langEnglish {
		return en
	}
	return zh
}

func TestKitchen(t *testing.T) {
	k := newKitchen(t)
	for name, draw := range k.pages {
		for _, lang := range Languages() {
			page, err := draw(lang)
			if err != nil {
				t.Errorf("%s in %s: %v", name, lang, err)
				continue
			}
			checkPage(t, name+" "+lang, page)
			if *kitchenDir != "" {
				writeFile(t, filepath.Join(*kitchenDir, lang, name+".html"), page)
			}
		}
	}
	if *kitchenDir == "" {
		return
	}
	for name := range k.set.files.byName {
		plain, _, _, _, _ := k.set.Asset(name)
		writeFile(t, filepath.Join(*kitchenDir, k.set.AssetPath(name)), plain)
	}
}

// checkPage looks for what html/template writes when it gives up on a value, for keys without words, and for what the CSP refuses.
func checkPage(t *testing.T, name string, page []byte) {
	t.Helper()
	text := string(page)
	for _, bad := range []string{"ZgotmplZ", "<no value>", "/static/missing/", " style=", "%!"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s contains %q", name, bad)
		}
	}
	if !strings.HasPrefix(text, "<!doctype html>") {
		t.Errorf("%s does not begin with the doctype but with %.40q", name, text)
	}
	if !strings.Contains(text, "</html>") {
		t.Errorf("%s has no end", name)
	}
}

func writeFile(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// sampleDay is the day on which all samples play.
func sampleDay() calendar.Date { return calendar.MakeDate(2023, 4, 28) }

// sampleBase fills the frame as the web server would.
func sampleBase(s say, current string) Base {
	b := Base{Locale: s.Locale, Kind: current, Place: s.is("哈尔滨市南岗区", "Nangang District, Harbin"), Path: "/" + current, Inbox: 6, RequestID: "7f3a-91c2"}
	b.User = &User{Name: s.is("示例甲", "Sample Jia"), Unit: s.is("南岗区工业和信息化局", "Industry and IT Bureau"), Initials: s.is("甲", "SJ")}
	b.Today = Today{Day: s.Day(sampleDay()), Sentence: s.is("工作日 · 明日起放假 5 天", "Working day · 5 days off from tomorrow")}
	for _, n := range []struct {
		id, icon, zh, en string
		count            int
		urgent, bar      bool
	}{
		{"desk", "desk", "我的工作台", "My desk", 6, true, true},
		{"map", "map", "作战图", "Map", 0, false, true},
		{"project", "folder-kanban", "项目", "Projects", 0, false, false},
		{"ticket", "clipboard-list", "督办", "Tickets", 3, false, true},
		{"meeting", "presentation", "会议", "Meetings", 0, false, false},
		{"ledger", "shield-check", "审计", "Audit", 0, false, false},
		{"rules", "scale", "规则", "Rules", 0, false, false},
		{"settings", "settings", "设置", "Settings", 0, false, false},
	} {
		b.Nav = append(b.Nav, NavItem{Href: "/" + n.id, Icon: n.icon, Word: s.is(n.zh, n.en), Count: n.count, Urgent: n.urgent, Bar: n.bar, Current: n.id == current})
	}
	b.Demo = &DemoBar{Clock: s.is("2023年4月28日 09:32", "28 Apr 2023 09:32"), Speed: s.is("1 天 = 20 秒", "1 day = 20 s"), Actions: []DemoAction{
		{Path: "/demo/pause", Name: "pause", Value: "1", Icon: "pause", Label: s.is("暂停", "Pause")},
		{Path: "/demo/step", Name: "days", Value: "1", Icon: "step-forward", Label: s.is("前进一天", "One day on")},
		{Path: "/demo/speed", Name: "speed", Value: "fast", Icon: "fast-forward", Label: s.is("加快", "Faster")},
	}}
	return b
}
