package storetest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// Deliveries are kept with the events that came in them, each once, and for a bounded time.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		came := func(key string, outcome integration.Outcome, minute int) integration.Kept {
			return integration.Kept{
				Source: "forge", Key: key, ReceivedAt: noon.Add(time.Duration(minute) * time.Minute), Times: 1, Outcome: outcome, Events: 1, Bytes: 7,
				Header: http.Header{"X-Event": {"push"}}, Query: "a=b", Body: []byte(`{"n":1}`),
			}
		}
		first := came("one", integration.Failed, 0)
		first.Reason = "it cannot be read"
		if _, err := s.Append(t.Context(), []change.Event{event(t, noon, nil, 1)}, integration.Beside{Deliveries: []integration.Kept{first, came("two", integration.Ignored, 1)}}, integration.Beside{Deliveries: []integration.Kept{came("one", integration.Taken, 2)}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(t.Context(), []integration.Kept{came("one", integration.Failed, 3), came("three", integration.Taken, 4)}); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for cursor := ""; ; {
			page, next, err := s.Deliveries(t.Context(), "forge", "", cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range page {
				keys = append(keys, k.Key)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"three", "one", "two"}, keys); diff != "" {
			t.Errorf("the last first: want -, got +\n%s", diff)
		}
		taken, _, err := s.Deliveries(t.Context(), "forge", integration.Taken, "", 10)
		if err != nil || len(taken) != 2 {
			t.Fatalf("taken: %v, %v", taken, err)
		}
		one, err := s.Delivery(t.Context(), "forge", taken[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := came("one", integration.Taken, 0)
		want.ID, want.LastAt, want.Times = taken[1].ID, noon.Add(3*time.Minute), 3
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("what was taken once stays taken: want -, got +\n%s", diff)
		}
		if n, err := s.ExpireDeliveries(t.Context(), noon.Add(2*time.Minute)); n != 1 || err != nil {
			t.Errorf("expired %d, %v", n, err)
		}
		if _, err := s.Delivery(t.Context(), "forge", "00"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a delivery that is not there: %v", err)
		}
		if _, _, err := s.Deliveries(t.Context(), "forge", "", "nonsense", 10); !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor that is none: %v", err)
		}
	})
}

// The page of sources tells how many deliveries came by the hour, and which events each made.
func TestTallyDeliveries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		came := func(key string, outcome integration.Outcome, minute int) integration.Kept {
			return integration.Kept{Source: "forge", Key: key, ReceivedAt: noon.Add(time.Duration(minute) * time.Minute), Times: 1, Outcome: outcome}
		}
		told := event(t, noon, nil, 1)
		told.Source, told.Key = "forge", "run/1"
		if _, err := s.Append(t.Context(), []change.Event{told}, integration.Beside{Deliveries: []integration.Kept{came("a", integration.Taken, 1), came("b", integration.Taken, 2), came("c", integration.Failed, 61)}}); err != nil {
			t.Fatal(err)
		}
		got, err := s.TallyDeliveries(t.Context(), "forge", noon)
		want := integration.Tally{LastAt: noon.Add(61 * time.Minute), Hours: []integration.HourTally{
			{At: noon, Outcome: integration.Taken, Deliveries: 2}, {At: noon.Add(time.Hour), Outcome: integration.Failed, Deliveries: 1},
		}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("want -, got +: %v\n%s", err, diff)
		}
		if got, err := s.TallyDeliveries(t.Context(), "forge", noon.Add(24*time.Hour)); err != nil || !got.LastAt.Equal(want.LastAt) || got.Hours != nil {
			t.Errorf("when none came of late: %+v, %v", got, err)
		}
		if got, err := s.TallyDeliveries(t.Context(), "nobody", noon); err != nil || !got.LastAt.IsZero() {
			t.Errorf("of a source that never delivered: %+v, %v", got, err)
		}
		events, err := s.EventsOf(t.Context(), "forge", []string{"run/1", "run/2", "run/1"})
		if err != nil || len(events) != 1 || events[0].Key != "run/1" {
			t.Errorf("the events: %+v, %v", events, err)
		}
		if others, err := s.EventsOf(t.Context(), "other", []string{"run/1"}); err != nil || len(others) != 0 {
			t.Errorf("of another source: %+v, %v", others, err)
		}
	})
}
