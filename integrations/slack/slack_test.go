package slack_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/slack"
)

func config() *slack.Config {
	c := &slack.Config{}
	integrationtest.Refer(&c.Secret)
	integrationtest.Refer(&c.BotToken)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: slack.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			stamp := strconv.FormatInt(integrationtest.Now.Unix(), 10)
			d.Header.Set("X-Slack-Request-Timestamp", stamp)
			d.Header.Set("X-Slack-Signature", slack.Signature.Sum(secret, stamp, d.Body))
		},
	})
}

// What is kept of a delivery is no credential, and is read again as the same.
func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	sparing := source.(integration.Sparing)
	for _, name := range []string{"command", "command-over-a-socket", "button", "mention"} {
		fixture := integrationtest.Read(t, "testdata/"+name+".txtar", nil)
		body := string(sparing.Spare(fixture.Body))
		for _, credential := range []string{"hooks.slack.com", "canary-token", "trigger_id"} {
			if strings.Contains(body, credential) {
				t.Errorf("%s: %s is kept: %s", name, credential, body)
			}
		}
		again, err := sparing.Decode(integration.Delivery{Body: []byte(body), ReceivedAt: integrationtest.Now})
		if err != nil || len(again.Heard) != 1 {
			t.Errorf("%s: read again: %+v, %v", name, again, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
		source.(integration.Sparing).Spare(body)
	})
}

// The README has the manifest as the command writes it, and without an address nothing of it leads anywhere.
func TestManifest(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var indented strings.Builder
	for line := range strings.Lines(slack.Manifest("https://TIDINGS", "slack")) {
		indented.WriteString("   " + line)
	}
	if !strings.Contains(string(readme), indented.String()) {
		t.Error("the README has another manifest")
	}
	if got := slack.Manifest("https://tidings.northwind.example:8443/", "work"); strings.Contains(got, "TIDINGS") ||
		!strings.Contains(got, "https://tidings.northwind.example:8443/hooks/work") || !strings.Contains(got, "- tidings.northwind.example\n") {
		t.Errorf("for an installation:\n%s", got)
	}
	if got := slack.Manifest("", ""); strings.Contains(got, "TIDINGS") || !strings.Contains(got, "socket_mode_enabled: true") || strings.Contains(got, "request_url") {
		t.Errorf("for socket mode:\n%s", got)
	}
}
