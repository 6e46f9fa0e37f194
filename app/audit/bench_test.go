//go:build unix

package audit_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app/audit"
)

// BenchmarkVerify holds the verifier against plain SHA-256 of the same bytes, record by record, in the same run (performance.md, P5:
// at most 2). "log" is the journal with its notes, "log+leaves" holds it against a list of hashes too, "zip" is the whole export. The ratio is the same
// for any number of records; BATTLEMAP_BENCH_RECORDS=1000000 measures the goal itself, in 3 GB of memory.
func BenchmarkVerify(b *testing.B) {
	n := 100_000
	if s := os.Getenv("BATTLEMAP_BENCH_RECORDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	m := material{key: public + "\n"}
	for no := 1; no <= n; no++ {
		m.records = append(m.records, record(b, no, "start"))
	}
	m.rehash()
	stored := m.tree(b)
	for size := int64(1000); size <= int64(n); size += 1000 {
		root, err := audit.Root(size, stored)
		if err != nil {
			b.Fatal(err)
		}
		msg, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: size, Root: root, At: instant(int(size))}, private)
		if err != nil {
			b.Fatal(err)
		}
		m.notes = append(m.notes, audit.Text{Name: "note", Body: bytes.NewReader(msg)})
	}
	journal, leaves := lines(m.records), lines(m.leaves)
	var zip bytes.Buffer
	err := audit.WriteExport(&zip, audit.Export{Public: public, Records: each(m.records)})
	if err != nil {
		b.Fatal(err)
	}
	// Nothing else is held, as in auditverify: a million slices would be looked through by each collection of garbage while the verifier is measured.
	notes := m.notes
	m = material{}
	plain := []byte(journal)
	for _, kind := range []struct {
		name  string
		input func() audit.Input
	}{
		{"log", func() audit.Input { return audit.Input{Key: public, Journal: strings.NewReader(journal)} }},
		{"log+leaves", func() audit.Input {
			return audit.Input{Key: public, Journal: strings.NewReader(journal), Leaves: []audit.Text{{Name: "leaves", Body: strings.NewReader(leaves)}}}
		}},
		{"zip", func() audit.Input {
			return audit.Input{Key: public, Export: bytes.NewReader(zip.Bytes()), ExportSize: int64(zip.Len())}
		}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			var verified, hashed, work, hashedWork time.Duration
			var sink byte
			for b.Loop() {
				in := kind.input()
				in.Notes = texts(b, notes)
				begin, spent := b.Elapsed(), processTime(b)
				if r, err := audit.Verify(in); err != nil || !r.Sound || r.Records != int64(n) || r.Covered != int64(n) {
					b.Fatal(err, r)
				}
				between, spentBetween := b.Elapsed(), processTime(b)
				for line := range bytes.Lines(plain) {
					sink ^= sha256.Sum256(line[:len(line)-1])[0]
				}
				verified += between - begin
				hashed += b.Elapsed() - between
				work += spentBetween - spent
				hashedWork += processTime(b) - spentBetween
			}
			_ = sink
			b.ReportMetric(float64(verified)/float64(hashed), "x-sha256")
			b.ReportMetric(float64(work)/float64(hashedWork), "x-sha256-cpu") // on a busy machine the steadier one
			b.ReportMetric(float64(verified.Nanoseconds())/float64(b.N)/float64(n), "ns/record")
			b.ReportMetric(0, "ns/op") // it would count both
		})
	}
}

// processTime is the time that the processors spent on this process.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
