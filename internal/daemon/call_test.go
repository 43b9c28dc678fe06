package daemon_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// Somebody is paged from an incident: the promise is kept in the same commit, and the timeline tells what became of it.
func TestPageForAnIncident(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		var asked atomic.Int64
		pagerDuty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) == 1 {
				w.WriteHeader(http.StatusBadGateway) // once
				return
			}
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(`{"status":"success","message":"Event processed","dedup_key":"x"}`))
		}))
		t.Cleanup(pagerDuty.Close)
		key := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(key, []byte("a-routing-key"), 0o600); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "tidings.yaml")
		text := "sources:\n  - {name: pager, type: pagerduty, allow: [127.0.0.1], routing_key: 'file:" + key + "', events_api: '" + pagerDuty.URL + "'}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := daemon.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		config.Sources = read.Sources
		url := server(t, config)
		post := func(path, body string, want int) object {
			t.Helper()
			return call(t, http.MethodPost, url+"/api/v1/"+path, "application/json", body, want)
		}
		timeline := func() string {
			t.Helper()
			var all []string
			for _, entry := range call(t, http.MethodGet, url+"/api/v1/incidents/1/timeline", "", "", http.StatusOK)["entries"].([]any) {
				if e := entry.(object); e["kind"] == "called" {
					all = append(all, e["fields"].(object)["phase"].(string))
				}
			}
			return strings.Join(all, ", ")
		}
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml", "name: checkout\n", http.StatusOK)
		post("incidents", `{"title":"Checkout fails","services":["checkout"]}`, http.StatusCreated)
		if problem := post("incidents/1/page", `{"source":"another"}`, http.StatusBadRequest); !strings.Contains(problem["faults"].([]any)[0].(object)["detail"].(string), "pager") {
			t.Errorf("got %v: the sources that there are should be named", problem)
		}
		for range 2 { // who presses twice pages once
			post("incidents/1/page", `{"text":"the rollback did not help"}`, http.StatusAccepted)
		}
		eventually(t, "the page, which failed once", func() bool { return timeline() == "asked, failed, taken" })
		if got := asked.Load(); got != 2 {
			t.Errorf("PagerDuty was asked %d times, want 2: once in vain", got)
		}
		call(t, http.MethodPatch, url+"/api/v1/incidents/1", "application/json", `{"status":"resolved"}`, http.StatusOK)
		post("incidents/1/page", `{}`, http.StatusConflict)
	})
}

func TestNothingToPageWith(t *testing.T) {
	t.Parallel()
	url := server(t, settings(func(c *daemon.Config) { c.Data = t.TempDir() }))
	call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml", "name: checkout\n", http.StatusOK)
	call(t, http.MethodPost, url+"/api/v1/incidents", "application/json", `{"title":"Checkout fails","services":["checkout"]}`, http.StatusCreated)
	problem := call(t, http.MethodPost, url+"/api/v1/incidents/1/page", "application/json", `{}`, http.StatusConflict)
	if detail, _ := problem["detail"].(string); !strings.Contains(detail, "routing key") {
		t.Errorf("got %v: it should say what to set up", problem)
	}
}
