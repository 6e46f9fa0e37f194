package audit_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"battlemap/app/audit"
)

func full() audit.Record {
	return audit.Record{
		No: 17, At: "2023-03-13T00:30:00Z", Actor: audit.Actor{Kind: "user", ID: 7, Name: "示例督查员", Unit: "考评督导专班"}, Action: "move",
		Object: audit.Object{Kind: "ticket", ID: 3, No: "〔2023〕001号"}, TaskForce: 10, Project: 2, Ticket: 3,
		Before: json.RawMessage("{ \"state\": \"accepted\",\n \"note\": \"a<b\" }"), After: json.RawMessage(`{"state":"in_progress"}`),
		Reason: "first line\nsecond <b>&</b> \u2028 \x7f", Basis: "区政府常务会议纪要", Rule: "ticket@1", Request: "req-1", Address: "10.0.0.7",
	}
}

// The bytes are the format: a change of this test is a change of every journal.
func TestEncodeGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		in   audit.Record
		want string
	}{
		{"all fields", full(), `{"v":1,"alg":"sha256","no":17,"at":"2023-03-13T00:30:00Z",` +
			`"actor":{"kind":"user","id":7,"name":"示例督查员","unit":"考评督导专班"},"action":"move",` +
			`"object":{"kind":"ticket","id":3,"no":"〔2023〕001号"},"task_force":10,"project":2,"ticket":3,` +
			`"before":{"state":"accepted","note":"a<b"},"after":{"state":"in_progress"},` +
			`"reason":"first line\nsecond <b>&</b> \u2028 ` + "\x7f" + `","basis":"区政府常务会议纪要","rule":"ticket@1","request":"req-1","address":"10.0.0.7"}`},
		{"the fewest fields", audit.Record{No: 1, At: "2023-03-13T00:30:00Z", Actor: audit.Actor{Kind: "setup"}, Action: "start"},
			`{"v":1,"alg":"sha256","no":1,"at":"2023-03-13T00:30:00Z","actor":{"kind":"setup"},"action":"start","object":{"kind":""}}`},
	} {
		got, err := audit.Encode(c.in)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", c.name, diff)
		}
		if sum := audit.LeafHash(got).String(); c.name == "the fewest fields" && sum != "GpjukuSmdJHS06UFsccoQuDdQPSD4MiwCnRR5PbSiKU=" {
			t.Errorf("leaf hash %s", sum)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, spoil := range map[string]func(r *audit.Record){
		"no number":           func(r *audit.Record) { r.No = 0 },
		"negative number":     func(r *audit.Record) { r.No = -1 },
		"number too long":     func(r *audit.Record) { r.No = 1e18 },
		"another version":     func(r *audit.Record) { r.V = 2 },
		"another algorithm":   func(r *audit.Record) { r.Alg = "sm3" },
		"a zone":              func(r *audit.Record) { r.At = "2023-03-13T08:30:00+08:00" },
		"part of a second":    func(r *audit.Record) { r.At = "2023-03-13T00:30:00.5Z" },
		"no time":             func(r *audit.Record) { r.At = "" },
		"no such day":         func(r *audit.Record) { r.At = "2023-02-30T00:30:00Z" },
		"no actor":            func(r *audit.Record) { r.Actor.Kind = "" },
		"no action":           func(r *audit.Record) { r.Action = "" },
		"before not JSON":     func(r *audit.Record) { r.Before = json.RawMessage("{") },
		"after two values":    func(r *audit.Record) { r.After = json.RawMessage("1 2") },
		"after with a byte":   func(r *audit.Record) { r.After = json.RawMessage("\"\xff\"") },
		"reason not UTF-8":    func(r *audit.Record) { r.Reason = "\xff" },
		"unit not UTF-8":      func(r *audit.Record) { r.Actor.Unit = "\xff" },
		"object no not UTF-8": func(r *audit.Record) { r.Object.No = "\xff" },
		"too long":            func(r *audit.Record) { r.Reason = strings.Repeat("x", audit.MaxRecord) },
	} {
		r := full()
		spoil(&r)
		if line, err := audit.Encode(r); err == nil {
			t.Errorf("%s: encoded as %.200s", name, line)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	line, err := audit.Encode(full())
	if err != nil {
		t.Fatal(err)
	}
	good := string(line)
	for name, bad := range map[string]string{
		"unknown field":       strings.Replace(good, `"action"`, `"extra":1,"action"`, 1),
		"repeated field":      strings.Replace(good, `"action":"move"`, `"action":"move","action":"move"`, 1),
		"second number":       strings.Replace(good, `"action":"move"`, `"no":18,"action":"move"`, 1),
		"another order":       strings.Replace(good, `"rule":"ticket@1","request":"req-1"`, `"request":"req-1","rule":"ticket@1"`, 1),
		"a space":             strings.Replace(good, `"action":`, `"action": `, 1),
		"another letter case": strings.Replace(good, `"action"`, `"Action"`, 1),
		"escaped text":        strings.Replace(good, `"move"`, `"mov\u0065"`, 1),
		"an empty field":      strings.Replace(good, `"rule":"ticket@1"`, `"rule":""`, 1),
		"more behind":         good + " {}",
		"a newline behind":    good + "\n",
		"another version":     strings.Replace(good, `"v":1`, `"v":2`, 1),
		"a leading zero":      strings.Replace(good, `"no":17`, `"no":017`, 1),
		"no such day":         strings.Replace(good, `2023-03-13`, `2023-02-30`, 1),
		"cut":                 good[:len(good)-1],
		"nothing":             "",
	} {
		if r, err := audit.Decode([]byte(bad)); err == nil {
			t.Errorf("%s: decoded as %+v", name, r)
		}
	}
}

func TestEncodeDecodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage("null"), json.RawMessage(`{"a":[1,2.50,"x\ny"],"a":"again"}`), json.RawMessage(`"<>&"`)})
		r := audit.Record{
			No: rapid.Int64Range(1, 1e18-1).Draw(t, "no"), At: "2023-03-13T00:30:00Z",
			Actor:  audit.Actor{Kind: rapid.StringN(1, 9, -1).Draw(t, "kind"), ID: rapid.Int64().Draw(t, "id"), Name: rapid.String().Draw(t, "name")},
			Action: rapid.StringN(1, 9, -1).Draw(t, "action"), Object: audit.Object{Kind: rapid.String().Draw(t, "object")},
			Ticket: rapid.Int64().Draw(t, "ticket"), Before: raw.Draw(t, "before"), After: raw.Draw(t, "after"),
			Reason: rapid.String().Draw(t, "reason"), Basis: rapid.String().Draw(t, "basis"), Address: rapid.String().Draw(t, "address"),
		}
		line, err := audit.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.IndexFunc(line, func(c rune) bool { return c < 0x20 }); i >= 0 || !json.Valid(line) {
			t.Fatalf("control byte at %d, or no JSON: %q", i, line)
		}
		back, err := audit.Decode(line)
		if err != nil {
			t.Fatal(err)
		}
		r.V, r.Alg = audit.Version, audit.Algorithm
		if diff := cmp.Diff(r, back); diff != "" {
			t.Fatalf("want -, got +:\n%s", diff)
		}
	})
}
