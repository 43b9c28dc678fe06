package storetest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/access"
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

// A job that is cancelled in its middle ends there, though a step of it is on its way; tried again it begins anew.
func TestAJobIsCancelledInItsMiddle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(access.With(t.Context(), access.Administrator))
		defer stop()
		runner := job.NewRunner(s)
		desk := &job.Desk{Store: s, Wake: runner.Wake, Now: time.Now}
		begun, steps := make(chan int), make(chan bool)
		runner.Handlers[job.Replay] = func(_ context.Context, j *job.Job) (bool, error) {
			begun <- j.Done
			j.Done++
			return <-steps, nil
		}
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		running.Go(func() { runner.Run(ctx) })

		if _, err := desk.Begin(ctx, job.Job{Kind: job.Replay, Key: "forge failed", Total: 9}); err != nil {
			t.Fatal(err)
		}
		<-begun
		steps <- true
		<-begun // the second step is on its way
		if j, err := desk.Cancel(ctx, job.Replay, "forge failed"); err != nil || j.State != job.Cancelled || j.Done != 1 {
			t.Fatalf("cancelled: %+v, %v", j, err)
		}
		steps <- true // and is the last: it says that there is more
		if _, err := desk.Cancel(ctx, job.Replay, "forge failed"); !fault.Is(err, fault.Conflict) {
			t.Errorf("cancelled twice: %v", err)
		}
		select {
		case <-begun:
			t.Error("it goes on")
		case <-time.After(100 * time.Millisecond):
		}
		if j, err := desk.Get(ctx, job.Replay, "forge failed"); err != nil || j.State != job.Cancelled || !strings.Contains(j.Fault, "administrator") {
			t.Errorf("it stands as %+v, %v", j, err)
		}

		if j, err := desk.Retry(ctx, job.Replay, "forge failed"); err != nil || j.State != job.Waiting || j.Done != 0 || j.Fault != "" || j.Total != 9 {
			t.Fatalf("tried again: %+v, %v", j, err)
		}
		if done := <-begun; done != 0 {
			t.Errorf("it went on at %d", done)
		}
		if _, err := desk.Retry(ctx, job.Replay, "forge failed"); !fault.Is(err, fault.Conflict) {
			t.Errorf("tried again while it is being done: %v", err)
		}
		steps <- false
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			j, err := desk.Get(ctx, job.Replay, "forge failed")
			if err == nil && j.State == job.Done && j.Done == 1 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("it ended as %+v, %v", j, err)
			}
		}
		if _, err := desk.Retry(ctx, job.Replay, "forge failed"); !fault.Is(err, fault.Conflict) {
			t.Errorf("what is done is tried again: %v", err)
		}
	})
}

// Only operators see and change jobs, and what gives a name its past cannot be left in its middle.
func TestWhoMayCancelAJob(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		desk := &job.Desk{Store: s, Wake: func() {}, Now: time.Now}
		if err := s.Enqueue(t.Context(), job.Job{Kind: job.Attribute, Key: "github:acme/payments", CreatedAt: noon, DueAt: noon}); err != nil {
			t.Fatal(err)
		}
		admin := access.With(t.Context(), access.Administrator)
		if _, err := desk.Cancel(admin, job.Attribute, "github:acme/payments"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the past of a name was left in its middle: %v", err)
		}
		if _, err := desk.Cancel(admin, job.Replay, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that is not there: %v", err)
		}
		member := access.With(t.Context(), access.Principal{Type: access.Person, Name: "ada", Role: access.RoleMember})
		for name, err := range map[string]error{
			"list":   second(desk.List(member, "", 10)),
			"get":    second(desk.Get(member, job.Attribute, "github:acme/payments")),
			"begin":  second(desk.Begin(member, job.Job{Kind: job.Replay, Key: "a"})),
			"retry":  second(desk.Retry(member, job.Attribute, "github:acme/payments")),
			"cancel": second(desk.Cancel(member, job.Attribute, "github:acme/payments")),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("a member may %s: %v", name, err)
			}
		}
		if _, err := desk.List(admin, "lost", 10); !fault.Is(err, fault.Invalid) {
			t.Errorf("a state that there is not: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }
