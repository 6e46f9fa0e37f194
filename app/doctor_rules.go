package app

import (
	"errors"
	"fmt"

	"battlemap/app/media"
)

// counted runs a query that lists offenders, at most so many as a finding names, and one that counts what was looked at.
func (d *doctor) counted(f *Finding, key, count, offenders string, args ...any) error {
	var looked int64
	if err := scanOne(d.db.Raw(count), &looked); err != nil {
		return err
	}
	f.Looked += looked
	var rows []struct {
		ID int64
		No string
	}
	if err := d.db.Raw(offenders, args...).Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		f.add(key, "ID", r.ID, "No", r.No)
	}
	return nil
}

// lookEscalations proves I3: one rung for each item, rule, step and due date, even where the unique index is gone; and as many rungs as records that raised one.
func lookEscalations(d *doctor, f *Finding) error {
	err := d.counted(f, "rung_twice", "SELECT COUNT(*) FROM escalations",
		"SELECT MAX(id) AS id, MAX(rule_id) AS no FROM escalations GROUP BY item_kind, item_id, rule_id, step, due_on HAVING COUNT(*) > 1 ORDER BY 1")
	if err != nil {
		return err
	}
	var rows, raised int64
	err = errors.Join(scanOne(d.db.Raw("SELECT COUNT(*) FROM escalations"), &rows), scanOne(d.db.Raw("SELECT COUNT(*) FROM journal WHERE action = 'escalation.raise'"), &raised))
	if err == nil && rows != raised {
		f.add("rungs_untold", "Rows", rows, "Records", raised)
	}
	return err
}

// lookLetters proves I4: one reminder for each rung, recipient and channel, and none of a rung that is not there.
func lookLetters(d *doctor, f *Finding) error {
	err := d.counted(f, "letter_twice", "SELECT COUNT(*) FROM reminders",
		"SELECT MAX(id) AS id, MAX(item_no) AS no FROM reminders GROUP BY item_kind, item_id, rule_id, step, due_on, recipient_id, channel HAVING COUNT(*) > 1 ORDER BY 1")
	if err != nil {
		return err
	}
	return d.counted(f, "letter_orphan", "SELECT 0",
		"SELECT id, item_no AS no FROM reminders r WHERE escalation_id <> 0 AND NOT EXISTS (SELECT 1 FROM escalations e WHERE e.id = r.escalation_id) ORDER BY id LIMIT 100")
}

// lookLate proves I6: no letter of a rung was handed over after the day on which the rung was lifted. A rung that was over on its first day tells of an event, and one that
// a graver one took the place of is no reason to keep a letter back: neither was cured by anybody.
func lookLate(d *doctor, f *Finding) error {
	const page = 500
	var looked int64
	if err := scanOne(d.db.Raw("SELECT COUNT(*) FROM reminders WHERE status = 'accepted' AND escalation_id <> 0"), &looked); err != nil {
		return err
	}
	f.Looked = looked
	for after := int64(0); ; {
		var rows []struct {
			ID, CreatedAt, SettledAt int64
			ItemNo, LiftedOn         string
		}
		err := d.db.Raw(`SELECT r.id, r.created_at, r.settled_at, r.item_no, e.lifted_on FROM reminders r JOIN escalations e ON e.id = r.escalation_id
WHERE r.status = 'accepted' AND r.settled_at > 0 AND e.lifted_on > e.began_on AND e.lifted_why <> 'superseded' AND r.id > ? ORDER BY r.id LIMIT ?`, after, page).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			// A rung that was found after its time tells of something that is over already: such a letter is made after the lifting.
			made, day := d.app.opt.Calendar.Today(unixTime(r.CreatedAt)).String(), d.app.opt.Calendar.Today(unixTime(r.SettledAt)).String()
			if made <= r.LiftedOn && day > r.LiftedOn {
				f.add("letter_late", "ID", r.ID, "No", r.ItemNo, "Day", day, "Lifted", r.LiftedOn)
			}
			after = r.ID
		}
	}
}

