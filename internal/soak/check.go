//go:build unix

package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// shown is an event as the API shows it.
type shown struct {
	ID        string    `json:"id"`
	Source    string    `json:"source"`
	Key       string    `json:"key"`
	Kind      string    `json:"kind"`
	Phase     string    `json:"phase"`
	Title     string    `json:"title"`
	Subjects  []string  `json:"subjects"`
	StartedAt time.Time `json:"started_at"`
	StoryID   string    `json:"story_id"`
}

// alone is the story of an event that has none.
const alone = "00000000-0000-0000-0000-000000000000"

// walk reads a list of events through its cursors, at most so many pages, and holds it against its own order.
func (c *client) walk(ctx context.Context, path string, pages int) ([]shown, error) {
	var all []shown
	seen := map[string]bool{}
	cursor := ""
	for page := 0; page < pages; page++ {
		var answer struct {
			Events []shown `json:"events"`
			Next   string  `json:"next"`
		}
		if err := c.get(ctx, path+"&cursor="+url.QueryEscape(cursor), &answer); err != nil {
			return all, err
		}
		for _, e := range answer.Events {
			// An event that a late report dates back moves down, below the reader: only at rest must ids be distinct.
			if n := len(all); n > 0 && e.StartedAt.After(all[n-1].StartedAt) {
				return all, violation("%s at %s stands below one of %s", e.Key, e.StartedAt, all[n-1].StartedAt)
			}
			place := e.ID + e.StartedAt.String()
			if seen[place] {
				return all, violation("%s comes twice in a walk through %s", e.Key, path)
			}
			seen[place] = true
			all = append(all, e)
		}
		if cursor = answer.Next; cursor == "" {
			break
		}
	}
	return all, nil
}

// everything is more pages than any list has.
const everything = 1 << 20

// check holds a quiet server against the model: it is called while nothing writes.
func (l *load) check(ctx context.Context) error {
	listed, err := l.client.walk(ctx, "/api/v1/events?limit=1000&source="+l.model.source, everything)
	if err != nil {
		return err
	}
	l.model.mu.Lock()
	defer l.model.mu.Unlock()
	l.found = found{}
	byKey := map[string]shown{}
	for _, e := range listed {
		if other, twice := byKey[e.Key]; twice {
			return violation("%s is there twice: %s and %s", e.Key, other.ID, e.ID)
		}
		byKey[e.Key] = e
	}
	for _, step := range []func(context.Context, map[string]shown) error{
		l.checkEvents, l.checkStories, l.checkRows, l.checkNames, l.checkUnclaimed, l.checkClaims, l.checkCounts,
	} {
		if err := step(ctx, byKey); err != nil {
			return err
		}
	}
	l.counts.events.Add(l.found.events)
	l.counts.stories.Add(l.found.stories)
	l.counts.names.Add(l.found.names)
	l.counts.merged.Add(l.found.merged)
	return nil
}

// found is what one check went through.
type found struct{ events, stories, names, merged int64 }

// checkEvents: what was acknowledged is there, in its latest phase; what was not is there at most once, as it was sent.
func (l *load) checkEvents(_ context.Context, byKey map[string]shown) error {
	for _, e := range l.model.events {
		got, there := byKey[e.key]
		if !there {
			if e.anyAcked() {
				return violation("%s was acknowledged as %s, and is not there", e.key, e.id)
			}
			continue
		}
		l.found.events++
		if e.id != "" && got.ID != e.id {
			return violation("%s was acknowledged as %s, and is %s", e.key, e.id, got.ID)
		}
		phase := slices.Index(phases, got.Phase)
		for p, acked := range e.acked {
			if acked && rank(p) > rank(phase) {
				return violation("%s was acknowledged as %s, and is %s", e.key, phases[p], got.Phase)
			}
		}
		if !e.sent[phase] {
			return violation("%s is %s, which nobody said", e.key, got.Phase)
		}
		if got.Title != e.title(phase) {
			return violation("%s is %s and titled %q", e.key, got.Phase, got.Title)
		}
		var earliest, latest time.Time // bounds of the start, by all that was sent, and by what was acknowledged
		for p := range e.starts {
			if e.sent[p] && (earliest.IsZero() || e.starts[p].Before(earliest)) {
				earliest = e.starts[p]
			}
			if e.acked[p] && (latest.IsZero() || e.starts[p].Before(latest)) {
				latest = e.starts[p]
			}
		}
		if got.StartedAt.Before(earliest) || (!latest.IsZero() && got.StartedAt.After(latest)) {
			return violation("%s started at %s, not from %s to %s", e.key, got.StartedAt, earliest, latest)
		}
	}
	for key := range byKey {
		if l.model.byKey[key] == nil {
			return violation("%s is there, and nobody sent it", key)
		}
	}
	return nil
}

