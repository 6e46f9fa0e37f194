package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Disposal is a request to do away with the bytes of old files 处置, and what was decided on it. The rows and hashes of the files stay, and so does every record of
// the journal: nothing in this program removes one.
type Disposal struct {
	Row
	BeforeOn  calendar.Date // files handed in before this day
	Basis     string        // the document that allows it
	Reason    string
	State     string // "asked", "approved" or "rejected"
	AskedBy   int64
	AskedAt   int64
	DecidedBy int64 // somebody else than AskedBy
	DecidedAt int64
	Note      string
	Files     int   // how many files it did away with
	Bytes     int64 // how large they were together
}

// DisposedFile says under which disposal the bytes of an attachment went; the hashes stay.
type DisposedFile struct {
	ID           int64 `gorm:"primaryKey"`
	DisposalID   int64
	AttachmentID int64
	SHA256       string `gorm:"column:sha256"`
	ThumbSHA256  string `gorm:"column:thumb_sha256"`
	Size         int64
	At           int64
}

// MinRetention is for how many months everything is kept at least (网络安全法 art. 21: logs for six months and longer).
const MinRetention = 6

// maxRetention is the longest term that can be set in months; for longer, keep for ever.
const maxRetention = 1200

// Retention is for how many months the bytes of files are kept before anybody may ask to do away with them; 0 for ever, as it is until somebody sets it.
func (a *App) Retention(ctx context.Context) (int, error) {
	return a.view(ctx, System("pages")).retention()
}

func (t *tx) retention() (int, error) {
	text, err := t.setting("retention_months")
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("setting retention_months: %w", err)
	}
	return n, nil
}

// SetRetention sets it; 0 keeps for ever, less than MinRetention is refused.
func (a *App) SetRetention(ctx context.Context, actor Actor, months int) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, disposalAskers()...); err != nil {
			return err
		}
		if months != 0 && months < MinRetention || months > maxRetention {
			return invalid("months", "retention_short", map[string]any{"Least": MinRetention, "Most": maxRetention})
		}
		value := strconv.Itoa(months)
		err := execute(t.ctx, t.db, "INSERT INTO settings (key, value) VALUES ('retention_months', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", value)
		t.record(change{action: "setting.retention_months", kind: "setting", after: map[string]any{"retention_months": value}})
		return err
	})
}

// AskDisposal is the command that asks to do away with the bytes of files handed in before a day.
type AskDisposal struct {
	BeforeOn calendar.Date
	Basis    string
	Reason   string
}

// AskDisposal asks; somebody else decides. Nothing younger than the retention can be asked for, and nothing at all while everything is kept for ever.
func (a *App) AskDisposal(ctx context.Context, actor Actor, cmd AskDisposal) (*Disposal, error) {
	var out *Disposal
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, disposalAskers()...); err != nil {
			return err
		}
		var c check
		c.text("basis", cmd.Basis, 200, false)
		c.text("reason", cmd.Reason, 200, false)
		if cmd.BeforeOn.IsZero() {
			c.add("before_on", "required", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		if err := t.oldEnough(cmd.BeforeOn); err != nil {
			return err
		}
		out = &Disposal{BeforeOn: cmd.BeforeOn, Basis: strings.TrimSpace(cmd.Basis), Reason: strings.TrimSpace(cmd.Reason), State: "asked", AskedBy: t.actor.ID, AskedAt: t.now.Unix()}
		if err := insert(t, out); err != nil {
			return err
		}
		t.record(disposalChange("disposal.ask", out, nil))
		return nil
	})
	return out, err
}

func disposalChange(action string, d *Disposal, was any) change {
	return change{action: action, kind: "disposal", id: d.ID, no: d.BeforeOn.String(), before: was, after: d, reason: d.Reason, basis: d.Basis}
}

