package app

// CellLimit is how many things may stand in a cell of a board at once, with who said so and why. Most 0 means that the limit was lifted.
type CellLimit struct {
	Row
	Board       string // "stages" or "tickets"
	TaskForceID int64  // 0 for every task force
	State       string // stage of a project, state of a ticket
	Most        int
	Reason      string
	SetBy       int64
	SetAt       int64
}

// limitOf finds the limit of a cell: the task force's own before the one for all.
func limitOf(limits []CellLimit, board string, taskForce int64, state string) (found CellLimit, ok bool) {
	for _, l := range limits {
		if l.Board != board || l.State != state || l.TaskForceID != taskForce && l.TaskForceID != 0 || ok && l.TaskForceID == 0 {
			continue
		}
		found, ok = l, true
	}
	return found, ok && found.Most > 0
}
