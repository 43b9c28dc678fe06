package notify

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
)

// request is a question taken apart.
type request struct {
	verb string // profile, changes, owner, oncall, suspects, take, hand over, give back, help …
	what string // a name; empty where none is given
	when string
	// Of follow.
	where, quiet, digest string
	incidents            bool
	// Of roles: what is the number of an incident.
	role, who string
}

// patterns are how people ask, the most exact first.
var patterns = []struct {
	verb   string
	format *regexp.Regexp
}{
	{"help", regexp.MustCompile(`^(?:help|\?|hi|hello)?$`)},
	{"follows", regexp.MustCompile(`^(?:follows|following|what\s+do\s+we\s+follow)$`)},
	{"unfollow", regexp.MustCompile(`^unfollow\s+(?P<what>\S+)$`)},
	{"unmute", regexp.MustCompile(`^unmute\s+(?P<what>\d+\.\d+)$`)},
	{"follow", regexp.MustCompile(`^follow\s+(?P<what>\S+)(?:\s+in\s+(?P<where>[a-z0-9-]+))?(?:\s+quiet\s+(?P<quiet>\d\d:\d\d-\d\d:\d\d))?(?:\s+digest\s+(?P<digest>\d\d:\d\d))?(?P<incidents>\s+with\s+incidents)?$`)},
	{"take", regexp.MustCompile(`^take\s+(?P<role>[a-z][a-z -]*?)\s+(?:of|in|for)\s+(?:inc-)?(?P<what>\d+)$`)},
	{"hand over", regexp.MustCompile(`^(?:hand|give)\s+(?P<role>[a-z][a-z -]*?)\s+(?:of|in|for)\s+(?:inc-)?(?P<what>\d+)\s+(?:over\s+)?to\s+(?P<who>\S+)$`)},
	{"give back", regexp.MustCompile(`^give\s+(?P<role>[a-z][a-z -]*?)\s+(?:of|in|for)\s+(?:inc-)?(?P<what>\d+)\s+back$`)},
	{"owner", regexp.MustCompile(`^(?:who\s+owns|owner(?:\s+of)?|who\s+is\s+the\s+owner\s+of|owns)\s+(?P<what>\S+)$`)},
	{"oncall", regexp.MustCompile(`^(?:who\s+is\s+|who's\s+)?(?:on-?\s?call)(?:\s+(?:for|of|in))?\s+(?P<what>\S+)$`)},
	{"suspects", regexp.MustCompile(`^(?:suspects?|why|what\s+broke)\s+(?:for\s+|of\s+)?(?P<what>\S+)(?:\s+(?:at|since)\s+(?P<when>.+))?$`)},
	{"changes", regexp.MustCompile(`^(?:changes?|feed|what\s+changed)\s+since\s+(?P<when>.+?)\s+(?:in|of|for|to)\s+(?P<what>\S+)$`)},
	{"changes", regexp.MustCompile(`^(?:changes?|feed|what\s+changed)(?:\s+(?:in|of|for|to)\s+(?P<what>\S+))?(?:\s+since\s+(?P<when>.+?))?$`)},
	{"changes", regexp.MustCompile(`^(?:changes?|feed)\s+(?P<what>\S+)(?:\s+since\s+(?P<when>.+))?$`)},
	{"profile", regexp.MustCompile(`^(?:show\s+|service\s+|team\s+|about\s+)?(?P<what>\S+)$`)},
}

// parse takes a question apart; false for one that is not understood.
func parse(text string) (request, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(clip(text, 500)), " "))
	text = strings.TrimRight(text, "?!. ")
	for _, pattern := range patterns {
		found := pattern.format.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		r := request{verb: pattern.verb}
		for i, name := range pattern.format.SubexpNames() {
			switch name {
			case "what":
				r.what = found[i]
			case "when":
				r.when = found[i]
			case "where":
				r.where = found[i]
			case "quiet":
				r.quiet = found[i]
			case "digest":
				r.digest = found[i]
			case "role":
				r.role = found[i]
			case "who":
				r.who = found[i]
			case "incidents":
				r.incidents = found[i] != ""
			}
		}
		return r, true
	}
	return request{}, false
}

