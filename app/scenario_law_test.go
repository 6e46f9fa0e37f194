package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"battlemap/app"
)

// law draft FILE as=WHO from=DAY drafts testdata/laws/FILE; law approve|reject|withdraw NAME@EDITION as=WHO decides on it.
func (st *stage) law(w []string, opt map[string]string) error {
	ctx := context.Background()
	if w[0] == "draft" {
		text, err := os.ReadFile(filepath.Join("testdata/laws", w[1]))
		if err != nil {
			return err
		}
		_, err = st.w.App.DraftLaw(ctx, st.actor(opt, "dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例：修订", EffectiveFrom: date(opt["from"])})
		return err
	}
	laws, err := st.w.App.Laws(ctx, app.System("test"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(laws, func(l app.Law) bool { return fmt.Sprintf("%s@%d", l.Name, l.Edition) == w[1] })
	if i < 0 {
		return fmt.Errorf("no law %s", w[1])
	}
	version := laws[i].Version
	if laws[i].State != "draft" {
		version-- // as the page showed it before somebody decided
	}
	_, err = st.w.App.DecideLaw(ctx, st.actor(opt, "leader"), app.DecideLaw{Law: laws[i].ID, Version: version, Decision: w[0], Note: opt["note"]})
	return err
}

// expectLaw looks at the rule set in force, or at the one that a ticket was issued under.
func (st *stage) expectLaw(want string, opt map[string]string) error {
	if opt["ticket"] != "" {
		k, err := st.find(opt["ticket"])
		return same(err, k.Ruleset, want)
	}
	rules := st.w.App.Ruleset()
	return same(nil, fmt.Sprintf("%s@%d", rules.ID, rules.Version), want)
}

// expectSince looks at the day since when a project is lit.
func (st *stage) expectSince(code, want string) error {
	d, err := st.dossier(code)
	return same(err, d.Project.LightSince.String(), want)
}
