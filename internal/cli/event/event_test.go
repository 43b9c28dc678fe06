package event

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

func TestParseDiff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]change.Diff{
		"replicas=3=>9":      {Field: "replicas", Old: "3", New: "9"},
		"replicas=>9":        {Field: "replicas", New: "9"},
		"replicas==>9":       {Field: "replicas", New: "9"},
		"replicas=3=>":       {Field: "replicas", Old: "3"},
		"args=a=b=>a=c":      {Field: "args", Old: "a=b", New: "a=c"},
		"image tag=v 1=>v 2": {Field: "image tag", Old: "v 1", New: "v 2"},
	} {
		if got, ok := parseDiff(text); !ok || got != want {
			t.Errorf("parseDiff(%q) = %v, %t; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "replicas", "replicas=3", "=3=>9", "=>9"} {
		if got, ok := parseDiff(text); ok {
			t.Errorf("parseDiff(%q) = %v, want none", text, got)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"a": 1}`:                        {"application/json 0 1"},
		"[{\"a\": 1},\n{\"a\": 2}]":       {"application/json 0 1"},
		"{\"a\": 1}\n{\"a\":\n 2}\n":      {"application/x-ndjson 0 2"},
		"{\"a\": 1}\nnot\n{\"a\": 2}\n":   {"application/x-ndjson 0 0"},
		"{\"a\": 1,\n \"b\"":              {"application/json 0 0"},
		strings.Repeat(`{"a":1} `, 10001): {"application/x-ndjson 0 5000", "application/x-ndjson 5000 5000", "application/x-ndjson 10000 1"},
		strings.Repeat(`{"a":"`+strings.Repeat("x", 3<<20)+"\"}\n", 2): {"application/x-ndjson 0 1", "application/x-ndjson 1 1"},
	} {
		var got []string
		for _, p := range split([]byte(text)) {
			got = append(got, fmt.Sprintf("%s %d %d", p.media, p.first, p.events))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("split(%.40q) (-want +got):\n%s", text, diff)
		}
	}
}

// A fault of a later part names the event as counted from the beginning of the file.
func TestLocated(t *testing.T) {
	t.Parallel()
	refusal := fault.InvalidInput("events", []fault.Fault{{Pointer: "/3/kind", Detail: "x"}, {Pointer: "/4", Detail: "y"}})
	err := part{first: 5000}.located(refusal, 5000)
	known, ok := errors.AsType[*fault.Error](err)
	if !ok || known.Code != fault.Invalid || !strings.HasPrefix(known.Detail, "the first 5,000 events of the file were recorded") {
		t.Fatalf("located: %v", err)
	}
	want := []fault.Fault{{Pointer: "/5003/kind", Detail: "x"}, {Pointer: "/5004", Detail: "y"}}
	if diff := cmp.Diff(want, known.Faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
