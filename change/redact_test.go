package change

import (
	"encoding/json"
	"slices"
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
		e.Fingerprint(nil)
		kept := e.Labels[name] + e.Diff[1].Old
		if got := !strings.Contains(kept, "canary"); got != wanted {
			t.Errorf("%s: hidden is %v, want %v", name, got, wanted)
		}
		if e.Diff[1].New != "hmac:ab12" || e.Diff[0].New != "2" {
			t.Errorf("%s: a fingerprint and a plain value must stay: %v", name, e.Diff)
		}
		if got := slices.Contains(e.Redacted, "labels/"+name); got != wanted {
			t.Errorf("%s: the event says redacted %v", name, e.Redacted)
		}
	}
}

func TestDiffsOfSecretsAreFingerprints(t *testing.T) {
	t.Parallel()
	e := report(func(e *Event) {
		e.Kind, e.Diff = "secret", []Diff{{Field: "LEDGER", Old: "canary", New: "canary"}, {Field: "OTHER", Old: "", New: "hmac:not a fingerprint canary"}}
	})
	e.Fingerprint(func(value string) string { return "hmac:" + strings.Repeat("0", len(value)) })
	if e.Diff[0] != (Diff{"LEDGER", "hmac:000000", "hmac:000000"}) || e.Diff[1].Old != "" || strings.Contains(e.Diff[1].New, "canary") {
		t.Errorf("got %v", e.Diff)
	}
	if want := []string{"diff/LEDGER", "diff/OTHER"}; !slices.Equal(e.Redacted, want) {
		t.Errorf("got %v, want %v", e.Redacted, want)
	}
}

// TestSecretsInText plants one in every text that an event has, at the place where a title is cut as well.
func TestSecretsInText(t *testing.T) {
	t.Parallel()
	canary := "ghp_" + strings.Repeat("Ab1", 12)
	e := report(func(e *Event) {
		e.Source, e.Key, e.Environment, e.Region, e.Cluster = canary, canary, canary, canary, canary
		e.Title = strings.Repeat("x", MaxTitle-20) + " " + canary
		e.Detail, e.Version, e.Previous, e.Commit, e.Story = "a "+canary, canary, canary, canary, canary
		e.Actor = Actor{Name: canary, Via: canary}
		e.Subjects = []Subject{{Name: "github:" + canary}}
		e.Diff = []Diff{{Field: "image", Old: canary, New: "x:" + canary}, {Field: canary, Old: "1", New: strings.Repeat("y", MaxValue-20) + " " + canary}}
		e.Links = []Link{{Title: canary, URL: "https://example.com/?token=Ab1Ab1Ab1&a=" + canary}}
		e.Labels = map[string]string{"a": canary, canary: "b"}
	})
	e.Fingerprint(nil)
	text, _ := json.Marshal(e)
	if strings.Contains(strings.ToLower(string(text)), "ab1ab1") {
		t.Errorf("got %s", text)
	}
	if len(e.Redacted) != MaxRedacted && !slices.Contains(e.Redacted, "detail") {
		t.Errorf("the event says redacted %v", e.Redacted)
	}
	again := e
	if faults := again.Normalize(noon, ""); faults != nil || again.Key != e.Key || again.Title != e.Title {
		t.Errorf("a second look changes it: %v %v", faults, again)
	}
}
