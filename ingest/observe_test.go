package ingest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// toy interprets {"service": …, "version": …}: what a version becomes is a deploy, what goes is told, an act is remembered
// until a deploy takes it for its own.
type toy struct{}

type toyState struct {
	Service string `json:"service"`
	Version string `json:"version"`
}

func (toy) Check(o observe.Observation) error {
	if strings.Contains(string(o.State), "unreadable") {
		return fault.New(fault.Invalid, "the state cannot be read")
	}
	return nil
}

func (toy) Running(scope observe.Scope, state json.RawMessage) (observe.Running, bool) {
	var s toyState
	if json.Unmarshal(state, &s) != nil {
		return observe.Running{}, false
	}
	return observe.Running{Kind: "Toy", Name: s.Service, Version: s.Version, Environment: scope.Environment}, true
}

func (toy) Interpret(look observe.Look) observe.Finding {
	var was, is toyState
	_ = json.Unmarshal(look.Known.State, &was)
	_ = json.Unmarshal(look.State, &is)
	alias := "toy:" + look.Object
	f := observe.Finding{Subject: alias, Memory: look.Known.Memory}
	event := func(kind, key, title string) change.Event {
		e := change.Event{Key: key, Kind: kind, Title: title, StartedAt: look.Before, Dark: true, Labels: map[string]string{}}
		if !look.After.IsZero() {
			e.Labels["after"] = look.After.Format(time.RFC3339Nano)
		}
		return e
	}
	speak := func(withdraw bool, service string) {
		f.Statements = append(f.Statements, catalog.Statement{
			Ref: catalog.Ref{Kind: catalog.Service, Name: service}, Withdraw: withdraw,
			Source: catalog.Source{Name: look.Source + ":" + look.Object, Rank: catalog.Platform},
			Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, alias), true)},
		})
	}
	switch {
	case look.Act != nil:
		f.Memory, _ = json.Marshal(look.Act)
		return f
	case look.Gone:
		if was.Service != "" {
			f.Events = append(f.Events, event("infrastructure", look.Object+" gone "+was.Version, look.Object+" is gone"))
			speak(true, was.Service)
		}
		f.Forget = strings.HasPrefix(look.Object, "brief")
		return f
	}
	if was.Service != "" && was.Service != is.Service {
		speak(true, was.Service)
	}
	speak(false, is.Service)
	if was.Version != is.Version && (!look.First || was.Version != "") {
		e := event("deploy", look.Object+" "+is.Version, fmt.Sprintf("%s from %q to %q", look.Object, was.Version, is.Version))
		e.Version, e.Previous = is.Version, was.Version
		var act observe.Act
		if json.Unmarshal(look.Known.Memory, &act) == nil && act.User != "" {
			e.Actor = change.Actor{Type: change.ByPerson, Name: act.User}
			f.Memory = nil
		}
		f.Events = append(f.Events, e)
	}
	return f
}

// observed opens a door that a toy agent may go through.
func observed(t *testing.T, s *store.Store) (context.Context, *ingest.Door) {
	t.Helper()
	ctx, door := open(t, s)
	door.Seen, door.Interpreters = s, map[string]observe.Interpreter{"toy": toy{}}
	return access.With(ctx, access.Principal{Type: access.Token, Name: "agent", Role: access.RoleMember, Scopes: []access.Scope{access.ScopeAgent}, Source: "zoo"}), door
}

func begin(t *testing.T, ctx context.Context, door *ingest.Door, agent string) observe.Opened {
	t.Helper()
	opened, err := door.Open(ctx, observe.Opening{Type: "toy", Agent: agent, Collections: []string{"toys", "others"}, Scope: observe.Scope{Environment: "production"}})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func toyAt(at time.Time, object, service, version string) observe.Observation {
	return observe.Observation{Object: object, Collection: "toys", State: json.RawMessage(fmt.Sprintf(`{"service":%q,"version":%q}`, service, version)), SeenAt: at}
}

func sent(t *testing.T, ctx context.Context, door *ingest.Door, batch observe.Batch, want int) {
	t.Helper()
	_, events, err := door.Observe(ctx, "", batch)
	if err != nil || events != want {
		t.Fatalf("batch %d: got %d events, %v; want %d", batch.Number, events, err, want)
	}
}

func zoo(t *testing.T, s *store.Store) []change.Event {
	t.Helper()
	page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"zoo"}}, change.Cursor{}, 100, false)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(page.Events, func(a, b change.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	var about []change.Event
	for _, e := range page.Events {
		if e.Kind != "catalog" {
			about = append(about, e)
		}
	}
	return about
}

func lines(events []change.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprintf("%s, %s, by %s", e.Title, e.Subjects[0].Name, cmp.Or(e.Actor.Name, "nobody")))
	}
	return strings.Join(all, "\n")
}

