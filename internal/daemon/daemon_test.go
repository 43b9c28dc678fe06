package daemon_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/store/storetest"
)

// each runs a test against a server on either engine.
func each(t *testing.T, test func(t *testing.T, config daemon.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, settings(func(c *daemon.Config) { c.Data = storetest.Directory(t) }))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, settings(func(c *daemon.Config) { c.Data, c.DatabaseURL = "", storetest.Database(t) }))
	})
}

func settings(edit func(*daemon.Config)) daemon.Config {
	config := daemon.Default()
	config.Listen, config.NoLogin = "127.0.0.1:0", true
	edit(&config)
	return config
}

// running starts a server and stops it with the test.
func running(t *testing.T, config daemon.Config) *daemon.Daemon {
	t.Helper()
	d := open(t, config)
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return d
}

// server is the address of one that runs as long as the test.
func server(t *testing.T, config daemon.Config) string {
	t.Helper()
	return running(t, config).URL()
}

type object = map[string]any

// call sends a request and reads a JSON answer of the wanted status.
func call(t *testing.T, method, address, kind, body string, want int) object {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != want {
		t.Fatalf("%s %s: got %s, want %d: %s", method, address, answer.Status, want, content)
	}
	var read object
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatalf("%s %s: %v: %s", method, address, err, content)
	}
	return read
}

func get(t *testing.T, address string) object {
	t.Helper()
	return call(t, http.MethodGet, address, "", "", http.StatusOK)
}

func post(t *testing.T, address, body string) object {
	t.Helper()
	return call(t, http.MethodPost, address, "application/json", body, http.StatusCreated)
}

func titles(page object) string {
	var all []string
	events, _ := page["events"].([]any)
	for _, e := range events {
		all = append(all, e.(object)["title"].(string))
	}
	return strings.Join(all, ", ")
}

