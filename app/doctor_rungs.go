package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"battlemap/app/audit"
)

// lookRungs proves I8 for the rungs of every item: each stands as its records tell, from the raising to the lifting.
func lookRungs(d *doctor, f *Finding) error {
	kind, id := "", int64(0)
	for {
		var next []struct {
			ItemKind string
			ItemID   int64
		}
		err := d.db.Raw(`SELECT DISTINCT item_kind, item_id FROM escalations WHERE (item_kind, item_id) > (?, ?) ORDER BY item_kind, item_id LIMIT ?`, kind, id, pageOfRows).Scan(&next).Error
		if err != nil || len(next) == 0 {
			return err
		}
		for _, item := range next {
			kind, id = item.ItemKind, item.ItemID
			if err := d.rungsOf(f, subjectKey{kind, id}); err != nil {
				return err
			}
		}
	}
}

func (d *doctor) rungsOf(f *Finding, key subjectKey) error {
	records, err := table[JournalRow](d.db).Where("object_kind = ? AND object_id = ? AND action LIKE 'escalation.%'", key.kind, key.id).Order("no").Find(d.ctx)
	if err != nil {
		return err
	}
	p := newPast(d.app)
	for _, r := range records {
		var said audit.Record
		if json.Unmarshal(r.Record, &said) != nil {
			continue // the check of the columns names it
		}
		if err := p.applyRung(r, said); err != nil {
			return fmt.Errorf("record %d: %w", r.No, err)
		}
	}
	type rung struct{ rule, step, due string }
	of := func(e *Escalation) rung { return rung{e.RuleID, e.Step, e.DueOn.String()} }
	told := map[rung]*Escalation{}
	for _, e := range p.rungs[key] {
		told[of(e)] = e
	}
	rows, err := table[Escalation](d.db).Where("item_kind = ? AND item_id = ?", key.kind, key.id).Order("id").Find(d.ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		f.Looked++
		d.holdRung(f, &rows[i], told[of(&rows[i])])
	}
	return nil
}

// holdRung compares a rung with what was told of it; what the rule found then is left out, a past does not keep it.
func (d *doctor) holdRung(f *Finding, row, told *Escalation) {
	if told == nil {
		f.add("rung_untold", "ID", row.ID, "No", row.RuleID)
		return
	}
	stands, said := columns(row), columns(told)
	delete(stands, "finding")
	for _, name := range slices.Sorted(maps.Keys(stands)) {
		a, errA := json.Marshal(stands[name])
		b, errB := json.Marshal(said[name])
		if errA != nil || errB != nil || !sameJSON(a, b) {
			f.add("rung_differs", "ID", row.ID, "No", row.RuleID, "Column", name, "Stands", short(a), "Said", short(b))
		}
	}
}

// lookLights proves that the light of every item is that of a rung that is lit, and that no item under a lit rung shows none.
func lookLights(d *doctor, f *Finding) error {
	for _, item := range []struct{ kind, table, no string }{{"ticket", "tickets", "no"}, {"project", "projects", "code"}, {"milestone", "milestones", "name"}} {
		lit := "SELECT 1 FROM escalations e WHERE e.item_kind = '" + item.kind + "' AND e.item_id = i.id AND e.lifted_on = ''"
		err := d.counted(f, "light_untold", "SELECT COUNT(*) FROM "+item.table, "SELECT i.id, i."+item.no+" AS no FROM "+item.table+` i
WHERE light NOT IN ('', 'green') AND NOT EXISTS (`+lit+" AND e.light = i.light AND e.rule_id = i.light_rule) OR light IN ('', 'green') AND EXISTS ("+lit+" AND e.light NOT IN ('', 'green')) ORDER BY i.id LIMIT 100")
		if err != nil {
			return fmt.Errorf("lights of %s: %w", item.table, err)
		}
	}
	return nil
}

// lookLaws proves that the text of every version of the law gives the hash that its record holds.
func lookLaws(d *doctor, f *Finding) error {
	laws, err := table[Law](d.db).Order("id").Find(d.ctx)
	for i := range laws {
		f.Looked++
		if lawHash(laws[i].YAML) != laws[i].SHA256 {
			f.add("law_text", "No", laws[i].no())
		}
	}
	return err
}
