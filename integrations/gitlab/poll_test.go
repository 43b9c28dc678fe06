package gitlab_test

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/gitlab"
)

// log is what became of the looks of one source: its cursor, and its events as they are kept.
type log struct {
	t      *testing.T
	fake   *fakeGitLab
	poller integration.Poller
	set    func(*gitlab.Config)
	cursor string
	events map[string]*change.Event
	last   integration.Look
	now    time.Time
}

func polled(t *testing.T, fake *fakeGitLab, set func(*gitlab.Config)) *log {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	l := &log{t: t, fake: fake, set: set, events: map[string]*change.Event{}, now: time.Now()}
	l.restart()
	return l
}

func (l *log) restart() {
	l.t.Helper()
	c := config("")
	c.Address, c.Projects = l.fake.URL, []string{"acme/shop/payments"}
	integrationtest.Refer(&c.Token)
	if l.set != nil {
		l.set(c)
	}
	c.Use(l.fake.Client())
	source, err := c.Open()
	if err != nil {
		l.t.Fatal(err)
	}
	l.poller = source.(integration.Poller)
}

// take takes an event into the log, as the door does.
func (l *log) take(e change.Event) {
	l.t.Helper()
	if faults := e.Normalize(l.now, ""); len(faults) > 0 {
		l.t.Fatalf("the event %q would be refused: %v", e.Title, faults)
	}
	if known := l.events[e.Key]; known != nil {
		known.Advance(e)
	} else {
		l.events[e.Key] = &e
	}
}

func (l *log) look() error {
	l.t.Helper()
	look, err := l.poller.Poll(l.t.Context(), l.cursor)
	if err != nil {
		return err
	}
	for _, e := range look.Events {
		l.take(e)
	}
	l.cursor, l.last = look.Cursor, look
	return nil
}

// round looks until there is no more.
func (l *log) round() {
	l.t.Helper()
	for {
		if err := l.look(); err != nil {
			l.t.Fatal(err)
		}
		if !l.last.More {
			return
		}
	}
}

func (l *log) has(want map[string]change.Phase) {
	l.t.Helper()
	for key, phase := range want {
		if e := l.events[key]; e == nil || e.Phase != phase {
			l.t.Errorf("%s: got %+v, want it %s", key, e, phase)
		}
	}
	for key := range l.events {
		if _, wanted := want[key]; !wanted {
			l.t.Errorf("%s is not wanted", key)
		}
	}
}

// The first look brings what was, page after page; the next ones only what is new. A kill between looks loses nothing.
func TestTheFirstLookGoesBackAndTheNextOnlyOn(t *testing.T) {
	fake, now := newFakeGitLab(t), time.Now()
	want := map[string]change.Phase{}
	fake.deploy(999, now.Add(-15*24*time.Hour), "success") // further back than the first look goes
	fake.release("v1.0.0", now.Add(-15*24*time.Hour))
	fake.merge(999, now.Add(-15*24*time.Hour))
	fake.mergeRequests[0]["updated_at"] = stamp(now.Add(-time.Hour)) // somebody wrote something about it
	for i := range 230 {
		at := now.Add(-time.Duration(300-i) * time.Hour)
		fake.deploy(1000+i, at, "success")
		fake.run(3000+i, at, "success", "main", false)
		fake.run(5000+i, at, "success", "fix/rounding", false)
		want[fmt.Sprintf("deployment/%d", 1000+i)], want[fmt.Sprintf("pipeline/%d", 3000+i)] = change.Succeeded, change.Succeeded
	}
	fake.run(7000, now.Add(-2*time.Hour), "failed", "v2.14.0", true)
	fake.merge(8000, now.Add(-time.Hour))
	fake.release("v2.14.0", now.Add(-2*time.Hour))
	want["pipeline/7000"], want["merge_request/8000"], want["release/47/v2.14.0"] = change.Failed, change.Succeeded, change.Succeeded
	l := polled(t, fake, nil)
	if err := l.look(); err != nil || !l.last.More || l.last.Backfill.Done || l.last.Backfill.At.IsZero() {
		t.Fatalf("the first look is a part of the whole: %v, %+v, %v", l.last.More, l.last.Backfill, err)
	}
	_, _ = l.poller.Poll(t.Context(), l.cursor) // was not committed: the server was killed
	l.restart()
	l.round()
	l.has(want)
	if !l.last.Backfill.Done {
		t.Errorf("the first look is over, and says %+v", l.last.Backfill)
	}
	if e := l.events["deployment/1100"]; e != nil && (e.Environment != "production" || e.Labels["tier"] != "production" || e.EndedAt.IsZero() || len(e.History) != 2) {
		t.Errorf("a deployment is %+v", e)
	}
	l.round() // what is within the overlap is looked at again
	fake.asked = nil
	before := l.cursor
	if l.round(); len(l.last.Events) != 0 || l.cursor != before || len(fake.asked) != 4 {
		t.Errorf("nothing was new: %d events by %q, the cursor is the same: %v", len(l.last.Events), fake.asked, l.cursor == before)
	}
	fake.deploy(2000, now.Add(-5*time.Minute), "running")
	l.round()
	want["deployment/2000"] = change.Started
	l.has(want)
	fake.deployments[len(fake.deployments)-1]["status"] = "failed"
	fake.deployments[len(fake.deployments)-1]["updated_at"] = stamp(now.Add(time.Minute))
	l.round()
	want["deployment/2000"] = change.Failed
	l.has(want)
}