// checkStories: no story is torn, and no two are one.
func (l *load) checkStories(ctx context.Context, byKey map[string]shown) error {
	owner := map[string]*story{}
	for _, s := range l.model.stories {
		var there []shown
		for _, e := range s.members {
			if got, ok := byKey[e.key]; ok {
				there = append(there, got)
			}
		}
		joined := !s.chained
		if s.chained && len(s.members) == 3 {
			_, joined = byKey[s.members[2].key]
		}
		for i, e := range there {
			if e.StoryID == alone || e.StoryID == "" {
				return violation("%s of %s has no story", e.Key, s.name)
			}
			if joined && e.StoryID != there[0].StoryID {
				return violation("%s is torn: %s is of %s, %s of %s", s.name, there[0].Key, there[0].StoryID, e.Key, e.StoryID)
			}
			if other := owner[e.StoryID]; other != nil && other != s {
				return violation("%s and %s became one story", s.name, other.name)
			}
			owner[e.StoryID] = s
			if i > 0 || len(there) < 2 || !joined {
				continue
			}
			var answer struct {
				Events []shown `json:"story_events"`
			}
			if err := l.client.get(ctx, "/api/v1/events/"+e.ID+"?with=story", &answer); err != nil {
				return err
			}
			if len(answer.Events) != len(there) {
				return violation("%s has %d events, and shows %d", s.name, len(there), len(answer.Events))
			}
		}
		if len(there) > 0 {
			l.found.stories++
		}
	}
	return nil
}

// checkRows: the feed's lines stand for each event once, and count what they stand for.
func (l *load) checkRows(ctx context.Context, byKey map[string]shown) error {
	lines := map[string]int{}
	for _, e := range byKey {
		if e.StoryID == alone || e.StoryID == "" {
			lines[e.ID]++
		} else {
			lines[e.StoryID]++
		}
	}
	seen := map[string]bool{}
	for cursor, page := "", 0; page == 0 || cursor != ""; page++ {
		var answer struct {
			Rows []struct {
				ID    string `json:"id"`
				Shape string `json:"shape"`
				Count int    `json:"count"`
				Event shown  `json:"event"`
			} `json:"rows"`
			Next string `json:"next"`
		}
		if err := l.client.get(ctx, "/api/v1/events?fold=1&limit=1000&source="+l.model.source+"&cursor="+url.QueryEscape(cursor), &answer); err != nil {
			return err
		}
		cursor = answer.Next
		for _, row := range answer.Rows {
			id := row.ID
			if row.Count == 1 && lines[id] == 0 {
				id = row.Event.StoryID // a story of one
			}
			if seen[id] {
				return violation("the row %s (%s) comes twice", id, row.Event.Key)
			}
			seen[id] = true
			if lines[id] != row.Count {
				return violation("the row %s (%s, a %s) counts %d events; there are %d", id, row.Event.Key, row.Shape, row.Count, lines[id])
			}
		}
	}
	if len(seen) != len(lines) {
		return violation("the feed has %d rows, not %d", len(seen), len(lines))
	}
	return nil
}

// checkNames: a claimed name has all of its past, and every event since; one that was not claimed for sure all or nothing.
func (l *load) checkNames(_ context.Context, byKey map[string]shown) error {
	given, kept := map[*outside]int{}, map[*outside]int{}
	for _, e := range l.model.events {
		got, there := byKey[e.key]
		if e.outside == nil || !there {
			continue
		}
		switch got.Subjects[0] {
		case "service:" + e.outside.service:
			given[e.outside]++
		case e.outside.name:
			kept[e.outside]++
			if e.outside.claimed {
				return violation("%s was claimed for %s, and %s is still about the outside name", e.outside.name, e.outside.service, e.key)
			}
		default:
			return violation("%s is about %s, not about %s", e.key, got.Subjects[0], e.outside.name)
		}
	}
	for _, o := range l.model.names {
		if given[o] > 0 && kept[o] > 0 {
			return violation("%s: %d events have their service, %d do not", o.name, given[o], kept[o])
		}
		if given[o] > 0 && !o.claiming {
			return violation("%s was never claimed, and %d events have a service", o.name, given[o])
		}
		if given[o]+kept[o] > 0 {
			l.found.names++
		}
	}
	return nil
}

