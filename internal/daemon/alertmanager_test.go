package daemon_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// prometheusRig is the directory of the Prometheus and the Alertmanager that scripts/alertmanager starts.
const prometheusRig = "TIDINGS_TEST_ALERTMANAGER"

// A real Prometheus finds that a service fails, and a real Alertmanager tells: the alert is in the log while it fires, about
// the service, and has ended when the service is well again.
func TestAlertmanager(t *testing.T) {
	t.Parallel()
	rig := os.Getenv(prometheusRig)
	if rig == "" {
		t.Fatalf("%s is not set: this needs a real Alertmanager. Run it by make test-go, or as scripts/alertmanager -- go test", prometheusRig)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("a-token-of-the-alertmanager"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: alerts\ntype: alertmanager\nsecret: file:" + secret +
			"\nservices: {checkout-api: checkout}\nenvironments: {prd: production}\n")); err != nil {
			t.Fatal(err)
		}
		c.Sources = append(c.Sources, source)
	}))

	var broken atomic.Bool
	broken.Store(true)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		value := 0
		if broken.Load() {
			value = 1
		}
		fmt.Fprintf(w, "checkout_failing %d\n", value)
	}))
	defer service.Close()

	configure(t, rig, "alertmanager", fmt.Sprintf(`
route: {receiver: tidings, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 4h}
receivers:
  - name: tidings
    webhook_configs:
      - url: %s/hooks/alerts
        http_config: {authorization: {type: Bearer, credentials_file: %q}}
`, url, secret))
	if err := os.WriteFile(filepath.Join(rig, "rules.yml"), []byte(`
groups:
  - name: checkout
    interval: 1s
    rules:
      - alert: CheckoutFails
        expr: checkout_failing > 0
        for: 2s
        labels: {severity: page, service: checkout-api, env: prd}
        annotations: {summary: requests fail, runbook_url: "https://wiki.example.com/checkout"}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	configure(t, rig, "prometheus", fmt.Sprintf(`
global: {scrape_interval: 1s}
rule_files: [rules.yml]
scrape_configs: [{job_name: checkout, static_configs: [{targets: [%q]}]}]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
`, strings.TrimPrefix(service.URL, "http://"), rigFile(t, rig, "alertmanager.address")))

	alert := func() object {
		events, _ := get(t, url+"/api/v1/events?source=alerts&kind=alert")["events"].([]any)
		if len(events) != 1 {
			return nil
		}
		return events[0].(object)
	}
	eventually(t, "an alert that fires", func() bool { return alert() != nil })
	e := alert()
	if e["title"] != "CheckoutFails: requests fail" || e["phase"] != "started" || e["environment"] != "production" ||
		e["labels"].(object)["severity"] != "page" || e["ended_at"] != nil ||
		!strings.Contains(fmt.Sprint(e["subjects"]), "service:checkout") {
		t.Errorf("while it fires: %v", e)
	}
	broken.Store(false)
	eventually(t, "an alert that is resolved", func() bool { return alert()["phase"] == "succeeded" })
	if e := alert(); e["ended_at"] == nil || len(e["history"].([]any)) != 2 {
		t.Errorf("when it is resolved: %v", e)
	}
}

// configure gives a program of the rig its configuration.
func configure(t *testing.T, rig, program, config string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(rig, program+".yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := "http://" + rigFile(t, rig, program+".address") + "/-/reload"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s did not take its configuration: %s %s %v", program, answer.Status, said, err)
	}
}

func rigFile(t *testing.T, rig, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(rig, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}
