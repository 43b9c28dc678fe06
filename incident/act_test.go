package incident_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
)

// id is that of the event of a key.
func (w *world) id(key string) uuid.UUID {
	w.t.Helper()
	page, err := w.store.Feed(w.ctx, change.Filter{}, change.Cursor{}, 100, false)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range page.Events {
		if e.Key == key {
			return e.ID
		}
	}
	w.t.Fatalf("there is no event %s", key)
	return uuid.Nil
}

func (w *world) opened(title string, services ...string) incident.Incident {
	w.t.Helper()
	i, err := w.keeper.Open(w.ctx, incident.Draft{Title: title, Services: services})
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

// A neighbour's alert from before is of the trouble, and does not move its onset: what changed in between could be the cause.
func TestANeighbourDoesNotMoveTheOnset(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(alert("early", "fraud", -10*time.Minute, mild))
		w.tell(paged("P1", "checkout", 0))
		i := w.one()
		if len(i.Signals) != 2 || len(i.Subjects) != 2 || !i.Onset.At.Equal(page) {
			t.Errorf("got %d signals, %v, since %s", len(i.Signals), i.Subjects, i.Onset.At)
		}
	})
}

func TestPeopleActOnAnIncident(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.keeper.Open(w.ctx, incident.Draft{Title: " ", Services: []string{"nothing", "team:x"}, Severity: 9}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a draft full of mistakes: %v", err)
		}
		i := w.opened("it is slow", "checkout")
		ctx := access.With(w.ctx, access.Principal{Type: access.Person, Name: "ines", Role: access.RoleMember})
		severity, onset := 1, page.Add(-time.Hour)
		for _, act := range []func() (incident.Incident, error){
			func() (incident.Incident, error) { return w.keeper.Acknowledge(ctx, i.Number) },
			func() (incident.Incident, error) { return w.keeper.Acknowledge(ctx, i.Number) }, // says nothing new
			func() (incident.Incident, error) { return w.keeper.Assign(ctx, i.Number, "Commander", "ines") },
			func() (incident.Incident, error) {
				return w.keeper.Edit(ctx, i.Number, incident.Edit{Severity: &severity, Onset: &onset, Services: []string{"pricing"}})
			},
			func() (incident.Incident, error) { return w.keeper.Note(ctx, i.Number, "**look**") },
			func() (incident.Incident, error) {
				return w.keeper.Converse(ctx, i.Number, incident.Conversation{Source: "slack", Channel: "C1", Thread: "1.2"})
			},
			func() (incident.Incident, error) {
				return w.keeper.Say(ctx, i.Number, incident.Said{Source: "slack", Key: "1.3", At: page, Text: "on it", By: change.Actor{Type: change.ByPerson, Name: "ines"}})
			},
			func() (incident.Incident, error) {
				return w.keeper.Say(ctx, i.Number, incident.Said{Source: "slack", Key: "1.3", At: page, Text: "on it"}) // delivered again
			},
			func() (incident.Incident, error) { return w.keeper.Resolve(ctx, i.Number, "it was the cache") },
			func() (incident.Incident, error) { return w.keeper.Reopen(ctx, i.Number) },
		} {
			var err error
			if i, err = act(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := w.timeline(i.Number), "opened, acknowledged, role, edited, noted, conversation, said, resolved, reopened"; got != want {
			t.Errorf("the timeline is %s, want %s", got, want)
		}
		if i.Status != incident.Acknowledged || i.Severity != 1 || i.Subjects[0].Name != "service:pricing" || len(i.Subjects) != 1 || i.Roles["commander"] != "person:ines" || i.Onset.By != incident.OnsetByPerson {
			t.Errorf("got %+v", i)
		}
		// What a person set stands against signals.
		w.tell(alert("a", "pricing", 0, func(e *change.Event) { e.Labels["severity"] = "P1" }), alert("b", "pricing", -90*time.Second))
		if i = w.one(); i.Severity != 1 || !i.Onset.At.Equal(onset) {
			t.Errorf("signals changed what a person said: severity %d, since %s", i.Severity, i.Onset.At)
		}
		viewer := access.With(w.ctx, access.Principal{Type: access.Person, Name: "guest", Role: access.RoleViewer})
		if _, err := w.keeper.Resolve(viewer, i.Number, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a viewer resolved it: %v", err)
		}
		if _, err := w.keeper.Resolve(w.ctx, 99, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("of an incident that there is not: %v", err)
		}
	})
}

