package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/app/media"
	"battlemap/workflows"
)

// Attachment is a photo or document of a project or ticket. The row says what was handed in and by whom, for ever; it may be withdrawn with a reason, and even then
// the row, its hash and the bytes stay, so that evidence is provable.
type Attachment struct {
	Row
	Code        string // random, in the address of the file
	ItemKind    string // "project" or "ticket"
	ItemID      int64
	Kind        string // "photo" or "document"
	Name        string // as the file was called
	Caption     string
	DatedOn     calendar.Date // when the photo was taken, or of the document; zero where nobody says
	MediaType   string
	Size        int64  // of the bytes that are kept
	SHA256      string `gorm:"column:sha256"`       // of the bytes that are kept
	SentSHA256  string `gorm:"column:sent_sha256"`  // of the bytes that were handed in: a photo is drawn anew
	ThumbSHA256 string `gorm:"column:thumb_sha256"` // of a photo's small view, "" of a document
	Width       int
	Height      int
	AddedBy     int64
	AddedAt     int64 `gorm:"autoCreateTime:false"`
	Withdrawal
}

// AddAttachment is the command that hands in one file.
type AddAttachment struct {
	ItemKind string // "project" or "ticket"
	Item     int64
	Kind     string // "photo" or "document"
	Name     string
	Caption  string
	DatedOn  calendar.Date
	Data     []byte
}

// Uploads tells whether files can be handed in here.
func (a *App) Uploads() bool { return a.files != nil }

// AddAttachment hands in a photo or document of a project or ticket; everybody who works on it may, who only inspects may not. The bytes are on the disk before
// the row is committed: a file without a row harms nobody, a row without its file would.
func (a *App) AddAttachment(ctx context.Context, actor Actor, cmd AddAttachment) (*Attachment, error) {
	if err := a.mayContribute(ctx, actor, cmd.ItemKind, cmd.Item); err != nil {
		return nil, err // before the work of reading a file is done for somebody who may not
	}
	row, parts, err := a.receive(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if err := a.keepFiles(parts); err != nil {
		return nil, err
	}
	var out *Attachment
	err = a.write(ctx, actor, func(t *tx) error {
		it, err := t.contributable(cmd.ItemKind, cmd.Item)
		if err != nil {
			return err
		}
		if row.DatedOn > t.today {
			return invalid("dated_on", "in_future", nil)
		}
		one := row
		one.AddedBy, one.AddedAt = t.actor.ID, t.now.Unix()
		if err := insert(t, &one); err != nil {
			return fmt.Errorf("store attachment: %w", err)
		}
		out = &one
		t.record(attachmentChange("attachment.add", it, &one, nil))
		return t.stillKept(parts)
	})
	return out, err
}

func attachmentChange(action string, it item, one *Attachment, was any) change {
	return change{action: action, kind: "attachment", id: one.ID, no: it.no + " " + one.Name, taskForce: it.taskForce, project: it.project, ticket: it.ticket, before: was, after: one}
}

// receive checks a file and returns its row and the bytes to keep, by the sums that the row names: the file, and of a photo the small view too.
func (a *App) receive(ctx context.Context, cmd AddAttachment) (Attachment, map[string][]byte, error) {
	row := Attachment{ItemKind: cmd.ItemKind, ItemID: cmd.Item, Kind: cmd.Kind, Name: media.CleanName(cmd.Name), Caption: strings.TrimSpace(cmd.Caption), DatedOn: cmd.DatedOn,
		SentSHA256: media.Sum(cmd.Data)}
	if a.files == nil {
		return row, nil, refused("uploads_off", nil)
	}
	var c check
	c.text("caption", cmd.Caption, 200, cmd.Kind == "document")
	if !slices.Contains([]string{"photo", "document"}, cmd.Kind) {
		c.add("kind", "choose", nil)
	}
	if row.Name == "" {
		c.add("file", "required", nil)
	}
	for _, text := range []string{cmd.Name, cmd.Caption} {
		if mark := media.Marked(text); mark != "" {
			c.add("file", "file_secret", map[string]any{"Mark": mark})
		}
	}
	if err := c.err(); err != nil {
		return row, nil, err
	}
	if err := a.newCode(&row); err != nil {
		return row, nil, err
	}
	if cmd.Kind == "photo" {
		parts, err := a.receivePhoto(ctx, &row, cmd.Data)
		return row, parts, fileFault(err)
	}
	var err error
	if row.MediaType, err = media.Document(row.Name, cmd.Data); err != nil {
		return row, nil, fileFault(err)
	}
	row.Size, row.SHA256 = int64(len(cmd.Data)), row.SentSHA256
	return row, map[string][]byte{row.SHA256: cmd.Data}, nil
}

func (a *App) newCode(row *Attachment) error {
	code := make([]byte, 16)
	if _, err := io.ReadFull(a.opt.Rand, code); err != nil {
		return fmt.Errorf("make the code of a file: %w", err)
	}
	row.Code = hex.EncodeToString(code)
	return nil
}

func (a *App) receivePhoto(ctx context.Context, row *Attachment, data []byte) (map[string][]byte, error) {
	select {
	case a.pictures <- struct{}{}:
		defer func() { <-a.pictures }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := media.Photo(data)
	if err != nil {
		return nil, err
	}
	row.MediaType, row.Size, row.Width, row.Height = "image/jpeg", int64(len(p.Full)), p.Width, p.Height
	row.SHA256, row.ThumbSHA256 = media.Sum(p.Full), media.Sum(p.Thumb)
	return map[string][]byte{row.SHA256: p.Full, row.ThumbSHA256: p.Thumb}, nil
}

// ErrFileNotKept means that the bytes of a file could not be put onto the disk, so nothing of what was handed in is saved.
var ErrFileNotKept = errors.New("the file could not be kept")

func (a *App) keepFiles(parts map[string][]byte) error {
	for _, data := range parts {
		if _, err := a.files.Put(data); err != nil {
			return fmt.Errorf("%w: %w", ErrFileNotKept, err)
		}
	}
	return nil
}

// stillKept puts bytes back that were removed since they were handed in, because a disposed file had the same. RemoveDisposed waits for the journal's head too, so from
// here on they stay, and after the commit the row keeps them.
func (t *tx) stillKept(parts map[string][]byte) error {
	if _, _, err := t.lockHead(); err != nil {
		return err
	}
	gone := map[string][]byte{}
	for sum, data := range parts {
		kept, err := t.app.files.Has(sum)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFileNotKept, err)
		}
		if !kept {
			gone[sum] = data
		}
	}
	return t.app.keepFiles(gone)
}

