package main

import (
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

const rulesDoc = "../../docs/rules.md"

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)```")

// Every example of the guide is accepted, and all of its cases come out, with the product's calendar.
func TestExamplesOfTheGuide(t *testing.T) {
	data, err := os.ReadFile(rulesDoc)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	blocks := yamlBlock.FindAllStringSubmatchIndex(doc, -1)
	if len(blocks) < 18 {
		t.Errorf("only %d examples", len(blocks))
	}
	for i, b := range blocks {
		text, line := doc[b[2]:b[3]], 1+strings.Count(doc[:b[2]], "\n")
		if !strings.HasPrefix(text, "ruleset:") {
			text = fmt.Sprintf("ruleset: example_%d\nversion: 1\ntitle: 示例\nsource: 示例\neffective: 2023-01-01\napproved_by: 示例\n", i) + text
			line -= 6
		}
		set, err := workflows.ReadRuleset("rules.md", strings.Repeat("\n", max(line-1, 0))+text)
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
			t.Errorf("rules.md:%d: the example has no cases", line)
		}
	}
}

// The tables of the guide name every measure, recipient, paper and role, and nothing else.
func TestTheDocNamesEveryMeasure(t *testing.T) {
	data, err := os.ReadFile(rulesDoc)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	want := between(t, doc, "measures", measureTables())
	want = between(t, want, "lists", listTables())
	if *update {
		if err := os.WriteFile(rulesDoc, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if doc != want {
		t.Error("the tables of docs/rules.md are stale: go test ./cmd/battlemap -run TestTheDocNamesEveryMeasure -update")
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

func measureTables() string {
	var b strings.Builder
	titles := map[string]string{"project": "项目", "milestone": "节点", "ticket": "督办事项", "receiving_unit": "承办单位在一件事项中的那一份",
		"task_force": "专班", "unit": "单位", "district": "全区"}
	for _, scope := range workflows.Scopes() {
		fmt.Fprintf(&b, "\n### `%s` %s\n\n", scope, titles[scope])
		measureTable(&b, workflows.Measures(scope))
	}
	b.WriteString("\n### 每条规则都可以用（系统自己知道）\n\n")
	measureTable(&b, workflows.Judging())
	b.WriteString("\n### 每项申请都可以用（系统自己知道）\n\n")
	measureTable(&b, workflows.Asking())
	return b.String()
}

func measureTable(b *strings.Builder, list []workflows.Measure) {
	b.WriteString("| 名字 | 意思 | 类型 |\n|---|---|---|\n")
	for _, m := range list {
		kind := m.Type
		if len(m.Values) > 0 {
			kind += "（" + strings.Join(m.Values, "、") + "）"
		}
		if m.Formula != "" {
			kind += "，即 `" + m.Formula + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", m.Name, m.Title.In("zh"), kind)
	}
}

func listTables() string {
	var b strings.Builder
	b.WriteString("\n| 通知对象、约谈人（`tell` `interview`） | | 无人担任时由谁代 |\n|---|---|---|\n")
	title := map[string]string{}
	for _, n := range workflows.Recipients() {
		title[n.ID] = n.Title.In("zh")
	}
	for _, n := range workflows.Recipients() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", n.ID, title[n.ID], title[workflows.Upward(n.ID)[0]])
	}
	b.WriteString("\n| 文书（`paper`） | |\n|---|---|\n")
	for _, n := range workflows.Papers() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", n.ID, n.Title.In("zh"))
	}
	roles := map[workflows.Role]string{workflows.RoleAdministrator: "系统管理员", workflows.RoleDistrictLeader: "区领导", workflows.RoleTaskforceLeader: "专班班长",
		workflows.RoleTaskforceMember: "专班成员", workflows.RoleUnitLeader: "单位负责人", workflows.RoleUnitHandler: "单位承办人", workflows.RoleSupervisor: "督办员",
		workflows.RoleSupervisionDirector: "督查负责人", workflows.RoleInspector: "巡察、审计人员"}
	b.WriteString("\n| 角色（`by` `decide`） | |\n|---|---|\n")
	for _, r := range workflows.Roles() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r, roles[r])
	}
	return b.String()
}
