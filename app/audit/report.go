package audit

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Code names a kind of damage.
type Code string

// The kinds of damage. First and Last of the Fault are record numbers unless it says otherwise here.
const (
	Edited            Code = "edited"             // the content does not give the recorded leaf hash
	Dropped           Code = "dropped"            // numbers are missing between others
	Duplicated        Code = "duplicated"         // numbers occur again
	Swapped           Code = "swapped"            // First and Last stand in each other's place
	Reordered         Code = "reordered"          // the stretch from First to Last is not in order
	Renumbered        Code = "renumbered"         // First to Last: the places whose records bear or bore another number
	Inserted          Code = "inserted"           // numbers beyond the sequence
	CutOff            Code = "cut_off"            // First is the first missing record, Last the last one known to have existed
	Rehashed          Code = "rehashed"           // content and hashes fit each other but not what was signed or left the building earlier
	Forked            Code = "forked"             // two valid signatures contradict each other
	Malformed         Code = "malformed"          // not a whole record
	Unsupported       Code = "unsupported"        // unknown version or algorithm
	ClockBack         Code = "clock_back"         // the time goes back
	LeavesAltered     Code = "leaves_altered"     // the list of hashes is at fault, not the journal
	CheckpointAltered Code = "checkpoint_altered" // First and Last: the size that the damaged note states, or 0
	WrongKey          Code = "wrong_key"          // the same
	ForeignOrigin     Code = "foreign_origin"     // the same
	CheckpointOrder   Code = "checkpoint_order"   // First and Last: the two sizes
	NoCheckpoint      Code = "no_checkpoint"      // nothing signed was given

	RotationRefused    Code = "rotation_refused"    // First and Last: the size from which it is said to hold, or 0
	KeyRetired         Code = "key_retired"         // First and Last: the size that the note states
	CosignatureAltered Code = "cosignature_altered" // the same
	NotConsistent      Code = "not_consistent"      // the proof does not show that the newer checkpoint begins with the older one

	// Of a bundle. In a bundle Malformed and Unsupported give the line, because the number is not known.
	Unproven        Code = "unproven"         // the proof does not lead from the record to the checkpoint
	ProofAltered    Code = "proof_altered"    // not a proof of that record
	NoCaseMark      Code = "no_case_mark"     // the last record is not that of a case export
	RecordsMissing  Code = "records_missing"  // not the records that were exported
	ManifestAltered Code = "manifest_altered" // not the manifest that the last record names
	MemberAltered   Code = "member_altered"   // not the content that the manifest lists
	MemberMissing   Code = "member_missing"
	MemberTwice     Code = "member_twice"
	MemberUnknown   Code = "member_unknown" // nothing speaks for it
)

// Fault is one thing that is wrong, with the first and last record number concerned and the file that shows it.
type Fault struct {
	Code  Code   `json:"code"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	File  string `json:"file,omitempty"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Report is the outcome of Verify. Sound means that no fault was found and that the records up to Covered are those that were signed;
// about the Uncovered records after them it says only that they are in order.
type Report struct {
	Kind          string  `json:"kind"`
	Sound         bool    `json:"sound"`
	Origin        string  `json:"origin"`
	Records       int64   `json:"records"`
	Checkpoints   int     `json:"checkpoints"` // compared with the journal's tree
	Covered       int64   `json:"covered"`     // size of the last checkpoint that agrees
	CoveredAt     string  `json:"covered_at,omitempty"`
	Uncovered     int64   `json:"uncovered"`
	KeyFromExport bool    `json:"key_from_export"` // proves integrity against accident only
	Faults        []Fault `json:"faults"`

	Rotated   []string     `json:"trusted_by_rotation,omitempty"`
	Witnesses []Witnessed  `json:"witnesses,omitempty"`
	Case      *CaseReport  `json:"case,omitempty"`
	Proof     *ProofReport `json:"proof,omitempty"`
}

// The kinds of a report.
const (
	KindJournal = "journal" // an export, or its files by themselves
	KindBundle  = "bundle"
	// KindConsistency and KindRecord are of a proof by itself.
	KindConsistency = "consistency"
	KindRecord      = "record"
)

//go:embed words.json
var wordsJSON []byte

// words are the sentences of the verifier, by key and language. They live here and not in the product's catalogs because the verifier
// must not need the product.
type words map[string]map[string]string

func loadWords() (words, error) {
	var w words
	if err := json.Unmarshal(wordsJSON, &w); err != nil {
		return nil, fmt.Errorf("read the verifier's sentences: %w", err)
	}
	return w, nil
}

func (w words) say(key, lang string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(w[key][lang])
}

// records names one record or a stretch of them.
func (w words) records(lang string, first, last int64) string {
	key := "records"
	switch {
	case last < 1:
		key = "no_records"
	case first == last:
		key = "record"
	}
	return w.say(key, lang, "{first}", strconv.FormatInt(first, 10), "{last}", strconv.FormatInt(last, 10))
}

func (w words) fault(f Fault, lang, detail string) string {
	return w.say(string(f.Code), lang, "{records}", w.records(lang, f.First, f.Last), "{file}", f.File, "{detail}", detail,
		"{first}", strconv.FormatInt(f.First, 10), "{last}", strconv.FormatInt(f.Last, 10))
}
