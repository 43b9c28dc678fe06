package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/integrations/slack"
	"tidings.dev/tidings/internal/daemon"
)

// slackRig is the address of the emulator of Slack that scripts/emulator starts.
const slackRig = "TIDINGS_TEST_SLACK"

const slackSecret, pagerDutySecret = "a-signing-secret-of-slack", "a-secret-of-pagerduty"

// workspace is the emulated Slack with a Tidings that has an app there.
type workspace struct {
	address string // of the emulator
	now     func() time.Time
	step    func(*testing.T) // where the test says when it works
	url     string           // of Tidings
	channel string

	mu sync.Mutex
	// front stands between Tidings and the emulator: it keeps what is answered at the address of a command, and may fail.
	front   *httptest.Server
	answers []string
	fail    func(w http.ResponseWriter, method string, pass func(http.ResponseWriter)) bool
	asked   map[string]int
	// unfurled is told how a link is to be shown.
	unfurled func(body []byte)
}

// open starts the front.
func (w *workspace) open(t *testing.T) {
	t.Helper()
	to, err := url.Parse(w.address)
	if err != nil {
		t.Fatal(err)
	}
	w.asked = map[string]int{}
	emulator := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	w.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		method := strings.TrimPrefix(r.URL.Path, "/api/")
		w.mu.Lock()
		w.asked[method]++
		fail := w.fail
		w.mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/commands/") {
			body, _ := io.ReadAll(r.Body)
			w.mu.Lock()
			w.answers = append(w.answers, string(body))
			w.mu.Unlock()
			return
		}
		if method == "chat.unfurl" { // the emulator does not know it
			body, _ := io.ReadAll(r.Body)
			w.mu.Lock()
			unfurled := w.unfurled
			w.mu.Unlock()
			if unfurled != nil {
				unfurled(body)
			}
			_, _ = io.WriteString(rw, `{"ok":true}`)
			return
		}
		if fail != nil && fail(rw, method, func(to http.ResponseWriter) { emulator.ServeHTTP(to, r) }) {
			return
		}
		emulator.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.front.Close)
}

// answered is what was said to somebody alone.
func (w *workspace) answered() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.answers)
}

// inSlack starts a Tidings with the app, and with PagerDuty. The channel is new.
func inSlack(t *testing.T, more ...func(*daemon.Config)) *workspace {
	t.Helper()
	return inSlackBy(t, func(config daemon.Config) string { return server(t, config) }, more...)
}

// inSlackBy is inSlack with a Tidings that somebody else starts.
func inSlackBy(t *testing.T, start func(daemon.Config) string, more ...func(*daemon.Config)) *workspace {
	t.Helper()
	w := &workspace{address: os.Getenv(slackRig), now: time.Now}
	if w.address == "" {
		t.Fatalf("%s is not set: this needs an emulator of Slack. Run it by make test-go, or as scripts/emulator slack -- go test", slackRig)
	}
	w.open(t)
	dir := t.TempDir()
	for name, content := range map[string]string{"slack": slackSecret, "pagerduty": pagerDutySecret, "token": "xoxb-a-token-of-tidings"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.url = start(settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		for _, text := range []string{
			"name: slack\ntype: slack\nallow: [127.0.0.1]\nsecret: file:" + dir + "/slack\nbot_token: file:" + dir + "/token\napi: " + w.front.URL + "/api\n",
			"name: pager\ntype: pagerduty\nsecret: file:" + dir + "/pagerduty\nservices: {PF9KMXH: pricing}\n",
		} {
			var source daemon.SourceConfig
			if err := source.UnmarshalYAML([]byte(text)); err != nil {
				t.Fatal(err)
			}
			c.Sources = append(c.Sources, source)
		}
		for _, change := range more {
			change(c)
		}
	}))
	created := w.call(t, "conversations.create", url.Values{"name": {fmt.Sprintf("incidents-%d", time.Now().UnixNano())}})
	w.channel = created["channel"].(object)["id"].(string)
	return w
}

