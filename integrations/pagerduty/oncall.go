package pagerduty

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// policies is the one collection that is seen: the escalation policies that services have, with who is on call by them.
const policies = "policies"

// policy is what is kept of an escalation policy. Equal ones are equal byte for byte.
type policy struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
	// Services are subjects: service:NAME, or the outside name.
	Services []served `json:"services"`
	OnCall   []duty   `json:"on_call"`
	// Next are those who take over: of each level the first to do so.
	Next []duty `json:"next,omitempty"`
}

type served struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	// Owner is the team that the service is linked to, as the roll knows it: team:payments. Empty where there is none, where
	// there are several, and where the roll does not know it.
	Owner string `json:"owner,omitempty"`
}

// duty is one person of one level, the first level the one that is called first.
type duty struct {
	Level int       `json:"level"`
	User  string    `json:"user"` // the id
	Name  string    `json:"name"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"` // zero for one who always is
}

// Collections are what See looks at.
func (s *Asked) Collections() []string { return []string{policies} }

// Scope is nowhere in particular.
func (s *Asked) Scope() observe.Scope { return observe.Scope{} }

// See looks at who is on call, and for which services.
func (s *Asked) See(ctx context.Context, _ func(string) string, to observe.Sink) error {
	if s.silent(ctx) {
		to.Complete(policies)
		return nil
	}
	all := map[string]*policy{}
	err := s.walk(ctx, "services", url.Values{}, func(at string) (bool, error) {
		var list struct {
			page
			Services []struct {
				reference
				Name   string      `json:"name"`
				Policy *reference  `json:"escalation_policy"`
				Teams  []reference `json:"teams"`
			} `json:"services"`
		}
		_, err := s.client.Get(ctx, at, nil, &list)
		for _, service := range list.Services {
			if service.ID == "" || service.Policy == nil || service.Policy.ID == "" {
				continue
			}
			p := all[service.Policy.ID]
			if p == nil {
				p = &policy{Name: integration.Line(cmp.Or(service.Policy.Summary, service.Policy.ID)), URL: service.Policy.HTMLURL}
				all[service.Policy.ID] = p
			}
			subject := s.config.Subject("pagerduty", service.ID, cmp.Or(service.Name, service.Summary))
			p.Services = append(p.Services, served{ID: integration.Line(service.ID), Subject: subject.Name, Owner: s.owner(service.Teams)})
		}
		return list.More, err
	})
	if err != nil {
		return err
	}
	if err := s.onCalls(ctx, url.Values{}, all, func(p *policy, d duty) { p.OnCall = append(p.OnCall, d) }); err != nil {
		return err
	}
	if err := s.ahead(ctx, all); err != nil {
		return err
	}
	for id, p := range all {
		slices.SortFunc(p.Services, func(a, b served) int { return cmp.Compare(a.ID, b.ID) })
		p.OnCall, p.Next = ordered(p.OnCall), firsts(ordered(p.Next))
		state, err := json.Marshal(p)
		if err != nil {
			return err
		}
		to.Put(observe.Observation{Object: "policy/" + id, Collection: policies, State: state})
	}
	to.Complete(policies)
	return nil
}

// lookahead is how far schedules are read ahead. PagerDuty answers for up to 90 days; who comes in a month is not settled.
const lookahead = 14 * 24 * time.Hour

// ahead asks who takes over. It is a question of its own, so that a list that is longer than what can be paged through
// leaves nobody out who is on call now. Of each policy, level and user it has the earliest shift alone, as PagerDuty
// means it for this: one who is on call now takes over from nobody.
func (s *Asked) ahead(ctx context.Context, all map[string]*policy) error {
	now := s.now().UTC().Truncate(time.Second)
	until := now.Add(lookahead)
	query := url.Values{"since": {now.Format(time.RFC3339)}, "until": {until.Format(time.RFC3339)}, "earliest": {"true"}}
	return s.onCalls(ctx, query, all, func(p *policy, d duty) {
		if !d.Since.After(now) {
			return
		}
		if d.Until.Equal(until) {
			d.Until = time.Time{} // that is where the question ends, and not the shift
		}
		p.Next = append(p.Next, d)
	})
}