// question answers what a person asks.
func (o *Office) question(ctx context.Context, h *Hearing) (Answered, error) {
	if r, ok := parse(h.Text); ok && r.verb == "unmute" {
		number, noise, _ := strings.Cut(r.what, ".")
		n, _ := strconv.ParseInt(number, 10, 64)
		m, _ := strconv.Atoi(noise)
		return o.unmute(ctx, h, n, m)
	}
	m, err := o.ask(ctx, h)
	if err != nil {
		if passes(err) && h.Attempts < 2 {
			return Answered{}, err
		}
		m = &chat.Message{Title: "That cannot be answered now", Lead: told(err)}
	}
	return o.reply(h, *m)
}

func (o *Office) ask(ctx context.Context, h *Hearing) (*chat.Message, error) {
	r, understood := parse(h.Text)
	if !understood {
		m := help()
		m.Title = fmt.Sprintf("I do not know how to answer %q", clip(strings.TrimSpace(h.Text), 80))
		return m, nil
	}
	if r.verb == "help" {
		return help(), nil
	}
	switch r.verb {
	case "follow":
		return o.follow(ctx, h, r)
	case "follows":
		return o.followsOf(ctx, h)
	case "unfollow":
		return o.unfollow(ctx, h, r.what)
	case "take", "hand over", "give back":
		return o.role(ctx, h, r)
	}
	var e *catalog.Entity
	if r.what != "" {
		var unknown *chat.Message
		if e, unknown = o.named(r); unknown != nil {
			return unknown, nil
		}
	}
	switch r.verb {
	case "owner":
		return o.ownerOf(e), nil
	case "oncall":
		return o.onCallOf(e), nil
	case "suspects":
		return o.suspectsOf(ctx, e, r.when)
	case "changes":
		return o.changesOf(ctx, e, r.when)
	}
	return o.profile(ctx, e)
}

// help teaches by examples, each of which works as it stands.
func help() *chat.Message {
	m := &chat.Message{Title: "What you can ask", Lead: "As a command, by mentioning me, or in a direct message."}
	for _, one := range [][2]string{
		{"/tidings pricing", "what it is, who owns it, and what changed lately"},
		{"/tidings changes since 2am", "everything that changed since then; also: since 14:30, since 2h, since yesterday"},
		{"/tidings changes pricing since 1h", "of one service, team or system, and of what a service depends on"},
		{"/tidings suspects pricing at 03:07", "what could have broken it"},
		{"/tidings who owns pricing", "its team, and where to find them"},
		{"/tidings oncall payments", "who answers for a team or a service, now and next"},
		{"/tidings take commander of 482", "a role in an incident; also: hand commander of 482 to ines, give commander of 482 back"},
		{"/tidings follow payments quiet 22:00-07:00", "tell this channel what changes in a service or team; also: in production, digest 09:00, with incidents"},
		{"/tidings follows", "what this channel follows, and what was found to be noise; /tidings unfollow 3 ends it"},
	} {
		m.Items = append(m.Items, chat.Item{Title: one[0], Details: []string{one[1]}})
	}
	m.Foot = "I also answer pages of PagerDuty, Opsgenie, incident.io, Alertmanager, Datadog and Grafana in their threads, in every channel that I am in."
	return m
}

// named finds what a question is about; else a message with what may be meant.
func (o *Office) named(r request) (*catalog.Entity, *chat.Message) {
	name := strings.Trim(r.what, "`*_<>\"'")
	kinds := []catalog.Kind{catalog.Service, catalog.Team, catalog.System, catalog.Resource, catalog.Person}
	if r.verb == "oncall" {
		kinds[0], kinds[1] = catalog.Team, catalog.Service
	}
	for _, kind := range kinds {
		ref, err := catalog.ParseRef(name, kind)
		if err != nil {
			continue
		}
		if e, found := o.Roll.Get(ref); found {
			return e, nil
		}
	}
	if found := o.Roll.Resolve(name); len(found) == 1 {
		return found[0], nil
	}
	m := &chat.Message{Title: fmt.Sprintf("There is no %q in the roll", clip(name, 80))}
	for _, e := range o.Roll.Search(name, nil, shownSuspects) {
		m.Items = append(m.Items, chat.Item{Title: e.Name, URL: o.linkOf(e), Mark: string(e.Kind)})
	}
	m.Lead = "Names are those of the page of services."
	if len(m.Items) > 0 {
		m.Lead = "Did you mean:"
	}
	return nil, m
}

