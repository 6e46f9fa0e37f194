package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// LedgerStatuses lists what may have become of a reminder.
func LedgerStatuses() []string {
	return []string{"queued", "sending", "accepted", "digested", "failed", "unknown", "withdrawn"}
}

// Channels lists the ways by which people are told.
func Channels() []string { return []string{"inbox", "mail"} }

// LedgerFilter narrows the reminder ledger; zero fields do not.
type LedgerFilter struct {
	Status       string        // one of LedgerStatuses, or "dead": failed or unknown
	Channel      string        // one of Channels
	Person, Unit int64         // the recipient, and the unit they were of
	Rule         string        // id of the rule, "event" for moves, "digest" for letters of the day
	Item         string        // public number of a ticket or project
	From, To     calendar.Date // days on which it was queued, both included
	Before       LedgerPlace   // only rows older than this one
	Limit        int
}

// LedgerPlace is a row's place in the ledger, which runs by the time of queueing; the zero place is above the newest row.
type LedgerPlace struct{ CreatedAt, ID int64 }

// Place is where the reminder stands in the ledger.
func (r Reminder) Place() LedgerPlace { return LedgerPlace{r.CreatedAt, r.ID} }

// Dead tells whether a letter is given up until somebody decides: it failed, or it may have arrived.
func (r Reminder) Dead() bool { return r.Status == "failed" || r.Status == "unknown" }

// ledgerReaders are the roles that read the ledger of a task force; at district level everybody with a role there reads all of it.
func ledgerReaders() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector, workflows.RoleTaskforceLeader, workflows.RoleInspector}
}

// ledgerKeepers are the roles that decide about letters that did not arrive.
func ledgerKeepers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector}
}

// forcesAs are the task forces in which the actor holds one of the roles.
func (s sight) forcesAs(roles ...workflows.Role) []int64 {
	var forces []int64
	for _, g := range s.grants {
		if g.Scope == "task_force" && slices.Contains(roles, g.Role) {
			forces = append(forces, g.ScopeID)
		}
	}
	return forces
}

// ledgerWhere is the condition on table reminders; those who may read none of them are denied.
func (s sight) ledgerWhere() (string, []any, error) {
	if s.all {
		return "1 = 1", nil, nil
	}
	forces := s.forcesAs(ledgerReaders()...)
	if len(forces) == 0 {
		return "", nil, denied()
	}
	return "task_force_id IN ?", []any{forces}, nil
}

// where is the filter without status and place, which the counts leave open.
func (f LedgerFilter) where(cal *calendar.Calendar) (string, []any) {
	var parts []string
	var args []any
	add := func(on bool, part string, arg any) {
		if on {
			parts, args = append(parts, part), append(args, arg)
		}
	}
	add(f.Channel != "", "channel = ?", plain(f.Channel))
	add(f.Person != 0, "recipient_id = ?", f.Person)
	add(f.Unit != 0, "unit_id = ?", f.Unit)
	add(f.Rule != "", ofRule(f.Rule), plain(f.Rule))
	add(f.Item != "", "item_no = ?", plain(f.Item))
	add(!f.From.IsZero(), "created_at >= ?", cal.At(f.From, 0, 0).Unix())
	add(!f.To.IsZero(), "created_at < ?", cal.At(f.To.AddDays(1), 0, 0).Unix())
	if len(parts) == 0 {
		return "1 = 1", nil
	}
	return strings.Join(parts, " AND "), args
}

// ofStatus and ofRule are conditions for one status and one rule. Most reminders are of moves and have arrived, and those on their way have indexes of their own: the
// rest alone is indexed by status and by rule, which the databases see from the second half.
func ofStatus(status string) string {
	switch status {
	case "queued", "sending", "accepted":
		return "status = ?"
	}
	return "status = ? AND status NOT IN ('queued', 'sending', 'accepted')"
}

func ofRule(rule string) string {
	if rule == ruleOfMoves {
		return "rule_id = ?"
	}
	return "rule_id = ? AND rule_id <> 'event'"
}

// statuses are the statuses that the filter lets through, nil for all.
func (f LedgerFilter) statuses() []string {
	switch f.Status {
	case "":
		return nil
	case "dead":
		return []string{"failed", "unknown"}
	}
	return []string{plain(f.Status)}
}

// ledgerReach is the condition on table reminders for what the actor may read.
func (a *App) ledgerReach(ctx context.Context, actor Actor) (string, []any, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return "", nil, err
	}
	return s.ledgerWhere()
}

// Ledger lists the reminders that the actor may see, the newest first.
func (a *App) Ledger(ctx context.Context, actor Actor, f LedgerFilter) ([]Reminder, error) {
	where, args, err := a.ledgerReach(ctx, actor)
	if err != nil {
		return nil, err
	}
	return a.ledger(ctx, f, where, args)
}

// Told lists what the actor was told by any channel, the newest first.
func (a *App) Told(ctx context.Context, actor Actor, f LedgerFilter) ([]Reminder, error) {
	return a.ledger(ctx, f, "recipient_id = ?", []any{actor.ID})
}

