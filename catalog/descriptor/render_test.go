package descriptor_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
)

// merge is the entity that one statement makes.
func merge(statement catalog.Statement) catalog.Entity {
	standing := make([]catalog.Standing, len(statement.Claims))
	for i, claim := range statement.Claims {
		standing[i] = catalog.Standing{Claim: claim, Source: catalog.Source{Name: "test", Rank: catalog.Descriptor}}
	}
	e := catalog.Merge(statement.Ref, catalog.Facts(standing))
	e.Name, e.Retired = statement.Name, false
	return e
}

// made makes a statement with many facts of many characters. It leaves out what no descriptor may say: observed
// relations, and tags that are named like secrets.
func made(r *rand.Rand) catalog.Statement {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	text := func() string {
		pieces := []string{
			"a", "B", "ü", "🚀", " ", "  ", "\n", "\n\n", "\t", "\r\n", ":", ": ", " #", "#", "-", "- ", "'", "\"", "\\", ",", "[", "]", "{", "}",
			"true", "null", "1.20", "0x1F", "~", "|", ">", "&a", "*a", "!", "%", "@", "`", "---", "...", "<<", "{{ x }}", "\u2028", "\u0085", "\u00a0", "\ufeff", "=", "?", "? ",
		}
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	name := func() string {
		return pick("a", "B2", "pay-ments", "x_y", "shop.cart", "true", "1", "null", "no", "0x1f", "1.5", "e1", "y")
	}
	ref := func() string { return pick("service", "team", "person", "system", "resource", "api") + ":" + name() }
	kind := catalog.Kinds()[r.IntN(len(catalog.Kinds()))]
	s := catalog.Statement{Name: name()}
	s.Ref, _ = catalog.NewRef(kind, s.Name)
	say := func(field catalog.Field, value any) {
		claim, err := catalog.Say(field, value).Normalize()
		if err == nil {
			s.Claims = append(s.Claims, claim)
		}
	}
	maybe := func(f func()) {
		if r.IntN(3) > 0 {
			f()
		}
	}
	for _, field := range []catalog.Field{
		catalog.FieldTitle, catalog.FieldDescription, catalog.FieldType, catalog.FieldLanguage, catalog.FieldLanguageVersion, catalog.FieldDeployedBy,
	} {
		maybe(func() { say(field, text()) })
	}
	maybe(func() { say(catalog.FieldTier, r.IntN(4)) })
	maybe(func() { say(catalog.FieldUserFacing, r.IntN(2) == 0) })
	maybe(func() { say(catalog.FieldLifecycle, pick(catalog.Lifecycles()...)) })
	maybe(func() { say(catalog.FieldPlatform, pick(catalog.Platforms()...)) })
	maybe(func() { say(catalog.FieldRPO, pick("15m", "0", "1h30m", "0.5s")) })
	maybe(func() { say(catalog.FieldRTO, "4h") })
	maybe(func() { say(catalog.FieldEmail, pick("a@acme.example", "A B <a@acme.example>")) })
	maybe(func() { say(catalog.FieldTimeZone, "Europe/Berlin") })
	maybe(func() { say(catalog.FieldOwner, pick("team:", "person:")+name()) })
	for range r.IntN(4) {
		say(catalog.Key(catalog.FamilyTag, pick("pci", "a/b.c", "X-1", "true", "1")), pick("", text()))
		say(catalog.Key(catalog.FamilyLink, pick("runbook", "dashboard", "other", "slo", "1", "a-", "type"), "https://acme.example/"+pick("", "a,b", "?q=1&r=2", "#x", "a:b", "ü", "'", "-", "%20", "[x]", "{y}")), pick("", text()))
		say(catalog.Key(catalog.FamilyContact, pick("slack", "email", "phone", "x_"), pick("#a", "a@acme.example", "+49 30 123", "x/y", text())), pick("", text()))
		say(catalog.Key(catalog.FamilyAlias, pick("github:acme/a", "x:a,b", "x:[y]", "x:{y}", "x:'", "x:\"y", "x:y:z", "x:#")), true)
		until := ""
		if r.IntN(2) == 0 {
			until = time.Unix(int64(r.IntN(1<<30)), int64(r.IntN(2)*500_000_000)).UTC().Format(time.RFC3339Nano)
		}
		say(catalog.Key(catalog.FamilyOnCall, pick("primary", "secondary"), pick("person:a", "Ana Silva", "[x", "{y", text())), until)
		begin := time.Unix(int64(1<<30+r.IntN(1<<20)), int64(r.IntN(2)*500_000_000)).UTC().Format(time.RFC3339Nano)
		say(catalog.Key(catalog.FamilyNextOnCall, pick("primary", "secondary"), begin, pick("person:a", "Ana Silva", "[x", text())), pick("", "2030-01-02T03:04:05Z"))
		say(catalog.Key(pick(catalog.FamilyDependsOn, catalog.FamilyPartOf, catalog.FamilyProvides, catalog.FamilyConsumes), ref()), "declared")
	}
	s.Claims = slices.DeleteFunc(s.Claims, func(c catalog.Claim) bool {
		return c.Field.Target() == s.Ref || c.Field == catalog.FieldOwner && string(c.Value) == `"`+s.Ref.String()+`"`
	})
	seen := map[catalog.Field]bool{}
	s.Claims = slices.DeleteFunc(s.Claims, func(c catalog.Claim) bool {
		again := seen[c.Field]
		seen[c.Field] = true
		return again
	})
	slices.SortFunc(s.Claims, func(a, b catalog.Claim) int { return strings.Compare(string(a.Field), string(b.Field)) })
	return s
}

// TestRoundTrip writes entities of many shapes in each format and reads them back: what was said is said again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		want := made(rand.New(rand.NewPCG(seed, 1)))
		e := merge(want)

		annotations := descriptor.KubernetesAnnotations(e)
		for name, value := range annotations {
			if part := strings.TrimPrefix(name, "tidings.dev/"); len(part) > 63 || value == "" {
				t.Errorf("seed %d: the annotation %q: %q is none of Kubernetes", seed, name, value)
			}
		}
		got, problems := descriptor.FromKubernetesAnnotations(catalog.Ref{}, annotations)
		compare(t, seed, "annotations", want, got, problems)

		text := render(t, "kubernetes", e)
		var manifest struct {
			Metadata struct {
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"metadata"`
		}
		if err := yaml.Unmarshal(text, &manifest); err != nil {
			t.Fatalf("seed %d: %v:\n%s", seed, err, text)
		}
		if diff := cmp.Diff(annotations, manifest.Metadata.Annotations); diff != "" {
			t.Fatalf("seed %d: the manifest says otherwise (-want +got):\n%s%s", seed, diff, text)
		}

		text = render(t, "tidings", e)
		result := descriptor.Read([]descriptor.Document{{Name: "tidings.yaml", Content: text}})[0]
		if len(result.Statements) != 1 {
			t.Fatalf("seed %d: %d statements, want 1: %v\n%s", seed, len(result.Statements), result.Faults, text)
		}
		compare(t, seed, "tidings:\n"+string(text), want, result.Statements[0], append(result.Faults, result.Warnings...))

		text, err := descriptor.Render("backstage", e, descriptor.Target{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		result = descriptor.Read([]descriptor.Document{{Name: "catalog-info.yaml", Content: text}})[0]
		if len(result.Statements) != 1 {
			t.Fatalf("seed %d: %d statements, want 1: %v\n%s", seed, len(result.Statements), result.Faults, text)
		}
		got = result.Statements[0]
		// Backstage requires a type; the roll does not.
		got.Claims = slices.DeleteFunc(slices.Clone(got.Claims), func(c catalog.Claim) bool {
			return c.Field == catalog.FieldType && e.Type == ""
		})
		compare(t, seed, "backstage:\n"+string(text), want, got, append(result.Faults, result.Warnings...))
		if t.Failed() {
			return
		}
	}
}

func render(t *testing.T, format string, e catalog.Entity) []byte {
	t.Helper()
	text, err := descriptor.Render(format, e, descriptor.Target{})
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return text
}

func compare(t *testing.T, seed uint64, what string, want, got catalog.Statement, problems []descriptor.Problem) {
	t.Helper()
	if len(problems) > 0 {
		t.Errorf("seed %d: %v in %s", seed, problems, what)
	}
	list := func(s catalog.Statement) []string {
		lines := []string{s.Ref.String() + " " + s.Name}
		for _, claim := range s.Claims {
			lines = append(lines, fmt.Sprintf("%s %s", claim.Field, claim.Value))
		}
		return lines
	}
	if diff := cmp.Diff(list(want), list(got)); diff != "" {
		t.Errorf("seed %d: statements differ (-want +got):\n%s%s", seed, diff, what)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	tier, yes := 1, true
	owner := catalog.Ref{Kind: catalog.Team, Name: "commerce"}
	e := catalog.Entity{
		Kind: catalog.Service, Name: "Storefront", Title: "Storefront", Description: "What customers see.\nAll of it.",
		Language: "go", LanguageVersion: "1.20", Tier: &tier, UserFacing: &yes, Lifecycle: "production", Owner: &owner,
		Links: []catalog.Link{{Type: "runbook", URL: "https://wiki.acme.example/s"}, {Type: "repo", URL: "https://github.com/acme/s", Title: "Source: all"}},
		Tags:  []catalog.Tag{{Key: "pci"}, {Key: "region", Value: "eu"}},
		Relations: []catalog.Relation{
			{Type: catalog.FamilyDependsOn, Target: catalog.Ref{Kind: catalog.Service, Name: "pricing"}, Evidence: catalog.Both},
			{Type: catalog.FamilyDependsOn, Target: catalog.Ref{Kind: catalog.Service, Name: "seen-only"}, Evidence: catalog.Observed},
			{Type: catalog.FamilyPartOf, Target: catalog.Ref{Kind: catalog.System, Name: "shop"}, Evidence: catalog.Declared},
		},
	}
	for format, want := range map[string]string{
		"tidings": `kind: service
name: Storefront
title: Storefront
description: |-
  What customers see.
  All of it.
owner: commerce
tier: 1
user_facing: true
lifecycle: production
language:
  name: go
  version: "1.20"
links:
  - type: runbook
    url: https://wiki.acme.example/s
  - type: repo
    title: "Source: all"
    url: https://github.com/acme/s
tags:
  pci: ""
  region: eu
depends_on:
  - pricing
part_of:
  - shop
`,
		"kubernetes": `metadata:
  annotations:
    tidings.dev/depends-on: pricing
    tidings.dev/description: |-
      What customers see.
      All of it.
    tidings.dev/entity: service:Storefront
    tidings.dev/language: go
    tidings.dev/language-version: "1.20"
    tidings.dev/lifecycle: production
    tidings.dev/link.runbook: https://wiki.acme.example/s
    tidings.dev/links: "[{\"title\":\"Source: all\",\"type\":\"repo\",\"url\":\"https://github.com/acme/s\"}]"
    tidings.dev/owner: commerce
    tidings.dev/part-of: shop
    tidings.dev/tags: "pci, region:eu"
    tidings.dev/tier: "1"
    tidings.dev/title: Storefront
    tidings.dev/user-facing: "true"
`,
		"backstage": `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Storefront
  title: Storefront
  description: |-
    What customers see.
    All of it.
  annotations:
    tidings.dev/language: go
    tidings.dev/language-version: "1.20"
    tidings.dev/tier: "1"
    tidings.dev/user-facing: "true"
  labels:
    region: eu
  tags:
    - pci
  links:
    - url: https://wiki.acme.example/s
      type: runbook
    - url: https://github.com/acme/s
      title: "Source: all"
      type: repo
spec:
  type: service
  lifecycle: production
  owner: group:commerce
  system: shop
  dependsOn:
    - component:pricing
`,
	} {
		if diff := cmp.Diff(want, string(render(t, format, e))); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", format, diff)
		}
	}
	if _, err := descriptor.Render("toml", e, descriptor.Target{}); err == nil {
		t.Error("toml was rendered")
	}
	if _, err := descriptor.Render("tidings", catalog.Entity{}, descriptor.Target{}); err == nil {
		t.Error("an entity without a name was rendered")
	}
	if _, err := descriptor.Render("backstage", catalog.Entity{Kind: catalog.Service, Name: strings.Repeat("a", 64)}, descriptor.Target{}); err == nil {
		t.Error("a name that Backstage does not take was rendered")
	}
}

// TestAnnotations reads annotations as people write them.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	ref := catalog.Ref{Kind: catalog.Service, Name: "pricing"}
	statement, problems := descriptor.FromKubernetesAnnotations(ref, map[string]string{
		"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z",
		"tidings.dev/entity":                "Pricing",
		"tidings.dev/owner":                 "merchandising",
		"tidings.dev/tier":                  "0",
		"tidings.dev/user-facing":           "true",
		"tidings.dev/on-call":               "[{role: primary, name: priya.raman}]",
		"tidings.dev/link.runbook":          "https://wiki.acme.example/pricing",
		"tidings.dev/contact.slack":         "#pricing",
		"tidings.dev/tags":                  "pci, region:eu",
		"tidings.dev/depends-on":            "rates,\n resource:prices-db",
		"tidings.dev/links":                 "{dashboard: https://grafana.acme.example/d/1}",
		"tidings.dev/owners":                "x",
		"tidings.dev/name":                  "x",
		"tidings.dev/on_call":               "x",
		"tidings.dev/lifecycle":             "done",
		"tidings.dev/contacts":              "[",
	})
	checkStatement(t, statement)
	if statement.Source != (catalog.Source{}) || statement.Name != "Pricing" {
		t.Errorf("the statement is of %v and of %q", statement.Source, statement.Name)
	}
	got := make([]string, 0, len(statement.Claims)+len(problems))
	for _, claim := range statement.Claims {
		got = append(got, fmt.Sprintf("%s %s", claim.Field, claim.Value))
	}
	for _, problem := range problems {
		got = append(got, problem.Field+": "+problem.Detail)
	}
	want := []string{
		`contact/slack/#pricing ""`,
		`depends-on/resource:prices-db "declared"`,
		`depends-on/service:rates "declared"`,
		`link/dashboard/https://grafana.acme.example/d/1 ""`,
		`link/runbook/https://wiki.acme.example/pricing ""`,
		`on-call/primary/priya.raman ""`,
		`owner "team:merchandising"`,
		`tag/pci ""`,
		`tag/region "eu"`,
		`tier 0`,
		`user-facing true`,
		`tidings.dev/contacts: a { or [ is not closed, or a comma is missing in it`,
		`tidings.dev/lifecycle: lifecycle is one of experimental, production, deprecated, retired, not "done"`,
		`tidings.dev/name: there is no annotation for this: see docs/descriptors.md for those there are`,
		`tidings.dev/on_call: there is no such annotation: write on-call`,
		`tidings.dev/owners: there is no such annotation: write owner`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("annotations differ (-want +got):\n%s", diff)
	}

	if _, problems := descriptor.FromKubernetesAnnotations(catalog.Ref{}, nil); len(problems) != 1 {
		t.Errorf("without a reference: %v, want one problem", problems)
	}
	if _, problems := descriptor.FromKubernetesAnnotations(ref, map[string]string{"tidings.dev/entity": "service:checkout"}); len(problems) != 1 {
		t.Errorf("with another entity: %v, want one problem", problems)
	}
}

// TestSchema keeps the published schema in step with what is read: the same keys, the same documents.
func TestSchema(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(descriptor.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for key := range schema.Properties {
		content := fmt.Sprintf("name: x\n%s:\n", key)
		if key == "name" {
			continue
		}
		if key == "members" {
			content = "kind: team\n" + content
		}
		result := descriptor.Read([]descriptor.Document{{Name: "tidings.yaml", Content: []byte(content)}})[0]
		if len(result.Faults) > 0 {
			t.Errorf("the key %q of the schema is not read: %v", key, result.Faults)
		}
	}
	validate := compileSchema(t)
	for seed := range uint64(200) {
		e := merge(made(rand.New(rand.NewPCG(seed, 2))))
		text := render(t, "tidings", e)
		var content any
		if err := yaml.Unmarshal(text, &content); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		if err := validate(content); err != nil {
			t.Fatalf("what is rendered is not valid: %v\n%s", err, text)
		}
	}
	for _, content := range documents(t, "testdata/tidings.txtar") {
		if err := validate(content); err != nil {
			t.Errorf("what is read is not valid: %v\n%v", err, content)
		}
	}
	for _, content := range []string{
		"title: nameless", "name: -bad-", "name: x\nteir: 1", "name: x\ntier: 7", "name: x\nplatform: moon", "name: x\nowner: service:y",
		"name: x\nlinks: [{type: runbook}]", "name: x\naliases: [y]", "name: x\ndepends_on: [\"a b\"]", "name: x\nrpo: soon",
		"name: x\nlanguage: {name: go, dialect: y}", "name: x\ncontacts: [{value: y}]", "name: x\non_call: [{role: primary}]", "kind: lambda\nname: x",
	} {
		var parsed any
		if err := yaml.Unmarshal([]byte(content), &parsed); err != nil {
			t.Fatal(err)
		}
		if validate(parsed) == nil {
			t.Errorf("the schema takes %q", content)
		}
		if result := descriptor.Read([]descriptor.Document{{Name: "tidings.yaml", Content: []byte(content)}})[0]; len(result.Faults) == 0 {
			t.Errorf("the reader takes %q", content)
		}
	}
}

// TestPage keeps docs/descriptors.md in step: its example can be read, and it names every key.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/descriptors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	result := descriptor.Read([]descriptor.Document{{Name: "tidings.yaml", Content: []byte(example)}})[0]
	if len(result.Statements) != 4 || len(result.Faults)+len(result.Warnings) > 0 {
		t.Errorf("the example says of %d entities, want 4: %v %v", len(result.Statements), result.Faults, result.Warnings)
	}
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(descriptor.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for key := range schema.Properties {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("the page does not name the key %s", key)
		}
	}
}