// ordered are duties by level and user, each once: one who is on call by a schedule and by name is one person.
func ordered(all []duty) []duty {
	slices.SortFunc(all, func(a, b duty) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.User, b.User), a.Since.Compare(b.Since))
	})
	return slices.CompactFunc(all, func(a, b duty) bool { return a.Level == b.Level && a.User == b.User })
}

// firsts are those of each level that begin first.
func firsts(all []duty) []duty {
	begin := map[int]time.Time{}
	for _, d := range all {
		if first, ok := begin[d.Level]; !ok || d.Since.Before(first) {
			begin[d.Level] = d.Since
		}
	}
	return slices.DeleteFunc(all, func(d duty) bool { return d.Since.After(begin[d.Level]) })
}

func (s *Asked) onCalls(ctx context.Context, query url.Values, all map[string]*policy, found func(*policy, duty)) error {
	return s.walk(ctx, "oncalls", query, func(at string) (bool, error) {
		var list struct {
			page
			OnCalls []struct {
				User   *reference `json:"user"`
				Policy *reference `json:"escalation_policy"`
				Level  int        `json:"escalation_level"`
				Start  time.Time  `json:"start"`
				End    time.Time  `json:"end"`
			} `json:"oncalls"`
		}
		_, err := s.client.Get(ctx, at, nil, &list)
		for _, entry := range list.OnCalls {
			if entry.User == nil || entry.Policy == nil || all[entry.Policy.ID] == nil {
				continue
			}
			found(all[entry.Policy.ID], duty{
				Level: entry.Level, User: integration.Line(entry.User.ID), Name: integration.Line(cmp.Or(entry.User.Summary, entry.User.ID)),
				Since: integration.At(entry.Start), Until: integration.At(entry.End),
			})
		}
		return list.More, err
	})
}

// onCall knows what the states of escalation policies mean.
type onCall struct{}

var _ observe.Interpreter = onCall{}

// Check reports whether a state can be read.
func (onCall) Check(o observe.Observation) error {
	var p policy
	if err := json.Unmarshal(o.State, &p); err != nil {
		return fault.New(fault.Invalid, "the state of %s is no escalation policy: %w", o.Object, err)
	}
	return nil
}

// Running is false: nothing runs here.
func (onCall) Running(observe.Scope, json.RawMessage) (observe.Running, bool) {
	return observe.Running{}, false
}

// Interpret says who is on call for each service of the policy, and tells of the handover.
func (onCall) Interpret(look observe.Look) observe.Finding {
	var was, is policy
	_ = json.Unmarshal(look.Known.State, &was)
	_ = json.Unmarshal(look.State, &is)
	var f observe.Finding
	source := func(id string) catalog.Source {
		return catalog.Source{Name: look.Source + ":" + look.Object + ":" + id, Rank: catalog.Integration}
	}
	for _, service := range was.Services {
		same := func(now served) bool { return now.ID == service.ID && now.Subject == service.Subject }
		if look.Gone || !slices.ContainsFunc(is.Services, same) {
			f.Statements = append(f.Statements, about(service, catalog.Statement{Source: source(service.ID), Withdraw: true}))
		}
	}
	if look.Gone {
		f.Forget = true
		return f
	}
	claims := claims(&is)
	for _, service := range is.Services {
		said := append([]catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, "pagerduty:"+service.ID), true)}, claims...)
		if service.Owner != "" {
			said = append(said, catalog.Say(catalog.FieldOwner, service.Owner))
		}
		f.Statements = append(f.Statements, about(service, catalog.Statement{Source: source(service.ID), Claims: said}))
	}
	if e, changed := handover(look, &was, &is); changed {
		f.Events = append(f.Events, e)
	}
	return f
}

// about is a statement about the service that is served: by its name, or by the outside name that it has claimed.
func about(service served, s catalog.Statement) catalog.Statement {
	if name, ok := strings.CutPrefix(service.Subject, "service:"); ok {
		s.Ref = catalog.Ref{Kind: catalog.Service, Name: name}
	} else {
		s.Outside = service.Subject
	}
	return s
}

