// Package fleet knows what the instances of a service mean that a directory of services lists: how many there are, which
// version they run, and what it is when some are gone. Sources that look at such a directory put a State for each
// service, and have Interpreter find what differs.
//
// Imports: catalog, change, fault, integration, observe and the standard library. Integrations import it.
package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// State is one service in one place. Equal states are equal byte for byte: Put sorts what has no order.
type State struct {
	Name        string `json:"name"`    // as the directory calls it
	Subject     string `json:"subject"` // service:NAME, or the outside name
	Environment string `json:"environment,omitempty"`
	Region      string `json:"region,omitempty"`
	// Count is how many there are, and Instances all of them, or the first MaxInstances.
	Count     int        `json:"count"`
	Instances []Instance `json:"instances"`
	// Settings are what the directory keeps of the service as a whole, such as a health check.
	Settings map[string]string `json:"settings,omitempty"`
	URL      string            `json:"url,omitempty"`
}

// Instance is one that is registered.
type Instance struct {
	ID      string `json:"id"` // the same for as long as it is registered
	Address string `json:"address,omitempty"`
	Version string `json:"version,omitempty"`
	// Trouble says what it suffers from; empty for one that passes its checks.
	Trouble string `json:"trouble,omitempty"`
}

// MaxInstances is how many instances of one service are kept one by one.
const MaxInstances = 500

// Put tells a sink of a service.
func Put(to observe.Sink, collection, object string, s State) error {
	s.Count = len(s.Instances)
	slices.SortFunc(s.Instances, func(a, b Instance) int { return cmp.Compare(a.ID, b.ID) })
	if len(s.Instances) > MaxInstances {
		s.Instances = s.Instances[:MaxInstances]
	}
	state, err := json.Marshal(s)
	if err != nil {
		return err
	}
	to.Put(observe.Observation{Object: object, Collection: collection, State: state})
	return nil
}

// Version is what most instances run, and how many of them do.
func (s *State) Version() (version string, of int) {
	counts := map[string]int{}
	for _, i := range s.Instances {
		if i.Version != "" {
			counts[i.Version]++
		}
	}
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		if counts[v] > of {
			version, of = v, counts[v]
		}
	}
	return version, of
}

// Interpreter finds what differs between two states of a service.
type Interpreter struct {
	// Tool is its name for people, and of the actor where nobody else is known: "Consul". Scheme is that of outside names.
	Tool, Scheme string
}

var _ observe.Interpreter = Interpreter{}

// Check reports whether a state can be read.
func (Interpreter) Check(o observe.Observation) error {
	var s State
	if err := json.Unmarshal(o.State, &s); err != nil {
		return fault.New(fault.Invalid, "the state of %s is none of a service: %w", o.Object, err)
	}
	return nil
}

// Running tells what runs of a service.
func (i Interpreter) Running(scope observe.Scope, state json.RawMessage) (observe.Running, bool) {
	var s State
	if json.Unmarshal(state, &s) != nil {
		return observe.Running{}, false
	}
	version, of := s.Version()
	r := observe.Running{
		Kind: i.Tool + " service", Name: s.Name, Environment: cmp.Or(s.Environment, scope.Environment), Region: cmp.Or(s.Region, scope.Region),
		Cluster: scope.Cluster, Version: version, Updated: of, Phase: "complete", Stopped: s.Count == 0,
	}
	if of > 0 && of < len(s.Instances) {
		r.Phase, r.Message = "progressing", fmt.Sprintf("%d of %s run %s", of, count(s.Count), version)
	}
	troubles := map[string]int{}
	for _, instance := range s.Instances {
		if instance.Trouble == "" {
			r.Ready++
		} else {
			troubles[instance.Trouble]++
		}
	}
	r.Ready += s.Count - len(s.Instances)
	r.Asked = &s.Count
	for _, trouble := range slices.Sorted(maps.Keys(troubles)) {
		if len(r.Troubles) < 5 {
			r.Troubles = append(r.Troubles, fmt.Sprintf("%s (%d)", trouble, troubles[trouble]))
		}
	}
	return r, true
}

// Interpret compares two states.
func (i Interpreter) Interpret(look observe.Look) observe.Finding {
	var was, is State
	known := len(look.Known.State) > 0 && json.Unmarshal(look.Known.State, &was) == nil
	if look.Gone {
		is = was
		is.Count, is.Instances = 0, nil
	} else if json.Unmarshal(look.State, &is) != nil {
		return observe.Finding{}
	}
	f := observe.Finding{Subject: is.Subject, Forget: look.Gone}
	f.Statements = i.statements(look, &was, &is, known)
	if look.Gone && !known {
		return f
	}
	t := turn{Interpreter: i, look: look, was: &was, is: &is}
	switch {
	case !known && !look.First:
		t.tell("infrastructure", "appeared", fmt.Sprintf("Registered with %s", count(is.Count)), change.Diff{Field: "instances", Old: "0", New: fmt.Sprint(is.Count)})
	case known:
		t.compare()
	}
	f.Events = t.events
	return f
}