func (a *App) ledger(ctx context.Context, f LedgerFilter, where string, args []any) ([]Reminder, error) {
	query, all := f.query(a.Calendar(), where, args)
	var rows []Reminder
	if err := a.db.read.WithContext(ctx).Raw(query, all...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the reminder ledger: %w", err)
	}
	return rows, nil
}

// query reads one page; where is what the reader may see.
func (f LedgerFilter) query(cal *calendar.Calendar, where string, args []any) (string, []any) {
	narrow, more := f.where(cal)
	query, all := "SELECT * FROM reminders WHERE "+where+" AND "+narrow, slices.Concat(args, more)
	if st := f.statuses(); len(st) == 1 {
		query, all = query+" AND "+ofStatus(st[0]), append(all, st[0]) // one status is read in the order of its index
	} else if len(st) > 1 {
		query, all = query+" AND status IN ?", append(all, st)
	}
	if f.Before.ID != 0 {
		query, all = query+" AND (created_at, id) < (?, ?)", append(all, f.Before.CreatedAt, f.Before.ID)
	}
	return query + " ORDER BY created_at DESC, id DESC LIMIT ?", append(all, f.Limit)
}

// LedgerMost is up to how many rows of one status are counted; the page says "more" beyond.
const LedgerMost = 10000

// LedgerCounts counts by status what the actor may see, with the filter's status left open; no number exceeds LedgerMost.
func (a *App) LedgerCounts(ctx context.Context, actor Actor, f LedgerFilter) (map[string]int, error) {
	where, args, err := a.ledgerReach(ctx, actor)
	if err != nil {
		return nil, err
	}
	return a.ledgerCounts(ctx, f, where, args)
}

// ToldCounts counts by status what the actor was told.
func (a *App) ToldCounts(ctx context.Context, actor Actor, f LedgerFilter) (map[string]int, error) {
	return a.ledgerCounts(ctx, f, "recipient_id = ?", []any{actor.ID})
}

// countedAtOnce is up to how many rows are counted in one pass, which is quicker than a search for each status where the filter leaves few.
const countedAtOnce = 50000

func (a *App) ledgerCounts(ctx context.Context, f LedgerFilter, where string, args []any) (map[string]int, error) {
	narrow, more := f.where(a.Calendar())
	where, args = where+" AND "+narrow, slices.Concat(args, more)
	if f.Person != 0 || f.Unit != 0 || f.Rule != "" || f.Item != "" {
		out, total, err := a.countOnce(ctx, where, args)
		if err != nil || total < countedAtOnce {
			return out, err
		}
	}
	out := map[string]int{}
	for _, status := range LedgerStatuses() {
		var n int
		all := slices.Concat([]any{status}, args, []any{LedgerMost})
		err := scanOne(a.db.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM reminders WHERE "+ofStatus(status)+" AND "+where+" LIMIT ?) AS counted", all...), &n)
		if err != nil {
			return nil, fmt.Errorf("count the reminder ledger: %w", err)
		}
		out[status] = n
	}
	return out, nil
}

func (a *App) countOnce(ctx context.Context, where string, args []any) (out map[string]int, total int, err error) {
	var rows []struct {
		Status string
		N      int
	}
	err = a.db.read.WithContext(ctx).Raw("SELECT status, COUNT(*) AS n FROM (SELECT status FROM reminders WHERE "+where+" LIMIT ?) AS counted GROUP BY status", append(args, countedAtOnce)...).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("count the reminder ledger at once: %w", err)
	}
	out = map[string]int{}
	for _, r := range rows {
		out[r.Status], total = min(r.N, LedgerMost), total+r.N
	}
	return out, total, nil
}

// LedgerFile is one reminder with everything that became of it.
type LedgerFile struct {
	Reminder   Reminder
	Escalation *Escalation // nil for a move
	Attempts   []Attempt   // oldest first
	Carried    []Reminder  // of a letter of the day: what it carries and the reader may see
	Letter     *Reminder   // that carries it; nil when it goes alone
	Seen       int64       // number of the last attempt; forms carry it
	May        bool        // decide about it
}

// LedgerFile reads one reminder for those who may read the ledger, and for whom it told.
func (a *App) LedgerFile(ctx context.Context, actor Actor, no int64) (*LedgerFile, error) {
	t := a.view(ctx, actor)
	r, err := look[Reminder](t, no)
	if err != nil {
		return nil, err
	}
	f := &LedgerFile{Reminder: *r}
	where, args := "recipient_id = ?", []any{actor.ID}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if read, more, err := s.ledgerWhere(); err == nil {
		where, args = "("+where+" OR "+read+")", append(args, more...)
	}
	// Of a letter of the day one sees what it carries for one's own task forces, and the letter itself where there is something of it to see.
	if f.Carried, err = list[Reminder](t, "id", where+" AND digest_id = ?", append(slices.Clone(args), r.ID)...); err != nil {
		return nil, fmt.Errorf("read what letter %d carries: %w", no, err)
	}
	own, err := table[Reminder](t.db).Where(where+" AND id = ?", append(slices.Clone(args), r.ID)...).Count(ctx, "id")
	if err != nil {
		return nil, err
	}
	if own == 0 && len(f.Carried) == 0 {
		return nil, missing()
	}
	return f, a.fillFile(t, f)
}

