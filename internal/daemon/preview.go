package daemon

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
)

// previews tell what a link leads to, as Open Graph tags (https://ogp.me), to chat tools that unfold links. Such a tool
// comes without a login, and shows what it is given to everybody in the channel: it is told what anybody may read who
// reaches the server, and nothing where a login is asked for. Neither is the page of somebody who is logged in any
// different: their own browser reads no tags.
type previews struct {
	roll         *catalog.Roll
	log          feed.Store
	incidents    *incident.Keeper
	organisation func() string
	public       *url.URL // nil where it was not said
	noLogin      bool
}

// preview is what is told of a link.
type preview struct{ title, description string }

// Bounds of a preview. Reading it must not hold the page up.
const (
	previewTitle       = 120 // characters
	previewDescription = 240
	previewTime        = 500 * time.Millisecond
)

// of tells what the link of a request leads to; false where there is nothing to tell, or nobody may know.
func (p *previews) of(r *http.Request) (preview, bool) {
	who := access.From(r.Context())
	if !p.noLogin && who.Type != access.Anonymous || who.Check(access.ReadRoll) != nil || who.Check(access.ReadLog) != nil {
		return preview{}, false
	}
	ctx, cancel := context.WithTimeout(r.Context(), previewTime)
	defer cancel()
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(part) == 1 && part[0] == "feed":
		return p.feed(r.URL.Query())
	case len(part) < 2:
		return preview{}, false
	case part[0] == "s":
		return p.entity(catalog.Service, part[1])
	case part[0] == "t":
		return p.entity(catalog.Team, part[1])
	case part[0] == "r" && len(part) > 2:
		return p.entity(catalog.Kind(part[1]), part[2])
	case part[0] == "i":
		return p.incident(ctx, part[1])
	case part[0] == "e":
		return p.event(ctx, part[1])
	}
	return preview{}, false
}

func (p *previews) entity(kind catalog.Kind, name string) (preview, bool) {
	ref, err := catalog.ParseRef(name, kind)
	if err != nil {
		return preview{}, false
	}
	e, found := p.roll.Get(ref)
	if !found {
		return preview{}, false
	}
	facts := []string{string(e.Kind)}
	if e.Tier != nil {
		facts = append(facts, fmt.Sprintf("tier %d", *e.Tier))
	}
	if e.Owner != nil {
		facts = append(facts, "owned by "+p.called(*e.Owner))
	}
	return preview{e.Name, sentences(e.Description, strings.Join(facts, ", "))}, true
}

// called is the title of an entity, or its name.
func (p *previews) called(ref catalog.Ref) string {
	if e, found := p.roll.Get(ref); found && e.Title != "" {
		return e.Title
	}
	return ref.Name
}

func (p *previews) incident(ctx context.Context, number string) (preview, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(number), "INC-"), 10, 64)
	if err != nil || access.Check(ctx, access.ReadIncidents) != nil {
		return preview{}, false
	}
	i, err := p.incidents.Get(ctx, n)
	if err != nil {
		return preview{}, false
	}
	title := incident.NameOf(i.Number)
	if i.Title != "" {
		title += ": " + i.Title
	}
	return preview{title, sentences(string(i.Status), "about "+p.about(i.Subjects), "since "+instantUTC(i.Onset.At))}, true
}

func (p *previews) event(ctx context.Context, id string) (preview, bool) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return preview{}, false
	}
	e, err := p.log.Event(ctx, parsed)
	if err != nil {
		return preview{}, false
	}
	by := "by an unknown hand"
	if e.Actor.Name != "" {
		by = "by " + e.Actor.Name
	}
	where := ""
	if e.Environment != "" {
		where = " in " + e.Environment
	}
	return preview{e.Title, sentences(e.Kind+" of "+p.about(e.Subjects)+where, by, instantUTC(e.StartedAt))}, true
}

// about names the first few.
func (p *previews) about(subjects []change.Subject) string {
	const most = 3
	names := make([]string, 0, most)
	for i := range subjects[:min(len(subjects), most)] {
		name := subjects[i].Name
		if _, own, found := strings.Cut(name, ":"); found && subjects[i].Entity != 0 {
			name = own
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more := len(subjects) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// feed tells by which parameters the feed is narrowed.
func (p *previews) feed(query url.Values) (preview, bool) {
	var words []string
	for _, key := range []string{"kind", "class", "phase", "service", "team", "system", "tag", "env", "actor", "by", "source", "q", "from", "to"} {
		if value := query.Get(key); value != "" {
			words = append(words, key+" "+strings.ReplaceAll(value, ",", ", "))
		}
	}
	return preview{"Changes", sentences(strings.Join(words, ", "), "Newest first, with who, what and when")}, true
}

// sentences joins what is not empty, each begun as a sentence is.
func sentences(parts ...string) string {
	said := parts[:0:0]
	for _, part := range parts {
		if part = strings.TrimRight(strings.TrimSpace(part), "."); part != "" {
			first, size := utf8.DecodeRuneInString(part)
			said = append(said, string(unicode.ToUpper(first))+part[size:])
		}
	}
	return strings.Join(said, ". ") + "."
}

func instantUTC(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// into puts a preview into the page.
func (p *previews) into(page []byte, said preview, address *url.URL) []byte {
	site := "Tidings"
	if name := p.organisation(); name != "" {
		site = name + " · Tidings"
	}
	title, description := line(said.title, previewTitle), line(said.description, previewDescription)
	var tags strings.Builder
	tag := func(key, value string) {
		fmt.Fprintf(&tags, "    <meta property=%q content=\"%s\" />\n", key, html.EscapeString(value))
	}
	tag("og:type", "website")
	tag("og:site_name", line(site, previewTitle))
	tag("og:title", title)
	tag("og:description", description)
	if p.public != nil {
		whole := *p.public
		whole.Path, whole.RawQuery = address.Path, address.RawQuery
		tag("og:url", whole.String())
	}
	page = bytes.Replace(page, []byte("<title>Tidings</title>"), []byte("<title>"+html.EscapeString(title)+"</title>"), 1)
	return bytes.Replace(page, []byte("</head>"), []byte(tags.String()+"  </head>"), 1)
}

// line is text as one line of at most so many characters, without what changes the direction of text or is not seen.
func line(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return string(runes)
}
