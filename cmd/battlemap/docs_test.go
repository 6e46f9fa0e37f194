package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

var update = flag.Bool("update", false, "write the generated parts of the docs anew")

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)```")

// guides are the guide to the rule language in each language, by its tag.
func guides() map[string]string {
	return map[string]string{"zh": "../../docs/rules.md", "en": "../../docs/rules.en.md"}
}

func guide(t *testing.T, lang string) string {
	t.Helper()
	data, err := os.ReadFile(guides()[lang])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// examplesOf are the YAML blocks of a guide, made whole files by the six lines that the guide leaves out, and where they stand.
func examplesOf(doc string) (texts []string, lines []int) {
	for i, b := range yamlBlock.FindAllStringSubmatchIndex(doc, -1) {
		text, line := doc[b[2]:b[3]], 1+strings.Count(doc[:b[2]], "\n")
		if !strings.HasPrefix(text, "ruleset:") {
			text = fmt.Sprintf("ruleset: example_%d\nversion: 1\ntitle: 示例\nsource: 示例\neffective: 2023-01-01\napproved_by: 示例\n", i) + text
			line -= 6
		}
		texts, lines = append(texts, text), append(lines, line)
	}
	return texts, lines
}

// Every example of the guides is accepted, and all of its cases come out, with the product's calendar.
func TestExamplesOfTheGuide(t *testing.T) {
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	for lang, file := range guides() {
		texts, lines := examplesOf(guide(t, lang))
		if len(texts) < 29 {
			t.Errorf("%s: only %d examples", file, len(texts))
		}
		for i, text := range texts {
			set, err := workflows.ReadRuleset(file, strings.Repeat("\n", max(lines[i]-1, 0))+text)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			cases := 0
			for _, r := range set.Test(app.RulesCalendar(cal)) {
				cases++
				if r.Wrong != nil {
					t.Errorf("%v", r.Wrong)
				}
			}
			if cases == 0 {
				t.Errorf("%s:%d: the example has no cases", file, lines[i])
			}
		}
	}
}

var (
	heading = regexp.MustCompile(`(?m)^(#+ (?:[0-9.]+ )?)`)
	wording = regexp.MustCompile(`\b(title|source|why|name|remark|approved_by): *("[^"]*"|[^,{}#\n]*)|#.*`)
	spaces  = regexp.MustCompile(`\s+`)
	coded   = regexp.MustCompile("(?m)^\\| `([a-z_]+)`")
)

// The two guides are twins: the same sections, the same examples but for their words, the same measures, recipients, papers and roles.
func TestTheGuidesAreTwins(t *testing.T) {
	zh, en := guide(t, "zh"), guide(t, "en")
	for what, of := range map[string]func(string) []string{
		"section": func(doc string) []string { return heading.FindAllString(yamlBlock.ReplaceAllString(doc, ""), -1) },
		"example": func(doc string) []string {
			texts, _ := examplesOf(doc)
			for i := range texts {
				texts[i] = spaces.ReplaceAllString(wording.ReplaceAllString(texts[i], "$1"), " ")
			}
			return texts
		},
		"code in a table": func(doc string) []string { return coded.FindAllString(doc, -1) },
	} {
		a, b := of(zh), of(en)
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Errorf("%s %d: %q in one, %q in the other", what, i+1, a[min(i, len(a)):min(i+1, len(a))], b[min(i, len(b)):min(i+1, len(b))])
				break
			}
		}
	}
}

// The tables of the guides name every measure, recipient, paper and role, and nothing else.
func TestTheDocNamesEveryMeasure(t *testing.T) {
	for lang, file := range guides() {
		doc := guide(t, lang)
		want := between(t, doc, "measures", measureTables(t, lang))
		want = between(t, want, "lists", listTables(lang))
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if doc != want {
			t.Errorf("the tables of %s are stale: go test ./cmd/battlemap -run TestTheDocNamesEveryMeasure -update", file)
		}
	}
}

// between puts text between the marks of a generated part.
func between(t *testing.T, doc, mark, text string) string {
	t.Helper()
	head, rest, ok := strings.Cut(doc, "<!-- "+mark)
	comment, rest, ok2 := strings.Cut(rest, "-->\n")
	_, tail, ok3 := strings.Cut(rest, "<!-- /"+mark+" -->")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("the document has no part %q", mark)
	}
	return head + "<!-- " + mark + comment + "-->\n" + text + "<!-- /" + mark + " -->" + tail
}

