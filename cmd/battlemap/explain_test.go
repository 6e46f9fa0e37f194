package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"battlemap/app/calendar"
)

// staged is a folder with the example district, played to the end of April 2023.
func staged(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	demo := demoCommand{Data: dir}
	a, play, err := demo.stage(context.Background(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := play.FastForward(context.Background(), calendar.MakeDate(2023, 4, 30)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (r reading) in(lang string, asJSON bool) reading {
	r.Lang, r.JSON = lang, asJSON
	return r
}

// What the operator reads at the console are the words of the page, in both languages, with the reason why not.
func TestExplainAndSimulateOnTheExampleDistrict(t *testing.T) {
	dir := staged(t)
	before := contents(t, dir)
	at := reading{Data: dir, Lang: "zh"}
	explain := func(c rulesExplain) string {
		t.Helper()
		var out bytes.Buffer
		if err := c.write(context.Background(), slog.New(slog.DiscardHandler), &out); err != nil {
			return err.Error()
		}
		return out.String()
	}
	simulate := func(c rulesSimulate) string {
		t.Helper()
		var out bytes.Buffer
		if err := c.write(context.Background(), slog.New(slog.DiscardHandler), &out); err != nil {
			return out.String() + err.Error()
		}
		return out.String()
	}
	for _, c := range []struct {
		got  string
		want []string
	}{
		{explain(rulesExplain{Item: "〔2023〕003号", At: "2023-04-26", reading: at}), []string{"〔2023〕003号 ", "[红] 事项逾期", "default/ticket.overdue@1", "2023年3月28日 星期二交办，期限 15 个工作日", "期间节假日：清明", "调休上班（计入）：4月23日"}},
		{explain(rulesExplain{Item: "2023-3", At: "2023-04-26", Days: true, reading: at}), []string{"2023年4月23日 星期日  调休上班 · 计入          3"}},
		{explain(rulesExplain{Item: "P-001", At: "2023-04-29", reading: at.in("en", false)}), []string{"Sat 29 Apr 2023: no rule is lit", "Not yet: ", "default/project.stalled@1"}},
		{explain(rulesExplain{Item: "P-001/基础工程", reading: at}), []string{"期限的由来", "尚未到时：", "default/milestone.near_due@1"}},
		{explain(rulesExplain{Item: "P-999", reading: at}), []string{"P-999: 没有找到"}},
		{explain(rulesExplain{Item: "P-001/没有这个节点", reading: at}), []string{"没有找到"}},
		{explain(rulesExplain{Item: "P-001", At: "明天", reading: at}), []string{"--at 明天", "2023-05-31"}},
		{explain(rulesExplain{Item: "P-001", At: "2023-05-31", reading: at.in("en", false)}), []string{"after today"}},
		{simulate(rulesSimulate{From: "2023-03-13", reading: at}), []string{"0 处不同", "灯色没有不同"}},
		{simulate(rulesSimulate{From: "2023-03-13", Ruleset: milder(t), reading: at}), []string{"推演版本", "示例·", "进展停滞", "绿"}},
		{simulate(rulesSimulate{From: "2023-04-02", To: "2023-04-01", reading: at.in("en", false)}), []string{"start"}},
		{simulate(rulesSimulate{From: "2023-03-13", Ruleset: "../../docs/rules.md", reading: at}), []string{"rules.md:"}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.got, want) {
				t.Errorf("no %q in:\n%s", want, c.got)
			}
		}
	}
	var told explained
	if err := json.Unmarshal([]byte(explain(rulesExplain{Item: "2023-003", At: "2023-04-26", reading: at.in("zh", true)})), &told); err != nil {
		t.Fatal(err)
	}
	if told.Light != "red" || len(told.Rules) == 0 || told.Rules[0].State != "lit" || len(told.Rules[0].Counts) == 0 {
		t.Errorf("JSON: %+v", told)
	}
	var replayed simulated
	if err := json.Unmarshal([]byte(simulate(rulesSimulate{From: "2023-03-13", Ruleset: milder(t), reading: at.in("zh", true)})), &replayed); err != nil {
		t.Fatal(err)
	}
	if len(replayed.Changes) == 0 || replayed.Changes[0].Law == replayed.Changes[0].Draft {
		t.Errorf("JSON: %+v", replayed)
	}
	if after := contents(t, dir); after != before {
		t.Errorf("looking changed the folder: %s, before %s", after, before)
	}
}

// milder is the shipped rule set in which a project stalls after 30 working days only.
func milder(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../workflows/rulesets/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "at: +25 workdays", "at: +30 workdays", 1)
	name := filepath.Join(t.TempDir(), "milder.yaml")
	if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// contents are the names and sizes of the files that hold data; what SQLite keeps beside the file while it is open is left out.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "-wal") {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", filepath.Base(path), sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
