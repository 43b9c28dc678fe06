package storetest_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A job is held by one server at a time, is gone on with when that one is gone, and begins anew only when it has ended.
func TestJobs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		kinds := []string{"work"}
		if err := s.Enqueue(t.Context(), job.Job{Kind: "work", Key: "a", Payload: "1", By: "test", CreatedAt: noon, DueAt: noon}, job.Job{Kind: "other", Key: "a", CreatedAt: noon}); err != nil {
			t.Fatal(err)
		}
		take := func(holder string, at time.Time) (job.Job, bool) {
			t.Helper()
			j, found, err := s.TakeJob(t.Context(), kinds, holder, at, at.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return j, found
		}
		if _, found := take("one", noon.Add(-time.Second)); found {
			t.Error("a job was taken before it is due")
		}
		j, found := take("one", noon.Add(time.Second))
		if !found || j.Key != "a" || j.Payload != "1" || j.State != job.Waiting {
			t.Fatalf("took %+v, %v", j, found)
		}
		if _, found := take("two", noon.Add(2*time.Second)); found {
			t.Error("two servers hold it")
		}
		j.Place, j.Done, j.Total, j.ChangedAt = "there", 3, 5, noon.Add(3*time.Second)
		if err := s.SaveJob(t.Context(), j, "one", noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := s.Enqueue(t.Context(), job.Job{Kind: "work", Key: "a", Payload: "2", CreatedAt: noon.Add(time.Hour), DueAt: noon.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		j, found = take("two", noon.Add(2*time.Minute)) // the first is gone
		if !found || j.Place != "there" || j.Done != 3 || j.Payload != "1" {
			t.Fatalf("went on with %+v, %v", j, found)
		}
		if err := s.SaveJob(t.Context(), j, "one", noon.Add(time.Hour)); !fault.Is(err, fault.Conflict) {
			t.Errorf("the one that was gone goes on: %v", err)
		}
		j.State = job.Done
		if err := s.SaveJob(t.Context(), j, "two", noon); err != nil {
			t.Fatal(err)
		}
		if _, found := take("two", noon.Add(time.Hour)); found {
			t.Error("what is done was taken")
		}
		if err := s.Enqueue(t.Context(), job.Job{Kind: "work", Key: "a", Payload: "3", CreatedAt: noon, DueAt: noon}); err != nil {
			t.Fatal(err)
		}
		if j, err := s.Job(t.Context(), "work", "a"); err != nil || j.State != job.Waiting || j.Done != 0 || j.Place != "" || j.Payload != "3" {
			t.Errorf("began anew as %+v, %v", j, err)
		}
		if all, err := s.Jobs(t.Context(), job.Waiting, 10); err != nil || len(all) != 2 {
			t.Errorf("waiting: %v, %v", all, err)
		}
	})
}

// Many servers that look for work at once do each piece of it once.
func TestNoJobIsDoneTwiceAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const jobs = 60
		for i := range jobs {
			if err := s.Enqueue(t.Context(), job.Job{Kind: "work", Key: fmt.Sprint(i), CreatedAt: noon, DueAt: noon}); err != nil {
				t.Fatal(err)
			}
		}
		var done atomic.Int64
		var servers sync.WaitGroup
		for server := range 4 {
			servers.Go(func() {
				holder := fmt.Sprint("server ", server)
				for done.Load() < jobs {
					j, found, err := s.TakeJob(t.Context(), []string{"work"}, holder, noon.Add(time.Second), noon.Add(time.Hour))
					if err != nil {
						t.Error(err)
						return
					}
					if !found {
						continue
					}
					j.State = job.Done
					if err := s.SaveJob(t.Context(), j, holder, noon); err != nil {
						t.Error(err)
						return
					}
					done.Add(1)
				}
			})
		}
		servers.Wait()
		if done.Load() != jobs {
			t.Errorf("%d were done, want %d", done.Load(), jobs)
		}
	})
}
