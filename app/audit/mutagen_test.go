package audit

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pool is what a forger has at hand: lines and files of other archives, own keys, notes and statements that are validly signed, but by
// others or about another journal.
type pool struct {
	lines [][]byte
	texts [][]byte
	names []string
}

func (n *nursery) pool(all []specimen) *pool {
	p := &pool{names: []string{"README.txt", "case.html", "x", "checkpoints/", "checkpoints/000000000012-2.txt", "checkpoints/000000000004.txt",
		"rotations/000000000006.txt", AttachmentName([32]byte{}), "../case.html", "key.txt", "manifest.txt", "journal.ndjson"}}
	for _, s := range all {
		for _, m := range s.parts {
			p.names = append(p.names, m.name)
			p.texts = append(p.texts, m.text)
			p.lines = append(p.lines, bytes.SplitAfter(m.text, []byte("\n"))...)
		}
	}
	var forged [][]byte
	for no := 1; no <= 12; no++ {
		forged = append(forged, n.record(no, "forged", nil))
	}
	stored := n.tree(forged)
	for size := range 13 {
		p.texts = append(p.texts, n.note(size, stored, n.foreignPrivate))
	}
	msg, err := SignRotation(Rotation{Old: n.foreignPublic, New: n.newPublic, From: 6, At: n.at}, n.foreignPrivate, n.newPrivate)
	n.must(err)
	foreign, err := SignRotation(Rotation{Old: n.public, New: n.foreignPublic, From: 6, At: n.at}, n.foreignPrivate, n.foreignPrivate)
	if err == nil {
		n.t.Fatalf("signed by the wrong key: %s", foreign)
	}
	p.texts = append(p.texts, msg, []byte(n.foreignPublic+"\n"), []byte(n.public+"\n"), []byte(n.public+"\n"+n.foreignPublic+"\n"), nil)
	for _, text := range p.texts[len(p.texts)-20:] {
		p.lines = append(p.lines, bytes.SplitAfter(text, []byte("\n"))...)
	}
	p.lines = append(p.lines, forged...)
	return p
}

// mutate changes one to three things. It returns nil for an archive that can't be opened any more.
func mutate(r *rand.Rand, s specimen, p *pool) (parts []part, how string) {
	if r.IntN(5) == 0 {
		raw, how := mutateRaw(r, s.raw)
		parts, err := parse(raw)
		if err != nil {
			return nil, how
		}
		return parts, how
	}
	for _, m := range s.parts {
		parts = append(parts, part{m.name, bytes.Clone(m.text)})
	}
	for range 1 + r.IntN(3) {
		var done string
		if r.IntN(8) == 0 {
			parts, done = mutateMembers(r, parts, p)
		} else {
			i := r.IntN(len(parts))
			before := parts[i].name
			parts[i].text, done = mutateText(r, parts[i].text, p)
			done = before + ": " + done
		}
		how += done + "; "
		if len(parts) == 0 {
			return nil, how
		}
	}
	if r.IntN(10) == 0 {
		how += repair(parts)
	}
	return parts, how
}

// mutateMembers changes what the archive holds.
func mutateMembers(r *rand.Rand, parts []part, p *pool) ([]part, string) {
	i, j := r.IntN(len(parts)), r.IntN(len(parts))
	switch r.IntN(8) {
	case 0:
		return slices.Delete(parts, i, i+1), fmt.Sprintf("member %d dropped", i)
	case 1:
		return append(parts, part{parts[i].name, bytes.Clone(parts[i].text)}), fmt.Sprintf("member %d twice", i)
	case 2:
		return append(parts, part{parts[i].name, bytes.Clone(parts[j].text)}), fmt.Sprintf("member %d again with another content", i)
	case 3:
		parts[i].name = p.names[r.IntN(len(p.names))]
		return parts, fmt.Sprintf("member %d is called %s", i, parts[i].name)
	case 4:
		name, how := mutateText(r, []byte(parts[i].name), p)
		parts[i].name = string(name)
		return parts, "name: " + how
	case 5:
		parts[i].text, parts[j].text = parts[j].text, parts[i].text
		return parts, fmt.Sprintf("members %d and %d in each other's place", i, j)
	case 6:
		return append(parts, part{p.names[r.IntN(len(p.names))], bytes.Clone(p.texts[r.IntN(len(p.texts))])}), "a member put in"
	default:
		parts[i].text = bytes.Clone(p.texts[r.IntN(len(p.texts))])
		return parts, fmt.Sprintf("member %d has a foreign content", i)
	}
}

var (
	digits = regexp.MustCompile(`[0-9]+`)
	words0 = regexp.MustCompile(`[A-Za-z0-9+/=]{8,}`)
)

