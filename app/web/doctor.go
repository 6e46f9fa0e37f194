package web

import (
	"cmp"
	"slices"

	"battlemap/app"
	"battlemap/templates"
)

// doctorRuns is how many examinations the page lists.
const doctorRuns = 20

// doctorPage shows the newest examination, or the one that the address names among the last ones.
func (s *server) doctorPage(c *call) error {
	runs, err := s.App.DoctorRuns(c.ctx(), c.actor, doctorRuns)
	if err != nil {
		return err
	}
	page := templates.DoctorPage{}
	if len(runs) == 0 {
		page.Empty = []templates.Empty{{Icon: "shield-check", Text: c.T("doctor.none"), Next: c.T("doctor.none_next")}}
	} else if err := c.examination(&page, runs); err != nil {
		return err
	}
	if why := s.App.DiskFailure(); why != "" {
		page.State = append(page.State, templates.Notice{Tone: "bad", Text: c.T("error.disk_failed"), Detail: c.T("error.disk_failed_next"), Items: []string{why}})
	}
	if err := s.stuckNotice(c, &page); err != nil {
		return err
	}
	base, err := c.base(c.T("doctor.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "doctor", c.T("doctor.lead")
	base.Flash = slices.DeleteFunc(base.Flash, func(n templates.Notice) bool { return n.Href == "/doctor" }) // this is the page that it leads to
	return showBase(c, statusPage, s.Set.Pages.Guard.Doctor, base, page)
}

// stuckShown is how many things that jobs have set aside the page names.
const stuckShown = 50

// stuckNotice says what jobs could not do again and again, so that somebody looks after it.
func (s *server) stuckNotice(c *call, page *templates.DoctorPage) error {
	stuck, err := s.App.StuckItems(c.ctx(), c.actor, stuckShown)
	if err != nil || len(stuck) == 0 {
		return err
	}
	n := templates.Notice{Tone: "warn", Text: c.T("stuck.head"), Detail: c.T("stuck.detail")}
	for _, one := range stuck {
		what := c.T("stuck.kind."+one.Kind, "Job", c.T("stuck.job."+one.Job), "No", cmp.Or(one.No, id64(one.ItemID)))
		n.Items = append(n.Items, c.T("stuck.line", "What", what, "N", int(one.Failures), "Since", c.at(one.FirstAt), "Next", c.at(one.NextAt)))
	}
	page.State = append(page.State, n)
	return nil
}

func (c *call) examination(page *templates.DoctorPage, runs []app.DoctorRun) error {
	shown := 0
	if at := slices.IndexFunc(runs, func(r app.DoctorRun) bool { return id64(r.ID) == c.QueryParam("run") }); at >= 0 {
		shown = at
	} else if whole := slices.IndexFunc(runs, func(r app.DoctorRun) bool { return r.Scope == "whole" }); runs[0].Sound && whole > 0 && !runs[whole].Sound {
		shown = whole // the quick one after it says nothing about what it found
	}
	state := templates.Notice{Tone: "good", Text: c.T("doctor.sound_head")}
	if c.rights.Unsound {
		state = templates.Notice{Tone: "bad", Text: c.T("doctor.unsound_head")}
	}
	page.State = []templates.Notice{state}
	found, err := runs[shown].Found()
	if err != nil {
		return err
	}
	page.When = c.T("doctor.run_at", "Scope", c.T("doctor.scope."+runs[shown].Scope), "At", c.at(runs[shown].At), "Size", c.Count(int(runs[shown].Size)), "Node", runs[shown].Node)
	for _, f := range found {
		page.Findings = append(page.Findings, c.Finding(f))
	}
	slices.SortStableFunc(page.Findings, func(a, b templates.DoctorFinding) int { return worstFirst(a) - worstFirst(b) })
	for i, r := range runs {
		line := templates.DoctorRunLine{Href: "/doctor?run=" + id64(r.ID), At: c.at(r.At), Note: c.T("doctor.run_note", "Scope", c.T("doctor.scope."+r.Scope), "Size", c.Count(int(r.Size)), "Node", r.Node),
			State: templates.Tag{Text: c.T("doctor.sound"), Tone: "green"}, On: i == shown}
		if !r.Sound {
			line.State = templates.Tag{Text: c.T("doctor.broken"), Tone: "red"}
		}
		page.Runs = append(page.Runs, line)
	}
	return nil
}

// doctorBanner is what stands above every page of those who may see it while the database is not sound.
func (c *call) doctorBanner() []templates.Notice {
	if c.user == nil || !c.rights.Unsound {
		return nil
	}
	return []templates.Notice{{Tone: "bad", Text: c.T("doctor.banner"), Href: "/doctor", Action: c.T("doctor.banner_link")}}
}

// worstFirst puts what is wrong before what is right.
func worstFirst(f templates.DoctorFinding) int {
	if f.Sound {
		return 1
	}
	return 0
}
