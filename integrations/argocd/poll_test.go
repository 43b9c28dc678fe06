package argocd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/argocd"
)

type object = map[string]any

// fakeArgoCD is an honest fake of the two requests that are made, in the form of Argo CD's API: of a list it gives the fields
// that the real one can give alone.
type fakeArgoCD struct {
	apps   map[string]object // by name
	status int
	body   string
	asked  map[string]int
	url    string
}

func newArgoCD(t *testing.T) *fakeArgoCD {
	f := &fakeArgoCD{apps: map[string]object{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	guarded := func(what string, answer func(r *http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			f.asked[what]++
			switch {
			case f.status != 0:
				w.WriteHeader(f.status)
				_, _ = w.Write([]byte(f.body))
			case r.Header.Get("Authorization") != "Bearer "+integrationtest.SecretValue:
				http.Error(w, `{"error":"invalid session","code":16,"message":"invalid session"}`, http.StatusUnauthorized)
			default:
				value := answer(r)
				if value == nil {
					http.Error(w, `{"error":"not found","code":5,"message":"not found"}`, http.StatusNotFound)
					return
				}
				_ = json.NewEncoder(w).Encode(value)
			}
		}
	}
	mux.HandleFunc("GET /api/v1/applications", guarded("list", func(r *http.Request) any {
		fields := r.URL.Query().Get("fields")
		items := []any{}
		for _, name := range slices.Sorted(maps.Keys(f.apps)) {
			a := f.apps[name]
			status := a["status"].(object)
			short := object{"metadata": object{"name": name, "namespace": a["metadata"].(object)["namespace"]}, "status": object{"health": status["health"]}}
			if o, ok := status["operationState"].(object); ok && strings.Contains(fields, "items.status.operationState.phase") {
				short["status"].(object)["operationState"] = object{"phase": o["phase"], "startedAt": o["startedAt"], "finishedAt": o["finishedAt"]}
			}
			items = append(items, short)
		}
		return object{"metadata": object{}, "items": items}
	}))
	mux.HandleFunc("GET /api/v1/applications/{name}", guarded("get", func(r *http.Request) any {
		a, found := f.apps[r.PathValue("name")]
		if !found || r.URL.Query().Get("appNamespace") != "argocd" {
			return nil
		}
		return a
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// payments is the application of the fixtures.
func payments() object {
	return object{
		"metadata": object{"name": "payments-prod", "namespace": "argocd", "uid": "0b2c1d94-5f0e-4d0b-9a53-6a5f8a1f0c11"},
		"spec":     object{"project": "shop", "destination": object{"name": "prod-eu", "namespace": "payments"}, "source": object{"repoURL": "https://github.com/acme/deploy"}},
		"status": object{
			"health": object{"status": "Healthy"}, "reconciledAt": "2026-11-22T02:50:00Z", "summary": object{"images": []string{"registry.acme.example/shop/payments:2.13.0"}},
			"history": []object{
				{"id": 1, "revision": "0000000c4d5e6f708192a3b4c5d6e7f8091a2b3c", "deployStartedAt": "2026-10-01T10:00:00Z", "deployedAt": "2026-10-01T10:01:00Z"},
				{"id": 2, "revision": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "deployStartedAt": "2026-11-21T10:00:00Z", "deployedAt": "2026-11-21T10:01:00Z", "initiatedBy": object{"username": "ada"}},
			},
			"operationState": object{
				"phase": "Running", "message": "", "startedAt": "2026-11-22T02:51:10Z", "operation": object{"initiatedBy": object{"automated": true}, "sync": object{"revision": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01"}},
				"syncResult": object{"revision": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01"},
			},
		},
	}
}

func poller(t *testing.T, f *fakeArgoCD, change func(c *argocd.Config)) integration.Poller {
	t.Helper()
	t.Setenv(integrationtest.Secret, integrationtest.SecretValue)
	c := config()
	c.Address, c.Backfill = f.url+"/", "1825d"
	integrationtest.Refer(&c.Token)
	if change != nil {
		change(c)
	}
	c.Use(http.DefaultClient)
	opened, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return opened.(integration.Poller)
}

func lines(events []change.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, fmt.Sprint(e.Kind, " ", e.Phase, " ", e.Title, " by ", e.Actor.Name))
	}
	return list
}

// What a fake Argo CD says of its applications is what its notifications would tell, under the same keys; what was committed is
// not asked for again.
func TestPollAFakeArgoCD(t *testing.T) {
	f := newArgoCD(t)
	app := payments()
	f.apps["payments-prod"] = app
	source := poller(t, f, nil)
	cursor := ""
	expect := func(what string, commit bool, want ...string) []change.Event {
		t.Helper()
		look, err := source.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(look.Events); !slices.Equal(got, want) || look.Problem != "" || look.More {
			t.Errorf("%s: got %q, want %q (%q)", what, got, want, look.Problem)
		}
		if commit {
			cursor = look.Cursor
		}
		return look.Events
	}
	past := []string{"deploy succeeded Deployed payments-prod to production at 0000000 by ", "deploy succeeded Deployed payments-prod to production at 1a2b3c4 by ada"}
	running := append(slices.Clone(past), "deploy started Deployed payments-prod to production at 9f1c2e4 by Argo CD")
	expect("a look that is not committed", false, running...)
	seen := expect("the first look", true, running...)
	expect("nothing new", true)

	status := app["status"].(object)
	o := status["operationState"].(object)
	o["phase"], o["finishedAt"], o["message"] = "Succeeded", "2026-11-22T02:52:40Z", "successfully synced (all tasks run)"
	o["syncResult"].(object)["resources"] = []object{{"kind": "Deployment", "images": []string{"registry.acme.example/shop/payments:2.14.0"}}}
	status["history"] = append(status["history"].([]object), object{"revision": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "deployStartedAt": "2026-11-22T02:51:10Z", "deployedAt": "2026-11-22T02:52:40Z"})
	ended := expect("it ends", true, append(slices.Clone(past), "deploy succeeded Deployed payments-prod to production at 9f1c2e4 by Argo CD")...)

	told, err := source.(integration.Receiver).Decode(integrationtest.Read(t, "testdata/sync-succeeded.txtar", nil).Delivery)
	if err != nil {
		t.Fatal(err)
	}
	want, got := told.Events[0], ended[2]
	got.Links[0].URL = strings.Replace(got.Links[0].URL, f.url, "https://argocd.acme.example", 1)
	want.Normalize(time.Now(), "")
	got.ID, got.ReceivedAt = want.ID, want.ReceivedAt
	if a, b := string(want.AppendDocument(nil)), string(got.AppendDocument(nil)); a != b || seen[2].Key != want.Key {
		t.Errorf("told as %s\nand seen as %s", a, b)
	}

	status["health"] = object{"status": "Degraded", "lastTransitionTime": "2026-11-22T03:10:00Z"}
	status["resources"] = []object{{"kind": "Deployment", "name": "payments", "health": object{"status": "Degraded"}}}
	unwell := expect("it degrades", true, append(lines(ended), "alert started payments-prod is degraded in production by Argo CD")...)
	if told, err := source.(integration.Receiver).Decode(integrationtest.Read(t, "testdata/health-degraded.txtar", nil).Delivery); err != nil || len(told.Events) != 1 || !strings.HasPrefix(unwell[3].Key, "health/0b2c1d94") {
		t.Errorf("told %v (%v), seen %q", told.Events, err, unwell[3].Key)
	}
	delete(f.apps, "payments-prod")
	expect("it is gone", true)
}

// The past is looked at as far as it is wanted, a hundred applications at once.
func TestPollManyApplicationsOfAFakeArgoCD(t *testing.T) {
	f := newArgoCD(t)
	for i := range 250 {
		app := payments()
		name := fmt.Sprintf("app-%03d", i)
		app["metadata"] = object{"name": name, "namespace": "argocd", "uid": name}
		f.apps[name] = app
	}
	source := poller(t, f, func(c *argocd.Config) { c.Backfill = "1825d" })
	cursor, keys, looks := "", map[string]bool{}, 0
	for more := true; more; looks++ {
		look, err := source.Poll(t.Context(), cursor)
		if err != nil || look.Backfill == nil || look.Backfill.Done == look.More {
			t.Fatalf("%v, %+v", err, look.Backfill)
		}
		for _, e := range look.Events {
			if keys[e.Key] {
				t.Errorf("%s twice", e.Key)
			}
			keys[e.Key] = true
		}
		cursor, more = look.Cursor, look.More
	}
	if looks != 3 || len(keys) != 750 || f.asked["get"] != 250 {
		t.Errorf("%d looks, %d events, %d requests", looks, len(keys), f.asked["get"])
	}
	again, err := poller(t, f, func(c *argocd.Config) { c.Backfill = "0" }).Poll(t.Context(), cursor)
	if err != nil || len(again.Events) != 100 { // what goes on is no past
		t.Errorf("%v, %d events", err, len(again.Events))
	}
}

func TestPollFailuresOfAFakeArgoCD(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"401": {401, `{"message":"invalid session"}`, fault.Unauthenticated}, "403": {403, `{"error":"permission denied","code":7}`, fault.Forbidden}, "404": {404, "", fault.NotFound},
		"429": {429, "", fault.RateLimited}, "500": {500, "", fault.Unavailable}, "a page": {200, "<!doctype html><title>Argo CD</title>", fault.Unavailable}, "nothing": {200, "", fault.Unavailable},
		"another type": {200, `{"items":"none"}`, fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newArgoCD(t)
			f.status, f.body = c.status, c.body
			if look, err := poller(t, f, nil).Poll(t.Context(), "7"); !fault.Is(err, c.want) || len(look.Events) > 0 {
				t.Errorf("got %v, %v", look, err)
			}
		})
	}
	f := newArgoCD(t)
	strange := payments()
	strange["metadata"].(object)["uid"] = ""
	f.apps["payments-prod"] = strange
	if look, err := poller(t, f, nil).Poll(t.Context(), ""); err != nil || !strings.Contains(look.Problem, "argocd/payments-prod") {
		t.Errorf("got %+v, %v", look, err)
	}
}

// Whatever Argo CD says of an application makes no look fail.
func FuzzApplication(f *testing.F) {
	seed, err := json.Marshal(payments())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, body []byte) {
		source, err := config().Open()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range argocd.Tell(source.(*argocd.Source), body) {
			if faults := e.Normalize(integrationtest.Now, ""); len(faults) > 0 {
				t.Errorf("%v", faults)
			}
		}
	})
}
