package templates

// Faults are the sentences of a refused form by field name, in the reader's language.
type Faults map[string]string

// Field is the argument of "field". Make it with Base.Field and refine it: (($.Field "name" "project.name" .Data.Name).Fails .Data.Faults).Need
type Field struct {
	Locale
	Name, ID, Label, Value string
	Kind                   string // "text" "password" "number" "date" "month" "email" "search" "tel" "file" "textarea" "select" "radio" "checkbox"
	Hint, Error            string
	Unit                   string // printed behind the control
	Example                string // placeholder; never the label
	Complete               string // autocomplete token
	Min, Max, Step         string
	Accept, Capture        string // of a file: its types, and the camera that a phone may open
	Rows                   int
	Required, Focus, Fixed bool
	Checked                bool
	Wide                   bool // takes both columns of a two-column form
	Options                []Option
}

// Option is one choice of a select or a radio group.
type Option struct {
	Value, Text, Note string
	On                bool
}

// Field returns a text field with the label of a catalog key and the value to keep.
func (l Locale) Field(name, labelKey, value string) Field {
	return Field{Locale: l, Name: name, ID: "f-" + name, Label: l.T(labelKey), Value: value, Kind: "text", Rows: 4}
}

// As sets the kind.
func (f Field) As(kind string) Field {
	f.Kind = kind
	return f
}

// Need marks the field as required.
func (f Field) Need() Field {
	f.Required = true
	return f
}

// First puts the cursor into the field when the page opens.
func (f Field) First() Field {
	f.Focus = true
	return f
}

// Whole lets the field take the whole width of a two-column form.
func (f Field) Whole() Field {
	f.Wide = true
	return f
}

// Hinted sets the hint from a catalog key.
func (f Field) Hinted(key string) Field {
	f.Hint = f.T(key)
	return f
}

// Completing sets the autocomplete token of the HTML standard.
func (f Field) Completing(token string) Field {
	f.Complete = token
	return f
}

// In sets the unit printed behind the control, from a catalog key.
func (f Field) In(unitKey string) Field {
	f.Unit = f.T(unitKey)
	return f
}

// Between sets the least and the greatest value of a number, date or month; "" leaves a side open.
func (f Field) Between(least, greatest string) Field {
	f.Min, f.Max = least, greatest
	return f
}

// Lines makes a text area of n lines.
func (f Field) Lines(n int) Field {
	f.Kind, f.Rows = "textarea", n
	return f
}

// Choose makes a select of the options; the one whose value equals the field's value is on.
func (f Field) Choose(options []Option) Field {
	f.Kind, f.Options = "select", f.marked(options)
	return f
}

// Pick makes a radio group of the options.
func (f Field) Pick(options []Option) Field {
	f.Kind, f.Options = "radio", f.marked(options)
	return f
}

func (f Field) marked(options []Option) []Option {
	marked := make([]Option, len(options))
	for i, o := range options {
		o.On = o.On || o.Value == f.Value
		marked[i] = o
	}
	return marked
}

// Tick makes a checkbox.
func (f Field) Tick(on bool) Field {
	f.Kind, f.Checked = "checkbox", on
	return f
}

// Fails shows the sentence of this field, if the faults hold one.
func (f Field) Fails(faults Faults) Field {
	f.Error = faults[f.Name]
	return f
}

// KeepsValue says whether the control may show its value again: a password and a file never do.
func (f Field) KeepsValue() bool { return f.Kind != "password" && f.Kind != "file" }

// About lists the ids of the hint and the error for aria-describedby.
func (f Field) About() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID + "-hint " + f.ID + "-error"
	case f.Hint != "":
		return f.ID + "-hint"
	case f.Error != "":
		return f.ID + "-error"
	default:
		return ""
	}
}
