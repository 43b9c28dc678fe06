package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
)

const folder = "../northwind"

func TestTheFileIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("events.jsonl is out of date: run go generate ./examples/generate")
	}
}

// roll is what the descriptors say: every entity, and every alias.
func roll(t *testing.T) (entities map[catalog.Ref]bool, aliases map[string]catalog.Ref) {
	t.Helper()
	documents, err := descriptor.Walk(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	entities, aliases = map[catalog.Ref]bool{}, map[string]catalog.Ref{}
	formats := map[string]bool{}
	targets := map[catalog.Ref]string{}
	for _, result := range descriptor.Read(documents) {
		formats[result.Format] = true
		for _, problem := range append(result.Faults, result.Warnings...) {
			t.Errorf("%s:%d: %s: %s", result.Name, problem.Line, problem.Field, problem.Detail)
		}
		for _, statement := range result.Statements {
			entities[statement.Ref] = true
			for _, claim := range statement.Claims {
				if target := claim.Target(); !target.IsZero() {
					targets[target] = result.Name
				}
				if claim.Field.Family() != catalog.FamilyAlias {
					continue
				}
				if other, taken := aliases[claim.Field.Rest()]; taken && other != statement.Ref {
					t.Errorf("%s is an alias of %s and of %s", claim.Field.Rest(), other, statement.Ref)
				}
				aliases[claim.Field.Rest()] = statement.Ref
			}
		}
	}
	for target, from := range targets {
		if !entities[target] {
			t.Errorf("%s points at %s, which nothing describes", from, target)
		}
	}
	for _, format := range []string{"tidings", "backstage", "datadog", "opslevel", "cortex", "effx", "codeowners"} {
		if !formats[format] {
			t.Errorf("no document is of the format %s", format)
		}
	}
	return entities, aliases
}

func TestTheOrganisationIsWhole(t *testing.T) {
	t.Parallel()
	entities, _ := roll(t)
	got := map[catalog.Kind]int{}
	for ref := range entities {
		got[ref.Kind]++
	}
	for kind, want := range map[catalog.Kind]int{catalog.Service: 60, catalog.Team: 12, catalog.Person: 40, catalog.System: 8, catalog.Resource: 20, catalog.API: 10} {
		if got[kind] < want {
			t.Errorf("%d of kind %s, at least %d are wanted", got[kind], kind, want)
		}
	}
}

func TestEveryEventIsTaken(t *testing.T) {
	t.Parallel()
	entities, aliases := roll(t)
	content, err := os.ReadFile(filepath.Join(folder, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	unclaimed, kinds := map[string]bool{}, map[string]int{}
	storm := 0
	for line := range strings.Lines(string(content)) {
		var told map[string]any
		if err := json.Unmarshal([]byte(line), &told); err != nil {
			t.Fatal(err)
		}
		span := func(key string) time.Duration {
			text, _ := told[key].(string)
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 || d > 7*24*time.Hour {
				t.Errorf("%s: %q is not a time within the week", key, text)
			}
			delete(told, key)
			return d
		}
		ago := span("ago")
		told["started_at"] = at.Add(-ago)
		if _, ok := told["took"]; ok {
			told["ended_at"] = at.Add(span("took") - ago)
		}
		body, err := json.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := wire.Read(http.Header{"Content-Type": {"application/json"}}, body, at)
		if err != nil {
			t.Errorf("%s%v", line, err)
			continue
		}
		e := batch.Events[0]
		if faults := e.Normalize(at, ""); faults != nil {
			t.Errorf("%s%v", line, faults)
		}
		if ended := e.EndedAt; ended.After(at) {
			t.Errorf("%sends in the future", line)
		}
		kinds[e.Kind]++
		if e.Source == nightSave && ago < 18*time.Minute {
			storm++
		}
		for _, subject := range e.Subjects {
			ref, err := catalog.ParseRef(subject.Name, "")
			if _, known := aliases[subject.Name]; (err != nil && !known) || (err == nil && !entities[ref]) {
				unclaimed[subject.Name] = true
			}
		}
	}
	for name := range unclaimed {
		if strings.HasPrefix(name, "service:") || strings.HasPrefix(name, "resource:") || strings.HasPrefix(name, "team:") {
			t.Errorf("%s is described nowhere", name)
		}
	}
	if len(unclaimed) < 4 || storm != 44 {
		t.Errorf("%d unclaimed names and a storm of %d events", len(unclaimed), storm)
	}
	for _, kind := range change.Kinds() {
		if kinds[kind.Name] == 0 && kind.Name != "catalog" && kind.Name != "access" { // these are Tidings' own
			t.Errorf("no event is of the kind %s", kind.Name)
		}
	}
}

func TestNoAddressIsReal(t *testing.T) {
	t.Parallel()
	address := regexp.MustCompile(`(?i)(?:https?://|@)([a-z0-9.-]+\.[a-z]{2,})`)
	err := filepath.WalkDir(folder, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, match := range address.FindAllStringSubmatch(string(content), -1) {
			host := match[1]
			if host != "northwind.example" && !strings.HasSuffix(host, ".northwind.example") {
				t.Errorf("%s names %s", name, host)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