// checkUnclaimed: the list of outside names counts what the log holds.
func (l *load) checkUnclaimed(ctx context.Context, byKey map[string]shown) error {
	kept := map[string]int{}
	for _, e := range l.model.events {
		if got, there := byKey[e.key]; there && e.outside != nil && got.Subjects[0] == e.outside.name {
			kept[e.outside.name]++
		}
	}
	counted := map[string]int{}
	for cursor, page := "", 0; page == 0 || cursor != ""; page++ {
		var answer struct {
			Unclaimed []struct {
				Alias  string `json:"alias"`
				Events int    `json:"events"`
			} `json:"unclaimed"`
			Next string `json:"next"`
		}
		if err := l.client.get(ctx, "/api/v1/unclaimed?limit=1000&cursor="+url.QueryEscape(cursor), &answer); err != nil {
			return err
		}
		cursor = answer.Next
		for _, u := range answer.Unclaimed {
			counted[u.Alias] = u.Events
		}
	}
	for _, o := range l.model.names {
		if counted[o.name] != kept[o.name] {
			return violation("%s is unclaimed with %d events; there are %d", o.name, counted[o.name], kept[o.name])
		}
	}
	return nil
}

// entity is a service as the API shows it, as far as the harness writes it.
type entity struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Tier        *int   `json:"tier"`
	Language    string `json:"language"`
	Owner       string `json:"owner"`
	Tags        []struct{ Key, Value string }
}

// checkClaims: each service is the merge of the last file and of the last edit, whole.
func (l *load) checkClaims(ctx context.Context, _ map[string]shown) error {
	for _, d := range l.model.docs {
		if d.acked == 0 {
			continue
		}
		var got entity
		if err := l.client.get(ctx, "/api/v1/entities/service/"+d.service, &got); err != nil {
			return err
		}
		var generation, edit int
		if _, err := fmt.Sscanf(got.Description, "generation %d", &generation); err != nil {
			return violation("%s is described as %q", d.service, got.Description)
		}
		if got.Title != "" {
			if _, err := fmt.Sscanf(got.Title, "edit %d", &edit); err != nil {
				return violation("%s is titled %q", d.service, got.Title)
			}
		}
		if generation < d.acked || generation > d.sent || edit < d.ackedEdits || edit > d.edited {
			return violation("%s is of generation %d and edit %d; acknowledged were %d and %d, sent %d and %d",
				d.service, generation, edit, d.acked, d.ackedEdits, d.sent, d.edited)
		}
		wanted := map[string]string{"generation": strconv.Itoa(generation), "only-" + strconv.Itoa(generation): "yes"}
		if edit > 0 {
			wanted["edit"] = strconv.Itoa(edit)
		}
		same := len(got.Tags) == len(wanted) && got.Tier != nil && *got.Tier == generation%4 &&
			got.Language == fmt.Sprintf("language-%d", generation) && got.Owner == fmt.Sprintf("team:team-%d", generation%3)
		for _, tag := range got.Tags {
			same = same && wanted[tag.Key] == tag.Value
		}
		if !same {
			return violation("%s of generation %d and edit %d is torn: %+v", d.service, generation, edit, got)
		}
		l.found.merged++
	}
	return nil
}

// checkCounts: the histogram, which is kept and not counted, says what the log says.
func (l *load) checkCounts(ctx context.Context, byKey map[string]shown) error {
	people, automation := 0, 0
	for key := range byKey {
		if l.model.byKey[key].actorType == "person" {
			people++
		} else {
			automation++
		}
	}
	since := l.model.began.Add(-80 * time.Hour).Truncate(time.Hour)
	until := time.Now().Add(2 * time.Hour).Truncate(time.Hour)
	const query = `query($source: String!, $since: Time!, $until: Time!) {
		histogram(filter: {sources: [$source]}, since: $since, until: $until, buckets: 90) { events people automation partial } }`
	var answer struct {
		Data struct {
			Histogram *struct {
				Events             int
				People, Automation []int
				Partial            bool
			}
		}
		Errors []struct{ Message string }
	}
	body := map[string]any{"query": query, "variables": map[string]any{
		"source": l.model.source, "since": since.Format(time.RFC3339), "until": until.Format(time.RFC3339),
	}}
	if err := l.client.post(ctx, "/graphql", body, &answer); err != nil {
		return err
	}
	h := answer.Data.Histogram
	if h == nil {
		return violation("the histogram is not answered: %v", answer.Errors)
	}
	if h.Events != len(byKey) || sum(h.People) != people || sum(h.Automation) != automation {
		return violation("the histogram counts %d events (%d by people, %d others); there are %d (%d, %d)",
			h.Events, sum(h.People), sum(h.Automation), len(byKey), people, automation)
	}
	return nil
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

// ready waits until the server says that it can serve.
func (c *client) ready(ctx context.Context, within time.Duration) error {
	for began := time.Now(); ; rest(ctx, 20*time.Millisecond) {
		ready, said, err := c.probe(ctx)
		if (err == nil && ready) || ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(began) > within {
			return violation("not ready again after %s: %s %v", within, said, err)
		}
	}
}
