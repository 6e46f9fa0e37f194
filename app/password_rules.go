package app

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed passwords.txt
var commonList string

// common tells whether a password is among those that guessers try first, whatever its case.
func common(password string) bool {
	if password == "" || password[0] == '#' { // a remark of the list
		return false
	}
	for line := range strings.Lines(commonList) {
		if strings.EqualFold(strings.TrimSpace(line), password) {
			return true
		}
	}
	return false
}

// productWords are what everybody knows of this product.
func productWords() []string { return []string{"battlemap", "挂图作战", "guatuzuozhan"} }

// runs are the orders in which hands and alphabets go; a password that is a piece of one is no secret.
func runs() []string {
	return []string{"01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
		"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "!@#$%^&*()_+", "1!2@3#4$5%6^7&8*9(0)"}
}

// guessable tells whether a password is among the first that somebody would try who knows the person and the place: a common one, one that only repeats a few
// characters, a run of the keyboard, or one with a word in it that is known of the person. There is no rule on kinds of characters.
func guessable(password string, about []string) bool {
	lower := strings.ToLower(password)
	for _, word := range append(contextWords(about), productWords()...) {
		if strings.Contains(lower, word) {
			return true
		}
	}
	if strings.Contains(lower, "123456") || strings.Contains(lower, "password") || mostlyOne(password) {
		return true
	}
	for _, run := range runs() {
		if strings.Contains(run, lower) {
			return true
		}
	}
	// "Dragon2023!!!" and "dragon-dragon" are dragon; "1qaz2wsx3edc" is in the list as it is.
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, lower)
	return common(lower) || common(period(letters)) || utf8.RuneCountInString(period(lower)) <= 4
}

// period is the shortest text that the whole consists of when it is repeated; the whole when nothing repeats.
func period(text string) string {
	r := []rune(text)
	for n := 1; n <= len(r)/2; n++ {
		if len(r)%n == 0 && strings.Repeat(string(r[:n]), len(r)/n) == text {
			return string(r[:n])
		}
	}
	return text
}

// contextWords are what may not stand in a password because everybody knows it of the person: the texts themselves, a district without its rank (南岗区 is 南岗), and
// how Chinese ones are typed in pinyin. What is too short to be a word is left out.
func contextWords(about []string) []string {
	var words []string
	add := func(word string) {
		if n := utf8.RuneCountInString(word); n >= 3 || n == 2 && len(word) > n {
			words = append(words, word)
		}
	}
	for _, text := range about {
		text = strings.ToLower(strings.TrimSpace(text))
		add(text)
		bare := strings.TrimRight(text, "区县市旗省")
		add(bare)
		for _, typed := range typedIn(bare) {
			if len(typed) >= 5 {
				add(typed)
			}
		}
	}
	return words
}

// typedIn are the ways to type a text in pinyin, whole, in at most sixteen readings of its characters.
func typedIn(text string) []string {
	ways := []string{""}
	for _, r := range text {
		read := readings(r)
		if read == nil {
			read = []string{string(r)}
		}
		var longer []string
		for _, way := range ways {
			for _, reading := range read {
				longer = append(longer, way+reading)
			}
		}
		ways = longer[:min(len(longer), 16)]
	}
	return ways
}
