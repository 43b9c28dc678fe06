package daemon_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/store/storetest"
)

// canaries are secrets, each planted where it would be found by its shape, its place, or its name.
type canaries struct {
	mu     sync.Mutex
	values []string
	known  map[string]bool // those that were found
}

// token is one of a known shape; scanners of repositories must not find it in this file.
func (c *canaries) token(n int) string {
	return c.plant("ghp" + "_" + fmt.Sprintf("Canary%02dQ", n) + strings.Repeat("7bXk", 7))
}

// word is one that only its name or its place gives away.
func (c *canaries) word(n int) string {
	return c.plant(fmt.Sprintf("tweet-%02d-sIng5-iN-tHe-coal-Mine", n))
}

func (c *canaries) plant(value string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values = append(c.values, value)
	return value
}

// find names the canaries that a text holds, as they are or encoded.
func (c *canaries) find(text []byte) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	folded := bytes.ToLower(text)
	var found []string
	for _, value := range c.values {
		forms := []string{value, strings.ToLower(value), hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))), url.QueryEscape(value)}
		for shift := range 3 { // base64 knows three alignments
			whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + value))
			forms = append(forms, whole[4:len(whole)-4])
		}
		for _, form := range forms {
			if bytes.Contains(text, []byte(form)) || form == strings.ToLower(value) && bytes.Contains(folded, []byte(form)) {
				if !c.known[value] {
					found = append(found, value+" as "+form)
				}
				c.known[value] = true // once is enough to say it
				break
			}
		}
	}
	return found
}

// seen is everything that came out of a server: answers, streams, logs.
type seen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *seen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *seen) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.text.Bytes())
}

// TestCanaries plants secrets in every form that comes in, and searches for them in all that is kept and given out.
// It is not parallel: the log is the process's own.
func TestCanaries(t *testing.T) { //nolint:paralleltest // it catches the log of the process
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { testCanaries(t, engine) })
	}
}

