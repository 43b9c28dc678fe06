package bitbucket_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/bitbucket"
)

func config() *bitbucket.Config {
	c := &bitbucket.Config{
		Mapping: integration.Mapping{Services: map[string]string{"acme/payments": "payments"}},
		Deploys: integration.Deploys{Deploys: map[string]string{"deploy-eu": "production"}},
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("X-Hub-Signature", bitbucket.Signature.Sum(secret, d.Body))
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: bitbucket.Spec, Config: func() integration.Config { return config() }, Sign: sign,
		Lives: [][]string{
			{"pipeline-started", "pipeline-successful"}, {"pipeline-started", "pipeline-failed"}, {"deploy-started", "deploy-successful"},
		},
		Header: http.Header{"X-Request-Uuid": {"a2c7f0d4-6d57-4b8e-9f0e-0d3f4c9b1a22"}, "X-Attempt-Number": {"1"}},
	})
}

// A branch that is named takes the place of those that count unless one is.
func TestBranchesAreThoseThatAreNamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"pull-request-merged": false, "pull-request-other-branch": true} {
		c := config()
		c.Branches = []string{"develop"}
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		fixture := integrationtest.Read(t, filepath.Join("testdata", name+".txtar"), nil)
		decoded, err := source.(integration.Receiver).Decode(fixture.Delivery)
		if err != nil || len(decoded.Events) > 0 != want {
			t.Errorf("%s gives %d events (%v), want any: %v", name, len(decoded.Events), err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		fixture := integrationtest.Seed(f, name)
		f.Add(fixture.Header.Get("X-Event-Key"), fixture.Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{"X-Event-Key": {event}}, Body: body})
	})
}