// Merging and splitting move signals, and what comes of them later follows.
func TestMergeAndSplit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(alert("a", "checkout", 0), alert("b", "search", time.Minute), alert("c", "fraud", 2*time.Minute))
		if n := len(w.list()); n != 2 {
			t.Fatalf("got %d incidents, want two", n)
		}
		into, err := w.keeper.Merge(w.ctx, 2, 1)
		if err != nil || into.Number != 1 || len(into.Signals) != 3 || len(into.Subjects) != 3 || len(into.Firing) != 3 {
			t.Fatalf("merged into %+v, %v", into, err)
		}
		if other, err := w.keeper.Get(w.ctx, 2); err != nil || other.MergedInto != 1 || other.Status != incident.Resolved {
			t.Errorf("what was merged is %+v, %v", other, err)
		}
		if _, err := w.keeper.Merge(w.ctx, 2, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("merged twice: %v", err)
		}
		if i, err := w.keeper.Note(w.ctx, 2, "to the old number"); err != nil || i.Number != 1 {
			t.Errorf("a note to the merged one went to %s, %v", i.Name(), err)
		}
		w.now = page.Add(5 * time.Minute)
		w.tell(alert("b", "search", time.Minute, over(3*time.Minute)))
		if i := w.one(); len(i.Firing) != 2 {
			t.Errorf("an end that came after the merger: %d go on, want 2", len(i.Firing))
		}
		began, err := w.keeper.Split(w.ctx, 1, []uuid.UUID{w.id("c")})
		if err != nil || began.Number != 3 || !began.Onset.At.Equal(page.Add(2*time.Minute)) || began.Subjects[0].Name != "service:fraud" {
			t.Fatalf("split off %+v, %v", began, err)
		}
		w.now = page.Add(20 * time.Minute)
		w.tell(alert("c", "fraud", 2*time.Minute, over(4*time.Minute)))
		if i, err := w.keeper.Get(w.ctx, 3); err != nil || i.Status != incident.Resolved {
			t.Errorf("the end went elsewhere: %s, %v", i.Status, err)
		}
		for _, number := range []int64{1, 2, 3} {
			w.timeline(number) // it says what is kept
		}
	})
}

// The latest word on a change counts, and places are those of the time of the verdict.
func TestVerdicts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell(change.Event{Source: "ci", Key: "d", Kind: "deploy", Title: "checkout 2", Subjects: []change.Subject{{Name: "service:checkout"}}, StartedAt: page.Add(-time.Minute)}, paged("P1", "checkout", 0))
		w.keeper.Ranked = func(_ context.Context, _ *incident.Incident, v incident.Verdict) (int, int, error) { return 1, 2, nil }
		for _, finding := range []incident.Finding{incident.Dismissed, incident.Caused} {
			if _, err := w.keeper.Judge(w.ctx, 1, w.id("d"), finding, "because"); err != nil {
				t.Fatal(err)
			}
		}
		all, err := w.store.Verdicts(w.ctx, 0, 10)
		if err != nil || len(all) != 1 || all[0].Finding != incident.Caused || all[0].Rank != 1 || all[0].Recency != 2 || all[0].Kind != "deploy" || len(all[0].Services) != 1 || all[0].By != "person:administrator" {
			t.Errorf("got %+v, %v", all, err)
		}
		if got := w.timeline(1); strings.Count(got, "verdict") != 2 {
			t.Errorf("got %s", got)
		}
		for name, err := range map[string]error{
			"a signal":     second(w.keeper.Judge(w.ctx, 1, w.id("incident/P1"), incident.Caused, "")),
			"another word": second(w.keeper.Judge(w.ctx, 1, w.id("d"), "guilty", "")),
			"nothing":      second(w.keeper.Judge(w.ctx, 1, uuid.New(), incident.Caused, "")),
			"no incident":  second(w.keeper.Judge(w.ctx, 7, w.id("d"), incident.Caused, "")),
		} {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s was judged: %v", name, err)
			}
		}
	})
}

func second(_ incident.Verdict, err error) error { return err }

