package change

import (
	"strings"
	"testing"
)

func TestSecretsAreNeverKept(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string]bool{
		"SMTP_PASSWORD": true, "db.password": true, "api_key": true, "githubToken": true, "AWS_SECRET_ACCESS_KEY": true, "token": true,
		"tokenizer": false, "passenger_count": false, "FRAUD_TIMEOUT_MS": false, "monkey": false, "secretariat": false,
	} {
		e := report(func(e *Event) {
			e.Labels = map[string]string{name: "canary"}
			e.Diff = []Diff{{Field: "plain", Old: "1", New: "2"}, {Field: name, Old: "canary", New: "hmac:ab12"}}
		})
		kept := e.Labels[name] + e.Diff[1].Old
		if got := !strings.Contains(kept, "canary"); got != wanted {
			t.Errorf("%s: hidden is %v, want %v", name, got, wanted)
		}
		if e.Diff[1].New != "hmac:ab12" || e.Diff[0].New != "2" {
			t.Errorf("%s: a fingerprint and a plain value must stay: %v", name, e.Diff)
		}
	}
	e := report(func(e *Event) { e.Kind, e.Diff = "secret", []Diff{{Field: "LEDGER", Old: "canary", New: "canary"}} })
	if strings.Contains(e.Diff[0].Old+e.Diff[0].New, "canary") {
		t.Errorf("got %v", e.Diff)
	}
}
