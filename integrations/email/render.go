package email

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/integration/chat"
)

//go:embed mail.gohtml
var layout string

// shown is a message as the layout takes it: what leads somewhere leads to the web.
type shown struct {
	*chat.Message
	Links []chat.Button
}

// page is a message as HTML: no script, no picture, nothing that is fetched.
func page(m *chat.Message) (string, error) {
	parsed, err := template.New("mail").Funcs(template.FuncMap{"stamp": stamp, "web": web}).Parse(layout)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = parsed.Execute(&b, shown{m, leading(m)})
	return b.String(), err
}

func stamp(at time.Time) string { return at.UTC().Format("2 Jan 15:04 UTC") }

// web reports whether an address is one of the web: others are shown as text.
func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// leading are the buttons that lead somewhere: others cannot be pressed in a mail.
func leading(m *chat.Message) []chat.Button {
	var all []chat.Button
	for _, one := range m.Buttons {
		if web(one.URL) {
			all = append(all, one)
		}
	}
	return all
}

// plain is a message for those who read text.
func plain(m *chat.Message) string {
	var b strings.Builder
	line := func(text, address string) {
		b.WriteString(text)
		if address != "" {
			b.WriteString("\n  " + address)
		}
		b.WriteString("\n")
	}
	line(m.Title, m.URL)
	if m.Lead != "" {
		b.WriteString("\n" + m.Lead + "\n")
	}
	for _, item := range m.Items {
		b.WriteString("\n")
		title := strings.TrimSpace(item.Mark + " " + item.Title)
		if !item.At.IsZero() {
			title += " · " + stamp(item.At)
		}
		line(title, item.URL)
		for _, detail := range item.Details {
			b.WriteString("  " + detail + "\n")
		}
	}
	if m.Code != "" {
		b.WriteString("\n" + m.Code + "\n")
	}
	if len(m.Facts) > 0 {
		b.WriteString("\n")
	}
	for _, fact := range m.Facts {
		line(fact.Name+": "+fact.Value, fact.URL)
	}
	for _, one := range leading(m) {
		fmt.Fprintf(&b, "\n%s: %s\n", one.Label, one.URL)
	}
	if m.Foot != "" {
		b.WriteString("\n" + m.Foot + "\n")
	}
	return b.String()
}
