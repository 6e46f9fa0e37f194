package media_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"battlemap/app/media"
)

// shot is a JPEG of 60 by 40 points, red on the left and blue on the right, with an EXIF block that says how the camera was held and where it was.
func shot(t *testing.T, held byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for x := range 60 {
		for y := range 40 {
			c := color.RGBA{R: 255, A: 255}
			if x >= 30 {
				c = color.RGBA{B: 255, A: 255}
			}
			img.Set(x, y, c)
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, img, nil); err != nil {
		t.Fatal(err)
	}
	b := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x02")
	b = append(b, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, held, 0, 0)     // Orientation
	b = append(b, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38)       // GPS directory at 38
	b = append(b, 0, 0, 0, 0)                                      // no further directory
	b = append(b, 0, 1, 0, 1, 0, 2, 0, 0, 0, 2, 'N', 0, 0, 0)      // GPSLatitudeRef
	b = append(b, []byte("\x00\x00\x00\x00GPS-45.75N-126.63E")...) // and where it was
	head := []byte{0xff, 0xd8, 0xff, 0xe1}
	head = binary.BigEndian.AppendUint16(head, uint16(len(b)+2))
	return append(append(head, b...), plain.Bytes()[2:]...)
}

// Check 18 (ASVS 14.2.8): nothing of where and with what a photo was taken is kept.
func TestCheck18PhotoLosesEverythingButItsPixels(t *testing.T) {
	sent := shot(t, 6)
	if !bytes.Contains(sent, []byte("GPS-45.75N")) {
		t.Fatal("the sample has no place in it")
	}
	p, err := media.Photo(sent)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"photo": p.Full, "small view": p.Thumb} {
		if bytes.Contains(got, []byte("Exif")) || bytes.Contains(got, []byte("GPS")) {
			t.Errorf("the %s still says where it was taken", name)
		}
	}
	img, err := jpeg.Decode(bytes.NewReader(p.Full))
	if err != nil {
		t.Fatal(err)
	}
	if p.Width != 40 || p.Height != 60 || img.Bounds().Dx() != 40 {
		t.Errorf("held sideways it is %d by %d, want 40 by 60", p.Width, p.Height)
	}
	r, _, b, _ := img.At(20, 5).RGBA()
	if r < 0xc000 || b > 0x4000 {
		t.Errorf("the left of the sensor is not at the top: %x %x", r, b)
	}
}

func TestPhotoIsMadeSmaller(t *testing.T) {
	var sent bytes.Buffer
	if err := png.Encode(&sent, image.NewGray(image.Rect(0, 0, 3000, 1500))); err != nil {
		t.Fatal(err)
	}
	p, err := media.Photo(sent.Bytes())
	if err != nil || p.Width != 2560 || p.Height != 1280 {
		t.Fatalf("%d by %d, %v", p.Width, p.Height, err)
	}
	small, err := jpeg.DecodeConfig(bytes.NewReader(p.Thumb))
	if err != nil || small.Width != 480 || small.Height != 240 {
		t.Errorf("small view %d by %d, %v", small.Width, small.Height, err)
	}
}

// bomb is a PNG of a few bytes that says that it is 50,000 by 50,000 points large.
func bomb() []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, 50000)
	head = binary.BigEndian.AppendUint32(head, 50000)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func refusal(t *testing.T, err error) string {
	t.Helper()
	r, ok := errors.AsType[*media.Refusal](err)
	if !ok {
		t.Fatalf("%v is no refusal", err)
	}
	return r.Key
}

// Checks 17 and 18.
func TestCheck18PhotosThatAreRefused(t *testing.T) {
	whole := shot(t, 1)
	for key, sent := range map[string][]byte{
		"photo_pixels": bomb(), "photo_broken": whole[:len(whole)/2], "photo_kind": []byte("GIF89a<script>alert(1)</script>"),
		"photo_heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "file_large": make([]byte, media.MaxBytes+1),
	} {
		_, err := media.Photo(sent)
		if got := refusal(t, err); got != key {
			t.Errorf("refused as %s, want %s", got, key)
		}
	}
}

func docx(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, body := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`, "_rels/.rels": "<Relationships/>",
		"word/document.xml": "<w:document><w:body>" + text + "</w:body></w:document>",
	} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Check 18 (ASVS 5.2.2): what a document is, is told by its bytes, and its name must agree.
func TestCheck18Documents(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string // media type, or the key of the refusal
	}{
		"说明.txt":        {[]byte("示例：本周完成基础施工"), "text/plain"},
		"表.csv":         {[]byte{0xca, 0xbe, 0xc0, 0xfd}, "text/csv"}, // GB 18030
		"批复.pdf":        {[]byte("%PDF-1.7\n%âãÏÓ\n"), "application/pdf"},
		"page.html":     {[]byte("<html><script>alert(1)</script>"), "file_kind"},
		"page.pdf":      {[]byte("<html><script>alert(1)</script>"), "file_kind"},
		"both.pdf":      {[]byte("<html><script>alert(1)</script>%PDF-1.7"), "file_kind"},
		"tool.exe.txt":  {[]byte("MZ\x00\x00\x01"), "file_kind"},
		"关于某事（机密）.txt":  {[]byte("示例"), "file_secret"},
		"普通.txt":        {[]byte("密级：秘 密★3年"), "file_secret"},
		"空.txt":         {nil, "file_empty"},
		"报告.docx":       {docx(t, "<w:t>绝</w:t><w:t>密</w:t>"), "file_secret"},
		"太大.txt":        {bytes.Repeat([]byte("a"), media.MaxBytes+1), "file_large"},
		"保守商业秘密的承诺.txt": {[]byte("示例：保守商业秘密，不泄露"), "text/plain"},
	} {
		got, err := media.Document(name, c.data)
		if err != nil {
			got = refusal(t, err)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Check 20.
func TestCheck20NamesOfFiles(t *testing.T) {
	for sent, want := range map[string]string{
		"../../etc/passwd": "passwd", `..\..\windows\a.txt`: "a.txt", "a\x00b\n.txt": "ab.txt", "...": "", `x";y=.pdf`: "xy=.pdf",
		strings.Repeat("长", 200) + ".pdf": strings.Repeat("长", 116) + ".pdf",
	} {
		if got := media.CleanName(sent); got != want {
			t.Errorf("%q becomes %q, want %q", sent, got, want)
		}
	}
}

func TestStore(t *testing.T) {
	dir := t.TempDir()
	s, err := media.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Put([]byte("示例"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Put([]byte("示例"))
	if err != nil || again != sum {
		t.Errorf("the same bytes are %s and %s, %v", sum, again, err)
	}
	if got, err := s.Get(sum); err != nil || string(got) != "示例" {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := s.Get("../../etc/passwd"); err == nil {
		t.Error("a path is no sum")
	}
	if err := os.WriteFile(filepath.Join(dir, sum[:2], sum[2:]), []byte("另外"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(sum); !errors.Is(err, media.ErrLost) {
		t.Errorf("changed bytes: %v, want ErrLost", err)
	}
	if _, err := s.Put([]byte("示例")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(sum); err != nil || string(got) != "示例" {
		t.Errorf("after the bytes were handed in once more: %q, %v", got, err)
	}
}
