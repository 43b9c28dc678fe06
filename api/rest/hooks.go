package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/request"
)

// Hook is a source that tools call.
type Hook interface {
	// MaxBody is the most bytes of one delivery.
	MaxBody() int64
	// Receive verifies, keeps, decodes and commits a delivery; NotFound where whoever sent it is not to know of the source.
	Receive(ctx context.Context, delivery integration.Delivery) (integration.Received, error)
	// TooLarge notes a delivery that was over the bound, and gives what to answer.
	TooLarge(ctx context.Context, delivery integration.Delivery) error
	// Replay decodes a delivery again that is kept; NotFound for one that is not.
	Replay(ctx context.Context, id string) (integration.Received, error)
}

// Deliveries keeps what tools sent.
type Deliveries interface {
	Deliveries(ctx context.Context, source string, outcome integration.Outcome, after string, limit int) (page []integration.Kept, next string, err error)
	Delivery(ctx context.Context, source, id string) (integration.Kept, error)
}

// Hooks is where tools deliver, and where an operator sees what they delivered.
type Hooks struct {
	Find func(source string) (Hook, bool)
	Kept Deliveries
}

// maxHookBody is the largest body that any tool sends; each integration bounds its own.
const maxHookBody = 25 << 20

func (h *Hooks) routes() []route {
	const one = "/api/v1/sources/{name}/deliveries/{id}"
	return []route{
		// Who delivers is told by the signature, which the source checks: a tool is no principal.
		{method: http.MethodPost, op: access.Public, path: "/hooks/{source}", body: maxHookBody, raw: true, serve: h.receive},
		// Clients of PagerDuty's change events append the path of its API to the address that they are given.
		{method: http.MethodPost, op: access.Public, path: "/hooks/{source}/v2/change/enqueue", body: maxHookBody, raw: true, serve: h.receive},
		{method: http.MethodGet, op: access.ReadDeliveries, path: "/api/v1/sources/{name}/deliveries", query: []string{"outcome", "cursor", "limit"}, serve: h.list},
		{method: http.MethodGet, op: access.ReadDeliveries, path: one, serve: h.get},
		{method: http.MethodPost, op: access.ReplayDelivery, path: one + "/replay", serve: h.replay},
	}
}

// receive answers what the tool should make of it: 200 for all that was verified, decoded or not, since sending it again
// would mend nothing; 401 for what was not; 503 and 429 for what should be sent again.
func (h *Hooks) receive(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("source")
	hook, ok := h.Find(name)
	if !ok {
		return noHook(name)
	}
	delivery := integration.Delivery{Method: r.Method, Header: r.Header, Query: r.URL.RawQuery}
	if bounded, ok := r.Body.(*body); ok {
		bounded.narrow(hook.MaxBody())
	}
	b, err := readBody(r)
	if err != nil {
		if fault.Is(err, fault.TooLarge) && !request.ShareOf(r.Context()).Full() {
			return unknown(hook.TooLarge(r.Context(), delivery), name)
		}
		return err
	}
	defer b.release()
	delivery.Body = b.Bytes()
	received, err := hook.Receive(r.Context(), delivery)
	if err != nil {
		return unknown(err, name)
	}
	if received.Answer != nil {
		w.Header().Set("Content-Type", received.Answer.ContentType)
		w.WriteHeader(cmp.Or(received.Answer.Status, http.StatusOK))
		_, _ = w.Write(received.Answer.Body) // the tool may have gone
		return nil
	}
	return answer(w, http.StatusOK, receivedAnswer{received.Outcome, received.Reason, received.Events})
}

func noHook(name string) error {
	return fault.New(fault.NotFound, "there is no source %s that takes deliveries: see the page of sources for the address", clip(name))
}

// unknown answers for a source that somebody is not to know of as for one that is not there, word by word.
func unknown(err error, name string) error {
	if fault.Is(err, fault.NotFound) {
		return noHook(name)
	}
	return err
}

type receivedAnswer struct {
	Outcome integration.Outcome `json:"outcome"`
	Reason  string              `json:"reason,omitempty"`
	Events  int                 `json:"events"`
}

type delivery struct {
	ID         string              `json:"id"`
	Source     string              `json:"source"`
	Key        string              `json:"key,omitempty"`
	ReceivedAt wire.Time           `json:"received_at"`
	LastAt     wire.Time           `json:"last_at"`
	Times      int                 `json:"times"`
	Outcome    integration.Outcome `json:"outcome"`
	Reason     string              `json:"reason,omitempty"`
	Events     int                 `json:"events"`
	Bytes      int                 `json:"bytes"`
	Header     http.Header         `json:"header,omitempty"`
	Query      string              `json:"query,omitempty"`
	Body       string              `json:"body,omitempty"`
}

func deliveryOf(k *integration.Kept) delivery {
	d := delivery{
		ID: k.ID, Source: k.Source, Key: k.Key, ReceivedAt: wire.Time{Time: k.ReceivedAt}, LastAt: wire.Time{Time: k.LastAt}, Times: k.Times,
		Outcome: k.Outcome, Reason: k.Reason, Events: k.Events, Bytes: k.Bytes,
	}
	if len(k.Body) > 0 {
		d.Header, d.Query, d.Body = k.Header, k.Query, string(k.Body)
		if !utf8.Valid(k.Body) {
			d.Body = strings.ToValidUTF8(d.Body, "�")
		}
	}
	return d
}

// list answers what a source was sent, the last first, without bodies.
func (h *Hooks) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	outcome, cursor, limit := integration.Outcome(strings.ToLower(q.one("outcome"))), q.one("cursor"), q.limit()
	if outcome != "" && !slices.Contains(integration.Outcomes(), outcome) {
		q.fault("outcome", "is taken, ignored, failed or refused, not %q", clip(string(outcome)))
	}
	if err := q.err(); err != nil {
		return err
	}
	page, next, err := h.Kept.Deliveries(r.Context(), r.PathValue("name"), outcome, cursor, limit)
	if err != nil {
		return err
	}
	all := make([]delivery, len(page))
	for i := range page {
		all[i] = deliveryOf(&page[i])
	}
	return answer(w, http.StatusOK, struct {
		Deliveries []delivery `json:"deliveries"`
		Next       string     `json:"next"`
	}{all, next})
}

func (h *Hooks) get(w http.ResponseWriter, r *http.Request) error {
	kept, err := h.Kept.Delivery(r.Context(), r.PathValue("name"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, deliveryOf(&kept))
}

func (h *Hooks) replay(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	hook, ok := h.Find(name)
	if !ok {
		return fault.New(fault.NotFound, "there is no source %s that takes deliveries", clip(name))
	}
	received, err := hook.Replay(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, receivedAnswer{received.Outcome, received.Reason, received.Events})
}
