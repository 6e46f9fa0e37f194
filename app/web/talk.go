package web

import (
	"cmp"
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"battlemap/app"
	"battlemap/templates"
)

// spot is the project or ticket on whose page something was said or handed in; after ends the form with that page.
type spot struct {
	kind, path string
	id         int64
	form       *form
	after      func(anchor, done string, err error) error
}

// on lets a handler of files and words stand in the route table for projects and for tickets. The spot is read first, which also checks that the person may see it.
func (s *server) on(find func(*call) (spot, error), do func(*call, spot) error) func(*call) error {
	return func(c *call) error {
		at, err := find(c)
		if err != nil {
			return err
		}
		return do(c, at)
	}
}

func (s *server) projectSpot(c *call) (spot, error) {
	d, f, err := s.projectPost(c)
	if err != nil {
		return spot{}, err
	}
	return spot{kind: "project", id: d.Project.ID, path: projectPath(d.Project.Code), form: f,
		after: func(anchor, done string, err error) error { return s.projectAfter(c, f, anchor, done, err) }}, nil
}

func (s *server) ticketSpot(c *call) (spot, error) {
	k, err := s.App.TicketSeen(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return spot{}, err
	}
	f, err := c.form()
	if err != nil {
		return spot{}, err
	}
	path := "/tickets/" + k.No
	return spot{kind: "ticket", id: k.ID, path: path, form: f, after: func(anchor, done string, err error) error {
		return c.after(err, path, done, s.ticketAgain(c, err, typedMove{move: anchor, form: f}))
	}}, nil
}

func (s *server) addFile(c *call, at spot) error {
	kind := at.form.text("kind")
	if kind != "photo" {
		kind = "document"
	}
	return at.after(kind, "file_added", s.keepFile(c, at, kind))
}

// keepFile hands the form's file in.
func (s *server) keepFile(c *call, at spot, kind string) error {
	name, data, err := at.form.file("file")
	if err != nil {
		return err
	}
	day := at.form.day("dated_on")
	if name == "" {
		at.form.fault("file", "file_none")
	}
	return at.form.typed(func() error {
		_, err := s.App.AddAttachment(c.ctx(), c.actor, app.AddAttachment{ItemKind: at.kind, Item: at.id, Kind: kind, Name: name, Caption: at.form.text("caption"), DatedOn: day, Data: data})
		return err
	})
}

func (s *server) withdrawFile(c *call, at spot) error {
	code := at.form.text("file")
	err := s.App.WithdrawAttachment(c.ctx(), c.actor, app.WithdrawAttachment{ItemKind: at.kind, Item: at.id, Code: code, Reason: at.form.text("reason")})
	return at.after("withdraw-"+code, "file_withdrawn", err)
}

func (s *server) addComment(c *call, at spot) error {
	_, err := s.App.AddComment(c.ctx(), c.actor, app.AddComment{ItemKind: at.kind, Item: at.id, Body: at.form.text("body"), ReplyTo: at.form.number("reply_to")})
	return at.after("say", "comment_added", err)
}

func (s *server) withdrawComment(c *call, at spot) error {
	id := at.form.number("comment")
	err := s.App.WithdrawComment(c.ctx(), c.actor, app.WithdrawComment{ItemKind: at.kind, Item: at.id, Comment: id, Reason: at.form.text("reason")})
	return at.after("unsay-"+id64(id), "comment_withdrawn", err)
}

func (s *server) filePage(c *call) error { return s.sendFile(c, false) }

func (s *server) thumbPage(c *call) error { return s.sendFile(c, true) }

