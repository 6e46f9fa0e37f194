package media_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"testing"

	"battlemap/app/media"
)

// asked is how many bytes of memory f asked for.
func asked(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// flood is a PNG of a few bytes that says how large it is.
func flood(wide, high uint32) []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, wide)
	head = binary.BigEndian.AppendUint32(head, high)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// Check 17 (ASVS 5.2.6): a picture that says that it has more points than anybody's camera is refused by its head, before memory is asked for; the product of the
// sides does not overflow into something small.
func TestCheck17PixelFlood(t *testing.T) {
	jpegHead := func(wide, high uint16) []byte {
		b := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8}
		b = binary.BigEndian.AppendUint16(b, high)
		b = binary.BigEndian.AppendUint16(b, wide)
		return append(b, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)
	}
	webp := func(wide, high uint32) []byte { // VP8X: 24 bits a side, less one
		b := []byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00")
		return append(b, byte(wide-1), byte((wide-1)>>8), byte((wide-1)>>16), byte(high-1), byte((high-1)>>8), byte((high-1)>>16))
	}
	for name, data := range map[string][]byte{"60,000 by 60,000": flood(60_000, 60_000), "a product of 2^32": flood(1<<16, 1<<16), "a product of 2^62": flood(1<<31-1, 1<<31-1), "one line": flood(1<<31-1, 1), "no side": flood(0, 60_000),
		"a JPEG": jpegHead(65_000, 65_000), "a WebP": webp(1<<24, 1<<24), "just too large": flood(8000, 5001)} {
		var err error
		used := asked(func() { _, err = media.Photo(data) })
		if key := refusal(t, err); key != "photo_pixels" && key != "photo_broken" || used > 1<<20 {
			t.Errorf("%s: refused as %q after asking for %d bytes", name, key, used)
		}
	}
}

// archive is a zip whose parts hold so many zeros, whole MiB or less than one.
func archive(t *testing.T, parts, size int, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte("<x/>"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	body, sum := deflated(t, size), crc32.ChecksumIEEE(make([]byte, size))
	for i := range parts {
		f, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("word/part%d.xml", i), Method: zip.Deflate, CRC32: sum,
			CompressedSize64: uint64(len(body)), UncompressedSize64: uint64(size)})
		if err == nil {
			_, err = f.Write(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// deflated are so many zeros, of which one MiB is compressed and said again and again: compressing hundreds of them takes minutes with the race detector.
func deflated(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	once := min(size, 1<<20)
	if _, err := w.Write(make([]byte, once)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	chunk := out.Len()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return slices.Concat(bytes.Repeat(out.Bytes()[:chunk], size/once), out.Bytes()[chunk:])
}

// Checks 16 and 17 (ASVS 1.5.1, 1.5.2, 5.2.3): a document that unpacks to gigabytes, holds ten thousand parts, names outside entities or things elsewhere costs
// little and calls nobody: parts are read for marks of secrecy only, to a limit, as bytes, never as XML.
func TestCheck16DocumentsThatUnfold(t *testing.T) {
	office := []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
	laughs := `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`, 9) + `<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://127.0.0.1:1/">]><l>&b;&x;&y;</l>`
	for name, data := range map[string][]byte{
		"one part of 100 MB":            archive(t, 1, 100<<20, office...),
		"ten thousand parts":            archive(t, 10_000, 10, office...),
		"thirty parts of 5 MB":          archive(t, 30, 5<<20, office...),
		"entities":                      docx(t, laughs),
		"a part that lies of its size":  lying(t, archive(t, 1, 1<<20, office...)),
		"a template that is elsewhere":  docx(t, `<Relationship TargetMode="External" Target="http://127.0.0.1:1/x.dotm"/>`),
		"a thousand million rows named": docx(t, `<dimension ref="A1:XFD1048576"/>`+strings.Repeat("<row/>", 1000)),
	} {
		var kind string
		used := asked(func() { kind, _ = media.Document("报告.docx", data) }) // taken or refused, it must be cheap
		if used > 200<<20 {
			t.Errorf("%s: as %q, %d MiB were asked for", name, kind, used>>20)
		}
	}
}

// lying rewrites the sizes that a zip's directory names to 4 GB less a byte.
func lying(t *testing.T, data []byte) []byte {
	t.Helper()
	out := bytes.Clone(data)
	for i := 0; i+46 < len(out); i++ {
		if string(out[i:i+4]) == "PK\x01\x02" {
			binary.LittleEndian.PutUint32(out[i+24:], 0xfffffffe)
		}
	}
	return out
}
