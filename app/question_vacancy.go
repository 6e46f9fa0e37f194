package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Vacant is a time in which nobody held a post.
type Vacant struct {
	Told // the record since which the post stands empty
	// Whose post it is, one of the two: the record of a shut account names neither.
	Project, TaskForce int64
	Post               string        // one of VacantPosts
	Why                string        // "unassigned": not assigned yet, "empty": assigned to nobody, "shut": the holder's account was shut
	Since              calendar.Date // the first day
	Until              calendar.Date // the day on which somebody took it or the matter ended; zero while it stands empty
	Days               int           // calendar days, counted to today while it stands empty
	End                Told          // the record that ended it
}

// VacantPosts lists the posts that are looked at: those of a project's assignment, and the leader of a task force.
func VacantPosts() []string { return append(projectPosts(), "taskforce_leader") }

func projectPosts() []string {
	return []string{"guarantee_leader", "lead_unit", "unit", "responsible_person", "service_officer"}
}

// postColumn is the column of an assignment that names who holds a post.
func postColumn(name string) string {
	return map[string]string{"guarantee_leader": "guarantee_leader_id", "lead_unit": "lead_unit_id", "unit": "unit_id", "responsible_person": "responsible_id", "service_officer": "officer_id"}[name]
}

// post is one post of one project or task force.
type post struct {
	project, taskForce int64
	name               string
}

// holding folds the journal into who holds which post.
type holding struct {
	a     *App
	who   map[post]int64 // user or unit; 0 for nobody
	open  map[post]*Vacant
	shut  map[int64]bool  // accounts
	of    map[int64]int64 // task force of a project
	over  map[int64]bool  // projects that are completed or ended
	order []*Vacant
}

// PostsVacant answers where and for how long nobody was assigned, as the records of assignments, task forces and accounts tell; what touches the period is shown.
// A project's posts count from its entry until it is completed or ended. The unit is not asked for: an empty post has none.
func (a *App) PostsVacant(ctx context.Context, actor Actor, f QuestionFilter) ([]Vacant, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	told, err := a.told(ctx, QuestionFilter{To: f.To}, "project.add", "project.move", "assignment.make", "assignment.hand_over", "task_force.add", "task_force.change", "user.disable")
	if err != nil {
		return nil, err
	}
	h := &holding{a: a, who: map[post]int64{}, open: map[post]*Vacant{}, shut: map[int64]bool{}, of: map[int64]int64{}, over: map[int64]bool{}}
	for _, t := range told {
		h.tell(t)
	}
	until := a.Today()
	if !f.To.IsZero() && f.To < until {
		until = f.To
	}
	var out []Vacant
	for _, v := range h.order {
		end := v.Until
		if end.IsZero() {
			end = until
		}
		v.Days = int(end - v.Since)
		inTime := (f.From.IsZero() || end >= f.From) && v.Days > 0 // filled on the same day is no gap
		if inTime && (f.TaskForce == 0 || v.TaskForce == f.TaskForce || v.Project != 0 && h.of[v.Project] == f.TaskForce) && (f.Sort == "" || v.Post == f.Sort) {
			out = append(out, *v)
		}
	}
	slices.SortStableFunc(out, func(x, y Vacant) int { return y.Days - x.Days })
	return out, nil
}

func (h *holding) tell(t Told) {
	if t.Row.ProjectID != 0 {
		h.of[t.Row.ProjectID] = t.Row.TaskForceID
	}
	switch t.Row.Action {
	case "project.add":
		for _, name := range projectPosts() {
			h.set(post{project: t.Row.ProjectID, name: name}, 0, t, "unassigned")
		}
	case "project.move":
		state, _ := h.a.Machine("project").State(t.Is.Text("stage"))
		if ended := state.Kind == workflows.KindDone || state.Kind == workflows.KindEnded; t.Is.Has("stage") && ended != h.over[t.Row.ProjectID] {
			h.finish(t, ended)
		}
	case "assignment.make", "assignment.hand_over":
		for _, name := range projectPosts() {
			if column := postColumn(name); t.Is.Has(column) { // a hand-over names only the posts that change
				h.set(post{project: t.Row.ProjectID, name: name}, t.Is.Number(column), t, "empty")
			}
		}
	case "task_force.add", "task_force.change":
		if t.Is.Has("leader_id") {
			h.set(post{taskForce: t.Row.TaskForceID, name: "taskforce_leader"}, t.Is.Number("leader_id"), t, "empty")
		}
	case "user.disable":
		h.account(t)
	}
}

// set puts somebody on a post, or nobody.
func (h *holding) set(at post, who int64, t Told, why string) {
	h.who[at] = who
	empty := who == 0
	if isUser(at.name) && h.shut[who] {
		empty, why = true, "shut"
	}
	switch {
	case empty && h.open[at] == nil && !h.over[at.project]:
		v := &Vacant{Told: t, Project: at.project, TaskForce: at.taskForce, Post: at.name, Why: why, Since: h.a.dayOf(t.Row.At)}
		h.open[at], h.order = v, append(h.order, v)
	case empty && h.open[at] != nil && h.open[at].Why == "unassigned" && why == "empty":
		h.open[at].Told, h.open[at].Why = t, why // the assignment that left it empty says more than the project's entry
	case !empty:
		h.close(at, t)
	}
}

func (h *holding) close(at post, t Told) {
	if v := h.open[at]; v != nil {
		v.Until, v.End = h.a.dayOf(t.Row.At), t
		delete(h.open, at)
	}
}

// account follows an account that is shut or opened again, on every post that its owner holds.
func (h *holding) account(t Told) {
	user := t.Row.ObjectID
	h.shut[user] = t.Is.Truth("disabled")
	var posts []post
	for at, who := range h.who {
		if who == user && isUser(at.name) {
			posts = append(posts, at)
		}
	}
	slices.SortFunc(posts, func(x, y post) int { return int(x.project - y.project + x.taskForce - y.taskForce) })
	for _, at := range posts {
		h.set(at, user, t, "shut")
	}
}

// finish ends the gaps of a project that is completed or ended, or lets them count again where it goes on.
func (h *holding) finish(t Told, ended bool) {
	h.over[t.Row.ProjectID] = ended
	for _, name := range projectPosts() {
		at := post{project: t.Row.ProjectID, name: name}
		if ended {
			h.close(at, t)
		} else {
			h.set(at, h.who[at], t, "empty")
		}
	}
}

// isUser tells whether a post is held by a person, not by a unit.
func isUser(name string) bool { return name != "unit" && name != "lead_unit" }
