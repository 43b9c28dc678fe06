package github_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/github"
)

func config() *github.Config {
	c := &github.Config{Mapping: integration.Mapping{
		Services: map[string]string{
			"acme/payments": "payments", "acme/shop//services/pricing": "pricing", "acme/shop//services/basket": "basket", "acme/shop//libs": "shared",
		}, Environments: map[string]string{"prod-eu": "production"},
	}}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("X-Hub-Signature-256", github.Signature.Sum(secret, d.Body))
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"deployment", "deployment-status-in-progress", "deployment-status-success"}, {"deployment", "deployment-status-in-progress", "deployment-status-failure"}, {"workflow-run-in-progress", "workflow-run-failed"}},
		Spec:  github.Spec, Config: func() integration.Config { return config() }, Sign: sign,
		Header: http.Header{"X-Github-Delivery": {"72d3162e-cc78-11e3-81ab-4c9367dc0958"}},
	})
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		fixture := integrationtest.Seed(f, name)
		f.Add(fixture.Header.Get("X-Github-Event"), fixture.Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{"X-Github-Event": {event}}, Body: body})
	})
}
