package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// What buttons do.
const (
	ActionCaused    = "caused"
	ActionDismissed = "dismissed"
	ActionUndo      = "undo"
	ActionCall      = "call"
	ActionCommand   = "command"
	ActionNoise     = "noise"
	ActionUnmute    = "unmute"
)

// pressed is what a button carries.
type pressed struct {
	Event    uuid.UUID `json:"e,omitzero"`
	Incident int64     `json:"i,omitempty"`
	Follow   int64     `json:"f,omitempty"`
	Noise    int       `json:"n,omitempty"`
	Post     string    `json:"p,omitempty"` // the key of the post that it stands under
}

func (p pressed) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(text)
}

type heardEvent = integration.Heard

// press does what a button says, in the name of who pressed it.
func (o *Office) press(ctx context.Context, h *Hearing) (Answered, error) {
	var value pressed
	if err := json.Unmarshal([]byte(h.Value), &value); err != nil {
		return Answered{}, fault.New(fault.Invalid, "the button carries what cannot be read")
	}
	switch h.Action {
	case ActionCaused:
		return o.judge(ctx, h, &value, incident.Caused)
	case ActionDismissed:
		return o.judge(ctx, h, &value, incident.Dismissed)
	case ActionUndo:
		return o.undo(ctx, h, &value)
	case ActionCall:
		return o.call(ctx, h, &value)
	case ActionCommand:
		return o.command(ctx, h, &value)
	case ActionNoise:
		return o.mute(ctx, h, &value)
	case ActionUnmute:
		return o.unmute(ctx, h, value.Follow, value.Noise)
	}
	return Answered{}, fault.New(fault.Invalid, "the button %q does nothing that is known", clip(h.Action, 40))
}

// who is the one who pressed or asked: as the roll knows them by their alias there, else as the place calls them.
func (o *Office) who(h *Hearing) access.Principal {
	name := cmp.Or(h.Name, h.By) + "@" + h.Source
	if found := o.Roll.Resolve(h.Source + ":" + h.By); len(found) == 1 {
		name = found[0].Name
	}
	return access.Principal{Type: access.Person, Name: name, Role: access.RoleMember}
}

// judge keeps what somebody found, and brings the answer up to date.
func (o *Office) judge(ctx context.Context, h *Hearing, value *pressed, finding incident.Finding) (Answered, error) {
	if value.Incident == 0 {
		return o.reply(h, chat.Message{Title: "There is no incident to judge this for yet", Lead: "It begins with the tool's own delivery: try again in a moment."})
	}
	if _, err := o.Incidents.Judge(access.With(ctx, o.who(h)), value.Incident, value.Event, finding, ""); err != nil {
		if passes(err) {
			return Answered{}, err
		}
		return o.reply(h, chat.Message{Title: "That could not be kept", Lead: told(err)})
	}
	return o.renew(ctx, h, value)
}

// renew brings the answer that a button stands under up to date.
func (o *Office) renew(ctx context.Context, h *Hearing, value *pressed) (Answered, error) {
	p, err := o.Store.PostKeyed(ctx, h.Source, value.Post)
	if fault.Is(err, fault.NotFound) {
		return Answered{State: Sent}, nil
	}
	p.DueAt = o.Now()
	return Answered{State: Sent, Posts: []Post{p}}, err
}

// ranked gives the ranking that an answer shows, as it is now.
func (o *Office) ranked(ctx context.Context, h *Hearing, value *pressed) (*ranking, error) {
	p, err := o.Store.PostKeyed(ctx, h.Source, value.Post)
	if err != nil {
		return nil, err
	}
	if p.Topic == TopicIncident {
		r, _, err := o.rankTrouble(ctx, &p)
		return r, err
	}
	return o.rankFor(ctx, &p)
}

// undo tells the one who asks how a change is taken back, and what would be lost. Nothing is ever done by itself.
func (o *Office) undo(ctx context.Context, h *Hearing, value *pressed) (Answered, error) {
	r, err := o.ranked(ctx, h, value)
	if err != nil {
		return Answered{}, err
	}
	for i := range r.Suspects {
		s := &r.Suspects[i]
		if s.Head.ID != value.Event {
			continue
		}
		m := chat.Message{Title: "To take back: " + s.Head.Title, URL: o.link("/e/" + s.Head.ID.String()), Code: s.Undo.Text, Foot: "Tidings only shows it: you decide, and run it."}
		for _, lost := range s.Undo.Lost[:min(len(s.Undo.Lost), shownSuspects)] {
			m.Items = append(m.Items, chat.Item{Mark: "Would be lost:", Title: lost.Sentence})
		}
		if s.Undo.URL != "" {
			m.Buttons = append(m.Buttons, chat.Button{Label: "Open " + cmp.Or(s.Undo.Tool, "the tool"), URL: s.Undo.URL})
		}
		if m.Code == "" && s.Undo.URL == "" {
			m.Lead = "Nothing is known of how to take it back."
		}
		return o.reply(h, m)
	}
	return o.reply(h, chat.Message{Title: "This change is no suspect any more"})
}

