package app

// papers are the papers that wait for the actor to sign for, to answer, to decide on or to put on record, and those that they have answered.
func (d *desk) papers() error {
	t := d.tx
	open, err := t.app.Papers(t.ctx, t.actor, PaperFilter{Open: true})
	if err != nil {
		return err
	}
	for i := range open {
		p, l := &open[i].Paper, &open[i].Life
		it := DeskItem{Group: "mine", What: "paper", Light: p.Light, No: p.No, Title: p.ItemTitle, Link: paperItem(p).link(), DueOn: p.DeadlineOn, UnitID: p.UnitID, ID: p.ID, Version: l.Version}
		for _, step := range []struct {
			what string
			may  error
			due  bool // whether it is asked for at all
		}{
			{"receive", t.mayReceive(p, l), true},
			{"answer", t.mayAnswer(p, l), !p.DeadlineOn.IsZero()},
			{"decide", t.mayDecide(p, l, "accept"), true},
			{"record", t.mayRecord(p, l), p.Kind == "interview_notice"},
		} {
			if step.may != nil && AsFaults(step.may) == nil {
				return step.may
			}
			if step.may == nil && step.due && it.State == "" {
				it.State = step.what
			}
		}
		if it.State == "" {
			if own, err := t.ofUnits(p.UnitID); err != nil || !own || l.State != "answered" {
				if err != nil {
					return err
				}
				continue
			}
			it.Group, it.State = "waiting", "decide"
		}
		d.items = append(d.items, it)
	}
	return nil
}
