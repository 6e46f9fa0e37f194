package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// The size of a drawing, and how large a dot of its writing is.
const (
	wide, high = 1200, 800
	dot        = 9
)

// drawSite draws a building site as PNG, with so many floors up and a banner across it that says 示例: nobody takes it for a photo.
func drawSite(floors int) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, wide, high))
	fill := func(x, y, w, h int, c color.RGBA) {
		draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(c), image.Point{}, draw.Src)
	}
	sky, ground, concrete, shade, steel, glass := color.RGBA{206, 222, 238, 255}, color.RGBA{150, 132, 108, 255}, color.RGBA{176, 176, 172, 255}, color.RGBA{120, 120, 118, 255}, color.RGBA{214, 158, 46, 255}, color.RGBA{92, 120, 148, 255}
	fill(0, 0, wide, high, sky)
	fill(0, 640, wide, high-640, ground)
	for floor := range floors {
		top := 640 - (floor+1)*72
		fill(220, top, 560, 72, concrete)
		fill(220, top, 560, 10, shade)
		for bay := range 7 {
			if floor < floors-1 { // the uppermost floor has no windows yet
				fill(244+bay*78, top+22, 48, 36, glass)
			}
		}
	}
	for column := range 8 { // what the next floor will stand on
		fill(222+column*78, 640-floors*72-34, 8, 34, shade)
	}
	fill(900, 70, 16, 570, steel) // the crane: mast, jib, rope and counterweight
	fill(330, 90, 700, 12, steel)
	fill(1000, 102, 34, 44, shade)
	fill(430, 102, 3, 90, shade)
	fill(404, 192, 56, 16, steel)
	fill(0, 300, wide, 24*dot+48, color.RGBA{255, 255, 255, 255})
	fill(0, 300, wide, 6, color.RGBA{180, 30, 30, 255})
	fill(0, 300+24*dot+42, wide, 6, color.RGBA{180, 30, 30, 255})
	for i, glyph := range sampleGlyphs() {
		for y, row := range glyph {
			for x := range 24 {
				if row>>(23-x)&1 == 1 {
					fill(wide/2+(i*26-25)*dot+x*dot, 324+y*dot, dot, dot, color.RGBA{180, 30, 30, 255})
				}
			}
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// sampleGlyphs are 示 and 例 in 24 rows of 24 dots, drawn after a heavy Hei: a font would be ten megabytes for two characters.
func sampleGlyphs() [2][24]uint32 {
	return [2][24]uint32{
		{0, 0, 0x1ffff0, 0x1ffff8, 0x1ffff8, 0, 0, 0, 0x7ffffe, 0x7ffffe, 0x7ffffe, 0x003c00, 0x003c00, 0x0f3cf0, 0x0e3c70, 0x1e3c78, 0x1c3c38, 0x3c3c3c, 0x783c1c, 0x703c1e, 0x11fc08, 0x01f800, 0x01f000, 0},
		{0, 0x0e000e, 0x0ffe0e, 0x1dfece, 0x1cf0ee, 0x1c60ee, 0x38e0ee, 0x38feee, 0x78feee, 0x79feee, 0x79ceee, 0x79ceee, 0x1f8cee, 0x1ffcee, 0x197cee, 0x187cee, 0x1838ee, 0x18380e, 0x18700e, 0x18f00e, 0x19e0fc, 0x19c0fc, 0x188078, 0},
	}
}