// told is what stands in the channel, the newest first.
func (w *workspace) told(t *testing.T) []string {
	t.Helper()
	messages, _ := w.call(t, "conversations.history", url.Values{"channel": {w.channel}})["messages"].([]any)
	var all []string
	for _, m := range messages {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// call asks a method of the emulator, as some other app would.
func (w *workspace) call(t *testing.T, method string, form url.Values) object {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address+"/api/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer xoxb-a-token-of-tidings")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var read object
	if err := json.NewDecoder(answer.Body).Decode(&read); err != nil || read["ok"] != true {
		t.Fatalf("%s: %v %v", method, read, err)
	}
	return read
}

// say writes a message into the channel, as another app does, and gives its id.
func (w *workspace) say(t *testing.T, text string) string {
	t.Helper()
	return w.call(t, "chat.postMessage", url.Values{"channel": {w.channel}, "text": {text}})["ts"].(string)
}

// replies are the answers in a thread.
func (w *workspace) replies(t *testing.T, thread string) []string {
	t.Helper()
	messages, _ := w.call(t, "conversations.replies", url.Values{"channel": {w.channel}, "ts": {thread}})["messages"].([]any)
	var all []string
	for _, m := range messages {
		m := m.(object)
		if m["ts"] == thread {
			continue
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// signed delivers to the app as Slack does, and gives the status and what was answered.
func (w *workspace) signed(t *testing.T, contentType string, body []byte, header ...string) (int, string) {
	t.Helper()
	stamp := strconv.FormatInt(w.now().Unix(), 10)
	header = append([]string{"Content-Type", contentType, "X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", slack.Signature.Sum(slackSecret, stamp, body)}, header...)
	answer := ask(t, http.DefaultClient, http.MethodPost, w.url+"/hooks/slack", string(body), header...)
	return answer.status, answer.text
}

// event delivers an event of the Events API.
func (w *workspace) event(t *testing.T, id string, event object, header ...string) {
	t.Helper()
	body, err := json.Marshal(object{"type": "event_callback", "api_app_id": "A0TIDINGS", "event_id": id, "event_time": w.now().Unix(), "event": event})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := w.signed(t, "application/json", body, header...); status != http.StatusOK || text != "" {
		t.Fatalf("%s: %d %q, want an empty 200", id, status, text)
	}
}

// pagerDuty is the message that PagerDuty's app writes.
func (w *workspace) pagerDuty(ts, state, incident string) object {
	return object{
		"type": "message", "subtype": "bot_message", "channel": w.channel, "ts": ts, "event_ts": ts, "bot_id": "B0PAGER",
		"bot_profile": object{"app_id": "A1FKYAUUX", "name": "PagerDuty"},
		"text":        fmt.Sprintf("*%s* <https://northwind.pagerduty.com/incidents/%s|[#482] High error rate>", state, incident),
	}
}

// page delivers an incident of PagerDuty.
func (w *workspace) page(t *testing.T, step, incident string, at time.Time) {
	t.Helper()
	body := fmt.Appendf(nil, `{"event":{"id":"E-%s-%s","event_type":"incident.%s","resource_type":"incident","occurred_at":%q,"data":{"id":%q,"type":"incident",
		"html_url":"https://northwind.pagerduty.com/incidents/%s","number":482,"title":"High error rate","created_at":%q,"urgency":"high",
		"service":{"id":"PF9KMXH","type":"service_reference","summary":"Pricing"}}}}`, incident, step, step, time.Now().UTC().Format(time.RFC3339), incident, incident, at.UTC().Format(time.RFC3339))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/hooks/pager", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-PagerDuty-Signature", pagerduty.Signature.Sum(pagerDutySecret, body))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("PagerDuty: %s", answer.Status)
	}
}

// tell records an event.
func (w *workspace) tell(t *testing.T, event object) {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	post(t, w.url+"/api/v1/events", string(text))
}

// changed brings a service with an owner, and a deploy of it.
func (w *workspace) changed(t *testing.T, at time.Time) {
	t.Helper()
	call(t, http.MethodPost, w.url+"/api/v1/descriptors", "application/yaml", `
kind: team
name: payments
on_call: [{role: primary, name: person:ines}]
---
kind: service
name: pricing
owner: payments
links: [{type: runbook, title: When prices are wrong, url: https://wiki.northwind.example/pricing}]
`, http.StatusOK)
	w.tell(t, object{"key": "deploy-" + at.String(), "kind": "deploy", "title": "Deployed pricing v2.14.0 <&> *bold*", "subjects": []any{"pricing"}, "started_at": at.Format(time.RFC3339)})
}

// PagerDuty writes into a channel: the answer stands in the thread of its message, once, however often Slack tells; it says
// what changed and who owns it, and is changed in place when more is known.
func TestSlackAnswersAPage(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	w.page(t, "triggered", "Q1ABC", time.Now().Add(-time.Minute))
	ts := w.say(t, "High error rate")
	var sent sync.WaitGroup
	for i := range 3 { // Slack sends again what it thinks was not heard
		sent.Go(func() { w.event(t, "Ev1", w.pagerDuty(ts, "Triggered", "Q1ABC"), "X-Slack-Retry-Num", strconv.Itoa(i)) })
	}
	sent.Wait()
	// The first answer may be there before the incident is, whose buttons it has once that is known.
	eventually(t, "the answer in the thread, with its buttons", func() bool {
		all := w.replies(t, ts)
		return len(all) > 0 && strings.Contains(all[0], "It was this")
	})
	answer := w.replies(t, ts)[0]
	for _, want := range []string{"pricing", `Deployed pricing v2.14.0 \u0026lt;\u0026amp;\u0026gt; *bold*`, "payments", "When prices are wrong", "ruled out", "It was this", "ines"} {
		if !strings.Contains(answer, want) {
			t.Errorf("the answer lacks %q: %s", want, answer)
		}
	}

	// A change that is told of late belongs into the answer, and the message of the end is about the same.
	w.tell(t, object{"key": "late", "kind": "flag", "title": "Turned new-checkout on", "subjects": []any{"pricing"}, "started_at": time.Now().Add(-10 * time.Minute).Format(time.RFC3339)})
	w.page(t, "resolved", "Q1ABC", time.Now().Add(-time.Minute))
	w.event(t, "Ev2", object{"type": "message", "subtype": "message_changed", "channel": w.channel, "event_ts": ts, "message": w.pagerDuty(ts, "Resolved", "Q1ABC")})
	eventually(t, "the answer brought up to date", func() bool {
		all := w.replies(t, ts)
		return len(all) == 1 && strings.Contains(all[0], "Turned new-checkout on") && strings.Contains(all[0], "resolved")
	})
	if all := w.replies(t, ts); len(all) != 1 {
		t.Errorf("%d answers in the thread, want one: %q", len(all), all)
	}
}

// Slack checks the address before it delivers, and what it did not sign is refused.
func TestSlackChecksTheAddress(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	if status, text := w.signed(t, "application/json", []byte(`{"type":"url_verification","challenge":"3eZbrw1a","token":"x"}`)); status != http.StatusOK || text != "3eZbrw1a" {
		t.Errorf("the challenge: %d %q", status, text)
	}
	if status, _ := w.signed(t, "application/json", []byte(`{"type":"url_verification","challenge":"x"}`), "X-Slack-Signature", "v0=00"); status != http.StatusUnauthorized {
		t.Errorf("a wrong signature: %d", status)
	}
}

// pressed is what Slack sends when somebody presses a button of a message.
func (w *workspace) press(t *testing.T, message, thread, action string) {
	t.Helper()
	var shown object
	if err := json.Unmarshal([]byte(message), &shown); err != nil {
		t.Fatal(err)
	}
	var id, value string
	for _, block := range shown["blocks"].([]any) {
		elements, _ := block.(object)["elements"].([]any)
		for _, element := range elements {
			if button := element.(object); id == "" && strings.HasPrefix(fmt.Sprint(button["action_id"]), action+":") {
				id, value = button["action_id"].(string), button["value"].(string)
			}
		}
	}
	if id == "" {
		t.Fatalf("there is no button %s: %s", action, message)
	}
	payload, err := json.Marshal(object{
		"type": "block_actions", "user": object{"id": "U0INES", "name": "ines"}, "channel": object{"id": w.channel},
		"container": object{"message_ts": shown["ts"], "channel_id": w.channel, "thread_ts": thread}, "response_url": w.front.URL + "/commands/press",
		"actions": []any{object{"action_id": id, "action_ts": fmt.Sprint(time.Now().UnixNano()), "value": value}},
	})
	if err != nil {
		t.Fatal(err)
	}
	status, text := w.signed(t, "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(payload)}}.Encode()))
	if status != http.StatusOK || text != "" {
		t.Fatalf("a button: %d %q", status, text)
	}
}

// command is what Slack sends for a slash command.
func (w *workspace) command(t *testing.T, text string) {
	t.Helper()
	form := url.Values{
		"command": {"/tidings"}, "text": {text}, "user_id": {"U0INES"}, "user_name": {"ines"}, "channel_id": {w.channel},
		"trigger_id": {fmt.Sprint(time.Now().UnixNano())}, "response_url": {w.front.URL + "/commands/1"},
	}
	if status, answer := w.signed(t, "application/x-www-form-urlencoded", []byte(form.Encode())); status != http.StatusOK || answer != "" {
		t.Fatalf("/tidings %s: %d %q", text, status, answer)
	}
}

// A verdict from the thread stands in the incident, with who gave it, and in the answer.
func TestSlackVerdict(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	w.page(t, "triggered", "Q2DEF", time.Now().Add(-time.Minute))
	ts := w.say(t, "High error rate")
	w.event(t, "Ev1", w.pagerDuty(ts, "Triggered", "Q2DEF"))
	eventually(t, "an answer with buttons", func() bool {
		all := w.replies(t, ts)
		return len(all) == 1 && strings.Contains(all[0], "It was this")
	})
	w.press(t, w.replies(t, ts)[0], ts, "caused")
	eventually(t, "the verdict in the answer", func() bool { return strings.Contains(w.replies(t, ts)[0], "✓ it was this") })
	w.press(t, w.replies(t, ts)[0], ts, "command")
	eventually(t, "who is in command, and no button for it", func() bool {
		answer := w.replies(t, ts)[0]
		return strings.Contains(answer, "Commander") && strings.Contains(answer, "ines@slack") && !strings.Contains(answer, "I take command")
	})
	w.command(t, "give commander of 1 back")
	eventually(t, "who gave it back", func() bool {
		return slices.ContainsFunc(w.answered(), func(text string) bool { return strings.Contains(text, "Nobody is commander.") })
	})
	w.press(t, w.replies(t, ts)[0], ts, "call")
	eventually(t, "who is called", func() bool {
		all := w.replies(t, ts)
		return len(all) == 2 && strings.Contains(all[1], "ines (on call for pricing)")
	})
}

func TestSlackCommands(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	for text, want := range map[string]string{
		"":                 "What you can ask",
		"pricing":          "Deployed pricing v2.14.0",
		"who owns pricing": "payments owns pricing",
		"oncall payments":  "ines",
		"changes since 1h": "Deployed pricing v2.14.0",
		"suspects pricing": "Deployed pricing v2.14.0",
		"take scribe of 9": "there is no INC-9",
		"prcing":           "Did you mean",
	} {
		before := len(w.answered())
		w.command(t, text)
		eventually(t, "an answer to "+text, func() bool { return len(w.answered()) > before })
		if got := w.answered()[before]; !strings.Contains(got, want) || !strings.Contains(got, `"ephemeral"`) {
			t.Errorf("/tidings %s: got %s, want %q", text, got, want)
		}
	}
	ts := w.say(t, "<@U0TIDINGS> who owns pricing?")
	w.event(t, "EvAsk", object{"type": "app_mention", "user": "U0INES", "channel": w.channel, "ts": ts, "event_ts": ts, "text": "<@U0TIDINGS> who owns pricing?"})
	eventually(t, "an answer to a mention", func() bool {
		all := w.replies(t, ts)
		return len(all) == 1 && strings.Contains(all[0], "payments owns pricing")
	})
}

// Slack asks for time, fails, and loses an answer: the message stands in the thread all the same, and once.
func TestSlackThatFails(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	w.page(t, "triggered", "Q3GHI", time.Now().Add(-time.Minute))
	ts := w.say(t, "High error rate")
	var times atomic.Int64
	w.mu.Lock()
	w.fail = func(rw http.ResponseWriter, method string, pass func(http.ResponseWriter)) bool {
		if method != "chat.postMessage" {
			return false
		}
		switch times.Add(1) {
		case 1:
			rw.Header().Set("Retry-After", "1")
			rw.WriteHeader(http.StatusTooManyRequests)
		case 2:
			rw.WriteHeader(http.StatusBadGateway)
		case 3: // it is said, and nobody learns of it
			pass(httptest.NewRecorder())
			rw.WriteHeader(http.StatusBadGateway)
		default:
			return false
		}
		return true
	}
	w.mu.Unlock()
	w.event(t, "Ev1", w.pagerDuty(ts, "Triggered", "Q3GHI"))
	eventually(t, "an answer that is known to have been said", func() bool {
		_, _, metrics := fetch(t, w.url+"/metrics")
		return times.Load() >= 3 && strings.Contains(metrics, `outcome="sent",source="slack",topic="suspects"`)
	})
	if all := w.replies(t, ts); len(all) != 1 || times.Load() != 3 {
		t.Errorf("%d answers after %d attempts: %q", len(all), times.Load(), all)
	}
}

// A channel follows a service: a story is one message, whatever becomes of it; what somebody finds to be noise is not told
// any more, and that can be taken back.
func TestSlackFollows(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	w.command(t, "follow pricing")
	eventually(t, "that it follows", func() bool { return len(w.answered()) == 1 })
	if got := w.answered()[0]; !strings.Contains(got, "This channel follows pricing") {
		t.Fatal(got)
	}
	now := time.Now().UTC()
	deploy := object{"key": "d1", "kind": "deploy", "phase": "started", "title": "Deploy pricing 2.15.0", "subjects": []any{"pricing"}, "started_at": now.Format(time.RFC3339), "actor": object{"type": "automation", "name": "argo"}}
	w.tell(t, deploy)
	w.tell(t, object{"key": "other", "kind": "deploy", "title": "Deploy of something else", "subjects": []any{"ledger"}})
	told := func() []string { return w.told(t) }
	deploy["phase"], deploy["title"] = "succeeded", "Deployed pricing 2.15.0"
	w.tell(t, deploy)
	eventually(t, "the story", func() bool { return len(told()) > 0 })
	if all := told(); len(all) != 1 || !strings.Contains(all[0], "Deployed pricing 2.15.0") {
		t.Errorf("told %q, want one message of the deploy", all)
	}
	w.press(t, told()[0], "", "noise")
	eventually(t, "what is noise", func() bool { return len(w.answered()) == 2 })
	if got := w.answered()[1]; !strings.Contains(got, "deploy of pricing by argo") || !strings.Contains(got, "Undo") {
		t.Errorf("got %s", got)
	}
	noise := func() int {
		follows := get(t, w.url+"/api/v1/follows")["follows"].([]any)
		rules, _ := follows[0].(object)["noise"].([]any)
		return len(rules)
	}
	if n := noise(); n != 1 {
		t.Errorf("%d rules, want 1", n)
	}
	w.command(t, "unmute 1.1")
	eventually(t, "that it is told again", func() bool { return noise() == 0 })
	w.command(t, "unfollow 1")
	eventually(t, "that nothing is followed", func() bool { return len(get(t, w.url+"/api/v1/follows")["follows"].([]any)) == 0 })
	if posts := get(t, w.url+"/api/v1/posts?state=dead")["posts"].([]any); len(posts) != 0 {
		t.Errorf("given up: %v", posts)
	}
}

// follow lets the channel follow something, by the API.
func (w *workspace) follow(t *testing.T, follow object) {
	t.Helper()
	follow["source"], follow["channel"] = "slack", w.channel
	body, err := json.Marshal(follow)
	if err != nil {
		t.Fatal(err)
	}
	post(t, w.url+"/api/v1/follows", string(body))
}

// at is a time of day, two days ago.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	clock, err := time.Parse("15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
}

// In quiet hours nothing is said; when they end all of it is, together; a night in which nothing was stays silent.
func TestSlackQuietHours(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	clock.Store(at(t, "21:00").UnixMicro())
	w := played(t, &clock)
	w.changed(t, at(t, "20:00"))
	w.follow(t, object{"services": []string{"pricing"}, "quiet_from": "22:00", "quiet_to": "07:00"})
	w.step(t)
	for _, when := range []string{"23:10", "23:40"} {
		clock.Store(at(t, when).UnixMicro())
		w.tell(t, object{"key": when, "kind": "deploy", "title": "Deployed pricing at " + when, "subjects": []any{"pricing"}, "started_at": at(t, when).Format(time.RFC3339)})
		w.step(t)
		clock.Add((10 * time.Minute).Microseconds())
		w.step(t)
	}
	if all := w.told(t); len(all) != 0 {
		t.Fatalf("said in quiet hours: %q", all)
	}
	clock.Store(at(t, "07:00").AddDate(0, 0, 1).Add(time.Second).UnixMicro())
	w.step(t)
	if all := w.told(t); len(all) != 1 || !strings.Contains(all[0], "Deployed pricing at 23:10") || !strings.Contains(all[0], "Deployed pricing at 23:40") {
		t.Fatalf("when they end: %q, want both in one message", all)
	}
	clock.Store(at(t, "07:00").AddDate(0, 0, 2).Add(time.Second).UnixMicro())
	w.step(t)
	if all := w.told(t); len(all) != 1 {
		t.Errorf("after a night without changes: %q, want nothing more", all)
	}
}

// A digest tells a day together, at its time of day where people are, and nothing in between.
func TestSlackDigest(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	clock.Store(at(t, "10:00").UnixMicro())
	w := played(t, &clock)
	w.changed(t, at(t, "09:00"))
	w.follow(t, object{"teams": []string{"payments"}, "digest": "09:00", "zone": "Asia/Kolkata"}) // 03:30 UTC
	w.step(t)
	for _, when := range []string{"11:00", "16:00"} {
		clock.Store(at(t, when).UnixMicro())
		w.tell(t, object{"key": when, "kind": "deploy", "title": "Deployed pricing at " + when, "subjects": []any{"pricing"}, "started_at": at(t, when).Format(time.RFC3339)})
		w.step(t)
		clock.Add((10 * time.Minute).Microseconds())
		w.step(t)
	}
	clock.Store(at(t, "03:29").AddDate(0, 0, 1).UnixMicro())
	w.step(t)
	if all := w.told(t); len(all) != 0 {
		t.Fatalf("said before its time: %q", all)
	}
	clock.Store(at(t, "03:31").AddDate(0, 0, 1).UnixMicro())
	w.step(t)
	all := w.told(t)
	if len(all) != 1 || !strings.Contains(all[0], "What changed: payments") || !strings.Contains(all[0], "at 11:00") || !strings.Contains(all[0], "at 16:00") {
		t.Fatalf("the digest: %q", all)
	}
}

// handover tells, a minute after, that somebody takes over payments.
func (w *workspace) handover(t *testing.T, clock *atomic.Int64, when time.Time, event object) {
	t.Helper()
	clock.Store(when.Add(time.Minute).UnixMicro())
	event["source"], event["key"], event["kind"] = "pager", when.String(), "oncall"
	event["subjects"], event["started_at"] = []any{"team:payments"}, when.Format(time.RFC3339)
	w.tell(t, event)
	w.step(t)
}

// Who takes over a shift hears what changed since it was handed over before, and what is open with its suspects.
func TestSlackShiftBrief(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	clock.Store(at(t, "08:00").UnixMicro())
	w := played(t, &clock)
	w.changed(t, at(t, "07:30"))
	w.follow(t, object{"teams": []string{"payments"}, "digest": "23:00"})
	w.step(t)
	handover := func(when string) {
		w.handover(t, &clock, at(t, when), object{"title": "Ines takes over payments"})
	}
	handover("09:00")
	clock.Store(at(t, "14:00").UnixMicro())
	w.tell(t, object{"key": "b", "kind": "deploy", "title": "Deployed pricing 2.15.0", "subjects": []any{"pricing"}, "started_at": at(t, "13:55").Format(time.RFC3339)})
	w.tell(t, object{"source": "pager", "key": "incident/Q1", "kind": "incident", "phase": "started", "title": "Prices are wrong", "subjects": []any{"pricing"}, "started_at": at(t, "14:00").Format(time.RFC3339)})
	w.step(t)
	handover("17:00")
	all := w.told(t)
	if len(all) != 2 || !strings.Contains(all[0], "Shift brief: Ines takes over payments") {
		t.Fatalf("told %q, want two briefs", all)
	}
	for _, want := range []string{"INC-1", "Prices are wrong", "suspect: Deployed pricing 2.15.0", "Something is open", "Now on call for payments", "ines"} {
		if !strings.Contains(all[0], want) {
			t.Errorf("the brief lacks %q: %s", want, all[0])
		}
	}
	if !strings.Contains(all[0], "One change since") {
		t.Errorf("the brief tells what the shift before knew: %s", all[0])
	}
}

// Who carries a service every third week hears of the weeks that others carried it, too.
func TestSlackShiftBriefSinceOnesOwnShift(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	clock.Store(at(t, "08:00").UnixMicro())
	w := played(t, &clock)
	w.changed(t, at(t, "07:30"))
	w.follow(t, object{"teams": []string{"payments"}, "digest": "23:00"})
	w.step(t)
	for i, who := range []string{"Ines", "Bob", "Cem", "Ines"} {
		when := at(t, "09:00").Add(time.Duration(i) * 3 * time.Hour)
		if i > 0 {
			w.tell(t, object{"key": fmt.Sprint("before shift ", i), "kind": "deploy", "title": "Deployed before the shift of " + who, "subjects": []any{"pricing"}, "started_at": when.Add(-time.Hour).Format(time.RFC3339)})
		}
		w.handover(t, &clock, when, object{"title": who + " takes over payments", "actor": object{"type": "person", "name": who}})
	}
	all := w.told(t)
	if len(all) != 4 {
		t.Fatalf("told %q, want four briefs", all)
	}
	if last := all[0]; strings.Contains(last, "before the shift of Bob") || !strings.Contains(last, "before the shift of Cem") || !strings.Contains(last, "before the shift of Ines") {
		t.Errorf("the second brief of Ines: %s", last)
	}
}

// Slack asks for time in a channel: nothing is asked there until then, and all is said afterwards.
func TestSlackAsksForTime(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	clock.Store(at(t, "10:00").UnixMicro())
	w := played(t, &clock)
	w.changed(t, at(t, "09:00"))
	call(t, http.MethodPost, w.url+"/api/v1/descriptors?name=ledger", "application/yaml", "name: ledger\n", http.StatusOK)
	w.follow(t, object{"services": []string{"pricing"}})
	w.follow(t, object{"services": []string{"ledger"}})
	w.step(t)
	var refused atomic.Int64
	w.mu.Lock()
	w.fail = func(rw http.ResponseWriter, method string, _ func(http.ResponseWriter)) bool {
		if method != "chat.postMessage" || refused.Add(1) > 1 {
			return false
		}
		rw.Header().Set("Retry-After", "45")
		rw.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	w.mu.Unlock()
	for _, name := range []string{"pricing", "ledger"} {
		w.tell(t, object{"key": name, "kind": "deploy", "title": "Deployed " + name, "subjects": []any{name}, "started_at": w.now().Format(time.RFC3339)})
	}
	for range 12 { // a minute, with the twenty seconds that a story waits
		w.step(t)
		clock.Add((5 * time.Second).Microseconds())
	}
	if n := refused.Load(); n != 1 {
		t.Errorf("asked %d times in the time that Slack asked for, want once", n)
	}
	for range 12 {
		w.step(t)
		clock.Add((5 * time.Second).Microseconds())
	}
	if all := w.told(t); len(all) != 2 {
		t.Errorf("said %q, want both", all)
	}
}

// A link to a service, a team or an event is shown; others are not.
func TestSlackUnfurlsLinks(t *testing.T) {
	t.Parallel()
	w := inSlack(t)
	w.changed(t, time.Now().Add(-20*time.Minute))
	shown := make(chan object, 10)
	w.mu.Lock()
	w.unfurled = func(body []byte) {
		var asked object
		if err := json.Unmarshal(body, &asked); err == nil {
			shown <- asked
		}
	}
	w.mu.Unlock()
	events := get(t, w.url+"/api/v1/events?service=pricing&kind=deploy")["events"].([]any)
	event := w.url + "/e/" + events[0].(object)["id"].(string)
	links := []any{object{"url": w.url + "/s/pricing", "domain": "x"}, object{"url": w.url + "/t/payments?tab=feed", "domain": "x"}, object{"url": event, "domain": "x"}, object{"url": "https://elsewhere.example/s/pricing", "domain": "x"}, object{"url": w.url + "/s/nothing", "domain": "x"}}
	ts := w.say(t, "look")
	w.event(t, "EvLink", object{"type": "link_shared", "user": "U0INES", "channel": w.channel, "message_ts": ts, "event_ts": ts, "links": links})
	wanted := map[string]string{w.url + "/s/pricing": "When prices are wrong", w.url + "/t/payments?tab=feed": "payments", event: "Deployed pricing v2.14.0"}
	for range len(wanted) {
		select {
		case asked := <-shown:
			for address, what := range asked["unfurls"].(object) {
				text, _ := json.Marshal(what)
				if want := wanted[address]; want == "" || !strings.Contains(string(text), want) || asked["ts"] != ts {
					t.Errorf("%s: shown as %s", address, text)
				}
				delete(wanted, address)
			}
		case <-time.After(time.Minute):
			t.Fatalf("not shown: %v", wanted)
		}
	}
}
