package incident_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// page is the instant of the first alert of each story.
var page = time.Date(2026, 6, 11, 3, 7, 12, 0, time.UTC)

// world is a store with a door, a roll and a keeper, whose clock is turned by hand.
type world struct {
	t      *testing.T
	ctx    context.Context
	store  *store.Store
	door   *ingest.Door
	keeper *incident.Keeper
	now    time.Time
}

// each runs a test on every engine: checkout calls fraud and pricing, fraud calls db; search stands alone.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s)) })
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(access.With(t.Context(), access.Administrator))
	w := &world{t: t, ctx: ctx, store: s, now: page.Add(time.Minute)}
	w.door = ingest.NewDoor(catalog.NewRoll(s), s, func() {})
	w.door.Now = func() time.Time { return w.now }
	var running sync.WaitGroup
	running.Go(func() { w.door.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	w.describe(`
kind: service
name: checkout
depends_on: [fraud, pricing]
---
kind: service
name: fraud
depends_on: ["resource:db"]
---
kind: service
name: pricing
---
kind: service
name: search
---
kind: resource
name: db
`)
	w.keeper = w.another()
	return w
}

// another is the keeper of another server.
func (w *world) another() *incident.Keeper {
	return &incident.Keeper{Store: w.store, Log: w.store, Roll: w.door.Roll, Now: func() time.Time { return w.now }}
}

func (w *world) describe(text string) {
	w.t.Helper()
	outcomes, err := w.door.Describe(w.ctx, []descriptor.Document{{Name: fmt.Sprintf("%x.yaml", text[:30]), Content: []byte(text)}}, false)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range outcomes {
		if len(o.Faults) > 0 {
			w.t.Fatal(o.Faults)
		}
	}
}

// tell records events and follows.
func (w *world) tell(events ...change.Event) {
	w.t.Helper()
	w.record(events...)
	w.follow()
}

func (w *world) record(events ...change.Event) {
	w.t.Helper()
	if _, err := w.door.Record(w.ctx, events); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) follow() {
	w.t.Helper()
	if err := w.keeper.Follow(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) list() []incident.Incident {
	w.t.Helper()
	all, err := w.store.ListIncidents(w.ctx, incident.Filter{}, incident.Cursor{}, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// one is the only incident.
func (w *world) one() incident.Incident {
	w.t.Helper()
	all := w.list()
	if len(all) != 1 {
		var titles []string
		for _, i := range all {
			titles = append(titles, i.Name()+" "+i.Title)
		}
		w.t.Fatalf("got %d incidents, want one: %s", len(all), strings.Join(titles, "; "))
	}
	return all[0]
}

func (w *world) entries(number int64) []incident.Entry {
	w.t.Helper()
	entries, err := w.store.Timeline(w.ctx, number, 0, 5000)
	if err != nil {
		w.t.Fatal(err)
	}
	return entries
}

func (w *world) timeline(number int64) string {
	w.t.Helper()
	entries := w.entries(number)
	// An incident is what its entries say.
	var again incident.Incident
	var lines []string
	for i := range entries {
		e := &entries[i]
		again.Apply(e)
		if e.Sequence != int64(i)+1 {
			w.t.Errorf("entry %d has the sequence %d", i+1, e.Sequence)
		}
		what := string(e.Kind)
		if phase := e.Fields[incident.FieldPhase]; phase != "" && e.Kind == incident.EntrySignal {
			what += " " + phase
		}
		lines = append(lines, what)
	}
	kept, err := w.keeper.Get(w.ctx, number)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(written(w.t, again), written(w.t, kept)); diff != "" {
		w.t.Errorf("the entries say something else than what is kept (-entries +kept):\n%s", diff)
	}
	return strings.Join(lines, ", ")
}

func written(t *testing.T, i incident.Incident) map[string]any {
	t.Helper()
	text, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// alert is one of Alertmanager that pages.
func alert(key, service string, after time.Duration, with ...func(*change.Event)) change.Event {
	e := change.Event{
		Source: "alertmanager", Key: key, Kind: "alert", Phase: change.Started, Title: "High error rate of " + service, Environment: "production",
		Subjects: []change.Subject{{Name: "service:" + service}}, StartedAt: page.Add(after),
		Labels: map[string]string{"alertname": "HighErrorRate of " + service, "severity": "critical"},
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// paged is an incident of PagerDuty.
func paged(key, service string, after time.Duration, with ...func(*change.Event)) change.Event {
	e := change.Event{
		Source: "pagerduty", Key: "incident/" + key, Story: "pagerduty:" + key, Kind: "incident", Phase: change.Started, Title: service + " fails",
		Subjects: []change.Subject{{Name: "service:" + service}}, StartedAt: page.Add(after), Labels: map[string]string{"urgency": "high"},
		Links: []change.Link{{Type: "ticket", URL: "https://acme.pagerduty.com/incidents/" + key}},
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

func mild(e *change.Event) { e.Labels["severity"] = "warning" }

func over(after time.Duration) func(*change.Event) {
	return func(e *change.Event) { e.Phase, e.EndedAt = change.Succeeded, page.Add(after) }
}

// What an observer saw of the service itself is when the trouble began, within bounds: not what a neighbour has, nor what is
// older than a quarter of an hour.
func TestOnsetBySignal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		crash := func(e *change.Event) {
			mild(e)
			e.Source, e.Labels["trouble"], e.Title = "kubernetes", "CrashLoopBackOff", "checkout crashes again and again"
		}
		w.tell(alert("long-ago", "checkout", -40*time.Minute, crash), alert("crash", "checkout", -6*time.Minute, crash), alert("warned", "checkout", -3*time.Minute, mild))
		w.tell(paged("P1", "checkout", 0))
		if got, want := w.one().Onset, (incident.Onset{At: page.Add(-6 * time.Minute), By: incident.OnsetBySignal}); got != want {
			t.Errorf("the onset is %v, want %v", got, want)
		}
		entries, err := w.store.Timeline(w.ctx, 1, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(entries, func(e incident.Entry) bool {
			return strings.Contains(e.Text, "taken for the beginning") && e.At.Equal(page.Add(-6*time.Minute))
		}) {
			t.Errorf("the timeline does not say what the onset was taken from: %+v", entries)
		}
	})
}

// A page opens an incident, whose onset is that of the alert before; it is acknowledged, changed upon, and resolved as the
// tool says.
func TestFromPageToEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(alert("warned", "checkout", -3*time.Minute, mild))
		if n := len(w.list()); n != 0 {
			t.Fatalf("a warning opened %d incidents", n)
		}
		w.tell(paged("P1", "checkout", 0))
		i := w.one()
		if i.Number != 1 || i.Name() != "INC-1" || i.Status != incident.Open || i.Severity != 2 || i.Environment != "production" || i.Subjects[0].Name != "service:checkout" {
			t.Errorf("got %+v", i)
		}
		if want := (incident.Onset{At: page.Add(-3 * time.Minute), By: incident.OnsetByAlert}); i.Onset != want {
			t.Errorf("the onset is %v, want %v", i.Onset, want)
		}
		w.now = page.Add(10 * time.Minute)
		w.tell(
			paged("P1", "checkout", 0, func(e *change.Event) {
				e.Labels["acknowledged_at"], e.Labels["acknowledged_by"] = page.Add(2*time.Minute).Format(time.RFC3339), "Ines Duarte"
			}),
			change.Event{Source: "argocd", Key: "r", Kind: "rollback", Title: "back to 1.41", Subjects: []change.Subject{{Name: "service:checkout"}}, StartedAt: page.Add(6 * time.Minute)},
			change.Event{Source: "argocd", Key: "o", Kind: "deploy", Title: "elsewhere", Subjects: []change.Subject{{Name: "service:search"}}, StartedAt: page.Add(6 * time.Minute)},
		)
		if i = w.one(); i.Status != incident.Acknowledged || !i.AcknowledgedAt.Equal(page.Add(2*time.Minute)) {
			t.Errorf("got %s at %s", i.Status, i.AcknowledgedAt)
		}
		w.tell(paged("P1", "checkout", 0, over(8*time.Minute)))
		if i = w.one(); i.Status != incident.Resolved || !i.ResolvedAt.Equal(page.Add(8*time.Minute)) {
			t.Errorf("got %s at %s", i.Status, i.ResolvedAt)
		}
		if got, want := w.timeline(1), "opened, signal begun, acknowledged, done, signal ended, resolved"; got != want {
			t.Errorf("the timeline is %s, want %s", got, want)
		}
	})
}

// An incident that an alert opened is called what the tool that calls people calls it, unless somebody here named it.
func TestTheTitleOfThePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(alert("a", "checkout", 0))
		if i := w.one(); i.Title != "High error rate of checkout" {
			t.Errorf("it is called %q", i.Title)
		}
		w.tell(paged("P1", "checkout", time.Minute))
		if i := w.one(); i.Title != "checkout fails" {
			t.Errorf("once somebody was called, it is called %q", i.Title)
		}
		w.timeline(1)
		mine := "Nobody can pay"
		if _, err := w.keeper.Edit(w.ctx, 1, incident.Edit{Title: &mine}); err != nil {
			t.Fatal(err)
		}
		w.tell(paged("P2", "checkout", 2*time.Minute))
		if i := w.one(); i.Title != mine {
			t.Errorf("after somebody named it, it is called %q", i.Title)
		}
	})
}

// What several tools say of one trouble is one incident; what has nothing to do with it is another.
func TestOneTroubleIsOneIncident(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(
			alert("a", "checkout", 0),
			paged("P1", "checkout", time.Minute),
			alert("b", "fraud", 2*time.Minute), // checkout depends on it
			alert("c", "checkout", 3*time.Minute, func(e *change.Event) {
				e.Source, e.Labels = "datadog", map[string]string{"monitor": "77", "priority": "P1"}
			}),
		)
		i := w.one()
		if len(i.Signals) != 4 || len(i.Subjects) != 2 || i.Severity != 1 || !i.Called {
			t.Errorf("got %d signals, %v, severity %d", len(i.Signals), i.Subjects, i.Severity)
		}
		w.tell(
			alert("d", "search", 3*time.Minute+30*time.Second),
			alert("e", "checkout", 3*time.Minute, func(e *change.Event) { e.Environment = "staging" }),
		)
		if n := len(w.list()); n != 3 {
			t.Errorf("got %d incidents, want three: another service and another environment are others", n)
		}
		w.now = page.Add(3 * time.Hour)
		w.tell(alert("f", "pricing", 2*time.Hour+59*time.Minute))
		if n := len(w.list()); n != 4 {
			t.Errorf("got %d incidents, want four: hours later a neighbour is in trouble of its own", n)
		}
		w.tell(change.Event{
			Source: "chatops", Key: "x", Kind: "incident", Phase: change.Started, Title: "war room", Subjects: []change.Subject{{Name: "service:search"}},
			StartedAt: page.Add(5 * time.Minute), Labels: map[string]string{"page": "https://acme.pagerduty.com/incidents/P1"}, Environment: "production",
		})
		if i, err := w.keeper.Get(w.ctx, 1); err != nil || len(i.Signals) != 5 {
			t.Errorf("what names the ticket is not of the incident: %v, %v", i.Signals, err)
		}
	})
}

