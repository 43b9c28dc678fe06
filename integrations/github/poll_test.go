package github_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/github"
)

// log is what became of the looks of one source: its cursor, and its events as they are kept.
type log struct {
	t      *testing.T
	fake   *fakeGitHub
	poller integration.Poller
	config func(*github.Config)
	cursor string
	events map[string]*change.Event
	last   integration.Look
	commit int
}

func polled(t *testing.T, fake *fakeGitHub, config func(*github.Config)) *log {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	l := &log{t: t, fake: fake, config: config, events: map[string]*change.Event{}}
	l.restart()
	return l
}

func (l *log) restart() {
	l.t.Helper()
	c := config()
	c.API, c.Repositories = l.fake.URL, []string{"acme/payments"}
	integrationtest.Refer(&c.Token)
	if l.config != nil {
		l.config(c)
	}
	c.Use(l.fake.Client())
	source, err := c.Open()
	if err != nil {
		l.t.Fatal(err)
	}
	l.poller = source.(integration.Poller)
}

// look looks once, and commits.
func (l *log) look() error {
	l.t.Helper()
	look, err := l.poller.Poll(l.t.Context(), l.cursor)
	if err != nil {
		return err
	}
	for i := range look.Events {
		e := look.Events[i]
		if faults := e.Normalize(fakeNow, ""); len(faults) > 0 {
			l.t.Fatalf("the event %q would be refused: %v", e.Title, faults)
		}
		if known := l.events[e.Key]; known != nil {
			known.Advance(e)
		} else {
			l.events[e.Key] = &e
		}
	}
	l.cursor, l.last = look.Cursor, look
	l.commit++
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
	if len(want) != len(l.events) {
		l.t.Errorf("there are %d events, want %d", len(l.events), len(want))
	}
}

// The first look brings what was, page after page; the next ones only what is new, at the cost of nothing where nothing is.
func TestTheFirstLookGoesBackAndTheNextOnlyOn(t *testing.T) {
	fake := newFakeGitHub(t)
	want := map[string]change.Phase{}
	fake.run(999, 15*24*time.Hour, "success") // further back than the first look goes
	for i := range 250 {
		fake.run(1000+i, time.Duration(300-i)*time.Hour, "success")
		want[fmt.Sprintf("run/%d/1", 1000+i)] = change.Succeeded
	}
	for i := range 130 {
		fake.deploy(2000+i, time.Duration(200-i)*time.Hour, "in_progress", "success", "inactive")
		want[fmt.Sprintf("deployment/%d", 2000+i)] = change.Succeeded
	}
	fake.merge(7, time.Hour)
	want["pull/acme/payments/7"] = change.Succeeded
	fake.release(3, 2*time.Hour)
	want["release/3"] = change.Succeeded
	l := polled(t, fake, nil)
	l.round()
	l.has(want)
	if l.commit < 2 {
		t.Errorf("all came in %d looks: a kill would lose them all", l.commit)
	}
	if b := l.last.Backfill; b == nil || !b.Done {
		t.Errorf("the first look is over, and says %+v", b)
	}
	if who := l.events["pull/acme/payments/7"].Actor; who.Name != "alice" {
		t.Errorf("it was merged by %+v", who)
	}
	if e := l.events["deployment/2100"]; len(e.History) != 3 || e.Environment != "production" || e.EndedAt.IsZero() {
		t.Errorf("a deployment has the history %v in %s", e.History, e.Environment)
	}
	l.round() // what is within the overlap is looked at again
	fake.since()
	before := l.cursor
	l.round()
	if counted, asked := fake.since(); counted != 0 || len(l.last.Events) != 0 || l.cursor != before {
		t.Errorf("nothing was new: %d requests were counted of %q, %d events, the cursor is the same: %v", counted, asked, len(l.last.Events), l.cursor == before)
	}
	fake.run(1500, -time.Minute, "")
	l.round()
	want["run/1500/1"] = change.Started
	l.has(want)
}

