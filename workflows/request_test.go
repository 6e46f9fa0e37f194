package workflows_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"battlemap/workflows"
)

const requestFile = `ruleset: test
version: 3
title: {zh: 试, en: Test}
source: 测试
effective: 2023-01-01
approved_by: nobody
requests:
  - id: extension
    scope: ticket
    title: {zh: 延期申请, en: Extension}
    source: 测试
    when: kind == "appeal"
    until: {of: due_on, term: -1 workday}
    times: 1
    longest: [{if: complex, term: 30 days}, {term: 5 workdays}]
    needs: [reason, {field: decision, if: asked_days > 5}]
    by: [unit_leader]
    decide: [taskforce_leader, {role: supervision_director, if: asked_workdays > 3}]
    cases:
      - {name: in time, date: 2023-05-05, facts: {kind: appeal, due_on: 2023-05-06}, given: [reason], expect: in_time}
      - {name: the day itself, date: 2023-05-06, facts: {kind: appeal, due_on: 2023-05-06}, given: [reason], expect: {outcome: late, last_day: 2023-05-05}}
      - {name: again, date: 2023-05-05, before: 1, facts: {kind: appeal, due_on: 2023-05-06}, given: [reason], expect: too_often}
      - {name: no reason, date: 2023-05-05, facts: {kind: appeal, due_on: 2023-05-06}, expect: "lacks: reason"}
      - {name: too long, date: 2023-05-05, facts: {kind: appeal, due_on: 2023-05-06}, old: 2023-05-06, new: 2023-05-15, given: [reason, decision], expect: too_long}
      - {name: complex, date: 2023-05-05, facts: {kind: appeal, complex: true, due_on: 2023-05-06}, old: 2023-05-06, new: 2023-05-15, given: [reason], expect: {lacks: decision}}
      - {name: both approve, date: 2023-05-05, facts: {kind: appeal, complex: true, due_on: 2023-05-06}, old: 2023-05-06, new: 2023-05-15, given: [reason, decision], expect: {outcome: in_time, decide: [taskforce_leader, supervision_director]}}
      - {name: another kind, date: 2023-05-05, facts: {kind: policy, due_on: 2023-05-06}, given: [reason], expect: not_applicable}
`

func load(t testing.TB, file string) *workflows.Ruleset {
	t.Helper()
	sets, err := workflows.LoadRulesets(fstest.MapFS{"rules.yaml": {Data: []byte(file)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return sets["test"]
}

func TestRequests(t *testing.T) {
	set := load(t, requestFile)
	if err := set.Prove(rules2023()); err != nil {
		t.Error(err)
	}
	list := set.Request("ticket", "extension")
	if len(list) != 1 || len(set.Request("project", "extension")) != 0 {
		t.Fatalf("requests: %v", list)
	}
	v, err := list[0].Decide(workflows.Ask{Facts: workflows.Facts{"kind": "appeal", "complex": false, "due_on": day(t, "2023-05-06")}, On: day(t, "2023-05-06"), Given: []string{"reason"}}, rules2023())
	if err != nil || v.OK || v.Why != "late" || text(v.LastDay) != "2023-05-05" || list[0].Stamp() != "ticket/extension@3" {
		t.Errorf("%+v, %v", v, err)
	}
	wrong := load(t, strings.Replace(requestFile, "-1 workday}", "-2 workdays}", 1))
	if err := wrong.Prove(rules2023()); err == nil || !strings.Contains(err.Error(), `case "in time" of request "extension": it expects in_time, and the rule says late`) {
		t.Errorf("a case that does not come out: %v", err)
	}
}