// Two services with nothing known between them, but a database in common.
func TestADependencyInCommon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.describe("kind: service\nname: ledger\ndepends_on: [\"resource:db\"]\n")
		w.tell(alert("a", "fraud", 0), alert("b", "ledger", 2*time.Minute))
		w.one()
	})
}

// An alert that comes and goes is one incident, and a silence of an hour ends that.
func TestFlapping(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 6 {
			began := time.Duration(n) * 10 * time.Minute
			w.now = page.Add(began + 30*time.Second)
			w.tell(alert(fmt.Sprint(n), "checkout", began))
			w.now = page.Add(began + 9*time.Minute)
			w.tell(alert(fmt.Sprint(n), "checkout", began, over(began+time.Minute)))
		}
		i := w.one()
		if i.Status != incident.Resolved {
			t.Errorf("got %s", i.Status)
		}
		if got := w.timeline(1); strings.Count(got, "reopened") != 5 || strings.Count(got, "opened") != 6 {
			t.Errorf("got %s", got)
		}
		w.now = page.Add(4 * time.Hour)
		w.tell(alert("much later", "checkout", 4*time.Hour-time.Minute))
		if n := len(w.list()); n != 2 {
			t.Errorf("got %d incidents, want two", n)
		}
	})
}

// Short silences do not end an incident.
func TestQuietForAWhileIsNotOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(alert("a", "checkout", 0))
		w.now = page.Add(4 * time.Minute)
		w.tell(alert("a", "checkout", 0, over(2*time.Minute)))
		if i := w.one(); i.Status != incident.Open {
			t.Errorf("after two minutes of silence it is %s", i.Status)
		}
		w.now = page.Add(8 * time.Minute)
		w.follow()
		if i := w.one(); i.Status != incident.Resolved || !i.ResolvedAt.Equal(page.Add(2*time.Minute)) {
			t.Errorf("after six minutes of silence it is %s, resolved at %s", i.Status, i.ResolvedAt)
		}
	})
}

