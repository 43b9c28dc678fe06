package daemon_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// A service of PagerDuty that is linked to a team has that team as its owner, by the word of the source, while nobody says
// another.
func TestOwnersFromPagerDuty(t *testing.T) {
	t.Parallel()
	lists := map[string]string{
		"/services": `{"services": [{"id": "PSVC1", "type": "service", "summary": "Checkout", "name": "Checkout",
			"escalation_policy": {"id": "PPOL", "summary": "Payments"}, "teams": [{"id": "PTEAM1", "type": "team_reference", "summary": "Core Payments"}]}], "more": false}`,
		"/oncalls": `{"oncalls": [], "more": false}`, "/incidents": `{"incidents": [], "more": false}`,
	}
	pagerduty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, lists[r.URL.Path]) }))
	t.Cleanup(pagerduty.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, config daemon.Config) {
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: pagerduty\ntype: pagerduty\nevery: 1s\nallow: [127.0.0.1]\nsecret: file:" + token + "\ntoken: file:" + token + "\napi: " + pagerduty.URL + "\n")); err != nil {
			t.Fatal(err)
		}
		config.Sources = append(config.Sources, source)
		url := server(t, config)
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml",
			"kind: team\nname: payments\naliases: [pagerduty-team:PTEAM1]\n---\nname: checkout\naliases: [pagerduty:PSVC1]\n", http.StatusOK)
		owner := func() string {
			return fmt.Sprint(get(t, url+"/api/v1/entities/service/checkout")["owner"])
		}
		eventually(t, "the owner that PagerDuty tells", func() bool { return owner() == "team:payments" })
		for _, fact := range get(t, url+"/api/v1/entities/service/checkout?claims=1")["facts"].([]any) {
			if fact := fact.(object); fact["field"] == "owner" && (fact["rank"] != "integration" || fact["source"] != "pagerduty:policy/PPOL:PSVC1") {
				t.Errorf("it is said by %v", fact)
			}
		}
		call(t, http.MethodPost, url+"/api/v1/descriptors?name=a.yaml", "application/yaml",
			"kind: team\nname: payments\naliases: [pagerduty-team:PTEAM1]\n---\nname: checkout\nowner: core\naliases: [pagerduty:PSVC1]\n", http.StatusOK)
		if got := owner(); got != "team:core" {
			t.Errorf("a descriptor says otherwise, and the owner is %s", got)
		}
	})
}
