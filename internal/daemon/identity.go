package daemon

import (
	"context"
	"net/http"
	"slices"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// identity is who asks.
type identity struct {
	access.Principal
	// again looks whether the credential still stands, and for whom. Nil when that cannot change. It is asked every
	// few seconds for as long as a request goes on, without the request, which its handler may have changed.
	again func(context.Context) (access.Principal, error)
}

// authenticator tells who asks. A credential that is shown and is not good is Unauthenticated; none at all is nobody.
type authenticator func(r *http.Request) (identity, error)

// againEvery is how often the principal of a long request is looked at: what was revoked ends within five seconds.
const againEvery = 3 * time.Second

// whileStanding gives a context that ends when the principal is no longer who and what it was. Streams come back, and
// are told why they may not. A database that does not answer ends nothing.
func whileStanding(ctx context.Context, who identity, every time.Duration) (standing context.Context, release func()) {
	if who.again == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var timer *time.Timer
	ready := make(chan struct{})
	timer = time.AfterFunc(every, func() {
		<-ready // the assignment of timer
		now, err := who.again(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil && same(now, who.Principal), err != nil && !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Forbidden):
			timer.Reset(every)
		default:
			cancel()
		}
	})
	close(ready)
	return ctx, func() {
		timer.Stop()
		cancel()
	}
}

// same reports whether two principals may do the same by themselves; teams are asked about at each edit.
func same(a, b access.Principal) bool {
	return a.Type == b.Type && a.Name == b.Name && a.Role == b.Role && a.Source == b.Source && slices.Equal(a.Scopes, b.Scopes)
}