func (o *Office) ownerOf(e *catalog.Entity) *chat.Message {
	owner := o.owner(e)
	m := &chat.Message{Title: owner.Value + " owns " + e.Name, URL: owner.URL}
	if e.Owner == nil {
		m.Title, m.URL = "Nobody is known to own "+e.Name, o.linkOf(e)
		m.Lead = "Name an owner in its descriptor or on its page."
		return m
	}
	m.Facts = append(m.Facts, chat.Fact{Name: "On call", Value: cmp.Or(o.onCall(e), "nobody is known")})
	if team, found := o.Roll.Get(*e.Owner); found {
		for _, contact := range team.Contacts {
			m.Facts = append(m.Facts, chat.Fact{Name: contact.Type, Value: contact.Value})
		}
		if team.Email != "" {
			m.Facts = append(m.Facts, chat.Fact{Name: "email", Value: team.Email, URL: "mailto:" + team.Email})
		}
	}
	return m
}

func (o *Office) onCallOf(e *catalog.Entity) *chat.Message {
	m := &chat.Message{Title: "On call for " + e.Name, URL: o.linkOf(e)}
	duty := o.Roll.Duty(e, o.Now())
	for _, on := range duty.Now {
		m.Items = append(m.Items, o.shift(on, on.Role))
	}
	for _, on := range duty.Next {
		m.Items = append(m.Items, o.shift(on, "next "+on.Role))
	}
	if len(m.Items) == 0 {
		m.Lead = "Nobody is known to be: name on_call in its descriptor, or let a source such as PagerDuty tell."
		m.Facts = o.facts([]*catalog.Entity{e})
	}
	return m
}

// shift is who is on call, and from when until when: it may lie in another week.
func (o *Office) shift(on catalog.OnCall, mark string) chat.Item {
	item := chat.Item{Title: strings.TrimPrefix(on.Name, "person:"), Mark: mark}
	if person := o.person(on.Name); person != nil {
		item.Title, item.URL = cmp.Or(person.Title, person.Name), o.linkOf(person)
	}
	const form = "Mon 2 Jan 15:04 UTC"
	var words []string
	if on.From.After(o.Now()) {
		words = append(words, "from "+on.From.UTC().Format(form))
	}
	if !on.Until.IsZero() {
		words = append(words, "until "+on.Until.UTC().Format(form))
	}
	if len(words) > 0 {
		item.Details = []string{strings.Join(words, " ")}
	}
	return item
}

// profile says what something is, and what changed there lately.
func (o *Office) profile(ctx context.Context, e *catalog.Entity) (*chat.Message, error) {
	m, err := o.feedOf(ctx, e, time.Time{}, shownSuspects)
	if err != nil {
		return nil, err
	}
	m.Title, m.URL, m.Lead = cmp.Or(e.Title, e.Name), o.linkOf(e), clip(e.Description, 400)
	if e.Retired {
		m.Lead = "Retired. " + m.Lead
	}
	if e.Tier != nil {
		m.Facts = append(m.Facts, chat.Fact{Name: "Tier", Value: strconv.Itoa(*e.Tier)})
	}
	m.Facts = append(o.facts([]*catalog.Entity{e}), m.Facts...)
	return m, nil
}

func (o *Office) changesOf(ctx context.Context, e *catalog.Entity, when string) (*chat.Message, error) {
	since, bad := o.since(when, o.zone(e))
	if bad != nil {
		return bad, nil
	}
	return o.feedOf(ctx, e, since, chat.MaxItems)
}