// What comes late, or in the wrong order, leads to the same.
func TestLateAndOutOfOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.now = page.Add(2 * time.Hour)
		w.tell(alert("a", "checkout", 0, func(e *change.Event) {
			e.Phase, e.StartedAt, e.EndedAt = change.Succeeded, page.Add(9*time.Minute), page.Add(9*time.Minute)
		}))
		if n := len(w.list()); n != 0 {
			t.Fatalf("an end without a beginning opened %d incidents", n)
		}
		w.tell(alert("a", "checkout", 0))
		i := w.one()
		if i.Status != incident.Resolved || !i.Onset.At.Equal(page) || !i.ResolvedAt.Equal(page.Add(9*time.Minute)) {
			t.Errorf("got %s from %s to %s", i.Status, i.Onset.At, i.ResolvedAt)
		}
		w.tell(alert("before", "checkout", -4*time.Minute, over(10*time.Minute), mild))
		if i = w.one(); !i.Onset.At.Equal(page.Add(-4*time.Minute)) || i.Status != incident.Resolved {
			t.Errorf("after an alert that came late the onset is %s, and it is %s", i.Onset.At, i.Status)
		}
	})
}

// A tool that opens its incident again opens it here.
func TestReopenedByItsTool(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(paged("P1", "checkout", 0))
		w.now = page.Add(5 * time.Hour)
		w.tell(paged("P1", "checkout", 0, over(time.Hour)))
		w.tell(paged("P1/again", "checkout", 4*time.Hour, func(e *change.Event) { e.Story = "pagerduty:P1" }))
		if i := w.one(); i.Status != incident.Open || !i.ResolvedAt.IsZero() {
			t.Errorf("got %s", i.Status)
		}
		w.tell(paged("P1/again", "checkout", 4*time.Hour, over(4*time.Hour+time.Minute)))
		if i := w.one(); i.Status != incident.Resolved {
			t.Errorf("got %s", i.Status)
		}
	})
}

