package announce

import (
	"encoding/json"
	"fmt"
	"strings"

	"tidings.dev/tidings/integration/chat"
)

type object = map[string]any

// Render makes the body that a place takes.
func Render(format string, m *chat.Outgoing) ([]byte, error) {
	switch format {
	case formatTeams:
		return json.Marshal(object{"type": "message", "attachments": []any{object{
			"contentType": "application/vnd.microsoft.card.adaptive", "content": card(&m.Message),
		}}})
	case formatDiscord:
		return json.Marshal(object{"content": bounded(markdown(&m.Message), 1900), "allowed_mentions": object{"parse": []any{}}, "flags": 4})
	case formatMattermost:
		return json.Marshal(object{"text": bounded(markdown(&m.Message), 15_000)})
	}
	return json.Marshal(object{"id": m.Key, "channel": m.Place.Channel, "message": m.Message})
}

func bounded(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// plain takes the meaning from the marks of Markdown, and from mentions.
var plain = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "~", `\~`, "|", `\|`, "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`, "#", `\#`, "@", "@\u200b")

func linked(text, url string) string {
	if url == "" || strings.ContainsAny(url, "() <>\n") {
		return plain.Replace(text)
	}
	return "[" + plain.Replace(text) + "](" + url + ")"
}

// markdown is a message for places that read it.
func markdown(m *chat.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", linked(m.Title, m.URL))
	if m.Lead != "" {
		b.WriteString(plain.Replace(m.Lead) + "\n")
	}
	for _, item := range m.Items {
		b.WriteString("- ")
		if item.Mark != "" {
			b.WriteString("**" + plain.Replace(item.Mark) + "** ")
		}
		b.WriteString(linked(item.Title, item.URL))
		if !item.At.IsZero() {
			b.WriteString(" · " + item.At.UTC().Format("2 Jan 15:04 UTC"))
		}
		b.WriteString("\n")
		for _, detail := range item.Details {
			b.WriteString("  " + plain.Replace(detail) + "\n")
		}
	}
	if m.Code != "" {
		b.WriteString("```\n" + strings.ReplaceAll(m.Code, "```", "´´´") + "\n```\n")
	}
	var facts []string
	for _, fact := range m.Facts {
		facts = append(facts, "**"+plain.Replace(fact.Name)+"** "+linked(fact.Value, fact.URL))
	}
	if len(facts) > 0 {
		b.WriteString(strings.Join(facts, " · ") + "\n")
	}
	for _, button := range m.Buttons {
		if button.URL != "" {
			b.WriteString(linked(button.Label, button.URL) + "\n")
		}
	}
	if m.Foot != "" {
		b.WriteString(plain.Replace(m.Foot) + "\n")
	}
	return b.String()
}

// card is a message as an Adaptive Card of version 1.4, the newest that Teams shows everywhere.
func card(m *chat.Message) object {
	block := func(text string, more object) object {
		all := object{"type": "TextBlock", "text": text, "wrap": true}
		for name, value := range more {
			all[name] = value
		}
		return all
	}
	body := []any{block(linked(m.Title, m.URL), object{"weight": "Bolder", "size": "Medium"})}
	if m.Lead != "" {
		body = append(body, block(plain.Replace(m.Lead), nil))
	}
	for _, item := range m.Items {
		text := linked(item.Title, item.URL)
		if item.Mark != "" {
			text = "**" + plain.Replace(item.Mark) + "** " + text
		}
		if !item.At.IsZero() {
			// Every reader sees it in their own zone.
			stamp := item.At.UTC().Format("2006-01-02T15:04:05Z")
			text += " · {{DATE(" + stamp + ",SHORT)}} {{TIME(" + stamp + ")}}"
		}
		body = append(body, block(text, object{"separator": true}))
		for _, detail := range item.Details {
			body = append(body, block(plain.Replace(detail), object{"spacing": "None", "isSubtle": true}))
		}
	}
	if m.Code != "" {
		body = append(body, block(m.Code, object{"fontType": "Monospace"}))
	}
	if len(m.Facts) > 0 {
		var facts []any
		for _, fact := range m.Facts {
			facts = append(facts, object{"title": fact.Name, "value": linked(fact.Value, fact.URL)})
		}
		body = append(body, object{"type": "FactSet", "facts": facts})
	}
	if m.Foot != "" {
		body = append(body, block(plain.Replace(m.Foot), object{"isSubtle": true, "size": "Small"}))
	}
	out := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body}
	var actions []any
	for _, button := range m.Buttons {
		if button.URL != "" {
			actions = append(actions, object{"type": "Action.OpenUrl", "title": button.Label, "url": button.URL})
		}
	}
	if len(actions) > 0 {
		out["actions"] = actions
	}
	return out
}
