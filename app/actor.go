package app

import "battlemap/app/audit"

// Actor is who does something: a person at an address, or a named part of the system.
type Actor struct {
	Kind    string // "user", "system" or "setup"
	ID      int64  // user id; 0 for the system
	Name    string // the person's name, or the part's
	UnitID  int64
	Unit    string
	Lang    string
	Address string // the peer's address
	Request string // request id, to find the line in the operations log
	lease   *Lease // a job acts under its lease: a late write by a lost leader is refused
}

// System is the actor of an automatic step; the name says which one.
func System(name string) Actor { return Actor{Kind: "system", Name: name} }

// Setup is the actor of first-start commands that someone with access to the machine runs.
func Setup(name string) Actor { return Actor{Kind: "setup", Name: name} }

// Under is the actor acting under a lease: its writes fail once the lease went to another holder.
func (a Actor) Under(l *Lease) Actor {
	a.lease = l
	return a
}

// trusted actors are part of the machine and pass permission checks; they are named in the journal.
func (a Actor) trusted() bool { return a.Kind == "system" || a.Kind == "setup" }

func (a Actor) audit() audit.Actor {
	return audit.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name, Unit: a.Unit}
}
