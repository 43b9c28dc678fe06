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
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
)

// words are what a post says now.
type words struct {
	message *chat.Message // nil for nothing
	again   time.Time     // when more may be known; zero for never
	unfurl  string        // the address that it stands for
	// conversation is the same for all that is about one thing; empty for none.
	conversation string
}

// compose makes the words of a post.
func (o *Office) compose(ctx context.Context, p *Post) (words, error) {
	switch p.Topic {
	case TopicSuspects:
		return o.composeSuspects(ctx, p)
	case TopicStory, TopicDigest, TopicBrief:
		return o.composeFollow(ctx, p)
	case TopicIncident:
		return o.composeTrouble(ctx, p)
	case TopicUnfurl:
		return o.composeLink(ctx, p)
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
var refreshed = []time.Duration{3 * time.Second, 15 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

func (o *Office) composeSuspects(ctx context.Context, p *Post) (words, error) {
	r, err := o.rankFor(ctx, p)
	if err != nil {
		return words{}, err
	}
	if len(r.entities) == 0 {
		return words{message: &chat.Message{
			Title: "I cannot tell which service this is about",
			Lead:  "Give the tool's service to one of the roll, and its past with it; or ask: /tidings suspects SERVICE.",
			Buttons: []chat.Button{
				{Label: "Unclaimed names", URL: o.link("/unclaimed")},
			},
		}, again: o.next(p)}, nil
	}
	w := words{message: o.suspects(p, &r.trouble, r.entities, &r.Ranking)}
	o.staff(w.message, p, &r.incident)
	if r.trouble.State != chat.Resolved {
		w.again = o.next(p)
	}
	return w, nil
}

// ranking is a ranking with what it is about, and with whom.
type ranking struct {
	suspect.Ranking
	trouble  trouble
	entities []*catalog.Entity // none where nobody can tell; then nothing is ranked
	incident incident.Incident // the zero value where there is none
}

// rankFor ranks for what a post answers: an incident as its page does, so that both show the same, and a page that no
// incident is known of yet by what it says.
func (o *Office) rankFor(ctx context.Context, p *Post) (*ranking, error) {
	r := &ranking{}
	t := &r.trouble
	if err := json.Unmarshal(p.About, t); err != nil {
		return nil, fault.New(fault.Invalid, "what it is about cannot be read: %w", err)
	}
	// The signal may have been told, or have ended, since the page was heard.
	signal, err := o.signal(ctx, &Hearing{Heard: heardOf(p.Source, t)})
	if err != nil {
		return nil, err
	}
	if signal != nil {
		t.about(signal)
		if err := o.belong(ctx, p, t, signal); err != nil {
			return nil, err
		}
	}
	question := suspect.Question{Environment: t.Environment, Region: t.Region, Cluster: t.Cluster, Onset: t.Onset, OnsetBy: incident.OnsetByPage, Words: []string{t.Text}}
	for _, name := range t.Services[:min(len(t.Services), servicesAtMost)] {
		ref, err := catalog.ParseRef(name, catalog.Service)
		if err != nil {
			continue
		}
		if e, found := o.Roll.Get(ref); found {
			question.Services = append(question.Services, e.ID)
			r.entities = append(r.entities, e)
		}
	}
	switch {
	case len(r.entities) == 0:
	case t.Incident != 0:
		r.incident, r.Ranking, err = o.RankIncident(ctx, t.Incident)
	default:
		if signal != nil {
			question.Signals, question.OnsetBy = []change.Event{*signal}, incident.OnsetByAlert
		}
		r.Ranking, err = o.Rank(ctx, question)
	}
	return r, err
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

// belong finds the incident that a signal is of, if there is one, and notes there where it is talked about.
func (o *Office) belong(ctx context.Context, p *Post, t *trouble, signal *change.Event) error {
	one, err := o.Incidents.Having(ctx, signal.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	t.Incident = one.Number
	for _, subject := range one.Subjects {
		if subject.Entity != 0 && !slices.Contains(t.Services, subject.Name) {
			t.Services = append(t.Services, subject.Name)
		}
	}
	if one.Status == incident.Resolved {
		t.State = chat.Resolved
	}
	_, err = o.Incidents.Converse(ctx, one.Number, incident.Conversation{Source: p.Source, Channel: p.Place.Channel, Thread: p.Place.Thread})
	return err
}

// servicesAtMost bounds one answer.
const servicesAtMost = 20

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
func (o *Office) suspects(p *Post, t *trouble, entities []*catalog.Entity, r *suspect.Ranking) *chat.Message {
	var names []string
	for _, e := range entities {
		names = append(names, e.Name)
	}
	m := &chat.Message{Title: "What changed before this: " + strings.Join(names, ", "), Lead: r.Summary}
	if t.Environment != "" {
		m.Title += " · " + t.Environment
	}
	switch {
	case t.Incident != 0:
		m.URL = o.link(fmt.Sprintf("/i/%d", t.Incident))
	case len(entities) > 0:
		m.URL = o.linkOf(entities[0])
	}
	shown := r.Suspects[:min(len(r.Suspects), shownSuspects)]
	for i := range shown {
		m.Items = append(m.Items, o.suspectItem(p, &shown[i], t))
	}
	if len(shown) == 0 && m.Lead == "" {
		m.Lead = "Nothing changed here or in what this depends on. That makes a change an unlikely cause: look at load, limits and what is outside."
	}
	m.Facts = o.facts(entities)
	if t.State != chat.Resolved && len(entities) > 0 {
		m.Buttons = append(m.Buttons, chat.Button{
			Action: ActionCall, Value: pressed{Incident: t.Incident, Post: p.Key}.String(), Label: "Page the owner",
			Confirm: "This calls the people who are on call for " + strings.Join(names, ", ") + " into this thread, and by the pager where one is set up for it.",
		})
	}
	if m.URL != "" {
		m.Buttons = append(m.Buttons, chat.Button{Label: "Open in Tidings", URL: m.URL})
	}
	foot := []string{}
	if more := len(r.Suspects) - len(shown); more > 0 {
		foot = append(foot, fmt.Sprintf("%d more", more))
	}
	foot = append(foot, fmt.Sprintf("%d ruled out", len(r.RuledOut)), fmt.Sprintf("%d looked at", r.Considered))
	if left := r.Left(); left != "" {
		foot = append(foot, left)
	}
	if t.Incident != 0 {
		foot = append(foot, incident.NameOf(t.Incident))
	}
	if t.State == chat.Resolved {
		foot = append(foot, "resolved")
	}
	m.Foot = strings.Join(foot, " · ")
	return m
}

func (o *Office) suspectItem(p *Post, s *suspect.Suspect, t *trouble) chat.Item {
	item := chat.Item{Title: s.Head.Title, URL: o.link("/e/" + s.Head.ID.String()), At: s.Head.StartedAt, Mark: fmt.Sprintf("%d. %s", s.Rank, s.Strength)}
	if found := said[s.Verdict]; found != "" {
		item.Mark += " · " + found
	}
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
	value := pressed{Event: s.Head.ID, Incident: t.Incident, Post: p.Key}.String()
	if t.Incident != 0 && s.Verdict == "" {
		item.Buttons = append(item.Buttons, chat.Button{Action: ActionCaused, Value: value, Label: "It was this"}, chat.Button{Action: ActionDismissed, Value: value, Label: "Not this"})
	}
	if s.Undo.Text != "" || s.Undo.URL != "" {
		item.Buttons = append(item.Buttons, chat.Button{Action: ActionUndo, Value: value, Label: "Rollback help"})
	}
	return item
}

// said is what a person found, in a few words.
var said = map[incident.Finding]string{
	incident.Caused: "✓ it was this", incident.Fixed: "✓ this ended it", incident.Suspected: "? may have been this", incident.Dismissed: "✗ not this",
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
	var names []string
	for _, one := range o.Roll.Duty(e, o.Now()).Now {
		name := strings.TrimPrefix(one.Name, "person:")
		if person := o.person(one.Name); person != nil && person.Title != "" {
			name = person.Title
		}
		if one.Role != "" {
			name += " (" + one.Role + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// person finds a person by reference or outside name; nil for one whom the roll does not know.
func (o *Office) person(name string) *catalog.Entity {
	if ref, err := catalog.ParseRef(name, catalog.Person); err == nil && ref.Kind == catalog.Person {
		if person, found := o.Roll.Get(ref); found {
			return person
		}
	}
	if found := o.Roll.Resolve(name); len(found) == 1 {
		return found[0]
	}
	return nil
}
