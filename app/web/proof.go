package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
)

// proofLines is how many checkpoints stand on one page.
const proofLines = 20

// proofAsk is what the page of proofs is asked to show after a refused form.
type proofAsk struct {
	typed  app.AddWitness
	faults templates.Faults
}

func (s *server) proofPage(c *call) error {
	return s.showProofs(c, statusPage, proofAsk{typed: app.AddWitness{Rhythm: "daily", Kind: "https"}})
}

func (s *server) showProofs(c *call, status int, ask proofAsk) error {
	below := number(c.QueryParam("before"))
	p, err := s.App.Proofs(c.ctx(), c.actor, below, proofLines+1)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	w := proofWords{c: c, p: p, dir: dir}
	page := templates.ProofPage{MayPublish: p.MayPublish, Keys: w.keys(), Problem: ask.faults[""]}
	if page.Notices, err = w.notices(); err != nil {
		return err
	}
	if len(p.Checkpoints) > proofLines {
		page.Older = "/proof?before=" + id64(p.Checkpoints[proofLines-1].Size)
	}
	page.Notes = w.notes()
	if len(page.Notes) == 0 {
		page.Empty = []templates.Empty{{Icon: "fingerprint", Text: c.T("proof.no_note"), Next: c.T("proof.no_note_next")}}
	}
	if len(p.Checkpoints) > 1 {
		page.Compare = c.compareFields(p.Checkpoints[min(len(p.Checkpoints), proofLines)-1].Size, p.Checkpoints[0].Size, nil)
	}
	for _, one := range p.Witnesses {
		page.Witnesses = append(page.Witnesses, w.witness(one))
	}
	if len(p.Witnesses) == 0 {
		page.NoWitness = []templates.Empty{{Icon: "send", Text: c.T("proof.no_witness"), Next: c.T("proof.no_witness_next")}}
	}
	if p.MayKeep {
		page.Fields = c.witnessFields(ask)
	}
	base, err := c.base(c.T("proof.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "proof", c.T("proof.lead")
	return showBase(c, status, s.Set.Pages.Proof.List, base, page)
}

// proofWords words the page of proofs.
type proofWords struct {
	c   *call
	p   app.Proofs
	dir app.Directory
}

// notices say how far the newest checkpoint reaches, and when the last one left the building.
func (w proofWords) notices() ([]templates.Notice, error) {
	newest, err := w.c.s.checkpointNotice(w.c)
	if err != nil {
		return nil, err
	}
	out := []templates.Notice{newest}
	stands := slices.ContainsFunc(w.p.Witnesses, func(x app.Witness) bool { return x.RevokedAt == 0 })
	if !stands {
		out = append(out, templates.Notice{Tone: "warn", Text: w.c.T("proof.none_outside"), Detail: w.c.T("proof.none_outside_note")})
	}
	for _, one := range w.p.Witnesses {
		if d, ok := w.p.Missed[one.ID]; ok && one.RevokedAt == 0 {
			out = append(out, templates.Notice{Tone: "bad", Text: w.c.T("proof.not_arrived", "Name", one.Name, "Size", w.c.Count(int(d.Size)), "At", w.c.at(d.SettledAt)), Detail: w.c.T("proof.not_arrived_note")})
		}
	}
	return out, nil
}

func (w proofWords) notes() []templates.CheckpointLine {
	c := w.c
	var out []templates.CheckpointLine
	for i, one := range w.p.Checkpoints[:min(len(w.p.Checkpoints), proofLines)] {
		lines := strings.Split(one.Note, "\n")
		root := ""
		if len(lines) > 2 {
			root = lines[2]
		}
		line := templates.CheckpointLine{Size: c.T("proof.first", "Size", c.Count(int(one.Size))), At: c.at(one.At), Root: root, Href: "/proof/checkpoints/" + id64(one.Size), Sent: w.sent(one)}
		if i+1 < len(w.p.Checkpoints) {
			line.Grown = growthPath("/proof/consistency", w.p.Checkpoints[i+1].Size, one.Size)
		}
		if len(line.Sent) == 0 {
			line.NotSent = c.T("proof.not_sent")
		}
		out = append(out, line)
	}
	return out
}

func growthPath(page string, from, to int64) string {
	return page + "?from=" + id64(from) + "&to=" + id64(to)
}

func (w proofWords) sent(one app.Checkpoint) []templates.SentLine {
	c := w.c
	var out []templates.SentLine
	for _, d := range w.p.Deliveries[one.Size] {
		line := templates.SentLine{To: w.witnessName(d.WitnessID), At: c.at(cmp.Or(d.SettledAt, d.CreatedAt)), State: templates.Tag{Text: c.T("witness_state." + d.Status), Tone: deliveryTone(d.Status)}}
		for _, a := range w.p.Attempts[d.ID] {
			text := c.T("proof.attempt", "At", c.at(a.At), "What", c.T("witness_outcome."+a.Outcome), "Answer", a.Answer)
			if a.NextAt != 0 {
				text += c.T("proof.attempt_next", "At", c.at(a.NextAt))
			}
			line.Tried = append(line.Tried, text)
		}
		if i := slices.IndexFunc(w.p.Cosignatures[one.Size], func(s app.Cosignature) bool { return s.WitnessID == d.WitnessID }); i >= 0 {
			line.Signed = c.T("proof.cosigned", "At", c.at(w.p.Cosignatures[one.Size][i].At))
		}
		out = append(out, line)
	}
	return out
}

// deliveryTone is the colour beside the word of a delivery's state.
func deliveryTone(status string) string {
	switch status {
	case "accepted":
		return "green"
	case "failed":
		return "red"
	case "unknown":
		return "orange"
	case "queued", "sending":
		return "blue"
	}
	return "line"
}

func (w proofWords) witnessName(id int64) string {
	if i := slices.IndexFunc(w.p.Witnesses, func(x app.Witness) bool { return x.ID == id }); i >= 0 {
		return w.p.Witnesses[i].Name
	}
	return strconv.FormatInt(id, 10)
}

func (w proofWords) witness(one app.Witness) templates.WitnessLine {
	c := w.c
	line := templates.WitnessLine{ID: id64(one.ID), Name: one.Name, Kind: c.T("witness_kind." + one.Kind), Address: one.Address, Rhythm: c.T("witness_rhythm." + one.Rhythm),
		Added: c.T("proof.added", "Name", w.dir.Users[one.AddedBy].Name, "At", c.at(one.AddedAt)), Last: c.T("proof.nothing_yet"), State: templates.Tag{Text: c.T("proof.stands"), Tone: "green"}}
	if one.PublicKey != "" {
		line.Key = c.T("proof.cosigns", "Key", one.PublicKey)
	}
	if d, ok := w.p.Arrived[one.ID]; ok {
		line.Last = c.T("proof.last_sent", "Size", c.Count(int(d.Size)), "At", c.at(d.SettledAt))
	}
	if one.RevokedAt == 0 {
		if w.p.MayKeep {
			line.Version = id64(one.Version)
		}
		return line
	}
	line.Off = true
	line.State = templates.Tag{Text: c.T("proof.revoked_by", "Name", w.dir.Users[one.RevokedBy].Name, "At", c.at(one.RevokedAt), "Why", one.RevokedWhy), Tone: "line"}
	return line
}

// keys lists the key that signs first, then those before it.
func (w proofWords) keys() []templates.KeyLine {
	c := w.c
	var out []templates.KeyLine
	for i, k := range slices.Backward(w.p.Keys) {
		note := c.T("proof.key_now")
		switch {
		case i < len(w.p.Keys)-1:
			note = c.T("proof.key_until", "At", c.at(w.p.Keys[i+1].At))
		case k.At != 0:
			note = c.T("proof.key_since", "At", c.at(k.At))
		}
		out = append(out, templates.KeyLine{Key: k.PublicKey, Note: note, Now: i == len(w.p.Keys)-1})
	}
	return out
}

func (c *call) compareFields(from, to int64, faults templates.Faults) []templates.Field {
	return []templates.Field{
		c.Field("from", "proof.from", id64(from)).As("number").Between("1", "").Hinted("proof.from_hint").Need().Fails(faults),
		c.Field("to", "proof.to", id64(to)).As("number").Between("1", "").Need().Fails(faults),
	}
}

// witnessFields are the form of a new witness; only ways that lead out of here are offered.
func (c *call) witnessFields(ask proofAsk) []templates.Field {
	reach := c.s.App.Reach()
	options := func(prefix string, ids []string) []templates.Option {
		var out []templates.Option
		for _, id := range ids {
			out = append(out, templates.Option{Value: id, Text: c.T(prefix + id)})
		}
		return out
	}
	kinds := slices.DeleteFunc(app.WitnessKinds(), func(k string) bool { return k == "mail" && !reach.Mail || k == "folder" && len(reach.Folders) == 0 })
	address := c.Field("address", "proof.address", ask.typed.Address).Completing("off").Need().Fails(ask.faults)
	address.Hint = c.T("proof.address_hint")
	if len(reach.Folders) > 0 {
		address.Hint = c.T("proof.address_folders", "Folders", strings.Join(reach.Folders, c.T("work.and")))
	}
	return []templates.Field{
		c.Field("name", "proof.name", ask.typed.Name).Hinted("proof.name_hint").Completing("off").Need().Fails(ask.faults),
		c.Field("kind", "proof.kind", ask.typed.Kind).Choose(options("witness_kind.", kinds)).Need().Fails(ask.faults),
		address,
		c.Field("rhythm", "proof.rhythm", ask.typed.Rhythm).Choose(options("witness_rhythm.", app.WitnessRhythms())).Hinted("proof.rhythm_hint").Need().Fails(ask.faults),
		c.Field("public_key", "proof.public_key", ask.typed.PublicKey).Hinted("proof.public_key_hint").Completing("off").Fails(ask.faults),
	}
}

func (s *server) addWitness(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ask := proofAsk{typed: app.AddWitness{Name: f.text("name"), Kind: f.text("kind"), Address: f.text("address"), PublicKey: f.text("public_key"), Rhythm: f.text("rhythm")}}
	_, err = s.App.AddWitness(c.ctx(), c.actor, ask.typed)
	return c.after(err, "/proof#witnesses", "witness_added", func(status int, faults templates.Faults) error {
		ask.faults = faults
		return s.showProofs(c, status, ask)
	})
}

func (s *server) revokeWitness(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	err = s.App.RevokeWitness(c.ctx(), c.actor, app.RevokeWitness{ID: f.number("witness"), Version: f.number("version"), Reason: f.text("reason")})
	return c.after(err, "/proof#witnesses", "witness_revoked", func(status int, faults templates.Faults) error {
		return s.showProofs(c, status, proofAsk{faults: templates.Faults{"": cmp.Or(faults[""], faults["reason"])}})
	})
}

func (s *server) publishCheckpoint(c *call) error {
	err := s.App.PublishCheckpoint(c.ctx(), c.actor)
	return c.after(err, "/proof", "checkpoint_published", func(status int, faults templates.Faults) error {
		return s.showProofs(c, status, proofAsk{faults: faults})
	})
}

// checkpointFile hands out a note as it was signed, with the lines of its witnesses.
func (s *server) checkpointFile(c *call) error {
	one, err := s.App.CheckpointAt(c.ctx(), c.actor, number(c.Param("size")))
	if err != nil {
		return err
	}
	origin, _, _ := strings.Cut(one.Note, "\n")
	return c.textFile(app.CheckpointFile(origin, one.Size), []byte(one.Note))
}

// textFile hands out a text to keep, to the byte.
func (c *call) textFile(name string, text []byte) error {
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", name))
	return c.Blob(statusPage, "text/plain; charset=utf-8", text)
}

func (s *server) growthPage(c *call) error {
	from, to := number(c.QueryParam("from")), number(c.QueryParam("to"))
	g, err := s.App.ProveGrowth(c.ctx(), c.actor, from, to)
	if err != nil {
		return err
	}
	page := templates.GrowthPage{Older: c.noteDefs(g.Older, g.Roots[0].String()), Newer: c.noteDefs(g.Newer, g.Roots[1].String()), File: growthPath("/proof/consistency/file", g.Older.Size, g.Newer.Size),
		Compare: c.compareFields(g.Older.Size, g.Newer.Size, nil), Command: "auditverify -key checkpoint.pub -proof " + growthFile(g)}
	for i, h := range g.Proof {
		page.Hashes = append(page.Hashes, templates.ProofStep{N: strconv.Itoa(i + 1), Hash: h.String()})
	}
	page.Verdict = templates.Notice{Tone: "good", Text: c.T("proof.holds", "From", c.Count(int(g.Older.Size)), "To", c.Count(int(g.Newer.Size)), "More", c.Count(int(g.Newer.Size-g.Older.Size))),
		Detail: c.T("proof.holds_note")}
	if g.Fits != nil {
		s.Log.Error("checkpoints do not fit each other", "id", c.id(), "from", from, "to", to, "error", g.Fits)
		page.Verdict = templates.Notice{Tone: "bad", Text: c.T("proof.broken", "From", c.Count(int(g.Older.Size)), "To", c.Count(int(g.Newer.Size))), Detail: c.T("proof.broken_note")}
	}
	base, err := c.base(c.T("proof.growth"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "growth", c.T("proof.growth_lead")
	base.Crumbs = []templates.Crumb{{Text: c.T("proof.title"), Href: "/proof"}, {Text: c.T("proof.growth")}}
	return showBase(c, statusPage, s.Set.Pages.Proof.Growth, base, page)
}

func (c *call) noteDefs(one app.Checkpoint, root string) []templates.Def {
	return []templates.Def{{Name: c.T("proof.covers"), Text: c.T("proof.first", "Size", c.Count(int(one.Size)))}, {Name: c.T("proof.signed"), Text: c.at(one.At)},
		{Name: c.T("proof.root"), Text: root}, {Name: c.T("proof.note"), Text: c.T("proof.take_note"), Href: "/proof/checkpoints/" + id64(one.Size)}}
}

func growthFile(g app.Growth) string {
	return fmt.Sprintf("consistency-%d-%d.txt", g.Older.Size, g.Newer.Size)
}

func (s *server) growthProof(c *call) error {
	g, err := s.App.ProveGrowth(c.ctx(), c.actor, number(c.QueryParam("from")), number(c.QueryParam("to")))
	if err != nil {
		return err
	}
	return c.textFile(growthFile(g), g.File)
}

// recordProof hands out the proof of one record.
func (s *server) recordProof(c *call) error {
	no := number(c.Param("no"))
	file, err := s.App.RecordFile(c.ctx(), c.actor, no)
	if err != nil {
		return err
	}
	return c.textFile(fmt.Sprintf("record-%d.txt", no), file)
}
