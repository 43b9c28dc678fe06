package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/internal/daemon"
)

// hooked adds a source that GitHub calls to a configuration.
func hooked(t *testing.T, config *daemon.Config) (secret string) {
	t.Helper()
	secret = "a-shared-secret-of-the-hook"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var source daemon.SourceConfig
	if err := source.UnmarshalYAML([]byte("name: github\ntype: github\nsecret: file:" + file + "\nservices:\n  acme/payments: payments\n")); err != nil {
		t.Fatal(err)
	}
	config.Sources = append(config.Sources, source)
	return secret
}

// deliver sends what GitHub would.
func deliver(t *testing.T, url, event, secret string, body []byte) (int, object) {
	t.Helper()
	header := []string{
		"X-GitHub-Event", event, "X-GitHub-Delivery", fmt.Sprintf("%s-%x", event, len(body)),
		"Authorization", "Bearer of-somebody-else",
	} // what is beneath /hooks is the source's business
	if secret != "" {
		header = append(header, "X-Hub-Signature-256", github.Signature.Sum(secret, body))
	}
	answer := ask(t, http.DefaultClient, http.MethodPost, url+"/hooks/github", string(body), header...)
	var read object
	if err := json.Unmarshal([]byte(answer.text), &read); err != nil {
		t.Fatalf("%d: %v: %s", answer.status, err, answer.text)
	}
	return answer.status, read
}

// status is a delivery of one step of a deployment.
func status(id int, state string) []byte {
	at := func(minute int) string { return deployed.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339) }
	return fmt.Appendf(nil, `{"action":"created","deployment_status":{"state":%q,"environment":"production","created_at":%q},
		"deployment":{"id":%d,"sha":"9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01","ref":"v2.14.%d","created_at":%q,"payload":{"password":"hunter2hunter2"}},
		"repository":{"full_name":"acme/payments"}}`, state, at(len(state)%10), id, id, at(0))
}

// deployed is when what status tells of began: lately, for what a source told in the last day is counted.
var deployed = time.Now().UTC().Add(-time.Hour).Truncate(time.Second)

