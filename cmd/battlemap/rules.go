package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// rulesCommand checks, tests, draws and compares rule sets, explains by them and replays them; without a sub-command it tests what ships with the program.
type rulesCommand struct {
	Test  rulesTest  `cmd:"" default:"withargs" help:"Run the examples (cases) in rule sets; exit code 1 when one does not come out. Without FILE: in those that ship. 运行规则中的示例。"`
	Check rulesCheck `cmd:"" help:"Say what is wrong in rule sets, with line and column, and what would be right. 检查写法。"`
	Draw  rulesDraw  `cmd:"" help:"Draw the ladders of rule sets as Mermaid. 画出阶梯图。"`
	Diff  rulesDiff  `cmd:"" help:"Say in words what changed from one rule set to another. 比较两版规则。"`

	Explain  rulesExplain  `cmd:"" help:"Say why an item is lit on a day, and why not: rule, version, dates, days counted. Reads the database, changes nothing. 说明为什么亮灯、为什么不亮灯。"`
	Simulate rulesSimulate `cmd:"" help:"Replay a rule set over recorded history and list the lights that would have been others. Reads the database, changes nothing. 按历史推演。"`
}

type ruleFiles struct {
	Files []string `arg:"" optional:"" name:"FILE" help:"Rule sets (YAML)." type:"path"`
	Lang  string   `help:"Language of the output: zh or en." enum:"zh,en" default:"zh"`
}

// tell picks the sentence of the language.
func (f ruleFiles) tell(zh, en string, args ...any) {
	text := zh
	if f.Lang == "en" {
		text = en
	}
	fmt.Printf(text+"\n", args...)
}

// loaded is a file that was read.
type loaded struct {
	name string
	set  *workflows.Ruleset
}

// load reads each file for itself, so that two versions of one set can be looked at together; what is wrong goes to out.
func (f ruleFiles) load(out io.Writer) ([]loaded, error) {
	if len(f.Files) == 0 {
		sets, err := workflows.LoadRulesets(workflows.Rulesets(), "rulesets")
		if err != nil {
			return nil, f.wrong(out, err)
		}
		var list []loaded
		for _, id := range slices.Sorted(maps.Keys(sets)) {
			list = append(list, loaded{id, sets[id]})
		}
		return list, nil
	}
	var list []loaded
	var failed error
	for _, name := range f.Files {
		set, err := readRules(name)
		if err != nil {
			failed = errors.Join(failed, f.wrong(out, err))
			continue
		}
		list = append(list, loaded{name, set})
	}
	return list, failed
}

// readRules reads one rule set from a file.
func readRules(name string) (*workflows.Ruleset, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return workflows.ReadRuleset(shown(name), string(data))
}

// shown is the name of a file as a person types it from here.
func shown(name string) string {
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	if short, err := filepath.Rel(here, name); err == nil && len(short) < len(name) {
		return short
	}
	return name
}

var errRules = errors.New("规则有误 / the rules are not in order")

// wrong prints what is wrong in the reader's language; other errors are returned as they are.
func (f ruleFiles) wrong(out io.Writer, err error) error {
	problems := workflows.Problems(err)
	if len(problems) == 0 {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(out, p.In(f.Lang))
	}
	return errRules
}

type rulesCheck struct {
	ruleFiles `embed:""`
}

// Run says for each file what is wrong, or what is in it.
func (c rulesCheck) Run() error {
	list, err := c.load(os.Stdout)
	for _, l := range list {
		c.tell("%s：写法无误。%s，%d 条规则，%d 项申请，%d 项填报", "%s: in order. %s: %d rules, %d requests, %d inputs", shown(l.name), l.set.Title.In(c.Lang), len(l.set.Rules), len(l.set.Requests), len(l.set.Inputs))
		for _, r := range l.set.Rules {
			if len(r.Cases) == 0 {
				c.tell("  提醒：规则 %s 没有示例（cases），无法证明它说的是原文的意思", "  note: rule %s has no examples (cases), so nothing shows that it says what the text means", r.ID)
			}
		}
	}
	return err
}

type rulesTest struct {
	ruleFiles `embed:""`
}

// Run runs the examples with the product's calendar, and names each.
func (c rulesTest) Run() error {
	list, err := c.load(os.Stdout)
	cal, calErr := calendar.Default()
	if calErr != nil {
		return errors.Join(err, calErr)
	}
	if len(c.Files) == 0 {
		machines, _, err := law()
		if err != nil {
			return err
		}
		c.tell("流程定义 %d 个：写法无误", "%d workflow definitions: in order", len(machines))
	}
	passed, failed := 0, 0
	for _, l := range list {
		c.tell("%s：%s", "%s: %s", shown(l.name), l.set.Title.In(c.Lang))
		for _, r := range l.set.Test(app.RulesCalendar(cal)) {
			rule := r.Rule
			if rule == "" {
				rule = map[string]string{"zh": "全套规则", "en": "whole set"}[c.Lang]
			}
			if r.Wrong == nil {
				passed++
				c.tell("  通过  %s：%s", "  pass  %s: %s", rule, r.Name)
				continue
			}
			failed++
			c.tell("  不符  %s：%s", "  FAIL  %s: %s", rule, r.Name)
			fmt.Printf("        %s\n", r.Wrong.In(c.Lang))
		}
	}
	if passed+failed > 0 || err == nil {
		c.tell("示例 %d 个：通过 %d 个，不符 %d 个", "%d examples: %d pass, %d fail", passed+failed, passed, failed)
	}
	if failed > 0 && err == nil {
		err = errRules
	}
	return err
}

type rulesDraw struct {
	ruleFiles `embed:""`
}

// Run prints Mermaid text; paste it into any page that draws Mermaid.
func (c rulesDraw) Run() error {
	list, err := c.load(os.Stderr)
	for _, l := range list {
		fmt.Printf("%%%% %s\n%s", shown(l.name), l.set.Mermaid(c.Lang))
	}
	return err
}

type rulesDiff struct {
	From string `arg:"" name:"OLD" help:"The rule set in force." type:"path"`
	To   string `arg:"" name:"NEW" help:"The rule set that is to replace it." type:"path"`
	Lang string `help:"Language of the output: zh or en." enum:"zh,en" default:"zh"`
}

// Run says what changed, a line for each change.
func (c rulesDiff) Run() error {
	list, err := ruleFiles{Files: []string{c.From, c.To}, Lang: c.Lang}.load(os.Stdout)
	if err != nil {
		return err
	}
	changes := workflows.Compare(list[0].set, list[1].set)
	for _, change := range changes {
		fmt.Println("-", change.In(c.Lang))
	}
	if len(changes) == 0 {
		ruleFiles{Lang: c.Lang}.tell("两版规则没有差别", "nothing is different")
	}
	return nil
}
