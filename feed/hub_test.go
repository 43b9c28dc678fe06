package feed

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
)

// tailStore is a log of numbered events, as far as the hub needs one.
type tailStore struct {
	Store
	mu     sync.Mutex
	newest int64
}

func (s *tailStore) commit(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest += n
}

func (s *tailStore) Log(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest, nil
}

func (s *tailStore) Tail(_ context.Context, after int64, limit int) ([]change.Committed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tail []change.Committed
	for n := after + 1; n <= s.newest && len(tail) < limit; n++ {
		tail = append(tail, change.Committed{Number: n})
	}
	return tail, nil
}

func everything(*change.Event) bool { return true }

// read reads events from a subscription until the number of the last one wanted.
func read(t *testing.T, s *Subscription, until int64) []int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var numbers []int64
	for len(numbers) == 0 || numbers[len(numbers)-1] < until {
		events, _, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("after %d numbers: %v", len(numbers), err)
		}
		for _, e := range events {
			numbers = append(numbers, e.Number)
		}
	}
	return numbers
}

func upTo(from, to int64) []int64 {
	var all []int64
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func TestResumingGivesWhatWasMissed(t *testing.T) {
	t.Parallel()
	store := &tailStore{newest: 1234}
	hub := NewHub(store)
	go hub.Run(t.Context())
	s, err := hub.Subscribe(t.Context(), 34, everything)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(upTo(35, 1234), read(t, s, 1234)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	store.commit(5)
	hub.Wake()
	if diff := cmp.Diff(upTo(1235, 1239), read(t, s, 1239)); diff != "" {
		t.Errorf("live, want -, got +:\n%s", diff)
	}
}

// A reader that joins while the hub is about to hand out what the reader has already caught up with.
func TestAnOlderOfferRepeatsNothing(t *testing.T) {
	t.Parallel()
	s := &Subscription{hub: NewHub(&tailStore{}), match: everything, ready: make(chan struct{}, 1), seen: 15, joined: true}
	for _, numbers := range [][]int64{upTo(11, 12), upTo(13, 16)} {
		var tail []change.Committed
		for _, n := range numbers {
			tail = append(tail, change.Committed{Number: n})
		}
		s.offer(tail)
	}
	if diff := cmp.Diff([]int64{16}, read(t, s, 16)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestManyReadersWhileWriting(t *testing.T) {
	t.Parallel()
	const last = 20_000
	store := &tailStore{newest: 1}
	hub := NewHub(store)
	go hub.Run(t.Context())
	go func() {
		for range (last - 1) / 7 {
			store.commit(7)
			hub.Wake()
		}
		store.commit((last - 1) % 7)
		hub.Wake()
	}()
	var readers sync.WaitGroup
	for i := range 16 {
		readers.Go(func() {
			var got []int64
			after := int64(0)
			for after < last { // each connection is dropped after some events, in some of the readers
				s, err := hub.Subscribe(t.Context(), after, everything)
				if err != nil {
					t.Error(err)
					return
				}
				part := read(t, s, min(last, after+int64(1+i*977)))
				got, after = append(got, part...), part[len(part)-1]
				s.Close()
			}
			if !slices.Equal(got, upTo(1, last)) {
				t.Errorf("reader %d got %d events, with gaps or repeats", i, len(got))
			}
		})
	}
	readers.Wait()
}