// feedOf lists the latest changes of an entity and what it depends on, of all where it is nil.
func (o *Office) feedOf(ctx context.Context, e *catalog.Entity, since time.Time, most int) (*chat.Message, error) {
	query := feed.Query{Filter: change.Filter{Classes: []change.Class{change.ClassChange, change.ClassSignal}, Since: since}}
	m := &chat.Message{Title: "What changed", URL: o.link("/feed")}
	if e != nil {
		m.Title, m.URL = "What changed in "+e.Name, o.linkOf(e)
		switch e.Kind {
		case catalog.Team:
			query.Teams = []string{e.Ref().String()}
		case catalog.System:
			query.Systems = []string{e.Ref().String()}
		default:
			query.Entities, query.Depth = []string{e.Ref().String()}, 1
		}
	}
	if !since.IsZero() {
		m.Title += " since " + since.Format("Mon 15:04 MST")
	}
	scope, err := o.Feed.Resolve(query)
	if err != nil {
		return nil, err
	}
	rows, err := o.Feed.Rows(ctx, scope, change.Cursor{}, most+1)
	if err != nil {
		return nil, err
	}
	for _, row := range rows.Rows[:min(len(rows.Rows), most)] {
		m.Items = append(m.Items, o.rowItem(&row))
	}
	switch {
	case len(m.Items) == 0:
		m.Lead = "Nothing."
	case len(rows.Rows) > most:
		m.Foot = fmt.Sprintf("the latest %d; the page has all", most)
	}
	return m, nil
}

// rowItem is a line of the feed: a story is one.
func (o *Office) rowItem(row *feed.Row) chat.Item {
	item := chat.Item{Title: row.Event.Title, URL: o.link("/e/" + row.Event.ID.String()), At: row.Event.StartedAt}
	if kind, known := change.KindNamed(row.Event.Kind); known {
		item.Mark = kind.Name
	}
	if row.Event.Phase == change.Failed {
		item.Mark += " failed"
	}
	var about []string
	for _, subject := range row.Subjects[:min(len(row.Subjects), 3)] {
		about = append(about, strings.TrimPrefix(subject.Name, "service:"))
	}
	line := strings.Join(about, ", ")
	if more := len(row.Subjects) - len(about); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	if row.Event.Environment != "" {
		line += " · " + row.Event.Environment
	}
	if row.Event.Actor.Name != "" {
		line += " · " + row.Event.Actor.Name
	}
	if row.Count > 1 {
		line += fmt.Sprintf(" · %d events", row.Count)
	}
	item.Details = []string{line}
	return item
}

func (o *Office) suspectsOf(ctx context.Context, e *catalog.Entity, when string) (*chat.Message, error) {
	at, bad := o.since(when, o.zone(e))
	if bad != nil {
		return bad, nil
	}
	if at.IsZero() {
		at = o.Now()
	}
	r, err := o.Rank(ctx, suspect.Question{Services: []int64{e.ID}, Onset: at, OnsetBy: incident.OnsetByPerson})
	if err != nil {
		return nil, err
	}
	m := o.suspects(&Post{}, &trouble{}, []*catalog.Entity{e}, &r)
	for i := range m.Items {
		m.Items[i].Buttons = nil // there is no thread to bring up to date
	}
	m.Buttons = nil
	return m, nil
}

// zone is that of the people who own something; UTC where it is not known.
func (o *Office) zone(e *catalog.Entity) *time.Location {
	for _, one := range []*catalog.Entity{e, o.ownerEntity(e)} {
		if one == nil || one.TimeZone == "" {
			continue
		}
		if zone, err := time.LoadLocation(one.TimeZone); err == nil {
			return zone
		}
	}
	return time.UTC
}

func (o *Office) ownerEntity(e *catalog.Entity) *catalog.Entity {
	if e == nil || e.Owner == nil {
		return nil
	}
	owner, _ := o.Roll.Get(*e.Owner)
	return owner
}

// since reads a time as people write it; zero for none, and a message for what is none.
func (o *Office) since(text string, zone *time.Location) (time.Time, *chat.Message) {
	at, err := clock(text, o.Now().In(zone))
	if err != nil {
		return at, &chat.Message{Title: told(err)}
	}
	return at, nil
}

var (
	ago     = regexp.MustCompile(`^(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)(?:\s+ago)?$`)
	layouts = []string{"15:04", "15:04:05", "3pm", "3 pm", "3:04pm", "3:04 pm"}
)

// clock reads "2am", "14:30", "1h", "2 days ago", "yesterday", "today", or a date; of a time of day the latest that has been.
func clock(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch text {
	case "":
		return time.Time{}, nil
	case "now":
		return now, nil
	case "today", "midnight":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if found := ago.FindStringSubmatch(text); found != nil {
		n, _ := strconv.Atoi(found[1])
		unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[found[2][0]]
		return now.Add(-time.Duration(n) * unit), nil
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			at = time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), at.Second(), 0, now.Location())
			if at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
			return at, nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, strings.ToUpper(text), now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no time that is understood: 2am, 14:30, 2h, yesterday, or 2026-06-11 02:00", clip(text, 40))
}

