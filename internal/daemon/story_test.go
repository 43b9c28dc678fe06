package daemon_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/circleci"
	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/internal/daemon"
)

// One commit goes its way through four tools: it is merged in GitHub, built by CircleCI and by GitLab, and deployed by
// Argo CD. In whichever order they tell of it, and however often, it is one story.
func TestAStoryAcrossTools(t *testing.T) {
	t.Parallel()
	const secret = "a-shared-secret-of-the-hooks"
	each(t, func(t *testing.T, config daemon.Config) {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			"name: github\ntype: github", // its repository is claimed by an alias, as is CircleCI's
			"name: circleci\ntype: circleci",
			"name: gitlab\ntype: gitlab\nservices:\n  acme/shop/payments: payments",
			"name: argocd\ntype: argocd\nservices:\n  payments-prod: payments\nenvironments:\n  prod-eu: production",
		} {
			var source daemon.SourceConfig
			if err := source.UnmarshalYAML([]byte(text + "\nsecret: file:" + file + "\n")); err != nil {
				t.Fatal(err)
			}
			config.Sources = append(config.Sources, source)
		}
		url := server(t, config)
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=payments/tidings.yaml", "application/yaml", "name: payments\naliases: [\"github:acme/payments\"]\n", http.StatusOK)

		sign := map[string]func(*integration.Delivery){
			"github": func(d *integration.Delivery) {
				d.Header.Set("X-Hub-Signature-256", github.Signature.Sum(secret, d.Body))
			},
			"circleci": func(d *integration.Delivery) {
				d.Header.Set("Circleci-Signature", circleci.Signature.Sum(secret, d.Body))
			},
			"gitlab": func(d *integration.Delivery) { d.Header.Set("X-Gitlab-Token", secret) },
			"argocd": func(d *integration.Delivery) { d.Header.Set("Authorization", "Bearer "+secret) },
		}
		told := []string{
			"github/pull-request-merged", "circleci/workflow-success", "gitlab/pipeline-running", "gitlab/pipeline-success",
			"argocd/sync-running", "argocd/sync-succeeded", "argocd/sync-healthy",
		}
		told = append(told, told...)
		rand.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
		t.Logf("told in the order %q", told)
		for _, name := range told {
			tool, fixture, _ := strings.Cut(name, "/")
			d := fixed(t, filepath.Join("..", "..", "integrations", tool, "testdata", fixture+".txtar"))
			sign[tool](&d)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hooks/"+tool, bytes.NewReader(d.Body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header = d.Header
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", name, answer.Status)
			}
		}

		events := get(t, url+"/api/v1/events?service=payments&kind=deploy")["events"].([]any)
		if len(events) != 1 {
			t.Fatalf("there are %d deploys, want one", len(events))
		}
		id := fmt.Sprint(events[0].(object)["id"])
		var story []string
		for _, e := range get(t, url+"/api/v1/events/"+id+"?with=story")["story_events"].([]any) {
			e := e.(object)
			story = append(story, fmt.Sprint(e["source"], " ", e["kind"], " ", e["phase"]))
		}
		slices.Sort(story)
		want := []string{"argocd deploy succeeded", "circleci build succeeded", "github merge succeeded", "gitlab build succeeded"}
		if !slices.Equal(story, want) {
			t.Errorf("the story is %q, want %q", story, want)
		}
		if event := events[0].(object); event["version"] != "2.14.0" || event["environment"] != "production" || event["subjects"].([]any)[0] == nil {
			t.Errorf("the deploy: %v", event)
		}
	})
}

// fixed is the delivery of a tool's fixture.
func fixed(t *testing.T, path string) integration.Delivery {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := integration.Delivery{Header: http.Header{}}
	for _, file := range archive.Files {
		switch file.Name {
		case "header":
			for line := range strings.Lines(string(file.Data)) {
				if key, value, found := strings.Cut(line, ":"); found {
					d.Header.Set(key, strings.TrimSpace(value))
				}
			}
		case "body":
			d.Body = bytes.TrimSuffix(file.Data, []byte("\n"))
		}
	}
	return d
}
