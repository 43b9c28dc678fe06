package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integration/upstream"
)

// Source is one app.
type Source struct {
	config *Config
	api    upstream.Client
}

var (
	_ integration.Receiver = (*Source)(nil)
	_ integration.Sparing  = (*Source)(nil)
	_ integration.Listener = (*Source)(nil)
	_ chat.Messenger       = (*Source)(nil)
)

// Signature is how Slack signs what it sends, as "Verifying requests from Slack" has it.
var Signature = signature.Timed{Header: "X-Slack-Signature", TimeHeader: "X-Slack-Request-Timestamp", Version: "v0"}

const maxBody = 1 << 20

// Describe says what it is.
func (s *Source) Describe() string { return "app of Slack" }

// Verify reports whether the delivery is Slack's.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what is read: the type tells forms from JSON.
func (s *Source) Headers() []string { return []string{"Content-Type"} }

// MaxBody is the most that Slack sends.
func (s *Source) MaxBody() int64 { return maxBody }

// spared are members that nobody needs later: addresses and ids that are credentials for a while.
var spared = []string{"response_url", "response_urls", "trigger_id", "token"}

// Spare takes the credentials out of what is kept.
func (s *Source) Spare(body []byte) []byte {
	form, payload := form(body)
	if payload == nil && form == nil {
		return withoutMembers(body)
	}
	for _, name := range spared {
		form.Del(name)
	}
	if payload != nil {
		form.Set("payload", string(withoutMembers(payload)))
	}
	return []byte(form.Encode())
}

func withoutMembers(body []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	for _, name := range spared {
		delete(members, name)
	}
	kept, err := json.Marshal(members)
	if err != nil {
		return body
	}
	return kept
}

// form reads a body that is a form, and the payload in it; neither for JSON.
func form(body []byte) (url.Values, []byte) {
	text := strings.TrimSpace(string(body))
	if text == "" || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return nil, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil || values.Get("payload") == "" && values.Get("command") == "" && values.Get("ssl_check") == "" {
		return nil, nil
	}
	if payload := values.Get("payload"); payload != "" {
		return values, []byte(payload)
	}
	return values, nil
}

// nothing is the answer that Slack shows to nobody.
func nothing() *integration.Answer { return &integration.Answer{ContentType: "text/plain"} }

// Decode reads what Slack delivers.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	out := integration.Decoded{Answer: nothing()}
	values, payload := form(d.Body)
	switch {
	case values.Get("ssl_check") != "":
		out.Ignored = "a check of the certificate"
		return out, nil
	case payload != nil:
		return s.press(payload, d.ReceivedAt, out)
	case values != nil:
		return s.command(command{
			Command: values.Get("command"), Text: values.Get("text"), UserID: values.Get("user_id"), UserName: values.Get("user_name"),
			ChannelID: values.Get("channel_id"), TriggerID: values.Get("trigger_id"), ResponseURL: values.Get("response_url"),
		}, d, out)
	}
	var e envelope
	if err := integration.ReadJSON(d.Body, &e); err != nil {
		return integration.Decoded{}, err
	}
	switch {
	case e.Type == "url_verification":
		if e.Challenge == "" || len(e.Challenge) > 512 {
			return integration.Decoded{}, fault.New(fault.Invalid, "the field challenge is missing")
		}
		out.Ignored, out.Answer.Body = "Slack checks the address", []byte(e.Challenge)
		return out, nil
	case e.Type == "block_actions":
		return s.press(d.Body, d.ReceivedAt, out)
	case e.Type == "" && strings.Contains(string(d.Body), `"command"`):
		var c command
		if err := integration.ReadJSON(d.Body, &c); err != nil {
			return integration.Decoded{}, err
		}
		return s.command(c, d, out)
	case e.Type != "event_callback":
		out.Ignored = fmt.Sprintf("%q is nothing that is listened to", integration.Clip(e.Type))
		return out, nil
	case e.Event == nil || e.EventID == "":
		return integration.Decoded{}, fault.New(fault.Invalid, "the field event or event_id is missing")
	}
	out.Key = integration.Line(e.EventID)
	return s.event(&e, d.ReceivedAt, out)
}