// say picks the words of a language.
func say(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

func measureTables(t *testing.T, lang string) string {
	t.Helper()
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	titles := map[string]string{"project": "项目", "milestone": "节点", "ticket": "督办事项", "receiving_unit": "承办单位在一件事项中的那一份",
		"task_force": "专班", "unit": "单位", "district": "全区"}
	english := map[string]string{"receiving_unit": "a unit's part in a ticket", "task_force": "task force"}
	for _, scope := range workflows.Scopes() {
		fmt.Fprintf(&b, "\n### `%s` %s\n\n", scope, say(lang, titles[scope], cmp.Or(english[scope], scope)))
		measureTable(&b, workflows.Measures(scope), lang, machines)
	}
	fmt.Fprintf(&b, "\n### %s\n\n", say(lang, "每条规则都可以用（系统自己知道）", "For every rule (known by the system itself)"))
	measureTable(&b, workflows.Judging(), lang, machines)
	fmt.Fprintf(&b, "\n### %s\n\n", say(lang, "每项申请都可以用（系统自己知道）", "For every request (known by the system itself)"))
	measureTable(&b, workflows.Asking(), lang, machines)
	return b.String()
}

func measureTable(b *strings.Builder, list []workflows.Measure, lang string, machines map[string]*workflows.Machine) {
	b.WriteString(say(lang, "| 名字 | 意思 | 类型 |\n|---|---|---|\n", "| name | meaning | type |\n|---|---|---|\n"))
	for _, m := range list {
		kind := m.Type
		var codes []string
		for _, code := range m.Values {
			codes = append(codes, strings.TrimSpace(code+" "+codeWord(m.Name, code, lang, machines)))
		}
		if len(codes) > 0 {
			kind += say(lang, "（", " (") + strings.Join(codes, say(lang, "、", ", ")) + say(lang, "）", ")")
		}
		if m.Formula != "" {
			kind += say(lang, "，即", ", which is") + " `" + m.Formula + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", m.Name, m.Title.In(lang), kind)
	}
}

// codeWord says what a code means where its English does not say it to the reader: a state, a kind of ticket, a degree.
func codeWord(measure, code, lang string, machines map[string]*workflows.Machine) string {
	if id := map[string]string{"stage": "project", "project_stage": "project", "state": "ticket"}[measure]; id != "" {
		if st, ok := machines[id].State(code); ok && lang == "zh" {
			return st.Title.In(lang)
		}
	}
	words := map[string]string{"assignment": "包保责任", "blocker": "堵点", "instruction": "领导批示", "decision": "议定事项", "appeal": "企业诉求", "rectification": "整改", "policy": "政策兑现",
		"lead": "牵头", "assist": "协办", "province": "省级", "city": "市级", "district": "区级", "important": "重要"}
	switch {
	case lang == "en" && measure == "urgency" && code == "special":
		return "most urgent"
	case lang == "en" && measure == "importance" && code == "special":
		return "needs special handling"
	case lang == "en":
		return ""
	case measure == "urgency":
		return map[string]string{"normal": "一般", "urgent": "紧急", "special": "特急"}[code]
	case measure == "importance" && code != "important":
		return map[string]string{"normal": "一般", "special": "须专门处理"}[code]
	}
	return words[code]
}

func listTables(lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %s | | %s |\n|---|---|---|\n", say(lang, "通知对象、约谈人（`tell` `interview`）", "recipients, who holds an interview (`tell` `interview`)"),
		say(lang, "无人担任时由谁代", "who stands in where there is nobody"))
	title := map[string]string{}
	for _, n := range workflows.Recipients() {
		title[n.ID] = n.Title.In(lang)
	}
	for _, n := range workflows.Recipients() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", n.ID, title[n.ID], title[workflows.Upward(n.ID)[0]])
	}
	fmt.Fprintf(&b, "\n| %s | |\n|---|---|\n", say(lang, "文书（`paper`）", "papers (`paper`)"))
	for _, n := range workflows.Papers() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", n.ID, n.Title.In(lang))
	}
	roles := map[workflows.Role]string{workflows.RoleAdministrator: "系统管理员", workflows.RoleDistrictLeader: "区领导", workflows.RoleTaskforceLeader: "专班班长",
		workflows.RoleTaskforceMember: "专班成员", workflows.RoleUnitLeader: "单位负责人", workflows.RoleUnitHandler: "单位承办人", workflows.RoleSupervisor: "督办员",
		workflows.RoleSupervisionDirector: "督查负责人", workflows.RoleInspector: "巡察、审计人员"}
	fmt.Fprintf(&b, "\n| %s | |\n|---|---|\n", say(lang, "角色（`by` `decide`）", "roles (`by` `decide`)"))
	for _, r := range workflows.Roles() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r, say(lang, roles[r], strings.ReplaceAll(string(r), "_", " ")))
	}
	return b.String()
}
