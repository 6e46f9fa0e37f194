package app

import (
	"context"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// WallLink lets a screen show the wall without anybody signed in. Only the hash of its token is stored.
type WallLink struct {
	Row
	TokenHash   string `journal:"-"`
	Name        string // where the screen hangs
	TaskForceID int64  // what the screen shows; 0 for the whole district
	Lang        string // "zh-CN" or "en"
	CreatedBy   int64
	CreatedAt   int64         `gorm:"autoCreateTime:false"`
	ExpiresOn   calendar.Date // the last day on which it opens
	RevokedBy   int64
	RevokedAt   int64
	SeenAt      int64 `journal:"-"` // when a screen last asked
}

// wallLife is for how many days a link may be made at most [P]: longer than a year nobody remembers which screen it is.
const wallLife = 366

// wallMakers may make and revoke links; leaders of a task force only those of their own.
func wallMakers(taskForce int64) []workflows.Role {
	makers := []workflows.Role{workflows.RoleAdministrator, workflows.RoleSupervisionDirector}
	if taskForce != 0 {
		makers = append(makers, workflows.RoleTaskforceLeader)
	}
	return makers
}

// place is where a link lives, for the scopes of role grants.
func (l WallLink) place() place { return place{taskForce: l.TaskForceID} }

// sight is what a screen with the link may see.
func (l WallLink) sight() sight {
	if l.TaskForceID == 0 {
		return sight{all: true}
	}
	return sight{taskForces: []int64{l.TaskForceID}}
}

// over tells whether the link opens nothing any more on a day.
func (l WallLink) over(today calendar.Date) bool { return l.RevokedAt != 0 || l.ExpiresOn < today }

// AddWallLink is the command that makes a link; TaskForceID 0 is the whole district.
type AddWallLink struct {
	Name, Lang  string
	TaskForceID int64
	ExpiresOn   calendar.Date
}

// AddWallLink makes a link to the wall and returns its token, which is stored nowhere; administrators, the director of supervision, and leaders for their task force.
func (a *App) AddWallLink(ctx context.Context, actor Actor, cmd AddWallLink) (string, error) {
	token, err := a.newToken()
	if err != nil {
		return "", err
	}
	return token, a.write(ctx, actor, func(t *tx) error {
		l := &WallLink{TokenHash: hashToken(token), Name: strings.TrimSpace(cmd.Name), TaskForceID: cmd.TaskForceID, Lang: cmd.Lang, ExpiresOn: cmd.ExpiresOn,
			CreatedBy: actor.ID, CreatedAt: t.now.Unix()}
		if err := t.require(l.place(), wallMakers(l.TaskForceID)...); err != nil {
			return err
		}
		if l.TaskForceID != 0 {
			if _, err := chosen[TaskForce](t, "scope", l.TaskForceID); err != nil {
				return err
			}
		}
		if err := l.check(t.today); err != nil {
			return err
		}
		if err := insert(t, l); err != nil {
			return err
		}
		t.record(change{action: "wall_link.add", kind: "wall_link", id: l.ID, no: l.Name, taskForce: l.TaskForceID, after: l})
		return nil
	})
}

func (l *WallLink) check(today calendar.Date) error {
	var c check
	c.text("name", l.Name, 40, false)
	if l.Lang != "zh-CN" && l.Lang != "en" {
		c.add("lang", "choose", nil)
	}
	if last := today.AddDays(wallLife); l.ExpiresOn < today || l.ExpiresOn > last {
		c.add("expires_on", "wall_expiry", map[string]any{"From": today, "Last": last})
	}
	return c.err()
}

// RevokeWallLink is the command that ends a link.
type RevokeWallLink struct{ ID, Version int64 }

// RevokeWallLink ends a link at once, for every screen that shows it; those who may make such a link.
func (a *App) RevokeWallLink(ctx context.Context, actor Actor, cmd RevokeWallLink) error {
	return a.write(ctx, actor, func(t *tx) error {
		l, err := get[WallLink](t, cmd.ID)
		if err != nil {
			return err
		}
		if err := t.require(l.place(), wallMakers(l.TaskForceID)...); err != nil {
			return err
		}
		if l.RevokedAt != 0 {
			return refused("wall_revoked", nil)
		}
		was := *l
		l.Version, l.RevokedBy, l.RevokedAt = cmd.Version, actor.ID, t.now.Unix()
		if err := update(t, l); err != nil {
			return err
		}
		t.record(change{action: "wall_link.revoke", kind: "wall_link", id: l.ID, no: l.Name, taskForce: l.TaskForceID, before: was, after: l})
		return nil
	})
}

// WallLinks lists the links that the actor may make and revoke, the newest first; Denied for everybody else.
func (a *App) WallLinks(ctx context.Context, actor Actor) ([]WallLink, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !s.makesWalls() {
		return nil, denied()
	}
	all, err := table[WallLink](a.db.read).Order("id DESC").Find(ctx)
	return slices.DeleteFunc(all, func(l WallLink) bool { return !s.may(l.place(), wallMakers(l.TaskForceID)...) }), err
}

// makesWalls tells whether there is any screen for which somebody with this sight may make a link.
func (s sight) makesWalls() bool {
	return s.may(place{}, wallMakers(0)...) || len(s.forcesAs(workflows.RoleTaskforceLeader)) > 0
}

// WallForces lists the task forces for whose screens the actor may make links, in their order; district tells whether for the whole district too.
func (a *App) WallForces(ctx context.Context, actor Actor) (forces []TaskForce, district bool, err error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, false, err
	}
	all, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
	forces = slices.DeleteFunc(all, func(f TaskForce) bool { return !s.may(place{taskForce: f.ID}, wallMakers(f.ID)...) })
	return forces, s.may(place{}, wallMakers(0)...), err
}