// An installation goes on where it was before an upgrade: its lists are named as they were.
func TestASavedCursorGoesOn(t *testing.T) {
	fake, now := newFakeGitLab(t), time.Now()
	fake.deploy(1, now.Add(-48*time.Hour), "success")
	fake.run(2, now.Add(-48*time.Hour), "success", "main", false)
	fake.merge(3, now.Add(-48*time.Hour))
	fake.release("v1.0.0", now.Add(-48*time.Hour))
	l := polled(t, fake, nil)
	pass := fmt.Sprintf(`{"start":%q,"since":%q}`, stamp(now.Add(-72*time.Hour)), stamp(now.Add(-time.Hour)))
	l.cursor = fmt.Sprintf(`{"commits":3,"lists":{"47 deployments":%[1]s,"47 pipelines":%[1]s,"47 merge requests":%[1]s,"47 releases":%[1]s}}`, pass)
	if l.round(); len(l.events) != 0 || !l.last.Backfill.Done {
		t.Errorf("all was told before, and it tells %v, backfill %+v", l.events, l.last.Backfill)
	}
}

// What a webhook tells and what a look finds is one event, whichever comes first.
func TestWebhookAndPollTellOfOneEvent(t *testing.T) {
	fake := newFakeGitLab(t)
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	fake.deploy(1015, utc("2026-11-22 02:51:00"), "success")
	fake.deployments[0]["deployable"].(object)["finished_at"] = "2026-11-22T02:55:40.000Z"
	fake.run(3100, utc("2026-11-22 02:40:00"), "success", "main", false)
	fake.pipelines[0]["finished_at"] = "2026-11-22T02:46:20.000Z"
	fake.merge(99100, utc("2026-11-22 02:39:30"))
	fake.release("v2.14.0", utc("2026-11-22 02:47:00"))
	fixtures := []string{"deployment-running", "deployment-success", "pipeline-running", "pipeline-success", "merge-request-merged", "release-created"}
	found, told := polled(t, fake, nil), polled(t, fake, nil)
	found.now, told.now = integrationtest.Now, integrationtest.Now
	found.poller.(*gitlab.Asked).At(integrationtest.Now)
	found.round()
	for _, name := range fixtures {
		decoded, err := told.poller.(integration.Receiver).Decode(integrationtest.Read(t, filepath.Join("testdata", name+".txtar"), header).Delivery)
		if err != nil || len(decoded.Events) != 1 {
			t.Fatal(name, err, decoded)
		}
		told.take(decoded.Events[0])
	}
	if len(found.events) != 4 || len(told.events) != 4 {
		t.Fatalf("%d are found, %d told, of 4", len(found.events), len(told.events))
	}
	for key, e := range found.events {
		other := told.events[key]
		if other == nil {
			t.Errorf("%s is found, and no webhook tells of it", key)
			continue
		}
		first, second := *other, *e
		first.Advance(*e)
		second.Advance(*other)
		second.ID = first.ID
		if !bytes.Equal(first.AppendDocument(nil), second.AppendDocument(nil)) {
			t.Errorf("%s depends on who tells first:\n%s\n%s", key, first.AppendDocument(nil), second.AppendDocument(nil))
		}
		if !strings.HasPrefix(key, "release/") { // of which the webhook does not say who it was
			if other.ID = e.ID; !bytes.Equal(e.AppendDocument(nil), other.AppendDocument(nil)) {
				t.Errorf("%s is not what the webhook tells:\n%s\n%s", key, e.AppendDocument(nil), other.AppendDocument(nil))
			}
		}
	}
}

// A webhook that was missed is found by the next look.
func TestAMissedWebhookIsFound(t *testing.T) {
	fake := newFakeGitLab(t)
	l := polled(t, fake, func(c *gitlab.Config) { c.Projects, c.Group = nil, "acme/shop" })
	l.round()
	fake.merge(8000, time.Now())
	l.round()
	l.has(map[string]change.Phase{"merge_request/8000": change.Succeeded})
}

