package web

import (
	"battlemap/app"
	"battlemap/templates"
)

// moves are the forms that the paper's page offers: what the door would allow this person now.
func (w paperWords) moves() []templates.PaperMove {
	c, may, l := w.c, w.f.May, w.f.Life
	var out []templates.PaperMove
	add := func(ok bool, id, title string, fields ...templates.Field) {
		if !ok {
			return
		}
		m := templates.PaperMove{ID: id, Title: c.T(title), Go: c.T("paper.go", "Move", c.T(title)), Path: "/papers/" + w.f.Paper.Code + "/" + id, Fields: fields, Usual: len(out) == 0, Open: w.typed.move == id}
		if m.Open {
			m.Problem = w.typed.faults[""]
		}
		out = append(out, m)
	}
	today := c.s.App.Today().String()
	add(may.Receive, "receive", "paper.do_receive")
	add(may.Answer && !l.ReceivedOn.IsZero(), "answer", "paper.do_answer", w.field("answer", "answer", "paper.answer").Lines(5).Need())
	add(may.Promise, "promise", "paper.do_promise", w.field("promise", "promised_on", "paper.promised").As("date").Between(today, "").Hinted("paper.promised_hint").Need(),
		w.field("promise", "next_step", "paper.next_step").Lines(3).Need())
	add(may.Answer && l.ReceivedOn.IsZero(), "answer", "paper.do_answer", w.field("answer", "answer", "paper.answer").Lines(5).Need())
	verdicts := []templates.Option{{Value: "accept", Text: c.T("paper.verdict_accept")}, {Value: "return", Text: c.T("paper.verdict_return")}}
	if may.Exempt {
		verdicts = append(verdicts, templates.Option{Value: "exempt", Text: c.T("paper.verdict_exempt")})
	}
	add(may.Decide, "decide", "paper.do_decide", w.field("decide", "verdict", "paper.verdict").Pick(verdicts).Need(), w.field("decide", "note", "paper.note").Lines(3).Hinted("paper.note_hint"))
	who, title := "paper.record_who", "paper.do_record"
	if w.f.Paper.Kind == "public_notice" {
		who, title = "paper.record_scope", "paper.do_publish"
	}
	add(may.Record, "record", title, w.field("record", "held_on", "paper.record_on").As("date").Between("", today).Need(), w.field("record", "who", who).Need(),
		w.field("record", "facts", "paper.record_facts").Lines(4).Need(), w.field("record", "requirements", "paper.record_requirements").Lines(4).Need())
	return out
}

// field is a field of one of the forms, with what was typed into it and what was wrong with that.
func (w paperWords) field(move, name, label string) templates.Field {
	f := w.c.Field(name, label, w.typed.value(move, name, ""))
	if w.typed.move == move {
		f = f.Fails(w.typed.faults)
	}
	return f
}

// onPaper reads the form and the paper that the address names, runs the verb, and shows the page again when it was refused.
func (s *server) onPaper(c *call, move, done string, verb func(f *form, paper int64) error) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	file, err := s.App.PaperFile(c.ctx(), c.actor, c.Param("code"))
	if err != nil {
		return err
	}
	err = verb(f, file.Paper.ID)
	if typing := f.err(); typing != nil {
		err = typing
	}
	return c.after(err, "/papers/"+file.Paper.Code, done, func(status int, faults templates.Faults) error {
		now, readErr := s.App.PaperFile(c.ctx(), c.actor, c.Param("code"))
		if readErr != nil {
			return readErr
		}
		return s.showPaper(c, status, now, typedMove{move: move, form: f, faults: faults, stale: app.AsFaults(err)[0].Kind == app.Stale})
	})
}

func (s *server) receivePaper(c *call) error {
	return s.onPaper(c, "receive", "paper_received", func(f *form, paper int64) error {
		return s.App.ReceivePaper(c.ctx(), c.actor, app.ReceivePaper{Paper: paper, Version: f.number("version")})
	})
}

func (s *server) promisePaper(c *call) error {
	return s.onPaper(c, "promise", "paper_promised", func(f *form, paper int64) error {
		cmd := app.PromisePaper{Paper: paper, Version: f.number("version"), On: f.day("promised_on"), NextStep: f.text("next_step")}
		return f.typed(func() error { return s.App.PromisePaper(c.ctx(), c.actor, cmd) })
	})
}

func (s *server) answerPaper(c *call) error {
	return s.onPaper(c, "answer", "paper_answered", func(f *form, paper int64) error {
		return s.App.AnswerPaper(c.ctx(), c.actor, app.AnswerPaper{Paper: paper, Version: f.number("version"), Text: f.text("answer")})
	})
}

func (s *server) decidePaper(c *call) error {
	return s.onPaper(c, "decide", "paper_decided", func(f *form, paper int64) error {
		return s.App.DecidePaper(c.ctx(), c.actor, app.DecidePaper{Paper: paper, Version: f.number("version"), Verdict: f.text("verdict"), Note: f.text("note")})
	})
}

func (s *server) recordPaper(c *call) error {
	return s.onPaper(c, "record", "paper_recorded", func(f *form, paper int64) error {
		cmd := app.RecordPaper{Paper: paper, Version: f.number("version"), On: f.day("held_on"), Who: f.text("who"), Facts: f.text("facts"), Requirements: f.text("requirements")}
		return f.typed(func() error { return s.App.RecordPaper(c.ctx(), c.actor, cmd) })
	})
}