func (i Interpreter) statements(look observe.Look, was, is *State, known bool) []catalog.Statement {
	source := catalog.Source{Name: look.Source + ":" + look.Object, Rank: catalog.Integration}
	var list []catalog.Statement
	say := func(subject string, withdraw bool) {
		name, ok := strings.CutPrefix(subject, "service:")
		if !ok {
			return // nobody claimed it: it waits under its outside name
		}
		s := catalog.Statement{Ref: catalog.Ref{Kind: catalog.Service, Name: name}, Source: source, Withdraw: withdraw}
		if !withdraw {
			s.Claims = append(s.Claims, catalog.Say(catalog.Key(catalog.FamilyAlias, i.Scheme+":"+strings.ToLower(is.Name)), true))
		}
		list = append(list, s)
	}
	if known && (look.Gone || was.Subject != is.Subject) {
		say(was.Subject, true)
	}
	if !look.Gone {
		say(is.Subject, false)
	}
	return list
}

// turn is the comparison of one service.
type turn struct {
	Interpreter
	look    observe.Look
	was, is *State
	events  []change.Event
}

func (t *turn) compare() {
	from, to := t.was.Count, t.is.Count
	before, _ := t.was.Version()
	after, of := t.is.Version()
	if before != "" && after != "" && before != after {
		e := t.tell("deploy", "deploy/"+after, fmt.Sprintf("Runs %s on %d of %s", after, of, count(to)))
		e.Version, e.Previous = after, before
	}
	switch {
	case from == to:
	case to == 0:
		t.tell("scaling", fmt.Sprintf("scaling/%d", to), "No instance is left of "+fmt.Sprint(from), change.Diff{Field: "instances", Old: fmt.Sprint(from), New: "0"})
	default:
		t.tell("scaling", fmt.Sprintf("scaling/%d", to), fmt.Sprintf("From %d to %s", from, count(to)), change.Diff{Field: "instances", Old: fmt.Sprint(from), New: fmt.Sprint(to)})
	}
	var diff []change.Diff
	for _, name := range slices.Sorted(maps.Keys(t.is.Settings)) {
		if old := t.was.Settings[name]; old != t.is.Settings[name] {
			diff = append(diff, change.Diff{Field: name, Old: old, New: t.is.Settings[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.was.Settings)) {
		if _, still := t.is.Settings[name]; !still {
			diff = append(diff, change.Diff{Field: name, Old: t.was.Settings[name]})
		}
	}
	if len(diff) > 0 && !t.look.Gone {
		t.tell("config", "config", fmt.Sprintf("Changed %s in %s", diff[0].Field, t.Tool), diff...)
	}
}

// tell makes an event of what was found. It is dated when it was seen, with the look before as its earliest.
func (t *turn) tell(kind, key, title string, diff ...change.Diff) *change.Event {
	at := t.look.Before.UTC()
	e := change.Event{
		Kind: kind, Phase: change.Succeeded, Key: fmt.Sprintf("%s/%s/%s", integration.Line(t.look.Object), key, at.Format(time.RFC3339)),
		Title: integration.Line(title), StartedAt: at, EndedAt: at, Environment: cmp.Or(t.is.Environment, t.look.Scope.Environment),
		Region: cmp.Or(t.is.Region, t.look.Scope.Region), Cluster: t.look.Scope.Cluster, Diff: diff,
		Actor: change.Actor{Type: change.ByUnknown}, Dark: true, Labels: map[string]string{"directory": t.Tool},
	}
	if !t.look.After.IsZero() && at.Sub(t.look.After) > 2*time.Minute {
		e.Labels["seen_between"] = t.look.After.UTC().Format(time.RFC3339) + "/" + at.Format(time.RFC3339)
	}
	if gone := t.gone(); kind == "scaling" && len(gone) > 0 {
		e.Labels["gone"] = strings.Join(gone, ", ")
	}
	integration.Link(&e, "other", "In "+t.Tool, t.is.URL)
	t.events = append(t.events, e)
	return &t.events[len(t.events)-1]
}

// gone are the first few instances that are registered no more.
func (t *turn) gone() []string {
	var list []string
	for _, old := range t.was.Instances {
		if !slices.ContainsFunc(t.is.Instances, func(i Instance) bool { return i.ID == old.ID }) && len(list) < 5 {
			list = append(list, integration.Line(cmp.Or(old.Address, old.ID)))
		}
	}
	return list
}

func count(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}
