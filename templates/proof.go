package templates

import "battlemap/app"

// WitnessLetter words the letter that takes a checkpoint to a witness, in both languages: nobody knows which one the witness reads. The note itself is attached.
func (s *Set) WitnessLetter(p app.Publication, place string) Letter {
	zh, en := s.words.Locale("zh-CN"), s.words.Locale("en")
	args := []any{"Place", place, "Size", p.Delivery.Size, "Name", p.Witness.Name, "File", p.FileName(), "Origin", p.Origin}
	return Letter{Subject: oneLine(zh.T("proof.letter_subject", args...)), Text: zh.T("proof.letter", args...) + "\n\n" + en.T("proof.letter", args...) + "\n"}
}
