package app

import (
	"slices"

	"battlemap/workflows"
)

// Standing is a rung of a ladder with the people who answer there now. Up is the rung above that answers for it where nobody holds it, "" where nobody above does either.
type Standing struct {
	Rung   string
	People []int64
	Vacant bool
	Up     string
}

// standing finds the people on the named rungs. A rung that nobody holds goes one up, and the one that it went to is named.
func (t *tx) standing(it item, rungs []string) ([]Standing, error) {
	find, err := t.finder(it)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, rung := range rungs {
		s := Standing{Rung: rung}
		if s.People, err = find(rung); err != nil {
			return nil, err
		}
		if s.Vacant = len(s.People) == 0; s.Vacant {
			if s.Up, s.People, err = above(rung, find); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// above is the next rung that somebody holds; the vocabulary says which stands above which.
func above(rung string, find func(string) ([]int64, error)) (string, []int64, error) {
	for _, next := range workflows.Upward(rung) {
		people, err := find(next)
		if err != nil || len(people) > 0 {
			return next, people, err
		}
	}
	return "", nil, nil
}

// everybody are the people of some rungs, each once, and the rungs that stand vacant.
func everybody(rungs []Standing) (to []int64, vacant []Standing) {
	for _, s := range rungs {
		if s.Vacant {
			vacant = append(vacant, s)
		}
		for _, p := range s.People {
			if !slices.Contains(to, p) {
				to = append(to, p)
			}
		}
	}
	return to, vacant
}

// topRung is the highest of some rungs in the line of superiors; an office that is told as well stands beside it.
func topRung(rungs []string) string {
	const bottom = "unit_handler"
	top := ""
	for _, rung := range append([]string{bottom}, workflows.Upward(bottom)...) {
		if slices.Contains(rungs, rung) {
			top = rung
		}
	}
	return top
}
