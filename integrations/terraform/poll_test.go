package terraform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
)

type object = map[string]any

// fakeTerraform is an honest fake of the list of an organisation's runs, as its documentation has it: JSON:API, the newest first.
type fakeTerraform struct {
	*httptest.Server
	runs   []object
	asked  int
	status int
}

func newFake(t *testing.T) *fakeTerraform {
	t.Helper()
	f := &fakeTerraform{status: http.StatusOK}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked++
		q := r.URL.Query()
		switch {
		case r.Header.Get("Authorization") != "Bearer a-token":
			w.WriteHeader(http.StatusUnauthorized)
			return
		case r.URL.Path != "/api/v2/organizations/acme/runs" || q.Get("include") != "workspace,created_by":
			t.Errorf("asked for %s", r.URL)
		case f.status != http.StatusOK:
			w.WriteHeader(f.status)
			return
		}
		newest := slices.Clone(f.runs)
		slices.Reverse(newest)
		number, _ := strconv.Atoi(q.Get("page[number]"))
		from, to := min((number-1)*100, len(newest)), min(number*100, len(newest))
		var next any
		if to < len(newest) {
			next = number + 1
		}
		_ = json.NewEncoder(w).Encode(object{
			"data": newest[from:to], "meta": object{"pagination": object{"current-page": number, "next-page": next}},
			"included": []object{
				{"id": "ws-1", "type": "workspaces", "attributes": object{"name": "payments-prod"}},
				{"id": "user-1", "type": "users", "attributes": object{"username": "ana"}},
			},
		})
	}))
	t.Cleanup(f.Close)
	return f
}

// run adds one; times are those of its states.
func (f *fakeTerraform) run(id, status string, created time.Time, times object) {
	f.runs = append(f.runs, object{"id": id, "type": "runs", "attributes": object{
		"status": status, "message": "Add five queue workers", "created-at": created.UTC().Format(time.RFC3339), "status-timestamps": times,
	}, "relationships": object{
		"workspace":  object{"data": object{"id": "ws-1", "type": "workspaces"}},
		"created-by": object{"data": object{"id": "user-1", "type": "users"}},
	}})
}

func asked(t *testing.T, f *fakeTerraform) integration.Poller {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	c := config()
	integrationtest.Refer(&c.Token)
	c.Organisation, c.Address = "acme", f.URL
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(integration.Poller)
}

func TestRunsOfThePastAndThoseThatWereMissed(t *testing.T) {
	f, now := newFake(t), time.Now()
	stamp := func(before time.Duration) string { return now.Add(-before).UTC().Format(time.RFC3339) }
	f.run("run-old", "applied", now.Add(-15*24*time.Hour), object{"applied-at": stamp(15 * 24 * time.Hour)})
	for i := range 250 {
		before := time.Duration(300-i) * time.Hour
		f.run(fmt.Sprint("run-", i), "applied", now.Add(-before), object{"applying-at": stamp(before), "applied-at": stamp(before - time.Minute)})
	}
	f.run("run-waits", "planned", now.Add(-2*time.Hour), object{"planned-at": stamp(2 * time.Hour)})
	f.run("run-nothing", "planned_and_finished", now.Add(-time.Hour), object{"planned-and-finished-at": stamp(time.Hour)})
	poller := asked(t, f)
	found, look := integrationtest.Round(t, poller, "")
	ended := map[string]bool{}
	for _, e := range found {
		if e.Phase == change.Succeeded {
			ended[e.Key] = true
		}
	}
	if len(found) != 500 || len(ended) != 250 || ended["run/run-old"] {
		t.Fatalf("%d events of %d runs, want 500 of 250", len(found), len(ended))
	}
	f.runs[251]["attributes"].(object)["status"] = "applying"
	f.runs[251]["attributes"].(object)["status-timestamps"] = object{"applying-at": stamp(time.Minute)}
	found, look = integrationtest.Round(t, poller, look.Cursor)
	if len(found) != 1 || found[0].Key != "run/run-waits" || found[0].Phase != change.Started {
		t.Errorf("one began to apply, and %v is told", found)
	}
	f.asked = 0
	if found, _ = integrationtest.Round(t, poller, look.Cursor); len(found) != 0 || f.asked != 1 {
		t.Errorf("nothing was new: %v by %d requests", found, f.asked)
	}
}

// What a notification tells and what the list has is one event, to the byte.
func TestNotificationAndListTellTheSame(t *testing.T) {
	for status, names := range map[string][]string{"applied": {"run-applying", "run-completed"}, "canceled": {"run-applying", "run-canceled"}} {
		f := newFake(t)
		f.run("run-FwnENkvDnrpyFC7M", status, time.Now(), object{"applying-at": "2026-11-22T02:51:10+00:00", status + "-at": "2026-11-22T02:53:40+00:00"})
		poller := asked(t, f)
		found, _ := integrationtest.Round(t, poller, "")
		if len(found) != len(names) {
			t.Fatalf("%s: %d are found", status, len(found))
		}
		for i, name := range names {
			fixture := integrationtest.Read(t, filepath.Join("testdata", name+".txtar"), nil)
			fixture.Body = bytes.ReplaceAll(fixture.Body, []byte("https://app.terraform.io"), []byte(f.URL))
			told, err := poller.(integration.Receiver).Decode(fixture.Delivery)
			if err != nil || len(told.Events) != 1 {
				t.Fatal(name, err, told)
			}
			if got, want := found[i].AppendDocument(nil), told.Events[0].AppendDocument(nil); !bytes.Equal(got, want) {
				t.Errorf("%s: found %s\ntold %s", name, got, want)
			}
		}
	}
}

func TestWhatTerraformRefuses(t *testing.T) {
	for status, want := range map[int]fault.Code{401: fault.Unauthenticated, 404: fault.NotFound, 429: fault.RateLimited, 500: fault.Unavailable} {
		f := newFake(t)
		f.status = status
		if _, err := asked(t, f).Poll(t.Context(), ""); !fault.Is(err, want) {
			t.Errorf("%d: got %v, want %s", status, err, want)
		}
	}
}

func FuzzRuns(f *testing.F) {
	now := time.Now().UTC().Format(time.RFC3339)
	for _, status := range []string{"applied", "applying", "force_canceled"} {
		f.Add(fmt.Appendf(nil, `{"data":[{"id":"run-1","type":"runs","attributes":{"status":%q,"message":"Add five queue workers","created-at":%q,
			"status-timestamps":{"applying-at":%[2]q,"applied-at":%[2]q,"force-canceled-at":%[2]q}},
			"relationships":{"workspace":{"data":{"id":"ws-1","type":"workspaces"}},"created-by":{"data":{"id":"user-1","type":"users"}}}}],
			"included":[{"id":"ws-1","type":"workspaces","attributes":{"name":"payments-prod"}},{"id":"user-1","type":"users","attributes":{"username":"ana"}}],
			"meta":{"pagination":{"next-page":2}}}`, status, now))
	}
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, list []byte) {
		c := config()
		integrationtest.Refer(&c.Token)
		c.Organisation = "acme"
		c.Use(&http.Client{Transport: integrationtest.Answer(func(*http.Request) []byte { return list })})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		integrationtest.Look(t, source.(integration.Poller))
	})
}
