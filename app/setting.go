package app

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"battlemap/workflows"
)

type setting struct {
	Key   string `gorm:"primaryKey"`
	Value string
}

// Place is the district's name as the first administrator gave it, "" before that.
func (a *App) Place(ctx context.Context) (string, error) {
	rows, err := gorm.G[setting](a.db.read).Where("key = 'place'").Find(ctx)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Value, nil
}

// SetPlace names the district; administrators only.
func (a *App) SetPlace(ctx context.Context, actor Actor, name string) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		return t.setPlace(name)
	})
}

func (t *tx) setPlace(name string) error {
	name = strings.TrimSpace(name)
	var c check
	c.text("place", name, 40, false)
	if err := c.err(); err != nil {
		return err
	}
	err := gorm.G[any](t.db).Exec(t.ctx, "INSERT INTO settings (key, value) VALUES ('place', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", name)
	t.record(change{action: "setting.place", kind: "setting", after: map[string]any{"place": name}})
	return err
}
