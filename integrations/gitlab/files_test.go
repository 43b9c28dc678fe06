package gitlab_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/gitlab"
)

// monorepo is a configuration of a project of several services, which the roll knows.
func monorepo(c *gitlab.Config) {
	roll := catalog.NewIndex()
	for i, name := range []string{"pricing", "basket"} {
		roll.Put(&catalog.Entity{ID: int64(i + 1), Kind: catalog.Service, Name: name, Aliases: []string{"gitlab:acme/shop/payments//services/" + name}})
	}
	c.Services = nil
	c.Know(roll)
}

func about(e *change.Event) string {
	var names []string
	for _, subject := range e.Subjects {
		names = append(names, strings.TrimPrefix(subject.Name, "gitlab:acme/shop/payments"))
	}
	return strings.Join(names, " ")
}

// What lists and deliveries tell of a project of several services is about those whose files were changed, for which GitLab
// is asked; and about the project where it does not say.
func TestAMonorepo(t *testing.T) {
	fake, now := newFakeGitLab(t), time.Now()
	fake.merge(9001, now.Add(-time.Hour))
	fake.files["merge_requests/412"] = []object{{"old_path": "services/basket/a.rb", "new_path": "services/pricing/a.rb", "renamed_file": true}}
	fake.run(31, now.Add(-time.Hour), "success", "main", false)
	fake.files["commits/9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01"] = []object{{"old_path": "services/pricing/a.rb", "new_path": "services/pricing/a.rb"}}
	fake.deploy(51, now.Add(-time.Hour), "success")
	fake.release("basket/v1.2.0", now.Add(-time.Hour))
	l := polled(t, fake, monorepo)
	delivery := integration.Delivery{Header: http.Header{}, Body: []byte(`{"object_kind": "merge_request", "project": {"id": 47, "path_with_namespace": "acme/shop/payments", "default_branch": "main"},
		"object_attributes": {"id": 9001, "iid": 412, "action": "merge", "target_branch": "main", "title": "Round totals", "updated_at": "2026-11-22 02:30:00 UTC"}}`)}
	complete := func() string {
		t.Helper()
		decoded, err := l.poller.(integration.Completing).Complete(t.Context(), delivery)
		if err != nil || len(decoded.Events) != 1 {
			t.Fatalf("got %+v, %v", decoded, err)
		}
		return about(&decoded.Events[0])
	}
	fake.fails["/diffs"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	if got := complete(); got != "" {
		t.Errorf("where GitLab does not say, the delivery is about %q", got)
	}
	clear(fake.fails)
	l.round()
	for key, want := range map[string]string{
		"merge_request/9001": "//services/basket //services/pricing", "pipeline/31": "//services/pricing", "deployment/51": "", "release/47/basket/v1.2.0": "//services/basket",
	} {
		if e := l.events[key]; e == nil || about(e) != want {
			t.Errorf("%s is about %+v, want %q", key, e, want)
		}
	}
	l.restart()
	if got := complete(); got != "//services/basket //services/pricing" {
		t.Errorf("the delivery is about %q", got)
	}
}
