package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"battlemap/app/calendar"
)

// FeedReach is how many records back the live feed can be resumed; a page that has missed more is drawn anew.
const FeedReach = 500

// Feed is what has happened in the journal since a number, as one actor may know it: names of items, no facts.
type Feed struct {
	No     int64    `json:"no"`     // the journal's size: where to go on from
	Items  []string `json:"items"`  // names of the items that changed and that the actor may see, each once
	All    bool     `json:"all"`    // who may see what may have changed: the page has to be drawn anew
	Reload bool     `json:"reload"` // too much was missed, or the number is not of this journal
}

// Feed reads what happened after a number of the journal. What an actor may not see is not named; what went out of sight, or came into it, is only "all".
func (a *App) Feed(ctx context.Context, actor Actor, after int64) (Feed, error) {
	size, err := a.JournalSize(ctx)
	if err != nil {
		return Feed{}, fmt.Errorf("read the live feed: %w", err)
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Feed{}, err
	}
	n, err := a.news(ctx, after, size)
	if err != nil {
		return Feed{}, err
	}
	return n.seenBy(s), nil
}

// Follower is one open stream: whose it is, what they may see, and how far they were told. It belongs to one goroutine.
type Follower struct {
	No    int64 // of the journal, up to which was told
	app   *App
	token string
	user  int64
	sight sight
	scope string // names the sight
	day   calendar.Date
	until int64 // when the session is over unless the person does something: asked again then
}

// Follow begins a stream for the session of a token, told up to a number of the journal. Denied when the session is over.
func (a *App) Follow(ctx context.Context, token string, after int64) (*Follower, error) {
	f := &Follower{No: after, app: a, token: token}
	return f, f.Ask(ctx)
}

// Ask asks whether the session is still open, and what the person may see: one query, as every page asks. Denied when it is over.
func (f *Follower) Ask(ctx context.Context) error {
	v, err := f.app.Visit(ctx, f.token, true)
	f.day, f.user, f.until, f.sight, f.scope = f.app.Today(), v.User.ID, v.until, v.sight, v.Scope
	return err
}

// Next words what has happened up to a size of the journal that was told. Only records that may end a session or change a sight make every stream ask the database for
// its own; all streams share what is read of the journal, and those of people who see the same share the words. Denied when the session is over.
func (f *Follower) Next(ctx context.Context, size int64, word func(Feed) (string, error)) (string, error) {
	n, err := f.app.news(ctx, f.No, size)
	if err != nil {
		return "", err
	}
	if n.asks || n.ended[f.user] || f.day != f.app.Today() || f.app.Now().Unix() >= f.until {
		if err := f.Ask(ctx); err != nil {
			return "", err
		}
	}
	f.No = size
	return n.worded(f.scope, f.sight, word)
}

// news is what happened between two sizes of the journal, for whoever may see it.
type news struct {
	size     int64
	reload   bool
	all      bool           // who may see what may have changed
	asks     bool           // any session may have ended, any sight may have changed
	ended    map[int64]bool // people who have left a session
	projects []Project
	tickets  []newsTicket

	mu    sync.Mutex
	words map[string]string // by scope
}

// newsTicket is what a sight asks about a ticket.
type newsTicket struct {
	Ticket
	units []int64
}

// newsKey names a piece of news: from which size to which.
type newsKey struct{ after, size int64 }

// newsstand keeps the pieces that were asked for last, so that each is read once and not by every stream.
type newsstand struct {
	mu    sync.Mutex
	known map[newsKey]func() (*news, error)
}

// newsLimit is how long reading a piece may take: behind a link that carries nothing, everybody would wait for ever.
const newsLimit = 30 * time.Second

// mostNews is how many pieces are kept; after that the stand begins anew. Streams that keep up all ask for the same one.
const mostNews = 256

// news gives the news between two sizes; whoever comes first reads it, the others wait for that.
func (a *App) news(ctx context.Context, after, size int64) (*news, error) {
	if after == size {
		return &news{size: size}, nil
	}
	if after > size || after < size-FeedReach || after < 0 {
		return &news{size: size, reload: true, asks: true}, nil
	}
	stand, key := &a.newsstand, newsKey{after, size}
	stand.mu.Lock()
	read, ok := stand.known[key]
	if !ok {
		if stand.known == nil || len(stand.known) >= mostNews {
			stand.known = map[newsKey]func() (*news, error){}
		}
		read = sync.OnceValues(func() (*news, error) {
			ctx, done := context.WithTimeout(context.WithoutCancel(ctx), newsLimit) // it is for everybody
			defer done()
			return a.readNews(ctx, after, size)
		})
		stand.known[key] = read
	}
	stand.mu.Unlock()
	n, err := read()
	if err != nil {
		stand.mu.Lock()
		delete(stand.known, key) // the next one asks again
		stand.mu.Unlock()
		return nil, fmt.Errorf("read the live feed: %w", err)
	}
	return n, nil
}

