package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/integration/chat"
)

// Follow says that a channel wants to hear of something: what changes in services, teams or whatever carries a tag.
type Follow struct {
	Number int64  `json:"number"`
	Source string `json:"source"` // the configured chat
	// Channel is the chat's own id of it; empty for a source with one place.
	Channel string `json:"channel"`
	// What it is about: all lists that are given must match, and in each of them one.
	Services     []string `json:"services,omitempty"`
	Teams        []string `json:"teams,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Environments []string `json:"environments,omitempty"`
	// Kinds are those of events; without any, all changes but merges and builds, which are told when they are deployed.
	Kinds []string `json:"kinds,omitempty"`
	// Incidents says that those of what is followed are told as well, with what could be their cause: at any hour, and at once.
	Incidents bool `json:"incidents,omitempty"`
	// QuietFrom and QuietTo are times of day, "22:00", in Zone: what happens between them is told together when they end.
	QuietFrom string `json:"quiet_from,omitempty"`
	QuietTo   string `json:"quiet_to,omitempty"`
	// Digest is the time of day, in Zone, at which all of a day is told together, and nothing at other times.
	Digest string `json:"digest,omitempty"`
	Zone   string `json:"zone,omitempty"` // IANA; UTC without it
	// Noise is what somebody found not worth telling.
	Noise     []Noise   `json:"noise,omitempty"`
	By        string    `json:"by"` // the principal
	CreatedAt time.Time `json:"created_at"`
}

// Noise is what is not told: events of a kind about something, by somebody. An empty field means any.
type Noise struct {
	Number  int       `json:"number"` // within its follow
	Kind    string    `json:"kind"`
	Subject string    `json:"subject,omitempty"`
	Actor   string    `json:"actor,omitempty"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// String says what is not told, in words.
func (n *Noise) String() string {
	text := n.Kind
	if n.Subject != "" {
		text += " of " + strings.TrimPrefix(n.Subject, "service:")
	}
	if n.Actor != "" {
		text += " by " + n.Actor
	}
	return text
}

// Bounds of what is followed.
const (
	MaxFollows = 1000
	maxNoise   = 100
	// foldFor is how long a story or a storm may go on before it is told: its later steps change the message.
	foldFor = 20 * time.Second
	// hourly is how many messages one follow makes in an hour; what comes beyond is told together at its end.
	hourly = 12
	// followPage is how many events are looked at in one step.
	followPage = 500
	// farBehind is how far the place in the log may fall behind while nobody follows: to go on costs a commit.
	farBehind = 5000
)

// Normalize fills what was left out, and names every fault.
func (f *Follow) Normalize() error {
	var faults []fault.Fault
	add := func(place, format string, args ...any) {
		faults = append(faults, fault.Fault{Pointer: "/" + place, Detail: fmt.Sprintf(format, args...)})
	}
	if f.Source == "" {
		add("source", "is required: the name of a source that carries messages")
	}
	if len(f.Services)+len(f.Teams)+len(f.Tags) == 0 {
		add("services", "is required, or teams or tags: what is to be followed")
	}
	for place, text := range map[string]string{"quiet_from": f.QuietFrom, "quiet_to": f.QuietTo, "digest": f.Digest} {
		if _, err := time.Parse("15:04", text); text != "" && err != nil {
			add(place, "is a time of day such as 22:00")
		}
	}
	if (f.QuietFrom == "") != (f.QuietTo == "") {
		add("quiet_to", "quiet hours have a beginning and an end")
	}
	if _, err := time.LoadLocation(f.Zone); err != nil {
		add("zone", "%q is not an IANA time zone such as Europe/Berlin", clip(f.Zone, 40))
	}
	if len(f.Noise) > maxNoise {
		add("noise", "has %d rules: at most %d; follow less instead", len(f.Noise), maxNoise)
	}
	filter := f.filter()
	if err := filter.Normalize(); err != nil {
		add("kinds", "%s", err)
	}
	slices.SortFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return fault.InvalidInput("follow", faults)
}

func (f *Follow) filter() change.Filter {
	filter := change.Filter{Kinds: slices.Clone(f.Kinds), Environments: f.Environments}
	if len(f.Kinds) == 0 {
		filter.Classes = []change.Class{change.ClassChange}
	}
	return filter
}

// What says what is followed, in words.
func (f *Follow) What() string {
	text := strings.Join(slices.Concat(f.Services, f.Teams, f.Tags), ", ")
	if len(f.Environments) > 0 {
		text += " in " + strings.Join(f.Environments, ", ")
	}
	return text
}

func (f *Follow) zone() *time.Location {
	if zone, err := time.LoadLocation(f.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// ago is an instant in the channel's zone, with its date where the day of the week alone would not tell.
func (f *Follow) ago(since, until time.Time) string {
	layout := "Mon 15:04 MST"
	if until.Sub(since) > 6*24*time.Hour {
		layout = "Mon 2 Jan 15:04 MST"
	}
	return since.In(f.zone()).Format(layout)
}

// at is a time of day, on the day of an instant.
func (f *Follow) at(day time.Time, clock string) time.Time {
	day = day.In(f.zone())
	of, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), of.Hour(), of.Minute(), 0, 0, f.zone())
}

// quiet tells when the quiet hours began and end that an instant lies in; zero when it lies in none.
func (f *Follow) quiet(now time.Time) (from, to time.Time) {
	if f.QuietFrom == "" || f.QuietFrom == f.QuietTo {
		return from, to
	}
	for _, day := range []time.Time{now.AddDate(0, 0, -1), now} {
		from, to = f.at(day, f.QuietFrom), f.at(day, f.QuietTo)
		if !to.After(from) {
			to = f.at(day.AddDate(0, 0, 1), f.QuietTo)
		}
		if !now.Before(from) && now.Before(to) {
			return from, to
		}
	}
	return time.Time{}, time.Time{}
}

// untilDeployed are kinds of which nobody who runs something hears before they are deployed: they change nothing that runs.
var untilDeployed = []string{"merge", "build"}

// noisy reports whether an event is not worth telling.
func (f *Follow) noisy(e *change.Event) bool {
	if len(f.Kinds) == 0 && slices.Contains(untilDeployed, e.Kind) {
		return true
	}
	return slices.ContainsFunc(f.Noise, func(n Noise) bool {
		return n.Kind == e.Kind && (n.Actor == "" || n.Actor == e.Actor.Name) &&
			(n.Subject == "" || slices.ContainsFunc(e.Subjects, func(s change.Subject) bool { return s.Name == n.Subject }))
	})
}

// Follows keeps who follows what.
type Follows interface {
	Follows(ctx context.Context) ([]Follow, error)
	// PutFollow writes one; one without a number is given the next.
	PutFollow(ctx context.Context, f Follow) (Follow, error)
	// DeleteFollow deletes one; NotFound.
	DeleteFollow(ctx context.Context, number int64) error
	// Followed is up to where of a trail it was looked who follows; below zero for not yet.
	Followed(ctx context.Context, trail Trail) (int64, error)
	// PromiseFollowed goes on in a trail, and makes the promises that this led to. It is a Conflict where another did.
	PromiseFollowed(ctx context.Context, trail Trail, from, to int64, posts []Post) error
}

// followed is a follow as it is resolved for one step.
type followed struct {
	*Follow
	filter change.Filter
}

// followStep looks at what was committed since the last step, and promises to tell those who follow it.
func (o *Office) followStep(ctx context.Context) error {
	follows, err := o.Follows.Follows(ctx)
	if err != nil {
		return err
	}
	from, err := o.Follows.Followed(ctx, TrailLog)
	if err != nil {
		return err
	}
	if from < 0 || len(follows) == 0 {
		now, err := o.Feed.Store.Log(ctx)
		if err != nil || from >= 0 && now-from < farBehind {
			return err
		}
		return o.Follows.PromiseFollowed(ctx, TrailLog, from, now, nil) // what was before nobody asked for
	}
	resolved := o.resolved(follows)
	for {
		tail, err := o.Feed.Store.Tail(ctx, from, followPage)
		if err != nil {
			return err
		}
		posts := o.digests(resolved)
		to := from
		for i := range tail {
			to = tail[i].Number
			for j := range resolved {
				posts = append(posts, o.toldOf(&resolved[j], &tail[i].Event)...)
			}
		}
		if to == from && len(posts) == 0 {
			return nil
		}
		if err := o.Follows.PromiseFollowed(ctx, TrailLog, from, to, posts); err != nil {
			return err
		}
		o.Promised()
		if from = to; len(tail) < followPage {
			return nil
		}
	}
}

// resolved finds what is followed in the roll as it is now. What is gone is not followed any more.
func (o *Office) resolved(follows []Follow) []followed {
	var all []followed
	for i := range follows {
		f := &follows[i]
		scope, err := o.Feed.Resolve(feed.Query{Filter: f.filter(), Services: f.Services, Teams: f.Teams, Tags: f.Tags})
		if err != nil {
			continue
		}
		all = append(all, followed{f, scope.Filter})
	}
	return all
}

// followAbout is what the posts of a follow are about.
type followAbout struct {
	Follow int64     `json:"follow"`
	Story  uuid.UUID `json:"story,omitzero"`
	Event  uuid.UUID `json:"event,omitzero"`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	// Incident is the number of one; Ended says that it is of its end, where what was said before cannot be changed.
	Incident int64 `json:"incident,omitempty"`
	Ended    bool  `json:"ended,omitempty"`
}

func (o *Office) followPost(f *Follow, topic Topic, key string, due time.Time, about followAbout) Post {
	about.Follow = f.Number
	text, err := json.Marshal(about)
	if err != nil {
		text = nil
	}
	return Post{
		Source: f.Source, Key: fmt.Sprintf("follow/%d/%s", f.Number, key), Topic: topic, Place: chat.Place{Channel: f.Channel}, About: text,
		CreatedAt: o.Now(), DueAt: due,
	}
}

// toldOf promises to tell of one event: at once, or together with others.
func (o *Office) toldOf(f *followed, e *change.Event) []Post {
	now := o.Now()
	if e.Kind == change.Handover && about(f.filter.Entities, e) && e.Phase == change.Succeeded && now.Sub(e.StartedAt) < time.Hour {
		return []Post{o.followPost(f.Follow, TopicBrief, "brief/"+e.ID.String(), now, followAbout{Event: e.ID})}
	}
	if kind, _ := change.KindNamed(e.Kind); f.Incidents && kind.Class == change.ClassSignal {
		return nil // it is told as an incident, if it is one
	}
	if e.ReceivedAt.Before(f.CreatedAt) || f.noisy(e) || !f.filter.Match(e) || now.Sub(e.StartedAt) > foldAtMost {
		return nil
	}
	if f.Digest != "" {
		return nil // the day's digest has it
	}
	if from, to := f.quiet(now); !to.IsZero() {
		return []Post{o.followPost(f.Follow, TopicDigest, "quiet/"+to.UTC().Format(time.RFC3339), to, followAbout{Since: from, Until: to})}
	}
	story := e.Thread
	if story == uuid.Nil {
		story = e.ID
	}
	if !o.room(f.Number, story, now) {
		hour := now.Truncate(time.Hour)
		return []Post{o.followPost(f.Follow, TopicDigest, "hour/"+hour.UTC().Format(time.RFC3339), hour.Add(time.Hour), followAbout{Since: now, Until: hour.Add(time.Hour)})}
	}
	return []Post{o.followPost(f.Follow, TopicStory, "story/"+story.String(), now.Add(foldFor), followAbout{Story: story})}
}

func about(entities []int64, e *change.Event) bool {
	return slices.ContainsFunc(e.Subjects, func(s change.Subject) bool { return s.Entity != 0 && slices.Contains(entities, s.Entity) })
}

// foldAtMost is how old an event may be that is still told of: what a backfill brings is no news.
const foldAtMost = 6 * time.Hour

// room reports whether another story may be told in this hour; one that was told already may always be brought up to date.
func (o *Office) room(follow int64, story uuid.UUID, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if hour := now.Truncate(time.Hour); !hour.Equal(o.hour) {
		o.hour, o.stories = hour, map[int64]map[uuid.UUID]bool{}
	}
	of := o.stories[follow]
	if of == nil {
		of = map[uuid.UUID]bool{}
		o.stories[follow] = of
	}
	if !of[story] && len(of) >= hourly {
		return false
	}
	of[story] = true
	return true
}

// digests promises the day's digests that are next.
func (o *Office) digests(all []followed) []Post {
	var posts []Post
	now := o.Now()
	for _, f := range all {
		if f.Digest == "" {
			continue
		}
		next := f.at(now, f.Digest)
		if !next.After(now) {
			next = f.at(now.AddDate(0, 0, 1), f.Digest)
		}
		if o.digested[f.Number].Equal(next) {
			continue
		}
		o.digested[f.Number] = next // only the follower's own loop comes here
		posts = append(posts, o.followPost(f.Follow, TopicDigest, "day/"+next.UTC().Format(time.RFC3339), next, followAbout{Since: next.AddDate(0, 0, -1), Until: next}))
	}
	return posts
}

// followOf finds a follow; NotFound where it is no more.
func (o *Office) followOf(ctx context.Context, number int64) (*Follow, error) {
	all, err := o.Follows.Follows(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Number == number {
			return &all[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "nobody follows by the number %d", number)
}

// composeFollow makes the words of a story, a digest or a brief. Nothing is said where it is not followed any more.
func (o *Office) composeFollow(ctx context.Context, p *Post) (words, error) {
	var about followAbout
	if err := json.Unmarshal(p.About, &about); err != nil {
		return words{}, fault.New(fault.Invalid, "what it is about cannot be read: %w", err)
	}
	f, err := o.followOf(ctx, about.Follow)
	if fault.Is(err, fault.NotFound) {
		return words{}, nil
	}
	if err != nil {
		return words{}, err
	}
	switch p.Topic {
	case TopicStory:
		m, err := o.story(ctx, f, about.Story)
		return words{message: m}, err
	case TopicBrief:
		m, err := o.brief(ctx, f, about.Event)
		return words{message: m}, err
	}
	m, err := o.together(ctx, f, about.Since, about.Until)
	if m != nil {
		m.Title = "What changed: " + f.What()
	}
	return words{message: m}, err
}

func (o *Office) story(ctx context.Context, f *Follow, id uuid.UUID) (*chat.Message, error) {
	events, err := o.Feed.Story(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && len(events) == 0 {
		return nil, nil //nolint:nilnil // it was deleted meanwhile: nothing is to be said
	}
	if err != nil {
		return nil, err
	}
	// What is told is the newest that is no noise.
	last := -1
	for i := range events {
		if !f.noisy(&events[i]) {
			last = i
		}
	}
	if last < 0 {
		return nil, nil //nolint:nilnil // somebody found all of it to be noise
	}
	e := &events[last]
	row := feed.Row{Event: *e, Count: len(events), Subjects: e.Subjects}
	item := o.rowItem(&row)
	m := &chat.Message{Title: item.Title, URL: item.URL, Lead: item.Mark + " · " + string(e.Phase) + " · " + strings.Join(item.Details, " ")}
	m.Buttons = []chat.Button{{Action: ActionNoise, Value: pressed{Event: e.ID, Follow: f.Number}.String(), Label: "Noise"}}
	return m, nil
}

// together tells of all in a time; nil where nothing was.
func (o *Office) together(ctx context.Context, f *Follow, since, until time.Time) (*chat.Message, error) {
	filter := f.filter()
	filter.Since, filter.Until = since, until
	scope, err := o.Feed.Resolve(feed.Query{Filter: filter, Services: f.Services, Teams: f.Teams, Tags: f.Tags})
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what was followed is gone
	}
	rows, err := o.Feed.Rows(ctx, scope, change.Cursor{}, 100)
	if err != nil {
		return nil, err
	}
	m := &chat.Message{}
	told := 0
	for i := range rows.Rows {
		if f.noisy(&rows.Rows[i].Event) {
			continue
		}
		if told++; len(m.Items) < chat.MaxItems {
			m.Items = append(m.Items, o.rowItem(&rows.Rows[i]))
		}
	}
	if told == 0 {
		return nil, nil //nolint:nilnil // nothing happened, and nothing is said
	}
	m.Lead = fmt.Sprintf("%d since %s", told, f.ago(since, until))
	if told == 1 {
		m.Lead = "One change since " + f.ago(since, until)
	}
	if more := told - len(m.Items); more > 0 {
		m.Foot = fmt.Sprintf("%d more: the page has all", more)
	}
	return m, nil
}