func (s *Source) event(e *envelope, received time.Time, out integration.Decoded) (integration.Decoded, error) {
	v := e.Event
	heard := chat.Heard{
		Key: out.Key, At: stampTime(cmp.Or(v.EventTS, v.TS), received), Place: chat.Place{Channel: integration.Line(v.Channel), Thread: v.ThreadTS}, By: integration.Line(v.User),
		Text: v.Text,
	}
	switch v.Type {
	case "message":
		m := &v.message
		if v.Subtype == "message_changed" {
			if v.Message == nil {
				return integration.Decoded{}, fault.New(fault.Invalid, "the field event.message is missing")
			}
			m = v.Message
		} else if v.ChannelType == "im" && m.BotID == "" && m.User != "" && v.Subtype == "" {
			heard.Kind, heard.Message = chat.Question, m.TS
			heard.Place.Thread = cmp.Or(m.ThreadTS, m.TS)
			out.Heard = []chat.Heard{heard}
			return out, nil
		}
		page, why := pageOf(m, e.APIAppID)
		if why != "" {
			out.Ignored = why
			return out, nil
		}
		heard.Kind, heard.Message, heard.Place.Thread = chat.Page, integration.Line(m.TS), ""
		heard.Tool, heard.Keys, heard.URLs, heard.State, heard.Text = page.tool, page.keys, page.urls, page.state, page.text
		out.Heard = []chat.Heard{heard}
	case "app_mention":
		if v.BotID != "" {
			out.Ignored = "another app mentions this one"
			return out, nil
		}
		heard.Kind, heard.Message, heard.Text = chat.Question, v.TS, mention.ReplaceAllString(v.Text, "")
		heard.Place.Thread = cmp.Or(v.ThreadTS, v.TS)
		out.Heard = []chat.Heard{heard}
	case "link_shared":
		heard.Kind, heard.Message = chat.Shared, integration.Line(v.MessageTS)
		for _, link := range v.Links[:min(len(v.Links), 10)] {
			heard.URLs = append(heard.URLs, integration.Line(link.URL))
		}
		out.Heard = []chat.Heard{heard}
	default:
		out.Ignored = fmt.Sprintf("%q is nothing that is listened to", integration.Clip(v.Type))
	}
	return out, nil
}

func (s *Source) command(c command, d integration.Delivery, out integration.Decoded) (integration.Decoded, error) {
	if c.ChannelID == "" || c.UserID == "" {
		return integration.Decoded{}, fault.New(fault.Invalid, "the field channel_id or user_id of a command is missing")
	}
	// Slack does not send a command twice: the trigger is its id, and what is kept of it has none.
	out.Key = integration.Line(cmp.Or(c.TriggerID, c.UserID+"/"+d.ReceivedAt.UTC().Format(time.RFC3339Nano)))
	out.Heard = []chat.Heard{{
		Kind: chat.Question, Key: "command/" + out.Key, Place: chat.Place{Channel: integration.Line(c.ChannelID)}, At: d.ReceivedAt, By: integration.Line(c.UserID),
		Name: integration.Line(c.UserName), Text: c.Text, Reply: c.ResponseURL,
	}}
	return out, nil
}

func (s *Source) press(payload []byte, received time.Time, out integration.Decoded) (integration.Decoded, error) {
	var i interaction
	if err := integration.ReadJSON(payload, &i); err != nil {
		return integration.Decoded{}, err
	}
	if i.Type != "block_actions" {
		out.Ignored = fmt.Sprintf("%q is nothing that is listened to", integration.Clip(i.Type))
		return out, nil
	}
	for _, action := range i.Actions[:min(len(i.Actions), chat.MaxButtons)] {
		if action.Value == "" {
			continue // it led somewhere
		}
		id := integration.Line(i.User.ID + "/" + i.Container.MessageTS + "/" + action.ActionID + "/" + action.ActionTS)
		name, _, _ := strings.Cut(action.ActionID, ":")
		out.Heard = append(out.Heard, chat.Heard{
			Kind: chat.Press, Key: "press/" + id, Place: chat.Place{Channel: integration.Line(cmp.Or(i.Container.ChannelID, i.Channel.ID)), Thread: i.Container.ThreadTS},
			At: stampTime(action.ActionTS, received), By: integration.Line(i.User.ID), Name: integration.Line(cmp.Or(i.User.Name, i.User.Username)),
			Message: integration.Line(i.Container.MessageTS), Reply: i.ResponseURL, Action: name, Value: action.Value,
		})
		out.Key = "press/" + id
	}
	if len(out.Heard) == 0 {
		out.Ignored = "a button that leads somewhere"
	}
	return out, nil
}

// stampTime reads Slack's times, "1531420618.000200"; the other where there is none.
func stampTime(stamp string, otherwise time.Time) time.Time {
	seconds, fraction, _ := strings.Cut(stamp, ".")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || at < 1e9 || at > 1e11 {
		return otherwise.UTC()
	}
	micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	return time.Unix(at, micros*1000).UTC()
}
