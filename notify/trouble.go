package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration/chat"
)

// Trail is something that is followed from its beginning to its end, by a number that rises.
type Trail string

// The trails.
const (
	TrailLog       Trail = "notify"          // what was committed to the log
	TrailIncidents Trail = "notify_incident" // the entries of all incidents
)

// troublePage is how many entries are looked at in one step.
const troublePage = 500

// oldTrouble is the age at which what began is not told any more: what a backfill brings is no news.
const oldTrouble = foldAtMost

// troubleStep looks at what became of incidents since the last step, and promises to tell those who follow what is in trouble.
func (o *Office) troubleStep(ctx context.Context) error {
	from, err := o.Follows.Followed(ctx, TrailIncidents)
	if err != nil {
		return err
	}
	follows, err := o.Follows.Follows(ctx)
	if err != nil {
		return err
	}
	follows = slices.DeleteFunc(follows, func(f Follow) bool { return !f.Incidents })
	resolved := o.resolved(follows)
	for {
		entries, err := o.Incidents.Entries(ctx, max(from, 0), troublePage)
		if err != nil || len(entries) == 0 && from >= 0 {
			return err
		}
		to := max(from, 0)
		var posts []Post
		for i := range entries {
			to = entries[i].Number
			if from < 0 {
				continue // what was before nobody asked for
			}
			for j := range resolved {
				more, err := o.toldOfTrouble(ctx, &resolved[j], &entries[i].Entry)
				if err != nil {
					return err
				}
				posts = append(posts, more...)
			}
		}
		if from < 0 && len(entries) == troublePage {
			// The end is looked for before anything is written: a place in the middle would tell what is old.
			if to, err = o.endOfTroubles(ctx, to); err != nil {
				return err
			}
		}
		if err := o.Follows.PromiseFollowed(ctx, TrailIncidents, from, to, posts); err != nil {
			return err
		}
		if len(posts) > 0 {
			o.Promised()
		}
		if from = to; len(entries) < troublePage {
			return nil
		}
	}
}

func (o *Office) endOfTroubles(ctx context.Context, to int64) (int64, error) {
	for {
		entries, err := o.Incidents.Entries(ctx, to, troublePage)
		if err != nil || len(entries) == 0 {
			return to, err
		}
		to = entries[len(entries)-1].Number
	}
}

// toldOfTrouble promises to tell of one step of an incident: that it began; that it ended, in the same message where that can
// be changed. What is in between brings what was said up to date.
func (o *Office) toldOfTrouble(ctx context.Context, f *followed, e *incident.Entry) ([]Post, error) {
	switch e.Kind {
	case incident.EntryOpened, incident.EntryReopened, incident.EntryResolved, incident.EntryAcknowledged, incident.EntryMerged, incident.EntryVerdict,
		incident.EntryRole:
	default:
		if len(e.Subjects) == 0 { // otherwise it is about more than before: who follows that did not hear of it
			return nil, nil
		}
	}
	now := o.Now()
	if now.Sub(e.At) > oldTrouble {
		return nil, nil
	}
	one, err := o.Incidents.Get(ctx, e.Incident)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil || !f.isOf(&one) {
		return nil, err
	}
	key := "incident/" + strconv.FormatInt(one.Number, 10)
	about := followAbout{Incident: one.Number}
	if m, found := o.Messenger(f.Source); e.Kind == incident.EntryResolved && found && !m.Edits() {
		about.Ended = true
		key += "/" + strconv.FormatInt(e.Sequence, 10)
	}
	return []Post{o.followPost(f.Follow, TopicIncident, key, now, about)}, nil
}

// isOf reports whether an incident is of what is followed.
func (f *followed) isOf(one *incident.Incident) bool {
	if len(f.Environments) > 0 && one.Environment != "" && !slices.Contains(f.Environments, one.Environment) {
		return false
	}
	return slices.ContainsFunc(one.Subjects, func(s change.Subject) bool { return s.Entity != 0 && slices.Contains(f.filter.Entities, s.Entity) })
}

