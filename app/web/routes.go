package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"battlemap/app"
)

// route is one row of the table (table.go): what is done, on what, who may, and what answers. Every cell of route, role and object is in testdata/matrix.txt.
type route struct {
	method, path string
	action       string // what is done, as one reads it
	object       thing
	policy       policy
	do           func(*call) error
	lists        []string // fields of which a request may hold several; of all others it may hold one
}

// thing is what a route is about. A route finds it by the parameters of its path; one whose path has none finds it in its form or query, or is about a list.
type thing string

// places are the beginnings of paths that name an object; what follows them has no parameter. An object without one is named in a form or a query.
func (o thing) places() []string {
	switch o {
	case "setup link":
		return []string{"/setup/:token"}
	case "asset":
		return []string{"/static/:hash/*"}
	case "clock":
		return []string{"/demo/:action"}
	case "anything":
		return []string{"/*"}
	case "letter":
		return []string{"/ledger/:no"}
	case "ticket":
		return []string{"/tickets/:no", "/triage/:no", "/why/tickets/:no"}
	case "project":
		return []string{"/projects/:code", "/why/projects/:code"}
	case "milestone":
		return []string{"/why/milestones/:id"}
	case "part":
		return []string{"/why/parts/:id"}
	case "subject":
		return []string{"/why/subjects/:id"}
	case "file":
		return []string{"/files/:code"}
	case "paper":
		return []string{"/papers/:code"}
	case "meeting":
		return []string{"/meetings/:no"}
	case "decision":
		return []string{"/meetings/:no/decisions/:id"}
	case "task force":
		return []string{"/taskforces/:code", "/why/taskforces/:code"}
	case "wall link":
		return []string{"/wall/:token"}
	case "journal record":
		return []string{"/journal/:no", "/proof/records/:no"}
	case "person":
		return []string{"/journal/people/:account"}
	case "unit":
		return []string{"/journal/units/:code"}
	case "question":
		return []string{"/questions/:name"}
	case "checkpoint":
		return []string{"/proof/checkpoints/:size"}
	case "law":
		return []string{"/rules/drafts/:id"}
	case "chart":
		return []string{"/charts/:id"}
	case "calendar":
		return []string{"/calendar/versions/:id"}
	}
	return nil
}

// known tells whether the word is one of those for things.
func (o thing) known() bool {
	return len(o.places()) > 0 || slices.Contains([]thing{"nothing", "session", "own account", "reminder", "item", "view", "limit", "wall", "database", "year", "disposal",
		"witness", "figure"}, o)
}

// fits tells whether the parameters of a path are those that name the object.
func (o thing) fits(path string) bool {
	for _, place := range o.places() {
		if rest, ok := strings.CutPrefix(path, place); ok && (rest == "" || rest[0] == '/') {
			return !strings.ContainsAny(rest, ":*")
		}
	}
	return !strings.ContainsAny(path, ":*")
}

// check fails when a row of the table says too little, says it twice, or does not fit its path.
func check(table []route) error {
	var wrong []error
	seen := map[string]bool{}
	for _, r := range table {
		name := r.method + " " + r.path
		for _, miss := range []struct {
			is   bool
			says string
		}{
			{r.method == "" || !strings.HasPrefix(r.path, "/"), "has no method or no path"},
			{seen[name], "stands in the table twice"},
			{r.action == "", "has no action"},
			{r.object == "", "has no object"},
			{r.object != "" && !r.object.known(), fmt.Sprintf("is about %q, which is no thing", r.object)},
			{r.policy == "", "has no policy"},
			{r.policy != "" && !r.policy.known(), fmt.Sprintf("has the policy %q, which nobody asks", r.policy)},
			{r.do == nil, "has no handler"},
			{!r.object.fits(r.path), fmt.Sprintf("is about %s, whom its path does not name so", r.object)},
		} {
			if miss.is {
				wrong = append(wrong, fmt.Errorf("web: route %s %s", name, miss.says))
			}
		}
		seen[name] = true
	}
	return errors.Join(wrong...)
}

// undeclared fails when a router answers what the table does not name.
func undeclared(e *echo.Echo, table []route) error {
	var wrong []error
	for _, have := range e.Routes() {
		if !slices.ContainsFunc(table, func(r route) bool { return r.method == have.Method && r.path == have.Path }) {
			wrong = append(wrong, fmt.Errorf("web: route %s %s is not in the table", have.Method, have.Path))
		}
	}
	return errors.Join(wrong...)
}

