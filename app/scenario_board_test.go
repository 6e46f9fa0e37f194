package app_test

import (
	"context"
	"strconv"

	"battlemap/app"
)

// boardWord knows the words about the cells of a board: limit tickets issued 2 tf=1 version=1.
func (st *stage) boardWord(w []string, opt map[string]string) (known bool, err error) {
	if w[0] != "limit" {
		return false, nil
	}
	most, err := strconv.Atoi(w[3])
	if err != nil {
		return true, err
	}
	version, _ := strconv.ParseInt(or(opt["version"], "0"), 10, 64)
	return true, st.w.App.SetCellLimit(context.Background(), st.actor(opt, "tf1"), app.SetCellLimit{Board: w[1], State: w[2], Most: most, TaskForceID: st.s.Forces[opt["tf"]],
		Reason: or(opt["reason"], "示例:保持精力集中"), Version: version})
}