// What is seen becomes events and facts, once each: of what is there at first nothing, of every difference one, of what is gone
// one, whatever is sent twice.
func TestObserve(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := observed(t, s)
		clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		door.Now = func() time.Time { return clock }
		one := begin(t, ctx, door, "a")
		if len(one.Key) != 32 || one.Source != "zoo" {
			t.Fatalf("got %+v", one)
		}
		first := observe.Batch{Session: one.Session, Number: 1, Complete: []string{"toys"}, Observations: []observe.Observation{
			toyAt(clock, "cart", "cart", "1"), toyAt(clock, "pay", "payments", "1"), toyAt(clock, "brief-job", "job", "1"),
		}}
		sent(t, ctx, door, first, 0)
		sent(t, ctx, door, first, 0) // its answer was lost
		clock = clock.Add(time.Minute)
		sent(t, ctx, door, observe.Batch{Session: one.Session, Number: 2, Observations: []observe.Observation{
			toyAt(clock, "cart", "cart", "2"), toyAt(clock, "cart", "cart", "2"), toyAt(clock, "new", "new", "1"),
			{Object: "cart", Collection: "toys", SeenAt: clock, Act: &observe.Act{ID: "x", User: "ana"}},
			toyAt(clock, "cart", "cart", "3"),
			{Object: "brief-job", Collection: "toys", Gone: true, SeenAt: clock},
		}}, 4)
		want := "cart from \"1\" to \"2\", service:cart, by nobody\nnew from \"\" to \"1\", service:new, by nobody\n" +
			"cart from \"2\" to \"3\", service:cart, by ana\nbrief-job is gone, service:job, by nobody"
		if got := lines(zoo(t, s)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if after := zoo(t, s)[0].Labels["after"]; after != clock.Add(-10*time.Second).Format(time.RFC3339Nano) {
			t.Errorf("while it watches: after %s", after)
		}
		// Nobody looked for an hour: what changed meanwhile is found, and what is gone.
		away := clock
		clock = clock.Add(time.Hour)
		two := begin(t, ctx, door, "b")
		sent(t, ctx, door, observe.Batch{Session: two.Session, Number: 1, Observations: []observe.Observation{toyAt(clock, "cart", "cart", "4"), toyAt(clock, "new", "new", "1")}}, 1)
		sent(t, ctx, door, observe.Batch{Session: two.Session, Number: 2, Complete: []string{"toys"}, Observations: []observe.Observation{toyAt(clock, "new", "new", "1")}}, 1)
		events := zoo(t, s)[4:]
		if got := lines(events); got != "cart from \"3\" to \"4\", service:cart, by nobody\npay is gone, service:payments, by nobody" {
			t.Errorf("got\n%s", got)
		}
		for _, e := range events {
			if got := e.Labels["after"]; got != away.Format(time.RFC3339Nano) {
				t.Errorf("%s: after %s, want %s", e.Title, got, away)
			}
		}
		if e, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "payments"}); ok && !e.Retired {
			t.Error("what is gone is still claimed")
		}
		running, err := s.Of(t.Context(), zoo(t, s)[0].Subjects[0].Entity, 10)
		if err != nil || len(running) != 1 || running[0].Object != "cart" || running[0].Scope.Environment != "production" {
			t.Errorf("what runs: got %+v, %v", running, err)
		}
		// What belongs to another from now on.
		sent(t, ctx, door, observe.Batch{Session: two.Session, Number: 3, Observations: []observe.Observation{toyAt(clock, "new", "renamed", "2")}}, 1)
		last := zoo(t, s)[6]
		if last.Subjects[0].Name != "service:renamed" {
			t.Errorf("got %+v", last.Subjects)
		}
		o, err := s.Observer(t.Context(), "zoo")
		if err != nil || o.Batch != 3 || o.Agent != "b" || o.Events != 7 || !slices.Equal(o.Baseline, []string{"toys"}) {
			t.Errorf("got %+v, %v", o, err)
		}
	})
}