// The main job, from nothing: describe a service, tell what happened in three languages, ask.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		described := call(t, http.MethodPost, url+"/api/v1/descriptors?name=pricing/tidings.yaml", "application/yaml", `
name: pricing
description: Prices a cart.
tier: 1
owner: catalogue
depends_on: [ledger]
aliases: ["github:acme/pricing"]
`, http.StatusOK)
		if faults := described["documents"].([]any)[0].(object)["faults"]; faults != nil && len(faults.([]any)) > 0 {
			t.Fatalf("faults: %v", faults)
		}
		post(t, url+"/api/v1/events", `{"title":"Merged #12","kind":"merge","subjects":["github:acme/pricing"],"commit":"91be0c4d","started_at":"2026-06-11T10:00:00Z"}`)
		post(t, url+"/api/v1/events", `{"title":"pricing 1.2","service":"pricing","commit":"91be0c4","version":"1.2","source":"ci","key":"7","phase":"started","started_at":"2026-06-11T10:05:00Z"}`)
		post(t, url+"/api/v1/events", `{"title":"pricing 1.2","service":"pricing","source":"ci","key":"7","phase":"succeeded","started_at":"2026-06-11T10:05:00Z","ended_at":"2026-06-11T10:07:00Z"}`)
		post(t, url+"/api/v1/events", `{"title":"ledger key rotated","kind":"secret","service":"ledger","started_at":"2026-06-11T10:06:00Z"}`)
		call(t, http.MethodPost, url+"/api/v1/events", "application/cloudevents+json",
			`{"specversion":"1.0","id":"a","source":"https://ci.example.com","type":"com.example.note","time":"2026-06-11T10:08:00Z","data":{"title":"From a cloud","service":"pricing"}}`, http.StatusCreated)

		if got, want := titles(get(t, url+"/api/v1/events?service=pricing&class=change&class=note&kind=deploy&kind=merge&kind=note")), "From a cloud, pricing 1.2, Merged #12"; got != want {
			t.Errorf("the service's feed: got %q, want %q", got, want)
		}
		if got := titles(get(t, url+"/api/v1/events?service=pricing&with=dependencies&kind=secret")); got != "ledger key rotated" {
			t.Errorf("with dependencies: got %q", got)
		}
		rows := get(t, url+"/api/v1/events?service=pricing&fold=1&kind=deploy")
		if row := rows["rows"].([]any)[0].(object); row["count"].(float64) != 2 || row["event"].(object)["phase"] != "succeeded" {
			t.Errorf("the story: got %v", row)
		}
		entity := get(t, url+"/api/v1/entities/service/pricing?claims=1")
		if !strings.Contains(fmt.Sprint(entity), "descriptor:pricing/tidings.yaml") || !strings.Contains(fmt.Sprint(entity), "team:catalogue") {
			t.Errorf("the entity lacks its owner or its source: %v", entity)
		}
		call(t, http.MethodGet, url+"/api/v1/entities/service/pricing?at=2020-01-01T00:00:00Z", "", "", http.StatusNotFound)
		if total := get(t, url+"/api/v1/entities?q=pricng")["total"]; total != float64(1) {
			t.Errorf("a search with a typo found %v", total)
		}
		unclaimed := call(t, http.MethodPost, url+"/graphql", "application/json", `{"query":"{ unclaimed { total } feed(filter: {services: [\"pricing\"]}) { rows { event { title } } } }"}`, http.StatusOK)
		if unclaimed["errors"] != nil {
			t.Errorf("GraphQL: %v", unclaimed["errors"])
		}
	})
}

// Nothing that was acknowledged may be gone after a restart, and nothing that looks may find it twice.
func TestARestartKeepsEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		d, err := daemon.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		post(t, d.URL()+"/api/v1/events", `{"title":"before","service":"pricing","source":"ci","key":"1"}`)
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		url := server(t, config)
		again := post(t, url+"/api/v1/events", `{"title":"before","service":"pricing","source":"ci","key":"1"}`)
		if status := again["events"].([]any)[0].(object)["status"]; status == "recorded" {
			t.Errorf("the retry was recorded anew")
		}
		if got := titles(get(t, url+"/api/v1/events?service=pricing&source=ci")); got != "before" {
			t.Errorf("got %q", got)
		}
		if got := titles(get(t, url+"/api/v1/events?service=tidings&kind=restart&kind=deploy")); !strings.Contains(got, "started") || !strings.Contains(got, "first time") {
			t.Errorf("its own starts: got %q", got)
		}
	})
}

// A reader of one server must see what another commits, in order, and resume at either without gap or repeat.
func TestTwoServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data, c.DatabaseURL = "", storetest.PostgresURL(t) })
	one, two := server(t, config), server(t, config)
	post(t, one+"/api/v1/events", `{"title":"0","service":"pricing"}`)
	deadline := time.Now().Add(time.Minute)
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, two+"/api/v1/entities/service/pricing", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the other server never learned of the service")
		}
	}
	var got []string
	last := ""
	read := func(url string, n int, during func()) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v1/stream?service=pricing&kind=note", nil)
		if err != nil {
			t.Fatal(err)
		}
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		during()
		lines := bufio.NewScanner(answer.Body)
		for want := len(got) + n; len(got) < want && lines.Scan(); {
			if id, ok := strings.CutPrefix(lines.Text(), "id:"); ok {
				last = strings.TrimSpace(id)
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok && strings.Contains(data, "title") {
				var e struct{ Title string }
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					t.Fatal(err)
				}
				got = append(got, e.Title)
			}
		}
	}
	write := func(from, to int) {
		for i := from; i < to; i++ {
			post(t, []string{one, two}[i%2]+"/api/v1/events", fmt.Sprintf(`{"title":"%d","service":"pricing"}`, i))
		}
	}
	read(two, 10, func() { write(1, 11) })
	write(11, 21) // while nobody reads
	read(one, 20, func() { write(21, 31) })
	var want []string
	for i := 1; i < 31; i++ {
		want = append(want, fmt.Sprint(i))
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v", got)
	}
}

func TestTheDoorsAreShutToOthers(t *testing.T) {
	t.Parallel()
	url := server(t, settings(func(c *daemon.Config) { c.Data = t.TempDir() }))
	for name, edit := range map[string]func(*http.Request){
		"another host name":        func(r *http.Request) { r.Host = "evil.example" },
		"a page of another origin": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"an old browser's page":    func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/events", bytes.NewBufferString(`{"title":"x","service":"y"}`))
		if err != nil {
			t.Fatal(err)
		}
		edit(request)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode < 400 {
			t.Errorf("%s: got %s", name, answer.Status)
		}
	}
	config := settings(func(c *daemon.Config) { c.Listen, c.Data = "0.0.0.0:0", t.TempDir() })
	if _, err := daemon.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), "administrator") {
		t.Errorf("listening beyond loopback: got %v", err)
	}
}

func TestConfigurationNamesItsFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, want string }{
		"unknown key":     {"listen: 127.0.0.1:1\nlisen: x\n", "lisen"},
		"unknown type":    {"sources: [{name: a, type: gti}]\n", "gti"},
		"key of a source": {"sources: [{name: a, type: git, repository: ., servce: x}]\n", "servce"},
		"every":           {"sources: [{name: a, type: git, repository: ., every: 1 minute}]\n", "duration"},
		"two of a name":   {"sources: [{name: a, type: git, repository: .}, {name: a, type: git, repository: .}]\n", "name of its own"},
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := daemon.Load(path)
		if err == nil {
			err = config.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want a word of %q", name, err, tc.want)
		}
	}
}
