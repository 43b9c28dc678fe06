package daemon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/integrations/aws"
	"tidings.dev/tidings/integrations/aws/awstest"
	"tidings.dev/tidings/internal/daemon"
)

// faked is a source of AWS that asks a fake.
type faked struct {
	*aws.Config
	fake *awstest.Fake
}

func (f faked) Use(*http.Client) { f.Config.Use(&http.Client{Transport: f.fake}) }

// A fake AWS is looked at, and tells by EventBridge: what is there stands in the roll, a deployment that is seen and told is one
// event, what another source tells of it is of its story, and what happened while the server was down is found once.
func TestAFakeAWSIsSeenAndTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		const key = "the-key-of-the-connection"
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		fake := awstest.New(time.Now)
		fake.Definitions["payments:41"] = awstest.Definition{Image: "acme/payments:2.13.1"}
		fake.Definitions["payments:42"] = awstest.Definition{Image: "acme/payments:2.14.0"}
		service := &awstest.Service{Cluster: "prod", Name: "payments-api", Definition: "payments:41", Desired: 2, Running: 2, Deployments: []awstest.Deployment{{ID: "ecs-svc/1", Status: "PRIMARY", Definition: "payments:41", Rollout: "COMPLETED"}}}
		fake.Services = []*awstest.Service{service, {Cluster: "prod", Name: "search", Definition: "payments:41"}}
		fake.Tags[service.ARN()] = map[string]string{"service": "payments", "tier": "1"}
		for _, name := range []string{"aws", "told"} {
			source := daemon.SourceConfig{Name: name, Type: "aws", Every: time.Second}
			c := &aws.Config{}
			c.Environments = map[string]string{"prod": "production"}
			refer := func(into any) error { *into.(*string) = "file:" + file; return nil }
			if err := c.Secret.UnmarshalYAML(refer); err != nil {
				t.Fatal(err)
			}
			if name == "aws" {
				c.Regions, c.AccessKeyID = []string{awstest.Region}, awstest.Key
				_ = c.SecretAccessKey.UnmarshalYAML(refer)
			}
			source.Config = faked{c, fake}
			config.Sources = append(config.Sources, source)
		}
		d, err := daemon.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close(context.Background()) }()
		roll := func() string { return fmt.Sprint(get(t, d.URL()+"/api/v1/entities?kind=service")) }
		deploys := func() (lines []string) {
			events, _ := get(t, d.URL()+"/api/v1/events?service=payments&kind=deploy")["events"].([]any)
			for _, e := range events {
				e := e.(object)
				actor, _ := e["actor"].(object)
				lines = append(lines, fmt.Sprint(e["source"], " ", e["phase"], " ", e["version"], " by ", actor["name"], " dark ", e["dark"]))
			}
			slices.Sort(lines)
			return lines
		}
		eventually(t, "the services", func() bool { return strings.Contains(roll(), "payments") && strings.Contains(roll(), "search") })
		eventually(t, "what runs", func() bool {
			running := fmt.Sprint(get(t, d.URL()+"/api/v1/entities/service/payments/running"))
			return strings.Contains(running, "version:2.13.1") && strings.Contains(running, "cluster:prod")
		})
		if got := deploys(); len(got) > 0 {
			t.Errorf("the first look told %q", got)
		}
		if entity := fmt.Sprint(get(t, d.URL()+"/api/v1/entities/service/payments")); !strings.Contains(entity, "tier:1") || !strings.Contains(entity, "platform:ecs") {
			t.Errorf("the roll has %s", entity)
		}

		// A deployment is told by who asked for it and by ECS, and seen.
		now := time.Now()
		begun := awstest.Deployment{ID: "ecs-svc/4711", Status: "PRIMARY", Definition: "payments:42", Rollout: "IN_PROGRESS", CreatedAt: now, UpdatedAt: now}
		tell := func(source, fixture, id string) {
			body := tellOf(t, fixture, id, now)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL()+"/hooks/"+source, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Tidings-Token", key)
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", fixture, answer.Status)
			}
		}
		tell("aws", "call-update-service", begun.ID)
		fake.Lock()
		service.Definition, service.Deployments = "payments:42", []awstest.Deployment{begun}
		fake.Unlock()
		eventually(t, "the deployment, seen", func() bool {
			return slices.Equal(deploys(), []string{"aws started 2.14.0 by ada@example.com dark <nil>"})
		})
		tell("aws", "ecs-started", begun.ID)
		tell("told", "ecs-completed", begun.ID)

		// The server is down when it ends, and a second one begins and ends.
		if err := d.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		fake.Lock()
		next := begun
		next.ID, next.Rollout, next.CreatedAt, next.UpdatedAt = "ecs-svc/4712", "COMPLETED", time.Now(), time.Now()
		begun.Status, begun.Rollout = "ACTIVE", "COMPLETED"
		service.Deployments, service.Running = []awstest.Deployment{next, begun}, 1
		fake.Unlock()
		if d, err = daemon.Open(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		want := []string{"aws succeeded 2.14.0 by <nil> dark true", "aws succeeded 2.14.0 by ada@example.com dark <nil>", "told succeeded <nil> by <nil> dark <nil>"}
		eventually(t, "both deployments", func() bool { return slices.Equal(deploys(), want) })
		looks := func() int {
			fake.Lock()
			defer fake.Unlock()
			return fake.Asked["ListClusters"]
		}
		before := looks()
		eventually(t, "two more looks", func() bool { return looks() >= before+3 })
		if got := deploys(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		for _, e := range get(t, d.URL()+"/api/v1/events?service=payments&kind=deploy&source=told")["events"].([]any) {
			of := fmt.Sprint(get(t, d.URL()+"/api/v1/events/"+fmt.Sprint(e.(object)["id"])+"?with=story")["story_events"])
			if !strings.Contains(of, "ada@example.com") || !strings.Contains(of, "source:aws") || !strings.Contains(of, "source:told") {
				t.Errorf("what another source tells is not of its story: %s", of)
			}
		}
	})
}

// tellOf is a fixture of EventBridge about another deployment, and of now.
func tellOf(t *testing.T, fixture, id string, now time.Time) string {
	t.Helper()
	body := string(fixed(t, filepath.Join("..", "..", "integrations", "aws", "testdata", fixture+".txtar")).Body)
	for _, old := range []string{"2026-11-22T04:02:04Z", "2026-11-22T04:03:14Z", "2026-11-22T04:05:04Z", "2026-11-22T04:09:04Z"} {
		body = strings.ReplaceAll(body, old, now.UTC().Format(time.RFC3339))
	}
	body = strings.ReplaceAll(body, "ecs-svc/4711", id)
	if !json.Valid([]byte(body)) {
		t.Fatal(body)
	}
	return body
}
