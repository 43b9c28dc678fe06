package change_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Whatever reports of one event say, and in whichever order and however often they come, they make the same event, with the
// same keys of stories.
func TestReportsInAnyOrder(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test wants the same events again
		pick := func(words ...string) string { return words[random.IntN(len(words))] }
		var reports []change.Event
		for i := range 2 + random.IntN(4) {
			e := change.Event{
				Source: "ci", Key: "1", Kind: pick("deploy", "deploy", "", "scaling"), Phase: change.Phase(pick("planned", "started", "succeeded", "failed", "cancelled")),
				Title: fmt.Sprint("report ", i), Detail: pick("", "a", "b"), Environment: pick("", "production"), Version: pick("", "1", "2"), Previous: pick("", "0"),
				Commit: pick("", "abcdef1", "abcdef2"), Story: pick("", "s"), Actor: change.Actor{Type: change.ByPerson, Name: pick("", "Ana", "Bob")},
				StartedAt: noon.Add(time.Duration(random.IntN(60)) * time.Second), SaidAt: noon.Add(time.Duration(100+i) * time.Second),
				Labels:   map[string]string{pick("a", "b"): pick("1", "2", "3")},
				Exposure: []*float64{nil, new(5.0), new(25.0), new(100.0)}[random.IntN(4)],
			}
			for range 1 + random.IntN(3) {
				e.Subjects = append(e.Subjects, change.Subject{Name: "service:" + pick("a", "b", "c")})
				e.Links = append(e.Links, change.Link{Type: pick("repo", "diff"), Title: pick("x", "y"), URL: "https://example.com/" + pick("1", "2")})
			}
			if e.Phase.Code() > 2 {
				e.EndedAt = e.StartedAt.Add(time.Duration(random.IntN(60)) * time.Second)
			}
			if faults := e.Normalize(noon, ""); faults != nil {
				t.Fatal(faults)
			}
			e.ID = uuid.Nil
			reports = append(reports, e)
		}
		want := ""
		for try := range 20 {
			order := random.Perm(len(reports))
			if try == 0 {
				for i := range order {
					order[i] = i
				}
			}
			all := reports[order[0]]
			for _, i := range append(order, random.Perm(len(reports))...) {
				all.Advance(reports[i])
			}
			if all.Advance(reports[order[0]]) {
				t.Errorf("seed %d: what came again changes the event", seed)
			}
			var others []*change.Event
			for _, i := range order[1:] {
				others = append(others, &reports[i])
			}
			before := reports[order[0]].StoryKeysWith(others)
			for _, key := range all.StoryKeys() {
				if !slices.Contains(before, key) {
					t.Errorf("seed %d: %x was not expected before", seed, key)
				}
			}
			got := string(all.AppendDocument(nil)) + fmt.Sprintf("%x", all.StoryKeys())
			if want == "" {
				want = got
			} else if got != want {
				t.Fatalf("seed %d: in the order %v they make\n%s\nand in their own\n%s", seed, order, got, want)
			}
		}
	}
}

// Steps of a canary are reports of one event: when its exposure rose is known afterwards, however often each was said.
func TestReportsOfARamp(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	report := func(after time.Duration, phase change.Phase, exposure float64) change.Event {
		e := change.Event{Source: "ci", Key: "1", Kind: "deploy", Phase: phase, Title: "1.2", Subjects: []change.Subject{{Name: "service:a"}}, Exposure: &exposure}
		if faults := e.Normalize(noon.Add(after), ""); faults != nil {
			t.Fatal(faults)
		}
		return e
	}
	e := report(0, change.Started, 5)
	if e.Advance(report(time.Second, change.Started, 5)) || e.Ramp != nil {
		t.Errorf("what is sent again changes it: %s", e.AppendDocument(nil))
	}
	e.Advance(report(10*time.Minute, change.Started, 25))
	e.Advance(report(10*time.Minute+time.Second, change.Started, 25))
	e.Advance(report(30*time.Minute, change.Succeeded, 100))
	got := ""
	for _, step := range e.Ramp {
		got += fmt.Sprintf("%v after %v, ", step.Exposure, step.At.Sub(noon))
	}
	if want := "5 after 0s, 25 after 10m0s, 100 after 30m0s, "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What tells no time and says the same again, after something else was known of the event, is a retry.
func TestReportWithoutATimeAgain(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	report := func(received time.Time, phase change.Phase, started time.Time) change.Event {
		e := change.Event{Source: "ci", Key: "1", Kind: "deploy", Phase: phase, Title: "1.2", Subjects: []change.Subject{{Name: "service:a"}}, StartedAt: started}
		if faults := e.Normalize(received, ""); faults != nil {
			t.Fatal(faults)
		}
		return e
	}
	e := report(noon, change.Started, noon.Add(-5*time.Minute))
	if !e.Advance(report(noon.Add(time.Second), change.Failed, time.Time{})) {
		t.Error("a further phase changes nothing")
	}
	if e.Advance(report(noon.Add(time.Minute), change.Failed, time.Time{})) {
		t.Errorf("the same again changes it: %s", e.AppendDocument(nil))
	}
}
