package app_test

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// hangWall makes the link of a screen, so that there is one to revoke.
func (c *scene) hangWall(t *testing.T) {
	t.Helper()
	_, err := c.w.App.AddWallLink(context.Background(), c.w.As(t, "dir"), app.AddWallLink{Name: "示例会议室", Lang: "zh-CN", TaskForceID: c.s.Forces["1"], ExpiresOn: c.w.App.Today().AddDays(30)})
	apptest.Must(t, err, "make a link for a screen")
}

// wallVerbs are the verbs about links of big screens. The stranger's refusal and the maker's success are about the same task force.
func (c *scene) wallVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"AddWallLink", "tf1", func(as app.Actor) error {
			return second(a.AddWallLink(ctx, as, app.AddWallLink{Name: "示例大厅", Lang: "zh-CN", TaskForceID: c.s.Forces["1"], ExpiresOn: a.Today().AddDays(30)}))
		}},
		{"RevokeWallLink", "tf1", func(as app.Actor) error {
			return a.RevokeWallLink(ctx, as, app.RevokeWallLink{ID: 1, Version: 1})
		}},
	}
}