// A tool delivers: what it signed is in the log once, with its phases; what it did not sign is refused and told; what
// cannot be read is kept, and can be read again.
func TestATool(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		secret := hooked(t, &config)
		url := server(t, config)
		for range 2 { // it may come twice
			for _, state := range []string{"success", "in_progress"} { // and out of order
				if code, got := deliver(t, url, "deployment_status", secret, status(7, state)); code != http.StatusOK || got["outcome"] != "taken" || got["events"] != 1.0 {
					t.Fatalf("%s: %d %v", state, code, got)
				}
			}
		}
		page := get(t, url+"/api/v1/events?service=payments&kind=deploy")
		if got := titles(page); got != "Deployed v2.14.7 of acme/payments to production" {
			t.Errorf("in the log: %s", got)
		}
		event := page["events"].([]any)[0].(object)
		if event["phase"] != "succeeded" || event["recorded_by"] != "source:github" || len(event["history"].([]any)) != 2 {
			t.Errorf("the event: %v", event)
		}

		if code, got := deliver(t, url, "deployment_status", "", status(8, "success")); code != http.StatusUnauthorized {
			t.Errorf("without a signature: %d %v", code, got)
		}
		if code, got := deliver(t, url, "deployment_status", "wrong", status(8, "success")); code != http.StatusUnauthorized || strings.Contains(fmt.Sprint(got), secret) {
			t.Errorf("with a wrong one: %d %v", code, got)
		}
		if code, got := deliver(t, url, "star", secret, []byte(`{"repository":{"full_name":"acme/payments"}}`)); code != http.StatusOK || got["outcome"] != "ignored" {
			t.Errorf("an event that is not mapped: %d %v", code, got)
		}
		if code, got := deliver(t, url, "deployment", secret, []byte(`{"deployment":{"id":"seven"},"repository":{"full_name":"acme/payments"}}`)); code != http.StatusOK || got["outcome"] != "failed" {
			t.Errorf("a field of the wrong type: %d %v", code, got)
		}
		if code, got := deliver(t, url, "push", secret, bytes.Repeat([]byte("x"), 26<<20)); code != http.StatusRequestEntityTooLarge {
			t.Errorf("a body that is too large: %d %v", code, got)
		}
		if got := call(t, http.MethodPost, url+"/hooks/nobody", "application/json", "{}", http.StatusNotFound); !strings.Contains(fmt.Sprint(got["detail"]), "nobody") {
			t.Errorf("an unknown source: %v", got)
		}

		source := get(t, url+"/api/v1/sources")["sources"].([]any)[0].(object)
		if source["name"] != "github" || source["state"] != "failing" {
			t.Errorf("the source: %v", source)
		}
		outcomes := map[string]int{}
		all := get(t, url+"/api/v1/sources/github/deliveries?limit=100")["deliveries"].([]any)
		var failed string
		for _, one := range all {
			d := one.(object)
			outcomes[d["outcome"].(string)] += int(d["times"].(float64))
			if d["outcome"] == "failed" {
				failed = d["id"].(string)
			}
			if d["body"] != nil {
				t.Error("a list holds bodies")
			}
		}
		// Refusals are counted each, and one in some seconds is kept.
		if outcomes["taken"] != 4 || outcomes["ignored"] != 1 || outcomes["failed"] != 1 || outcomes["refused"] == 0 {
			t.Errorf("deliveries: %v", outcomes)
		}
		if page := get(t, url+"/api/v1/sources/github/deliveries?outcome=taken&limit=1"); page["next"] == "" || len(page["deliveries"].([]any)) != 1 {
			t.Errorf("a page of one: %v", page)
		} else if rest := get(t, url+"/api/v1/sources/github/deliveries?outcome=taken&limit=1&cursor="+page["next"].(string)); rest["next"] != "" || len(rest["deliveries"].([]any)) != 1 {
			t.Errorf("the page after it: %v", rest)
		} else if one := get(t, url+"/api/v1/sources/github/deliveries/"+page["deliveries"].([]any)[0].(object)["id"].(string)); strings.Contains(fmt.Sprint(one["body"]), "hunter2") || !strings.Contains(fmt.Sprint(one["body"]), "v2.14.7") {
			t.Errorf("the body as it is kept: %v", one["body"])
		}
		if got := call(t, http.MethodPost, url+"/api/v1/sources/github/deliveries/"+failed+"/replay", "application/json", "", http.StatusOK); got["outcome"] != "failed" {
			t.Errorf("read again: %v", got)
		}
	})
}

// A source that tools call can be made while the server runs, with a secret that nobody reads back.
func TestAToolThatWasTyped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		key := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(key, []byte("a-key-of-this-test-0123456789-abcdefghij-klm"), 0o600); err != nil {
			t.Fatal(err)
		}
		config.Secrets.Key.File = key
		url := server(t, config)
		set := func(value string, want int) object {
			t.Helper()
			return call(t, http.MethodPut, url+"/api/v1/settings/source:github", "application/json", value, want)
		}
		if got := set(`{"value": {"type": "github", "settings": {"secret": "env:HOME"}}}`, http.StatusBadRequest); !strings.Contains(fmt.Sprint(got["faults"]), "among the secrets") {
			t.Errorf("a reference to a variable of the server: %v", got)
		}
		set(`{"value": {"type": "github", "settings": {"services": {"acme/payments": "payments"}}}, "secrets": {"secret": "a-typed-secret-of-the-hook"}}`, http.StatusOK)
		eventually(t, "the source", func() bool {
			return len(get(t, url+"/api/v1/sources")["sources"].([]any)) == 1
		})
		if code, got := deliver(t, url, "deployment_status", "a-typed-secret-of-the-hook", status(7, "success")); code != http.StatusOK || got["outcome"] != "taken" {
			t.Errorf("signed: %d %v", code, got)
		}
		if code, got := deliver(t, url, "deployment_status", "another", status(8, "success")); code != http.StatusUnauthorized {
			t.Errorf("signed by another: %d %v", code, got)
		}
	})
}
