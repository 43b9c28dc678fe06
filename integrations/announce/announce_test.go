package announce_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integrations/announce"
)

var update = flag.Bool("update", false, "write testdata anew, to be read as a difference")

func outgoing() *chat.Outgoing {
	return &chat.Outgoing{Key: "01a203d5-7ad0-7df7-a3c1-75ec4743e534", Message: chat.Message{
		Title: "What changed: payments", URL: "https://tidings.northwind.example/t/payments", Lead: "2 since Sun 22:00 UTC",
		Items: []chat.Item{
			{Mark: "deploy", Title: "Deployed *pricing* <!channel> @everyone", URL: "https://tidings.northwind.example/e/1", At: time.Date(2026, 11, 22, 2, 55, 0, 0, time.UTC), Details: []string{"pricing · production · argo"}},
			{Mark: "flag failed", Title: "Turned [new](https://evil.example) on"},
		},
		Facts: []chat.Fact{{Name: "Owner", Value: "payments", URL: "https://tidings.northwind.example/t/payments"}},
		Foot:  "3 more", Buttons: []chat.Button{{Label: "Noise", Action: "noise", Value: "{}"}, {Label: "Open in Tidings", URL: "https://tidings.northwind.example/"}},
	}}
}

func TestRender(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"teams", "discord", "mattermost", "webhook"} {
		raw, err := announce.Render(format, outgoing())
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("testdata", format+".json")
		if *update {
			if err := os.WriteFile(name, append(got.Bytes(), '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(want)), got.String()); diff != "" {
			t.Errorf("%s: want -, got + (-update writes it anew):\n%s", format, diff)
		}
	}
}

func TestSend(t *testing.T) {
	t.Setenv("ANNOUNCE_SECRET", "a-secret-to-sign-with")
	var seen []*http.Request
	var bodies []string
	status := http.StatusOK
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen, bodies = append(seen, r), append(bodies, string(body))
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":"4711"}`)
	}))
	defer place.Close()
	t.Setenv("ANNOUNCE_ADDRESS", place.URL+"/a-credential")
	open := func(format string) chat.Messenger {
		c := &announce.Config{Format: format}
		for secret, name := range map[*integration.Secret]string{&c.Address: "ANNOUNCE_ADDRESS", &c.Secret: "ANNOUNCE_SECRET"} {
			if err := secret.UnmarshalYAML(func(into any) error { *into.(*string) = "env:" + name; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		c.Use(place.Client())
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		return source.(chat.Messenger)
	}
	m := *outgoing()
	if _, err := open("webhook").Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if r := seen[0]; r.Header.Get("webhook-id") != m.Key || r.Header.Get("webhook-signature") != announce.Sign("a-secret-to-sign-with", m.Key, r.Header.Get("webhook-timestamp"), []byte(bodies[0])) {
		t.Errorf("the signature does not fit: %v", r.Header)
	}
	id, err := open("discord").Send(t.Context(), m)
	if err != nil || id != "4711" || seen[1].URL.Query().Get("wait") != "true" {
		t.Errorf("Discord: %q, %v, %s", id, err, seen[1].URL)
	}
	m.Edit = id
	if _, err := open("discord").Send(t.Context(), m); err != nil || seen[2].Method != http.MethodPatch || seen[2].URL.Path != "/a-credential/messages/4711" {
		t.Errorf("a change: %v, %s %s", err, seen[2].Method, seen[2].URL.Path)
	}
	m.Edit = ""
	status = http.StatusTooManyRequests
	if _, err := open("teams").Send(t.Context(), m); !fault.Is(err, fault.RateLimited) || fault.RetryAfter(err) != 7*time.Second {
		t.Errorf("too much: %v", err)
	}
	status = http.StatusNotFound
	if _, err := open("mattermost").Send(t.Context(), m); !fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "a-credential") {
		t.Errorf("gone: %v, and the address is a credential", err)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("title", "@everyone [x](y)")
	f.Fuzz(func(t *testing.T, title, detail string) {
		for _, format := range []string{"teams", "discord", "mattermost", "webhook"} {
			raw, err := announce.Render(format, &chat.Outgoing{Message: chat.Message{Title: title, Code: detail, Items: []chat.Item{{Title: detail, Details: []string{title}}}}})
			if err != nil || !json.Valid(raw) {
				t.Errorf("%s: %v", format, err)
			}
		}
	})
}
