package media

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"

	"github.com/bep/imagemeta"
	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

const (
	// MaxBytes is the largest file that is taken.
	MaxBytes  = 20 << 20
	maxPixels = 40_000_000
	longSide  = 2560 // of a picture on its own
	shortView = 480  // of a picture in a strip
	quality   = 84
)

// Refusal says why a file is not taken: a catalog key with its arguments.
type Refusal struct {
	Key  string
	Args map[string]any
}

// Error is the refusal for the log.
func (r *Refusal) Error() string { return fmt.Sprintf("file refused: %s %v", r.Key, r.Args) }

func refuse(key string, args ...any) *Refusal {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return &Refusal{Key: key, Args: m}
}

// Picture is a photo as it is kept: drawn anew, so that nothing of the uploaded file but its pixels is in it.
type Picture struct {
	Full, Thumb   []byte // JPEG
	Width, Height int    // of Full
}

// Photo reads an uploaded photo, turns it the right way up, makes it smaller and writes it anew.
func Photo(data []byte) (Picture, error) {
	if len(data) > MaxBytes {
		return Picture{}, refuse("file_large", "Limit", MaxBytes>>20)
	}
	kind := mimetype.Detect(data)
	decode, format, err := reader(kind.String())
	if err != nil {
		return Picture{}, err
	}
	config, err := decode.config(data)
	if err != nil {
		return Picture{}, refuse("photo_broken")
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return Picture{}, refuse("photo_pixels", "Limit", maxPixels/1_000_000)
	}
	img, err := decode.image(data)
	if err != nil {
		return Picture{}, refuse("photo_broken")
	}
	turn := orientation(data, format)
	full := turned(scaled(img, longSide), turn)
	thumb := scaled(full, shortView)
	p := Picture{Width: full.Bounds().Dx(), Height: full.Bounds().Dy()}
	if p.Full, err = encode(full); err != nil {
		return p, err
	}
	p.Thumb, err = encode(thumb)
	return p, err
}

// decoder reads one format.
type decoder struct {
	config func([]byte) (image.Config, error)
	image  func([]byte) (image.Image, error)
}

func reader(kind string) (decoder, imagemeta.ImageFormat, error) {
	switch kind {
	case "image/jpeg":
		return decoder{func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }}, imagemeta.JPEG, nil
	case "image/png":
		return decoder{func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }}, imagemeta.PNG, nil
	case "image/webp":
		return decoder{func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }}, imagemeta.WebP, nil
	}
	if strings.HasPrefix(kind, "image/hei") {
		return decoder{}, 0, refuse("photo_heic")
	}
	return decoder{}, 0, refuse("photo_kind")
}

// orientation is the EXIF number of how the camera was held, 1 where there is none.
func orientation(data []byte, format imagemeta.ImageFormat) int {
	turn := 1
	_, err := imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(data), ImageFormat: format, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if n, ok := tag.Value.(uint16); ok && n >= 1 && n <= 8 && tag.Namespace == "IFD0" {
				turn = int(n)
			}
			return nil
		}})
	if err != nil {
		return 1 // what the camera wrote can't be read: the picture itself can
	}
	return turn
}

// scaled makes a picture fit into a square of the given side; a smaller one stays as it is. Where it is clear, white shows through.
func scaled(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}

// turned draws a picture the right way up.
func turned(img *image.RGBA, how int) *image.RGBA {
	if how < 2 || how > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if how >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := upright(how, x, y, w, h)
			out.SetRGBA(to.X, to.Y, img.RGBAAt(x, y))
		}
	}
	return out
}

// upright is where a point goes; w and h are the size before.
func upright(how, x, y, w, h int) image.Point {
	switch how {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	}
	return image.Pt(y, w-1-x)
}

func encode(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	return out.Bytes(), nil
}