// One list that cannot be seen costs no other.
func TestWhatCannotBeSeenIsSaid(t *testing.T) {
	fake := newFakeGitLab(t)
	fake.merge(8000, time.Now())
	fake.fails["/deployments"] = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"message":"403 Forbidden"}`))
	}
	l := polled(t, fake, func(c *gitlab.Config) { c.Projects = append(c.Projects, "acme/gone") })
	for range 2 {
		l.round()
		if !strings.Contains(l.last.Problem, "acme/gone: ") || !strings.Contains(l.last.Problem, "acme/shop/payments: GitLab does not let") {
			t.Errorf("it says %q", l.last.Problem)
		}
	}
	l.has(map[string]change.Phase{"merge_request/8000": change.Succeeded})
	if !l.last.Backfill.Done {
		t.Error("it waits for a list that nobody can see")
	}
}

func TestWhatGitLabRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header string
		body   string
		want   fault.Code
		wait   time.Duration
	}{
		"the token is gone":  {401, "", `{"message":"401 Unauthorized"}`, fault.Unauthenticated, 0},
		"too many":           {429, "30", `Retry later`, fault.RateLimited, 30 * time.Second},
		"a fault of its own": {502, "", `<html>`, fault.Unavailable, 0},
		"a proxy's page":     {200, "", `<html>Log in</html>`, fault.Unavailable, 0},
		"another shape":      {200, "", `{"projects":[]}`, fault.Unavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFakeGitLab(t)
			fail := func(w http.ResponseWriter, _ *http.Request) {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}
			fake.fails["/pipelines"] = fail
			err := polled(t, fake, nil).look()
			if !fault.Is(err, c.want) || fault.RetryAfter(err) != c.wait {
				t.Errorf("got %v and %v, want %s and %v", err, fault.RetryAfter(err), c.want, c.wait)
			}
		})
	}
}

// A limit that was used up is waited for, and the round goes on where it was.
func TestALimitIsWaitedFor(t *testing.T) {
	fake := newFakeGitLab(t)
	fake.merge(8000, time.Now())
	fake.fails["/deployments"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Remaining", "0")
		w.Header().Set("RateLimit-Reset", fmt.Sprint(time.Now().Add(40*time.Second).Unix()))
		_, _ = w.Write([]byte("[]"))
	}
	l := polled(t, fake, nil)
	if err := l.look(); err != nil || !l.last.More || l.last.Wait < 30*time.Second || len(fake.asked) != 2 {
		t.Fatalf("after %q: more %v, wait %v, %v", fake.asked, l.last.More, l.last.Wait, err)
	}
	l.round()
	l.has(map[string]change.Phase{"merge_request/8000": change.Succeeded})
}

func TestWithoutATokenTheWebhookAloneTells(t *testing.T) {
	t.Parallel()
	c := gitlab.Config{Group: "acme"}
	c.Guard(integration.Guard{})
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	look, err := source.(integration.Poller).Poll(t.Context(), "")
	if err != nil || look.Idle == "" {
		t.Errorf("it looked: %+v, %v", look, err)
	}
}

func TestATokenNeedsSomethingToLookAt(t *testing.T) {
	t.Parallel()
	var c gitlab.Config
	integrationtest.Refer(&c.Token)
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "/projects") {
		t.Errorf("nothing is named, and it says %v", err)
	}
	c.Services = map[string]string{"acme/payments": "payments"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func FuzzLists(f *testing.F) {
	now := time.Now().UTC().Format(time.RFC3339)
	for _, seed := range [][2]string{
		{`[{"id":1,"ref":"main","sha":"9f1c2e4","status":"success","created_at":"NOW","updated_at":"NOW","user":{"username":"ana"},"environment":{"name":"production"},"deployable":{"id":2,"started_at":"NOW","finished_at":"NOW"}}]`, `[{"name":"production","tier":"production"}]`},
		{`[{"id":3,"ref":"main","status":"failed","updated_at":"NOW"}]`, `{"id":3,"ref":"main","status":"failed","sha":"9f1c2e4","web_url":"https://gitlab.acme.example/3","user":{"username":"ana"},"started_at":"NOW","finished_at":"NOW"}`},
		{`[{"iid":4,"title":"Retry","sha":"9f1c2e4","merged_at":"NOW","updated_at":"NOW","target_branch":"main","merge_user":{"username":"ana"}}]`, `[{"new_path":"main.go","old_path":"main.go"}]`},
		{`[{"tag_name":"v2.14.0","name":"2.14.0","released_at":"NOW","created_at":"NOW"}]`, `{}`},
	} {
		f.Add([]byte(strings.ReplaceAll(seed[0], "NOW", now)), []byte(strings.ReplaceAll(seed[1], "NOW", now)))
	}
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, list, one []byte) {
		c := config("")
		c.Projects = []string{"acme/shop/payments"}
		integrationtest.Refer(&c.Token)
		c.Use(&http.Client{Transport: integrationtest.Answer(func(r *http.Request) []byte {
			_, rest, _ := strings.Cut(r.URL.Path, "/api/v4/projects/")
			switch rest {
			case "acme/shop/payments":
				return []byte(`{"id":47,"path_with_namespace":"acme/shop/payments","default_branch":"main","web_url":"https://gitlab.acme.example/acme/shop/payments"}`)
			case "47/deployments", "47/pipelines", "47/merge_requests", "47/releases":
				return list
			}
			return one
		})})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		integrationtest.Look(t, source.(integration.Poller))
	})
}