// owner is the team of the roll that a service of PagerDuty is linked to: the one that has the team's id as an alias, or its
// name. A service of several teams has none, and a team that the roll does not know is not made by guess.
func (s *Asked) owner(teams []reference) string {
	if len(teams) != 1 {
		return ""
	}
	name := strings.Join(strings.FieldsFunc(strings.ToLower(teams[0].Summary), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_'
	}), "-")
	for _, known := range []string{"pagerduty-team:" + teams[0].ID, "team:" + name} {
		if team, ok := s.config.Claimed(known); ok && team.Kind == catalog.Team {
			return team.Ref().String()
		}
	}
	return ""
}

var levels = []string{"primary", "secondary", "tertiary"}

func level(n int) string {
	if n >= 1 && n <= len(levels) {
		return levels[n-1]
	}
	return fmt.Sprintf("level-%d", n)
}

// mostOnCall bounds what is said of one service: a policy can call a whole company at its last level.
const mostOnCall = 10

func claims(p *policy) []catalog.Claim {
	var list []catalog.Claim
	say := func(d duty, from time.Time) {
		list = append(list, catalog.Shift(level(d.Level), strings.ReplaceAll(d.Name, "/", " "), written(from), written(d.Until)))
	}
	for _, d := range p.OnCall[:min(len(p.OnCall), mostOnCall)] {
		say(d, time.Time{})
	}
	for _, d := range p.Next[:min(len(p.Next), mostOnCall)] {
		say(d, d.Since)
	}
	return list
}

// written is an instant as the roll takes it; nothing for none.
func written(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}

// handover is the event that others are called first than before.
func handover(look observe.Look, was, is *policy) (change.Event, bool) {
	before, after := first(was), first(is)
	if look.First || len(look.Known.State) == 0 || len(is.Services) == 0 || slices.EqualFunc(before, after, func(a, b duty) bool { return a.User == b.User }) {
		return change.Event{}, false
	}
	e := change.Event{
		Kind: change.Handover, Phase: change.Succeeded, StartedAt: look.Before, Actor: change.Actor{Type: change.ByAutomation, Name: "PagerDuty"},
		Title: "Nobody is on call by " + is.Name, Links: nil,
	}
	if len(after) > 0 {
		e.Title = fmt.Sprintf("%s took over on-call of %s", names(after), is.Name)
		if len(before) > 0 {
			e.Title += " from " + names(before)
		}
		// The shift begins when the schedule says, not when it was looked at; an override may begin earlier than it was made.
		if since := after[0].Since; since.After(look.After) && since.Before(look.Before) {
			e.StartedAt = since
		}
	}
	e.Diff = []change.Diff{{Field: change.OnCall, Old: names(before), New: names(after)}}
	ids := make([]string, 0, len(after))
	for _, d := range after {
		ids = append(ids, d.User)
	}
	e.Key = fmt.Sprintf("oncall/%s/%s/%s", strings.TrimPrefix(look.Object, "policy/"), strings.Join(ids, "+"), e.StartedAt.Format(time.RFC3339))
	e.Title = integration.Line(e.Title)
	for _, service := range is.Services[:min(len(is.Services), change.MaxSubjects)] {
		e.Subjects = append(e.Subjects, change.Subject{Name: service.Subject})
	}
	integration.Link(&e, "other", "The escalation policy", is.URL)
	return e, true
}

// first are those who are called first.
func first(p *policy) []duty {
	i := slices.IndexFunc(p.OnCall, func(d duty) bool { return d.Level != 1 })
	if i < 0 {
		return p.OnCall
	}
	return p.OnCall[:i]
}

func names(duties []duty) string {
	all := make([]string, 0, len(duties))
	for _, d := range duties[:min(len(duties), 3)] {
		all = append(all, d.Name)
	}
	if more := len(duties) - len(all); more > 0 {
		return fmt.Sprintf("%s and %d others", strings.Join(all, ", "), more)
	}
	return strings.Join(all, " and ")
}
