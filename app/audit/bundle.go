package audit

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The members of a bundle that an export does not have.
const (
	recordsMember    = "records.ndjson"
	proofsMember     = "proofs.ndjson"
	checkpointMember = "checkpoint.txt"
	manifestMember   = "manifest.txt"
	rotationFolder   = "rotations/"
	attachmentFolder = "attachments/"
)

// ActionCaseExport is the action of the record that a bundle ends with.
const ActionCaseExport = "case.export"

const manifestTitle = "battlemap case v1\n"

//go:embed bundle-readme.txt
var bundleReadme string

// Member is a file of a bundle that the manifest lists: case.html, case.pdf, an attachment named attachments/ and its SHA-256, or a
// statement of rotation.
type Member struct {
	Name   string
	Size   int64
	SHA256 [32]byte
	Open   func() (io.ReadCloser, error)
}

// NewMember is a member whose content is at hand.
func NewMember(name string, content []byte) Member {
	return Member{Name: name, Size: int64(len(content)), SHA256: sha256.Sum256(content),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

// AttachmentName is the name under which content with this hash lies in a bundle.
func AttachmentName(sum [32]byte) string { return attachmentFolder + hex.EncodeToString(sum[:]) }

// CaseMark is the "after" of the record that a bundle ends with, in exactly this form and nothing else.
type CaseMark struct {
	Manifest string `json:"manifest"` // SHA-256 of manifest.txt in hexadecimal
	Records  int64  `json:"records"`  // how many records the bundle holds before that one
}

// Bundle is one case for an inspector to take away: some records of the journal, each with its proof, and what was attached to them.
type Bundle struct {
	Public     string                   // public keys, one a line; the one that signed Checkpoint goes into the bundle
	Checkpoint []byte                   // a note that covers all the records; witnesses may have co-signed it
	Hashes     tlog.HashReader          // the stored hashes up to the checkpoint
	Records    iter.Seq2[[]byte, error] // stored bytes, numbers rising; the last one is the export's own
	Members    []Member                 // those that Manifest was given
}

var memberName = regexp.MustCompile(`^(case\.[a-z]{1,8}|attachments/[0-9a-f]{64}|rotations/[0-9]{12,18}\.txt)$`)

// Manifest lists the members (and README.txt, which is always the same) and the numbers of the records before the export's own. The
// mark goes into the export's record, which thereby covers everything in the bundle that is not in the journal.
func Manifest(numbers []int64, members []Member) (text []byte, mark CaseMark, err error) {
	list := newNumberList()
	for _, n := range numbers {
		list.add(n)
	}
	for _, m := range members {
		if !memberName.MatchString(m.Name) {
			return nil, mark, fmt.Errorf("list the members of a bundle: %q is no name for one", m.Name)
		}
		if strings.HasPrefix(m.Name, attachmentFolder) && m.Name != AttachmentName(m.SHA256) {
			return nil, mark, fmt.Errorf("list the members of a bundle: %s is not named after its content", m.Name)
		}
	}
	all := append([]Member{NewMember(readmeMember, []byte(bundleReadme))}, members...)
	slices.SortFunc(all, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(all); i++ {
		if all[i].Name == all[i-1].Name {
			return nil, mark, fmt.Errorf("list the members of a bundle: %s is given twice", all[i].Name)
		}
	}
	text = manifest(list, all)
	sum := sha256.Sum256(text)
	return text, CaseMark{Manifest: hex.EncodeToString(sum[:]), Records: list.count}, nil
}

// manifest writes the only form that a manifest has; members are in order of name.
func manifest(list *numberList, members []Member) []byte {
	text := []byte(manifestTitle)
	text = fmt.Appendf(text, "records %d %x\n", list.count, list.sum())
	for _, m := range members {
		text = append(text, manifestLine(m)...)
	}
	return text
}

func manifestLine(m Member) string { return fmt.Sprintf("%x %d %s\n", m.SHA256, m.Size, m.Name) }

// WriteBundle writes b as a zip. It streams: what it holds is some bytes a record. Records and hashes are written as they are stored, to
// judge them is the verifier's part; a manifest that the export's record does not name, a member that is not what was listed, and a
// checkpoint by another key are errors. After an error the zip has no directory and can't be mistaken for a whole one.
func WriteBundle(w io.Writer, b Bundle) error {
	if err := b.write(w); err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	return nil
}

func (b Bundle) write(w io.Writer) error {
	keys, err := parseKeys(b.Public)
	if err != nil {
		return err
	}
	c, signer, err := openCheckpoint(b.Checkpoint, keys)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, m := range []struct{ name, text string }{{readmeMember, bundleReadme}, {keyMember, signer + "\n"}, {checkpointMember, string(b.Checkpoint)}} {
		if err := writeMember(z, m.name, m.text); err != nil {
			return err
		}
	}
	numbers, last, err := b.writeRecords(z)
	if err != nil {
		return err
	}
	text, err := b.listed(numbers, last)
	if err != nil {
		return err
	}
	if err := b.writeProofs(z, c.Size, numbers); err != nil {
		return err
	}
	for _, m := range b.Members {
		if err := m.write(z); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	if err := writeMember(z, manifestMember, string(text)); err != nil {
		return err
	}
	return z.Close()
}

// listed is the manifest, if it is the one that the export's record names.
func (b Bundle) listed(numbers []int64, last []byte) ([]byte, error) {
	if len(numbers) == 0 {
		return nil, errors.New("no records")
	}
	text, mark, err := Manifest(numbers[:len(numbers)-1], b.Members)
	if err != nil {
		return nil, err
	}
	_, named, err := readMark(last)
	if err != nil {
		return nil, err
	}
	if named != mark {
		return nil, fmt.Errorf("the last record names manifest %s of %d records, and it is %s of %d", named.Manifest, named.Records, mark.Manifest, mark.Records)
	}
	return text, nil
}

// writeRecords returns the numbers, and the bytes of the last record.
func (b Bundle) writeRecords(z *zip.Writer) (numbers []int64, last []byte, err error) {
	m, err := z.Create(recordsMember)
	if err != nil {
		return nil, nil, err
	}
	out := bufio.NewWriterSize(m, 1<<16)
	for record, err := range b.Records {
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", recordsMember, err)
		}
		h, err := scanHeader(record)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", recordsMember, err)
		}
		if k := len(numbers); k > 0 && numbers[k-1] >= h.no {
			return nil, nil, fmt.Errorf("%s: record %d behind record %d", recordsMember, h.no, numbers[k-1])
		}
		numbers, last = append(numbers, h.no), append(last[:0], record...)
		out.Write(record) // a bufio.Writer keeps its first error for Flush
		out.WriteByte('\n')
	}
	return numbers, last, out.Flush()
}

// proofLine is one line of proofs.ndjson.
type proofLine struct {
	No    int64       `json:"no"`
	Leaf  tlog.Hash   `json:"leaf"`
	Proof []tlog.Hash `json:"proof"`
}

func (b Bundle) writeProofs(z *zip.Writer, size int64, numbers []int64) error {
	m, err := z.CreateHeader(&zip.FileHeader{Name: proofsMember, Method: zip.Store}) // hashes don't compress
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(m, 1<<16)
	for _, no := range numbers {
		proof, err := Prove(size, no, b.Hashes)
		if err != nil {
			return err
		}
		leaf, err := b.Hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, no-1)})
		if err != nil || len(leaf) != 1 {
			return fmt.Errorf("hash of record %d: %w", no, cmp.Or(err, io.ErrUnexpectedEOF))
		}
		line, err := json.Marshal(proofLine{no, leaf[0], append([]tlog.Hash{}, proof...)})
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	return out.Flush()
}

// write copies the member and refuses content that is not what was listed.
func (m Member) write(z *zip.Writer) error {
	r, err := m.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	method := zip.Store // photos, videos and PDF are compressed already
	if m.Name == "case.html" {
		method = zip.Deflate
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: m.Name, Method: method})
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), r)
	if err != nil {
		return err
	}
	if n != m.Size || !bytes.Equal(sum.Sum(nil), m.SHA256[:]) {
		return errors.New("the content is not what was listed")
	}
	return nil
}

// readMark reads the record that a bundle ends with.
func readMark(record []byte) (Record, CaseMark, error) {
	r, err := Decode(record)
	if err != nil {
		return Record{}, CaseMark{}, err
	}
	var mark CaseMark
	if err := json.Unmarshal(r.After, &mark); err != nil || r.Action != ActionCaseExport {
		return Record{}, CaseMark{}, errNoMark
	}
	if again, err := json.Marshal(mark); err != nil || !bytes.Equal(again, r.After) {
		return Record{}, CaseMark{}, errNoMark
	}
	return r, mark, nil
}

var errNoMark = errors.New("the last record is not that of a case export")