// An installation goes on where it was before an upgrade: its lists are named as they were.
func TestASavedCursorGoesOn(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.run(1, 48*time.Hour, "success")
	fake.deploy(2, 48*time.Hour, "success")
	fake.merge(3, 48*time.Hour)
	fake.release(4, 48*time.Hour)
	l := polled(t, fake, nil)
	pass := fmt.Sprintf(`{"start":%q,"since":%q}`, ago(72*time.Hour), ago(time.Hour))
	l.cursor = fmt.Sprintf(`{"commits":3,"lists":{"acme/payments deployments":%[1]s,"acme/payments runs":%[1]s,"acme/payments pulls":%[1]s,"acme/payments releases":%[1]s}}`, pass)
	if l.round(); len(l.events) != 0 || !l.last.Backfill.Done {
		t.Errorf("all was told before, and it tells %v, backfill %+v", l.events, l.last.Backfill)
	}
}

// What is not finished is looked at until it is.
func TestWhatIsNotFinishedIsLookedAtAgain(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.deploy(1, 3*time.Hour, "in_progress")
	fake.deploy(2, 2*time.Hour, "success")
	fake.run(5, 4*time.Hour, "")
	l := polled(t, fake, nil)
	l.round()
	l.has(map[string]change.Phase{"deployment/1": change.Started, "deployment/2": change.Succeeded, "run/5/1": change.Started})
	fake.mu.Lock()
	fake.statuses[1] = append(fake.statuses[1], status("failure", time.Minute))
	fake.runs[0]["status"], fake.runs[0]["conclusion"] = "completed", "failure"
	fake.mu.Unlock()
	l.round()
	l.has(map[string]change.Phase{"deployment/1": change.Failed, "deployment/2": change.Succeeded, "run/5/1": change.Failed})
	l.round()
	fake.since()
	l.round()
	if counted, asked := fake.since(); counted != 0 {
		t.Errorf("all is finished, and %d requests were counted: %q", counted, asked)
	}
}

// A kill in the middle, and a commit that failed, lose nothing and double nothing.
func TestAKillLosesNothing(t *testing.T) {
	fake := newFakeGitHub(t)
	want := map[string]change.Phase{}
	for i := range 950 {
		fake.run(i+1, time.Duration(960-i)*10*time.Minute, "success")
		want[fmt.Sprintf("run/%d/1", i+1)] = change.Succeeded
	}
	fake.deploy(1, time.Hour, "success")
	want["deployment/1"] = change.Succeeded
	l := polled(t, fake, nil)
	for i := 0; ; i++ {
		if i%2 == 0 { // found, and never committed
			if _, err := l.poller.Poll(t.Context(), l.cursor); err != nil {
				t.Fatal(err)
			}
		}
		if i%3 == 1 {
			l.restart()
			fake.run(5000+i, -time.Duration(i)*time.Minute, "success") // the pages move on meanwhile
			want[fmt.Sprintf("run/%d/1", 5000+i)] = change.Succeeded
		}
		if err := l.look(); err != nil {
			t.Fatal(err)
		}
		if b := l.last.Backfill; i == 0 && (b.Done || b.At.IsZero() || !b.At.After(b.Until)) {
			t.Errorf("after the first look it has come to %+v", b)
		}
		if !l.last.More {
			break
		}
	}
	l.round()
	l.has(want)
}

