package ingest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// ended waits until a job has.
func ended(t *testing.T, s *store.Store, kind, key string) job.Job {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; {
		j, err := s.Job(t.Context(), kind, key)
		if err == nil && j.State != job.Waiting {
			return j
		}
		if time.Now().After(until) {
			t.Fatalf("the job %s:%s has not ended: %+v, %v", kind, key, j, err)
		}
		select {
		case <-t.Context().Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// A claim is answered before all of a long past has found its entity; the rest goes on behind it, with progress, also
// after the server was gone. What was claimed by mistake is taken back, and the name has its past again.
func TestAClaimGoesOnBehindItsAnswerAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		const past = 2700
		var events []change.Event
		for i := range past {
			events = append(events, told(fmt.Sprint(i), "github:acme/lost"))
		}
		for _, own := range []string{"pricing", "billing"} {
			events = append(events, told(own, own))
		}
		if _, err := door.Record(ctx, events); err != nil {
			t.Fatal(err)
		}
		pricing, billing := catalog.Ref{Kind: catalog.Service, Name: "pricing"}, catalog.Ref{Kind: catalog.Service, Name: "billing"}
		claimed, err := door.Claim(ctx, "github:acme/lost", pricing)
		if err != nil || claimed.Events < 2000 || claimed.Events+claimed.Left != past || claimed.Left == 0 {
			t.Fatalf("claimed %+v, %v", claimed, err)
		}
		// The server that was asked is gone: another does what is left.
		other := ingest.NewDoor(door.Roll, s, func() {})
		late := time.Now()
		other.Now = func() time.Time { return late.Add(time.Minute) } // later than any event that was resolved before
		runner := job.NewRunner(s)
		other.Background(runner)
		running, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			runner.Run(running)
		}()
		defer func() {
			stop()
			<-done
		}()
		if j := ended(t, s, job.Attribute, "github:acme/lost"); j.State != job.Done || j.Done != past || j.Total != past {
			t.Errorf("the job is %+v", j)
		}
		count := func(ref catalog.Ref) int {
			t.Helper()
			if _, err := door.Roll.Refresh(ctx); err != nil {
				t.Fatal(err)
			}
			e, ok := door.Roll.Get(ref)
			if !ok {
				t.Fatalf("there is no %s", ref)
			}
			n := 0
			for cursor := (change.Cursor{}); ; {
				page, err := s.Feed(t.Context(), change.Filter{Entities: []int64{e.ID}, Sources: []string{"ci"}}, cursor, 500, false)
				if err != nil {
					t.Fatal(err)
				}
				n += len(page.Events)
				if cursor = page.Next; cursor == (change.Cursor{}) {
					return n
				}
			}
		}
		if n := count(pricing); n != past+1 {
			t.Errorf("pricing has %d events, want %d", n, past+1)
		}
		take := catalog.Statement{Ref: pricing, Source: catalog.PeopleSource, Partial: true, Claims: []catalog.Claim{
			catalog.Say(catalog.Key(catalog.FamilyAlias, "github:acme/lost"), nil),
		}}
		applied, err := door.Apply(ctx, []catalog.Statement{take})
		if err != nil {
			t.Fatal(err)
		}
		if j := ended(t, s, job.Release, "github:acme/lost service:pricing"); j.State != job.Done || applied.Released+j.Done != past {
			t.Errorf("after %d that were released at once the job is %+v", applied.Released, j)
		}
		if n := count(pricing); n != 1 {
			t.Errorf("pricing has %d events, want its own", n)
		}
		if names, _, err := s.Unclaimed(t.Context(), change.Unclaimed{}, 10); err != nil || len(names) != 1 || names[0].Events != past {
			t.Errorf("unclaimed: %+v, %v", names, err)
		}
		if _, err := door.Claim(ctx, "github:acme/lost", billing); err != nil {
			t.Fatal(err)
		}
		ended(t, s, job.Attribute, "github:acme/lost")
		if n := count(billing); n != past+1 {
			t.Errorf("billing has %d events, want %d", n, past+1)
		}
	})
}

// Who claims by mistake and takes it back at once looks at the list of unclaimed names next: the name is there, whether or not
// the job that does the rest has begun.
func TestANameThatIsTakenBackIsUnclaimedAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		if _, err := door.Record(ctx, []change.Event{told("1", "github:acme/lost"), told("2", "github:acme/lost"), told("3", "pricing")}); err != nil {
			t.Fatal(err)
		}
		pricing := catalog.Ref{Kind: catalog.Service, Name: "pricing"}
		if claimed, err := door.Claim(ctx, "github:acme/lost", pricing); err != nil || claimed.Events != 2 {
			t.Fatalf("claimed %+v, %v", claimed, err)
		}
		applied, err := door.Apply(ctx, []catalog.Statement{{Ref: pricing, Source: catalog.PeopleSource, Partial: true, Claims: []catalog.Claim{
			catalog.Say(catalog.Key(catalog.FamilyAlias, "github:acme/lost"), nil),
		}}})
		if err != nil || applied.Released != 2 {
			t.Fatalf("taken back: %+v, %v", applied, err)
		}
		if names, _, err := s.Unclaimed(t.Context(), change.Unclaimed{}, 10); err != nil || len(names) != 1 || names[0].Events != 2 {
			t.Errorf("unclaimed: %+v, %v", names, err)
		}
	})
}
