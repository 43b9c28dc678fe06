package console_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/internal/cli/console"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	console.Table(&out, false, []string{"NAME", "OWNER", "TIER"}, [][]string{
		{"pricing", "team:payments", "0"},
		{"日本", "équipe", ""},
		{"e\u0301tude", "", "2"},
	})
	want := strings.Join([]string{
		"NAME     OWNER          TIER",
		"pricing  team:payments  0",
		"日本     équipe",
		"e\u0301tude                   2",
		"",
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("Table (-want +got):\n%s", diff)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain — ünïcode 日本":          "plain — ünïcode 日本",
		"\x1b]0;owned\x07\x1b[31mred": "]0;owned[31mred",
		"two\nlines\tand a tab":       "two lines and a tab",
		"\u202egnp.exe":               "gnp.exe",
		"\u009b31mC1":                 "31mC1",
	} {
		if got := console.Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	if got, want := console.CleanLines("one  \n\x1b[2Jtwo\n\n"), "one\n[2Jtwo"; got != want {
		t.Errorf("CleanLines = %q, want %q", got, want)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text    string
		columns int
		want    string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"two words", 5, "two…"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
	} {
		if got := console.Clip(tt.text, tt.columns); got != tt.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 documents", 1: "1 document", 999: "999 documents", 10000: "10,000 documents", 1234567: "1,234,567 documents"} {
		if got := console.Count(n, "document"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
