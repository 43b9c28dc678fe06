package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
)

// send posts a body as it is.
func send(h http.Handler, contentType, accept, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func bodyOf(query string) string {
	body, _ := json.Marshal(map[string]string{"query": query})
	return string(body)
}

func (h *house) as(t testing.TB, who access.Principal, query string) answer {
	t.Helper()
	var a answer
	w := send(h.handler(who), "application/json", "application/json", bodyOf(query))
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("not JSON: %v: %s", err, w.Body)
	}
	return a
}

func TestRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	handler := h.handler(access.Administrator)
	const fine = `{"query": "{ viewer { name } }"}`
	for _, test := range []struct {
		name, contentType, accept, body string
		status                          int
		code                            string
	}{
		{"a query", "application/json", "", fine, 200, ""},
		{"in UTF-8", "application/json; charset=utf-8", "application/json", fine, 200, ""},
		{"a form", "application/x-www-form-urlencoded", "", "query=1", 415, "invalid"},
		{"plain text", "text/plain", "", fine, 415, "invalid"},
		{"a batch", "application/json", "", "[" + fine + "]", 400, "invalid"},
		{"two bodies", "application/json", "", fine + fine, 400, "invalid"},
		{"no body", "application/json", "", "", 400, "invalid"},
		{"not JSON", "application/json", "", "{", 400, "invalid"},
		{"null", "application/json", "", "null", 200, "invalid"},
		{"a large body", "application/json", "", `{"query": "` + strings.Repeat(" ", 1<<20) + `"}`, 413, "too_large"},
		{"no query", "application/json", "", "{}", 200, "invalid"},
		{"a mistake, by the older type", "application/json", "application/json", `{"query": "{ nonsense }"}`, 200, "invalid"},
		{"a mistake, by the newer type", "application/json", "application/graphql-response+json, application/json;q=0.9", `{"query": "{ nonsense }"}`, 400, "invalid"},
		{"a syntax error", "application/json", "", `{"query": "{ viewer {"}`, 200, "invalid"},
		{"a wrong variable", "application/json", "", `{"query": "query ($n: Int) { entities(first: $n) { total } }", "variables": {"n": "many"}}`, 200, "invalid"},
		{"a huge number", "application/json", "", `{"query": "{ entities(first: 99999999999) { total } }"}`, 200, "too_large"},
		{"a huge variable", "application/json", "", `{"query": "query ($n: Int) { entities(first: $n) { total } }", "variables": {"n": 99999999999}}`, 200, "too_large"},
		{"a huge depth", "application/json", "", `{"query": "{ feed(filter: {withDependencies: true, depth: 99999999999}) { next } }"}`, 200, "invalid"},
		{"a huge depth by variable", "application/json", "", `{"query": "query ($n: Int) { feed(filter: {withDependencies: true, depth: $n}) { next } }", "variables": {"n": 99999999999}}`, 200, "invalid"},
		{"a huge depth by an object", "application/json", "", `{"query": "query ($f: FeedFilter) { feed(filter: $f) { next } }", "variables": {"f": {"withDependencies": true, "depth": 99999999999}}}`, 200, "invalid"},
		{"a negative depth", "application/json", "", `{"query": "{ feed(filter: {withDependencies: true, depth: -1}) { next } }"}`, 200, "invalid"},
		{"a fraction", "application/json", "", `{"query": "query ($n: Int) { entities(first: $n) { total } }", "variables": {"n": 1.5}}`, 200, "invalid"},
		{"a wrong time", "application/json", "", `{"query": "{ entity(ref: \"service:a\", at: \"yesterday\") { ref } }"}`, 200, "invalid"},
		{"a wrong kind", "application/json", "", `{"query": "{ entities(filter: {kinds: [planet]}) { total } }"}`, 200, "invalid"},
		{"a wrong kind by variable", "application/json", "", `{"query": "query ($k: [EntityKind!]) { search(q: \"a\", kinds: $k) { ref } }", "variables": {"k": ["planet"]}}`, 200, "invalid"},
		{"too few", "application/json", "", `{"query": "{ entities(first: 0) { total } }"}`, 200, "invalid"},
		{"too many", "application/json", "", `{"query": "{ feed(first: 201) { next } }"}`, 200, "invalid"},
		{"a wrong cursor", "application/json", "", `{"query": "{ feed(after: \"x\") { next } entities(after: \"x\") { next } unclaimed(after: \"x\") { next } }"}`, 200, "invalid"},
		{"an unknown service", "application/json", "", `{"query": "{ feed(filter: {services: [\"nowhere\"]}) { next } }"}`, 200, "invalid"},
		{"an unknown event kind", "application/json", "", `{"query": "{ feed(filter: {kinds: [\"dance\"]}) { next } }"}`, 200, "invalid"},
		{"many environments", "application/json", "", `{"query": "query ($f: FeedFilter) { feed(filter: $f) { next } }", "variables": {"f": {"environments": [` + strings.Repeat(`"a",`, 40_000) + `"a"]}}}`, 200, "invalid"},
		{"many services", "application/json", "", `{"query": "query ($f: FeedFilter) { feed(filter: $f) { next } }", "variables": {"f": {"services": [` + strings.Repeat(`"ledger",`, 40_000) + `"ledger"]}}}`, 200, "invalid"},
		{"too deep dependencies", "application/json", "", `{"query": "{ feed(filter: {withDependencies: true, depth: 11}) { next } }"}`, 200, "invalid"},
		{"a subscription without a stream", "application/json", "", `{"query": "subscription { events { cursor } }"}`, 406, "invalid"},
	} {
		w := send(handler, test.contentType, test.accept, test.body)
		var a answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Errorf("%s: %v: %s", test.name, err, w.Body)
			continue
		}
		code := ""
		for _, e := range a.Errors {
			code = e.Extensions.Code
		}
		if w.Code != test.status || code != test.code {
			t.Errorf("%s: got %d %q, want %d %q: %.300s", test.name, w.Code, code, test.status, test.code, w.Body)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodOptions} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, "/graphql?query={viewer{name}}", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d", method, w.Code)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	bomb := &strings.Builder{}
	for i := range 50 {
		fmt.Fprintf(bomb, "fragment f%d on Query { ...f%d ... on Query { ...f%d } } ", i, i+1, i+1)
	}
	nested := &strings.Builder{}
	for i := range 9 {
		fmt.Fprintf(nested, "fragment f%d on Entity { ", i)
		for j := range 20 {
			fmt.Fprintf(nested, "a%d: owner { ...f%d } ", j, i+1)
		}
		nested.WriteString("} ")
	}
	for _, test := range []struct{ name, query, code string }{
		{"deep enough", `{ entity(ref: "service:ledger") ` + strings.Repeat(`{ owner `, 10) + "{ ref }" + strings.Repeat("}", 11), ""},
		{"too deep", `{ entity(ref: "service:ledger") ` + strings.Repeat(`{ owner `, 11) + "{ ref }" + strings.Repeat("}", 12), "too_large"},
		{"deep by fragments", `{ entity(ref: "service:ledger") { ...a } } fragment a on Entity { owner { owner { owner { ...b } } } } fragment b on Entity { owner { owner { owner { owner { owner { owner { owner { owner { ref } } } } } } } } }`, "too_large"},
		{"large pages", `{ entities(first: 1000) { nodes { dependsOn { entity { dependedOnBy { entity { ref } } } } } } }`, "too_large"},
		{"many of one field", `{` + aliases("entities(first: 900) { nodes { ref } } ", 140) + `}`, "too_large"},
		{"many dear fields", `{` + aliases(`facets(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z") { kinds { value } } `, 100) + `}`, "too_large"},
		{"a bomb of fragments", `{ ...f0 } ` + bomb.String() + "fragment f50 on Query { viewer { name } }", "too_large"},
		{"a bomb of nested fragments", `{ entity(ref: "service:ledger") { ...f0 } } ` + nested.String() + "fragment f9 on Entity { ref }", "too_large"},
		{"one field often", `{` + strings.Repeat("__typename ", 100) + `}`, ""},
		{"one field over and over", `{` + strings.Repeat("__typename ", 1900) + `}`, "too_large"},
		{"one field over and over, apart", `{` + strings.Repeat("viewer { name name name } ", 40) + `}`, "too_large"},
		{"one field over and over, by fragments", `{ ` + strings.Repeat("viewer { ...a } ", 20) + `} fragment a on Viewer { ` + strings.Repeat("name ", 20) + `}`, "too_large"},
		{"one field over and over, of no operation", `{ viewer { name } } fragment a on Query { ` + strings.Repeat("... { __typename } ", 200) + `}`, "too_large"},
		{"too many words", `{` + aliases("viewer { name } ", 1500) + `}`, "invalid"},
		{"an endless circle", `{ ...a } fragment a on Query { ...a }`, "invalid"},
		{"deep introspection", `{ __schema { types { ` + strings.Repeat("fields { type { ", 6) + "name" + strings.Repeat("} }", 6) + ` } } }`, "invalid"},
	} {
		status, a := h.post(t, test.query, nil)
		code := ""
		if len(a.Errors) > 0 {
			code = a.Errors[0].Extensions.Code
		}
		if status != http.StatusOK || code != test.code {
			t.Errorf("%s: got %d %q, want %q: %.2v", test.name, status, code, test.code, a.Errors)
		}
	}
}

