package main

import "testing"

// Check 5, plain http: other machines are let in over plain http only by somebody who has chosen it.
func TestCheck05PlainHTTPIsChosen(t *testing.T) {
	for _, c := range []struct {
		l     listening
		plain bool
		ok    bool
	}{
		{listening{Listen: "127.0.0.1:8080"}, false, true}, {listening{Listen: "localhost:8080"}, false, true}, {listening{Listen: "[::1]:8080"}, false, true},
		{listening{Listen: "0.0.0.0:8080"}, false, false}, {listening{Listen: ":8080"}, false, false}, {listening{Listen: "[::]:8080"}, false, false}, {listening{Listen: "10.1.2.3:80"}, false, false}, {listening{Listen: "intranet:80"}, false, false},
		{listening{Listen: "0.0.0.0:8080", BaseURL: "http://battlemap.example"}, false, false}, {listening{Listen: "0.0.0.0:8080", BaseURL: "https://battlemap.example"}, false, true},
		{listening{Listen: "0.0.0.0:8080", PlainHTTP: true}, true, true}, {listening{Listen: "127.0.0.1:8080", PlainHTTP: true}, false, true}, {listening{Listen: "nonsense", PlainHTTP: true}, false, false},
	} {
		if plain, err := c.l.plain(); plain != c.plain || (err == nil) != c.ok {
			t.Errorf("%+v: plain %t, %v", c.l, plain, err)
		}
	}
}
