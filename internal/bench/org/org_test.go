package org

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

var (
	monday = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	later  = monday.AddDate(0, 0, 14)
)

func TestOneSeedMakesOneOrganisation(t *testing.T) {
	t.Parallel()
	a, b, other := New(7, Size{Services: 300}), New(7, Size{Services: 300}), New(8, Size{Services: 300})
	if diff := cmp.Diff(slices.Collect(a.Statements()), slices.Collect(b.Statements())); diff != "" {
		t.Error(diff)
	}
	if reflect.DeepEqual(slices.Collect(a.Statements()), slices.Collect(other.Statements())) {
		t.Error("another seed makes the same organisation")
	}
	first := slices.Collect(a.Events(5000, monday, later))
	if diff := cmp.Diff(first, slices.Collect(b.Events(5000, monday, later))); diff != "" {
		t.Error(diff)
	}
	// A second run, while the first is under way, is not disturbed by it.
	i := 0
	for e := range a.Events(5000, monday, later) {
		if i == 100 {
			for range b.Events(10, monday, later) {
			}
		}
		if e.Key != first[i].Key {
			t.Fatalf("event %d: got %s, want %s", i, e.Key, first[i].Key)
		}
		i++
	}
	if reflect.DeepEqual(first, slices.Collect(other.Events(5000, monday, later))) {
		t.Error("another seed makes the same stream")
	}
}

func TestEverySizeIsWhole(t *testing.T) {
	t.Parallel()
	for _, services := range []int{1, 2, 13, 400, 10_000} {
		o := New(1, Size{Services: services, Events: 50})
		said, kinds := map[catalog.Ref]bool{}, map[catalog.Kind]int{}
		statements := slices.Collect(o.Statements())
		for _, s := range statements {
			if said[s.Ref] {
				t.Errorf("%d services: %s is described twice", services, s.Ref)
			}
			said[s.Ref] = true
			kinds[s.Ref.Kind]++
		}
		for _, s := range statements {
			normal, err := s.Normalize()
			if err != nil {
				t.Fatalf("%d services: %v", services, err)
			}
			if len(normal.Claims) == 0 {
				t.Errorf("%d services: nothing is said of %s", services, s.Ref)
			}
			for _, claim := range normal.Claims {
				target := claim.Target()
				if !target.IsZero() && !said[target] {
					t.Errorf("%d services: %s points at %s, which is not described", services, s.Ref, target)
				}
			}
		}
		want := map[catalog.Kind]int{
			catalog.Service: services, catalog.Team: o.Size.Teams, catalog.Person: o.Size.People, catalog.System: o.Size.Systems,
			catalog.Resource: o.Size.Resources, catalog.API: o.Size.APIs,
		}
		if diff := cmp.Diff(want, kinds); diff != "" {
			t.Error(diff)
		}
		if got := len(slices.Collect(o.Events(0, monday, later))); got != 50 {
			t.Errorf("%d services: got %d events", services, got)
		}
	}
}

func TestDependenciesHaveHubsAndCycles(t *testing.T) {
	t.Parallel()
	const services = 2000
	in := map[string]int{}
	arrows, back := 0, 0
	o := New(3, Size{Services: services})
	for i := range o.services {
		s := &o.services[i]
		for _, target := range s.dependsOn {
			in[o.services[target].name]++
			arrows++
			if o.services[target].layer <= s.layer {
				back++
			}
		}
	}
	var fanIn []int
	for _, n := range in {
		fanIn = append(fanIn, n)
	}
	slices.Sort(fanIn)
	slices.Reverse(fanIn)
	top := 0
	for _, n := range fanIn[:services/100] {
		top += n
	}
	if arrows < 2*services || arrows > 5*services {
		t.Errorf("%d dependencies", arrows)
	}
	if fanIn[0] < services/50 || top < arrows/10 {
		t.Errorf("no hubs: the most needed has %d, the first hundredth %d of %d", fanIn[0], top, arrows)
	}
	if back == 0 || back > services/50 {
		t.Errorf("%d dependencies go up: a few make cycles", back)
	}
}