// call calls who is on call into the thread.
func (o *Office) call(ctx context.Context, h *Hearing, value *pressed) (Answered, error) {
	r, err := o.ranked(ctx, h, value)
	if err != nil {
		return Answered{}, err
	}
	m := chat.Message{Lead: fmt.Sprintf("%s calls for you.", cmp.Or(h.Name, "Somebody"))}
	var names []string
	for _, e := range r.entities {
		for _, on := range o.Roll.Duty(e, o.Now()).Now {
			name := strings.TrimPrefix(on.Name, "person:")
			if person := o.person(on.Name); person != nil {
				name = cmp.Or(person.Title, person.Name)
				for _, alias := range person.Aliases {
					if id, ok := strings.CutPrefix(strings.ToLower(alias), "slack:"); ok {
						m.Mentions = append(m.Mentions, strings.ToUpper(id))
					}
				}
			}
			names = append(names, name+" (on call for "+e.Name+")")
		}
	}
	paged, err := o.pageFor(ctx, h, value.Incident)
	if err != nil {
		return Answered{}, err
	}
	switch {
	case len(names) > 0:
		m.Title = strings.Join(names, ", ")
	case paged.through != "":
		m.Title = "The pager is asked to call whoever is on call"
	default:
		return o.reply(h, chat.Message{Title: "Nobody is known to be on call for this", Lead: paged.sentence, Facts: o.facts(r.entities)})
	}
	m.Foot = paged.sentence
	about, err := json.Marshal(m)
	if err != nil {
		return Answered{}, fault.New(fault.Internal, "make a call: %w", err)
	}
	return Answered{State: Sent, Posts: []Post{{
		Source: h.Source, Key: "call/" + value.Post, Topic: TopicNotice, Place: h.Place, About: about, CreatedAt: o.Now(), DueAt: o.Now(),
	}}}, nil
}

// pagedBy is what became of the wish to page somebody: through which source, and the sentence that says so.
type pagedBy struct{ through, sentence string }

// pageFor pages for an incident, in the name of who pressed.
func (o *Office) pageFor(ctx context.Context, h *Hearing, number int64) (pagedBy, error) {
	if number == 0 {
		return pagedBy{sentence: "Nobody is paged: there is no incident yet. It begins with the tool's own delivery."}, nil
	}
	by := access.With(ctx, o.who(h))
	pagers := o.Incidents.Pagers(by)
	if len(pagers) > 1 {
		return pagedBy{sentence: "Nobody is paged by telephone: on the page of the incident one chooses between " + strings.Join(pagers, " and ") + "."}, nil
	}
	if _, err := o.Incidents.Call(by, number, "", ""); err != nil {
		if passes(err) {
			return pagedBy{}, err
		}
		return pagedBy{sentence: "Nobody is paged by telephone: " + told(err) + "."}, nil
	}
	through := strings.Join(pagers, "")
	return pagedBy{through: through, sentence: "Paged through " + through + "; " + incident.NameOf(number) + " tells what became of it."}, nil
}

