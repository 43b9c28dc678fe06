package daemon_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/internal/daemon"
)

// invited logs somebody in by a link that an administrator made.
func invited(t *testing.T, d *daemon.Daemon, admin *http.Client, role, name string) *http.Client {
	t.Helper()
	made := ask(t, admin, "POST", d.URL()+"/api/v1/people", `{"role":"`+role+`"}`)
	_, secret, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(made.text), `"}`), "/login/link#")
	if made.status != 201 || !ok {
		t.Fatalf("got %d %s", made.status, made.text)
	}
	client := browser(t)
	if in := ask(t, client, "POST", d.URL()+"/api/v1/login/link", `{"secret":"`+secret+`","name":"`+name+`"}`); in.status != 200 {
		t.Fatalf("got %d %s", in.status, in.text)
	}
	return client
}

func readReply(t *testing.T, r reply, want int) object {
	t.Helper()
	var o object
	if r.status != want {
		t.Fatalf("got %d, want %d: %.400s", r.status, want, r.text)
	}
	if err := json.Unmarshal([]byte(r.text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestPeopleTokensAndAudit(t *testing.T) {
	t.Parallel()
	withLogin(t, nil, func(t *testing.T, d *daemon.Daemon) {
		api := d.URL() + "/api/v1/"
		admin := first(t, d)
		ben := invited(t, d, admin, "member", "ben")
		me := readReply(t, ask(t, ben, "GET", api+"me", ""), 200)
		id := me["account"].(object)["id"].(string)
		if me["role"] != "member" || me["name"] != "ben" {
			t.Errorf("got %v", me)
		}
		page := readReply(t, ask(t, admin, "GET", api+"people?q=BE&limit=1", ""), 200)
		if page["total"] != 1.0 || page["people"].([]any)[0].(object)["id"] != id {
			t.Errorf("got %v", page)
		}
		for _, refused := range []reply{
			ask(t, ben, "GET", api+"people", ""), ask(t, ben, "GET", api+"audit", ""), ask(t, ben, "GET", api+"tokens?all=1", ""),
			ask(t, ben, "PATCH", api+"people/"+id, `{"given_role":"administrator"}`), ask(t, ben, "POST", api+"people", `{"role":"administrator"}`),
			ask(t, ben, "POST", api+"tokens", `{"name":"x","kind":"service","scopes":["read"]}`),
			ask(t, ben, "POST", api+"tokens", `{"name":"x","kind":"personal","role":"administrator"}`),
		} {
			if refused.status != http.StatusForbidden {
				t.Errorf("a member: got %d %.200s", refused.status, refused.text)
			}
		}
		for body, want := range map[string]string{
			`{"name":"x","kind":"service"}`: "/scopes", `{"name":"","kind":"other"}`: "/kind", `{"nme":"x"}`: "/nme",
			`{"name":"x","kind":"service","scopes":["read"],"expires_at":"2020-01-01T00:00:00Z"}`: "/expires_at",
		} {
			if got := ask(t, admin, "POST", api+"tokens", body); got.status != 400 || !strings.Contains(got.text, want) {
				t.Errorf("%s: got %d %s", body, got.status, got.text)
			}
		}
		service := readReply(t, ask(t, admin, "POST", api+"tokens", `{"name":"ci","kind":"service","scopes":["deliver"],"source":"ci"}`), 201)
		secret := service["token"].(string)
		if !access.WellFormed(secret) {
			t.Errorf("got %q", secret)
		}
		with := []string{"Authorization", "Bearer " + secret}
		for body, want := range map[string]int{
			`{"title":"x","service":"y","source":"ci"}`: 201, `{"title":"x","service":"y","source":"other"}`: 403, `{"title":"x","service":"y","source":"tidings"}`: 403,
		} {
			if got := ask(t, http.DefaultClient, "POST", api+"events", body, with...); got.status != want {
				t.Errorf("%s: got %d %s", body, got.status, got.text)
			}
		}
		if got := ask(t, http.DefaultClient, "GET", api+"events", "", with...); got.status != 403 {
			t.Errorf("a token to deliver reads: %d", got.status)
		}
		// A page elsewhere cannot send a token: one that comes with an origin is no attack.
		if got := ask(t, http.DefaultClient, "POST", api+"events", `{"title":"x","service":"y","source":"ci"}`, append(with, "Origin", "https://elsewhere.example")...); got.status != 201 {
			t.Errorf("a token of a page elsewhere: %d", got.status)
		}
		if got := readReply(t, ask(t, admin, "GET", api+"tokens?all=1", ""), 200); strings.Contains(got["tokens"].([]any)[0].(object)["hint"].(string), secret[12:]) {
			t.Errorf("got %v", got)
		}
		if got := ask(t, admin, "DELETE", api+"tokens/"+service["id"].(string), ""); got.status != 200 {
			t.Errorf("got %d %s", got.status, got.text)
		}
		if got := ask(t, http.DefaultClient, "GET", api+"me", "", with...); got.status != 401 {
			t.Errorf("a revoked token: %d", got.status)
		}

		again := invited(t, d, admin, "viewer", "cleo")
		if got := readReply(t, ask(t, again, "GET", api+"sessions", ""), 200); len(got["sessions"].([]any)) != 1 {
			t.Errorf("got %v", got)
		}
		if got := ask(t, admin, "DELETE", api+"sessions?account="+id, ""); got.status != 204 {
			t.Errorf("got %d %s", got.status, got.text)
		}
		if got := ask(t, ben, "GET", api+"me", ""); got.status != 401 {
			t.Errorf("an ended session: %d", got.status)
		}
		if got := readReply(t, ask(t, admin, "PATCH", api+"people/"+id, `{"given_role":"operator","disabled":true}`), 200); got["role"] != "operator" || got["disabled"] != true {
			t.Errorf("got %v", got)
		}
		audit := ask(t, admin, "GET", api+"audit?since=-1h", "")
		lines := strings.Split(strings.TrimSpace(audit.text), "\n")
		for _, line := range lines {
			if !json.Valid([]byte(line)) || !strings.Contains(line, `"source":"tidings"`) {
				t.Errorf("got %s", line)
			}
		}
		for _, want := range []string{"ben logged in by a one-time link", "The token ci was made", "The token ci was revoked", "The account ben was changed", "A link for a new member was made", `"address":"127.0.0.1"`} {
			if !strings.Contains(audit.text, want) {
				t.Errorf("the audit of %d lines lacks %q", len(lines), want)
			}
		}
		if strings.Contains(audit.text, secret) {
			t.Error("a secret stands in the audit")
		}
		// Others see that something happened, and not from where, nor the values.
		question := `{"query":"{ feed(filter: {kinds: [\"access\"]}, first: 50) { rows { event { title labels { key value } diff { field old new } } } } }"}`
		for name, got := range map[string]string{
			"the feed": ask(t, again, "GET", api+"events?kind=access", "").text, "lines of the feed": ask(t, again, "GET", api+"events?kind=access&fold=1", "").text,
			"GraphQL": ask(t, again, "POST", d.URL()+"/graphql", question).text, "the stream": firstOf(t, again, api+"stream?kind=access&last_event_id=0"),
		} {
			if !strings.Contains(got, "ben logged in by a one-time link") || strings.Contains(got, "127.0.0.1") || strings.Contains(got, "The account ben was changed") && strings.Contains(got, "disabled") {
				t.Errorf("%s shows a viewer %s", name, got)
			}
		}
		if got := ask(t, admin, "GET", api+"audit?until=-1h", ""); got.status != 200 || got.text != "" {
			t.Errorf("got %d %s", got.status, got.text)
		}
	})
}

// firstOf is what a stream sends until it is silent, or a megabyte of it.
func firstOf(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var all strings.Builder
	lines := bufio.NewScanner(io.LimitReader(answer.Body, 1<<20))
	for lines.Scan() && !strings.Contains(all.String(), "The account ben was changed") {
		all.WriteString(lines.Text())
	}
	return all.String()
}
