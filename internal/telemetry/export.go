package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/journal"
)

// Bounds of sending.
const (
	postTime    = 10 * time.Second
	answerBytes = 64 << 10
)

// exporter posts spans as OTLP/HTTP says: protobuf, one post for a batch. What fails is dropped and counted: a collector
// that is away must cost nothing.
type exporter struct {
	endpoint string
	headers  http.Header
	client   *http.Client
	sent     func(spans int, err error)
	failing  atomic.Bool
}

var _ sdktrace.SpanExporter = (*exporter)(nil)

// ExportSpans sends a batch. It returns no error, which the SDK would write where no log of ours is.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	err := e.post(ctx, spans)
	e.sent(len(spans), err)
	switch was := e.failing.Swap(err != nil); {
	case err != nil && !was:
		slog.WarnContext(ctx, "traces cannot be sent: they are dropped until they can", "error", err)
	case err == nil && was:
		slog.WarnContext(ctx, "traces are sent again")
	}
	return nil
}

// Shutdown has nothing to do: a batch is posted or it is not.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func (e *exporter) post(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	body, err := proto.Marshal(encode(spans))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range e.headers {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	answer, err := e.client.Do(r)
	if err != nil {
		if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // as http.Client documents; its text repeats the address
			err = wrapped.Err
		}
		return fault.New(fault.Unavailable, "%s", journal.Redact(err.Error()))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, answerBytes)) // the connection is used again
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the collector answers %s", answer.Status)
	}
	return nil
}

// encode makes what opentelemetry/proto/trace/v1 calls TracesData, which is the same on the wire as the request of the
// collector's service, whose package would bring gRPC along.
func encode(spans []sdktrace.ReadOnlySpan) *tracepb.TracesData {
	scope := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{
		Name: spans[0].InstrumentationScope().Name, Version: spans[0].InstrumentationScope().Version,
	}}
	for _, span := range spans { // all are of one tracer
		scope.Spans = append(scope.Spans, encodeSpan(span))
	}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: encodeAttributes(spans[0].Resource().Attributes())},
		ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}}
}

func encodeSpan(span sdktrace.ReadOnlySpan) *tracepb.Span {
	of, trace := span.SpanContext(), span.SpanContext().TraceID()
	id := of.SpanID()
	out := &tracepb.Span{
		TraceId: trace[:], SpanId: id[:], TraceState: of.TraceState().String(), Name: span.Name(), Kind: tracepb.Span_SpanKind(span.SpanKind()), //nolint:gosec // five kinds, of the same numbers
		StartTimeUnixNano: nanoseconds(span.StartTime()), EndTimeUnixNano: nanoseconds(span.EndTime()),
		Attributes: encodeAttributes(span.Attributes()), Flags: uint32(of.TraceFlags()), Status: &tracepb.Status{},
	}
	if parent := span.Parent().SpanID(); parent.IsValid() {
		out.ParentSpanId = parent[:]
	}
	if span.Status().Code == codes.Error {
		out.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: span.Status().Description}
	}
	for _, link := range span.Links() {
		trace, id := link.SpanContext.TraceID(), link.SpanContext.SpanID()
		out.Links = append(out.Links, &tracepb.Span_Link{TraceId: trace[:], SpanId: id[:], Flags: uint32(link.SpanContext.TraceFlags())})
	}
	return out
}

func nanoseconds(t time.Time) uint64 { return uint64(max(t.UnixNano(), 0)) } //nolint:gosec // not negative

func encodeAttributes(attributes []attribute.KeyValue) []*commonpb.KeyValue {
	all := make([]*commonpb.KeyValue, 0, len(attributes))
	for _, one := range attributes {
		value := &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: one.Value.String()}}
		if one.Value.Type() == attribute.INT64 {
			value = &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: one.Value.AsInt64()}}
		}
		all = append(all, &commonpb.KeyValue{Key: string(one.Key), Value: value})
	}
	return all
}