// Five hundred alerts at once are few incidents, whether their services are known to have something in common or not.
func TestStorm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var storm []change.Event
		for n := range 500 {
			storm = append(storm, alert(fmt.Sprint(n), fmt.Sprintf("s%d", n), time.Duration(n)*200*time.Millisecond))
		}
		w.now = page.Add(5 * time.Minute)
		w.tell(storm...)
		all := w.list()
		if len(all) > 10 {
			t.Errorf("got %d incidents", len(all))
		}
		signals := 0
		for _, i := range all {
			signals += len(i.Signals)
		}
		if signals != 500 {
			t.Errorf("%d of 500 alerts are in an incident", signals)
		}
		// Somebody is called for what has nothing to do with it: that is not lost in the storm.
		w.tell(paged("apart", "elsewhere", 2*time.Minute))
		if after := w.list(); len(after) != len(all)+1 || after[0].Title != "elsewhere fails" {
			t.Errorf("got %d incidents, and the newest is %q", len(after), after[0].Title)
		}
	})
}

// An incident that lists no further signal, or is about no further service, takes in no page: who is called for a neighbour
// finds what there is of it, by its service.
func TestAPageIsNotLostInAFullIncident(t *testing.T) {
	many := func(e *change.Event) {
		for n := range 99 {
			e.Subjects = append(e.Subjects, change.Subject{Name: fmt.Sprintf("service:one-of-many-%d", n)})
		}
	}
	for name, full := range map[string]func() []change.Event{
		"of signals": func() []change.Event {
			events := []change.Event{paged("first", "checkout", 0)}
			for n := range incident.MaxSignals {
				events = append(events, alert(fmt.Sprint(n), "checkout", 0, mild))
			}
			return events
		},
		"of services": func() []change.Event { return []change.Event{paged("first", "checkout", 0, many)} },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.tell(full()...)
				w.tell(paged("second", "pricing", time.Minute), alert("third", "pricing", time.Minute))
				pricing, found := w.door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"})
				if !found {
					t.Fatal("the service is not in the roll")
				}
				of, err := w.store.ListIncidents(w.ctx, incident.Filter{Entities: []int64{pricing.ID}}, incident.Cursor{}, 10)
				if err != nil || len(of) != 1 {
					t.Fatalf("%d incidents of the service that somebody was called for, %v", len(of), err)
				}
				if of[0].Title != "pricing fails" || len(of[0].Signals) != 2 {
					t.Errorf("%q has %d signals, want the page and the alert", of[0].Title, len(of[0].Signals))
				}
			})
		})
	}
}

