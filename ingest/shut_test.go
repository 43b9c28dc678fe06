package ingest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// Of a source that cannot be opened nothing is taken, and its tool hears when to send again, and nothing else.
func TestAHookThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		hook := door.Shut("bell", "bell", "its settings are of a newer version")
		for name, err := range map[string]error{
			"a delivery": func() error {
				_, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{"X-Sign": {"ours"}}, Body: []byte("one")})
				return err
			}(),
			"a large one": hook.TooLarge(ctx, integration.Delivery{}),
		} {
			if !fault.Is(err, fault.Unavailable) || fault.RetryAfter(err) != time.Minute || strings.Contains(err.Error(), "newer version") {
				t.Errorf("%s: %v, again after %v", name, err, fault.RetryAfter(err))
			}
		}
		state := hook.State()
		if state.State != integration.Failing || state.Fault != "its settings are of a newer version" || state.Deliveries[integration.Refused] != 2 {
			t.Errorf("the source says %+v", state)
		}
		kept, _, err := s.Deliveries(t.Context(), "bell", integration.Refused, "", 100)
		if err != nil || len(kept) != 1 || len(kept[0].Body) != 0 || kept[0].Reason == "" {
			t.Errorf("what came is kept as %v, %v", kept, err)
		}
	})
}

// A secret that cannot be opened is no refusal: the tool sends again, and the source says why until it takes something.
func TestADeliveryThatCannotBeVerifiedIsSentAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		receiver := &bell{decode: rings, lost: fault.New(fault.Unavailable, "the data key is gone")}
		hook := door.Hook("bell", "bell", receiver)
		one := integration.Delivery{Header: http.Header{"X-Sign": {"ours"}}, Body: []byte("one")}
		_, err := hook.Receive(ctx, one)
		if !fault.Is(err, fault.Unavailable) || fault.RetryAfter(err) != time.Minute || strings.Contains(err.Error(), "data key") {
			t.Errorf("the tool hears %v, again after %v", err, fault.RetryAfter(err))
		}
		if state := hook.State(); state.State != integration.Failing || state.Fault != "the data key is gone" || state.Deliveries[integration.Refused] != 0 {
			t.Errorf("the source says %+v", state)
		}
		receiver.lost = nil
		if _, err := hook.Receive(ctx, one); err != nil || hook.State().State != integration.Working || hook.State().Fault != "" {
			t.Errorf("it is mended: %v, %+v", err, hook.State())
		}
	})
}
