package daemon_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// fetch reads a whole answer.
func fetch(t *testing.T, address string) (int, http.Header, string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestReadyzNamesEveryCheck(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		status, _, body := fetch(t, url+"/readyz")
		if status != http.StatusOK {
			t.Errorf("got %d: %s", status, body)
		}
		var names []string
		for line := range strings.Lines(body) {
			var check daemon.Check
			if err := json.Unmarshal([]byte(line), &check); err != nil || !check.OK {
				t.Errorf("%s: %v", line, err)
			}
			names = append(names, check.Check)
		}
		if got := strings.Join(names, " "); got != "database writes disk roll draining" {
			t.Errorf("got %s", got)
		}
	})
}

// With too little room on the disk nothing is taken in, and it says so; what is there can still be read.
func TestAFullDiskRefusesWritesAndSaysSo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first, err := daemon.Open(t.Context(), settings(func(c *daemon.Config) { c.Data = data }))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	url := server(t, settings(func(c *daemon.Config) { c.Data, c.LeastFree = data, 1<<30 })) // more than any disk has
	eventually(t, "the refusal", func() bool {
		status, _, _ := fetch(t, url+"/readyz")
		return status == http.StatusServiceUnavailable
	})
	_, _, body := fetch(t, url+"/readyz")
	if !strings.Contains(body, `"check":"disk","ok":false`) {
		t.Errorf("got %s", body)
	}
	response, err := http.Post(url+"/api/v1/events", "application/json", strings.NewReader(`{"title":"x","service":"pricing"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "60" || !strings.Contains(string(answer), "free some") {
		t.Errorf("got %d, %s", response.StatusCode, answer)
	}
	if status, _, _ := fetch(t, url+"/api/v1/events"); status != http.StatusOK {
		t.Errorf("reading answers %d", status)
	}
	if _, _, metrics := fetch(t, url+"/metrics"); strings.Contains(metrics, `tidings_shed_total{reason="disk"} 0`) {
		t.Error("what was refused is not counted")
	}
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		for _, body := range []string{
			`{"source":"ci","key":"1","title":"a","service":"pricing"}`,
			`{"source":"ci","key":"1","title":"a","service":"pricing"}`,
			`{"source":"ci","key":"2","title":"a","service":"pricing","started_at":"1999-01-01T00:00:00Z"}`,
		} {
			response, err := http.Post(url+"/api/v1/events", "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
		call(t, http.MethodPost, url+"/graphql", "application/json", `{"query":"{ feed(first: 5) { rows { id } } }"}`, http.StatusOK)
		fetch(t, url+"/nothing/here?token=canary")
		response, err := http.Get(url + "/api/v1/stream")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the live reader", func() bool {
			_, _, metrics := fetch(t, url+"/metrics")
			return strings.Contains(metrics, "tidings_live_readers 1")
		})
		_, _, metrics := fetch(t, url+"/metrics")
		for _, want := range []string{
			`tidings_events_total{source="ci",status="recorded"} 1`,
			`tidings_events_total{source="ci",status="duplicate"} 1`,
			`tidings_http_request_duration_seconds_count{method="POST",route="/api/v1/events",status="201"} 2`,
			`tidings_http_request_duration_seconds_count{method="POST",route="/api/v1/events",status="400"} 1`,
			`tidings_http_request_duration_seconds_count{method="POST",route="/graphql",status="200"} 1`,
			`tidings_graphql_operation_cost_count{type="query"} 1`,
			`tidings_feed_query_duration_seconds_count{query="feed"} `,
			`tidings_commit_events_count `, `tidings_streams_open 1`,
			`tidings_roll_entities{kind="service"} 2`, `tidings_ready{check="database"} 1`,
			`tidings_database_connections{pool="read",state="used"} `, `tidings_database_size_bytes `,
			`tidings_shed_total{reason="body"} 0`, `tidings_build_info{`,
		} {
			if !strings.Contains(metrics, want) {
				t.Errorf("%s is not there", want)
			}
		}
		if strings.Contains(metrics, "canary") {
			t.Error("a query is in the metrics")
		}
		response.Body.Close()
		eventually(t, "the end of the stream", func() bool {
			_, _, metrics := fetch(t, url+"/metrics")
			return strings.Contains(metrics, "tidings_streams_open 0")
		})
	})
}

// The id of a request stands in the answer and on its lines of the log; a stranger cannot choose it, a proxy can.
func TestRequestsHaveIDs(t *testing.T) {
	t.Parallel()
	ask := func(url, id string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Request-Id", id)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.Header.Get("X-Request-Id")
	}
	straight := server(t, settings(func(c *daemon.Config) { c.Data = t.TempDir() }))
	one, two := ask(straight, "mine"), ask(straight, "mine")
	if one == "mine" || one == two || len(one) < 20 {
		t.Errorf("got %q and %q", one, two)
	}
	behind := server(t, settings(func(c *daemon.Config) { c.Data, c.TrustedProxies = t.TempDir(), []string{"127.0.0.0/8"} }))
	if got := ask(behind, "envoy-7"); got != "envoy-7" {
		t.Errorf("got %q", got)
	}
	if got := ask(behind, `x" y="z`); strings.Contains(got, `"`) {
		t.Errorf("got %q", got)
	}
}
