package storetest_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

func promise(key string, due time.Time) notify.Post {
	return notify.Post{
		Source: "slack", Key: key, Topic: notify.TopicNotice, Place: chat.Place{Channel: "C1", Thread: "1.2"}, Reply: "https://hooks.example/" + key,
		About: json.RawMessage(`{"title":"` + key + `"}`), CreatedAt: noon, DueAt: due,
	}
}

// What was heard twice is answered once, and its answer commits with its end.
func TestHeard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		heard := integration.Heard{Source: "slack", Heard: chat.Heard{Kind: chat.Page, Key: "Ev1", At: noon, Place: chat.Place{Channel: "C1"}, Keys: []string{"incident/Q1"}}}
		for range 2 {
			if _, err := s.Append(ctx, nil, integration.Beside{Heard: []integration.Heard{heard, heard}}); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.ClaimHeard(ctx, noon, time.Minute, 10)
		if err != nil || len(all) != 1 || all[0].Source != "slack" || all[0].Keys[0] != "incident/Q1" {
			t.Fatalf("claimed %+v, %v, want the one", all, err)
		}
		if again, err := s.ClaimHeard(ctx, noon.Add(time.Second), time.Minute, 10); err != nil || len(again) != 0 {
			t.Errorf("claimed twice: %+v, %v", again, err)
		}
		if again, err := s.ClaimHeard(ctx, noon.Add(2*time.Minute), time.Minute, 10); err != nil || len(again) != 1 {
			t.Errorf("when the lease ended: %+v, %v, want it again", again, err)
		}
		if err := s.Answer(ctx, &all[0], notify.Answered{State: notify.Sent, Posts: []notify.Post{promise("a", noon)}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PostKeyed(ctx, "slack", "a"); err != nil {
			t.Errorf("the promise of an answer: %v", err)
		}
		if again, err := s.ClaimHeard(ctx, noon.Add(time.Hour), time.Minute, 10); err != nil || len(again) != 0 {
			t.Errorf("after it was answered: %+v, %v", again, err)
		}
	})
}

// A promise made twice is one; what is promised while it is being sent is not forgotten; nobody sends what another does.
func TestPosts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for range 2 {
			if err := s.Promise(ctx, []notify.Post{promise("a", noon), promise("b", noon.Add(time.Hour))}); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.ClaimPosts(ctx, noon, time.Minute, 10)
		if err != nil || len(all) != 1 || all[0].Key != "a" || all[0].State != notify.Waiting || all[0].Place.Thread != "1.2" || all[0].Attempts != 1 {
			t.Fatalf("due: %+v, %v, want a", all, err)
		}
		sending := all[0]
		changed := promise("a", noon.Add(time.Second))
		changed.About = json.RawMessage(`{"title":"more is known"}`)
		if err := s.Promise(ctx, []notify.Post{changed}); err != nil {
			t.Fatal(err)
		}
		sending.Reply = ""
		if err := s.Posted(ctx, &sending, notify.Result{State: notify.Sent, Remote: "7.8", Shown: []byte{1}, Sent: true}, noon); err != nil {
			t.Fatal(err)
		}
		all, err = s.ClaimPosts(ctx, noon.Add(time.Second), time.Minute, 10)
		if err != nil || len(all) != 1 || all[0].Remote != "7.8" || string(all[0].About) != string(changed.About) || all[0].Sends != 1 || !all[0].SentAt.Equal(noon) {
			t.Fatalf("what was promised while it was sent: %+v, %v", all, err)
		}
		all[0].Reply = ""
		if err := s.Posted(ctx, &all[0], notify.Result{State: notify.Dead, Remote: "7.8", Problem: "the channel is gone"}, noon); err != nil {
			t.Fatal(err)
		}
		if due, err := s.ClaimPosts(ctx, noon.Add(time.Minute), time.Minute, 10); err != nil || len(due) != 0 {
			t.Errorf("what was given up is sent: %+v, %v", due, err)
		}
		dead, _, err := s.Posts(ctx, notify.Dead, "", 10)
		if err != nil || len(dead) != 1 || dead[0].Problem != "the channel is gone" || dead[0].Reply != "" {
			t.Errorf("what an operator sees: %+v, %v", dead, err)
		}
		counts, oldest, err := s.TallyPosts(ctx, noon.Add(2*time.Hour))
		if err != nil || counts[notify.Dead] != 1 || counts[notify.Waiting] != 1 || !oldest.Equal(noon.Add(time.Hour)) {
			t.Errorf("counted %v since %v, %v", counts, oldest, err)
		}
		if _, err := s.Post(ctx, all[0].ID); err != nil {
			t.Error(err)
		}
		if _, err := s.PostKeyed(ctx, "slack", "c"); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that nobody promised: %v", err)
		}
		if n, err := s.ExpirePosts(ctx, noon.Add(time.Hour)); err != nil || n != 1 {
			t.Errorf("expired %d, %v, want the one that ended", n, err)
		}
	})
}

func TestPostsAreListedByPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for i := range 25 {
			p := promise(fmt.Sprint(i), noon.Add(time.Hour))
			p.CreatedAt = noon.Add(time.Duration(i/2) * time.Second)
			if err := s.Promise(ctx, []notify.Post{p}); err != nil {
				t.Fatal(err)
			}
		}
		seen, after := map[string]bool{}, ""
		for pages := 0; ; pages++ {
			page, next, err := s.Posts(ctx, "", after, 10)
			if err != nil || pages > 3 {
				t.Fatal(pages, err)
			}
			for _, p := range page {
				if seen[p.Key] {
					t.Errorf("%s is listed twice", p.Key)
				}
				seen[p.Key] = true
			}
			if next == "" {
				break
			}
			after = next
		}
		if len(seen) != 25 {
			t.Errorf("%d are listed, want 25", len(seen))
		}
		if _, _, err := s.Posts(ctx, "", "nonsense", 10); !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor of somewhere else: %v", err)
		}
	})
}

// Several servers claim at once: each post goes to one of them.
func TestClaimedByOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var posts []notify.Post
		for i := range 60 {
			posts = append(posts, promise(fmt.Sprint(i), noon))
		}
		if err := s.Promise(ctx, posts); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var claiming sync.WaitGroup
		claimed := map[string]int{}
		for range 6 {
			claiming.Go(func() {
				for {
					some, err := s.ClaimPosts(ctx, noon, time.Hour, 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(some) == 0 {
						return
					}
					mu.Lock()
					for _, p := range some {
						claimed[p.Key]++
					}
					mu.Unlock()
				}
			})
		}
		claiming.Wait()
		for key, n := range claimed {
			if n != 1 {
				t.Errorf("%s was claimed %d times", key, n)
			}
		}
		if left, err := s.ClaimPosts(ctx, noon, time.Hour, 100); err != nil || len(claimed)+len(left) != 60 {
			t.Errorf("%d claimed, %d left, %v; want 60 in all", len(claimed), len(left), err)
		}
	})
}

func TestEventKeyed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := change.Event{Source: "pager", Key: "incident/Q1", Kind: "incident", Title: "High error rate", Subjects: []change.Subject{{Name: "pagerduty:p1"}}}
		if faults := e.Normalize(time.Now(), ""); len(faults) > 0 {
			t.Fatal(faults)
		}
		if _, err := s.Append(t.Context(), []change.Event{e}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.EventKeyed(t.Context(), "pager", "incident/Q1"); err != nil || got.Title != e.Title {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := s.EventKeyed(t.Context(), "another", "incident/Q1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of another source: %v", err)
		}
	})
}