// follow lets the channel follow a service, a team or a tag.
func (o *Office) follow(ctx context.Context, h *Hearing, r request) (*chat.Message, error) {
	f := Follow{Source: h.Source, Channel: h.Place.Channel, Digest: r.digest, Incidents: r.incidents, By: o.who(h).String(), CreatedAt: o.Now()}
	f.QuietFrom, f.QuietTo, _ = strings.Cut(r.quiet, "-")
	if r.where != "" {
		f.Environments = []string{r.where}
	}
	if strings.Contains(r.what, ":") && !strings.HasPrefix(r.what, "service:") && !strings.HasPrefix(r.what, "team:") {
		f.Tags = []string{r.what}
	} else {
		e, unknown := o.named(request{what: r.what})
		if unknown != nil {
			return unknown, nil
		}
		switch e.Kind {
		case catalog.Service:
			f.Services = []string{e.Name}
		case catalog.Team:
			f.Teams = []string{e.Name}
		default:
			return &chat.Message{Title: "A service, a team or a tag (key:value) can be followed, not a " + string(e.Kind)}, nil
		}
		f.Zone = o.zone(e).String()
	}
	all, err := o.Follows.Follows(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Source == f.Source && all[i].Channel == f.Channel && all[i].What() == f.What() {
			f.Number, f.Noise = all[i].Number, all[i].Noise // it is changed
		}
	}
	if f.Number == 0 && len(all) >= MaxFollows {
		return &chat.Message{Title: fmt.Sprintf("%d are followed already: end one first", len(all))}, nil
	}
	if err := f.Normalize(); err != nil {
		return &chat.Message{Title: told(err)}, nil
	}
	if f, err = o.Follows.PutFollow(ctx, f); err != nil {
		return nil, err
	}
	m := &chat.Message{Title: "This channel follows " + f.What(), Lead: "Its changes are told here, a story in one message."}
	switch {
	case f.Digest != "":
		m.Lead = "Its changes are told here together, every day at " + f.Digest + " " + f.Zone + "."
	case f.QuietFrom != "":
		m.Lead += " From " + f.QuietFrom + " to " + f.QuietTo + " " + f.Zone + " nothing is, and together afterwards."
	}
	if f.Incidents {
		m.Lead += " Incidents are told at once."
	}
	m.Foot = fmt.Sprintf("/tidings unfollow %d ends it", f.Number)
	return m, nil
}

// followsOf lists what a channel follows, and what was found to be noise.
func (o *Office) followsOf(ctx context.Context, h *Hearing) (*chat.Message, error) {
	all, err := o.Follows.Follows(ctx)
	if err != nil {
		return nil, err
	}
	m := &chat.Message{Title: "What this channel follows"}
	for i := range all {
		f := &all[i]
		if f.Source != h.Source || f.Channel != h.Place.Channel || len(m.Items) == chat.MaxItems {
			continue
		}
		item := chat.Item{Mark: fmt.Sprintf("%d.", f.Number), Title: f.What()}
		for _, n := range f.Noise {
			item.Details = append(item.Details, fmt.Sprintf("%d.%d not told: %s (%s)", f.Number, n.Number, n.String(), n.By))
		}
		m.Items = append(m.Items, item)
	}
	if len(m.Items) == 0 {
		m.Lead = "Nothing yet: /tidings follow payments."
	}
	return m, nil
}

func (o *Office) unfollow(ctx context.Context, h *Hearing, what string) (*chat.Message, error) {
	all, err := o.Follows.Follows(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		f := &all[i]
		if f.Source == h.Source && f.Channel == h.Place.Channel && (strconv.FormatInt(f.Number, 10) == what || f.What() == what) {
			if err := o.Follows.DeleteFollow(ctx, f.Number); err != nil {
				return nil, err
			}
			return &chat.Message{Title: "Not followed any more: " + f.What()}, nil
		}
	}
	return &chat.Message{Title: fmt.Sprintf("This channel does not follow %q", clip(what, 40)), Lead: "/tidings follows lists what it does."}, nil
}