func aliases(field string, n int) string {
	text := &strings.Builder{}
	for i := range n {
		fmt.Fprintf(text, "a%d: %s", i, field)
	}
	return text.String()
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	data := h.ask(t, introspection.Query, nil)
	if n := len(dig(t, data, "__schema", "types").([]any)); n < 40 {
		t.Errorf("the schema has %d types", n)
	}
}

// TestBudget asks for what a measure of the query alone cannot foresee: a hub that everybody depends on.
func TestBudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	statements := []catalog.Statement{say(t, "service:hub", nil)}
	for i := range 400 {
		statements = append(statements, say(t, fmt.Sprintf("service:leaf-%d", i), map[string]any{"depends-on/service:hub": "declared"}))
	}
	h.apply(t, statements...)
	_, a := h.post(t, `{ entity(ref: "service:hub") { dependedOnBy { entity { dependsOn { entity { dependedOnBy { entity { dependsOn { entity { ref } } } } } } } } } }`, nil)
	if len(a.Errors) == 0 || a.Errors[0].Extensions.Code != "too_large" {
		t.Errorf("errors are %.300v", a.Errors)
	}
}

// broken is a writer that fails in one way or another.
type broken struct{}

func (broken) Apply(context.Context, []catalog.Statement) (catalog.Applied, error) {
	return catalog.Applied{}, errors.New("password=hunter2")
}

