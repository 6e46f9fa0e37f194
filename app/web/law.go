package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// lawWords are the words for versions of the law, with who is who.
func (c *call) lawWords() (lawWords, error) {
	dir, err := c.s.App.Directory(c.ctx())
	return lawWords{law{c}, dir}, err
}

// laws are all versions of the law, with the words for them; for those who do not see the whole district the page is missing.
func (c *call) laws() (lawWords, []app.Law, error) {
	if !c.rights.SeesAll {
		return lawWords{}, nil, missingPage()
	}
	w, err := c.lawWords()
	if err != nil {
		return w, nil, err
	}
	all, err := c.s.App.Laws(c.ctx(), c.actor)
	return w, all, err
}

func (s *server) lawsPage(c *call) error {
	w, laws, err := c.laws()
	if err != nil {
		return err
	}
	page := templates.LawsPage{Waiting: w.heads(), Approved: w.heads(), Past: w.heads(),
		Empty: templates.Empty{Icon: "gavel", Text: c.T("law.none_waiting"), Next: c.T("law.none_next")}}
	if page.May, err = s.App.MayDraftLaw(c.ctx(), c.actor); err != nil {
		return err
	}
	for _, one := range laws {
		switch one.State {
		case "draft":
			w.line(&page.Waiting, one)
		case "approved":
			w.line(&page.Approved, one)
		default:
			w.line(&page.Past, one)
		}
	}
	base, err := c.base(c.T("law.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("law.lead")
	return showBase(c, statusPage, s.Set.Pages.Law.Laws, base, page)
}

func (s *server) newLawPage(c *call) error {
	if may, err := s.App.MayDraftLaw(c.ctx(), c.actor); err != nil || !may {
		return errOr(err, missingPage())
	}
	text, kind := s.App.Ruleset().Text, "ruleset"
	if of := c.QueryParam("of"); of == "ticket" || of == "project" {
		text, kind = s.App.Machine(of).Text, "machine"
	}
	page := s.lawForm(c, 0, app.DraftLaw{Kind: kind, Text: text, EffectiveFrom: s.App.Today().Month().Add(1).First()}, nil)
	return show(c, s.Set.Pages.Law.Edit, c.T("law.new"), page)
}

func errOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// lawForm is the form with what was typed, and with everything that is wrong in the text.
func (s *server) lawForm(c *call, id int64, cmd app.DraftLaw, faults templates.Faults) templates.LawEditPage {
	page := templates.LawEditPage{Action: "/rules/drafts/new", Version: strconv.FormatInt(cmd.Version, 10), Faults: faults}
	if id != 0 {
		page.Action = "/rules/drafts/" + strconv.FormatInt(id, 10) + "/edit"
	} else {
		var kinds []templates.Option
		for _, kind := range app.LawKinds() {
			kinds = append(kinds, templates.Option{Value: kind, Text: c.T("law_kind." + kind)})
		}
		page.Kind = c.Field("kind", "law.kind", cmd.Kind).Choose(kinds).Fails(faults)
	}
	page.Text = c.Field("text", "law.yaml", cmd.Text).Lines(32).Whole().Need().Hinted("law.yaml_hint").Fails(faults)
	page.File = c.Field("file", "law.file", "").As("file").Hinted("law.file_hint").Fails(faults)
	page.Reason = c.Field("reason", "law.reason", cmd.Reason).Need().Fails(faults)
	page.From = c.Field("effective_from", "law.from", cmd.EffectiveFrom.String()).As("date").Need().Hinted("law.from_hint").
		Between(s.App.Today().AddDays(1).String(), "").Fails(faults)
	page.Base = templates.Notice{Text: c.T("law.base"), Detail: c.T("law.base_detail"), Href: "/rules", Action: c.T("law.base_link")}
	if faults["text"] != "" {
		for _, p := range s.App.LawProblems(cmd.Kind, cmd.Text) {
			page.Problems = append(page.Problems, c.T("law.problem", "Line", p.Line, "Column", max(p.Column, 1), "Text", problemText(p, c.Lang)))
		}
	}
	return page
}

// problemText is the sentence of a problem without its place.
func problemText(p *workflows.Problem, lang string) string {
	text := strings.TrimPrefix(p.In(lang), p.File)
	for range 2 {
		if rest, after, ok := strings.Cut(strings.TrimPrefix(text, ":"), ":"); ok && isDigits(rest) {
			text = after
		}
	}
	return strings.TrimSpace(text)
}

func isDigits(text string) bool {
	_, err := strconv.Atoi(strings.TrimSpace(text))
	return err == nil
}

// lawCommand reads the form; an uploaded file takes the place of the text.
func (c *call) lawCommand() (app.DraftLaw, error) {
	if err := c.Request().ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return app.DraftLaw{}, echo.ErrBadRequest
	}
	f, err := c.form()
	if err != nil {
		return app.DraftLaw{}, err
	}
	cmd := app.DraftLaw{Version: f.number("version"), Kind: f.text("kind"), Text: f.text("text"), Reason: f.text("reason"), EffectiveFrom: f.day("effective_from")}
	if file, _, err := c.Request().FormFile("file"); err == nil {
		data, err := io.ReadAll(io.LimitReader(file, workflows.MaxText+1))
		if err := errors.Join(err, file.Close()); err != nil {
			return cmd, err
		}
		if len(data) > 0 {
			cmd.Text = string(data)
		}
	}
	return cmd, f.err()
}

func (s *server) draftLaw(c *call) error { return s.saveLaw(c, 0) }

func (s *server) changeLaw(c *call) error {
	id := number(c.Param("id"))
	if _, err := s.App.LawFile(c.ctx(), c.actor, id); err != nil {
		return err
	}
	return s.saveLaw(c, id)
}

func (s *server) saveLaw(c *call, id int64) error {
	cmd, err := c.lawCommand()
	if err != nil && app.AsFaults(err) == nil {
		return err
	}
	cmd.Law = id
	to := ""
	if err == nil {
		var l *app.Law
		if l, err = s.App.DraftLaw(c.ctx(), c.actor, cmd); err == nil {
			to = lawHref(l.ID)
		}
	}
	return c.after(err, to, "law_drafted", func(status int, f templates.Faults) error {
		if id != 0 {
			if file, err := s.App.LawFile(c.ctx(), c.actor, id); err == nil {
				cmd.Kind = file.Law.Kind
			}
		}
		return showStatus(c, status, s.Set.Pages.Law.Edit, c.T("law.new"), s.lawForm(c, id, cmd, f))
	})
}

func (s *server) editLawPage(c *call) error {
	f, err := s.App.LawFile(c.ctx(), c.actor, number(c.Param("id")))
	if err != nil {
		return err
	}
	if !f.Edit {
		return missingPage()
	}
	cmd := app.DraftLaw{Version: f.Law.Version, Kind: f.Law.Kind, Text: f.Law.YAML, Reason: f.Law.Reason, EffectiveFrom: f.Law.EffectiveFrom}
	return show(c, s.Set.Pages.Law.Edit, c.T("law.edit"), s.lawForm(c, f.Law.ID, cmd, nil))
}

func lawHref(id int64) string { return "/rules/drafts/" + strconv.FormatInt(id, 10) }

func (s *server) lawPage(c *call) error {
	f, err := s.App.LawFile(c.ctx(), c.actor, number(c.Param("id")))
	if err != nil {
		return err
	}
	return s.showLaw(c, statusPage, f, "", nil)
}

func (s *server) showLaw(c *call, status int, f app.LawFile, note string, faults templates.Faults) error {
	w, err := c.lawWords()
	if err != nil {
		return err
	}
	page, err := w.page(f)
	if err != nil {
		return err
	}
	page.Faults, page.Note = faults, c.Field("note", "law.note", note).Hinted("law.note_hint").Fails(faults)
	if text := faults[""]; text != "" {
		page.Problem = templates.Notice{Tone: "bad", Text: text}
	}
	if text := faults["decision"]; text != "" {
		page.Problem = templates.Notice{Tone: "bad", Text: text}
	}
	base, err := c.base(w.name(f.Law))
	if err != nil {
		return err
	}
	base.Lead = w.title(f)
	return showBase(c, status, s.Set.Pages.Law.One, base, page)
}

func (s *server) decideLaw(c *call) error {
	id := number(c.Param("id"))
	if _, err := s.App.LawFile(c.ctx(), c.actor, id); err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.DecideLaw{Law: id, Version: form.number("version"), Decision: form.text("decision"), Note: form.text("note")}
	_, err = s.App.DecideLaw(c.ctx(), c.actor, cmd)
	return c.after(err, lawHref(id), "law_decided", func(status int, faults templates.Faults) error {
		f, err := s.App.LawFile(c.ctx(), c.actor, id)
		if err != nil {
			return err
		}
		return s.showLaw(c, status, f, cmd.Note, faults)
	})
}