// The same thing is the same event, whether the webhook told of it, or a look found it, or both in any order.
func TestWebhookAndLookTellTheSame(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.deploy(1, 3*time.Hour, "in_progress", "success")
	fake.run(5, 4*time.Hour, "failure")
	fake.merge(7, time.Hour)
	fake.release(3, 2*time.Hour)
	l := polled(t, fake, nil)
	l.round()
	deployment := fake.deployments[0]
	var steps []change.Event
	for _, sent := range []struct {
		event string
		body  map[string]any
	}{
		{"deployment", map[string]any{"action": "created", "deployment": deployment}},
		{"deployment_status", map[string]any{"action": "created", "deployment": deployment, "deployment_status": fake.statuses[1][0]}},
		{"deployment_status", map[string]any{"action": "created", "deployment": deployment, "deployment_status": fake.statuses[1][1]}},
		{"workflow_run", map[string]any{"action": "completed", "workflow_run": fake.runs[0]}},
		{"pull_request", map[string]any{"action": "closed", "pull_request": fake.pulls[0]}},
		{"release", map[string]any{"action": "published", "release": fake.releases[0]}},
	} {
		sent.body["repository"], sent.body["sender"] = fake.repository("payments"), alice
		body, err := json.Marshal(sent.body)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := l.poller.(integration.Receiver).Decode(integration.Delivery{Header: http.Header{"X-Github-Event": {sent.event}}, Body: body})
		if err != nil || len(decoded.Events) != 1 {
			t.Fatalf("%s: %v, %v", sent.event, decoded, err)
		}
		e := decoded.Events[0]
		e.Normalize(fakeNow, "")
		steps = append(steps, e)
	}
	for _, step := range steps {
		e := l.events[step.Key]
		if e == nil {
			t.Errorf("the look has nothing of %s", step.Key)
			continue
		}
		if before := string(e.AppendDocument(nil)); e.Advance(step) {
			t.Errorf("%s is another by the webhook:\n%s\nthan by the look:\n%s", step.Key, e.AppendDocument(nil), before)
		}
	}
}

// What the webhook could not deliver is fetched, once, and only what did not arrive in the end.
func TestFailedDeliveriesAreFetched(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.hooks = []map[string]any{{"id": 1, "config": map[string]any{"url": "https://tidings.example/hooks/github"}}, {"id": 2, "config": map[string]any{"url": "https://other.example/receive"}}}
	sent := func(id int, guid string, status int, commit string) {
		fake.sent = append(fake.sent, map[string]any{"id": id, "guid": guid, "delivered_at": ago(time.Hour), "status_code": status, "event": "push", "request": map[string]any{"payload": map[string]any{
			"ref": "refs/heads/main", "repository": fake.repository("payments"), "sender": alice, "head_commit": map[string]any{"id": commit, "message": "By hand"},
		}}})
	}
	sent(1, "arrived", 200, "a1")
	sent(2, "lost", 502, "b2")
	sent(3, "again", 0, "c3")
	sent(4, "again", 200, "c3")
	l := polled(t, fake, func(c *github.Config) { c.Deliveries = true })
	l.round()
	l.has(map[string]change.Phase{"commit/acme/payments/b2": change.Succeeded})
	fake.since()
	l.round()
	if _, asked := fake.since(); slices.ContainsFunc(asked, func(at string) bool { return strings.HasSuffix(at, "deliveries/2") }) {
		t.Errorf("what was fetched is fetched again: %q", asked)
	}
}

// Whatever GitHub answers, the source says it in words and goes on once it is mended; what cannot be seen of one thing
// does not hide the others.
func TestWhatGitHubAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   fault.Code
		says   string
		wait   time.Duration
	}{
		"revoked":         {401, nil, `{"message":"Bad credentials"}`, fault.Unauthenticated, "Bad credentials", 0},
		"primary limit":   {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(time.Now().Add(time.Hour).Unix())}, `{"message":"API rate limit exceeded"}`, fault.RateLimited, "no more requests", 59 * time.Minute},
		"secondary limit": {429, map[string]string{"Retry-After": "60"}, ``, fault.RateLimited, "no more requests", time.Minute},
		"down":            {502, nil, `<html>`, fault.Unavailable, "fault of its own", 0},
		"a page":          {200, map[string]string{"Content-Type": "text/html"}, `<html>sign in</html>`, fault.Unavailable, "web page", 0},
		"nothing":         {200, nil, ``, fault.Unavailable, "with nothing", 0},
		"another shape":   {200, nil, `{"message":"hello"}`, fault.Unavailable, "does not document", 0},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFakeGitHub(t)
			fake.release(1, time.Hour)
			fake.deploy(1, time.Hour, "success")
			l := polled(t, fake, nil)
			fake.fail("/deployments", test.status, test.header, test.body)
			err := l.look()
			if !fault.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || fault.RetryAfter(err) < test.wait || strings.Contains(err.Error(), "a-token") {
				t.Fatalf("got %v (after %s), want %s, %q", err, fault.RetryAfter(err), test.want, test.says)
			}
			fake.heal()
			l.round()
			l.has(map[string]change.Phase{"deployment/1": change.Succeeded, "release/1": change.Succeeded})
		})
	}
	for _, status := range []int{403, 404} {
		fake := newFakeGitHub(t)
		fake.release(1, time.Hour)
		l := polled(t, fake, func(c *github.Config) { c.Repositories = []string{"acme/payments", "acme/gone"} })
		fake.fail("/deployments", status, nil, `{}`)
		fake.fail("/acme/gone", 404, nil, `{}`)
		l.round()
		l.has(map[string]change.Phase{"release/1": change.Succeeded})
		if p := l.last.Problem; !strings.Contains(p, "acme/gone: ") || !strings.Contains(p, "acme/payments: ") {
			t.Errorf("%d: the source says %q", status, p)
		}
		fake.heal()
		l.round()
		if p := l.last.Problem; !strings.HasPrefix(p, "acme/gone: ") || strings.Contains(p, "acme/payments") {
			t.Errorf("%d: one is mended and the other still gone, and the source says %q", status, p)
		}
	}
}