// fileFault makes a refusal of a file a fault at its field.
func fileFault(err error) error {
	if r, ok := errors.AsType[*media.Refusal](err); ok {
		return invalid("file", r.Key, r.Args)
	}
	return err
}

// WithdrawAttachment is the command that withdraws a file.
type WithdrawAttachment struct {
	ItemKind string
	Item     int64
	Code     string
	Reason   string
}

// WithdrawAttachment marks a file as withdrawn; who handed it in may, and supervisors. Its row, its hash and its bytes stay.
func (a *App) WithdrawAttachment(ctx context.Context, actor Actor, cmd WithdrawAttachment) error {
	return a.write(ctx, actor, func(t *tx) error {
		it, err := t.contributable(cmd.ItemKind, cmd.Item)
		if err != nil {
			return err
		}
		found, err := list[Attachment](t, "id", "code = ? AND item_kind = ? AND item_id = ?", plain(cmd.Code), it.kind, it.id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return missing()
		}
		one, err := get[Attachment](t, found[0].ID)
		if err != nil {
			return err
		}
		if one.AddedBy != t.actor.ID {
			if err := t.require(it.place(), verifiers()...); err != nil {
				return err
			}
		}
		was := *one
		if err := one.withdraw(t, cmd.Reason, false); err != nil {
			return err
		}
		if err := update(t, one); err != nil {
			return err
		}
		record := attachmentChange("attachment.withdraw", it, one, was)
		record.reason = one.WithdrawnWhy
		t.record(record)
		return nil
	})
}

// place is where an item lives, for roles of the district, a task force or a project.
func (it item) place() place { return place{taskForce: it.taskForce, project: it.project} }

// seen reads a project or ticket that somebody may see, Missing for anybody else.
func (t *tx) seen(actor Actor, kind string, id int64) (item, place, error) {
	s, err := t.sight(actor)
	if err != nil {
		return item{}, place{}, err
	}
	switch kind {
	case "project":
		where, args := s.projectsWhere()
		p, err := found(table[Project](t.db).Where(where, args...).Where("id = ?", id).First(t.ctx))
		if err != nil {
			return item{}, place{}, err
		}
		return projectItem(p), t.projectPlace(p), nil
	case "ticket":
		where, args := s.ticketsWhere()
		k, err := found(table[Ticket](t.db).Where(where, args...).Where("id = ?", id).First(t.ctx))
		if err != nil {
			return item{}, place{}, err
		}
		units, err := t.ticketUnits(k.ID)
		return ticketItem(k), ticketPlace(k, units), err
	}
	return item{}, place{}, missing()
}

// contributable is the project or ticket that the actor may add files and words to: one that they see, unless they only look after the system or inspect it.
func (t *tx) contributable(kind string, id int64) (item, error) {
	it, where, err := t.seen(t.actor, kind, id)
	if err != nil || t.actor.trusted() {
		return it, err
	}
	roles, err := t.roles(where)
	if err != nil {
		return it, err
	}
	onlyLooks := func(r workflows.Role) bool { return r == workflows.RoleInspector || r == workflows.RoleAdministrator }
	if len(roles) > 0 && !slices.ContainsFunc(roles, func(r workflows.Role) bool { return !onlyLooks(r) }) {
		return it, denied()
	}
	return it, nil
}

func (a *App) mayContribute(ctx context.Context, actor Actor, kind string, id int64) error {
	_, err := a.view(ctx, actor).contributable(kind, id)
	return err
}
