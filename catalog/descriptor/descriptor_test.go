package descriptor_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
)

var update = flag.Bool("update", false, "write the wanted statements into the fixtures")

// TestRead reads the documents of each fixture together and compares what they say with the file "want" in it.
func TestRead(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, fixture := range fixtures {
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(fixture)
			if err != nil {
				t.Fatal(err)
			}
			var docs []descriptor.Document
			var want string
			kept := archive.Files[:0]
			for _, file := range archive.Files {
				if file.Name == "want" {
					want = string(file.Data)
					continue
				}
				kept = append(kept, file)
				docs = append(docs, descriptor.Document{Name: file.Name, Content: file.Data})
			}
			results := descriptor.Read(docs)
			checkResults(t, docs, results)
			got := describe(results)
			if *update {
				archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(fixture, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("statements differ (-want +got):\n%s", diff)
			}
		})
	}
}

// checkResults checks what holds of any input.
func checkResults(t *testing.T, docs []descriptor.Document, results []descriptor.Result) {
	t.Helper()
	if len(results) != len(docs) {
		t.Fatalf("%d results for %d documents", len(results), len(docs))
	}
	for i, result := range results {
		if result.Name != docs[i].Name {
			t.Errorf("result %d is of %q, want %q", i, result.Name, docs[i].Name)
		}
		lines := 1 + bytes.Count(docs[i].Content, []byte{'\n'}) + bytes.Count(docs[i].Content, []byte{'\r'})
		for _, problem := range append(result.Faults, result.Warnings...) {
			if problem.Line < 1 || problem.Line > lines || problem.Detail == "" {
				t.Errorf("%s: a problem is not in its file of %d lines: %+v", result.Name, lines, problem)
			}
		}
		seen := map[catalog.Ref]bool{}
		for _, statement := range result.Statements {
			checkStatement(t, statement)
			if seen[statement.Ref] {
				t.Errorf("%s: two statements about %s", result.Name, statement.Ref)
			}
			seen[statement.Ref] = true
			if want := (catalog.Source{Name: "descriptor:" + docs[i].Name, Rank: catalog.Descriptor}); statement.Source != want {
				t.Errorf("%s: the source is %v, want %v", result.Name, statement.Source, want)
			}
		}
	}
}

// checkStatement checks that the roll takes a statement as it is.
func checkStatement(t *testing.T, statement catalog.Statement) {
	t.Helper()
	if ref, err := catalog.NewRef(statement.Ref.Kind, statement.Name); err != nil || ref != statement.Ref {
		t.Errorf("the name %q is not that of %s (%v)", statement.Name, statement.Ref, err)
	}
	normal, err := statement.Normalize()
	if err != nil {
		t.Fatalf("%s: %v", statement.Ref, err)
	}
	var claims []catalog.Claim
	for _, claim := range normal.Claims {
		if claim.Field != "name" { // the roll's own
			claims = append(claims, claim)
		}
	}
	if diff := cmp.Diff(statement.Claims, claims, cmp.Comparer(func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })); diff != "" && len(claims)+len(statement.Claims) > 0 {
		t.Errorf("%s is not in its normal form (-got +normal):\n%s", statement.Ref, diff)
	}
}