func (a *App) fillFile(t *tx, f *LedgerFile) error {
	r := &f.Reminder
	var err error
	if f.Attempts, err = list[Attempt](t, "id", "reminder_id = ?", r.ID); err != nil {
		return fmt.Errorf("read the attempts at reminder %d: %w", r.ID, err)
	}
	if n := len(f.Attempts); n > 0 {
		f.Seen = f.Attempts[n-1].ID
	}
	if r.DigestID != 0 {
		if f.Letter, err = look[Reminder](t, r.DigestID); err != nil {
			return fmt.Errorf("read the letter that carries reminder %d: %w", r.ID, err)
		}
	}
	lit, err := a.EscalationsOf(t.ctx, []Reminder{*r})
	if err != nil {
		return err
	}
	if e, ok := lit[r.EscalationID]; ok {
		f.Escalation = &e
	}
	f.May = t.mayKeep(r) == nil
	return nil
}

// mayKeep asks whether the actor may decide about a letter that did not arrive.
func (t *tx) mayKeep(r *Reminder) error {
	return t.require(place{taskForce: r.TaskForceID}, ledgerKeepers()...)
}

// ToldOfProject lists the newest reminders about a project and its milestones, for its page, which has asked whether the reader may see it.
func (a *App) ToldOfProject(ctx context.Context, code string, limit int) ([]Reminder, error) {
	return table[Reminder](a.db.read).Where("item_no = ? AND item_kind IN ('project', 'milestone')", code).Order("created_at DESC, id DESC").Limit(limit).Find(ctx)
}

// ToldByPaper lists the newest reminders of a paper for its page: those of the step that issued it, and those of what became of it.
func (a *App) ToldByPaper(ctx context.Context, p Paper, limit int) ([]Reminder, error) {
	return table[Reminder](a.db.read).Where("item_no = ? AND (escalation_id = ? AND escalation_id <> 0 OR link = ?)", p.ItemNo, p.EscalationID, "/papers/"+p.Code).
		Order("created_at DESC, id DESC").Limit(limit).Find(ctx)
}

// DeadLetters counts the letters that wait for the actor's decision, at most LedgerMost; 0 for those who may not decide.
func (a *App) DeadLetters(ctx context.Context, actor Actor) (int, error) {
	s, err := a.sight(ctx, actor)
	if err != nil || actor.trusted() {
		return 0, err
	}
	where, args := "1 = 1", []any{}
	if !s.may(place{}, ledgerKeepers()...) {
		forces := s.forcesAs(ledgerKeepers()...)
		if len(forces) == 0 {
			return 0, nil
		}
		where, args = "task_force_id IN ?", []any{forces}
	}
	var n int
	err = scanOne(a.db.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM reminders WHERE status IN ('failed', 'unknown') AND "+where+" LIMIT ?) AS counted",
		append(args, LedgerMost)...), &n)
	return n, err
}

// Decidable names, of these rows, the letters that the actor may decide about, each with the number of its last attempt.
func (a *App) Decidable(ctx context.Context, actor Actor, rows []Reminder) (map[int64]int64, error) {
	t, out := a.view(ctx, actor), map[int64]int64{}
	var numbers []int64
	for i := range rows {
		if r := &rows[i]; r.Dead() && t.mayKeep(r) == nil {
			out[r.ID], numbers = 0, append(numbers, r.ID)
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	var newest []struct{ ReminderID, Newest int64 }
	err := a.db.read.WithContext(ctx).Raw("SELECT reminder_id, MAX(id) AS newest FROM reminder_attempts WHERE reminder_id IN ? GROUP BY reminder_id", numbers).Scan(&newest).Error
	for _, n := range newest {
		out[n.ReminderID] = n.Newest
	}
	return out, err
}

// MailDown says since when the mail server can't be reached: the first vain attempt since it last took or refused a letter. Zero while it answers, and where no
// mail server is configured.
func (a *App) MailDown(ctx context.Context) (time.Time, error) {
	if !a.opt.Mail {
		return time.Time{}, nil
	}
	// A row that was given up before anything was sent, and a sender that died, say nothing about the server.
	answered, err := table[Attempt](a.db.read).Where(`outcome IN ('accepted', 'retry') OR outcome = 'failed' AND EXISTS
(SELECT 1 FROM reminder_attempts b WHERE b.reminder_id = reminder_attempts.reminder_id AND b.id < reminder_attempts.id AND b.outcome = 'begun')`).Order("id DESC").Limit(1).Find(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask when the mail server answered: %w", err)
	}
	last := int64(0)
	if len(answered) > 0 {
		last = answered[0].ID
	}
	down, err := table[Attempt](a.db.read).Where("outcome = 'down' AND id > ?", last).Order("id").Limit(1).Find(ctx)
	if err != nil || len(down) == 0 {
		return time.Time{}, err
	}
	return time.Unix(down[0].At, 0).UTC(), nil
}

// Mails tells whether a mail server is configured.
func (a *App) Mails() bool { return a.opt.Mail }
