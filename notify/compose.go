package notify

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
)

// words are what a post says now.
type words struct {
	message *chat.Message // nil for nothing
	again   time.Time     // when more may be known; zero for never
}

// compose makes the words of a post.
func (o *Office) compose(ctx context.Context, p *Post) (words, error) {
	switch p.Topic {
	case TopicSuspects:
		return o.composeSuspects(ctx, p)
	case TopicNotice:
		var m chat.Message
		err := json.Unmarshal(p.About, &m)
		return words{message: &m}, err
	}
	return words{}, fault.New(fault.Invalid, "nothing is known to say of %q", p.Topic)
}

// digest tells whether a message says something else than before.
func digest(m *chat.Message) []byte {
	if m == nil {
		return nil
	}
	shown := *m
	shown.Foot = "" // when it was looked at is no news
	text, err := json.Marshal(shown)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(text)
	return sum[:16]
}

// shownSuspects is how many changes an answer lists; the page has all.
const shownSuspects = 5

// refreshed is after which time an answer is looked at again: more is known after a minute, and nothing new after an hour.
var refreshed = []time.Duration{15 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

func (o *Office) composeSuspects(ctx context.Context, p *Post) (words, error) {
	var t trouble
	if err := json.Unmarshal(p.About, &t); err != nil {
		return words{}, fault.New(fault.Invalid, "what it is about cannot be read: %w", err)
	}
	// The signal may have been told, or have ended, since the page was heard.
	signal, err := o.signal(ctx, &Hearing{Heard: heardOf(p.Source, &t)})
	if err != nil {
		return words{}, err
	}
	if signal != nil {
		t.about(signal)
	}
	if len(t.Services) == 0 {
		return words{message: &chat.Message{
			Title: "I cannot tell which service this is about",
			Lead:  "Give the tool's service to one of the roll, and its past with it; or ask: /tidings suspects SERVICE.",
			Buttons: []chat.Button{
				{Label: "Unclaimed names", URL: o.link("/unclaimed")},
			},
		}, again: o.next(p)}, nil
	}
	question, entities := o.questionOf(&t)
	if signal != nil {
		question.Signals = append(question.Signals, *signal)
	}
	ranking, err := o.Rank(ctx, question)
	if err != nil {
		return words{}, err
	}
	w := words{message: o.suspects(&t, entities, &ranking)}
	if t.State != chat.Resolved {
		w.again = o.next(p)
	}
	return w, nil
}

// next is when an answer is looked at again.
func (o *Office) next(p *Post) time.Time {
	now := o.Now()
	for _, after := range refreshed {
		if at := p.CreatedAt.Add(after); at.After(now.Add(time.Second)) {
			return at
		}
	}
	return time.Time{}
}

func heardOf(source string, t *trouble) (h heardEvent) {
	h.Source = source
	h.Tool, h.Keys, h.URLs, h.Text = t.Tool, t.Keys, t.URLs, t.Text
	return h
}

// questionOf is what is asked of the ranking.
func (o *Office) questionOf(t *trouble) (suspect.Question, []*catalog.Entity) {
	q := suspect.Question{Environment: t.Environment, Region: t.Region, Cluster: t.Cluster, Onset: t.Onset, Now: o.Now(), Words: strings.Fields(t.Text)}
	var entities []*catalog.Entity
	for _, name := range t.Services {
		ref, err := catalog.ParseRef(name, catalog.Service)
		if err != nil {
			continue
		}
		if e, found := o.Roll.Get(ref); found {
			q.Services = append(q.Services, e.ID)
			entities = append(entities, e)
		}
	}
	return q, entities
}

// link is an address of the page.
func (o *Office) link(path string) string { return o.Address() + path }

func (o *Office) linkOf(e *catalog.Entity) string {
	letter := map[catalog.Kind]string{catalog.Service: "s", catalog.Team: "t"}[e.Kind]
	if letter == "" {
		return o.link("/")
	}
	return o.link("/" + letter + "/" + url.PathEscape(e.Name))
}

// suspects says who could be the cause.
func (o *Office) suspects(t *trouble, entities []*catalog.Entity, r *suspect.Ranking) *chat.Message {
	var names []string
	for _, e := range entities {
		names = append(names, e.Name)
	}
	m := &chat.Message{Title: "What changed before this: " + strings.Join(names, ", "), Lead: r.Summary}
	if t.Environment != "" {
		m.Title += " · " + t.Environment
	}
	if len(entities) > 0 {
		m.URL = o.linkOf(entities[0])
	}
	shown := r.Suspects[:min(len(r.Suspects), shownSuspects)]
	for i := range shown {
		m.Items = append(m.Items, o.suspectItem(&shown[i], t))
	}
	if len(shown) == 0 && m.Lead == "" {
		m.Lead = "Nothing changed here or in what this depends on. That makes a change an unlikely cause: look at load, limits and what is outside."
	}
	m.Facts = o.facts(entities)
	foot := []string{}
	if more := len(r.Suspects) - len(shown); more > 0 {
		foot = append(foot, fmt.Sprintf("%d more", more))
	}
	foot = append(foot, fmt.Sprintf("%d ruled out", len(r.RuledOut)))
	if t.State == chat.Resolved {
		foot = append(foot, "resolved")
	}
	m.Foot = strings.Join(foot, " · ")
	return m
}

func (o *Office) suspectItem(s *suspect.Suspect, t *trouble) chat.Item {
	item := chat.Item{Title: s.Head.Title, URL: o.link("/e/" + s.Head.ID.String()), At: s.Head.StartedAt, Mark: fmt.Sprintf("%d. %s", s.Rank, s.Strength)}
	for _, e := range s.Evidence {
		if len(item.Details) == shownEvidence {
			break
		}
		sign := "+"
		if e.Weight < 0 {
			sign = "−"
		}
		item.Details = append(item.Details, sign+" "+e.Sentence)
	}
	value, err := json.Marshal(pressed{Event: s.Head.ID, Trouble: t.Event, Incident: t.Incident})
	if err == nil {
		item.Buttons = []chat.Button{
			{Action: ActionCaused, Value: string(value), Label: "It was this"},
			{Action: ActionDismissed, Value: string(value), Label: "Not this"},
			{Action: ActionUndo, Value: string(value), Label: "Rollback help"},
		}
	}
	return item
}

// shownEvidence is how many reasons a suspect shows.
const shownEvidence = 3

// facts are whom to ask and where to look.
func (o *Office) facts(entities []*catalog.Entity) []chat.Fact {
	var facts []chat.Fact
	add := func(f chat.Fact) {
		if f.Value != "" && len(facts) < chat.MaxFacts && !slices.Contains(facts, f) {
			facts = append(facts, f)
		}
	}
	for _, e := range entities {
		add(o.owner(e))
		add(chat.Fact{Name: "On call", Value: o.onCall(e)})
		for _, kind := range []string{"runbook", "dashboard"} {
			if i := slices.IndexFunc(e.Links, func(l catalog.Link) bool { return l.Type == kind }); i >= 0 {
				link := e.Links[i]
				title := link.Title
				if title == "" {
					title = e.Name
				}
				add(chat.Fact{Name: strings.ToUpper(kind[:1]) + kind[1:], Value: title, URL: link.URL})
			}
		}
	}
	return facts
}

func (o *Office) owner(e *catalog.Entity) chat.Fact {
	if e.Owner == nil {
		return chat.Fact{Name: "Owner", Value: "nobody"}
	}
	fact := chat.Fact{Name: "Owner", Value: e.Owner.Name}
	if owner, found := o.Roll.Get(*e.Owner); found {
		fact.URL = o.linkOf(owner)
		if owner.Title != "" {
			fact.Value = owner.Title
		}
	}
	return fact
}

// onCall names who answers a page: of the service, else of its owner.
func (o *Office) onCall(e *catalog.Entity) string {
	on := e.OnCall
	if len(on) == 0 && e.Owner != nil {
		if owner, found := o.Roll.Get(*e.Owner); found {
			on = owner.OnCall
		}
	}
	var names []string
	for _, one := range on {
		name := strings.TrimPrefix(one.Name, "person:")
		if ref, err := catalog.ParseRef(one.Name, catalog.Person); err == nil {
			if person, found := o.Roll.Get(ref); found && person.Title != "" {
				name = person.Title
			}
		}
		if one.Role != "" {
			name += " (" + one.Role + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
