package daemon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// Whoever sends change events to PagerDuty sends the same body here, and reads the same answer. The key that proves it is
// nowhere in what is kept.
func TestAChangeEventOfPagerDuty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		const key = "0f3a9c1e5b7d42d88f6a1b2c3d4e5f60"
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: changes\ntype: pagerduty\nsecret: file:" + file + "\nchange_service: payments\n")); err != nil {
			t.Fatal(err)
		}
		config.Sources = append(config.Sources, source)
		url := server(t, config)
		body := func(key string) string {
			return fmt.Sprintf(`{"routing_key":%q,"payload":{"summary":"Deployed 2.14.0","timestamp":"2026-11-22T02:42:58.315+0000","source":"ci",
				"custom_details":{"version":"2.14.0","environment":"production","deploy_password":"hunter2hunter2"}}}`, key)
		}
		for _, path := range []string{"", "/v2/change/enqueue"} { // it may come twice, also from a client that knows the API's path
			if got := call(t, http.MethodPost, url+"/hooks/changes"+path, "application/json", body(key), http.StatusAccepted); got["status"] != "success" {
				t.Errorf("the answer: %v", got)
			}
		}
		if got := call(t, http.MethodPost, url+"/hooks/changes", "application/json", body("another"), http.StatusUnauthorized); strings.Contains(fmt.Sprint(got), key) {
			t.Errorf("with another key: %v", got)
		}
		page := get(t, url+"/api/v1/events?service=payments&kind=deploy")
		if titles(page) != "Deployed 2.14.0" || page["events"].([]any)[0].(object)["version"] != "2.14.0" {
			t.Errorf("in the log: %v", page)
		}
		kept := get(t, url+"/api/v1/sources/changes/deliveries?outcome=taken")["deliveries"].([]any)
		if len(kept) != 1 || kept[0].(object)["times"] != 2.0 {
			t.Fatalf("the deliveries: %v", kept)
		}
		one := fmt.Sprint(get(t, url+"/api/v1/sources/changes/deliveries/"+kept[0].(object)["id"].(string))["body"])
		if strings.Contains(one, key) || strings.Contains(one, "hunter2") || !strings.Contains(one, "Deployed 2.14.0") {
			t.Errorf("what is kept: %s", one)
		}
	})
}
