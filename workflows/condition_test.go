package workflows

import (
	"strings"
	"testing"
	"testing/fstest"
)

func projectScope(t *testing.T) *scope {
	t.Helper()
	voc, err := readVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	return voc.scopes["project"]
}

func TestConditions(t *testing.T) {
	sc := projectScope(t)
	facts := Facts{
		"stage": "building", "stage_rank": 6, "planned_start_on": 19000, "started": true, "months_not_started": 0, "exempt": false,
		"schedule": 50.1, "done": 40.1, "reported": 45.0, "last_progress_on": 19100, "level": "city", "investment": 20000.0, "sample": false,
	}
	for source, want := range map[string]bool{
		"behind == 10":                             true,
		"behind >= 10":                             true,
		"behind > 10":                              false,
		"schedule - done == 10":                    true, // 10.000000000000002 or less in doubles
		"-(done - schedule) >= 10":                 true,
		"10 <= schedule - done <= 10":              true,
		"10 <= behind <= 30":                       true,
		"10 < behind <= 30":                        false,
		"done / schedule < 0.8005":                 true,
		"done / schedule > 0.8":                    true,
		"done * 2 >= 80.2":                         true,
		`stage in ["started", "building"]`:         true,
		`stage not in ["started", "building"]`:     false,
		`not (stage == "landed") and started`:      true,
		"not started or exempt":                    false,
		"!started || exempt && sample":             false,
		"stage_rank in [5, 6]":                     true,
		"last_progress_on - planned_start_on > 30": true,
		`investment >= 1000 and level == "city"`:   true,
		"stage_rank % 2 == 0":                      true,
		"true":                                     true,
	} {
		cond, fault := compileCondition(source, sc)
		if fault != nil {
			t.Errorf("%s: %s", source, fault.text)
			continue
		}
		env, err := sc.values(facts, cond.uses)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := cond.holds(env); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", source, got, err, want)
		}
	}
}

// A project without a plan is no error, and no light: what can't be computed is not compared.
func TestAComparisonWithNothingIsFalse(t *testing.T) {
	sc := projectScope(t)
	for _, source := range []string{"schedule / done > 1", "schedule / done < 1", "done / done == 1", "days_since(registered_on) > 30", "days_since(registered_on) < 30",
		"months_since(registered_on) >= 0", "month(registered_on) == 1"} {
		cond, fault := compileCondition(source, sc)
		if fault != nil {
			t.Fatalf("%s: %s", source, fault.text)
		}
		env := map[string]any{"schedule": 50.0, "done": 0.0, "registered_on": 0}
		for name, f := range functions(&look{}) {
			env[name] = f
		}
		if got, err := cond.holds(env); err != nil || got {
			t.Errorf("%s is %v, %v", source, got, err)
		}
	}
	cond, fault := compileCondition("5 % stage_rank == 1", sc)
	if fault != nil {
		t.Fatal(fault.text)
	}
	if got, err := cond.holds(map[string]any{"stage_rank": 0}); err == nil || got {
		t.Errorf("the rest of a division by zero is %v, %v", got, err)
	}
}

func TestConditionsHaveACap(t *testing.T) {
	sc := projectScope(t)
	for name, source := range map[string]string{
		"long":  "behind > " + strings.Repeat("1", maxConditionRunes),
		"nodes": "started" + strings.Repeat(" or 1>2", 60),
		"deep":  strings.Repeat("(", 400) + "started" + strings.Repeat(")", 40),
	} {
		if _, fault := compileCondition(source, sc); fault == nil {
			t.Errorf("a condition that is too %s was accepted", name)
		}
	}
}

func TestVocabularyIsChecked(t *testing.T) {
	const head = "recipients: []\npapers: []\nscopes:\n  project:\n    - {name: a, type: percent, title: {zh: 甲, en: A}}\n"
	for name, tc := range map[string]struct{ file, want string }{
		"type":    {head + "    - {name: b, type: number, title: {zh: 乙, en: B}}\n", `v.yaml:6:23: a measure of a project: unknown type "number"`},
		"title":   {head + "    - {name: b, type: int}\n", `v.yaml:6:7: a measure of a project has no "title"`},
		"twice":   {head + "    - {name: a, type: int, title: {zh: 乙, en: B}}\n", `v.yaml:6:14: duplicate name "a"`},
		"formula": {head + "    - {name: b, type: percent, title: {zh: 乙, en: B}, formula: a - c}\n", `v.yaml:6:68: measure "b": unknown measure "c"`},
		"circle":  {head + "    - {name: b, type: percent, title: {zh: 乙, en: B}, formula: a - b}\n", `v.yaml:6:64: measure "b": a formula may only use measures that are handed in`},
		"bool":    {head + "    - {name: b, type: percent, title: {zh: 乙, en: B}, formula: a > 1}\n", "a formula must come out as a number"},
	} {
		_, err := readVocabularyFrom(fstest.MapFS{"v.yaml": {Data: []byte(tc.file)}}, "v.yaml")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	if _, err := readVocabularyFrom(fstest.MapFS{}, "v.yaml"); err == nil {
		t.Error("a missing vocabulary was accepted")
	}
}
