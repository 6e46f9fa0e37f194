package app

import (
	"context"
	"errors"

	"battlemap/app/media"
)

// Talk is what people have put on a project's or ticket's page: files and words.
type Talk struct {
	Photos, Documents []Attachment // the newest first, withdrawn ones too
	Comments          []Comment    // the oldest first, withdrawn ones too
	May               bool         // the actor may add to it
	Files             bool         // files can be handed in here
	Supervises        bool         // the actor may withdraw what others handed in
}

// Talk reads the files and words of an item that the actor has read.
func (a *App) Talk(ctx context.Context, actor Actor, kind string, id int64) (Talk, error) {
	t := a.view(ctx, actor)
	it, err := t.contributable(kind, id)
	talk := Talk{May: err == nil && !actor.trusted(), Files: a.Uploads()}
	if err := only(err); err != nil {
		return talk, err
	}
	if talk.May {
		err := t.require(it.place(), verifiers()...)
		talk.Supervises = err == nil
		if err := only(err); err != nil {
			return talk, err
		}
	}
	files, err := list[Attachment](t, "id DESC", "item_kind = ? AND item_id = ?", kind, id)
	if err != nil {
		return talk, err
	}
	for _, f := range files {
		if f.Kind == "photo" {
			talk.Photos = append(talk.Photos, f)
		} else {
			talk.Documents = append(talk.Documents, f)
		}
	}
	talk.Comments, err = list[Comment](t, "id", "item_kind = ? AND item_id = ?", kind, id)
	return talk, err
}

// File reads a file by its code, with its bytes; the small view of a photo where thumb. Missing when the actor may not see what it belongs to. A file that was
// withdrawn is still there for those who see its row.
func (a *App) File(ctx context.Context, actor Actor, code string, thumb bool) (Attachment, []byte, error) {
	t := a.view(ctx, actor)
	rows, err := list[Attachment](t, "id", "code = ?", plain(code))
	if err != nil {
		return Attachment{}, nil, err
	}
	if len(rows) == 0 {
		return Attachment{}, nil, missing()
	}
	one := rows[0]
	if _, _, err := t.seen(actor, one.ItemKind, one.ItemID); err != nil {
		return Attachment{}, nil, err
	}
	if thumb && one.ThumbSHA256 == "" {
		return Attachment{}, nil, missing()
	}
	if d, err := t.disposalOf(one.ID); err != nil || d != nil {
		if err == nil {
			err = t.gone(d)
		}
		return one, nil, err
	}
	if a.files == nil {
		return one, nil, refused("uploads_off", nil)
	}
	sum := one.SHA256
	if thumb {
		sum = one.ThumbSHA256
	}
	data, err := a.files.Get(sum)
	if errors.Is(err, media.ErrLost) {
		a.opt.Log.Error("the bytes of a file are gone", "attachment", one.ID, "sha256", sum, "error", err)
		return one, nil, refused("file_lost", nil)
	}
	return one, data, err
}
