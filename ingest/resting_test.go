package ingest_test

import (
	"net/http"
	"testing"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A source that is off tells its own tool that it takes nothing, and nobody else that it is there.
func TestAHookThatIsOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		hook := door.Rest("bell", "bell", &bell{decode: rings})
		kept := func() []integration.Kept {
			t.Helper()
			page, _, err := s.Deliveries(t.Context(), "bell", "", "", 100)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		if _, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{}, Body: []byte("one")}); !fault.Is(err, fault.NotFound) {
			t.Errorf("of somebody else: %v", err)
		}
		if err := hook.TooLarge(ctx, integration.Delivery{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("too large, of anybody: %v", err)
		}
		if got, state := kept(), hook.State(); len(got) != 0 || state.State != integration.Off || state.Fault != "" {
			t.Errorf("somebody else left %v, %v", got, state)
		}

		got, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{"X-Sign": {"ours"}}, Body: []byte("one")})
		if err != nil || got.Outcome != integration.Refused || got.Reason == "" {
			t.Errorf("of its tool: %v, %v", got, err)
		}
		if got := kept(); len(got) != 1 || got[0].Outcome != integration.Refused || got[0].Reason == "" || len(got[0].Body) != 0 {
			t.Errorf("what came is kept as %v", got)
		}
		if state := hook.State(); state.State != integration.Off || state.Fault == "" || state.Deliveries[integration.Refused] != 1 {
			t.Errorf("the source says %v", state)
		}
		page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"bell"}}, change.Cursor{}, 100, false)
		if err != nil || len(page.Events) != 0 {
			t.Errorf("the log has %v, %v", page.Events, err)
		}
	})
}
