package graph_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// benchEntities is how many services the benchmarks stand on; TIDINGS_BENCH_ENTITIES sets another number.
const benchEntities = 2000

// large is a house with many services, each with an owner, somebody on call, tags and events.
func large(b *testing.B) http.Handler {
	b.Helper()
	n := benchEntities
	if text := os.Getenv("TIDINGS_BENCH_ENTITIES"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	h := newHouse(b)
	var statements []catalog.Statement
	for i := range 50 {
		statements = append(statements, say(b, fmt.Sprintf("person:person-%d", i), map[string]any{"title": fmt.Sprintf("Person %d", i)}))
	}
	for i := range n {
		statements = append(statements, say(b, fmt.Sprintf("service:service-%05d", i), map[string]any{
			"description": "One of many services.", "language": []string{"go", "java", "python"}[i%3], "tier": i % 4, "platform": "kubernetes",
			"owner": fmt.Sprintf("team:team-%d", i%40), "tag/pci": "", "tag/cost-centre": strconv.Itoa(i % 10), "tag/migration": "k8s", "tag/migrated": []string{"k8s", "no"}[i%2],
			fmt.Sprintf("on-call/primary/person:person-%d", i%50):                "2030-01-01T00:00:00Z",
			fmt.Sprintf("depends-on/service:service-%05d", (i*7+1)%n):            "declared",
			fmt.Sprintf("link/runbook/https://example.com/runbooks/%d", i):       "Runbook",
			fmt.Sprintf("alias/kubernetes:prod/apps/deployment/service-%05d", i): true,
		}))
	}
	h.apply(b, statements...)
	kinds := []string{"deploy", "config", "flag", "build", "merge"}
	for batch := range 10 {
		var events []change.Event
		for i := range n / 5 {
			k := batch*n/5 + i
			events = append(events, change.Event{
				Kind: kinds[k%5], Title: fmt.Sprintf("Change %d", k), Subjects: about(fmt.Sprintf("service-%05d", k*13%n)), Version: strconv.Itoa(k), Environment: "production",
				StartedAt: began.Add(time.Duration(k) * time.Second), Actor: change.Actor{Type: change.ByPerson, Name: fmt.Sprintf("person-%d", k%50)},
				Diff: []change.Diff{{Field: "image", Old: strconv.Itoa(k - 1), New: strconv.Itoa(k)}}, Labels: map[string]string{"run": strconv.Itoa(k)},
			})
		}
		h.record(b, events...)
	}
	return h.handler(access.Administrator)
}

func bench(b *testing.B, query string) {
	b.Helper()
	handler, body := large(b), bodyOf(query)
	if w := send(handler, "application/json", "", body); w.Code != http.StatusOK || w.Body.String()[:7] != `{"data"` {
		b.Fatalf("%d %.500s", w.Code, w.Body)
	} else {
		b.ReportMetric(float64(w.Body.Len()), "bytes/answer")
	}
	b.ReportAllocs()
	for b.Loop() {
		send(handler, "application/json", "", body)
	}
}

func BenchmarkCatalogPage(b *testing.B) {
	bench(b, `{ entities(filter: {kinds: [service]}, sort: tier, first: 50) { total next nodes {
		ref name title description language tier platform tags { key value } owner { ref title } onCall { name person { ref } } lastEvent { id title kind startedAt }
	} } }`)
}

func BenchmarkCatalogFacets(b *testing.B) {
	bench(b, `{ entities(filter: {kinds: [service], tags: ["pci"]}, first: 1) { total facets { name values { value label count } } } }`)
}

func BenchmarkCatalogByLastChange(b *testing.B) {
	bench(b, `{ entities(filter: {kinds: [service]}, sort: last_change, first: 50) { nodes { ref } } }`)
}

// feedLine is what the web app asks of a row.
const feedLine = `rows { id shape count subjectCount distance subjects { ref name kind claimed }
	event { id source kind class phase title detail subjects { ref name kind claimed } environment region cluster actor { type name via person { ref name title } }
		startedAt endedAt receivedAt version previous commit diff { field old new } exposure links { type title url } labels { key value } story dark }
	events { id kind phase title environment startedAt version exposure commit subjects { ref name } diff { field old new } labels { key value } } } next searchedUntil`

func BenchmarkFeedPage(b *testing.B) {
	bench(b, `{ feed(filter: {classes: ["change"]}, first: 50) { `+feedLine+` } }`)
}

func BenchmarkFeedOfTeam(b *testing.B) {
	bench(b, `{ feed(filter: {teams: ["team-7"], classes: ["change"]}, first: 50) { `+feedLine+` } }`)
}

func BenchmarkEntityPage(b *testing.B) {
	bench(b, `{ entity(ref: "service:service-00007") { ref title description tier owner { ref title onCall { name } } onCall { name role until person { ref title } }
		links { type title url } tags { key value } aliases dependsOn { type evidence entity { ref title tier lastEvent { id } } } dependedOnBy { entity { ref } }
		facts { field value source since confirmedAt disagreeing { source } } running { environment version since } lastEvent { id title } } }`)
}

// BenchmarkMigration is of all services, each of which has to move, and half of which did.
func BenchmarkMigration(b *testing.B) {
	bench(b, `{ migration(what: "k8s", filter: {kinds: [service]}) { done all teams { owner { title } done all left } steps { at done all } } }`)
}
