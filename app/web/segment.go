package web

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
)

// segment is a piece of a gzip body: deflated by itself and ended on a byte, so that segments can stand one after the other in one stream. A page is put together from
// segments that were compressed before; nothing is compressed while somebody waits for what others have got already.
type segment struct {
	flate []byte
	sum   uint32 // CRC-32 of the plain bytes
	size  int64  // plain bytes
	shift uint32 // x^(8·size) modulo the polynomial: what joining needs
}

// deflate makes a segment with a writer that is used again.
func deflate(w *flate.Writer, plain []byte) (segment, error) {
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(plain); err != nil {
		return segment{}, err
	}
	if err := w.Flush(); err != nil {
		return segment{}, err
	}
	return segment{flate: bytes.Clone(out.Bytes()), sum: crc32.ChecksumIEEE(plain), size: int64(len(plain)), shift: crcShift(int64(len(plain)))}, nil
}

// join puts segments one after the other.
func join(all []segment) segment {
	out, n := segment{shift: crcShift(0)}, 0
	for _, s := range all {
		n += len(s.flate)
	}
	out.flate = make([]byte, 0, n)
	for _, s := range all {
		out.flate = append(out.flate, s.flate...)
		out.sum = crcTimes(s.shift, out.sum) ^ s.sum
		out.size += s.size
		out.shift = crcTimes(s.shift, out.shift)
	}
	return out
}

// gzipped writes segments as one gzip file into a buffer that has room for it or not.
func gzipped(buf []byte, all ...segment) []byte {
	buf = append(buf, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
	var sum uint32
	var size int64
	for _, s := range all {
		buf = append(buf, s.flate...)
		sum = crcTimes(s.shift, sum) ^ s.sum
		size += s.size
	}
	buf = append(buf, 3, 0) // an empty last block
	buf = binary.LittleEndian.AppendUint32(buf, sum)
	return binary.LittleEndian.AppendUint32(buf, uint32(size))
}

// crcTimes multiplies two polynomials modulo that of CRC-32, bits reflected as in zlib's crc32_combine; a is not 0.
func crcTimes(a, b uint32) uint32 {
	var p uint32
	for m := uint32(1) << 31; ; m >>= 1 {
		if a&m != 0 {
			p ^= b
			if a&(m-1) == 0 {
				return p
			}
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
}

// crcShift is x^(8n) modulo the polynomial.
func crcShift(n int64) uint32 {
	p, square := uint32(1)<<31, uint32(1)<<(31-8)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			p = crcTimes(square, p)
		}
		square = crcTimes(square, square)
	}
	return p
}
