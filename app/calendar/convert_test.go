package calendar

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	sourceName    = "chinese-days"
	sourceVersion = "1.5.7"
	firstYear     = 2007
	lastYear      = 2026
)

// TestMain adds -update, which rewrites data/ from the unpacked npm package instead of testing;
// data/README.md says how to use it.
func TestMain(m *testing.M) {
	from := flag.String("update", "", "rewrite data/ from this unpacked "+sourceName+" package")
	flag.Parse()
	if *from == "" {
		os.Exit(m.Run())
	}
	if err := updateData(*from); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("data/ is rewritten: run the tests again without -update")
}

// manifestEntry says where one vendored file comes from and what its bytes must be.
type manifestEntry struct {
	Path    string `json:"path"` // beside the manifest
	Source  string `json:"source"`
	Version string `json:"version"`
	Licence string `json:"licence"`
	SHA256  string `json:"sha256"`
}

// npmDays is the package's dist/chinese-days.json: date → "English name,中文名,days".
type npmDays struct {
	Holidays map[string]string `json:"holidays"`
	Workdays map[string]string `json:"workdays"`
}

func updateData(from string) error {
	source, err := os.ReadFile(filepath.Join(from, "dist", "chinese-days.json"))
	if err != nil {
		return fmt.Errorf("reading the source: %w", err)
	}
	days, err := convert(source, firstYear, lastYear)
	if err != nil {
		return fmt.Errorf("converting the source: %w", err)
	}
	licence, err := os.ReadFile(filepath.Join(from, "LICENSE"))
	if err != nil {
		return fmt.Errorf("reading the licence: %w", err)
	}
	manifest, err := json.MarshalIndent([]manifestEntry{
		entry("holidays.json", "npm "+sourceName+", dist/chinese-days.json, converted (see README.md)", days),
		entry("LICENSE-chinese-days", "npm "+sourceName+", LICENSE", licence),
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	for name, content := range map[string][]byte{
		"holidays.json": days, "LICENSE-chinese-days": licence, "manifest.json": append(manifest, '\n'),
	} {
		if err := os.WriteFile(filepath.Join("data", name), content, 0o644); err != nil {
			return fmt.Errorf("writing the data: %w", err)
		}
	}
	return nil
}

func entry(path, source string, content []byte) manifestEntry {
	return manifestEntry{Path: path, Source: source, Version: sourceVersion, Licence: "MIT", SHA256: digest(content)}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// convert writes the years first to last of the package's file in our shape, one span a line.
func convert(source []byte, first, last int) ([]byte, error) {
	var days npmDays
	if err := json.Unmarshal(source, &days); err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"version\": \"%s-%s\",\n  \"first\": \"%d-01-01\",\n  \"last\": \"%d-12-31\",\n  \"years\": [\n",
		sourceName, sourceVersion, first, last)
	for year := first; year <= last; year++ {
		spans, err := spansOf(days.Holidays, year)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "    {\n      \"year\": %d,\n      \"off\": [\n", year)
		for i, s := range spans {
			fmt.Fprintf(&b, "        {\"name\": %q, \"from\": %q, \"to\": %q}%s\n", s.Name, s.From, s.To, comma(i, len(spans)))
		}
		makeUps := slices.Sorted(maps.Keys(days.Workdays))
		makeUps = slices.DeleteFunc(makeUps, func(d string) bool { return !inYear(d, year) })
		quoted, err := json.Marshal(makeUps)
		if err != nil {
			return nil, fmt.Errorf("encoding make-up days: %w", err)
		}
		fmt.Fprintf(&b, "      ],\n      \"make_up\": %s\n    }%s\n",
			strings.ReplaceAll(string(quoted), ",", ", "), comma(year-first, last-first+1))
	}
	b.WriteString("  ]\n}\n")
	return b.Bytes(), nil
}

// spansOf joins neighbouring days off of one year and one name.
func spansOf(holidays map[string]string, year int) ([]span, error) {
	var spans []span
	for _, text := range slices.Sorted(maps.Keys(holidays)) {
		if !inYear(text, year) {
			continue
		}
		d, err := ParseDate(text)
		if err != nil {
			return nil, err
		}
		names := strings.Split(holidays[text], ",")
		if len(names) != 3 || names[1] == "" {
			return nil, fmt.Errorf("%s: %q is not \"English,中文,days\"", text, holidays[text])
		}
		if n := len(spans); n > 0 && spans[n-1].Name == names[1] && spans[n-1].To+1 == d {
			spans[n-1].To = d
			continue
		}
		spans = append(spans, span{Name: names[1], From: d, To: d})
	}
	return spans, nil
}

func inYear(date string, year int) bool { return strings.HasPrefix(date, fmt.Sprintf("%d-", year)) }

func comma(i, n int) string {
	if i == n-1 {
		return ""
	}
	return ","
}

func TestConvert(t *testing.T) {
	source := `{"holidays": {
		"2008-01-01": "New Year's Day,元旦,1", "2006-01-01": "New Year's Day,元旦,1",
		"2007-12-31": "New Year's Day,元旦,1", "2007-12-30": "New Year's Day,元旦,1",
		"2007-01-01": "New Year's Day,元旦,1"},
		"workdays": {"2007-12-29": "New Year's Day,元旦,1", "2007-02-25": "Spring Festival,春节,3", "2007-02-17": "Spring Festival,春节,3"},
		"inLieuDays": {"2007-12-31": "New Year's Day,元旦,1"}}`
	want := `{
  "version": "chinese-days-1.5.7",
  "first": "2007-01-01",
  "last": "2008-12-31",
  "years": [
    {
      "year": 2007,
      "off": [
        {"name": "元旦", "from": "2007-01-01", "to": "2007-01-01"},
        {"name": "元旦", "from": "2007-12-30", "to": "2007-12-31"}
      ],
      "make_up": ["2007-02-17", "2007-02-25", "2007-12-29"]
    },
    {
      "year": 2008,
      "off": [
        {"name": "元旦", "from": "2008-01-01", "to": "2008-01-01"}
      ],
      "make_up": []
    }
  ]
}
`
	got, err := convert([]byte(source), 2007, 2008)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("converted file (-want +got):\n%s", diff)
	}
	if _, err := convert([]byte(`{"holidays": {"2007-01-01": "元旦"}}`), 2007, 2007); err == nil {
		t.Error("a holiday without its three parts was accepted")
	}
}

// TestVendoredFiles finds a vendored file that was edited, is not listed, or has no provenance.
func TestVendoredFiles(t *testing.T) {
	content, err := os.ReadFile("data/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var entries []manifestEntry
	if err := json.Unmarshal(content, &entries); err != nil {
		t.Fatal(err)
	}
	listed := []string{"README.md", "manifest.json"}
	for _, e := range entries {
		listed = append(listed, e.Path)
		if e.Source == "" || e.Version == "" || e.Licence == "" {
			t.Errorf("%s: source, version or licence is missing", e.Path)
		}
		content, err := os.ReadFile(filepath.Join("data", e.Path))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := digest(content); got != e.SHA256 {
			t.Errorf("%s has SHA-256 %s, the manifest says %s", e.Path, got, e.SHA256)
		}
	}
	files, err := os.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		found = append(found, f.Name())
	}
	slices.Sort(listed)
	slices.Sort(found)
	if diff := cmp.Diff(listed, found); diff != "" {
		t.Errorf("files in data/ (-listed +found):\n%s", diff)
	}
}
