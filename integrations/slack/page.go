package slack

import (
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// page is what a message of another app says is wrong.
type page struct {
	tool  string
	keys  []string
	urls  []string
	state chat.State
	text  string
}

// tools are the apps that say so, by what they are called in Slack. How the log keys their events stands in their folders.
var tools = []struct {
	name  string // of the type of its source
	app   string // its id in Slack's directory, where it is one everywhere
	shown []string
	// address is that of the trouble; its group is the tool's own id.
	address *regexp.Regexp
	key     string // before the id
}{
	{
		name: "pagerduty", app: "A1FKYAUUX", shown: []string{"pagerduty"},
		address: regexp.MustCompile(`^https://[a-z0-9-]+(?:\.eu)?\.pagerduty\.com/incidents/([A-Z0-9]+)`), key: "incident/",
	},
	{
		name: "opsgenie", shown: []string{"opsgenie"},
		address: regexp.MustCompile(`^https://(?:[a-z0-9-]+\.)*(?:opsgenie\.com|atlassian\.net)/.*alert/(?:detail|show)/([0-9a-f-]{36}(?:-[0-9]+)?)`), key: "alert/",
	},
	{
		name: "incidentio", shown: []string{"incident.io", "incident"},
		address: regexp.MustCompile(`^https://app\.incident\.io/[^?#]*incidents/([0-9A-Z]{26})`), key: "incident/",
	},
	{name: "alertmanager", shown: []string{"alertmanager", "prometheus"}},
	{name: "datadog", shown: []string{"datadog"}},
	{name: "grafana", shown: []string{"grafana", "grafana oncall", "grafana alerting"}},
	{name: "newrelic", shown: []string{"new relic"}},
	{name: "sentry", shown: []string{"sentry"}},
}

var (
	mention = regexp.MustCompile(`<@[A-Z0-9]+(?:\|[^>]*)?>`)
	address = regexp.MustCompile(`https?://[^\s<>|"\\]+`)
	marked  = regexp.MustCompile(`<([^<>|]+)\|([^<>]*)>`)
)

// Bounds of what is read of a message.
const (
	maxURLs = 20
	maxText = 4000
)

// pageOf recognises a page; the second result says why it is none.
func pageOf(m *message, ourApp string) (page, string) {
	app := m.AppID
	if m.BotProfile != nil && m.BotProfile.AppID != "" {
		app = m.BotProfile.AppID
	}
	switch {
	case ourApp != "" && app == ourApp, strings.Contains(string(m.Blocks), `"`+blockMark):
		return page{}, "it is our own"
	case m.ThreadTS != "" && m.ThreadTS != m.TS:
		return page{}, "a message within a thread"
	case m.TS == "":
		return page{}, "a message that is gone"
	}
	texts := []string{m.Text}
	for _, raw := range []json.RawMessage{m.Attachments, m.Blocks} {
		var value any
		if json.Unmarshal(raw, &value) == nil {
			texts = gather(texts, value)
		}
	}
	p := page{}
	var plain []string
	for _, text := range texts {
		for _, found := range address.FindAllString(html.UnescapeString(text), maxURLs) {
			if found = strings.TrimRight(found, ".,;)"); len(p.urls) < maxURLs && !slices.Contains(p.urls, found) {
				p.urls = append(p.urls, integration.Line(found))
			}
		}
		if text = strings.TrimSpace(html.UnescapeString(marked.ReplaceAllString(text, "$2"))); text != "" && !slices.Contains(plain, text) {
			plain = append(plain, text)
		}
	}
	p.text = strings.Join(plain, "\n")
	if len(p.text) > maxText {
		p.text = strings.ToValidUTF8(p.text[:maxText], "")
	}
	shown := []string{strings.ToLower(m.Username)}
	if m.BotProfile != nil {
		shown = append(shown, strings.ToLower(m.BotProfile.Name))
	}
	for _, tool := range tools {
		known := tool.app != "" && app == tool.app ||
			m.BotID != "" && slices.ContainsFunc(shown, func(name string) bool { return name != "" && slices.Contains(tool.shown, name) })
		if tool.address != nil {
			for _, url := range p.urls {
				if id := tool.address.FindStringSubmatch(url); id != nil && !slices.Contains(p.keys, tool.key+id[1]) {
					known = true
					p.keys = append(p.keys, tool.key+id[1])
				}
			}
		}
		if known {
			p.tool, p.state = tool.name, stateOf(p.text)
			return p, ""
		}
	}
	return page{}, "no app that is known says that something is wrong"
}

// gather collects the texts of attachments and blocks, whatever their layout.
func gather(texts []string, value any) []string {
	const most = 200
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			texts = gather(texts, item)
		}
	case map[string]any:
		// In the order in which Slack shows them; anything else by name, so that it is always the same.
		for _, name := range []string{"pretext", "title", "title_link", "text", "fields", "value", "url", "from_url", "elements", "fields", "accessory", "attachments", "blocks", "fallback"} {
			if len(texts) > most {
				return texts
			}
			switch child := v[name].(type) {
			case string:
				texts = append(texts, child)
			case []any, map[string]any:
				texts = gather(texts, child)
			}
		}
	}
	return texts
}

// stateOf reads how the words begin: that is all that these messages have in common.
func stateOf(text string) chat.State {
	head := strings.ToLower(text)
	if len(head) > 200 {
		head = head[:200]
	}
	for _, one := range []struct {
		word  string
		state chat.State
	}{
		{"resolved", chat.Resolved},
		{"recovered", chat.Resolved},
		{"closed", chat.Resolved},
		{"acknowledged", chat.Acknowledged},
		{"triggered", chat.Triggered},
		{"firing", chat.Triggered},
		{"alerting", chat.Triggered},
	} {
		if strings.Contains(head, one.word) {
			return one.state
		}
	}
	return ""
}