func (broken) Describe(context.Context, []descriptor.Document, bool) ([]descriptor.Outcome, error) {
	panic("password=hunter2")
}

func (broken) Claim(ctx context.Context, _ string, _ catalog.Ref) (catalog.Claimed, error) {
	return catalog.Claimed{}, fmt.Errorf("claim: %w", context.DeadlineExceeded)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	h.api = graph.New(graph.Deps{Roll: h.roll, Feed: h.feed, Writer: broken{}})
	for _, test := range []struct{ query, code string }{
		{`mutation { putEntity(ref: "service:a", fields: []) { ref } }`, "internal"},
		{`mutation { applyDescriptors(documents: []) { name } }`, "internal"},
		{`mutation { claimAlias(alias: "a:b", ref: "service:ledger") { events } }`, "unavailable"},
		{`{ story(id: "0195f8a0-0000-7000-8000-000000000000") { id } }`, "not_found"},
	} {
		w := send(h.handler(access.Administrator), "application/json", "", bodyOf(test.query))
		var a answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != test.code || w.Code != http.StatusOK {
			t.Errorf("%s: got %d %+v, want %s", test.query, w.Code, a.Errors, test.code)
		}
		if strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: the text of an internal error reached the client", test.query)
		}
	}
	if a := h.as(t, access.Administrator, `{ sources { name } }`); len(a.Errors) > 0 || len(a.Data["sources"].([]any)) != 0 {
		t.Errorf("without sources: %+v", a)
	}
}

func FuzzQuery(f *testing.F) {
	h := newHouse(f)
	northwind(f, h)
	deploys(f, h)
	handler := h.handler(access.Administrator)
	for _, query := range []string{
		`{ viewer { name counts { kind count } } kinds { name } sources { name } }`,
		`query ($ref: String!) { entity(ref: $ref, at: "2026-01-01T00:00:00Z") { ref facts { field value } running { version } lastEvent { title } descriptor } }`,
		`{ entities(filter: {q: "checkout", tags: ["pci"]}, sort: last_change, first: 2) { total next nodes { ref owner { ref } } facets { name values { value } } } }`,
		`{ feed(filter: {services: ["checkout-api"], withDependencies: true, depth: 3}, first: 5) { next rows { id shape subjects { ref } events { id } } } }`,
		`{ histogram(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z") { people } facets(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z") { kinds { value } } }`,
		`mutation { putEntity(ref: "service:new", fields: [{field: "tag/a", value: {b: [1, 2.5, "c", null]}}]) { ref } }`,
		`mutation { applyDescriptors(documents: [{name: "a.yaml", content: "service: a"}], dryRun: true) { name faults { detail } } }`,
		`{ search(q: "a") { ...e } } fragment e on Entity { ref @include(if: true) ... on Entity { name @skip(if: false) } }`,
		`{ __schema { types { name } } __type(name: "Event") { fields { name } } }`,
		`{ unclaimed(after: "MSBhOmI") { nodes { alias example { id } suggestions { score } } } event(id: "x") { id } story(id: "x") { id } }`,
	} {
		f.Add(query, `{"ref": "service:ledger"}`)
	}
	f.Fuzz(func(t *testing.T, query, variables string) {
		if !json.Valid([]byte(variables)) {
			variables = "null"
		}
		text, err := json.Marshal(query)
		if err != nil {
			t.Fatal(err)
		}
		w := send(handler, "application/json", "", `{"query": `+string(text)+`, "variables": `+variables+`}`)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
		var a answer
		_ = json.Unmarshal(w.Body.Bytes(), &a)
		for _, e := range a.Errors {
			if e.Extensions.Code == "" || e.Extensions.Code == "internal" {
				t.Errorf("%+v", e)
			}
		}
	})
}
