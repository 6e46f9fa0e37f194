package templates

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// oklch is a colour of the style sheet: lightness 0 to 1, chroma, hue in degrees.
type oklch struct{ l, c, h float64 }

// linear converts to linear sRGB with Ottosson's matrices, as CSS Color 4 gives them, clipped to the gamut.
func (o oklch) linear() [3]float64 {
	a, b := o.c*math.Cos(o.h*math.Pi/180), o.c*math.Sin(o.h*math.Pi/180)
	cube := func(x float64) float64 { return x * x * x }
	l := cube(o.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(o.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(o.l - 0.0894841775*a - 1.2914855480*b)
	clip := func(x float64) float64 { return min(max(x, 0), 1) }
	return [3]float64{
		clip(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		clip(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		clip(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

func (o oklch) hex() string {
	text := "#"
	for _, v := range o.linear() {
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		text += fmt.Sprintf("%02x", int(math.Round(v*255)))
	}
	return text
}

// contrast is the ratio of WCAG 2, from 1 to 21.
func contrast(a, b oklch) float64 {
	luminance := func(o oklch) float64 {
		rgb := o.linear()
		return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func readCSS(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(Static(), name)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(text), "")
}

// tokenBlock returns the body of the first rule with the selector, of app.css.
func tokenBlock(t *testing.T, selector string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readCSS(t, "app.css"), "  "+selector+" {")
	if !ok {
		t.Fatalf("app.css has no rule for %s", selector)
	}
	body, _, _ := strings.Cut(rest, "}")
	return strings.Join(strings.Fields(body), " ")
}

func tokens(t *testing.T, selector string) map[string]oklch {
	t.Helper()
	all := map[string]oklch{}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+): oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\);`).FindAllStringSubmatch(tokenBlock(t, selector), -1) {
		all[m[1]] = oklch{number(m[2]) / 100, number(m[3]), number(m[4])}
	}
	return all
}

const (
	lightTokens      = ":root"
	darkTokens       = ":root[data-theme=dark]"
	darkSystemTokens = ":root:not([data-theme=light])"
	oldTokens        = ":root:root:root"
)

func TestThemesHaveTheSameNames(t *testing.T) {
	light, dark := tokens(t, lightTokens), tokens(t, darkTokens)
	for name := range light {
		if _, ok := dark[name]; !ok {
			t.Errorf("%s has no dark value", name)
		}
	}
	for name := range dark {
		if _, ok := light[name]; !ok {
			t.Errorf("%s has no light value", name)
		}
	}
	if tokenBlock(t, darkTokens) != tokenBlock(t, darkSystemTokens) {
		t.Error("the dark theme by attribute and by system differ")
	}
	old := tokenBlock(t, oldTokens)
	for name, colour := range light {
		if !strings.Contains(old, name+": "+colour.hex()+";") {
			t.Errorf("browsers without oklch: %s must be %s", name, colour.hex())
		}
	}
}

// Text needs 4.5, shapes and the borders of controls need 3 (look.md).
func TestContrast(t *testing.T) {
	grounds := []string{"--ground", "--surface", "--sunken"}
	need := func(least float64, fore string, backs ...string) func(*testing.T, map[string]oklch, string) {
		return func(t *testing.T, theme map[string]oklch, name string) {
			for _, back := range backs {
				if got := contrast(theme[fore], theme[back]); got < least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, needs %.1f", name, fore, back, got, least)
				}
			}
		}
	}
	var checks []func(*testing.T, map[string]oklch, string)
	for _, text := range []string{"--ink", "--ink-2", "--ink-3", "--accent"} {
		checks = append(checks, need(4.5, text, append(slices.Clone(grounds), "--accent-soft")...))
	}
	for _, colour := range []string{"green", "yellow", "orange", "red", "blue"} {
		checks = append(checks, need(4.5, "--"+colour+"-ink", append(slices.Clone(grounds), "--"+colour+"-soft")...))
	}
	for _, shape := range []string{"--green", "--yellow-edge", "--orange-edge", "--red", "--blue", "--stale", "--line-strong"} {
		checks = append(checks, need(3, shape, grounds...))
	}
	checks = append(checks, need(4.5, "--on-accent", "--accent"), need(3, "--on-light", "--green", "--red", "--blue"), need(4.5, "--on-yellow", "--yellow", "--orange"),
		need(4.5, "--ink", "--yellow-soft", "--red-soft", "--green-soft"), need(4.5, "--ink-2", "--yellow-soft", "--red-soft", "--green-soft"))
	for name, selector := range map[string]string{"light": lightTokens, "dark": darkTokens} {
		theme := tokens(t, selector)
		if len(theme) < 25 {
			t.Fatalf("%s: only %d colours found", name, len(theme))
		}
		for _, check := range checks {
			check(t, theme, name)
		}
	}
}

// checkIconsInGo reads the names of icons that Go files give to the parts.
func checkIconsInGo(t *testing.T, symbols map[string]bool) {
	t.Helper()
	named := regexp.MustCompile(`\bIcon: +"([^"]+)"`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range named.FindAllSubmatch(text, -1) {
			if !symbols[string(m[1])] {
				t.Errorf("%s names the icon %q, which is not in the sprite", name, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every class in the pages has a rule, every custom property that is used is set, and every icon is in the sprite.
func TestKitchenUsesWhatExists(t *testing.T) {
	css := readCSS(t, "app.css") + readCSS(t, "places.css") + readCSS(t, "print.css") + readCSS(t, "wall.css") + readCSS(t, "triage.css") + readCSS(t, "moves.css")
	sprite, err := fs.ReadFile(Static(), "sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	hooks := []string{"is-desk", "is-ledger", "is-login", "is-parts", "is-project", "is-ticket"} // Base.Kind, for a page's own rules
	class, icon := regexp.MustCompile(`class="([^"]*)"`), regexp.MustCompile(`sprite\.svg#([a-z0-9-]+)"`)
	known := map[string]bool{}
	for name, draw := range newKitchen(t).pages {
		page, err := draw(langChinese)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range class.FindAllSubmatch(page, -1) {
			for _, c := range strings.Fields(string(m[1])) {
				if _, done := known[c]; !done {
					known[c] = regexp.MustCompile(`\.` + regexp.QuoteMeta(c) + `[^a-zA-Z0-9_-]`).MatchString(css)
				}
				if !known[c] && !slices.Contains(hooks, c) {
					known[c] = true // said once
					t.Errorf("%s uses the class %q, which no style sheet knows", name, c)
				}
			}
		}
		for _, m := range icon.FindAllSubmatch(page, -1) {
			if !strings.Contains(string(sprite), `id="`+string(m[1])+`"`) {
				t.Errorf("%s uses the symbol %q, which is not in the sprite", name, m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(css+string(sprite), -1) {
		if !strings.Contains(css, m[1]+":") {
			t.Errorf("%s is used and never set", m[1])
		}
	}
}

func TestEverySpriteSymbolIsThereOnce(t *testing.T) {
	sprite, err := fs.ReadFile(Static(), "sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllSubmatch(sprite, -1) {
		if id := string(m[1]); seen[id] {
			t.Errorf("the symbol %s stands twice", id)
		} else {
			seen[id] = true
		}
	}
	checkIconsInGo(t, seen)
	set := newSet(t)
	for _, light := range dynamicKeys()["light."] {
		if id := "light-" + light; !seen[id] {
			t.Errorf("the sprite of %s has no symbol %s", set.AssetPath("sprite.svg"), id)
		}
	}
	if !seen["pennant"] || !seen["seal"] || len(seen) < 70 {
		t.Errorf("symbols are missing: %d found", len(seen))
	}
	if text := string(sprite); strings.Contains(text, "style=") || strings.Contains(text, "<script") {
		t.Error("the sprite holds a style attribute or a script")
	}
}