// mutateText changes bytes, lines, numbers, hashes or keys.
func mutateText(r *rand.Rand, text []byte, p *pool) ([]byte, string) {
	if len(text) == 0 {
		return append(text, byte(r.Uint32())), "a byte put in"
	}
	if r.IntN(2) == 0 {
		return mutateLines(r, text, p)
	}
	i := r.IntN(len(text))
	j := min(len(text), i+1+r.IntN(40))
	switch r.IntN(10) {
	case 0:
		text[i] ^= 1 << r.IntN(8)
		return text, fmt.Sprintf("a bit at %d", i)
	case 1:
		text[i] = byte(r.Uint32())
		return text, fmt.Sprintf("byte %d", i)
	case 2:
		return slices.Insert(text, i, byte(r.Uint32())), fmt.Sprintf("a byte put in at %d", i)
	case 3:
		return slices.Insert(text, i, []byte("\n\r \x00\t{}\"—")[r.IntN(11)]), fmt.Sprintf("an odd byte put in at %d", i)
	case 4:
		return slices.Delete(text, i, j), fmt.Sprintf("bytes %d to %d out", i, j)
	case 5:
		return slices.Insert(text, i, bytes.Clone(text[i:j])...), fmt.Sprintf("bytes %d to %d twice", i, j)
	case 6:
		return text[:i], fmt.Sprintf("cut at %d", i)
	case 7:
		return append(text, "\n \x00a"[r.IntN(4)]), "a byte at the end"
	case 8:
		return replaceMatch(r, text, digits, func(s string) string {
			n, _ := strconv.Atoi(s)
			return []string{strconv.Itoa(n + 1), strconv.Itoa(n - 1), "0" + s, strconv.Itoa(r.IntN(100)), s + "0"}[r.IntN(5)]
		}), "a number"
	default:
		return replaceMatch(r, text, words0, func(s string) string {
			other := words0.FindString(string(p.lines[r.IntN(len(p.lines))]))
			return []string{other, strings.ToUpper(s), strings.ToLower(s), strings.TrimRight(s, "="), s[:len(s)-1] + "B"}[r.IntN(5)]
		}), "a hash or a key"
	}
}

func replaceMatch(r *rand.Rand, text []byte, what *regexp.Regexp, by func(string) string) []byte {
	found := what.FindAllIndex(text, -1)
	if len(found) == 0 {
		return append(text, '\n')
	}
	m := found[r.IntN(len(found))]
	return slices.Concat(text[:m[0]], []byte(by(string(text[m[0]:m[1]]))), text[m[1]:])
}

func mutateLines(r *rand.Rand, text []byte, p *pool) ([]byte, string) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	i, j := r.IntN(len(lines)), r.IntN(len(lines))
	how := ""
	switch r.IntN(6) {
	case 0:
		lines, how = slices.Delete(lines, i, i+1), "line %d dropped"
	case 1:
		lines, how = slices.Insert(lines, j, lines[i]), "line %d again"
	case 2:
		lines[i], lines[j] = lines[j], lines[i]
		how = "line %d in another's place"
	case 3:
		lines, how = slices.Insert(lines, i, p.lines[r.IntN(len(p.lines))]), "a line put in at %d"
	case 4:
		lines[i], how = p.lines[r.IntN(len(p.lines))], "another line for %d"
	default:
		line := lines[i]
		lines = slices.Insert(slices.Delete(lines, i, i+1), min(j, len(lines)-1), line)
		how = "line %d moved"
	}
	return bytes.Join(lines, nil), fmt.Sprintf(how, i)
}

// repair makes the lists fit what was changed, as a forger would: the hashes of the records, and the manifest of the members.
func repair(parts []part) string {
	at := func(name string) *part {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return &part{}
		}
		return &parts[i]
	}
	leaves := at(leavesMember)
	leaves.text = leaves.text[:0]
	for line := range bytes.Lines(at(journalMember).text) {
		leaves.text = fmt.Appendf(leaves.text, "%s\n", LeafHash(bytes.TrimSuffix(line, []byte("\n"))))
	}
	records := bytes.SplitAfter(at(recordsMember).text, []byte("\n"))
	list := newNumberList()
	for i, line := range records {
		if h, err := scanHeader(line); err == nil && i < len(records)-2 {
			list.add(h.no)
		}
	}
	var members []Member
	for _, m := range parts {
		if memberName.MatchString(m.name) || m.name == readmeMember {
			members = append(members, NewMember(m.name, m.text))
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	at(manifestMember).text = manifest(list, members)
	return "repaired"
}

// mutateRaw changes the bytes of the zip.
func mutateRaw(r *rand.Rand, raw []byte) ([]byte, string) {
	out := bytes.Clone(raw)
	i := r.IntN(len(out))
	j := min(len(out), i+1+r.IntN(60))
	switch r.IntN(7) {
	case 0:
		out[i] ^= 1 << r.IntN(8)
	case 1:
		out = slices.Insert(out, i, byte(r.Uint32()))
	case 2:
		out = slices.Delete(out, i, j)
	case 3:
		out = slices.Insert(out, i, bytes.Clone(out[i:j])...)
	case 4:
		out = append(out, raw[:i]...)
	case 5: // a name in one of the two places where it stands
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return nil, "no zip"
		}
		name := z.File[r.IntN(len(z.File))].Name
		at := bytes.Index(out, []byte(name))
		if r.IntN(2) == 0 {
			at = bytes.LastIndex(out, []byte(name))
		}
		out[at+r.IntN(len(name))]++
	default: // the directory at the end
		i = len(out) - 1 - r.IntN(min(len(out), 500))
		out[i] = byte(r.Uint32())
	}
	return out, fmt.Sprintf("zip, bytes %d to %d", i, j)
}