// OpenWall finds the link of a token and notes, once a minute, that its screen asked. Missing when there is none, when it was revoked or has expired, and when
// who made it may not make it any more: a link never shows more than its maker could.
func (a *App) OpenWall(ctx context.Context, token string) (WallLink, error) {
	l, err := found(table[WallLink](a.db.read).Where("token_hash = ?", hashToken(token)).First(ctx))
	if err != nil {
		return WallLink{}, err
	}
	stands, err := a.wallStands(ctx, *l)
	if err != nil {
		return WallLink{}, err
	}
	if l.over(a.Today()) || !stands {
		return WallLink{}, missing()
	}
	now := a.Now().Unix()
	if now-l.SeenAt < 60 { // once a minute is enough: it is a write
		return *l, nil
	}
	return *l, a.chore(ctx, func(t *tx) error {
		return execute(ctx, t.db, "UPDATE wall_links SET seen_at = ? WHERE id = ? AND seen_at < ?", now, l.ID, now)
	})
}

// wallStands tells whether the maker of a link may still make such a link; one that the machine made stands.
func (a *App) wallStands(ctx context.Context, l WallLink) (bool, error) {
	if l.CreatedBy == 0 {
		return true, nil
	}
	maker, err := table[User](a.db.read).Where("id = ?", l.CreatedBy).First(ctx)
	if noRow(err) || err == nil && maker.Disabled {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t := a.newTx(ctx, a.db.read.WithContext(ctx), System("wall"))
	if err := t.open(); err != nil {
		return false, err
	}
	grants, err := t.grantsOf(l.CreatedBy)
	return sight{grants: grants}.may(l.place(), wallMakers(l.TaskForceID)...), err
}

// WallLinkState says in one word how a link stands: "open", "revoked", "expired", or "orphan" when its maker may not make it any more.
func (a *App) WallLinkState(ctx context.Context, l WallLink) (string, error) {
	switch {
	case l.RevokedAt != 0:
		return "revoked", nil
	case l.over(a.Today()):
		return "expired", nil
	}
	stands, err := a.wallStands(ctx, l)
	if err == nil && !stands {
		return "orphan", nil
	}
	return "open", err
}

// WallLinkStates lists the words of WallLinkState.
func WallLinkStates() []string { return []string{"open", "revoked", "expired", "orphan"} }
