package descriptor_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
)

// seeds calls f with every document of the fixtures.
func seeds(f *testing.F, add func(name, content string)) {
	f.Helper()
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, fixture := range fixtures {
		archive, err := txtar.ParseFile(fixture)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name != "want" {
				add(file.Name, string(file.Data))
			}
		}
	}
}

// FuzzRead reads anything: whatever it is, the roll takes what is read of it, and annotations carry it.
func FuzzRead(f *testing.F) {
	seeds(f, func(name, content string) { f.Add(name, content) })
	f.Fuzz(func(t *testing.T, name, content string) {
		docs := []descriptor.Document{{Name: name, Content: []byte(content)}}
		results := descriptor.Read(docs)
		checkResults(t, docs, results)
		for _, statement := range results[0].Statements {
			checkAnnotations(t, statement)
			e := merge(statement)
			for _, format := range []string{"tidings", "kubernetes"} {
				render(t, format, e)
			}
			_, _ = descriptor.Render("backstage", e, descriptor.Target{}) // names may be too long for it
		}
	})
}

// checkAnnotations checks that annotations carry what a statement says.
func checkAnnotations(t *testing.T, statement catalog.Statement) {
	t.Helper()
	want := merge(statement)
	again, problems := descriptor.FromKubernetesAnnotations(statement.Ref, descriptor.KubernetesAnnotations(want))
	if len(problems) > 0 {
		t.Fatalf("%s: %v", statement.Ref, problems)
	}
	if diff := cmp.Diff(want, merge(again)); diff != "" {
		t.Fatalf("%s: the annotations say otherwise (-want +got):\n%s", statement.Ref, diff)
	}
}

// FuzzCodeowners reads anything as CODEOWNERS beside a descriptor at any place.
func FuzzCodeowners(f *testing.F) {
	seeds(f, func(name, content string) {
		if strings.HasSuffix(name, "CODEOWNERS") {
			f.Add(content, "services/pricing/tidings.yaml")
			f.Add(content, "pay/cards/deep/tidings.yaml")
		}
	})
	f.Fuzz(func(t *testing.T, content, name string) {
		docs := []descriptor.Document{
			{Name: ".github/CODEOWNERS", Content: []byte(content)},
			{Name: name, Content: []byte("name: pricing\n---\nkind: team\nname: admins\n")},
		}
		results := descriptor.Read(docs)
		checkResults(t, docs, results)
		if n := len(results[0].Statements); n > 1 {
			t.Errorf("%d statements, want at most that about pricing", n)
		}
	})
}

// FuzzAnnotations reads anything as annotations: what is read is written, and read again, without loss.
func FuzzAnnotations(f *testing.F) {
	f.Add("owner", "merchandising", "tags", "pci, region:eu")
	f.Add("links", `[{"type":"runbook","url":"https://wiki.acme.example","title":"x"}]`, "link.repo", "https://github.com/acme/x")
	f.Add("depends-on", "a, resource:b", "on-call", "[{role: primary, name: x, until: 2026-01-01T00:00:00Z}]")
	f.Add("contact.slack", "#x", "contacts", "{slack: [a, {value: b, title: c}]}")
	f.Add("entity", "service:Pricing", "aliases", `["x:a,b"]`)
	f.Add("tier", "1", "description", "a\nb")
	f.Fuzz(func(t *testing.T, key, value, key2, value2 string) {
		ref := catalog.Ref{Kind: catalog.Service, Name: "pricing"}
		statement, _ := descriptor.FromKubernetesAnnotations(ref, map[string]string{"tidings.dev/" + key: value, "tidings.dev/" + key2: value2})
		checkStatement(t, statement)
		checkAnnotations(t, statement)
	})
}