func testCanaries(t *testing.T, engine string) {
	c := canaries{known: map[string]bool{}}
	out := &seen{}
	log := journal.New(out, journal.Settings{Level: "debug"})
	slog.SetDefault(log.Logger)
	keys := t.TempDir()
	config := daemon.Default()
	config.Journal = log
	config.Listen, config.Data, config.NoLogin = "127.0.0.1:0", filepath.Join(t.TempDir(), "data"), true
	if engine == "postgres" {
		config.DatabaseURL = storetest.PostgresURL(t)
	}
	key := c.plant("sEal-the-canary-0123456789-abcdefghij-klm")
	if err := os.WriteFile(filepath.Join(keys, "key"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	config.Secrets.Key.File = filepath.Join(keys, "key")
	repository := gitRepository(t, &c)
	config.Sources = []daemon.SourceConfig{daemon.WatchRepository(repository)}
	d, err := daemon.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = d.Close(context.Background())
		}
	}()

	streaming, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		request, _ := http.NewRequestWithContext(streaming, http.MethodGet, d.URL()+"/api/v1/stream", nil)
		if answer, err := http.DefaultClient.Do(request); err == nil {
			defer answer.Body.Close()
			_, _ = io.Copy(out, answer.Body)
		}
	})
	send := func(method, path, kind, body string, header ...string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, d.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", kind)
		for i := 0; i+1 < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		_ = answer.Header.Write(out)
		text, _ := io.ReadAll(answer.Body)
		_, _ = out.Write(text)
		return answer.StatusCode
	}
	plant := func(name, method, path, kind, body string, header ...string) {
		t.Helper()
		if status := send(method, path, kind, body, header...); status >= 500 {
			t.Errorf("%s: got %d", name, status)
		}
		for _, found := range c.find(out.bytes()) {
			t.Errorf("after %s, an answer, the stream or the log has %s", name, found)
		}
	}
	const j = "application/json"
	plant("a native event", "POST", "/api/v1/events", j, fmt.Sprintf(`{"title": "live with %s", "subjects": ["pricing"], "key": %q, "source": "ci",
		"detail": "connect to postgres://app:%s@db/x\nAuthorization: Bearer %s\npassword=%s", "version": %q, "commit": %q, "story": %q,
		"actor": {"type": "person", "name": %q, "via": %q}, "environment": %q, "region": %q, "cluster": %q,
		"diff": [{"field": "DB_PASSWORD", "old": %q, "new": %q}, {"field": "image", "old": %q, "new": "x"}],
		"links": [{"title": %q, "url": "https://example.com/?token=%s"}], "labels": {"api_key": %q, "note": %q}, "password": %q, "extra": {"token": %q}}`,
		c.token(1), c.token(2), c.word(3), c.token(4), c.word(5), c.token(6), c.token(7), c.token(8), c.token(9), c.token(10), c.token(11), c.token(12), c.token(13),
		c.word(14), c.word(15), c.token(16), c.token(17), c.word(18), c.word(19), c.token(20), c.word(21), c.word(22)))
	plant("a CloudEvent", "POST", "/api/v1/events", "application/cloudevents+json", fmt.Sprintf(`{"specversion": "1.0", "id": %q, "source": "/ci/%s", "type": "com.example.deploy",
		"subject": "pricing", "time": "2026-06-11T11:50:00Z", "data": {"title": "x %s", "service": "pricing", "secret_token": %q}}`, c.token(23), c.token(24), c.token(25), c.word(26)))
	plant("a CDEvent", "POST", "/api/v1/events", "application/cloudevents+json", fmt.Sprintf(`{"specversion": "1.0", "id": "cd-1", "source": "/ci", "type": "dev.cdevents.service.deployed.0.2.0",
		"time": "2026-06-11T11:50:00Z", "data": {"context": {"version": "0.4.1", "id": "cd-1", "source": "/ci", "type": "dev.cdevents.service.deployed.0.2.0", "timestamp": "2026-06-11T11:50:00Z"},
		"subject": {"id": "pricing", "type": "service", "content": {"environment": {"id": "prod"}, "artifactId": "pkg:oci/x@%s"}}, "customData": {"password": %q, "said": "token=%s"}}}`, c.token(27), c.word(28), c.word(29)))
	plant("a refused event", "POST", "/api/v1/events", j, fmt.Sprintf(`{"title": "x", "subjects": ["pricing"], "kind": %q, "links": ["postgres://a:%s@b/c"], "started_at": %q}`, c.token(30), c.word(31), c.token(32)))
	plant("broken JSON", "POST", "/api/v1/events", j, fmt.Sprintf(`{"title": %s`, c.token(33)))
	for name, document := range map[string]string{
		"tidings.yaml":        "service: shop\ndescription: 'uses %s'\ntags: {api_key: '%s', note: '%s'}\nlinks:\n  - {type: docs, url: 'https://example.com/?a=%s'}\n",
		"catalog-info.yaml":   "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n  description: 'uses %s'\n  annotations: {example.com/password: '%s', x/y: '%s'}\n  links: [{url: 'https://example.com/?a=%s'}]\nspec: {type: service, lifecycle: production, owner: payments}\n",
		"entity.datadog.yaml": "apiVersion: v3\nkind: service\nmetadata:\n  name: shop\n  description: 'uses %s'\n  tags: ['secret:%s', 'note:%s']\n  links: [{name: x, type: doc, url: 'https://example.com/?a=%s'}]\n",
		"opslevel.yml":        "version: 1\nservice:\n  name: shop\n  description: 'uses %s'\n  tags: [{key: token, value: '%s'}, {key: note, value: '%s'}]\n  tools: [{name: x, category: logs, url: 'https://example.com/?a=%s'}]\n",
		"effx.yaml":           "version: v1\nkind: service\nspec:\n  name: shop\n  description: 'uses %s'\n  tags: {password: '%s', note: '%s'}\n  linkGroups: [{label: x, links: [{label: y, url: 'https://example.com/?a=%s'}]}]\n",
		"cortex.yaml":         "openapi: 3.0.1\ninfo:\n  title: shop\n  description: 'uses %s'\n  x-cortex-tag: shop\n  x-cortex-custom-metadata: {api_key: '%s', note: '%s'}\n  x-cortex-link: [{name: x, type: docs, url: 'https://example.com/?a=%s'}]\n",
		"CODEOWNERS":          "# %s\n/a/ @acme/%s @x-%s\n/b/ %s@example.com\n",
	} {
		n := 40 + 4*len(name)
		text := fmt.Sprintf(document, c.token(n), c.token(n+1), c.token(n+2), c.token(n+3))
		plant(name, "POST", "/api/v1/descriptors?name="+url.QueryEscape(name), "application/yaml", text)
		body, _ := json.Marshal(map[string]any{"documents": []map[string]string{{"name": name, "content": text}}})
		plant(name+" in JSON", "POST", "/api/v1/descriptors", j, string(body))
	}
	plant("an edit", "PUT", "/api/v1/entities/service/checkout", j, fmt.Sprintf(`{"description": "uses %s", "tags": {"db_password": %q, "note": %q}, "links": [{"type": "docs", "url": "https://example.com/?x=%s", "title": %q}]}`,
		c.token(150), c.word(151), c.token(152), c.token(153), c.token(154)))
	plant("headers and cookies", "GET", "/api/v1/events", j, "", "Authorization", "Bearer tidings"+"_"+c.token(155), "Cookie", "session="+c.word(156), "X-Api-Key", c.word(157))
	plant("a query", "GET", "/api/v1/events?token="+url.QueryEscape(c.token(158)), j, "")
	plant("a path", "GET", "/api/v1/"+c.token(159), j, "")
	plant("GraphQL", "POST", "/graphql", j, fmt.Sprintf(`{"query": "query($t: String) { search(q: $t) { ref } nothing(x: \"%s\") }", "variables": {"t": %q}}`, c.token(160), c.token(161)))
	plant("a source that is typed", "PUT", "/api/v1/settings/source:typed", j, fmt.Sprintf(`{"value": {"type": "git", "settings": {"repository": "https://127.0.0.1:1/shop.git", "service": "pricing"}}, "secrets": {"token": %q}}`, c.word(162)))
	plant("a wrong setting", "PUT", "/api/v1/settings/source:other", j, fmt.Sprintf(`{"value": {"type": "git", "settings": {"repository": "https://u:%s@example.com/x.git"}}, "secrets": {"token": %q, "other": %q}}`, c.word(163), c.word(164), c.word(165)))
	plant("a setting of the wrong type", "PUT", "/api/v1/settings/source:other", j, fmt.Sprintf(`{"value": %q, "secrets": [%q]}`, c.token(166), c.word(167)))
	const agent = "/tidings.agent.v1.ObserverService/"
	plant("an agent's session", "POST", agent+"Open", j, fmt.Sprintf(`{"source": "prod", "type": "kubernetes", "collections": ["deployments"], "agent": "a %s", "cluster": "c %s", "environment": "production",
		"report": {"problem": "cannot reach https://u:%s@127.0.0.1", "detail": %q}}`, c.token(180), c.token(181), c.word(182), c.token(183)))
	state, _ := json.Marshal(fmt.Sprintf(`{"kind":"Deployment","namespace":"shop","name":"pricing","uid":"u-1","created_at":"2026-06-01T00:00:00Z","annotations":{"tidings.dev/description":"with %s"},
		"template":{"containers":[{"name":"main","image":"x:1","command":"run --token %s","args":"https://u:%s@example.com"}]},"rollout":{"phase":"complete"}}`, c.token(184), c.token(185), c.word(186)))
	plant("a first look", "POST", agent+"Send", j, fmt.Sprintf(`{"source": "prod", "session": 1, "number": 1, "observations": [{"object": "shop/deployment/pricing", "collection": "deployments", "state": %s}], "complete": ["deployments"]}`, state))
	state = bytes.Replace(state, []byte("x:1"), []byte("x:2"), 1)
	plant("a look and an act", "POST", agent+"Send", j, fmt.Sprintf(`{"source": "prod", "session": 1, "number": 2, "observations": [
		{"object": "shop/deployment/pricing", "collection": "deployments", "act": {"id": "1", "verb": "patch", "user": "ana", "agent": "kubectl %s"}},
		{"object": "shop/deployment/pricing", "collection": "deployments", "state": %s}], "report": {"problem": %q}}`, c.token(187), state, c.token(188)))
	plant("a look that cannot be read", "POST", agent+"Send", j, fmt.Sprintf(`{"source": "prod", "session": 1, "number": 3, "observations": [{"object": "shop/deployment/x", "collection": %q, "state": %q}]}`, c.token(189), c.token(190)))
	if status := send("POST", agent+"Send", j, `{"source": "prod", "session": 1, "number": 2}`); status != http.StatusOK {
		t.Errorf("the looks were not taken in: %d", status)
	}
	eventually(t, "both sources to be looked at", func() bool {
		var state struct {
			Sources []struct{ Name, State string }
		}
		answer, err := http.Get(d.URL() + "/api/v1/sources")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		_ = json.NewDecoder(answer.Body).Decode(&state)
		states := map[string]string{}
		for _, source := range state.Sources {
			states[source.Name] = source.State
		}
		return states["repository"] == "working" && states["typed"] == "failing"
	})
	for _, path := range []string{"/api/v1/events?limit=200", "/api/v1/entities", "/api/v1/entities/service/shop?claims=1", "/api/v1/entities/service/checkout?claims=1", "/api/v1/unclaimed", "/api/v1/sources", "/api/v1/settings", "/api/v1/settings/source:typed", "/metrics", "/support/bundle"} {
		plant(path, "GET", path, j, "")
	}
	if !bytes.Contains(out.bytes(), []byte("tidings_redacted_total")) || bytes.Contains(out.bytes(), []byte("tidings_redacted_total 0\n")) {
		t.Error("nothing was counted as redacted")
	}
	if !bytes.Contains(out.bytes(), []byte(`"field":"DB_PASSWORD","old":"hmac:`)) {
		t.Error("the diff of a secret has no fingerprints")
	}
	stop()
	reading.Wait()

	// The archive is every table, row by row, of either engine.
	var archive bytes.Buffer
	place := backup.Place{URL: config.DatabaseURL}
	if config.DatabaseURL == "" {
		place.Directory = config.Data
	}
	if _, err := backup.Write(t.Context(), place, t.TempDir(), "test", &archive, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(t.TempDir(), "restored")
	if _, err := backup.Restore(t.Context(), &archive, backup.Place{Directory: restored}, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	closed = true
	if err := d.Close(context.Background()); err != nil {
		t.Error(err)
	}
	searchFolders(t, &c, restored, config.Data)
	for _, found := range c.find(out.bytes()) {
		t.Errorf("an answer, the stream or the log has %s", found)
	}
}

// searchFolders looks into every file: the database, its write-ahead log, and what else lies there.
func searchFolders(t *testing.T, c *canaries, dirs ...string) {
	t.Helper()
	files := 0
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for _, found := range c.find(content) {
				t.Errorf("%s has %s", filepath.Base(path), found)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files == 0 {
		t.Error("there was no file to search")
	}
}

func gitRepository(t *testing.T, c *canaries) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"commit", "--quiet", "--allow-empty", "-m", "Use " + c.token(170), "-m", "DB_PASSWORD=" + c.word(171) + "\n\nhttps://ci:" + c.word(172) + "@example.com/x"},
		{"tag", "-a", "v1.0.0", "-m", "released with " + c.token(173)},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_CONFIG_GLOBAL=/dev/null")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, text)
		}
	}
	return dir
}
