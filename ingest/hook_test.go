package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// bell is a tool that signs with the word "ours", and of which the decoder can be broken and mended.
type bell struct {
	decode func(body string) (integration.Decoded, error)
	lost   error // why nothing can be verified
}

func (*bell) Describe() string  { return "a bell" }
func (*bell) Headers() []string { return []string{"X-Ring"} }
func (*bell) MaxBody() int64    { return 1 << 10 }

func (b *bell) Verify(_ context.Context, d integration.Delivery) error {
	if b.lost != nil {
		return b.lost
	}
	if d.Header.Get("X-Sign") != "ours" {
		return fault.New(fault.Unauthenticated, "that is not the bell")
	}
	return nil
}

func (b *bell) Decode(d integration.Delivery) (integration.Decoded, error) {
	return b.decode(string(d.Body))
}

func rings(body string) (integration.Decoded, error) {
	return integration.Decoded{Key: "id of " + body, Events: []change.Event{{
		Key: body, Kind: "note", Title: "it rang " + body, Subjects: []change.Subject{{Name: "service:door"}},
	}}}, nil
}

// What a decoder makes of a delivery, well or badly, is kept and acknowledged; what it could not read is read again when it can.
func TestHook(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		b := &bell{}
		hook := door.Hook("bell", "bell", b)
		ring := func(body string, want integration.Outcome) {
			t.Helper()
			got, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{"X-Sign": {"ours"}, "X-Ring": {"1"}}, Query: "q=\xff", Body: []byte(body)})
			if err != nil || got.Outcome != want {
				t.Errorf("%q: got %q (%s), %v; want %q", body, got.Outcome, got.Reason, err, want)
			}
		}
		rang := func() string {
			page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"bell"}}, change.Cursor{}, 100, false)
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, e := range page.Events {
				titles = append(titles, e.Title)
			}
			return strings.Join(titles, ", ")
		}
		kept := func(outcome integration.Outcome) []integration.Kept {
			page, _, err := s.Deliveries(t.Context(), "bell", outcome, "", 100)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}

		b.decode = func(string) (integration.Decoded, error) { panic("the clapper is gone") }
		ring("one", integration.Failed)
		b.decode = func(body string) (integration.Decoded, error) {
			decoded, _ := rings(body)
			return decoded, fault.New(fault.Invalid, "half of it cannot be read")
		}
		ring("two", integration.Failed)
		b.decode = func(string) (integration.Decoded, error) {
			return integration.Decoded{Key: "a\x00b\xff", Events: []change.Event{{Key: "three", Kind: "no such kind", Title: "it rang"}}}, nil
		}
		ring("three", integration.Failed)
		b.decode = func(string) (integration.Decoded, error) { return integration.Decoded{Ignored: "only\x00wind"}, nil }
		ring("wind", integration.Ignored)
		if got := rang(); got != "" {
			t.Errorf("what could not be read is in the log: %s", got)
		}

		b.decode = rings
		failed := kept(integration.Failed)
		if len(failed) != 3 {
			t.Fatalf("%d failed, want 3", len(failed))
		}
		for range 2 { // again, and once more
			for _, k := range failed {
				if got, err := hook.Replay(ctx, k.ID); err != nil || got.Outcome != integration.Taken {
					t.Errorf("%s, read again: %v, %v", k.ID, got, err)
				}
			}
		}
		if got := rang(); strings.Count(got, "it rang") != 3 {
			t.Errorf("read again: %s", got)
		}
		if left := kept(integration.Failed); len(left) != 0 {
			t.Errorf("%d are still said to have failed", len(left))
		}
		for _, k := range kept(integration.Taken) {
			if k.Times != 1 {
				t.Errorf("%s came %d times, though it was only read again", k.ID, k.Times)
			}
		}

		if _, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{}, Body: []byte("four")}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("of somebody else: %v", err)
		}
		if refused := kept(integration.Refused); len(refused) != 1 {
			t.Errorf("%d refusals are kept", len(refused))
		} else if _, err := hook.Replay(ctx, refused[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("what was refused is read again: %v", err)
		}
	})
}

// A body that was deflated is bounded by what it inflates to.
func TestHookInflates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		hook := door.Hook("bell", "bell", &bell{decode: rings})
		for body, want := range map[string]integration.Outcome{"once": integration.Taken, strings.Repeat("a", 2<<10): integration.Failed} {
			var zipped bytes.Buffer
			w := gzip.NewWriter(&zipped)
			if _, err := w.Write([]byte(body)); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			got, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{"X-Sign": {"ours"}, "Content-Encoding": {"gzip"}}, Body: zipped.Bytes()})
			if err != nil || got.Outcome != want {
				t.Errorf("%d bytes: %v, %v", len(body), got, err)
			}
		}
		if state := hook.State(); state.Deliveries[integration.Taken] != 1 || state.Deliveries[integration.Failed] != 1 || state.State == integration.Waiting {
			t.Errorf("the state: %+v", state)
		}
	})
}

// asking is a bell that has to be told that it may ring.
type asking struct {
	bell
	asked int
	fails error
}

func (a *asking) Confirm(context.Context, integration.Delivery) error {
	a.asked++
	return a.fails
}

// A tool that asks whether it may deliver is answered before anything is kept, once its question is verified, and is not when
// the question is read again.
func TestHookConfirms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		a := &asking{bell: bell{decode: rings}, fails: fault.New(fault.Unavailable, "the answer was not heard")}
		hook := door.Hook("bell", "bell", a)
		question := integration.Delivery{Header: http.Header{"X-Sign": {"theirs"}}, Body: []byte("may I?")}
		if _, err := hook.Receive(ctx, question); !fault.Is(err, fault.Unauthenticated) || a.asked > 0 {
			t.Errorf("%v, and it was answered %d times", err, a.asked)
		}
		question.Header.Set("X-Sign", "ours")
		_, err := hook.Receive(ctx, question)
		if state := hook.State(); !fault.Is(err, fault.Unavailable) || state.State != integration.Failing || !strings.Contains(state.Fault, "not heard") {
			t.Errorf("%v; the source is %q: %s", err, state.State, state.Fault)
		}
		a.fails = nil
		if got, err := hook.Receive(ctx, question); err != nil || got.Outcome != integration.Taken || a.asked != 2 {
			t.Errorf("%v, %v, and it was answered %d times", got, err, a.asked)
		}
		page, _, err := s.Deliveries(t.Context(), "bell", integration.Taken, "", 10)
		if err != nil || len(page) != 1 {
			t.Fatalf("%d are kept: %v", len(page), err)
		}
		if _, err := hook.Replay(ctx, page[0].ID); err != nil || a.asked != 2 {
			t.Errorf("%v, and it was answered %d times", err, a.asked)
		}
	})
}