// sendFile sends a file so that nothing in it can act on this site: no script, no frame, no guessing of its type, and a document is only ever saved.
func (s *server) sendFile(c *call, thumb bool) error {
	file, data, err := s.App.File(c.ctx(), c.actor, c.Param("code"), thumb)
	if err != nil {
		return err
	}
	how := "attachment"
	if file.Kind == "photo" {
		how = "inline"
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Disposition", cmp.Or(mime.FormatMediaType(how, map[string]string{"filename": sentName(file)}), how))
	return c.Blob(statusPage, lettered(file.MediaType, data), data)
}

// lettered names the letters of a text: documents come in UTF-8, or as Chinese office programs write them.
func lettered(kind string, data []byte) string {
	switch {
	case !strings.HasPrefix(kind, "text/"):
		return kind
	case utf8.Valid(data):
		return kind + "; charset=utf-8"
	}
	return kind + "; charset=gb18030"
}

// sentName is what a file is called when it is saved: a photo was drawn anew as a JPEG.
func sentName(file app.Attachment) string {
	if file.Kind == "photo" {
		return file.Code + ".jpg"
	}
	return file.Name
}

// talkForm tells whether a form is one of files and words.
func talkForm(anchor string) bool {
	return anchor == "photo" || anchor == "document" || anchor == "say" || strings.HasPrefix(anchor, "withdraw-") || strings.HasPrefix(anchor, "unsay-")
}

// talkMaker puts the files and words of a page together.
type talkMaker struct {
	c     *call
	talk  app.Talk
	path  string
	dir   app.Directory
	again refused
}

// talkBox reads and words what people have put on a page; also returned are the anchors of its forms.
func (c *call) talkBox(kind string, id int64, path string, dir app.Directory, again refused) (templates.TalkBox, []string, error) {
	talk, err := c.s.App.Talk(c.ctx(), c.actor, kind, id)
	if err != nil {
		return templates.TalkBox{}, nil, err
	}
	m := &talkMaker{c: c, talk: talk, path: path, dir: dir, again: again}
	box := templates.TalkBox{Locale: c.Locale}
	for _, f := range talk.Photos {
		box.Photos = append(box.Photos, m.photo(f))
	}
	for _, f := range talk.Documents {
		box.Documents = append(box.Documents, m.document(f))
	}
	for _, one := range talk.Comments {
		box.Comments = append(box.Comments, m.comment(one))
	}
	switch {
	case talk.May && talk.Files:
		box.Forms = append(m.upload("photo"), m.upload("document")...)
	case talk.May:
		box.Off = c.T("talk.off")
	}
	if talk.May {
		box.Say = m.say()
	}
	return box, m.anchors(box), nil
}

func (m *talkMaker) anchors(box templates.TalkBox) []string {
	var out []string
	for _, list := range [][]templates.ProjectForm{box.Forms, box.Say} {
		for _, f := range list {
			out = append(out, f.ID)
		}
	}
	for _, f := range slices.Concat(m.talk.Photos, m.talk.Documents) {
		out = append(out, "withdraw-"+f.Code)
	}
	for _, one := range m.talk.Comments {
		out = append(out, "unsay-"+id64(one.ID))
	}
	return out
}

func (m *talkMaker) maker(anchor, title, action string) *formMaker {
	f := &formMaker{c: m.c, again: m.again}
	f.form = templates.ProjectForm{ID: anchor, Title: m.c.T(title), Action: m.path + "/" + action, Open: m.again.anchor == anchor}
	return f
}

func (m *talkMaker) upload(kind string) []templates.ProjectForm {
	f := m.maker(kind, "talk.add_"+kind, "files")
	f.form.Files, f.form.Hint = true, m.c.T("talk."+"hint_"+kind)
	f.hide("kind", kind)
	f.button("talk.send", "", "", "primary")
	day := f.field("dated_on", "talk.dated_"+kind, "").As("date").Between("", m.c.s.App.Today().String())
	caption := f.field("caption", "talk.caption", "")
	if kind == "photo" {
		return f.done(append(f.photoFields(), caption.Need(), day)...)
	}
	file := f.field("file", "talk.file", "").As("file").Need().Whole()
	file.Accept = ".pdf,.docx,.xlsx,.pptx,.ofd,.txt,.csv"
	return f.done(file, caption, day)
}

// photoFields are two ways to choose a photo: the camera of a phone, and the pictures that are there.
func (m *formMaker) photoFields() []templates.Field {
	shot := m.field("file", "talk.camera", "").As("file")
	shot.Accept, shot.Capture, shot.ID = photoTypes, "environment", m.form.ID+"-camera"
	chosen := m.field("file", "talk.album", "").As("file")
	chosen.Accept, chosen.Error = photoTypes, ""
	return []templates.Field{shot, chosen}
}

const photoTypes = "image/jpeg,image/png,image/webp"

func (m *talkMaker) say() []templates.ProjectForm {
	f := m.maker("say", "talk.say", "comments")
	f.button("talk.say_go", "", "", "primary")
	var options []templates.Option
	for _, one := range slices.Backward(m.talk.Comments) {
		if one.WithdrawnAt == 0 {
			options = append(options, templates.Option{Value: id64(one.ID), Text: m.c.nameOr(m.dir, one.AddedBy) + "：" + cut(one.Body, 24)})
		}
	}
	fields := []templates.Field{f.field("body", "talk.say", "").Lines(3).Hinted("talk.say_hint").Whole()}
	if len(options) > 0 {
		fields = append(fields, f.field("reply_to", "talk.reply_to", "").Choose(append([]templates.Option{{Text: m.c.T("talk.reply_none")}}, options...)))
	}
	return f.done(fields...)
}

// cut is the beginning of a text.
func cut(text string, limit int) string {
	if r := []rune(text); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return text
}

func (m *talkMaker) photo(f app.Attachment) templates.PhotoLine {
	long := max(f.Width, f.Height, 1)
	small := min(long, 480)
	return templates.PhotoLine{Href: "/files/" + f.Code, Thumb: "/files/" + f.Code + "/thumb", Caption: f.Caption, Note: m.note(f), Width: max(1, f.Width*small/long), Height: max(1, f.Height*small/long),
		Gone: m.gone(f.WithdrawnBy, f.WithdrawnAt, f.WithdrawnWhy), Withdraw: m.withdraw(f)}
}

func (m *talkMaker) document(f app.Attachment) templates.FileLine {
	return templates.FileLine{Href: "/files/" + f.Code, Name: f.Name, Caption: f.Caption, Note: m.note(f) + " · " + size64(f.Size), Sum: f.SHA256,
		Gone: m.gone(f.WithdrawnBy, f.WithdrawnAt, f.WithdrawnWhy), Withdraw: m.withdraw(f)}
}

// note says of when a file is, and who handed it in when.
func (m *talkMaker) note(f app.Attachment) string {
	c := m.c
	added := c.T("talk.added", "Who", c.nameOr(m.dir, f.AddedBy), "At", c.at(f.AddedAt))
	if f.DatedOn.IsZero() {
		return added
	}
	return c.T("talk."+"of_"+f.Kind, "Day", c.FullDay(f.DatedOn)) + " · " + added
}

func (m *talkMaker) gone(by, at int64, why string) string {
	if at == 0 {
		return ""
	}
	return m.c.T("talk.gone", "Who", m.c.nameOr(m.dir, by), "At", m.c.at(at), "Why", why)
}

// size64 writes a number of bytes.
func size64(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

func (m *talkMaker) withdraw(file app.Attachment) []templates.ProjectForm {
	if !m.talk.May || file.WithdrawnAt != 0 || file.AddedBy != m.c.actor.ID && !m.talk.Supervises {
		return nil
	}
	f := m.maker("withdraw-"+file.Code, "talk.withdraw", "files/withdraw")
	f.hide("file", file.Code)
	f.button("talk.withdraw_go", "", "", "")
	return f.done(f.field("reason", "talk.withdraw_why", "").Need().Whole())
}

func (m *talkMaker) comment(one app.Comment) templates.CommentLine {
	c := m.c
	u := m.dir.Users[one.AddedBy]
	line := templates.CommentLine{ID: id64(one.ID), Who: c.nameOr(m.dir, one.AddedBy), Unit: m.dir.Units[u.UnitID].Name, At: c.at(one.AddedAt), Body: one.Body, Own: one.AddedBy == c.actor.ID,
		Gone: m.gone(one.WithdrawnBy, one.WithdrawnAt, one.WithdrawnWhy)}
	if line.Gone != "" {
		line.Body = ""
	}
	i := slices.IndexFunc(m.talk.Comments, func(other app.Comment) bool { return other.ID == one.ReplyTo })
	if i >= 0 {
		line.Answers, line.AnswersTo = id64(one.ReplyTo), c.T("talk.answers", "Who", c.nameOr(m.dir, m.talk.Comments[i].AddedBy))
	}
	if line.Own && one.WithdrawnAt == 0 && m.talk.May {
		f := m.maker("unsay-"+line.ID, "talk.unsay", "comments/withdraw")
		f.hide("comment", line.ID)
		f.button("talk.withdraw_go", "", "", "")
		line.Withdraw = f.done(f.field("reason", "talk.unsay_why", "").Whole())
	}
	return line
}
