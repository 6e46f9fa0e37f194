package audit_test

import (
	"os"
	"strings"
	"testing"

	"battlemap/app/audit"
)

// The examples in docs/journal.md are what the code writes, byte for byte: a stranger's verifier can be tried on them.
func TestVectorsOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	const rest = `"actor":{"kind":"setup"},"action":"start","object":{"kind":""}}`
	m := material{records: [][]byte{[]byte(`{"v":1,"alg":"sha256","no":1,"at":"2023-03-13T00:30:00Z",` + rest), []byte(`{"v":1,"alg":"sha256","no":2,"at":"2023-03-13T00:31:00Z",` + rest)}}
	stored := m.tree(t)
	one, two := m.note(t, 1, instant(2), private), m.note(t, 2, instant(4), private)
	cosigned, err := audit.Cosign(two, audit.Cosigning{Public: public, Private: witnessPrivate, At: instant(8)})
	if err != nil {
		t.Fatal(err)
	}
	grown, err := audit.ConsistencyFile(one, two, stored)
	if err != nil {
		t.Fatal(err)
	}
	single, err := audit.RecordFile(m.records[1], two, stored)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _, err := audit.Manifest([]int64{1}, []audit.Member{audit.NewMember("case.html", []byte("<title>1</title>"))})
	if err != nil {
		t.Fatal(err)
	}
	leaf, before := audit.LeafHash(m.records[1]).String(), audit.LeafHash(m.records[0]).String()
	for name, vector := range map[string]string{
		"leaf hash":   before,
		"rotation":    string(rotation(t, 2, public, otherPublic, private, otherPrivate)),
		"witness":     witnessPublic,
		"co-signed":   string(cosigned),
		"consistency": string(grown),
		"record":      string(single),
		"proof":       `{"no":2,"leaf":"` + leaf + `","proof":["` + before + `"]}`,
		"manifest":    string(manifest),
	} {
		if !strings.Contains(string(page), vector) {
			t.Errorf("docs/journal.md does not hold the %s:\n%s", name, vector)
		}
	}
}