// composeTrouble tells what became of an incident, and what could be its cause.
func (o *Office) composeTrouble(ctx context.Context, p *Post) (words, error) {
	r, about, err := o.rankTrouble(ctx, p)
	if err != nil {
		return words{}, err
	}
	one := &r.incident
	w := words{conversation: "incident-" + strconv.FormatInt(one.Number, 10)}
	switch f, err := o.followOf(ctx, about.Follow); {
	case fault.Is(err, fault.NotFound):
		return w, nil
	case err != nil:
		return w, err
	case one.MergedInto != 0 && p.Sends == 0:
		return w, nil // it is told as the other
	default:
		w.message = o.suspects(p, &r.trouble, r.entities, &r.Ranking)
		o.staff(w.message, p, one)
		w.message.Title = one.Name() + " " + one.Title
		w.message.Lead = strings.TrimSpace(o.course(one, f.zone()) + " " + w.message.Lead)
	}
	if one.Status == incident.Resolved {
		if about.Ended {
			w.message.Items = slices.DeleteFunc(w.message.Items, func(item chat.Item) bool { return !strings.Contains(item.Mark, "✓") })
		}
		return w, nil
	}
	w.again = o.next(p)
	return w, nil
}

// course says in a sentence how far an incident has come.
func (o *Office) course(one *incident.Incident, zone *time.Location) string {
	clock := func(at time.Time) string { return at.In(zone).Format("Mon 15:04 MST") }
	text := "Since " + clock(one.Onset.At)
	if one.Severity > 0 {
		text = fmt.Sprintf("Severity %d, since %s", one.Severity, clock(one.Onset.At))
	}
	switch {
	case one.MergedInto != 0:
		return text + "; it turned out to be " + incident.NameOf(one.MergedInto) + "."
	case one.Status == incident.Resolved:
		return text + "; resolved " + clock(one.ResolvedAt) + "."
	case one.Status == incident.Acknowledged:
		return text + "; somebody took it " + clock(one.AcknowledgedAt) + "."
	}
	return text + "; nobody took it yet."
}

// rankTrouble ranks what an incident's post tells of.
func (o *Office) rankTrouble(ctx context.Context, p *Post) (*ranking, followAbout, error) {
	var about followAbout
	if err := json.Unmarshal(p.About, &about); err != nil {
		return nil, about, fault.New(fault.Invalid, "what it is about cannot be read: %w", err)
	}
	one, found, err := o.RankIncident(ctx, about.Incident)
	if err != nil {
		return nil, about, err
	}
	r := &ranking{Ranking: found, incident: one}
	r.trouble = trouble{Incident: one.Number, Onset: one.Onset.At, Environment: one.Environment, Region: one.Region, Cluster: one.Cluster}
	if one.Status == incident.Resolved {
		r.trouble.State = chat.Resolved
	}
	r.entities = o.inTrouble(&one)
	return r, about, nil
}

// inTrouble are the entities of an incident that the roll has.
func (o *Office) inTrouble(one *incident.Incident) []*catalog.Entity {
	var all []*catalog.Entity
	for _, subject := range one.Subjects[:min(len(one.Subjects), servicesAtMost)] {
		if e, found := o.Roll.ByID(subject.Entity); found && subject.Entity != 0 {
			all = append(all, e)
		}
	}
	return all
}

// openSuspects tells, for whoever is about to carry something, what troubles of it are open and what could be their cause.
func (o *Office) openSuspects(ctx context.Context, f *followed) ([]chat.Item, error) {
	open, err := o.Incidents.ListIncidents(ctx, incident.Filter{
		Statuses: []incident.Status{incident.Open, incident.Acknowledged}, Environments: f.Environments, Entities: f.filter.Entities,
	}, incident.Cursor{}, openAtMost+1)
	if err != nil {
		return nil, err
	}
	var items []chat.Item
	for i := range open[:min(len(open), openAtMost)] {
		one, found, err := o.RankIncident(ctx, open[i].Number)
		if err != nil {
			return nil, err
		}
		item := chat.Item{Mark: one.Name() + " · " + string(one.Status), Title: one.Title, URL: o.link(fmt.Sprintf("/i/%d", one.Number)), At: one.Onset.At}
		for _, s := range found.Suspects[:min(len(found.Suspects), openSuspects)] {
			item.Details = append(item.Details, strings.TrimSpace(string(s.Strength)+" suspect: "+s.Head.Title+" "+said[s.Verdict]))
		}
		if len(item.Details) == 0 {
			item.Details = []string{cmp.Or(found.Summary, "No change is suspected.")}
		}
		items = append(items, item)
	}
	if len(open) > openAtMost {
		items = append(items, chat.Item{Title: "More incidents are open", URL: o.link("/incidents")})
	}
	return items, nil
}

// Bounds of what is open in a brief.
const (
	openAtMost   = 5
	openSuspects = 2
)
