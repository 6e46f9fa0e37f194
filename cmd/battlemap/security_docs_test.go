package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// incidents are what befell peers, as docs/security.md must treat them, by the identifiers of a row.
func incidents() []string {
	return []string{"CVE-2026-35594", "CVE-2026-33680", "GHSA-2pv8-4c52-mf8j", "CVE-2026-33677", "CVE-2026-33675", "CVE-2026-33679", "CVE-2026-33668", "CVE-2026-33315", "CVE-2026-34727", "CVE-2026-35597", "GHSA-p747-qc5p-773r",
		"CVE-2026-20779", "CVE-2026-28268", "CVE-2026-40103", "GHSA-m4g2-2q66-vc9v", "CVE-2026-20912", "CVE-2026-20736", "GHSA-6c6r-5xr4-cr5m", "GHSA-q9pg-jj6x-j9p6", "CVE-2026-27660", "CVE-2025-68939", "CVE-2025-68946", "CVE-2026-58418",
		"CVE-2026-26232", "CVE-2026-26247", "CVE-2026-40896", "CVE-2026-44732", "CVE-2026-30239", "CVE-2026-23646", "CVE-2026-27723", "CVE-2026-21879", "CVE-2026-21881", "CVE-2024-55603", "issue 5859", "CVE-2026-42267", "CVE-2023-22501",
		"CVE-2023-47258", "CVE-2023-47259", "CVE-2023-47260", "GHSA-v753-g4cw-jm48", "GHSA-375p-5qhx-8wq4", "GHSA-r7w9-592q-9vg4", "GHSA-2ffq-g2xg-c22p"}
}

var (
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	named    = regexp.MustCompile("`(Test\\w+)`")
	numbered = regexp.MustCompile(`^TestCheck([0-9]{2})\D`)
	reason   = regexp.MustCompile(`(?m)waits for \S.{2,}`)
)

// tests are the names of all tests of the tree.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == ".git" {
			return fs.SkipDir
		}
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			all[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rowsOf are the rows of the table below a heading, each as its cells.
func rowsOf(doc, heading string) [][]string {
	_, part, _ := strings.Cut(doc, heading)
	part, _, _ = strings.Cut(part, "\n## ")
	var rows [][]string
	for _, line := range strings.Split(part, "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); strings.HasPrefix(line, "| ") && len(cells) == 3 {
			rows = append(rows, cells)
		}
	}
	return rows[1:] // the head
}

// docs/security.md answers for each of the 45 checks, and for each thing that befell a peer, with a test that exists or with what it waits for; no test of a number is left out of its row.
func TestSecurityPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	doc, all := string(text), tests(t)
	if *update {
		if err := os.WriteFile("../../docs/security.md", []byte(withTests(doc, all)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, m := range named.FindAllStringSubmatch(doc, -1) {
		if !all[m[1]] {
			t.Errorf("docs/security.md names %s, which is no test", m[1])
		}
	}
	rows := rowsOf(doc, "## 1. The 45 checks")
	if len(rows) != 45 {
		t.Fatalf("%d rows of checks", len(rows))
	}
	for i, row := range rows {
		no := fmt.Sprintf("%02d", i+1)
		if row[0] != fmt.Sprint(i+1) {
			t.Errorf("row %d is of check %s", i+1, row[0])
		}
		own := 0
		for _, m := range named.FindAllStringSubmatch(row[2], -1) {
			if n := numbered.FindStringSubmatch(m[1]); n != nil && n[1] == no {
				own++
			}
		}
		if own == 0 && !reason.MatchString(row[2]) {
			t.Errorf("check %d has neither a test of its number nor a reason: %s", i+1, row[2])
		}
		for name := range all {
			if n := numbered.FindStringSubmatch(name); n != nil && n[1] == no && !strings.Contains(row[2], "`"+name+"`") {
				t.Errorf("%s is not in the row of check %d: go test ./cmd/battlemap -run TestSecurityPage -update", name, i+1)
			}
		}
	}
	peers := rowsOf(doc, "## 2. What befell peers")
	for _, id := range incidents() {
		at := slices.IndexFunc(peers, func(row []string) bool { return regexp.MustCompile(`\b` + id + `\b`).MatchString(row[0]) })
		if at < 0 || !named.MatchString(peers[at][2]) && !reason.MatchString(peers[at][2]) {
			t.Errorf("%s has no row with a test or a reason", id)
		}
	}
}

// withTests is the page with every test of a number in the row of that number; a row that waited for a branch waits no longer.
func withTests(doc string, all map[string]bool) string {
	names := slices.Sorted(maps.Keys(all))
	lines := strings.Split(doc, "\n")
	for i, line := range lines {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		n, err := strconv.Atoi(cells[0])
		if err != nil || len(cells) != 3 {
			continue
		}
		for _, name := range names {
			m := numbered.FindStringSubmatch(name)
			switch {
			case m == nil || m[1] != fmt.Sprintf("%02d", n) || strings.Contains(cells[2], "`"+name+"`"):
			case strings.HasPrefix(cells[2], "waits for the branch") || strings.HasPrefix(cells[2], "waits for a later"):
				cells[2] = "`" + name + "`"
			default:
				cells[2] = "`" + name + "`, " + cells[2]
			}
		}
		lines[i] = "| " + strings.Join(cells, " | ") + " |"
	}
	return strings.Join(lines, "\n")
}
