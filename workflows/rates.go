package workflows

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

//go:embed rates.yaml
var rateFiles embed.FS

// RateGoal is one of the four rates 四率 with the goal that the place has set, in per cent; Of says what it is a share of. Its id is a measure of task forces.
type RateGoal struct {
	Named
	Goal int
	Of   Words
}

// RateGoals are the rates in the order in which they are shown, and where their goals come from.
type RateGoals struct {
	Version int
	Title   Words
	Source  string
	List    []RateGoal
}

// LoadRateGoals reads the goals that ship with the product; the error joins everything that is wrong with them.
func LoadRateGoals() (*RateGoals, error) { return loadRateGoals(rateFiles, "rates.yaml") }

func loadRateGoals(fsys fs.FS, name string) (*RateGoals, error) {
	s, root, err := openSheet(fsys, name, true)
	if err != nil {
		return nil, fmt.Errorf("read the goals of the rates: %w", err)
	}
	g := &RateGoals{}
	if root != nil {
		g.read(s, root)
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, fmt.Errorf("read the goals of the rates: %w", err)
	}
	return g, nil
}

// rateIDs are the rates that the product can work out.
func rateIDs() []string {
	return []string{"start_rate", "invest_rate", "funds_rate", "completion_rate"}
}

func (g *RateGoals) read(s *sheet, root *yaml.Node) {
	top := s.table(root, say("the goals"), "rates", "version", "title", "source", "list")
	g.Version, g.Title, g.Source = top.count("version"), top.words("title"), top.must("source", "name the document it comes from, or say that it is a default of this product")
	seen := map[string]*yaml.Node{}
	for _, row := range top.rows("list") {
		t := s.table(row, say("a rate"), "id", "goal", "title", "of")
		rate := RateGoal{Named: Named{ID: t.choice("id", "rate", rateIDs())}}
		t.id("id", seen)
		t.called("rate", rate.ID)
		rate.Title, rate.Goal, rate.Of = t.words("title"), t.count("goal"), t.words("of")
		if rate.Goal > 100 {
			t.fail(t.at("goal"), "%s: the goal is %d, must be a share of 100", t.what, rate.Goal)
		}
		g.List = append(g.List, rate)
	}
}
