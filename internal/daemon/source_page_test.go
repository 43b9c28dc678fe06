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

	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/internal/daemon"
)

// keyed gives a configuration a key for secrets.
func keyed(t *testing.T, config *daemon.Config) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := config.Secrets.Key.UnmarshalYAML([]byte("file:" + file)); err != nil {
		t.Fatal(err)
	}
}

// query asks GraphQL; the faults of a refusal are in the error.
func query(t *testing.T, url, text string, variables object) (object, string) {
	t.Helper()
	body, err := json.Marshal(object{"query": text, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var read struct {
		Data   object           `json:"data"`
		Errors []map[string]any `json:"errors"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&read); err != nil {
		t.Fatal(err)
	}
	if len(read.Errors) > 0 {
		return read.Data, fmt.Sprint(read.Errors)
	}
	return read.Data, ""
}

// A source is made, used, mended and taken away through the page's own requests, without a restart.
func TestASourceFromItsPageAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		keyed(t, &config)
		url := server(t, config)
		do := func(text string, variables object) object {
			t.Helper()
			data, wrong := query(t, url, text, variables)
			if wrong != "" {
				t.Fatalf("%s: %s", text, wrong)
			}
			return data
		}
		send := func(secret string, id int) int {
			t.Helper()
			body := status(id, "success")
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hooks/forge", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-GitHub-Event", "deployment_status")
			request.Header.Set("X-GitHub-Delivery", fmt.Sprint("delivery-", id, secret[:4]))
			request.Header.Set("X-Hub-Signature-256", github.Signature.Sum(secret, body))
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			return answer.StatusCode
		}

		made := do(`mutation($s: JSON) { createSource(input: {name: "forge", type: "github", settings: $s, generateSecret: true}) { secret source { name place delivers tool { title } } } }`,
			object{"s": object{"services": object{"acme/payments": "payments"}}})["createSource"].(object)
		secret := made["secret"].(string)
		if len(secret) != 64 || made["source"].(object)["place"] != "page" {
			t.Fatalf("made: %v", made)
		}
		eventually(t, "the source runs", func() bool { return send(secret, 1) == http.StatusOK })
		if titles(get(t, url+"/api/v1/events?service=payments&kind=deploy")) == "" {
			t.Error("nothing came into the log")
		}
		if _, wrong := query(t, url, `mutation { createSource(input: {name: "forge", type: "github"}) { secret } }`, nil); !strings.Contains(wrong, "already") {
			t.Errorf("a name that is taken: %s", wrong)
		}
		if _, wrong := query(t, url, `mutation { createSource(input: {name: "x", type: "webhook", settings: {fields: {key: ".a |"}}}) { secret } }`, nil); !strings.Contains(wrong, "/fields/key") || !strings.Contains(wrong, "/fields/title") {
			t.Errorf("faults name their fields: %s", wrong)
		}

		shown := do(`{ source(name: "forge") { state events lately { lastAt hours { outcome deliveries } } guide(base: "https://t.example") { ways { steps } rights } }
			deliveries(source: "forge") { nodes { id outcome eventCount body } } }`, nil)
		if text := fmt.Sprint(shown); !strings.Contains(text, "https://t.example/hooks/forge") || !strings.Contains(text, "`SECRET`") || strings.Contains(text, secret) {
			t.Errorf("the page: %s", text)
		}
		id := shown["deliveries"].(object)["nodes"].([]any)[0].(object)["id"].(string)
		one := do(`query($id: ID!) { delivery(source: "forge", id: $id) { body headers { key value } events { title subjects { ref } } } }`, object{"id": id})["delivery"].(object)
		if text := fmt.Sprint(one); !strings.Contains(text, "Deployed v2.14.1") || strings.Contains(text, "hunter2") || !strings.Contains(text, "service:payments") {
			t.Errorf("the delivery: %s", text)
		}

		// What cannot be read is read again once the settings are mended; here it stays as it is.
		begun := do(`mutation { replayFailed(source: "forge") { id kind state total } }`, nil)["replayFailed"].(object)
		if begun["id"] != "replay:forge failed" || begun["total"] != nil {
			t.Errorf("nothing failed: %v", begun)
		}
		eventually(t, "the job ends", func() bool {
			return do(`{ job(id: "replay:forge failed") { state } jobs(state: done) { id } }`, nil)["job"].(object)["state"] == "done"
		})
		covered := do(`{ source(name: "forge") { coverage { events kinds { kind expected events } entities unclaimedCount told usual } } }`, nil)["source"].(object)["coverage"].(object)
		if text := fmt.Sprint(covered); covered["events"] != 1.0 || covered["entities"] != 1.0 || covered["told"] != 1.0 || covered["usual"] != nil ||
			!strings.Contains(text, "map[events:1 expected:true kind:deploy]") || !strings.Contains(text, "map[events:0 expected:true kind:merge]") {
			t.Errorf("the coverage: %v", text)
		}
		if got := do(`mutation($id: ID!) { replayDelivery(source: "forge", id: $id) { outcome events } }`, object{"id": id})["replayDelivery"].(object); got["outcome"] != "taken" {
			t.Errorf("replayed: %v", got)
		}

		// A rotated secret: both count until the old one is dropped.
		second := do(`mutation { setSourceSecret(name: "forge", keepLast: true) { secret } }`, nil)["setSourceSecret"].(object)["secret"].(string)
		eventually(t, "the new secret counts", func() bool { return send(second, 2) == http.StatusOK })
		if code := send(secret, 3); code != http.StatusOK {
			t.Errorf("the old secret, while it is kept: %d", code)
		}
		do(`mutation { dropSourceSecret(name: "forge", field: "previous_secret") { name } }`, nil)
		eventually(t, "the old secret counts no more", func() bool { return send(secret, 4) == http.StatusUnauthorized })
		set := do(`{ sourceSettings(name: "forge") { type settings secrets { name fingerprint changedAt } revision } }`, nil)["sourceSettings"].(object)
		if text := fmt.Sprint(set); strings.Contains(text, second) || !strings.Contains(text, "acme/payments") {
			t.Errorf("the settings: %s", text)
		}
		do(`mutation($s: JSON!, $r: Int!) { changeSource(name: "forge", settings: $s, revision: $r) { name } }`, object{"s": object{"same_names": true}, "r": set["revision"]})
		if _, wrong := query(t, url, `mutation($r: Int!) { changeSource(name: "forge", settings: {}, revision: $r) { name } }`, object{"r": set["revision"]}); !strings.Contains(wrong, "conflict") {
			t.Errorf("over a change of somebody else: %s", wrong)
		}

		do(`mutation { switchSource(name: "forge", on: false) { name } }`, nil)
		refusals := func() int {
			return len(do(`{ deliveries(source: "forge", outcome: refused) { nodes { reason } } }`, nil)["deliveries"].(object)["nodes"].([]any))
		}
		eventually(t, "to others it is none", func() bool { return send("somebody else's", 5) == http.StatusNotFound })
		before := refusals() // until it is off, what somebody else sends is refused and kept
		if code := send(second, 5); code != http.StatusOK {
			t.Errorf("its tool goes on: %d", code)
		}
		if got := do(`{ source(name: "forge") { state delivers detail } }`, nil)["source"].(object); got["state"] != "off" || got["delivers"] != true || !strings.Contains(fmt.Sprint(got["detail"]), "still calls") {
			t.Errorf("off: %v", got)
		}
		if got := refusals(); got != before+1 {
			t.Errorf("%d refusals are kept, after %d", got, before)
		}
		do(`mutation { switchSource(name: "forge", on: true) { name } }`, nil)
		eventually(t, "it is on again", func() bool { return send(second, 6) == http.StatusOK })
		do(`mutation { removeSource(name: "forge") }`, nil)
		eventually(t, "it is gone", func() bool { return do(`{ source(name: "forge") { name } }`, nil)["source"] == nil })
	})
}

// A tool that calls while the server starts is not told that there is no such source: it would not call again.
func TestASourceAnswersFromTheStart(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	keyed(t, &config)
	config.Listen = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	d := open(t, config)
	if _, wrong := query(t, d.URL(), `mutation { createSource(input: {name: "forge", type: "github", generateSecret: true}) { secret } }`, nil); wrong != "" {
		t.Fatal(wrong)
	}
	stop(t, d)

	ended := make(chan struct{})
	codes := make(chan map[int]int)
	go func() {
		seen := map[int]int{}
		for {
			select {
			case <-ended:
				codes <- seen
				return
			default:
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+config.Listen+"/hooks/forge", strings.NewReader("{}"))
			if err != nil {
				continue
			}
			if answer, err := http.DefaultClient.Do(request); err == nil { // nobody listens yet
				answer.Body.Close()
				seen[answer.StatusCode]++
			}
		}
	}()
	d = open(t, config)
	eventually(t, "the server answers", func() bool { status, _, _ := fetch(t, d.URL()+"/healthz"); return status == http.StatusOK })
	close(ended)
	if seen := <-codes; seen[http.StatusNotFound] > 0 || seen[http.StatusUnauthorized] == 0 {
		t.Errorf("got %v, want 401 from the start", seen)
	}
	stop(t, d)
}

// A trial tells what would become of a payload, and leaves nothing behind.
func TestATrialLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		url := server(t, config)
		try := func(settings object, body string) string {
			t.Helper()
			data, wrong := query(t, url, `query($t: TrialInput!) { trySource(trial: $t) { ignored fault events { title kind phase environment subjects { name new } } } }`,
				object{"t": object{"type": "webhook", "settings": settings, "body": body}})
			return fmt.Sprint(data["trySource"]) + wrong
		}
		fields := object{"key": ".id", "title": `"Rolled out \(.v)"`, "service": ".app", "kind": `"deploy"`}
		for _, test := range []struct {
			name     string
			settings object
			body     string
			want     string
		}{
			{"what it makes", object{"same_names": true, "fields": fields}, `{"id": 1, "v": "2", "app": "shop"}`, "title:Rolled out 2"},
			{"what it ignores", object{"fields": fields, "when": ".id > 5"}, `{"id": 1}`, "ignored:the source's when"},
			{"what cannot be read", object{"fields": fields}, `{"id": 1, "v": "2"}`, "fields.service is empty"},
			{"an expression with a mistake", object{"fields": object{"key": ".a |", "title": ".b", "service": ".c"}}, `{}`, "/fields/key"},
			{"no JSON", object{"fields": fields}, `{`, "fault:"},
			{"a payload that is too large", object{"fields": fields}, strings.Repeat(" ", 300<<10), "up to"},
			{"one that does not end", object{"fields": object{"key": "[recurse]", "title": ".t", "service": ".s"}}, `[]`, "not offered"},
		} {
			if got := try(test.settings, test.body); !strings.Contains(got, test.want) {
				t.Errorf("%s: %s", test.name, got)
			}
		}
		if page := get(t, url+"/api/v1/events?source=webhook"); len(page["events"].([]any)) != 0 {
			t.Errorf("a trial left something in the log: %v", page)
		}
	})
}

// A trial makes a key of its own; a server with login asks for one, and takes up what the trial kept. A copy of a trial without
// that key is served as well, and keeps no secrets until the lost key is forgotten.
func TestATrialKeepsSecrets(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	possible := func() bool {
		t.Helper()
		d, err := daemon.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close(t.Context()) }() // nothing was written
		data, wrong := query(t, d.URL(), `{ secretKeeping { possible problem } }`, nil)
		if wrong != "" {
			t.Fatal(wrong)
		}
		return data["secretKeeping"].(object)["possible"].(bool)
	}
	if !possible() {
		t.Error("a trial cannot keep secrets")
	}
	file := filepath.Join(config.Data, "secrets.key")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if possible() {
		t.Error("secrets were kept by a key that opens nothing of before")
	}
	if err := os.WriteFile(file, []byte(strings.Repeat("another ", 6)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), "tidings secrets forget") {
		t.Errorf("another key: got %v, want what to do", err)
	}
	secrets, err := daemon.OpenSecrets(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, turn := range []struct {
		meant bool
		want  int
	}{{false, 2}, {true, 2}, {true, 0}} {
		if keys, _, err := secrets.Forget(t.Context(), turn.meant); err != nil || keys != turn.want {
			t.Errorf("forgot %d keys, %v, want %d", keys, err, turn.want)
		}
	}
	if err := secrets.Close(); err != nil {
		t.Fatal(err)
	}
	if !possible() {
		t.Error("no secret can be kept after the lost key was forgotten")
	}
}
