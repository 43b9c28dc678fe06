package daemon_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/integrations/nerve"
	"tidings.dev/tidings/internal/daemon"
)

// nearby names addresses of the inside in every place that can.
func nearby(c *daemon.Config) {
	c.Outbound.Allow = []string{"192.168.7.0/24"}
	c.Traces.Endpoint = "http://127.0.0.1:4318/v1/traces"
	c.Storage.Endpoint, c.Storage.Allow = "https://10.0.0.5:9000", []string{"10.0.0.0/24"}
	c.Login.Providers = []login.ProviderConfig{{Name: "company", Issuer: "https://localhost/realm", ClientID: "tidings"}}
	c.Sources = []daemon.SourceConfig{{Name: "fleet", Type: "nerve", Every: time.Minute, Config: &nerve.Config{Servers: []string{"192.168.7.7:2181", "10.9.8.7:2181", "[fd00::7]:2181"}}}}
}

// After an upgrade what is configured and must not be asked is named, with the line that lets it be asked.
func TestTheDoctorNamesAddressesThatMustNotBeAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		keyed(t, &config)
		nearby(&config)
		config.Sources = nil
		d, err := daemon.Open(t.Context(), config)
		if err == nil {
			err = d.Close(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		put(t, config, map[string]string{
			"registry": `{"type": "consul", "settings": {"address": "http://10.1.1.1:8500"}}`,
			"code":     `{"type": "git", "settings": {"repository": "git@10.1.1.2:acme/shop.git", "service": "shop"}}`,
			"resting":  `{"type": "consul", "disabled": true, "settings": {"address": "http://10.1.1.3:8500"}}`,
		})
		nearby(&config)
		refused := func() (said []string, line string) {
			for _, f := range daemon.Examine(t.Context(), config).Findings {
				if strings.Contains(f.Detail, "must not") {
					said, line = append(said, f.Check+": "+strings.Fields(f.Detail)[2]), f.Do
				}
			}
			return said, line
		}
		said, line := refused()
		want := "login company: localhost,; source code: 10.1.1.2; source fleet: 10.9.8.7; source fleet: fd00::7; source registry: 10.1.1.1; traces: 127.0.0.1"
		if got := strings.Join(said, "; "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		_, line, _ = strings.Cut(line, "its outbound: ")
		if want := `outbound: {allow: [192.168.7.0/24, localhost, 10.1.1.2, 10.9.8.7, "fd00::7", 10.1.1.1, 127.0.0.1]}`; line != want {
			t.Errorf("the line is %s, want %s", line, want)
		}
		var mended struct {
			Outbound daemon.OutboundConfig `yaml:"outbound"`
		}
		if err := yaml.Unmarshal([]byte(line), &mended); err != nil {
			t.Fatal(err)
		}
		config.Outbound = mended.Outbound
		if said, _ := refused(); len(said) != 0 {
			t.Errorf("with that line %q is said", said)
		}
	})
}

// The log of a start has the same.
func TestTheStartNamesAddressesThatMustNotBeAsked(t *testing.T) {
	var log seen
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		nearby(c)
	}))
	eventually(t, "the log names them", func() bool {
		text := string(log.bytes())
		return strings.Contains(text, `by="source fleet" host=10.9.8.7`) && strings.Contains(text, "by=traces") && strings.Contains(text, "to_allow_it=\"outbound: {allow: [192.168.7.0/24, ")
	})
}
