package app

import (
	"context"
	"encoding/json"
	"fmt"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// withUnits is a ticket with the units that received it, as the record of a reassignment has it: the rows of units that leave a ticket are not kept.
type withUnits struct {
	Ticket
	Units []receiver
}

// receiver is a unit that received a ticket.
type receiver struct {
	UnitID     int64         `json:"unit_id"`
	Part       string        `json:"part"`
	AcceptedOn calendar.Date `json:"accepted_on"`
	RepliedOn  calendar.Date `json:"replied_on"`
}

func receivers(units []TicketUnit) []receiver {
	out := make([]receiver, len(units))
	for i, u := range units {
		out[i] = receiver{UnitID: u.UnitID, Part: u.Part, AcceptedOn: u.AcceptedOn, RepliedOn: u.RepliedOn}
	}
	return out
}

// unitsThen are the receiving units of all tickets at the end of a day: those of now, and for a ticket that was given to others later, those before the first time.
func (a *App) unitsThen(ctx context.Context, p *past, day calendar.Date) (map[int64][]TicketUnit, error) {
	rows, err := table[TicketUnit](a.db.read).Select("id, ticket_id, unit_id, part, accepted_on, replied_on").Order("part DESC, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the units of tickets: %w", err)
	}
	units := map[int64][]TicketUnit{}
	for _, u := range rows {
		units[u.TicketID] = append(units[u.TicketID], *u.asOf(day))
	}
	var given []JournalRow
	err = a.db.read.WithContext(ctx).Raw(`SELECT no, ticket_id, record FROM journal WHERE action = 'ticket.reassign' AND no > ?
AND ticket_id IN (SELECT id FROM tickets WHERE hand_overs > 0) ORDER BY no`, p.no).Scan(&given).Error
	if err != nil {
		return nil, fmt.Errorf("read what was given to others since: %w", err)
	}
	seen := map[int64]bool{}
	for _, row := range given {
		if seen[row.TicketID] {
			continue
		}
		seen[row.TicketID] = true
		if units[row.TicketID], err = unitsBefore(row, p.tickets[row.TicketID], units[row.TicketID], day); err != nil {
			return nil, fmt.Errorf("record %d: %w", row.No, err)
		}
	}
	return units, nil
}

// unitsBefore are the units that a ticket had before it was given to others. Records of older programs name the first unit alone; then the others are those of now.
func unitsBefore(row JournalRow, k *Ticket, now []TicketUnit, day calendar.Date) ([]TicketUnit, error) {
	var r audit.Record
	if err := json.Unmarshal(row.Record, &r); err != nil {
		return nil, err
	}
	var before struct{ Units []receiver }
	if len(r.Before) > 0 {
		if err := json.Unmarshal(r.Before, &before); err != nil {
			return nil, err
		}
	}
	var out []TicketUnit
	for _, u := range before.Units {
		row := TicketUnit{TicketID: row.TicketID, UnitID: u.UnitID, Part: u.Part, AcceptedOn: u.AcceptedOn, RepliedOn: u.RepliedOn}
		out = append(out, *row.asOf(day))
	}
	if before.Units != nil || k == nil {
		return out, nil
	}
	for _, u := range now {
		if u.Part == "lead" {
			u.UnitID, u.AcceptedOn = k.LeadUnitID, min(k.AcceptedOn, day)
		}
		out = append(out, u)
	}
	return out, nil
}

// limitsThen are the limits of the cells as the journal's records left them, in the order of CellLimits.
func (p *past) limitsThen() []CellLimit {
	var out []CellLimit
	for _, id := range sortedKeys(p.limits) {
		out = append(out, *p.limits[id])
	}
	return inLimitOrder(out)
}