// The changes that a timeline takes are bounded over all its time, not for each look at the log.
func TestChangesOfATimelineAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(paged("Q1", "checkout", 0))
		for group := range 3 {
			var changes []change.Event
			for n := range 100 {
				at := page.Add(time.Duration(100*group+n) * time.Second)
				changes = append(changes, change.Event{
					Source: "ci", Key: fmt.Sprint(group, n), Kind: "config", Phase: change.Succeeded, Title: "Retries",
					Environment: "production", Subjects: []change.Subject{{Name: "service:checkout"}}, StartedAt: at,
				})
			}
			w.now = page.Add(time.Hour)
			w.tell(changes...)
		}
		if done := strings.Count(w.timeline(1), "done"); done != 200 {
			t.Errorf("%d changes stand in the timeline, want 200", done)
		}
	})
}

// Keepers of several servers that follow at once, and are cut off amidst it, leave what one alone leaves.
func TestManyKeepersNeverDouble(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.now = page.Add(time.Hour)
		var servers sync.WaitGroup
		ctx, stop := context.WithCancel(w.ctx)
		for range 4 {
			keeper := w.another()
			servers.Go(func() {
				for ctx.Err() == nil {
					cut, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
					_ = keeper.Follow(cut) // it may lose every race, or its time: what counts is what is kept
					cancel()
				}
			})
		}
		for n := range 40 {
			w.record(paged(fmt.Sprint(n), fmt.Sprintf("alone%d", n), time.Duration(n)*20*time.Minute-14*time.Hour))
		}
		stop()
		servers.Wait()
		w.follow()
		all := w.list()
		if len(all) != 40 {
			t.Errorf("got %d incidents, want 40", len(all))
		}
		for _, i := range all {
			if got := w.timeline(i.Number); got != "opened" {
				t.Errorf("%s: %s", i.Name(), got)
			}
		}
		entries, err := w.keeper.Entries(w.ctx, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for n, e := range entries {
			if e.Number != int64(n)+1 {
				t.Fatalf("entry %d has the number %d", n+1, e.Number)
			}
		}
	})
}

