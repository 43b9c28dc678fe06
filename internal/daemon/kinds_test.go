package daemon

import (
	"fmt"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store/storetest"
)

// The job goes on from its place, through more rows than one transaction takes, and ends.
func TestTheKindsOfOldEventsAreFilledInFromAPlaceOn(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	now := time.Now()
	events := make([]change.Event, 1200)
	for i := range events {
		events[i] = change.Event{
			Source: "ci", Key: fmt.Sprint(i), Kind: "deploy", Title: "pricing 1.2", StartedAt: now, ReceivedAt: now,
			Subjects: []change.Subject{{Name: "service:pricing", Entity: 1}},
		}
		events[i].Normalize(now, "")
	}
	if _, err := s.Append(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	d := &Daemon{store: s}
	j := &job.Job{Kind: job.Kinds, Key: "log"}
	for steps := 1; ; steps++ {
		j.DueAt = time.Time{}
		more, err := d.kinds(t.Context(), j)
		if err != nil || more || steps > 100 {
			t.Fatalf("after %d steps: %+v, %t, %v", steps, j, more, err)
		}
		if !j.DueAt.After(time.Now()) {
			break
		}
	}
	if want := fmt.Sprintf("1 %d %d", events[len(events)-1].StartedAt.UnixMicro(), events[len(events)-1].Seq); j.Place != want || j.Done != 0 {
		t.Errorf("it ended at %q with %d filled in, and not at %q with none", j.Place, j.Done, want)
	}
	before := *j
	if more, err := d.kinds(t.Context(), j); err != nil || more || j.Place != before.Place {
		t.Errorf("from its end on: %+v, %t, %v", j, more, err)
	}
}
