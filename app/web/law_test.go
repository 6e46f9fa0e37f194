package web_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"
)

func secondText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/laws/second.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
