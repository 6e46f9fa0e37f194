package templates

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"battlemap/workflows"

	"go.yaml.in/yaml/v3"
)

// dynamicKeys lists the prefixes whose rest is put together by the program, with every rest they must cover.
// Who adds a key such as T("fault." + code) adds its prefix and all its codes here.
func dynamicKeys() map[string][]string {
	lights := []string{"none"}
	for _, l := range workflows.Lights() {
		lights = append(lights, string(l))
	}
	var roles []string
	for _, r := range append(workflows.Roles(), workflows.Posts()...) {
		roles = append(roles, string(r))
	}
	all := map[string][]string{
		"role.":    roles,
		"light.":   lights,
		"weekday.": numbers(0, 6),
		"month.":   numbers(1, 12),
		"money.":   {"small", "middle", "large", "small_unit", "middle_unit", "large_unit"},
	}
	for _, area := range []map[string][]string{adminKeys(), workKeys(), worktimeKeys(), projectKeys(), paperKeys(), memoryKeys(), lawKeys(), ledgerKeys(), scopeKeys(), boardKeys(), chartKeys(), triageKeys(), meetKeys(), wallKeys(), moveKeys(), timeKeys(), talkKeys(), proofKeys(), guardKeys(), questionKeys(), polishKeys()} { // one list an area, so that two may add to the same prefix
		for prefix, rests := range area {
			all[prefix] = append(all[prefix], rests...)
		}
	}
	return all
}

func numbers(from, to int) []string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, strconv.Itoa(n))
	}
	return all
}

// readCatalog returns the messages of a language: key to plural form ("other" for a plain one) to text.
func readCatalog(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	files, err := fs.Glob(embedded, "locales/"+lang+".*yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	for _, name := range files {
		text, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		var one map[string]any // refuses a key that stands twice in a file
		if err := yaml.Unmarshal(text, &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, value := range one {
			if raw[key] != nil {
				t.Errorf("%s: %s stands in another file too", name, key)
			}
			raw[key] = value
		}
	}
	all := map[string]map[string]string{}
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			all[key] = map[string]string{"other": v}
		case map[string]any:
			all[key] = map[string]string{}
			for form, words := range v {
				all[key][form] = fmt.Sprint(words)
			}
		default:
			t.Errorf("%s: %s is %T, not words", lang, key, value)
		}
	}
	return all
}

func TestCatalogsMatch(t *testing.T) {
	zh, en := readCatalog(t, langChinese), readCatalog(t, langEnglish)
	argument := regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	for key, forms := range zh {
		if en[key] == nil {
			t.Errorf("%s is missing in en", key)
			continue
		}
		for _, form := range forms {
			if strings.TrimSpace(form) == "" || strings.ContainsAny(form, "!！") {
				t.Errorf("%s in zh-CN is empty or exclaims: %q", key, form)
			}
		}
		if en[key]["one"] != "" && forms["other"] == "" {
			t.Errorf("%s has plural forms in en and no other in zh-CN", key)
		}
		if strings.ContainsAny(en[key]["other"], "!") || en[key]["other"] == "" {
			t.Errorf("%s in en is empty or exclaims: %q", key, en[key]["other"])
		}
	}
	for key := range en {
		if zh[key] == nil {
			t.Errorf("%s is missing in zh-CN", key)
		}
	}
	for key := range zh {
		if strings.HasPrefix(key, "date.") {
			continue // the languages write dates from different pieces
		}
		if a, b := argumentsOf(argument, zh[key]), argumentsOf(argument, en[key]); !slices.Equal(a, b) {
			t.Errorf("%s takes the arguments %v in zh-CN and %v in en", key, a, b)
		}
	}
}

func argumentsOf(argument *regexp.Regexp, forms map[string]string) []string {
	var all []string
	for _, text := range forms {
		for _, m := range argument.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Every key in the templates and in calls of T exists; every key in the catalogs is used or belongs to a dynamic prefix.
func TestCatalogKeysAreUsedAndExist(t *testing.T) {
	catalog := readCatalog(t, langChinese)
	used := usedKeys(t, catalog)
	dynamic := dynamicKeys()
	for key, where := range used.asked {
		if prefix := key[:strings.LastIndex(key, ".")+1]; key == prefix && dynamic[prefix] != nil {
			continue
		}
		if strings.HasSuffix(key, ".") {
			t.Errorf("%s puts keys together from %q: declare the prefix and every rest in dynamicKeys", where, key)
		} else if catalog[key] == nil {
			t.Errorf("%s asks for the key %q, which no catalog has", where, key)
		}
	}
	for prefix, rests := range dynamic {
		for _, rest := range rests {
			if catalog[prefix+rest] == nil {
				t.Errorf("the key %s%s is missing", prefix, rest)
			}
		}
	}
	for key := range catalog {
		prefix := key[:strings.LastIndex(key, ".")+1]
		if !used.seen[key] && !slices.Contains(dynamic[prefix], strings.TrimPrefix(key, prefix)) {
			t.Errorf("the key %q is used nowhere", key)
		}
	}
}

type keyUse struct {
	asked map[string]string // key to the file that asks for it
	seen  map[string]bool   // keys that stand quoted anywhere
}

// usedKeys reads every page template and every Go file of the repository that is not a test.
func usedKeys(t *testing.T, catalog map[string]map[string]string) keyUse {
	t.Helper()
	use := keyUse{asked: map[string]string{}, seen: map[string]bool{}}
	comment := regexp.MustCompile(`(?s)\{\{-? ?/\*.*?\*/ ?-?\}\}`)
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	inTemplate := regexp.MustCompile(`"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"`)
	file := regexp.MustCompile(`\.(?:css|js|svg)$`)
	inGo := regexp.MustCompile(`\.T\("([a-z0-9_.]+)"`)
	quoted := regexp.MustCompile("[\"`]([a-z][a-z0-9_]*(?:\\.[a-z0-9_]+)+)[\"`]")
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		switch filepath.Ext(name) {
		case ".html":
			text, err := os.ReadFile(name)
			for _, a := range action.FindAll(comment.ReplaceAll(text, nil), -1) {
				for _, m := range inTemplate.FindAllSubmatch(a, -1) {
					if !file.Match(m[1]) {
						use.asked[string(m[1])], use.seen[string(m[1])] = name, true
					}
				}
			}
			return err
		case ".go":
			text, err := os.ReadFile(name)
			for _, m := range inGo.FindAllSubmatch(text, -1) {
				use.asked[string(m[1])] = name
			}
			for _, m := range quoted.FindAllSubmatch(bytes.ReplaceAll(text, []byte("\n"), []byte(" ")), -1) {
				if catalog[string(m[1])] != nil {
					use.seen[string(m[1])] = true
				}
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return use
}

// Chinese prose takes full-width marks: a half-width comma or bracket beside a Chinese character is a slip of the keyboard.
func TestChineseMarksAreFullWidth(t *testing.T) {
	slip := regexp.MustCompile(`\p{Han}[,:;!?()]|[,:;!?()]\p{Han}`)
	for key, forms := range readCatalog(t, "zh-CN") {
		for _, text := range forms {
			if at := slip.FindString(text); at != "" {
				t.Errorf("%s: %q stands in %q", key, at, text)
			}
		}
	}
}
