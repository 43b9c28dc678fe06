package daemon_test

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/telemetry"
)

// collector is a receiver of OTLP/HTTP.
type collector struct {
	mu    sync.Mutex
	spans []*tracepb.Span
	raw   strings.Builder
	odd   []string
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request tracepb.TracesData // as ExportTraceServiceRequest on the wire
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || r.Header.Get("Api-Key") != "a b" {
		c.odd = append(c.odd, r.URL.Path+" "+r.Header.Get("Content-Type"))
	}
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

func (c *collector) find(name string, in []byte) *tracepb.Span {
	for _, span := range c.spans {
		if span.GetName() == name && (in == nil || string(span.GetTraceId()) == string(in)) {
			return span
		}
	}
	return nil
}

// traced is a configuration that sends to an address, as the variables say it.
func traced(t *testing.T, config daemon.Config, address string) daemon.Config {
	t.Helper()
	variables := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": address + "/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b"}
	var err error
	config.Traces.Allow = []string{"127.0.0.1"}
	config.Traces.Settings, err = telemetry.Environment(func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestARequestIsASpanAndItsCommitAChild(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		received := &collector{}
		server := httptest.NewServer(received)
		defer server.Close()
		d := open(t, traced(t, config, server.URL))
		const parent = "0af7651916cd43dd8448eb211c80319c"
		ask := func(method, path, body string) string {
			r, err := http.NewRequestWithContext(t.Context(), method, d.URL()+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Canary", "canary-header")
			r.Header.Set("Traceparent", "00-"+parent+"-b7ad6b7169203331-01")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode >= 300 {
				t.Errorf("%s %s answers %d", method, path, answer.StatusCode)
			}
			return answer.Header.Get("X-Request-Id")
		}
		id := ask(http.MethodPost, "/api/v1/events", `{"title":"canary-title","service":"tidings"}`)
		ask(http.MethodGet, "/api/v1/events?q=canary-query", "")
		stop(t, d) // which sends what is left

		received.mu.Lock()
		defer received.mu.Unlock()
		trace, _ := hex.DecodeString(parent)
		wrote, read := received.find("POST /api/v1/events", trace), received.find("GET /api/v1/events", trace)
		commit, query := received.find("commit", trace), received.find("query feed", trace)
		if wrote == nil || read == nil || commit == nil || query == nil {
			t.Fatalf("spans are missing among %v", received.spans)
		}
		if hex.EncodeToString(wrote.GetParentSpanId()) != "b7ad6b7169203331" || wrote.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
			t.Errorf("the request: got %v", wrote)
		}
		attributes := map[string]string{}
		for _, one := range wrote.GetAttributes() {
			attributes[one.GetKey()] = one.GetValue().String()
		}
		if !strings.Contains(attributes["tidings.request_id"], id) || !strings.Contains(attributes["http.response.status_code"], "201") || !strings.Contains(attributes["http.route"], "/api/v1/events") {
			t.Errorf("got %v", attributes)
		}
		if string(commit.GetParentSpanId()) != string(wrote.GetSpanId()) || string(query.GetParentSpanId()) != string(read.GetSpanId()) {
			t.Errorf("the commit and the query are not children of their requests: %v, %v", commit, query)
		}
		if commit.GetEndTimeUnixNano() <= commit.GetStartTimeUnixNano() {
			t.Error("the commit took no time")
		}
		if strings.Contains(received.raw.String(), "canary") {
			t.Error("a query, a header or a title is in the traces")
		}
		if len(received.odd) > 0 {
			t.Errorf("posts that a collector would refuse: %v", received.odd)
		}
	})
}

// A collector that never answers holds up neither a request nor, for long, the end.
func TestACollectorThatIsAwayCostsNothing(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hangs.Close()
	defer close(release)
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	d := open(t, traced(t, config, hangs.URL))
	for range 3000 { // more than the queue of spans holds
		if status, _, _ := fetch(t, d.URL()+"/api/v1/entities/service/tidings"); status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Close(context.Background()) }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("the end waits for the collector")
	}
}

func TestTracesAreOffUnlessAsked(t *testing.T) {
	t.Parallel()
	for _, variables := range []map[string]string{
		{},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_TRACES_EXPORTER": "none"},
	} {
		got, err := telemetry.Environment(func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
		if err != nil || got.Endpoint != "" {
			t.Errorf("%v: got %v, %v", variables, got, err)
		}
	}
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_HEADERS": "canary", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s",
	} {
		variables := map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces", name: value}
		if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
			delete(variables, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
		}
		_, err := telemetry.Environment(func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s=%s: got %v", name, value, err)
		}
	}
}
