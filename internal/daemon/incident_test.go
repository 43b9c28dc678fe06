package daemon_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// A page fires: there is an incident with its suspects, a verdict moves the track record, and what was ranked stays when it is
// over.
func TestFromPageToPostMortem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		page := time.Now().Add(-10 * time.Minute).UTC()
		at := func(after time.Duration) string { return page.Add(after).Format(time.RFC3339Nano) }
		post := func(path, body string, want int) object {
			t.Helper()
			return call(t, http.MethodPost, url+"/api/v1/"+path, "application/json", body, want)
		}
		get := func(path string) object {
			t.Helper()
			return call(t, http.MethodGet, url+"/api/v1/"+path, "", "", http.StatusOK)
		}
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml", "name: checkout\ndepends_on: [pricing]\n---\nname: pricing\n", http.StatusOK)
		deploy := post("events", fmt.Sprintf(`{"title":"pricing 1.42","kind":"deploy","version":"1.42","service":"pricing","environment":"production","started_at":%q}`, at(-7*time.Minute)), http.StatusCreated)
		event := deploy["events"].([]any)[0].(object)["id"].(string)
		post("events", fmt.Sprintf(`{"title":"search 7","kind":"deploy","version":"7","service":"search","environment":"production","started_at":%q}`, at(-time.Minute)), http.StatusCreated)
		alert := `{"source":"alerts","key":"a","kind":"alert","phase":%q,"title":"checkout fails","service":"checkout","environment":"production","labels":{"severity":"critical"},"started_at":%q%s}`
		post("events", fmt.Sprintf(alert, "started", at(0), ""), http.StatusCreated)
		eventually(t, "the incident", func() bool { return len(get("incidents?service=checkout")["incidents"].([]any)) == 1 })

		ranking := get("incidents/1/suspects")
		suspects := ranking["suspects"].([]any)
		if len(suspects) == 0 || suspects[0].(object)["event"].(object)["id"] != event {
			t.Fatalf("the first suspect is not the deploy: %v", suspects)
		}
		verdict := post("incidents/INC-1/verdicts", fmt.Sprintf(`{"event":%q,"finding":"caused","reason":"it was the cache"}`, event), http.StatusCreated)
		if verdict["rank"] != 1.0 || verdict["recency"] != 2.0 {
			t.Errorf("the verdict is %v: the deploy is first of the ranking, and second by recency", verdict)
		}
		record := get("suspects/record")
		if record["incidents"] != 1.0 || record["ranker"].(object)["at_1"] != 1.0 || record["recency"].(object)["at_1"] != 0.0 || record["recency"].(object)["at_3"] != 1.0 {
			t.Errorf("the track record is %v", record)
		}
		call(t, http.MethodPatch, url+"/api/v1/incidents/1", "application/json", `{"status":"resolved","text":"rolled back","roles":{"commander":"ines"}}`, http.StatusOK)
		before := get("incidents/1/suspects")
		post("events", fmt.Sprintf(`{"title":"pricing flag","kind":"flag","service":"pricing","environment":"production","started_at":%q}`, at(-2*time.Minute)), http.StatusCreated)
		after := get("incidents/1/suspects")
		if before["considered"] != after["considered"] || after["suspects"].([]any)[0].(object)["verdict"] != "caused" {
			t.Errorf("the ranking of a resolved incident changed from %v to %v", before["considered"], after["considered"])
		}
		if again := get("incidents/1/suspects?again=1"); again["considered"] == after["considered"] {
			t.Errorf("asked for again, it looked at %v changes", again["considered"])
		}
		answer, err := http.Get(url + "/api/v1/incidents/1/export?zone=Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"# INC-1: checkout fails", "pricing 1.42", "**it was this**", "it was the cache", "rolled back", "person:ines", "## Timeline"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the report does not say %q:\n%s", want, text)
			}
		}
	})
}

// An incident that somebody opens is in the log of its service, and ends there when it does.
func TestByHand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		call(t, http.MethodPost, url+"/api/v1/descriptors", "application/yaml", "name: pricing\n", http.StatusOK)
		post(t, url+"/api/v1/incidents", `{"title":"Prices are wrong","services":["pricing"]}`)
		told := func() object {
			events := get(t, url+"/api/v1/events?service=pricing&kind=incident")["events"].([]any)
			if len(events) != 1 {
				t.Fatalf("%d events, want one", len(events))
			}
			return events[0].(object)
		}
		if e := told(); e["phase"] != "started" || e["title"] != "Prices are wrong" {
			t.Errorf("told %v", e)
		}
		troubles := func() []any {
			t.Helper()
			const query = `{"query":"{ entity(ref: \"service:pricing\") { openIncidents { number } } }"}`
			answer := call(t, http.MethodPost, url+"/graphql", "application/json", query, http.StatusOK)
			return answer["data"].(object)["entity"].(object)["openIncidents"].([]any)
		}
		if found := troubles(); len(found) != 1 || found[0].(object)["number"] != 1.0 {
			t.Errorf("the service is in trouble with %v, want its incident", found)
		}
		call(t, http.MethodPatch, url+"/api/v1/incidents/1", "application/json", `{"status":"resolved"}`, http.StatusOK)
		if found := troubles(); len(found) != 0 {
			t.Errorf("what is over is still a trouble: %v", found)
		}
		if e := told(); e["phase"] != "succeeded" {
			t.Errorf("when it ended: %v", e)
		}
		if n := len(get(t, url+"/api/v1/incidents")["incidents"].([]any)); n != 1 {
			t.Errorf("%d incidents, want the one", n)
		}
	})
}