// oldEnough refuses a day that the retention does not allow yet, and years that were not archived.
func (t *tx) oldEnough(before calendar.Date) error {
	months, err := t.retention()
	if err != nil {
		return err
	}
	if months == 0 {
		return refused("kept_for_ever", nil)
	}
	if last := t.today.AddMonths(-months); before > last {
		return invalid("before_on", "retention_runs", map[string]any{"Months": months, "Day": last.String()})
	}
	return t.archivedBefore(before)
}

// DecideDisposal is the command of the second person.
type DecideDisposal struct {
	Disposal, Version int64
	Approve           bool
	Note              string
}

// DecideDisposal approves or rejects a request of somebody else. Approved, the bytes of the files are done away with once this is on record; their rows and hashes
// stay, and whoever asks for one reads when, by whom and on what basis it went.
func (a *App) DecideDisposal(ctx context.Context, actor Actor, cmd DecideDisposal) error {
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, disposalApprovers()...); err != nil {
			return err
		}
		d, err := get[Disposal](t, cmd.Disposal)
		if err != nil {
			return err
		}
		if d.Version != cmd.Version {
			return t.stale("object_kind = 'disposal' AND object_id = ?", d.ID)
		}
		return t.decideDisposal(d, cmd)
	})
	if err != nil || !cmd.Approve {
		return err
	}
	return a.RemoveDisposed(ctx)
}

func (t *tx) decideDisposal(d *Disposal, cmd DecideDisposal) error {
	switch {
	case d.State != "asked":
		return refused("disposal_decided", nil)
	case d.AskedBy == t.actor.ID:
		return refused("own_disposal", nil)
	}
	var c check
	c.text("note", cmd.Note, 200, cmd.Approve)
	if err := c.err(); err != nil {
		return err
	}
	was := *d
	d.State, d.DecidedBy, d.DecidedAt, d.Note = "rejected", t.actor.ID, t.now.Unix(), strings.TrimSpace(cmd.Note)
	action := "disposal.reject"
	if cmd.Approve {
		if err := t.oldEnough(d.BeforeOn); err != nil { // the retention may have been made longer since
			return err
		}
		d.State, action = "approved", "disposal.approve"
		if err := t.dispose(d); err != nil {
			return err
		}
	}
	if err := update(t, d); err != nil {
		return err
	}
	t.record(disposalChange(action, d, was))
	return nil
}

// dispose lists the files that a disposal does away with: old enough, and of matters that are over.
func (t *tx) dispose(d *Disposal) error {
	files, err := t.disposable(d.BeforeOn)
	if err != nil {
		return err
	}
	for _, f := range files {
		row := &DisposedFile{DisposalID: d.ID, AttachmentID: f.ID, SHA256: f.SHA256, ThumbSHA256: f.ThumbSHA256, Size: f.Size, At: t.now.Unix()}
		if err := t.numberRow(row, &row.ID); err != nil {
			return err
		}
		if err := table[DisposedFile](t.db).Create(t.ctx, row); err != nil {
			return err
		}
		// One record a file: the page of what it belonged to tells of it.
		t.record(change{action: "attachment.dispose", kind: "disposed_file", id: row.ID, no: f.Name, project: f.project, ticket: f.ticket, taskForce: f.force, after: row, basis: d.Basis})
		d.Files, d.Bytes = d.Files+1, d.Bytes+f.Size
	}
	return nil
}

// oldFile is a file that may go, with what it belongs to.
type oldFile struct {
	Attachment
	force, project, ticket int64
}

func (t *tx) disposable(before calendar.Date) ([]oldFile, error) {
	rows, err := list[Attachment](t, "id", "added_at < ? AND id NOT IN (SELECT attachment_id FROM disposed_files)", t.app.opt.Calendar.At(before, 0, 0).Unix())
	if err != nil {
		return nil, err
	}
	var out []oldFile
	for _, row := range rows {
		f := oldFile{Attachment: row}
		over := false
		if row.ItemKind == "ticket" {
			k, err := look[Ticket](t, row.ItemID)
			if err != nil {
				return nil, err
			}
			over, f.force, f.project, f.ticket = t.over(k), k.TaskForceID, k.ProjectID, k.ID
		} else {
			p, err := look[Project](t, row.ItemID)
			if err != nil {
				return nil, err
			}
			s, _ := t.machine("project", p.MachineVersion).State(p.Stage)
			over, f.force, f.project = slices.Contains([]string{workflows.KindDone, workflows.KindEnded}, s.Kind), p.TaskForceID, p.ID
		}
		if over {
			out = append(out, f)
		}
	}
	return out, nil
}