// overtaken follows the log, and tells up to where when the first incident was there.
func (w *world) overtaken() int64 {
	w.t.Helper()
	followed := int64(-1)
	w.keeper.Committed = func() {
		state, err := w.store.IncidentState(w.ctx)
		if err != nil {
			w.t.Error(err)
		}
		if followed < 0 && state.Number == 1 {
			followed = state.Followed
		}
	}
	w.follow()
	return followed
}

// searchAlerts record many alerts of another service.
func (w *world) searchAlerts(many int) {
	w.t.Helper()
	var backlog []change.Event
	for n := range many {
		backlog = append(backlog, alert(fmt.Sprintf("of-search-%d", n), "search", 0, mild))
	}
	w.record(backlog...)
}

// A page is taken in before the alerts that waited longer, and once: its turn in the log changes nothing.
func TestAPageOvertakesWhatWaits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const waiting = 1500
		w.searchAlerts(waiting)
		w.record(alert("before", "fraud", -time.Minute, mild), paged("Q1", "checkout", 0))
		if followed := w.overtaken(); followed < 0 || followed >= waiting {
			t.Errorf("when the page was an incident, the log was followed up to %d; it is behind %d alerts", followed, waiting)
		}
		if got, want := w.timeline(w.one().Number), "opened, signal begun, signal"; got != want {
			t.Errorf("got the timeline %q, want %q", got, want)
		}
	})
}

// A step ends when it has taken long, however much it has read: a page does not wait for the rest of it.
func TestAPageOvertakesWhatAStepHasRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const waiting = 100
		w.searchAlerts(waiting)
		w.record(paged("Q1", "checkout", 0))
		clock := w.now
		w.keeper.Now = func() time.Time { // each event takes as long as the clock goes on from one look to the next
			clock = clock.Add(20 * time.Millisecond)
			return clock
		}
		if followed := w.overtaken(); followed < 0 || followed >= waiting {
			t.Errorf("when the page was an incident, the log was followed up to %d; it is behind %d alerts of one step", followed, waiting)
		}
		if got, want := w.timeline(w.one().Number), "opened"; got != want {
			t.Errorf("got the timeline %q, want %q", got, want)
		}
	})
}

func TestIncidentsAreSearched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 3 {
			w.now = page.Add(time.Duration(i) * time.Hour)
			w.opened([]string{"Überlauf im Suchindex", "Checkout is slow", "Nothing is found"}[i], []string{"search", "checkout", "search"}[i])
		}
		for text, titles := range map[string]string{
			"slow": "Checkout is slow", " CHECKOUT ": "Checkout is slow", "über": "Überlauf im Suchindex", "search": "Nothing is found, Überlauf im Suchindex",
			"inc-2": "Checkout is slow", "100%": "", "": "Nothing is found, Checkout is slow, Überlauf im Suchindex",
		} {
			found, err := w.store.ListIncidents(w.ctx, incident.Filter{Text: text}, incident.Cursor{}, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range found {
				got = append(got, found[i].Title)
			}
			if strings.Join(got, ", ") != titles {
				t.Errorf("%q finds %q, want %s", text, got, titles)
			}
		}
		first, err := w.store.ListIncidents(w.ctx, incident.Filter{Text: "search"}, incident.Cursor{}, 1)
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		after := incident.Cursor{OpenedAt: first[0].OpenedAt, Number: first[0].Number}
		rest, err := w.store.ListIncidents(w.ctx, incident.Filter{Text: "search"}, after, 10)
		if err != nil || len(rest) != 1 || rest[0].Title != "Überlauf im Suchindex" {
			t.Errorf("after %s comes %v, %v", first[0].Title, rest, err)
		}
	})
}
