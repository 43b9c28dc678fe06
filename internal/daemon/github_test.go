package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// gitHubRig is the address of the emulator of GitHub that scripts/emulator starts.
const gitHubRig = "TIDINGS_TEST_GITHUB"

// Against an emulator that somebody else wrote: what was before is brought in, a merge that both the webhook and the look
// tell of is one event, what the webhook could not deliver is found, and what cannot be seen is said.
func TestGitHub(t *testing.T) {
	t.Parallel()
	address := os.Getenv(gitHubRig)
	if address == "" {
		t.Fatalf("%s is not set: this needs an emulator of GitHub. Run it by make test-go, or as scripts/emulator github -- go test", gitHubRig)
	}
	github := gitHubClient{address}
	// The emulator lives as long as all tests: what this one makes has a name of its own.
	run := fmt.Sprint(time.Now().UnixNano())
	repository := "alice/payments-" + run
	github.ask(t, http.MethodPost, "/user/repos", object{"name": "payments-" + run, "auto_init": true})
	github.ask(t, http.MethodPost, "/repos/"+repository+"/releases", object{"tag_name": "v1.0.0", "name": "Before"})

	dir := t.TempDir()
	for name, content := range map[string]string{"secret": "a-secret-of-the-webhook", "token": "a-token-of-alice"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: github\ntype: github\nevery: 1s\nallow: [127.0.0.1]\nsecret: file:" + dir + "/secret\ntoken: file:" + dir + "/token\n" +
			"api: " + address + "\nservices: {" + repository + ": payments}\n")); err != nil {
			t.Fatal(err)
		}
		c.Sources = append(c.Sources, source)
	}))
	source := func() object {
		for _, s := range get(t, url+"/api/v1/sources")["sources"].([]any) {
			if s := s.(object); s["name"] == "github" {
				return s
			}
		}
		return object{}
	}
	events := func() map[string]object {
		all := map[string]object{}
		found, _ := get(t, url+"/api/v1/events?source=github")["events"].([]any)
		for _, e := range found {
			e := e.(object)
			all[fmt.Sprint(e["title"])] = e
		}
		return all
	}
	eventually(t, "the look at what was before", func() bool {
		b, _ := source()["backfill"].(object)
		return b != nil && b["done"] == true
	})
	if e := events()["Released v1.0.0: Before"]; e == nil || !strings.Contains(fmt.Sprint(e["subjects"]), "service:payments") {
		t.Errorf("what was before: %v", events())
	}
	if s := source(); s["state"] != "failing" || !strings.Contains(fmt.Sprint(s["fault"]), "deployments") {
		t.Errorf("the emulator knows no deployments, and the source says %v: %v", s["state"], s["fault"])
	}

	hook := func(to string) {
		github.ask(t, http.MethodPost, "/repos/"+repository+"/hooks", object{
			"name": "web", "active": true, "events": []string{"pull_request"}, "config": object{"url": to, "content_type": "json", "secret": "a-secret-of-the-webhook"},
		})
	}
	merge := func(branch string) {
		main := github.ask(t, http.MethodGet, "/repos/"+repository+"/branches/main", nil)["commit"].(object)["sha"]
		github.ask(t, http.MethodPost, "/repos/"+repository+"/git/refs", object{"ref": "refs/heads/" + branch, "sha": main})
		pull := github.ask(t, http.MethodPost, "/repos/"+repository+"/pulls", object{"title": "Merge " + branch, "head": branch, "base": "main"})
		github.ask(t, http.MethodPut, fmt.Sprintf("/repos/%s/pulls/%v/merge", repository, pull["number"]), object{})
	}
	merge("missed") // no webhook is there
	hook(url + "/hooks/github")
	merge("both")
	var merged map[string]object
	eventually(t, "both merges, of which one was delivered", func() bool {
		merged = map[string]object{}
		for title, e := range events() {
			if _, branch, ok := strings.Cut(title, " Merge "); ok {
				merged[branch] = e
			}
		}
		deliveries, _ := source()["deliveries"].(object)
		taken, _ := deliveries["taken"].(float64)
		return len(merged) == 2 && taken >= 1
	})
	for _, branch := range []string{"missed", "both"} {
		if e := merged[branch]; e == nil || e["kind"] != "merge" || e["actor"].(object)["name"] != "alice" || e["commit"] == nil {
			t.Errorf("the merge of %s: %v", branch, e)
		}
	}
	if all := events(); len(all) != 3 {
		t.Errorf("there are %d events, want 3: %v", len(all), all)
	}
}

type gitHubClient struct{ address string }

func (g gitHubClient) ask(t *testing.T, method, path string, body object) object {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, g.address+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer a-token-of-alice")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s, %v", method, path, answer.StatusCode, text, err)
	}
	var into object
	_ = json.Unmarshal(text, &into) // some answers are lists
	return into
}
