package gocd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/gocd"
)

type object = map[string]any

// fakeGoCD is an honest fake of what is asked of the API, as its documentation and its source have it: the version in the
// header Accept, the newest runs first, a cursor that is that of the last run, and addresses that its own configuration says.
type fakeGoCD struct {
	*httptest.Server
	names     []string // of pipelines, of the group shop
	runs      map[string][]object
	instances map[string]object // by locator
	asked     []string
	answer    func(w http.ResponseWriter, r *http.Request) (answered bool)
}

func newFake(t *testing.T) *fakeGoCD {
	t.Helper()
	f := &fakeGoCD{names: []string{"payments"}, runs: map[string][]object{}, instances: map[string]object{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, isAPI := strings.CutPrefix(r.URL.Path, "/go/api/")
		f.asked = append(f.asked, path)
		accept := "application/vnd.go.cd.v1+json"
		switch {
		case path == "dashboard":
			accept = "application/vnd.go.cd.v4+json"
		case strings.HasPrefix(path, "stages/"):
			accept = "application/vnd.go.cd.v3+json"
		}
		name, isHistory := strings.CutSuffix(strings.TrimPrefix(path, "pipelines/"), "/history")
		switch {
		case r.Header.Get("Authorization") != "Bearer a-token":
			w.WriteHeader(http.StatusUnauthorized)
		case !isAPI || r.Header.Get("Accept") != accept || r.Method != http.MethodGet:
			t.Errorf("asked for %s as %q", r.URL, r.Header.Get("Accept"))
			w.WriteHeader(http.StatusNotFound)
		case f.answer != nil && f.answer(w, r):
		case path == "dashboard":
			answer(w, object{"_embedded": object{"pipeline_groups": []object{{"name": "shop", "pipelines": f.names}}}})
		case isHistory && f.runs[name] != nil:
			f.history(t, w, r, name)
		case f.instances[strings.TrimPrefix(path, "stages/")] != nil:
			answer(w, f.instances[strings.TrimPrefix(path, "stages/")])
		default:
			w.WriteHeader(http.StatusNotFound)
			answer(w, object{"message": "Either the resource you requested was not found, or you are not authorized to perform this action."})
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func answer(w io.Writer, body object) { _ = json.NewEncoder(w).Encode(body) }

// history answers with a page of runs; the cursor is the number of a run.
func (f *fakeGoCD) history(t *testing.T, w http.ResponseWriter, r *http.Request, name string) {
	size, err := strconv.Atoi(r.URL.Query().Get("page_size"))
	if err != nil || size < 10 || size > 100 {
		t.Errorf("asked for pages of %d", size)
	}
	newest := slices.Clone(f.runs[name])
	slices.Reverse(newest)
	if after, err := strconv.Atoi(r.URL.Query().Get("after")); err == nil {
		newest = slices.DeleteFunc(newest, func(run object) bool { return run["counter"].(int) >= after })
	}
	body := object{"pipelines": newest[:min(size, len(newest))]}
	if len(newest) > size {
		last := newest[size-1]["counter"]
		body["_links"] = object{"next": object{"href": fmt.Sprintf("http://inside.acme.example:8153/go/api/pipelines/%s/history?after=%v", name, last)}}
	}
	answer(w, body)
}

// stage is one stage of a run, as the fake is told of it.
type stage struct {
	name, counter, status, by string
	began, ended              time.Time
}

// run adds the next run of a pipeline, or replaces one.
func (f *fakeGoCD) run(name string, counter int, stages ...stage) {
	listed, scheduled := []object{}, any(nil)
	for _, s := range stages {
		one := object{
			"name": s.name, "counter": s.counter, "status": s.status, "result": "Unknown", "scheduled": s.status != "Unknown", "approved_by": s.by, "rerun_of_counter": nil,
			"jobs": []object{{"name": "canary-job", "scheduled_date": s.began.UnixMilli() + 20}},
		}
		if s.status != "Unknown" {
			f.instances[fmt.Sprintf("%s/%d/%s/%s", name, counter, s.name, s.counter)] = object{
				"name": s.name, "counter": 1, "scheduled_at": s.began.UnixMilli(), "last_transitioned_time": last(s.ended, s.began).UnixMilli(), "cancelled_by": "canary",
			}
			if at := s.began.UnixMilli(); scheduled == nil || at < scheduled.(int64) {
				scheduled = at
			}
		}
		listed = append(listed, one)
	}
	material := func(changed bool, address, revision string) object {
		return object{
			"changed": changed, "material": object{"name": "canary", "type": "Git", "description": "URL: " + address + ", Branch: main"},
			"modifications": []object{{"revision": revision, "user_name": "canary <canary@acme.example>", "comment": "canary"}},
		}
	}
	whole := object{
		"name": name, "counter": counter, "label": "2.14.0", "scheduled_date": scheduled, "comment": "canary", "stages": listed,
		"build_cause": object{"approver": "canary", "material_revisions": []object{
			material(false, "https://git.acme.example/platform/scripts.git", "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"),
			material(true, "https://github.com/acme/payments.git", "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01"),
		}},
	}
	if scheduled == nil {
		delete(whole, "scheduled_date")
	}
	i := slices.IndexFunc(f.runs[name], func(run object) bool { return run["counter"] == counter })
	if i < 0 {
		f.runs[name] = append(f.runs[name], whole)
		return
	}
	f.runs[name][i] = whole
}

// last is its last transition: of one that goes on the one that began it.
func last(ended, began time.Time) time.Time {
	if ended.IsZero() {
		return began
	}
	return ended
}

func asked(t *testing.T, f *fakeGoCD, pipelines ...string) integration.Poller {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	c := config()
	integrationtest.Refer(&c.Token)
	c.Address, c.Pipelines = f.URL+"/go/", pipelines
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(integration.Poller)
}

func TestStagesOfThePastAndOfNow(t *testing.T) {
	f, now := newFake(t), time.Now().Truncate(time.Second)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	passed := func(name string, at time.Time) stage {
		return stage{name, "1", "Passed", "changes", at, at.Add(time.Minute)}
	}
	f.run("payments", 1, passed("test", ago(15*24)))
	for i := range 130 {
		at := ago(300 - i)
		f.run("payments", i+2, passed("test", at), passed("deploy-eu", at.Add(2*time.Minute)))
	}
	waits := stage{name: "deploy-eu", counter: "1", status: "Unknown"}
	f.run("payments", 132, passed("test", ago(3)), waits)
	f.run("payments", 133, stage{name: "test", counter: "1", status: "Unknown"}, waits) // it is being prepared
	f.run("payments", 134, passed("test", ago(1)))
	poller := asked(t, f)
	first, err := poller.Poll(t.Context(), "")
	if err != nil || !first.More || first.Backfill == nil || first.Backfill.Done || !first.Backfill.At.Before(ago(3)) {
		t.Fatalf("the first look ends nothing, and says how far it has come: %v, %+v", err, first.Backfill)
	}
	rest, look := integrationtest.Round(t, poller, first.Cursor)
	found := slices.Concat(first.Events, rest)
	deploys, keys := 0, map[string]bool{}
	for _, e := range found {
		keys[e.Key] = true
		if e.Kind == "deploy" {
			deploys++
		}
	}
	if len(found) != 262 || len(keys) != 262 || deploys != 130 || keys["stage/payments/1/test/1"] || !look.Backfill.Done {
		t.Fatalf("%d stages are found, %d of them by their own, %d deploys; want 262 of the last fortnight", len(found), len(keys), deploys)
	}

	if slices.Contains(f.asked, "stages/payments/1/test/1") {
		t.Error("the times of a stage are asked for that is too old to be told")
	}
	f.asked = nil
	if found, look = integrationtest.Round(t, poller, look.Cursor); len(found) != 0 || slices.ContainsFunc(f.asked, func(path string) bool { return strings.HasPrefix(path, "stages/") }) {
		t.Errorf("nothing was new: %v by %q", found, f.asked)
	}

	// Somebody lets it go on: it is told as it builds, and once more as it ends.
	building := stage{"deploy-eu", "1", "Building", "ana", now, time.Time{}}
	f.run("payments", 132, passed("test", ago(3)), building)
	if found, look = integrationtest.Round(t, poller, look.Cursor); len(found) != 1 || found[0].Phase != change.Started || !found[0].EndedAt.IsZero() || found[0].Actor.Name != "ana" {
		t.Errorf("one builds, and %v is told", found)
	}
	building.status = "Failing"
	f.run("payments", 132, passed("test", ago(3)), building)
	if found, look = integrationtest.Round(t, poller, look.Cursor); len(found) != 0 {
		t.Errorf("one of its jobs failed, it goes on, and %v is told", found)
	}
	building.status, building.ended = "Failed", now.Add(time.Minute)
	f.run("payments", 132, passed("test", ago(3)), building)
	if found, look = integrationtest.Round(t, poller, look.Cursor); len(found) != 1 || found[0].Phase != change.Failed || !found[0].EndedAt.Equal(building.ended) {
		t.Errorf("it failed, and %v is told", found)
	}

	// To deploy an earlier run again is how one goes back.
	again := passed("deploy-eu", now)
	again.counter = "2"
	f.run("payments", 131, passed("test", ago(171)), passed("deploy-eu", ago(171)))
	f.run("payments", 130, passed("test", ago(170)), again)
	if found, _ = integrationtest.Round(t, poller, look.Cursor); len(found) != 0 {
		t.Errorf("what began more than a week ago is not looked at again: %v", found)
	}
	f.run("payments", 132, passed("test", ago(3)), again)
	if found, _ = integrationtest.Round(t, poller, look.Cursor); len(found) != 1 || found[0].Key != "stage/payments/132/deploy-eu/2" {
		t.Errorf("it was deployed again, and %v is told", found)
	}
}

// What a notification tells and what the API has is one event, to the byte; in whichever order, nothing is worse for the other.
func TestNotificationAndTokenTellTheSame(t *testing.T) {
	began, ended := time.Date(2026, 11, 22, 2, 51, 10, 571e6, time.UTC), time.Date(2026, 11, 22, 2, 52, 45, 671e6, time.UTC)
	for fixture, of := range map[string]stage{
		"stage-building": {"test", "1", "Building", "changes", began, time.Time{}},
		"stage-passed":   {"test", "1", "Passed", "changes", began, ended},
		"stage-deploys":  {"deploy-eu", "1", "Passed", "ana", began, ended},
	} {
		f := newFake(t)
		f.run("payments", 8, of)
		c := config()
		integrationtest.Refer(&c.Token)
		c.Backfill = "1800d"
		t.Setenv(integrationtest.Secret, "a-token")
		c.Address = f.URL
		c.Use(f.Client())
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		found, _ := integrationtest.Round(t, source.(integration.Poller), "")
		told, err := source.(integration.Receiver).Decode(integrationtest.Read(t, filepath.Join("testdata", fixture+".txtar"), nil).Delivery)
		if err != nil || len(told.Events) != 1 || len(found) != 1 {
			t.Fatal(fixture, err, found, told)
		}
		if got, want := found[0].AppendDocument(nil), told.Events[0].AppendDocument(nil); !bytes.Equal(got, want) {
			t.Errorf("%s: found %s\ntold %s", fixture, got, want)
		}
	}
}

// A look that comes late, with a stage as it was, takes nothing back from what the plugin told; nor does a plugin that sends
// the beginning after the end.
func TestWhatIsTellsLessTakesNothingBack(t *testing.T) {
	f := newFake(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	f.run("payments", 8, stage{"test", "1", "Building", "changes", began, time.Time{}})
	poller := asked(t, f)
	started, look := integrationtest.Round(t, poller, "")
	f.run("payments", 8, stage{"test", "1", "Passed", "changes", began, began.Add(time.Minute)})
	ended, _ := integrationtest.Round(t, poller, look.Cursor)
	if len(started) != 1 || len(ended) != 1 {
		t.Fatal(started, ended)
	}
	forward, back := started[0], ended[0]
	forward.Advance(ended[0])
	back.Advance(started[0])
	for _, e := range []change.Event{forward, back} {
		if e.Phase != change.Succeeded || !e.StartedAt.Equal(began) || !e.EndedAt.Equal(began.Add(time.Minute)) || e.Labels["group"] != "shop" {
			t.Errorf("got %s", e.AppendDocument(nil))
		}
	}
}

func TestPipelinesThatAreNamed(t *testing.T) {
	f := newFake(t)
	f.names = []string{"payments", "ledger"}
	for _, name := range []string{"payments", "ledger", "hidden"} {
		at := time.Now().Add(-time.Hour)
		f.run(name, 1, stage{"test", "1", "Passed", "changes", at, at.Add(time.Minute)})
	}
	all, _ := integrationtest.Round(t, asked(t, f), "")
	if len(all) != 2 {
		t.Errorf("without names all that the token sees are asked for: %v", all)
	}
	// Its dashboard may show less than the user may view; one that is gone costs no other.
	named, look := integrationtest.Round(t, asked(t, f, "hidden", "gone"), "")
	if len(named) != 1 || named[0].Key != "stage/hidden/1/test/1" || len(named[0].Labels) != 1 || !strings.Contains(look.Problem, "gone: GoCD has nothing at") {
		t.Errorf("got %v, and %q is said", named, look.Problem)
	}
	f.names = nil
	if none, look := integrationtest.Round(t, asked(t, f), ""); len(none) != 0 || !strings.Contains(look.Problem, "the token sees none") {
		t.Errorf("got %v, and %q is said", none, look.Problem)
	}
}

// The times of one stage cannot be had: the others are told. A fault of the server's own loses nothing, and what was asked for
// is not asked for again.
func TestStagesThatCannotBeRead(t *testing.T) {
	f := newFake(t)
	at := time.Now().Add(-time.Hour)
	f.run("payments", 1, stage{"test", "1", "Passed", "changes", at, at.Add(time.Minute)}, stage{"deploy-eu", "1", "Passed", "ana", at, at.Add(time.Minute)})
	poller := asked(t, f)
	failing := true
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if failing && strings.Contains(r.URL.Path, "/stages/payments/1/deploy-eu") {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	if _, err := poller.Poll(t.Context(), ""); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	failing, f.asked = false, nil
	if found, _ := integrationtest.Round(t, poller, ""); len(found) != 2 || slices.Contains(f.asked, "stages/payments/1/test/1") {
		t.Errorf("got %v by %q", found, f.asked)
	}
	delete(f.instances, "payments/1/test/1")
	if found, look := integrationtest.Round(t, asked(t, f), ""); len(found) != 1 || !strings.HasPrefix(look.Problem, "payments: GoCD has nothing at") {
		t.Errorf("got %v, and %q is said", found, look.Problem)
	}
}

func TestWhatGoCDRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		body, says string
		want       fault.Code
	}{
		"a token that is revoked": {401, `{"message":"Invalid Personal Access Token."}`, "credential", fault.Unauthenticated},
		"no right":                {403, `{"message":"You are not authorized to perform this action."}`, "may not|does not let", fault.Forbidden},
		"another version":         {404, `{"message":"The url you are trying to reach appears to be incorrect."}`, "nothing at", fault.NotFound},
		"too many":                {429, ``, "no more requests", fault.RateLimited},
		"a fault of its own":      {503, `<html>`, "fault of its own", fault.Unavailable},
		"a login":                 {200, `<!doctype html><title>GoCD</title>`, "web page", fault.Unavailable},
		"it starts":               {202, `{"message":"Dashboard is being processed, this may take a few seconds. Please check back later."}`, "dashboard", fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.answer = func(w http.ResponseWriter, _ *http.Request) bool {
				if test.status == 429 {
					w.Header().Set("Retry-After", "30")
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
				return true
			}
			_, err := asked(t, f).Poll(t.Context(), "")
			said := func(words string) bool { return strings.Contains(fmt.Sprint(err), words) }
			if !fault.Is(err, test.want) || !slices.ContainsFunc(strings.Split(test.says, "|"), said) || said("a-token") {
				t.Errorf("got %v, want %s that says %q", err, test.want, test.says)
			}
			if test.status == 429 && fault.RetryAfter(err) != 30*time.Second {
				t.Errorf("waits %s", fault.RetryAfter(err))
			}
		})
	}
}

func TestConfiguration(t *testing.T) {
	reference := func(set func(c *gocd.Config)) error {
		c := &gocd.Config{}
		set(c)
		return c.Validate()
	}
	for says, set := range map[string]func(c *gocd.Config){
		"an access token, to ask GoCD; or a secret, which a notification plugin sends": func(*gocd.Config) {},
		"is required with a token":      func(c *gocd.Config) { integrationtest.Refer(&c.Token) },
		"is the address of GoCD's page": func(c *gocd.Config) { integrationtest.Refer(&c.Secret); c.Address = "gocd.acme.example" },
	} {
		if err := reference(set); !fault.Is(err, fault.Invalid) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	c := &gocd.Config{}
	integrationtest.Refer(&c.Secret)
	if source, err := c.Open(); err != nil {
		t.Error(err)
	} else if _, asks := source.(integration.Poller); asks {
		t.Error("there is no token, and it asks")
	}
}

// On the page both are fields that may be typed: with a token and no address it says what to do, and with neither it waits.
func TestTypedOnThePage(t *testing.T) {
	for token, want := range map[string]string{"a-token": "set the address", "": "no token is set"} {
		c := &gocd.Config{}
		c.Guard(integration.Guard{Secret: func(_ context.Context, field string) (string, error) {
			if field != "token" || token == "" {
				return "", fault.New(fault.NotFound, "none")
			}
			return token, nil
		}})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		look, err := source.(integration.Poller).Poll(t.Context(), "")
		if said := fmt.Sprint(look.Idle, err); !strings.Contains(said, want) {
			t.Errorf("with the token %q it says %s, want %q", token, said, want)
		}
	}
}

func FuzzHistory(f *testing.F) {
	now := time.Now().UnixMilli()
	instance := fmt.Sprintf(`{"scheduled_at":%d,"last_transitioned_time":%d}`, now, now+1)
	f.Add([]byte(fmt.Sprintf(`{"_links":{"next":{"href":"http://x/?after=2"}},"pipelines":[{"counter":8,"label":"2.14.0","scheduled_date":%d,
		"build_cause":{"material_revisions":[{"changed":true,"material":{"type":"Git","description":"URL: https://github.com/acme/payments.git, Branch: main"},"modifications":[{"revision":"9f1c2e4"}]}]},
		"stages":[{"name":"test","counter":"1","status":"Passed","approved_by":"changes"}]}]}`, now)), []byte(instance))
	f.Add([]byte(`{"pipelines":[]}`), []byte(`{}`))
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, history, instance []byte) {
		c := config()
		integrationtest.Refer(&c.Token)
		c.Use(&http.Client{Transport: integrationtest.Answer(func(r *http.Request) []byte {
			switch {
			case strings.Contains(r.URL.Path, "/stages/"):
				return instance
			case strings.HasSuffix(r.URL.Path, "/history"):
				return history
			}
			return []byte(`{"_embedded":{"pipeline_groups":[{"name":"shop","pipelines":["payments"]}]}}`)
		})})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range integrationtest.Look(t, source.(integration.Poller)) {
			if !strings.HasPrefix(e.Key, "stage/payments/") || len(e.Subjects) != 1 || !e.EndedAt.IsZero() && e.EndedAt.Before(e.StartedAt) {
				t.Errorf("got %s", e.AppendDocument(nil))
			}
		}
	})
}
