package consul_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/fleet"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/consul"
	"tidings.dev/tidings/observe"
)

// fakeConsul is an honest fake of the two lists that are asked for, in the form of Consul's documentation.
func fakeConsul(t *testing.T, instances map[string][]string, status *int) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request, value any) {
		switch {
		case *status != 0:
			w.WriteHeader(*status)
		case r.Header.Get("X-Consul-Token") != "a-token":
			http.Error(w, "ACL not found", http.StatusForbidden)
		default:
			_ = json.NewEncoder(w).Encode(value)
		}
	}
	mux.HandleFunc("GET /v1/catalog/services", func(w http.ResponseWriter, r *http.Request) {
		names := map[string][]string{"consul": {}}
		for name := range instances {
			names[name] = []string{}
		}
		answer(w, r, names)
	})
	mux.HandleFunc("GET /v1/health/service/{name}", func(w http.ResponseWriter, r *http.Request) {
		list := []any{}
		for i, version := range instances[r.PathValue("name")] {
			status := "passing"
			if version == "bad" {
				status = "critical"
			}
			kind := ""
			if strings.HasSuffix(r.PathValue("name"), "-proxy") {
				kind = "connect-proxy"
			}
			list = append(list, map[string]any{
				"Node": map[string]any{"ID": fmt.Sprint("n", i), "Node": fmt.Sprint("node-", i), "Address": fmt.Sprint("10.0.0.", i), "Datacenter": "eu-1"},
				"Service": map[string]any{
					"Kind": kind, "ID": fmt.Sprint("pricing-", i), "Service": r.PathValue("name"), "Address": "", "Port": 8080, "Tags": []string{"version=" + version},
					"Meta": map[string]string{"env": "prd"},
				},
				"Checks": []any{map[string]any{"Name": "Serf Health Status", "Status": "passing"}, map[string]any{"Name": "HTTP", "Status": status}},
			})
		}
		answer(w, r, list)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

type sink map[string]observe.Observation

func (s sink) Put(o observe.Observation) { s[o.Object] = o }
func (s sink) Complete(string)           { s["complete"] = observe.Observation{} }
func (s sink) Trouble(string, string)    {}

func source(t *testing.T, server *httptest.Server) integration.Seer {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	c := &consul.Config{Address: server.URL}
	c.Services, c.Environments = map[string]string{"pricing-api": "pricing"}, map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Token)
	c.Use(server.Client())
	opened, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return opened.(integration.Seer)
}

func TestSee(t *testing.T) {
	status := 0
	instances := map[string][]string{"pricing-api": {"4.1", "4.2", "4.2", "bad"}, "pricing-proxy": {"1"}, "empty": {}}
	seer := source(t, fakeConsul(t, instances, &status))
	seen := sink{}
	if err := seer.See(t.Context(), nil, seen); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 { // with the mark that all were seen, and a service that has no instance yet
		t.Errorf("saw %v", seen)
	}
	var state fleet.State
	if err := json.Unmarshal(seen["service/pricing-api"].State, &state); err != nil {
		t.Fatal(err)
	}
	if state.Subject != "service:pricing" || state.Environment != "production" || state.Region != "eu-1" || state.Count != 4 ||
		state.Instances[0].Address != "10.0.0.0:8080" || state.Instances[3].Trouble != "The check HTTP is critical" {
		t.Errorf("got %+v", state)
	}
	running, ok := consul.Spec.Interpreter.Running(seer.Scope(), seen["service/pricing-api"].State)
	if !ok || running.Version != "4.2" || running.Ready != 3 || *running.Asked != 4 || running.Phase != "progressing" {
		t.Errorf("got %+v", running)
	}
}

// What cannot be seen is not gone.
func TestFailures(t *testing.T) {
	for status, code := range map[int]fault.Code{http.StatusForbidden: fault.Forbidden, http.StatusInternalServerError: fault.Unavailable, http.StatusTooManyRequests: fault.RateLimited} {
		seen := sink{}
		if err := source(t, fakeConsul(t, map[string][]string{"pricing-api": {"1"}}, &status)).See(t.Context(), nil, seen); !fault.Is(err, code) || len(seen) > 0 {
			t.Errorf("%d: got %v, and saw %v", status, err, seen)
		}
	}
}