// mute keeps that things like one are not worth telling, and says how that is taken back.
func (o *Office) mute(ctx context.Context, h *Hearing, value *pressed) (Answered, error) {
	f, err := o.followOf(ctx, value.Follow)
	if fault.Is(err, fault.NotFound) {
		return o.reply(h, chat.Message{Title: "This is not followed any more"})
	}
	if err != nil {
		return Answered{}, err
	}
	e, err := o.Feed.Store.Event(ctx, value.Event)
	if err != nil {
		return Answered{}, err
	}
	n := Noise{Number: 1, Kind: e.Kind, Actor: e.Actor.Name, By: o.who(h).Name, At: o.Now()}
	for _, subject := range e.Subjects {
		if subject.Entity != 0 {
			n.Subject = subject.Name
			break
		}
	}
	if !f.noisy(&e) {
		for _, one := range f.Noise {
			n.Number = max(n.Number, one.Number+1)
		}
		f.Noise = append(f.Noise, n)
		if err := f.Normalize(); err != nil {
			return o.reply(h, chat.Message{Title: told(err)})
		}
		if _, err := o.Follows.PutFollow(ctx, *f); err != nil {
			return Answered{}, err
		}
	}
	return o.reply(h, chat.Message{
		Title: "Not told here any more: " + n.String(), Lead: fmt.Sprintf("/tidings follows lists such rules; /tidings unmute %d.%d takes this one back.", f.Number, n.Number),
		Buttons: []chat.Button{{Action: ActionUnmute, Value: pressed{Follow: f.Number, Noise: n.Number}.String(), Label: "Undo"}},
	})
}

func (o *Office) unmute(ctx context.Context, h *Hearing, number int64, noise int) (Answered, error) {
	f, err := o.followOf(ctx, number)
	if err == nil && f.Source == h.Source && f.Channel == h.Place.Channel {
		before := len(f.Noise)
		f.Noise = slices.DeleteFunc(f.Noise, func(n Noise) bool { return n.Number == noise })
		if len(f.Noise) < before {
			if _, err := o.Follows.PutFollow(ctx, *f); err != nil {
				return Answered{}, err
			}
			return o.reply(h, chat.Message{Title: "Told here again", Lead: f.What()})
		}
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return Answered{}, err
	}
	return o.reply(h, chat.Message{Title: "There is no such rule here", Lead: "/tidings follows lists them."})
}

// shared promises to show what links lead to.
func (o *Office) shared(h *Hearing) (Answered, error) {
	var posts []Post
	for _, at := range h.URLs {
		rest, ours := strings.CutPrefix(at, o.Address()+"/")
		if !ours {
			continue
		}
		about, err := json.Marshal(linkAbout{URL: at, Path: rest})
		if err != nil {
			return Answered{}, err
		}
		posts = append(posts, Post{
			Source: h.Source, Key: "link/" + h.Place.Channel + "/" + h.Message + "/" + at, Topic: TopicUnfurl, Place: chat.Place{Channel: h.Place.Channel, Thread: h.Message},
			About: about, CreatedAt: o.Now(), DueAt: o.Now(),
		})
	}
	return Answered{State: Sent, Posts: posts}, nil
}

type linkAbout struct {
	URL  string `json:"url"`
	Path string `json:"path"`
}

// composeLink shows what a link leads to; nothing for one that leads to no service, team or event.
func (o *Office) composeLink(ctx context.Context, p *Post) (words, error) {
	var about linkAbout
	if err := json.Unmarshal(p.About, &about); err != nil {
		return words{}, fault.New(fault.Invalid, "what it is about cannot be read: %w", err)
	}
	path, _, _ := strings.Cut(about.Path, "?")
	kind, name, _ := strings.Cut(strings.Trim(path, "/"), "/")
	w := words{unfurl: about.URL}
	switch kind {
	case "s", "t":
		name, _, _ = strings.Cut(name, "/")
		if name, err := url.PathUnescape(name); err == nil {
			if e, _ := o.named(request{what: name}); e != nil {
				m, err := o.profile(ctx, e)
				w.message = m
				return w, err
			}
		}
	case "e":
		id, err := uuid.Parse(name)
		if err != nil {
			return w, nil
		}
		e, err := o.Feed.Store.Event(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return w, nil
		}
		if err != nil {
			return w, err
		}
		item := o.rowItem(&feed.Row{Event: e, Count: 1, Subjects: e.Subjects})
		w.message = &chat.Message{Title: item.Title, URL: item.URL, Lead: item.Mark + " · " + strings.Join(item.Details, " ")}
	}
	return w, nil
}

// reply promises words to the one who asked.
func (o *Office) reply(h *Hearing, m chat.Message) (Answered, error) {
	about, err := json.Marshal(m)
	if err != nil {
		return Answered{}, fault.New(fault.Internal, "make an answer: %w", err)
	}
	p := Post{
		Source: h.Source, Key: "answer/" + h.Key, Topic: TopicNotice, Place: h.Place, Reply: h.Reply, About: about, CreatedAt: o.Now(), DueAt: o.Now(),
	}
	if h.Kind == chat.Press {
		p.Only = h.By
	}
	return Answered{State: Sent, Posts: []Post{p}}, nil
}
