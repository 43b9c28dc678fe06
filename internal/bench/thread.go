package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/integrations/slack"
)

// slackRig names the emulator of Slack that scripts/emulator starts.
const slackRig = "TIDINGS_TEST_SLACK"

// pagedServices is how many services PagerDuty calls for in turn.
const pagedServices = 40

// threads measures what somebody waits for who is called: from the signed delivery of a page, and PagerDuty's message in a
// channel, to the answer in the thread of that message, over HTTP to an emulator of Slack and back.
func (b *bench) threads(ctx context.Context) error {
	emulator := os.Getenv(slackRig)
	if emulator == "" {
		fmt.Println("  left out: it needs an emulator of Slack. scripts/emulator slack -- make bench")
		return nil
	}
	if err := b.server.stop(); err != nil {
		return err
	}
	file, err := b.chat(emulator)
	if err != nil {
		return err
	}
	if b.server, _, err = start(ctx, b.binary, append([]string{"--config", file}, b.arguments("main")...)...); err != nil {
		return err
	}
	c := &channel{server: b.server, emulator: emulator}
	got, err := drive(ctx, 1, 2*b.span, func(ctx context.Context, _, n int) error {
		ctx, cancel := context.WithTimeout(ctx, pageTime)
		defer cancel()
		took, err := c.page(ctx, n)
		c.took = append(c.took, took)
		return err
	})
	if err != nil {
		return err
	}
	first := c.took[0]
	slices.Sort(c.took)
	waited := load{times: c.took}
	b.add(fmt.Sprintf("from a page to the answer in the thread, %d pages", got.done),
		fmt.Sprintf("p50 %s, p99 %s, the first %s", millis(waited.at(0.5)), millis(waited.at(0.99)), millis(first)), "", "2 s")
	return nil
}

// chat writes the configuration of a server with PagerDuty and Slack.
func (b *bench) chat(emulator string) (string, error) {
	for name, content := range map[string]string{"slack-secret": hookSecret, "pager-secret": hookSecret, "slack-token": "xoxb-of-the-bench"} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600); err != nil {
			return "", err
		}
	}
	services := b.org.Services()
	var paged []string
	for i := range pagedServices {
		paged = append(paged, fmt.Sprintf("P%d: %s", i, services[i*6007%len(services)]))
	}
	text := fmt.Sprintf(`sources:
  - name: slack
    type: slack
    allow: [127.0.0.1]
    secret: file:%[1]s/slack-secret
    bot_token: file:%[1]s/slack-token
    api: %[2]s/api
  - name: pager
    type: pagerduty
    secret: file:%[1]s/pager-secret
    services: {%[3]s}
`, b.dir, emulator, strings.Join(paged, ", "))
	file := filepath.Join(b.dir, "chat.yaml")
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// channel is where pages are told.
type channel struct {
	server   *server
	emulator string
	took     []time.Duration
}

// page delivers one page, and PagerDuty's message in a channel of its own, and waits for the answer.
func (c *channel) page(ctx context.Context, n int) (time.Duration, error) {
	key := fmt.Sprintf("Q%d%d", time.Now().UnixNano(), n)
	created, err := c.slack(ctx, "conversations.create", url.Values{"name": {"incidents-" + strings.ToLower(key)}})
	if err != nil {
		return 0, err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(created.Channel, &made); err != nil {
		return 0, err
	}
	place := made.ID
	said, err := c.slack(ctx, "chat.postMessage", url.Values{"channel": {place}, "text": {"High error rate"}})
	if err != nil {
		return 0, err
	}
	now := time.Now().UTC().Format(time.RFC3339)
	page := fmt.Appendf(nil, `{"event":{"id":"E%[1]s","event_type":"incident.triggered","resource_type":"incident","occurred_at":%[2]q,"data":{"id":%[1]q,"type":"incident",
		"html_url":"https://acme.pagerduty.com/incidents/%[1]s","number":%[3]d,"title":"High error rate","created_at":%[2]q,"urgency":"high",
		"service":{"id":"P%[4]d","type":"service_reference","summary":"It"}}}}`, key, now, n+1, n%pagedServices)
	message, err := json.Marshal(map[string]any{"type": "event_callback", "api_app_id": "A0TIDINGS", "event_id": "Ev" + key, "event_time": time.Now().Unix(), "event": map[string]any{
		"type": "message", "subtype": "bot_message", "channel": place, "ts": said.TS, "event_ts": said.TS, "bot_id": "B0PAGER",
		"bot_profile": map[string]any{"app_id": "A1FKYAUUX", "name": "PagerDuty"},
		"text":        fmt.Sprintf("*Triggered* <https://acme.pagerduty.com/incidents/%s|[#%d] High error rate>", key, n+1),
	}})
	if err != nil {
		return 0, err
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	began := time.Now()
	if err := c.deliver(ctx, "pager", page, "X-PagerDuty-Signature", pagerduty.Signature.Sum(hookSecret, page)); err != nil {
		return 0, err
	}
	if err := c.deliver(ctx, "slack", message, "X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", slack.Signature.Sum(hookSecret, stamp, message)); err != nil {
		return 0, err
	}
	for {
		thread, err := c.slack(ctx, "conversations.replies", url.Values{"channel": {place}, "ts": {said.TS}})
		if err != nil {
			return 0, err
		}
		if len(thread.Messages) > 1 {
			return time.Since(began), nil
		}
		time.Sleep(pollEvery)
	}
}

func (c *channel) deliver(ctx context.Context, source string, body []byte, header ...string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server.url+"/hooks/"+source, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := c.server.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the delivery to %s was answered with %s", source, answer.Status)
	}
	return nil
}

type slackAnswer struct {
	OK       bool              `json:"ok"`
	TS       string            `json:"ts"`
	Channel  json.RawMessage   `json:"channel"` // an object where it was made, elsewhere its name
	Messages []json.RawMessage `json:"messages"`
}

// slack asks a method of the emulator, as some other app would.
func (c *channel) slack(ctx context.Context, method string, form url.Values) (slackAnswer, error) {
	var read slackAnswer
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.emulator+"/api/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		return read, err
	}
	request.Header.Set("Authorization", "Bearer xoxb-of-the-bench")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.server.http.Do(request)
	if err != nil {
		return read, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(content, &read); err != nil || !read.OK {
		return read, fmt.Errorf("%s: %s: %.300s", method, answer.Status, content)
	}
	return read, nil
}
