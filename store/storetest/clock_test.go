package storetest_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// What a server wrote while its clock was a day ahead does not rest for a day when the clock is right again.
func TestClockWasAhead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, ahead := t.Context(), noon.Add(24*time.Hour)
		take := func(holder string, at time.Time) bool {
			t.Helper()
			_, found, err := s.TakeJob(ctx, []string{"work"}, holder, at, at.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if err := s.Enqueue(ctx, job.Job{Kind: "work", Key: "made ahead", CreatedAt: ahead, DueAt: ahead}); err != nil {
			t.Fatal(err)
		}
		if !take("one", noon) || take("two", noon) {
			t.Error("a job that was made ahead is to be taken at once, by one")
		}
		if err := s.Enqueue(ctx, job.Job{Kind: "work", Key: "held ahead", CreatedAt: noon, DueAt: noon}); err != nil {
			t.Fatal(err)
		}
		if !take("one", ahead) || !take("two", noon.Add(2*time.Second)) || take("three", noon.Add(3*time.Second)) {
			t.Error("a job that was taken ahead is to be taken again, by one")
		}
		if err := s.Promise(ctx, []notify.Post{promise("a", noon)}); err != nil {
			t.Fatal(err)
		}
		for i, at := range []time.Time{ahead, noon.Add(time.Second), noon.Add(2 * time.Second)} {
			posts, err := s.ClaimPosts(ctx, at, time.Minute, 10)
			if err != nil || len(posts) != []int{1, 1, 0}[i] {
				t.Errorf("%s: %d posts are due, %v", at, len(posts), err)
			}
		}
	})
}
