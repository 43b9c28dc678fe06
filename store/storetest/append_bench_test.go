package storetest_test

import (
	"fmt"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/bench/org"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// BenchmarkAppend measures one group commit of so many events; the figure is of one event.
func BenchmarkAppend(b *testing.B) {
	for engine, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		for _, size := range []int{1, 16, 64, 1000} {
			b.Run(fmt.Sprintf("%s/%d", engine, size), func(b *testing.B) {
				s, now := open(b), time.Now()
				o := org.New(1, org.Size{Services: 10_000})
				entities := map[string]int64{}
				prepare := func(n int) []change.Event {
					var events []change.Event
					for e := range o.Events(n, now.Add(-time.Hour), now) {
						e.Normalize(now, "")
						for i, subject := range e.Subjects {
							if entities[subject.Name] == 0 {
								entities[subject.Name] = int64(len(entities) + 1)
							}
							e.Subjects[i].Entity = entities[subject.Name]
						}
						e.Key = fmt.Sprintf("%s/%d", e.Key, len(events))
						events = append(events, e)
					}
					return events
				}
				events := prepare(10_000 + b.N)
				for len(events) > b.N {
					n := min(1000, len(events)-b.N)
					if _, err := s.Append(b.Context(), events[:n]); err != nil {
						b.Fatal(err)
					}
					events = events[n:]
				}
				b.ReportAllocs()
				b.ResetTimer()
				for len(events) > 0 {
					n := min(size, len(events))
					if _, err := s.Append(b.Context(), events[:n]); err != nil {
						b.Fatal(err)
					}
					events = events[n:]
				}
			})
		}
	}
}
