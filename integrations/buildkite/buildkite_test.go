package buildkite_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/buildkite"
)

func config(signing string) *buildkite.Config {
	c := &buildkite.Config{
		Mapping: integration.Mapping{Services: map[string]string{"acme/payments": "payments"}},
		Deploys: integration.Deploys{Deploys: map[string]string{"payments-deploy": "production"}}, Signing: signing,
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Lives: [][]string{{"build-scheduled", "build-running", "build-blocked", "build-passed"}},
		Spec:  buildkite.Spec, Config: func() integration.Config { return config("") },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-Buildkite-Signature", buildkite.Signature.Sum(secret, strconv.FormatInt(integrationtest.Now.Unix(), 10), d.Body))
			d.Header.Set("X-Buildkite-Token", "not what counts")
		},
	})
}

// A service that is set to send the token is another one: which of them is meant is configured.
func TestTokens(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: buildkite.Spec, Config: func() integration.Config { return config("token") }, Unsigned: true,
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) { d.Header.Set("X-Buildkite-Token", secret) },
	})
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config("").Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
	})
}
