package app

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"battlemap/app/audit"
	"battlemap/app/media"
)

// Case is everything on record about one ticket or project as it stands, for an inspector to take away.
type Case struct {
	Kind        string // "ticket" or "project"
	ID          int64
	No          string
	Title       string
	Rows        []JournalRow // all records of it, and of a project's tickets; the oldest first
	Attachments []CaseFile   // of it, and of a project's tickets; withdrawn ones too
	Size        int64        // records of the journal when it was gathered
}

// CaseFile is an attachment of a case. Fate is "" when its bytes go along, "disposed" when they were deleted under an approved disposal, or "lost".
type CaseFile struct {
	Attachment
	Fate     string
	Disposal int64 // the disposal's number
}

// OpenCase gathers a case by its public number; those who may export. Missing when there is none.
func (a *App) OpenCase(ctx context.Context, actor Actor, kind, no string) (Case, error) {
	t := a.view(ctx, actor)
	if err := t.require(place{}, exporters()...); err != nil {
		return Case{}, err
	}
	c := Case{Kind: kind}
	var err error
	if c.Size, err = a.JournalSize(ctx); err != nil {
		return c, err
	}
	switch kind {
	case "ticket":
		k, err := found(table[Ticket](a.db.read).Where("no = ?", plain(no)).First(ctx))
		if err != nil {
			return c, err
		}
		c.ID, c.No, c.Title = k.ID, k.No, k.Title
	case "project":
		p, err := found(table[Project](a.db.read).Where("code = ?", plain(no)).First(ctx))
		if err != nil {
			return c, err
		}
		c.ID, c.No, c.Title = p.ID, p.Code, p.Name
	default:
		return c, missing()
	}
	where, args := c.records()
	if c.Rows, err = list[JournalRow](t, "no", "no <= ? AND "+where, append([]any{c.Size}, args...)...); err != nil {
		return c, fmt.Errorf("read the records of %s %s: %w", kind, no, err)
	}
	return c, t.caseFiles(&c)
}

// records is the condition on table journal for a case.
func (c Case) records() (string, []any) {
	if c.Kind == "ticket" {
		return recordsOfTicket, []any{c.ID}
	}
	return "(" + recordsOfProject + " OR ticket_id > 0 AND ticket_id IN (SELECT id FROM tickets WHERE project_id = ?))", []any{c.ID, c.ID}
}

func (t *tx) caseFiles(c *Case) (err error) {
	where, args := "item_kind = ? AND item_id = ?", []any{c.Kind, c.ID}
	if c.Kind == "project" {
		where, args = "(item_kind = 'project' AND item_id = ? OR item_kind = 'ticket' AND item_id IN (SELECT id FROM tickets WHERE project_id = ?))", []any{c.ID, c.ID}
	}
	c.Attachments, err = t.filesOf(where, args...)
	return err
}

// fileBytes reads a stored file; ErrLost where this installation keeps no files.
func (a *App) fileBytes(sum string) ([]byte, error) {
	if a.files == nil {
		return nil, media.ErrLost
	}
	return a.files.Get(sum)
}

// Members are what goes along beside the documents: the attachments whose bytes are there, each content once, and the statements of changes of the signing key.
func (a *App) Members(ctx context.Context, c Case) ([]audit.Member, error) {
	var out []audit.Member
	statements, err := a.statements(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range statements {
		m, err := audit.RotationMember(text)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	seen := map[string]bool{}
	for _, f := range c.Attachments {
		if f.Fate != "" || seen[f.SHA256] {
			continue
		}
		seen[f.SHA256] = true
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil || len(sum) != 32 {
			return nil, fmt.Errorf("attachment %d: %q is no SHA-256", f.ID, f.SHA256)
		}
		m := audit.Member{Size: f.Size, SHA256: [32]byte(sum)}
		m.Name = audit.AttachmentName(m.SHA256)
		m.Open = func() (io.ReadCloser, error) {
			data, err := a.fileBytes(f.SHA256)
			return io.NopCloser(bytes.NewReader(data)), err
		}
		out = append(out, m)
	}
	return out, nil
}

// ExportCase writes a case that OpenCase gathered as a bundle that auditverify reads, with documents such as case.html. The export is itself recorded, and the
// record names the manifest, so that a checkpoint covers the documents too. Stale when something was recorded about the case since it was gathered. The record
// belongs to the journal and not to the ticket or project: who is looked into is not told so by their own history.
func (a *App) ExportCase(ctx context.Context, actor Actor, c Case, documents []audit.Member, w io.Writer) error {
	members, err := a.Members(ctx, c)
	if err != nil {
		return err
	}
	members = append(members, documents...)
	return a.takeAway(ctx, actor, c.numbers(), members, func(t *tx) (int64, error) { return t.recordCase(c, members) }, w)
}

// recordCase records the export under the journal's lock, so that nothing about the case can come between, and returns the number that the record gets.
func (t *tx) recordCase(c Case, members []audit.Member) (int64, error) {
	if err := t.require(place{}, exporters()...); err != nil {
		return 0, err
	}
	own, after, err := t.marked(c.numbers(), members)
	if err != nil {
		return 0, err
	}
	where, args := c.records()
	later, err := list[JournalRow](t, "no", "no > ? AND "+where, append([]any{c.Size}, args...)...)
	if err != nil {
		return 0, err
	}
	if len(later) > 0 {
		return 0, &Fault{Kind: Stale, Key: "stale"}
	}
	t.record(change{action: audit.ActionCaseExport, kind: "case", id: c.ID, no: c.No, after: after})
	return own, nil
}

func (c Case) numbers() []int64 {
	out := make([]int64, len(c.Rows))
	for i, r := range c.Rows {
		out[i] = r.No
	}
	return out
}
