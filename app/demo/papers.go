package demo

import (
	"context"

	"battlemap/app"
)

// papers lets the units and the supervisors do what lies open on papers at a moment: sign for them the next working day, promise a date on every second one,
// answer all but every third one in time; supervisors decide the working day after, and the director puts interviews on record.
func (p *Play) papers(ctx context.Context, m Moment) error {
	if m.Part != Units && m.Part != Verification || p.Over(m.Day) || !p.cal.Day(m.Day).Working {
		return nil
	}
	open, err := p.app.Papers(ctx, app.System("demo"), app.PaperFilter{Open: true})
	if err != nil {
		return err
	}
	dir, err := p.app.Directory(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		do := p.paperOfUnit
		if m.Part == Verification {
			do = p.paperOfIssuer
		}
		act := act{what: r.Paper.No, do: func(ctx context.Context) error { return do(ctx, m, r, dir.Users[r.Paper.PersonID]) }}
		if err := p.try(ctx, m, act); err != nil {
			return err
		}
	}
	return nil
}

func (p *Play) paperOfUnit(ctx context.Context, m Moment, r app.PaperRow, leader app.User) error {
	if leader.UnitID == 0 || leader.UnitID != r.Paper.UnitID || p.cal.Workdays(r.Paper.IssuedOn, m.Day) < 1 {
		return nil
	}
	who, err := p.as(ctx, leader.Account)
	if err != nil {
		return err
	}
	w := p.district.Words
	switch {
	case r.Life.ReceivedOn.IsZero():
		return p.app.ReceivePaper(ctx, who, app.ReceivePaper{Paper: r.Paper.ID, Version: r.Life.Version})
	case r.Life.ReceivedOn == m.Day: // one step a day: a moment that is played twice does nothing the second time
		return nil
	case r.Paper.DeadlineOn.IsZero() || r.Paper.Kind == "interview_notice" || r.Life.State == "answered":
		return nil
	case r.Life.PromisedOn.IsZero() && r.Paper.Seq%2 == 0 && p.cal.Workdays(m.Day, r.Paper.DeadlineOn) > 1:
		return p.app.PromisePaper(ctx, who, app.PromisePaper{Paper: r.Paper.ID, Version: r.Life.Version, On: r.Paper.DeadlineOn.AddDays(5), NextStep: w.PaperNext})
	case r.Paper.Seq%3 != 0 && p.cal.Workdays(m.Day, r.Paper.DeadlineOn) <= 1:
		return p.app.AnswerPaper(ctx, who, app.AnswerPaper{Paper: r.Paper.ID, Version: r.Life.Version, Text: w.PaperAnswer})
	}
	return nil
}

func (p *Play) paperOfIssuer(ctx context.Context, m Moment, r app.PaperRow, leader app.User) error {
	who, err := p.as(ctx, "director")
	if err != nil {
		return err
	}
	w := p.district.Words
	switch {
	case r.Life.State == "answered" && p.cal.Workdays(r.Life.AnsweredOn, m.Day) >= 1:
		cmd := app.DecidePaper{Paper: r.Paper.ID, Version: r.Life.Version, Verdict: "accept"}
		if r.Paper.Seq%5 == 2 && r.Life.DecidedOn.IsZero() {
			cmd.Verdict, cmd.Note = "return", w.PaperReturn
		}
		return p.app.DecidePaper(ctx, who, cmd)
	case r.Paper.Kind == "interview_notice" && !r.Life.ReceivedOn.IsZero() && p.cal.Workdays(r.Paper.IssuedOn, m.Day) >= 2:
		return p.app.RecordPaper(ctx, who, app.RecordPaper{Paper: r.Paper.ID, Version: r.Life.Version, On: m.Day, Who: r.Paper.Interviewer + " " + leader.Name,
			Facts: r.Paper.Facts, Requirements: w.PaperDemand})
	}
	return nil
}