// unneeded are the sums of disposed files that no file which is kept has.
const unneeded = `SELECT DISTINCT s.sum FROM (SELECT sha256 AS sum FROM disposed_files UNION SELECT thumb_sha256 FROM disposed_files WHERE thumb_sha256 <> '') s
WHERE NOT EXISTS (SELECT 1 FROM attachments a WHERE (a.sha256 = s.sum OR a.thumb_sha256 = s.sum) AND a.id NOT IN (SELECT attachment_id FROM disposed_files))`

// RemoveDisposed removes the bytes of files whose disposal is on record, unless another file that is kept has the same bytes. It may run again at any time: what a
// process that died left behind goes then.
func (a *App) RemoveDisposed(ctx context.Context) error {
	if a.files == nil {
		return nil
	}
	// Which may go is asked twice: outside, where only what is committed is seen, since a disposal that is taken back has removed nothing; and behind the journal's head,
	// where somebody who hands in the same bytes either is seen or waits, and then looks whether they are still there.
	var sums []string
	if err := a.db.read.WithContext(ctx).Raw(unneeded).Scan(&sums).Error; err != nil {
		return fmt.Errorf("list disposed files: %w", err)
	}
	sums, err := a.thoseThere(sums)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(sums, 500) { // each behind the head for a moment only
		if err := a.chore(ctx, func(t *tx) error { return t.removeUnneeded(some) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) removeUnneeded(sums []string) error {
	if _, _, err := t.lockHead(); err != nil {
		return err
	}
	var still []string
	if err := t.db.Raw(unneeded+" AND s.sum IN ?", sums).Scan(&still).Error; err != nil {
		return fmt.Errorf("list disposed files: %w", err)
	}
	for _, sum := range still {
		if err := t.app.files.Remove(sum); err != nil {
			return err
		}
	}
	return nil
}

// thoseThere are the sums under which there are bytes: every night all disposed files are asked about, and nearly all have long been removed.
func (a *App) thoseThere(sums []string) ([]string, error) {
	var out []string
	for _, sum := range sums {
		kept, err := a.files.Has(sum)
		if err != nil {
			return nil, err
		}
		if kept {
			out = append(out, sum)
		}
	}
	return out, nil
}

// Disposals lists all requests, the newest first; Denied for those whom it does not concern.
func (a *App) Disposals(ctx context.Context, actor Actor) ([]Disposal, error) {
	t := a.view(ctx, actor)
	if err := t.require(place{}, slices.Concat(exporters(), disposalAskers(), disposalApprovers())...); err != nil {
		return nil, err
	}
	return list[Disposal](t, "id DESC", "id > 0")
}

// disposalOf is the disposal under which the bytes of a file went, nil while they are kept.
func (t *tx) disposalOf(attachment int64) (*Disposal, error) {
	rows, err := list[DisposedFile](t, "id", "attachment_id = ?", attachment)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return look[Disposal](t, rows[0].DisposalID)
}

// gone says of a disposed file when, by whom and on what basis it went.
func (t *tx) gone(d *Disposal) error {
	asked, err := look[User](t, d.AskedBy)
	if err != nil {
		return err
	}
	decided, err := look[User](t, d.DecidedBy)
	if err != nil {
		return err
	}
	return refused("file_disposed", map[string]any{"On": t.app.opt.Calendar.Today(unixTime(d.DecidedAt)).String(), "Asked": asked.Name, "Approved": decided.Name, "Basis": d.Basis})
}
