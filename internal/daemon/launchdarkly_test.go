package daemon_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.dev/tidings/integrations/launchdarkly"
	"tidings.dev/tidings/internal/daemon"
)

// A flag says by a custom property which services it is of: its changes are in the feed of each of them, and what nobody
// knows waits to be claimed.
func TestServicesOfAFlag(t *testing.T) {
	t.Parallel()
	const secret = "a-shared-secret-of-the-hook"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, config daemon.Config) {
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: launchdarkly\ntype: launchdarkly\nproperty: service\nsecret: file:" + file + "\n")); err != nil {
			t.Fatal(err)
		}
		config.Sources = append(config.Sources, source)
		url := server(t, config)
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml", "name: pricing\n---\nname: basket\naliases: [\"launchdarkly:service:cart\"]\n", http.StatusOK)
		body := []byte(`{"_id": "64a1b2c3d4e5f60718293a4b", "date": 1795320124771, "kind": "flag", "name": "Rounding", "titleVerb": "turned on the flag",
			"accesses": [{"action": "updateOn", "resource": "proj/shop:env/production:flag/rounding"}],
			"currentVersion": {"customProperties": {"service": {"name": "Service", "value": ["Pricing", "cart", "till"]}}}}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hooks/launchdarkly", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-LD-Signature", launchdarkly.Signature.Sum(secret, body))
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusOK {
			t.Fatalf("the delivery was answered %s", answer.Status)
		}
		for _, service := range []string{"pricing", "basket"} {
			found := call(t, http.MethodPost, url+"/graphql", "application/json", `{"query":"{ feed(filter: {services: [\"`+service+`\"], sources: [\"launchdarkly\"]}) { rows { event { title } } } }"}`, http.StatusOK)
			if !strings.Contains(fmt.Sprint(found), "Turned on the flag Rounding") {
				t.Errorf("the feed of %s has %v", service, found)
			}
		}
		if unclaimed := fmt.Sprint(get(t, url+"/api/v1/unclaimed")); !strings.Contains(unclaimed, "launchdarkly:service:till") {
			t.Errorf("unclaimed is %s", unclaimed)
		}
	})
}