// describe writes results as people read them.
func describe(results []descriptor.Result) string {
	var text strings.Builder
	for _, result := range results {
		format := result.Format
		if format == "" {
			format = "no format"
		}
		fmt.Fprintf(&text, "== %s: %s\n", result.Name, format)
		for _, statement := range result.Statements {
			fmt.Fprintf(&text, "%s %s\n", statement.Ref, statement.Name)
			for _, claim := range statement.Claims {
				fmt.Fprintf(&text, "  %s %s\n", claim.Field, claim.Value)
			}
		}
		for _, sort := range []struct {
			word     string
			problems []descriptor.Problem
		}{{"fault", result.Faults}, {"warning", result.Warnings}} {
			for _, problem := range sort.problems {
				fmt.Fprintf(&text, "%s, line %d: %s: %s\n", sort.word, problem.Line, problem.Field, problem.Detail)
			}
		}
	}
	return text.String()
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"tidings.yaml":                   true,
		"a/b/tidings.yml":                true,
		".tidings.yaml":                  true,
		"payments.tidings.yaml":          true,
		"catalog-info.yaml":              true,
		"catalog-info.yml":               true,
		"entity.datadog.yaml":            true,
		"service.datadog.yml":            true,
		"effx.yaml":                      true,
		"team.effx.yml":                  true,
		"opslevel.yml":                   true,
		"cortex.yaml":                    true,
		".cortex/teams/payments.yaml":    true,
		"CODEOWNERS":                     true,
		"acme/.github/CODEOWNERS":        true,
		"docs/CODEOWNERS":                true,
		".gitlab/CODEOWNERS":             true,
		`C:\src\payments\tidings.yaml`:   true,
		"opslevel.yaml":                  false,
		"Tidings.yaml":                   false,
		"tidings.json":                   false,
		"my-catalog-info.yaml":           false,
		"docker-compose.yaml":            false,
		"codeowners":                     false,
		"CODEOWNERS.md":                  false,
		"datadog.yaml":                   false,
		"":                               false,
		"tidings.yaml/deployment.yaml":   false,
		".cortex/scorecards/golden.yaml": false,
	} {
		if got := descriptor.Known(name); got != want {
			t.Errorf("Known(%q) = %t, want %t", name, got, want)
		}
	}
}

// TestReadHostile reads what no honest file holds: each must be refused soon, by its line, in words of ours.
func TestReadHostile(t *testing.T) {
	t.Parallel()
	var laughs strings.Builder
	laughs.WriteString("name: x\na0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n")
	for i := range 9 {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9))
	}
	numbered := func(format string, n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	for name, test := range map[string]struct{ content, want string }{
		"laughs":          {laughs.String(), "when its aliases are followed"},
		"many aliases":    {"name: x\na: &a b\nc: [" + strings.Repeat("*a, ", 200) + "]\n", "200 aliases"},
		"cycle":           {"name: x\ntags: &a\n  - *a\n", "stands for nothing written before it"},
		"unknown alias":   {"name: x\nowner: *team\n", "stands for nothing written before it"},
		"flow nesting":    {"name: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nesting is deeper"},
		"block nesting":   {strings.Repeat("- ", 5000) + "a", "nesting is deeper"},
		"many keys":       {numbered("k%d: v\n", 60_000), "more than 20000 keys"},
		"many nulls":      {numbered("k%d:\n", 60_000), "more than 20000 keys"},
		"long path":       {"name: x\n" + strings.Repeat("k", 500_000) + ": [" + strings.Repeat("a,", 40_000) + "]\n", "long keys"},
		"too large":       {"name: x # " + strings.Repeat("x", 1<<20), "bytes: at most 1048576"},
		"too many":        {strings.Repeat("---\nname: a\n", 10_001), "more than 10000 documents"},
		"many tags":       {"name: x\ntags:\n" + numbered("  - t%d\n", 10_000), "more than 500 tags"},
		"many facts":      {"name: x\ndepends_on:\n" + numbered("  - s%d\n", 3000), "or 2000 facts"},
		"many mistakes":   {"name: x\n" + numbered("k%d: 1\n", 5000), "and 4900 more like these"},
		"NUL":             {"name: x\nowner: a\x00b\n", "NUL byte"},
		"UTF-16":          {"\xff\xfen\x00a\x00", "UTF-16"},
		"UTF-16, other":   {"\xfe\xff\x00n\x00a", "UTF-16"},
		"not UTF-8":       {"name: x\nowner: caf\xe9\n", "not UTF-8"},
		"tabs":            {"name: x\nlinks:\n\t- url: https://example.com\n", "indented with a tab"},
		"template":        {"name: {{ .Release.Name }}\n", "template that was not filled in"},
		"old line ends":   {"name: x\rowner: y\rteir: 1\r", "line 3: teir"},
		"open quote":      {"name: \"x\nowner: y\n", "in quotes is not closed"},
		"open bracket":    {"name: x\ntags: [a, b\n", "not closed"},
		"at sign":         {"name: x\nowner: @payments\n", "cannot begin with this character"},
		"second colon":    {"name: x\ntitle: a: b\n", "second \": \""},
		"bare text":       {"hello world\n", "write keys and values"},
		"empty":           {"# nothing\n", "the file is empty"},
		"not ours":        {"apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n", "not a descriptor"},
		"deep JSON":       {strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000), "nesting is deeper"},
		"long lines":      {"name: x\nowner: " + strings.Repeat("a", 900_000), "at most 2048"},
		"many characters": {strings.Repeat("!", 1<<20), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			docs := []descriptor.Document{{Name: "tidings.yaml", Content: []byte(test.content)}}
			if strings.HasPrefix(name, "bare") || name == "not ours" {
				docs[0].Name = "body"
			}
			results := descriptor.Read(docs)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			checkResults(t, docs, results)
			if got := describe(results); !strings.Contains(got, test.want) {
				t.Errorf("%q is not in what it says:\n%.2000s", test.want, got)
			}
		})
	}
}

