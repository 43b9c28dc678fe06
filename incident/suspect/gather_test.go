package suspect_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// TestLittleIsLookedAtFarther checks that what has no path and lies weeks back is listed where there is little else.
func TestLittleIsLookedAtFarther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		o.told("script", "note", "unheard-of", 5*time.Hour)
		o.told("script", "deploy", "unheard-of", 60*24*time.Hour)
		o.told("script", "deploy", "pricing", 200*24*time.Hour)
		order, _ := o.asked("checkout")
		for _, want := range []string{"note of unheard-of", "deploy of unheard-of", "deploy of pricing"} {
			if !slices.Contains(order, want) {
				t.Errorf("no %s among %q", want, order)
			}
		}
	})
}

// TestALatePage checks that an alert which fires since long before the given onset tells of it.
func TestALatePage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		o.told("ci", "deploy", "checkout", 43*time.Minute)
		o.told("ci", "deploy", "pricing", 25*time.Minute)
		o.told("ci", "flag", "checkout", 20*time.Minute)
		before, _ := o.asked("checkout")
		o.told("alertmanager", "alert", "checkout", 40*time.Minute)
		after, _ := o.asked("checkout")
		if before[0] != "flag of checkout" || after[0] != "deploy of checkout" {
			t.Errorf("without the alert %q, with it %q", before, after)
		}
	})
}

// TestStoriesAreCompleted checks that of what is near, stories are read to the end but not what of them is known, and that storms
// are not: what else they did was done to something else.
func TestStoriesAreCompleted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		steps := []change.Event{
			{Kind: "build", Key: "b1", Story: "v1", Subjects: []change.Subject{{Name: "service:elsewhere"}}, StartedAt: began.Add(-80 * time.Hour)},
			{Kind: "deploy", Key: "d1", Story: "v1", Subjects: []change.Subject{{Name: "service:checkout"}}, StartedAt: began.Add(-time.Hour)},
		}
		for i := range 6 {
			at := began.Add(-2*time.Hour + time.Duration(i)*time.Minute)
			steps = append(steps, change.Event{Kind: "restart", Key: at.String(), Subjects: []change.Subject{{Name: "service:checkout"}}, StartedAt: at})
		}
		for i := range steps {
			steps[i].Source, steps[i].Title, steps[i].Phase = "ci", steps[i].Key, change.Succeeded
		}
		if _, err := o.door.Record(o.ctx, steps); err != nil {
			t.Fatal(err)
		}
		checkout, _ := o.door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "checkout"})
		log := &reading{Store: s}
		reader := &suspect.Reader{Roll: o.door.Roll, Log: log}
		ranking, err := reader.Ask(o.ctx, suspect.Question{Services: []int64{checkout.ID}, Onset: began, Now: began})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"b1"}, log.read); diff != "" || len(log.stories) != 1 {
			t.Errorf("of %d stories: %s", len(log.stories), diff)
		}
		if len(ranking.Suspects) != 2 {
			t.Fatalf("%d suspects, want the deploy and the restarts", len(ranking.Suspects))
		}
	})
}

// reading notes what is read of stories.
type reading struct {
	*store.Store
	stories []uuid.UUID
	read    []string // keys
}

func (r *reading) Steps(ctx context.Context, stories []uuid.UUID, limit int, known map[int64]bool) ([]change.Event, error) {
	events, err := r.Store.Steps(ctx, stories, limit, known)
	r.stories = append(r.stories, stories...)
	for i := range events {
		r.read = append(r.read, events[i].Key)
	}
	return events, err
}

// TestNamesInOtherSpellings checks what a service may be called in a question.
func TestNamesInOtherSpellings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		reader := &suspect.Reader{Roll: o.door.Roll, Log: o.log}
		want, err := reader.Find([]string{"checkout"})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"CHECKOUT", "service:checkout", "check-out", "Checkout Service", "checkout_prod"} {
			if got, err := reader.Find([]string{name}); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		for _, name := range []string{"chekout", "ledger"} {
			if got, err := reader.Find([]string{name}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, %v; want that there is none", name, got, err)
			}
		}
	})
}
