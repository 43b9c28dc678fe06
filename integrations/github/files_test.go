package github_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/github"
)

// monorepo is a configuration of a repository of several services, which the roll knows.
func monorepo(c *github.Config) {
	roll := catalog.NewIndex()
	for i, name := range []string{"pricing", "basket"} {
		roll.Put(&catalog.Entity{ID: int64(i + 1), Kind: catalog.Service, Name: name, Aliases: []string{"github:acme/payments//services/" + name}})
	}
	c.Services = nil
	c.Know(roll)
}

func about(e *change.Event) string {
	var names []string
	for _, subject := range e.Subjects {
		names = append(names, strings.TrimPrefix(subject.Name, "github:acme/payments"))
	}
	return strings.Join(names, " ")
}

// What lists tell of a repository of several services is about those whose files were changed, for which GitHub is asked
// once each; and about the repository where it does not say.
func TestListsOfAMonorepo(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.merge(1, time.Hour)
	fake.changed("pulls/1", "services/pricing/a.go", "services/basket/b.go", "go.sum")
	fake.merge(2, 2*time.Hour)
	fake.changed("pulls/2", "docs/index.md")
	fake.merge(3, 3*time.Hour)
	for i := range 250 { // of three pages
		fake.changed("pulls/3", fmt.Sprintf("docs/%d.md", i))
	}
	fake.files["pulls/3"][0] = map[string]any{"filename": "docs/moved.go", "previous_filename": "services/basket/moved.go"}
	fake.run(7, time.Hour, "success")
	fake.changed(fmt.Sprintf("commits/%040x", 7), "services/pricing/a.go")
	fake.run(8, 2*time.Hour, "success")
	fake.fail(fmt.Sprintf("commits/%040x", 8), http.StatusUnprocessableEntity, nil, `{"message":"No commit found for SHA"}`)
	fake.release(3, time.Hour)
	l := polled(t, fake, monorepo)
	l.round()
	got := map[string]string{}
	for key, e := range l.events {
		got[strings.TrimPrefix(key, "pull/acme/payments/")] = about(e)
	}
	want := map[string]string{
		"1": "//services/basket //services/pricing", "2": "", "3": "//services/basket", "run/7/1": "//services/pricing", "run/8/1": "", "release/3": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	fake.since()
	l.round()
	if _, asked := fake.since(); len(asked) > 0 {
		for _, at := range asked {
			if strings.Contains(at, "/files") || strings.Contains(at, "/commits/") {
				t.Errorf("what was asked for is asked for again: %s", at)
			}
		}
	}
}

// delivered is a delivery of a merged pull request.
func delivered(t *testing.T, number int) integration.Delivery {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"action": "closed", "repository": map[string]any{"full_name": "acme/payments", "default_branch": "main"}, "sender": alice,
		"pull_request": map[string]any{"number": number, "title": "Round up", "merged": true, "merged_at": ago(time.Hour), "base": map[string]any{"ref": "main"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return integration.Delivery{Header: http.Header{"X-Github-Event": {"pull_request"}, "X-Github-Delivery": {"a-guid"}}, Body: body}
}

func complete(t *testing.T, l *log, number int) *change.Event {
	t.Helper()
	decoded, err := l.poller.(integration.Completing).Complete(t.Context(), delivered(t, number))
	if err != nil || len(decoded.Events) != 1 || decoded.Key != "a-guid" {
		t.Fatalf("got %+v, %v", decoded, err)
	}
	return &decoded.Events[0]
}

// A delivery does not say which files a pull request changed: GitHub is asked, and the list tells the same of it.
func TestADeliveryOfAMonorepo(t *testing.T) {
	fake := newFakeGitHub(t)
	fake.merge(1, time.Hour)
	fake.changed("pulls/1", "services/pricing/a.go")
	l := polled(t, fake, monorepo)
	e := complete(t, l, 1)
	if got := about(e); got != "//services/pricing" {
		t.Errorf("it is about %q", got)
	}
	l.round()
	if known := l.events[e.Key]; known == nil || about(known) != "//services/pricing" {
		t.Errorf("the list tells of %+v", known)
	}

	// Where GitHub does not answer, the delivery is taken as it is; and none waits for a while.
	fake.fail("pulls/2/files", http.StatusBadGateway, nil, "")
	if got := about(complete(t, l, 2)); got != "" {
		t.Errorf("it is about %q", got)
	}
	fake.heal()
	fake.since()
	if got := about(complete(t, l, 3)); got != "" {
		t.Errorf("it is about %q", got)
	}
	if _, asked := fake.since(); len(asked) > 0 {
		t.Errorf("GitHub was asked at once again: %v", asked)
	}
}

// Of a repository of one service nobody asks for files.
func TestADeliveryOfOneService(t *testing.T) {
	fake := newFakeGitHub(t)
	l := polled(t, fake, nil)
	if e := complete(t, l, 1); e.Subjects[0].Name != "service:payments" {
		t.Errorf("it is about %v", e.Subjects)
	}
	if _, asked := fake.since(); len(asked) > 0 {
		t.Errorf("it was asked for %v", asked)
	}
}
