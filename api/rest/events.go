package rest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/internal/jsontext"
)

// Events is the log: events in, and the feed out.
type Events struct {
	Feed   *feed.Reader
	Writer Writer
	Now    func() time.Time
}

func (h *Events) routes() []route {
	return []route{
		{method: http.MethodPost, op: access.RecordEvents, path: "/api/v1/events", body: maxEventsBody, serve: h.post},
		{method: http.MethodGet, op: access.ReadLog, path: "/api/v1/events", query: slices.Concat(feedParams, []string{"fold", "cursor", "limit"}), serve: h.list},
		{method: http.MethodGet, op: access.ReadLog, path: "/api/v1/events/{id}", query: []string{"with"}, serve: h.get},
	}
}

// post records events: all of a body, or none.
func (h *Events) post(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	batch, err := wire.Read(r.Header, text.Bytes(), h.Now())
	text.release()
	if err != nil {
		return err
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		if err := idempotent(batch.Events, key); err != nil {
			return err
		}
	}
	receipts, err := h.Writer.Record(r.Context(), batch.Events)
	if err != nil {
		return within(err, batch.Pointers)
	}
	if len(receipts) == 1 {
		w.Header()["Location"] = []string{"/api/v1/events/" + receipts[0].ID.String()}
	}
	b := newBuffer()
	defer b.release()
	_, _ = b.Write(appendReceipts(b.AvailableBuffer(), receipts)) // a buffer takes everything
	if len(batch.Warnings) > 0 {
		b.WriteString(`,"warnings":`)
		if err := b.encode(batch.Warnings); err != nil {
			return err
		}
	}
	b.WriteString("}\n")
	w.Header()["Content-Type"] = typeJSON
	b.send(w, http.StatusCreated)
	return nil
}

// within turns the faults of what was recorded, "/3/source", into those of the body that it came in.
func within(err error, pointers []string) error {
	known, ok := errors.AsType[*fault.Error](err)
	if !ok || len(known.Faults) == 0 {
		return err
	}
	pointed := *known
	pointed.Faults = slices.Clone(known.Faults)
	for i, f := range pointed.Faults {
		index, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if n, err := strconv.Atoi(index); err == nil && n >= 0 && n < len(pointers) {
			pointed.Faults[i].Pointer = pointers[n] + "/" + rest
		}
	}
	return &pointed
}

// idempotent makes the header the key of the one event of a request, unless that has a key of its own.
func idempotent(events []change.Event, key string) error {
	if len(events) != 1 || events[0].Key != events[0].ID.String() {
		return nil
	}
	if len(key) > change.MaxText || !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) {
		return fault.InvalidInput("header", []fault.Fault{{
			Pointer: "Idempotency-Key", Detail: fmt.Sprintf("is text of at most %d bytes without control characters", change.MaxText),
		}})
	}
	events[0].Key = key
	return nil
}

// appendReceipts writes the answer to recorded events, without the brace that ends it.
func appendReceipts(b []byte, receipts []change.Receipt) []byte {
	b = append(b, `{"events":[`...)
	for i, receipt := range receipts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":"`...)
		b = append(b, receipt.ID.String()...)
		b = append(b, `","key":`...)
		b = jsontext.AppendText(b, receipt.Key)
		b = append(b, `,"status":"`...)
		b = append(b, receipt.Status...)
		b = append(b, `"}`...)
	}
	return append(b, ']')
}

// appendPage ends a page of the log or the feed: where the next one begins, and how far back was searched where the page
// ended for that before it was full.
func appendPage(o *jsontext.Object, next change.Cursor, searchedUntil time.Time) []byte {
	o.Key("next")
	o.B = jsontext.AppendText(o.B, next.String())
	o.Time("searched_until", searchedUntil)
	return append(o.End(), '\n')
}

// appendRow writes one line of the feed: a story, a storm, or a lone event.
func appendRow(b []byte, row *feed.Row) []byte {
	o := jsontext.Object{B: b}
	o.Text("id", row.ID.String())
	o.Text("shape", string(row.Shape))
	o.Key("count")
	o.B = strconv.AppendInt(o.B, int64(row.Count), 10)
	if row.Dark {
		o.Key("dark")
		o.B = append(o.B, "true"...)
	}
	if row.Distance != nil {
		o.Key("distance")
		o.B = strconv.AppendInt(o.B, int64(*row.Distance), 10)
	}
	o.Key("event")
	o.B = wire.Append(o.B, &row.Event)
	o.Key("events")
	o.B = jsontext.List(o.B, row.Events, wire.Append)
	return o.End()
}

// list answers a page of the log, newest first.
func (h *Events) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	cursor, limit, fold := q.cursor(), q.limit(), q.flag("fold")
	scope, err := q.scope(h.Feed)
	if err != nil {
		return err
	}
	if fold {
		rows, err := h.Feed.Rows(r.Context(), scope, cursor, limit)
		if err != nil {
			return err
		}
		write(w, func(b []byte) []byte {
			o := jsontext.Object{B: b}
			o.Key("rows")
			o.B = jsontext.List(o.B, rows.Rows, appendRow)
			return appendPage(&o, rows.Next, rows.SearchedUntil)
		})
		return nil
	}
	page, err := h.Feed.Store.Feed(r.Context(), scope.Filter, cursor, limit, false)
	if err != nil {
		return err
	}
	write(w, func(b []byte) []byte {
		o := jsontext.Object{B: b}
		o.Key("events")
		o.B = jsontext.List(o.B, page.Events, wire.Append)
		return appendPage(&o, page.Next, page.SearchedUntil)
	})
	return nil
}

func public(events []change.Event) []wire.Event {
	all := make([]wire.Event, len(events))
	for i := range events {
		all[i] = wire.New(&events[i])
	}
	return all
}

// eventAnswer is one event, with its story where that was asked for.
type eventAnswer struct {
	wire.Event
	StoryEvents []wire.Event `json:"story_events,omitempty"`
}

// get answers one event.
func (h *Events) get(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	with := q.one("with")
	if with != "" && with != "story" {
		q.fault("with", "takes story, not %q", clip(with))
	}
	if err := q.err(); err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.Invalid, "%q is not the id of an event: that is a UUID", clip(r.PathValue("id")))
	}
	e, err := h.Feed.Store.Event(r.Context(), id)
	if err != nil {
		return err
	}
	a := eventAnswer{Event: wire.New(&e)}
	if with == "story" {
		thread := e.Thread
		if thread == uuid.Nil {
			thread = e.ID
		}
		story, err := h.Feed.Story(r.Context(), thread)
		if err != nil {
			return err
		}
		a.StoryEvents = public(story)
	}
	return answer(w, http.StatusOK, a)
}
