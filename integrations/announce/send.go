package announce

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integration/upstream"
)

// Source is one place.
type Source struct{ config *Config }

var (
	_ integration.Source = (*Source)(nil)
	_ chat.Messenger     = (*Source)(nil)
)

// titles are what the places are called.
var titles = map[string]string{formatTeams: "Microsoft Teams", formatDiscord: "Discord", formatMattermost: "Mattermost", formatWebhook: "The webhook"}

// Describe says what it is.
func (s *Source) Describe() string { return "messages to " + titles[s.config.Format] }

// Edits reports whether a message can be changed: only Discord tells which one it is.
func (s *Source) Edits() bool { return s.config.Format == formatDiscord }

// Send sends a message.
func (s *Source) Send(ctx context.Context, m chat.Outgoing) (string, error) {
	at, err := s.config.Address.Get(ctx)
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.Unauthenticated, "no address is set for %s", titles[s.config.Format])
	}
	if err != nil {
		return "", err
	}
	to, err := url.Parse(at)
	if err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" {
		return "", fault.New(fault.Unauthenticated, "the address of %s is none: https://…", titles[s.config.Format])
	}
	client := upstream.Client{Tool: titles[s.config.Format], Base: to.Scheme + "://" + to.Host, HTTP: s.config.client}
	if s.config.Format == formatDiscord {
		return discord(ctx, &client, to, &m)
	}
	body, err := Render(s.config.Format, &m)
	if err != nil {
		return "", err
	}
	header := http.Header{}
	if s.config.Format == formatWebhook {
		secret, err := s.config.Secret.Get(ctx)
		if err != nil {
			return "", fault.New(fault.Unauthenticated, "no secret is set to sign with")
		}
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		header.Set("webhook-id", m.Key)
		header.Set("webhook-timestamp", stamp)
		header.Set("webhook-signature", Sign(secret, m.Key, stamp, body))
	}
	_, err = client.Post(ctx, at, header, json.RawMessage(body), nil)
	return "", hidden(err, to)
}

// Sign signs a body as Standard Webhooks has it.
func Sign(secret, id, stamp string, body []byte) string {
	key := []byte(secret)
	if raw, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if decoded, err := base64.StdEncoding.DecodeString(raw); err == nil {
			key = decoded
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hidden keeps the path of an address, which is a credential, out of an error.
func hidden(err error, at *url.URL) error {
	known, ok := err.(*fault.Error) //nolint:errorlint // upstream makes them itself, and they are not wrapped
	if !ok || at.Path == "" || !strings.Contains(known.Detail, at.Path) {
		return err
	}
	clean := *known
	clean.Detail = strings.ReplaceAll(known.Detail, at.Path, "its address")
	return &clean
}

// discord sends or changes a message, and learns its id.
func discord(ctx context.Context, client *upstream.Client, to *url.URL, m *chat.Outgoing) (string, error) {
	body, err := Render(formatDiscord, m)
	if err != nil {
		return "", err
	}
	at, method := *to, http.MethodPost
	query := at.Query()
	query.Set("wait", "true")
	at.RawQuery = query.Encode()
	if m.Edit != "" {
		at, method = *to.JoinPath("messages", m.Edit), http.MethodPatch
	}
	var sent struct {
		ID string `json:"id"`
	}
	if _, err := client.Send(ctx, method, at.String(), nil, json.RawMessage(body), &sent); err != nil {
		return "", hidden(err, to)
	}
	return sent.ID, nil
}
