package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"battlemap/workflows"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

// The two languages of the product.
const (
	langChinese = "zh-CN"
	langEnglish = "en"
)

// Languages returns the tags that a page can be drawn in, the default first.
func Languages() []string { return []string{langChinese, langEnglish} }

// Words is the catalogs of all languages; it does not change after loading.
type Words struct {
	byLang map[string]*catalog
}

// catalog is one language: messages without arguments are ready, the others go through go-i18n.
type catalog struct {
	fixed     map[string]string
	localizer *i18n.Localizer
}

func loadWords(tree fs.FS) (*Words, error) {
	bundle := i18n.NewBundle(language.MustParse(langChinese))
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	w := &Words{byLang: map[string]*catalog{}}
	for _, lang := range Languages() {
		files, err := fs.Glob(tree, "locales/"+lang+".*yaml")
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("find catalogs of %s: %w", lang, errors.Join(err, fs.ErrNotExist))
		}
		var messages []*i18n.Message
		for _, name := range files {
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return nil, fmt.Errorf("read catalog: %w", err)
			}
			file, err := bundle.ParseMessageFileBytes(text, "locales/"+lang+".yaml") // the name says which language
			if err != nil {
				return nil, fmt.Errorf("parse catalog %s: %w", name, err)
			}
			messages = append(messages, file.Messages...)
		}
		w.byLang[lang] = &catalog{fixed: fixedMessages(messages), localizer: i18n.NewLocalizer(bundle, lang)}
	}
	return w, nil
}

// fixedMessages picks the messages that need neither arguments nor plural forms; most words of a page are such.
func fixedMessages(messages []*i18n.Message) map[string]string {
	fixed := map[string]string{}
	for _, m := range messages {
		if m.One == "" && !strings.Contains(m.Other, "{{") {
			fixed[m.ID] = m.Other
		}
	}
	return fixed
}

// Match picks "zh-CN" or "en" for an Accept-Language header. Every Chinese, traditional included, reads zh-CN,
// and so does everyone who asks for neither.
func (w *Words) Match(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return langChinese
	}
	for _, tag := range tags {
		switch base, _ := tag.Base(); base.String() {
		case "zh":
			return langChinese
		case "en":
			return langEnglish
		}
	}
	return langChinese
}

// Locale returns the voice of one language; an unknown tag gets zh-CN.
func (w *Words) Locale(lang string) Locale {
	if w.byLang[lang] == nil {
		lang = langChinese
	}
	return Locale{Lang: lang, words: w}
}

// Locale speaks one language: it looks words up and formats dates, money and counts. Parts that need words embed it.
type Locale struct {
	Lang  string // "zh-CN" or "en"
	words *Words
}

// Role returns the name of a role.
func (l Locale) Role(role workflows.Role) string { return l.T("role." + string(role)) }

// T returns the words of a key. Args are names and values in turn, for {{.Name}} in the message: T("pager.of", "N", 3).
// An int under the name "N" also chooses the plural form. A key that no catalog has comes back as it is.
func (l Locale) T(key string, args ...any) string {
	if l.words == nil {
		return key
	}
	c := l.words.byLang[l.Lang]
	if text, ok := c.fixed[key]; ok {
		return text
	}
	lookup := &i18n.LocalizeConfig{MessageID: key}
	data := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		data[name] = args[i+1]
		if n, ok := args[i+1].(int); ok && name == "N" {
			lookup.PluralCount = n
		}
	}
	lookup.TemplateData = data
	text, err := c.localizer.Localize(lookup)
	if err != nil && text == "" {
		return key
	}
	return text
}