// What was found before the limit was used up is kept, and the source waits as long as GitHub says.
func TestAUsedUpLimitIsWaitedFor(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.run(1, time.Hour, "success")
	l := polled(t, fake, func(c *github.Config) { c.Repositories, c.Organisation = nil, "acme" })
	fake.fail("/releases", 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(time.Now().Add(10 * time.Minute).Unix())}, `[]`)
	if err := l.look(); err != nil {
		t.Fatal(err)
	}
	l.has(map[string]change.Phase{"run/1/1": change.Succeeded})
	if l.last.Wait < 9*time.Minute {
		t.Errorf("it waits %s", l.last.Wait)
	}
}

// Without a token only the webhook tells, and that is no fault.
func TestWithoutATokenTheWebhookTells(t *testing.T) {
	fake := newFakeGitHub(t)
	l := polled(t, fake, func(c *github.Config) {
		c.Guard(integration.Guard{})
		c.Token = integration.Secret{}
		c.Token.Typed("token", integration.Guard{})
	})
	if err := l.look(); err != nil || l.last.Idle == "" {
		t.Errorf("got %+v, %v", l.last, err)
	}
}

func FuzzLists(f *testing.F) {
	now := time.Now().UTC().Format(time.RFC3339)
	for _, seed := range [][2]string{
		{`[{"id":1,"sha":"9f1c2e4","ref":"v2.14.0","environment":"production","created_at":"NOW","creator":{"login":"ana"}}]`, `[{"id":2,"state":"success","created_at":"NOW"},{"id":3,"state":"in_progress","created_at":"NOW"}]`},
		{`{"workflow_runs":[{"id":4,"name":"CI","head_branch":"main","head_sha":"9f1c2e4","status":"completed","conclusion":"success","created_at":"NOW","updated_at":"NOW"}]}`, `[{"filename":"main.go"}]`},
		{`[{"number":5,"title":"Retry","merged_at":"NOW","updated_at":"NOW","merge_commit_sha":"9f1c2e4","base":{"ref":"main"}}]`, `{"number":5,"merged_by":{"login":"ana"},"merged_at":"NOW"}`},
		{`[{"id":6,"tag_name":"v2.14.0","name":"2.14.0","published_at":"NOW","html_url":"https://github.com/acme/payments/releases/6"}]`, `{}`},
	} {
		f.Add([]byte(strings.ReplaceAll(seed[0], "NOW", now)), []byte(strings.ReplaceAll(seed[1], "NOW", now)))
	}
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, list, one []byte) {
		c := config()
		c.Repositories = []string{"acme/payments"}
		integrationtest.Refer(&c.Token)
		c.Use(&http.Client{Transport: integrationtest.Answer(func(r *http.Request) []byte {
			switch r.URL.Path {
			case "/repos/acme/payments":
				return []byte(`{"full_name":"acme/payments","default_branch":"main","html_url":"https://github.com/acme/payments"}`)
			case "/repos/acme/payments/deployments", "/repos/acme/payments/actions/runs", "/repos/acme/payments/pulls", "/repos/acme/payments/releases":
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
