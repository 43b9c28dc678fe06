package daemon_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

var (
	tagged = regexp.MustCompile(`<meta property="(og:[a-z_]+)" content="([^"]*)" />`)
	titled = regexp.MustCompile(`<title>([^<]*)</title>`)
	// ownScript is one that the page loads from its own host: it has none within.
	ownScript = regexp.MustCompile(`<script( type="module")?( crossorigin)? src="/[^/"][^"]*"></script>`)
)

// unfolded is what a chat tool reads of a link: its tags, and the title of the page as "title". Empty for a binary without
// the page.
func unfolded(t *testing.T, who, address string) map[string]string {
	t.Helper()
	var header []string
	if who != "" {
		header = []string{"Authorization", "Bearer " + who}
	}
	answer := ask(t, http.DefaultClient, http.MethodGet, address, "", header...)
	page := answer.text
	if answer.status != http.StatusOK {
		t.Fatalf("got %d %s; where the page was not built: make build", answer.status, page)
	}
	tags := map[string]string{"title": html.UnescapeString(titled.FindStringSubmatch(page)[1])}
	for _, found := range tagged.FindAllStringSubmatch(page, -1) {
		tags[found[1]] = html.UnescapeString(found[2])
	}
	if strings.Count(page, "<script") != len(ownScript.FindAllString(page, -1)) {
		t.Errorf("a script came in: %s", page)
	}
	return tags
}

// Where anybody may read, a link tells what it leads to.
func TestLinksAreUnfolded(t *testing.T) {
	t.Parallel()
	config := daemon.Default()
	config.Listen, config.Data, config.NoLogin = "127.0.0.1:0", t.TempDir(), true
	config.Organisation = "Northwind"
	d := running(t, config)
	tell := func(path, body string) string {
		t.Helper()
		_, answer := visit(t, "nobody", http.MethodPost, d.URL()+path, body)
		return answer
	}
	_, _ = visit(t, "nobody", http.MethodPut, d.URL()+"/api/v1/entities/service/pricing",
		`{"description":"Prices a cart. Says \"><script>alert(1)</script> to nobody","tier":1,"owner":"team:payments"}`)
	var events struct{ Events []struct{ ID string } }
	answer := tell("/api/v1/events", `{"kind":"deploy","title":"Deployed pricing 1.2 <b>&\u202e\n now","service":"pricing","environment":"production","actor":"maria","started_at":"2026-07-25T03:07:00+02:00"}`)
	if err := json.Unmarshal([]byte(answer), &events); err != nil || len(events.Events) != 1 {
		t.Fatalf("the event was answered with %s", answer)
	}
	tell("/api/v1/incidents", `{"title":"Carts are \"slow\"","services":["pricing"]}`)

	for _, test := range []struct{ path, title, description string }{
		{"/s/pricing", "pricing", `Prices a cart. Says "><script>alert(1)</script> to nobody. Service, tier 1, owned by payments.`},
		{"/s/pricing/deps", "pricing", `Prices a cart. Says "><script>alert(1)</script> to nobody. Service, tier 1, owned by payments.`},
		{"/t/payments", "payments", "Team."},
		{"/e/" + events.Events[0].ID, "Deployed pricing 1.2 <b>& now", "Deploy of pricing in production. By maria. 2026-07-25 01:07 UTC."},
		{"/i/1", `INC-1: Carts are "slow"`, ""},
		{"/feed?team=payments&kind=deploy,flag&nothing=%22%3E%3Cscript%3E&q=%3Cscript%3E", "Changes", "Kind deploy, flag, team payments, q <script>. Newest first, with who, what and when."},
	} {
		tags := unfolded(t, "", d.URL()+test.path)
		if tags["og:title"] != test.title || tags["title"] != test.title || tags["og:site_name"] != "Northwind · Tidings" {
			t.Errorf("%s: %q", test.path, tags)
		}
		if test.description != "" && tags["og:description"] != test.description {
			t.Errorf("%s: %q, want %q", test.path, tags["og:description"], test.description)
		}
	}
	for _, path := range []string{"/s/nobody", "/r/planet/mars", "/i/7", "/i/x", "/e/x", "/", "/services", "/s/" + url.PathEscape("<script>")} {
		if tags := unfolded(t, "", d.URL()+path); len(tags) != 1 || tags["title"] != "Tidings" {
			t.Errorf("%s: %q", path, tags)
		}
	}
}

// Where a login is asked for, a link tells nothing but whose it is: not to a chat tool, and not in the page of somebody who
// may read, which a proxy could keep.
func TestLinksTellNothingBehindALogin(t *testing.T) {
	t.Parallel()
	config := daemon.Default()
	config.Listen, config.Data, config.Organisation = "127.0.0.1:0", t.TempDir(), "Northwind"
	d, _ := guarded(t, config)
	if status, answer := visit(t, "administrator", http.MethodPut, d.URL()+"/api/v1/entities/service/pricing", `{"owner":"team:payments"}`); status >= 300 {
		t.Fatalf("%d %s", status, answer)
	}
	for _, who := range []string{"", "administrator", "unroled"} {
		for _, path := range []string{"/s/pricing", "/feed?q=secret", "/i/1"} {
			if tags := unfolded(t, who, d.URL()+path); len(tags) != 1 || tags["title"] != "Tidings" {
				t.Errorf("%s for %q: %q", path, who, tags)
			}
		}
	}
	if tags := unfolded(t, "anonymous", d.URL()+"/s/pricing"); tags["og:title"] != "pricing" {
		t.Errorf("where anybody may read: %q", tags)
	}
}
