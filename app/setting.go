package app

import (
	"context"
	"strings"

	"battlemap/workflows"
)

type setting struct {
	Key   string `gorm:"primaryKey"`
	Value string
}

// setting reads a setting inside the door, "" when it was never made.
func (t *tx) setting(key string) (string, error) {
	rows, err := list[setting](t, "key", "key = ?", key)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Value, nil
}

// PaperPrefix is the district's word in the numbers of papers, such as 南岗 in 南岗督〔2023〕5号; "" before it was set.
func (a *App) PaperPrefix(ctx context.Context) (string, error) {
	return a.view(ctx, System("pages")).setting("paper_prefix")
}

// SetPaperPrefix sets the district's word in the numbers of papers; administrators only. Papers that were issued keep theirs.
func (a *App) SetPaperPrefix(ctx context.Context, actor Actor, prefix string) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		prefix = strings.TrimSpace(prefix)
		var c check
		c.text("prefix", prefix, 10, false)
		if err := c.err(); err != nil {
			return err
		}
		err := execute(t.ctx, t.db, "INSERT INTO settings (key, value) VALUES ('paper_prefix', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", prefix)
		t.record(change{action: "setting.paper_prefix", kind: "setting", after: map[string]any{"paper_prefix": prefix}})
		return err
	})
}

// Place is the district's name as the first administrator gave it, "" before that.
func (a *App) Place(ctx context.Context) (string, error) {
	rows, err := table[setting](a.db.read).Where("key = 'place'").Find(ctx)
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
	err := execute(t.ctx, t.db, "INSERT INTO settings (key, value) VALUES ('place', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", name)
	t.record(change{action: "setting.place", kind: "setting", after: map[string]any{"place": name}})
	return err
}