// TestSecrets checks that no part of an answer repeats a secret, be it in a statement or in a message.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "5ecre7value"
	for name, content := range map[string]string{
		"tidings.yaml": `name: x
description: see https://user:5ecre7value@example.com/
links:
  - {type: repo, url: "https://token:5ecre7value@github.com/acme/x"}
  - {type: repo, url: "https://5ecre7value@github.com/acme/x"}
  - {type: repo, url: "https://user:5ecre7value%zz@github.com/acme/x"}
  - {type: repo, url: "https://user:a/5ecre7value@github.com/acme/x"}
  - {type: repo, url: "user:5ecre7value@github.com/acme/x"}
  - {type: logs, url: "https://example.com/?api_key=5ecre7value"}
contacts:
  slack: https://hooks.slack.com/services/T000/B000/5ecre7value
tags:
  api_key: 5ecre7value
  acme/access-token: 5ecre7value
`,
		"catalog-info.yaml": `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: x
  annotations:
    pagerduty.com/integration-key: 5ecre7value
    datadoghq.com/graph-token: 5ecre7value
    example.com/anything: 5ecre7value
    backstage.io/source-location: url:https://user:5ecre7value@github.com/acme/x
  labels:
    password: 5ecre7value
`,
		"entity.datadog.yaml": `apiVersion: v3
kind: service
metadata:
  name: x
  tags: ["token:5ecre7value"]
integrations:
  pagerduty:
    serviceURL: https://events.pagerduty.com/integration/5ecre7value/enqueue
`,
	} {
		results := descriptor.Read([]descriptor.Document{{Name: name, Content: []byte(content)}})
		if len(results[0].Statements) != 1 {
			t.Errorf("%s: %d statements, want 1", name, len(results[0].Statements))
		}
		if got := describe(results); strings.Contains(got, secret) {
			t.Errorf("%s: the secret is repeated:\n%s", name, got)
		}
	}
}

// BenchmarkRead reads 10,000 small documents, as a walk through many repositories does.
func BenchmarkRead(b *testing.B) {
	docs := make([]descriptor.Document, 10_000)
	for i := range docs {
		docs[i] = descriptor.Document{Name: fmt.Sprintf("services/s%d/tidings.yaml", i), Content: fmt.Appendf(nil, `name: service-%d
description: Takes orders and gives them to whoever asks for them.
language: {name: go, version: "1.26"}
tier: 1
lifecycle: production
platform: kubernetes
owner: team-%d
links:
  runbook: https://wiki.example.com/runbooks/service-%d
  dashboard: https://grafana.example.com/d/service-%d
tags: [pci, "region:eu"]
depends_on: [service-%d, resource:orders-db]
part_of: shop
`, i, i%100, i, i, i+1)}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, result := range descriptor.Read(docs) {
			if len(result.Faults) > 0 {
				b.Fatal(result.Faults)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/10k")
}
