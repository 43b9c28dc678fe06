package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// unleashRig is the address of the Unleash that scripts/unleash starts.
const unleashRig = "TIDINGS_TEST_UNLEASH"

// A person turns a real flag on in a real Unleash: the log has it, with who and where, about the service that the flag is of.
func TestUnleash(t *testing.T) {
	t.Parallel()
	address := os.Getenv(unleashRig)
	if address == "" {
		t.Fatalf("%s is not set: this needs a real Unleash. Run it by make test-go, or as scripts/postgres --fast -- scripts/unleash -- go test", unleashRig)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("a-token-of-unleash"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: flags\ntype: unleash\nsecret: file:" + secret +
			"\nservices: {default/checkout-v2: checkout}\nenvironments: {development: test}\naddress: " + address + "\n")); err != nil {
			t.Fatal(err)
		}
		c.Sources = append(c.Sources, source)
	}))

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	unleash := unleashClient{address, &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	unleash.post(t, "/auth/simple/login", object{"username": "admin", "password": "unleash4all"})
	unleash.post(t, "/api/admin/addons", object{
		"provider": "webhook", "enabled": true, "description": "Tidings", "projects": []string{}, "environments": []string{},
		"events":     []string{"feature-environment-enabled", "feature-environment-disabled", "feature-strategy-update"},
		"parameters": object{"url": url + "/hooks/flags", "authorization": "Bearer a-token-of-unleash"},
	})
	unleash.post(t, "/api/admin/projects/default/features", object{"name": "checkout-v2", "type": "release"})
	flag := "/api/admin/projects/default/features/checkout-v2/environments/development"
	unleash.post(t, flag+"/strategies", object{"name": "flexibleRollout", "parameters": object{"rollout": "25", "stickiness": "default", "groupId": "checkout-v2"}})

	events := func() []any {
		events, _ := get(t, url+"/api/v1/events?source=flags&kind=flag")["events"].([]any)
		return events
	}
	// Unleash remembers for a minute that it had no webhook, so the flag is turned on and off until it knows better.
	ways, turned := []string{"/on", "/off"}, 0
	for until := time.Now().Add(90 * time.Second); len(events()) == 0; turned++ {
		if time.Now().After(until) {
			t.Fatal("Unleash told nothing of a flag that was turned on and off for a minute and a half")
		}
		unleash.post(t, flag+ways[turned%2], object{})
		wait(t, 2*time.Second, func() bool { return len(events()) > 0 })
	}
	e := events()[0].(object)
	title, diff := "Turned on flag checkout-v2", "map[field:checkout-v2 new:on old:off]"
	if turned%2 == 0 {
		title, diff = "Turned off flag checkout-v2", "map[field:checkout-v2 new:off old:on]"
	}
	if e["title"] != title || e["environment"] != "test" || !strings.Contains(fmt.Sprint(e["subjects"]), "service:checkout") ||
		!strings.Contains(fmt.Sprint(e["diff"]), diff) {
		t.Errorf("a flag that was turned: %v", e)
	}
	if actor := e["actor"].(object); actor["type"] != "person" || actor["name"] != "admin" {
		t.Errorf("who turned it: %v", actor)
	}
}

// wait waits for something, but not for ever.
func wait(t *testing.T, atMost time.Duration, until func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(atMost); !until() && time.Now().Before(end); {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("the test was ended")
		}
	}
}

type unleashClient struct {
	address string
	client  *http.Client
}

func (u unleashClient) post(t *testing.T, path string, body object) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.address+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := u.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("Unleash did not take %s: %s %s %v", path, answer.Status, said, err)
	}
}