func (a *App) readNews(ctx context.Context, after, size int64) (*news, error) {
	q := table[JournalRow](a.db.read).Select("no", "action", "object_kind", "object_id", "task_force_id", "project_id", "ticket_id").Where("no > ? AND no <= ?", after, size)
	rows, err := q.Order("no").Find(ctx)
	if err != nil {
		return nil, err
	}
	n := &news{size: size, ended: map[int64]bool{}}
	tickets, projects := map[int64]bool{}, map[int64]bool{}
	for _, r := range rows {
		n.all = n.all || changesSight(r)
		switch {
		case r.Action == "session.end":
			n.ended[r.ObjectID] = true
		case !changesNobody(r):
			n.asks = true
		}
		if r.TicketID != 0 {
			tickets[r.TicketID] = true
		}
		if r.ProjectID != 0 { // a project's card counts its tickets
			projects[r.ProjectID] = true
		}
	}
	return n, a.readNewsItems(ctx, n, slices.Sorted(maps.Keys(projects)), slices.Sorted(maps.Keys(tickets)))
}

// readNewsItems reads what a sight asks about the items.
func (a *App) readNewsItems(ctx context.Context, n *news, projects, tickets []int64) error {
	var err error
	if len(projects) > 0 {
		q := table[Project](a.db.read).Select("id", "code", "task_force_id", "unit_id", "lead_unit_id").Where("id IN ?", projects)
		if n.projects, err = q.Order("code").Find(ctx); err != nil {
			return err
		}
	}
	if len(tickets) == 0 {
		return nil
	}
	rows, err := table[Ticket](a.db.read).Select("id", "no", "task_force_id", "project_id", "state", "handler_id", "leader_id").Where("id IN ?", tickets).Order("no").Find(ctx)
	if err != nil {
		return err
	}
	parts, err := table[TicketUnit](a.db.read).Select("ticket_id", "unit_id").Where("ticket_id IN ?", tickets).Find(ctx)
	units := map[int64][]int64{}
	for _, p := range parts {
		units[p.TicketID] = append(units[p.TicketID], p.UnitID)
	}
	for _, k := range rows {
		n.tickets = append(n.tickets, newsTicket{k, units[k.ID]})
	}
	return err
}

// seenBy is the news as a sight lets it through.
func (n *news) seenBy(s sight) Feed {
	f := Feed{No: n.size, Items: []string{}, All: n.all, Reload: n.reload}
	for _, p := range n.projects {
		if s.seesProject(p) {
			f.Items = append(f.Items, ItemName{"project", p.Code}.String())
		}
	}
	for _, k := range n.tickets {
		if s.seesTicket(k.Ticket, k.units) {
			f.Items = append(f.Items, ItemName{"ticket", k.No}.String())
		}
	}
	return f
}

// worded is the news as a sight lets it through, in words that are found once for everybody of the same scope.
func (n *news) worded(scope string, s sight, word func(Feed) (string, error)) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if text, ok := n.words[scope]; ok {
		return text, nil
	}
	text, err := word(n.seenBy(s))
	if err != nil {
		return "", err
	}
	if n.words == nil {
		n.words = map[string]string{}
	}
	n.words[scope] = text
	return text, nil
}

// changesSight tells whether a record may change who sees what.
func changesSight(r JournalRow) bool {
	switch r.ObjectKind {
	case "grant", "assignment", "task_force", "unit":
		return true
	}
	return r.Action == "ticket.hand"
}

// changesNobody tells whether a record certainly ends no session and changes no grant and no assignment: work on items, and somebody's coming. A kind that is not
// named here only costs a query for each stream.
func changesNobody(r JournalRow) bool {
	switch r.ObjectKind {
	case "ticket", "ticket_unit", "project", "milestone", "progress", "comment", "attachment", "paper", "receiving_unit", "exemption", "reminder",
		"figure", "saved_view", "cell_limit", "case", "journal":
		return !changesSight(r)
	}
	return r.Action == "session.begin" || r.Action == "session.refuse"
}