// An agent that is not the one, or counts wrong, or sends what cannot be read, is told so, and nothing of it is worked in.
func TestObserveRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := observed(t, s)
		now := time.Now()
		batch := func(session, number int64, observations ...observe.Observation) error {
			_, _, err := door.Observe(ctx, "", observe.Batch{Session: session, Number: number, Observations: observations})
			return err
		}
		if err := batch(1, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("without a session: %v", err)
		}
		one := begin(t, ctx, door, "a")
		if err := batch(one.Session, 2); !errors.Is(err, observe.ErrGap) || !strings.Contains(err.Error(), "send batch 1") {
			t.Errorf("a gap: %v", err)
		}
		huge := toyAt(now, "huge", "huge", strings.Repeat("x", observe.MaxState))
		for name, o := range map[string]observe.Observation{
			"unreadable":   toyAt(now, "u", "unreadable", "1"),
			"huge":         huge,
			"no name":      toyAt(now, "", "x", "1"),
			"no json":      {Object: "x", Collection: "toys", State: json.RawMessage(`{`)},
			"elsewhere":    {Object: "x", Collection: "nowhere", State: json.RawMessage(`{}`)},
			"nothing":      {Object: "x", Collection: "toys"},
			"here and not": {Object: "x", Collection: "toys", State: json.RawMessage(`{}`), Gone: true},
		} {
			if err := batch(one.Session, 1, toyAt(now, "fine", "fine", "1"), o); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "/observations/1") {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if known, err := s.Known(t.Context(), "zoo", []string{"fine"}); err != nil || len(known) != 0 {
			t.Errorf("something was worked in: %v, %v", known, err)
		}
		if o, err := s.Observer(t.Context(), "zoo"); err != nil || !strings.Contains(o.Refused, "/observations/1") {
			t.Errorf("nobody is told: %q, %v", o.Refused, err)
		}
		if _, err := door.Open(ctx, observe.Opening{Type: "toy", Agent: "b", Yield: true}); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "agent a") {
			t.Errorf("one that yields: %v", err)
		}
		begin(t, ctx, door, "b")
		if err := batch(one.Session, 1); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "agent b") {
			t.Errorf("one that was replaced: %v", err)
		}
		for name, who := range map[string]access.Principal{
			"another source": {Type: access.Token, Name: "x", Role: access.RoleMember, Scopes: []access.Scope{access.ScopeAgent}, Source: "other"},
			"a member":       {Type: access.Person, Name: "x", Role: access.RoleMember},
			"another scope":  {Type: access.Token, Name: "x", Role: access.RoleAdministrator, Scopes: []access.Scope{access.ScopeDeliver}},
		} {
			if _, err := door.Open(access.With(ctx, who), observe.Opening{Source: "zoo", Type: "toy"}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// cut is a store whose connection breaks: before a commit, or after it, so that nobody is told.
type cut struct {
	*store.Store
	mu     sync.Mutex
	before int
	after  int
}

func (c *cut) Commit(ctx context.Context, work observe.Work) (observe.Committed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gone := fault.New(fault.Unavailable, "the database has gone")
	if c.before > 0 {
		c.before--
		return observe.Committed{}, gone
	}
	done, err := c.Store.Commit(ctx, work)
	if c.after > 0 {
		c.after--
		return observe.Committed{}, gone
	}
	return done, err
}

// Wherever the server or the connection breaks, and however often or at once a batch is sent, it is worked in once.
func TestObserveExactlyOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := observed(t, s)
		broken := &cut{Store: s}
		door.Seen = broken
		one := begin(t, ctx, door, "a")
		now := time.Now()
		sent(t, ctx, door, observe.Batch{Session: one.Session, Number: 1, Complete: []string{"toys"}, Observations: []observe.Observation{toyAt(now, "cart", "cart", "0")}}, 0)
		for i := range 12 {
			batch := observe.Batch{Session: one.Session, Number: int64(i) + 2, Observations: []observe.Observation{
				toyAt(now, "cart", "cart", fmt.Sprint(i+1)),
				{Object: "brief", Collection: "toys", Gone: true, SeenAt: now},
				toyAt(now, "moves", fmt.Sprint("m", i), "1"),
			}}
			broken.before, broken.after = i%3/2, i%3%2
			var senders sync.WaitGroup
			for range 4 {
				senders.Go(func() {
					for {
						own := batch
						own.Observations = slices.Clone(batch.Observations)
						if _, _, err := door.Observe(ctx, "", own); err == nil || !fault.Is(err, fault.Unavailable) {
							if err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			senders.Wait()
		}
		deploys := 0
		for i, e := range zoo(t, s) {
			if e.Subjects[0].Name == "service:cart" {
				deploys++
			} else if e.Subjects[0].Entity == 0 {
				t.Errorf("%d: nobody's: %+v", i, e)
			}
		}
		if deploys != 12 {
			t.Errorf("%d deploys, want 12", deploys)
		}
		for i := range 12 {
			e, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: fmt.Sprint("m", i)})
			if standing := ok && !e.Retired; standing != (i == 11) {
				t.Errorf("m%d: standing %t", i, standing)
			}
		}
	})
}

// An observer that looks at less than before says nothing of what dropped out of sight but that it no longer speaks of
// it; and what came into sight was not created.
func TestObserveAnotherExtent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := observed(t, s)
		look := func(extent string, all ...observe.Observation) {
			t.Helper()
			opened, err := door.Open(ctx, observe.Opening{Type: "toy", Agent: "a", Collections: []string{"toys"}, Scope: observe.Scope{Extent: extent}})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := door.Observe(ctx, "", observe.Batch{Session: opened.Session, Number: 1, Observations: all, Complete: []string{"toys"}}); err != nil {
				t.Fatal(err)
			}
		}
		now := door.Now()
		look("", toyAt(now, "a/one", "one", "1"), toyAt(now, "b/two", "two", "1"))
		look("namespaces a", toyAt(now, "a/one", "one", "2"))
		if got, want := lines(zoo(t, s)), `a/one from "1" to "2", service:one, by nobody`; got != want {
			t.Errorf("narrowed: got %s, want %s", got, want)
		}
		if two, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "two"}); ok && !two.Retired {
			t.Error("what dropped out of sight is still spoken of")
		}
		look("", toyAt(now, "a/one", "one", "2"), toyAt(now, "b/two", "two", "3"), toyAt(now, "c/three", "three", "1"))
		look("", toyAt(now, "a/one", "one", "2"), toyAt(now, "c/three", "three", "1"))
		if got, want := lines(zoo(t, s)), "a/one from \"1\" to \"2\", service:one, by nobody\nb/two is gone, service:two, by nobody"; got != want {
			t.Errorf("widened, and then one gone: got %s, want %s", got, want)
		}
	})
}