// What the tools call what they page for.
func TestWhichSignalsOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind     string
		labels   map[string]string
		severity int
		opens    bool
	}{
		"PagerDuty":               {"incident", map[string]string{"urgency": "high"}, 2, true},
		"PagerDuty, low":          {"incident", map[string]string{"urgency": "low"}, 4, true},
		"PagerDuty by priority":   {"incident", map[string]string{"urgency": "high", "priority": "P1"}, 1, true},
		"incident.io":             {"incident", map[string]string{"severity": "Critical"}, 1, true},
		"incident.io, major":      {"incident", map[string]string{"severity": "Major"}, 2, true},
		"Opsgenie":                {"alert", map[string]string{"priority": "P1"}, 1, true},
		"Opsgenie, third":         {"alert", map[string]string{"priority": "P3"}, 3, false},
		"Alertmanager":            {"alert", map[string]string{"severity": "page"}, 2, true},
		"Alertmanager, a ticket":  {"alert", map[string]string{"severity": "ticket"}, 4, false},
		"Grafana":                 {"alert", map[string]string{"severity": "critical"}, 2, true},
		"Datadog":                 {"alert", map[string]string{"priority": "P2", "severity": "alert"}, 2, true},
		"Datadog, a warning":      {"alert", map[string]string{"severity": "warning"}, 4, false},
		"Datadog, unranked":       {"alert", map[string]string{"severity": "alert"}, 0, false},
		"New Relic":               {"alert", map[string]string{"priority": "critical"}, 2, true},
		"New Relic, high":         {"alert", map[string]string{"priority": "high"}, 3, false},
		"Sentry, an issue":        {"alert", map[string]string{"priority": "high", "severity": "error"}, 3, false},
		"Statuspage":              {"incident", map[string]string{"severity": "minor"}, 4, true},
		"in words":                {"slo", map[string]string{"severity": "SEV-2 (major)"}, 2, true},
		"with nothing said":       {"alert", nil, 0, false},
		"an incident, by nothing": {"incident", nil, 0, true},
		"a deploy":                {"deploy", map[string]string{"severity": "critical"}, 2, false},
	} {
		e := change.Event{Kind: c.kind, Phase: change.Started, Labels: c.labels, StartedAt: page}
		if got := incident.Severity(&e); got != c.severity {
			t.Errorf("%s: severity %d, want %d", name, got, c.severity)
		}
		if got := incident.OpenByPage.Opens(&e); got != c.opens {
			t.Errorf("%s: opens %t, want %t", name, got, c.opens)
		}
	}
	e := change.Event{Kind: "alert", Phase: change.Started, StartedAt: page}
	if !incident.OpenByAlert.Opens(&e) || incident.OpenByIncident.Opens(&e) {
		t.Error("the other policies open the wrong ones")
	}
}

// What was opened by hand is in the log by the commit that opened it, or in neither.
func TestByHandIsOneCommit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		broken := true
		w.keeper.ByHand = func(ctx context.Context, i *incident.Incident) (change.Event, error) {
			events := []change.Event{{Source: "tidings", Key: i.Name(), Kind: "incident", Title: i.Title, Subjects: i.Subjects, Phase: change.Started, StartedAt: i.OpenedAt}}
			if i.Status == incident.Resolved {
				events[0].Phase, events[0].EndedAt = change.Succeeded, i.ResolvedAt
			}
			if broken {
				return change.Event{}, fault.New(fault.Unavailable, "the log cannot be written")
			}
			return events[0], w.door.Prepare(access.With(ctx, access.Tidings), events)
		}
		if _, err := w.keeper.Open(w.ctx, incident.Draft{Title: "it is slow", Services: []string{"checkout"}}); !fault.Is(err, fault.Unavailable) || len(w.list()) > 0 {
			t.Errorf("%v, and %d incidents", err, len(w.list()))
		}
		broken = false
		i := w.opened("it is slow", "checkout")
		phase := func() change.Phase {
			e, err := w.store.Event(w.ctx, w.id(i.Name()))
			if err != nil {
				t.Fatal(err)
			}
			return e.Phase
		}
		if got := phase(); got != change.Started {
			t.Errorf("the log has it as %s", got)
		}
		if _, err := w.keeper.Resolve(w.ctx, i.Number, ""); err != nil || phase() != change.Succeeded {
			t.Errorf("%v, and the log has it as %s", err, phase())
		}

		lost := []change.Event{{Source: "tidings", Key: "lost", Kind: "incident", Title: "lost", Subjects: i.Subjects, StartedAt: page}}
		if err := w.door.Prepare(access.With(w.ctx, access.Tidings), lost); err != nil {
			t.Fatal(err)
		}
		if err := w.store.CommitIncidents(w.ctx, incident.Write{From: 77, To: 78, Events: lost}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a step that another server took: %v", err)
		}
		all, err := w.store.Feed(w.ctx, change.Filter{Kinds: []string{"incident"}}, change.Cursor{}, 10, false)
		if err != nil || len(all.Events) != 1 {
			t.Errorf("%d incidents in the log: %v", len(all.Events), err)
		}
	})
}