func TestEventsAreValidAndSkewed(t *testing.T) {
	t.Parallel()
	const n = 300_000
	o := New(5, Size{Services: 1000})
	subjects, kinds, environments := map[string]int{}, map[string]int{}, map[string]int{}
	people, automations := map[string]bool{}, map[string]bool{}
	known := make(map[string]*change.Event, n)
	var night, day, weekend, told, bytes, again int
	last := monday
	for e := range o.Events(n, monday, later) {
		e := e
		if e.ReceivedAt.Before(last) || e.ReceivedAt.After(later) {
			t.Fatalf("%s is told at %s, after one of %s", e.Key, e.ReceivedAt, last)
		}
		last = e.ReceivedAt
		if told%10 == 0 { // each takes as long as everything else here
			normal := e
			if faults := normal.Normalize(later, ""); faults != nil {
				t.Fatalf("%+v: %v", e, faults)
			}
		}
		subjects[e.Subjects[0].Name]++
		kinds[e.Kind]++
		if e.Environment != "" {
			environments[e.Environment]++
			environments[""]++
		}
		if e.Actor.Type == change.ByPerson {
			people[e.Actor.Name] = true
		} else {
			automations[e.Actor.Name] = true
		}
		switch at := e.ReceivedAt; {
		case at.Weekday()%6 == 0:
			weekend++
		case at.Hour() >= 8 && at.Hour() < 16:
			day++
		case at.Hour() < 5:
			night++
		}
		if told++; told%100 == 0 {
			raw, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			bytes += len(raw)
		}
		key := e.Source + " " + e.Key
		if before := known[key]; before == nil {
			known[key] = &e
		} else {
			again++
			if before.Phase != change.Started || !e.StartedAt.Equal(before.StartedAt) || !before.Advance(e) {
				t.Fatalf("%s is told again as %s after %s", key, e.Phase, before.Phase)
			}
		}
	}
	if told != n {
		t.Errorf("got %d events, want %d", told, n)
	}
	var counts []int
	for _, c := range subjects {
		counts = append(counts, c)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	busiest := 0
	for _, c := range counts[:50] {
		busiest += c
	}
	for what, ok := range map[string]bool{
		"the busiest services have a third to four fifths of all": busiest > n/3 && busiest < n*4/5,
		"the tail changes too":                     len(subjects) > 1000,
		"working hours are busy, nights are not":   day > 5*night && night > n/200,
		"the weekend is quiet but not still":       weekend < n/8 && weekend > n/100,
		"80 per cent are of production":            near(environments["production"], environments[""], 80),
		"15 per cent are of staging":               near(environments["staging"], environments[""], 15),
		"5 per cent are of load tests":             near(environments["load-test"], environments[""], 5),
		"a drill is one in 100,000":                kinds["drill"] >= 1 && kinds["drill"] <= 12,
		"nearly all people do something":           len(people) > 450,
		"a dozen automations do something":         len(automations) >= 8 && len(automations) <= 20,
		"an event has about 600 bytes of JSON":     bytes/(n/100) > 500 && bytes/(n/100) < 800,
		"a tenth to a third is told a second time": again > n/10 && again < n/3,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	for _, kind := range change.Kinds() {
		if kinds[kind.Name] == 0 && kind.Name != "catalog" && kind.Name != "access" { // these are Tidings' own
			t.Errorf("no event is of the kind %s", kind.Name)
		}
	}
	if t.Failed() {
		t.Logf("busiest %d, subjects %d, day %d, night %d, weekend %d, environments %v, kinds %v, people %d, automations %d, bytes %d, again %d",
			busiest, len(subjects), day, night, weekend, environments, kinds, len(people), len(automations), bytes/(n/100), again)
	}
}

// near allows two per cent beside the wanted share.
func near(part, whole, percent int) bool {
	share := 100 * float64(part) / float64(whole)
	return share > float64(percent)-2 && share < float64(percent)+2
}

func TestStoriesHangTogether(t *testing.T) {
	t.Parallel()
	byCommit := map[string]map[string]bool{}
	for e := range New(9, Size{Services: 200}).Events(20_000, monday, later) {
		if e.Commit != "" && e.Kind != "config" {
			if byCommit[e.Commit] == nil {
				byCommit[e.Commit] = map[string]bool{}
			}
			byCommit[e.Commit][e.Kind] = true
		}
	}
	whole := 0
	for _, kinds := range byCommit {
		if kinds["merge"] && kinds["build"] && kinds["deploy"] {
			whole++
		}
	}
	if whole < len(byCommit)*3/4 {
		t.Errorf("%d of %d commits were merged, built and deployed", whole, len(byCommit))
	}
}

func TestStormsFold(t *testing.T) {
	t.Parallel()
	storms := map[change.Digest]int{}
	for e := range New(9, Size{Services: 200}).Events(50_000, monday, later) {
		if key, folds := e.StormKey(); folds && e.Kind == "scaling" && e.Actor.Name == "night-saver" {
			storms[key]++
		}
	}
	if len(storms) == 0 {
		t.Error("nothing folds")
	}
}

func BenchmarkEvents(b *testing.B) {
	o := New(1, Size{Services: 10_000})
	b.ReportAllocs()
	n := 0
	for range o.Events(b.N, monday, monday.AddDate(0, 0, 30)) {
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		for range New(1, Size{Services: 10_000}).Statements() {
		}
	}
}
