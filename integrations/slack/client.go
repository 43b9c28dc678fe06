package slack

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// Edits reports that messages can be changed.
func (s *Source) Edits() bool { return true }

func (s *Source) sign(ctx context.Context, r *http.Request) error {
	token, err := s.config.BotToken.Get(ctx)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Unauthenticated, "no bot token is set for Slack: see the page of the source")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return err
}

// posted is what the Web API answers.
type posted struct {
	OK       bool   `json:"ok"`
	Error    string `json:"error"`
	TS       string `json:"ts"`
	Needed   string `json:"needed"`
	Messages []struct {
		TS     string `json:"ts"`
		Blocks []struct {
			ID string `json:"block_id"`
		} `json:"blocks"`
	} `json:"messages"`
}

// call asks a method of the Web API, which answers 200 also when it refuses.
func (s *Source) call(ctx context.Context, method string, body map[string]any) (posted, error) {
	var answer posted
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if _, err := s.api.Post(ctx, method, header, body, &answer); err != nil {
		return answer, err
	}
	return answer, refusal(method, &answer)
}

// refusal makes a fault of what the Web API refuses with, by the errors that its pages list.
func refusal(method string, a *posted) error {
	if a.OK {
		return nil
	}
	switch a.Error {
	case "invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive":
		return fault.New(fault.Unauthenticated, "Slack does not know the bot token (%s): set the one that stands under OAuth & Permissions", a.Error)
	case "missing_scope":
		return fault.New(fault.Forbidden, "the app lacks the scope %s: install it anew with the manifest", cmp.Or(integration.Clip(a.Needed), "that "+method+" needs"))
	case "not_in_channel", "channel_not_found", "is_archived":
		return fault.New(fault.NotFound, "the app is not in that channel, or it is gone (%s): invite it with /invite", a.Error)
	case "ratelimited", "rate_limited":
		return fault.New(fault.RateLimited, "Slack allows no more requests for now")
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "":
		return fault.New(fault.Unavailable, "Slack has a fault of its own (%s)", a.Error)
	case "message_not_found", "thread_not_found":
		return fault.New(fault.NotFound, "the message is gone (%s)", a.Error)
	}
	return fault.New(fault.Invalid, "Slack refused %s (%s)", method, integration.Clip(a.Error))
}

// Send says something, or changes what was said. A message that may have been said before is looked for in its thread.
func (s *Source) Send(ctx context.Context, m chat.Outgoing) (string, error) {
	body := map[string]any{"text": fallback(&m.Message), "blocks": blocks(&m), "unfurl_links": false, "unfurl_media": false}
	if m.Reply != "" {
		return "", s.respond(ctx, m.Reply, body)
	}
	if m.Unfurl != "" {
		_, err := s.call(ctx, "chat.unfurl", map[string]any{
			"channel": m.Place.Channel, "ts": m.Place.Thread, "unfurls": map[string]any{m.Unfurl: map[string]any{"blocks": blocks(&m)}},
		})
		return "", err
	}
	body["channel"] = m.Place.Channel
	if m.Edit != "" {
		body["ts"] = m.Edit
		answer, err := s.call(ctx, "chat.update", body)
		return answer.TS, err
	}
	if m.Place.Thread != "" {
		body["thread_ts"] = m.Place.Thread
	}
	if m.Only != "" && !strings.HasPrefix(m.Place.Channel, "D") {
		body["user"] = m.Only
		_, err := s.call(ctx, "chat.postEphemeral", body)
		return "", err
	}
	if m.Again && m.Place.Thread != "" {
		if ts, err := s.said(ctx, &m); err != nil || ts != "" {
			return ts, err
		}
	}
	answer, err := s.call(ctx, "chat.postMessage", body)
	return answer.TS, err
}

// said looks for a message of ours in a thread: its first block carries the key.
func (s *Source) said(ctx context.Context, m *chat.Outgoing) (string, error) {
	var answer posted
	query := url.Values{"channel": {m.Place.Channel}, "ts": {m.Place.Thread}, "limit": {"200"}}
	if _, err := s.api.Form(ctx, "conversations.replies", query, &answer); err != nil {
		return "", err
	}
	if err := refusal("conversations.replies", &answer); err != nil {
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
			return "", nil // it cannot be looked for: twice is better than never
		}
		return "", err
	}
	for _, message := range answer.Messages {
		for _, block := range message.Blocks {
			if block.ID == blockMark+m.Key {
				return message.TS, nil
			}
		}
	}
	return "", nil
}

// respond answers at the address that came with a command or a button. It is Slack's own or nobody's.
func (s *Source) respond(ctx context.Context, at string, body map[string]any) error {
	to, err := url.Parse(at)
	base, baseErr := url.Parse(s.api.Base)
	if err != nil || baseErr != nil || to.Scheme != "https" && to.Host != base.Host ||
		to.Host != base.Host && to.Hostname() != "hooks.slack.com" && to.Hostname() != "hooks.slack-gov.com" {
		return fault.New(fault.Invalid, "the address to answer at is not Slack's")
	}
	body["response_type"], body["replace_original"] = "ephemeral", false
	client := s.api
	client.Base, client.Sign = to.Scheme+"://"+to.Host, nil // the address is the credential
	_, err = client.Post(ctx, at, nil, body, nil)
	return err
}