// register checks the table and puts every row of it before the router.
func (s *server) register(e *echo.Echo, table []route) error {
	if err := check(table); err != nil {
		return err
	}
	for _, r := range table {
		e.Add(r.method, r.path, s.guarded(r))
	}
	return undeclared(e, table)
}

// guarded is the handler of a route behind what the table says of it.
func (s *server) guarded(r route) echo.HandlerFunc {
	h := func(ctx echo.Context) error {
		c := s.call(ctx)
		c.route = &r
		if err := c.once(c.QueryParams()); err != nil {
			return err
		}
		if may := r.policy.right(); may != nil && !may(c.rights) {
			return &app.Fault{Kind: app.Denied, Key: "denied"}
		}
		return r.do(c)
	}
	if r.policy == public {
		return h
	}
	return s.needUser(h)
}

// declaredOnly refuses every method that no route uses, before the router answers some of them by itself.
func declaredOnly(table []route) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !slices.ContainsFunc(table, func(r route) bool { return r.method == c.Request().Method }) {
				return echo.ErrMethodNotAllowed
			}
			return next(c)
		}
	}
}

// policy is who may use a route: "public" and "signed in" by themselves, "Rights.X" as app.Rights says before the handler runs, "sight" those who may see the row, and
// any other the function in app, mostly in permit.go, that the verb asks inside the door, on the row just read.
type policy string

const (
	public   policy = "public"
	signedIn policy = "signed in"
	inSight  policy = "sight"
)

// right is what a policy asks before the handler, nil where only the row can tell.
func (p policy) right() func(app.Rights) bool {
	switch p {
	case "Rights.ApprovesDisposal":
		return func(r app.Rights) bool { return r.ApprovesDisposal }
	case "Rights.Audit":
		return func(r app.Rights) bool { return r.Audit }
	case "Rights.Archive":
		return func(r app.Rights) bool { return r.Archive }
	case "Rights.Doctor":
		return func(r app.Rights) bool { return r.Doctor }
	case "Rights.Draft":
		return func(r app.Rights) bool { return r.Draft }
	case "Rights.Ledger":
		return func(r app.Rights) bool { return r.Ledger }
	case "Rights.Meetings":
		return func(r app.Rights) bool { return r.Meetings }
	case "Rights.People":
		return func(r app.Rights) bool { return r.People }
	case "Rights.Plan":
		return func(r app.Rights) bool { return r.Plan }
	case "Rights.Proof":
		return func(r app.Rights) bool { return r.Proof }
	case "Rights.ReadsPeople":
		return func(r app.Rights) bool { return r.People || r.Inspector }
	case "Rights.SeesAll":
		return func(r app.Rights) bool { return r.SeesAll }
	case "Rights.Supervise":
		return func(r app.Rights) bool { return r.Supervise }
	case "Rights.Triage":
		return func(r app.Rights) bool { return r.Triage }
	case "Rights.Walls":
		return func(r app.Rights) bool { return r.Walls }
	}
	return nil
}

// known tells whether the policy is one that is asked somewhere. TestPoliciesAreAsked looks for the last ones in package app.
func (p policy) known() bool {
	return p == public || p == signedIn || p == inSight || p.right() != nil || slices.Contains(doorPolicies(), p)
}

// doorPolicies are the functions of package app that a verb asks about its row.
func doorPolicies() []policy {
	return []policy{"AcceptReason", "Assign", "DropView", "allowedMove", "allowedStage", "askingUnit", "checkView", "contributable", "disposalAskers", "drafters", "exporters", "figureEnterers", "lawDeciders", "lawDrafters", "limiters", "linkers", "mayAct", "mayAnswer", "mayDecide", "mayDecideCalendar", "mayDecideExtension", "mayHand", "mayIssue", "mayKeep", "mayPromise", "mayReceive", "mayRecord", "mayReply", "mayUpload", "mayWithdraw", "planners", "reporters", "undoable", "verifiers", "wallMakers", "witnessKeepers"}
}

// miss answers addresses that no route has, to signed-in people with their own page around it.
func (s *server) miss(*call) error { return echo.NewHTTPError(http.StatusNotFound) }