// What is of a kind that is looked at no more is spoken of no more, and the log says nothing of it.
func TestObserveFewerCollections(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := observed(t, s)
		look := func(collections []string, all ...observe.Observation) {
			t.Helper()
			opened, err := door.Open(ctx, observe.Opening{Type: "toy", Agent: "a", Collections: collections})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := door.Observe(ctx, "", observe.Batch{Session: opened.Session, Number: 1, Observations: all, Complete: collections}); err != nil {
				t.Fatal(err)
			}
		}
		other := toyAt(door.Now(), "two", "two", "1")
		other.Collection = "others"
		two := func() bool {
			e, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "two"})
			return ok && !e.Retired
		}
		look([]string{"toys", "others"}, toyAt(door.Now(), "one", "one", "1"), other)
		if !two() {
			t.Fatal("nobody speaks of what is seen")
		}
		look([]string{"toys"}, toyAt(door.Now(), "one", "one", "1"))
		if two() {
			t.Error("what nobody looks at any more is still spoken of")
		}
		if kept, err := s.Kept(ctx, "zoo"); err != nil || !slices.Equal(kept, []string{"toys"}) {
			t.Errorf("kept is %v, %v", kept, err)
		}
		other.State = json.RawMessage(`{"service":"two","version":"2"}`)
		look([]string{"toys", "others"}, toyAt(door.Now(), "one", "one", "1"), other)
		if got := lines(zoo(t, s)); got != "" || !two() {
			t.Errorf("looked at anew: got %s, spoken of %v", got, two())
		}
	})
}
