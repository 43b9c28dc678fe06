package sentry_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/sentry"
)

func config() *sentry.Config {
	c := &sentry.Config{}
	c.Services = map[string]string{"checkout-web": "storefront"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func sign(_ *testing.T, secret string, d *integration.Delivery) {
	d.Header.Set("Sentry-Hook-Signature", sentry.Signature.Sum(secret, d.Body))
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: sentry.Spec, Config: func() integration.Config { return config() }, Sign: sign,
		Header: http.Header{"Request-Id": {"6d2d1a2b9e3c4f5a"}, "Sentry-Hook-Timestamp": {"1795313800"}},
	})
}

// What is kept of an event holds nothing of the people whom it befell, and means the same.
func TestSpare(t *testing.T) {
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	sparing := source.(integration.Sparing)
	for _, name := range []string{"issue-alert", "issue-alert-of-tags", "metric-critical", "issue-created"} {
		fixture := integrationtest.Read(t, filepath.Join("testdata", name+".txtar"), http.Header{"Request-Id": {"6d2d1a2b9e3c4f5a"}, "Sentry-Hook-Timestamp": {"1795313800"}})
		fixture.Body = sparing.Spare(fixture.Body)
		for _, personal := range []string{"canary@example.com", "cookies", "canary browser"} {
			if bytes.Contains(fixture.Body, []byte(personal)) {
				t.Errorf("%s: %s is kept", name, personal)
			}
		}
		decoded, err := sparing.Decode(fixture.Delivery)
		if got := integrationtest.Render(t, decoded, err); got != fixture.Want {
			t.Errorf("%s means something else when it is read again:\n%s", name, got)
		}
	}
	if got := sparing.Spare([]byte("<html>")); got != nil {
		t.Errorf("of what is no JSON: %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		fixture := integrationtest.Seed(f, name)
		f.Add(fixture.Header.Get("Sentry-Hook-Resource"), fixture.Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, resource string, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{"Sentry-Hook-Resource": {resource}}, Body: body})
	})
}