// lookFiles proves I10: the bytes of every file are there and give its hash, unless they were disposed of. Without a folder of files it can't look.
func lookFiles(d *doctor, f *Finding) error {
	if d.app.files == nil {
		f.Left = "no_files"
		return nil
	}
	for after := int64(0); ; {
		rows, err := table[Attachment](d.db).Where("id > ? AND id NOT IN (SELECT attachment_id FROM disposed_files)", after).Order("id").Limit(pageOfRows).Find(d.ctx)
		if err != nil {
			return err
		}
		for _, a := range rows {
			f.Looked++
			after = a.ID
			for _, sum := range []string{a.SHA256, a.ThumbSHA256} {
				if sum == "" {
					continue
				}
				lost, err := d.lost(a.ID, sum)
				if err != nil {
					return err
				}
				if lost {
					f.add("file_lost", "ID", a.ID, "No", a.Name)
				}
			}
		}
		if len(rows) < pageOfRows {
			break
		}
	}
	return d.strays(f)
}

// lost tells whether the bytes of a file are missing or others, and no disposal of it has come on record since the examination began, of which its own view knows nothing.
func (d *doctor) lost(attachment int64, sum string) (bool, error) {
	_, err := d.app.files.Get(sum)
	if !errors.Is(err, media.ErrLost) {
		return false, err
	}
	var disposed int64
	err = scanOne(d.app.db.read.WithContext(d.ctx).Raw("SELECT COUNT(*) FROM disposed_files WHERE attachment_id = ?", attachment), &disposed)
	return disposed == 0, err
}

// strays mentions files older than a day that no row names: they harm nobody, but nobody should have put them there.
func (d *doctor) strays(f *Finding) error {
	return d.app.files.Each(func(sum string, modified int64) error {
		if d.app.Now().Unix()-modified < 24*60*60 {
			return nil
		}
		var n int64
		err := scanOne(d.db.Raw("SELECT COUNT(*) FROM attachments WHERE sha256 = ? OR thumb_sha256 = ?", sum, sum), &n)
		if err == nil && n == 0 {
			f.mention("file_stray", "Sum", sum)
		}
		return err
	})
}

// lookDatabase proves I9 by the database's own means: no damaged page, no reference to a row that is not there, no constraint that is not in force.
func lookDatabase(d *doctor, f *Finding) error {
	if d.app.db.postgres {
		return lookConstraints(d, f)
	}
	var said []string
	if err := d.db.Raw("PRAGMA integrity_check(5)").Scan(&said).Error; err != nil {
		return err
	}
	f.Looked++
	for _, line := range said {
		if line != "ok" {
			f.add("integrity", "Text", line)
		}
	}
	var broken []struct {
		Table string
		Rowid int64
	}
	if err := d.db.Raw("SELECT \"table\", rowid FROM pragma_foreign_key_check").Scan(&broken).Error; err != nil {
		return err
	}
	f.Looked++
	for _, b := range broken {
		f.add("reference", "Table", b.Table, "ID", b.Rowid)
	}
	return nil
}

// lookConstraints asks PostgreSQL which constraints it does not enforce, and looks itself whether every reference has its row.
func lookConstraints(d *doctor, f *Finding) error {
	var off []string
	err := d.db.Raw(`SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
UNION SELECT c.relname || '.' || tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND tgisinternal AND tgenabled NOT IN ('O', 'A') ORDER BY 1`).Scan(&off).Error
	if err != nil {
		return err
	}
	for _, name := range off {
		f.add("constraint_off", "Name", name)
	}
	var keys []struct{ Child, Field, Parent, Of string }
	err = d.db.Raw(`SELECT c.conrelid::regclass::text AS child, a.attname AS field, c.confrelid::regclass::text AS parent, b.attname AS of FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace AND array_length(c.conkey, 1) = 1 ORDER BY 1, 2`).Scan(&keys).Error
	if err != nil {
		return err
	}
	for _, k := range keys {
		f.Looked++
		var n int64
		// The names come from the database's own catalogue, quoted by it.
		query := fmt.Sprintf("SELECT COUNT(*) FROM %s x WHERE x.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s y WHERE y.%s = x.%s)", k.Child, k.Field, k.Parent, k.Of, k.Field)
		if err := scanOne(d.db.Raw(query), &n); err != nil {
			return err
		}
		if n > 0 {
			f.add("references", "Table", k.Child, "Column", k.Field, "N", n)
		}
	}
	return nil
}
