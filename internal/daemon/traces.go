package daemon

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"tidings.dev/tidings/internal/request"
)

// span begins that of a request, within the trace that its sender began. What asks every few seconds how the server does
// has none. No attribute is text of a client's: neither path nor query, header or title.
func (d *Daemon) span(r *http.Request, info *request.Info) (context.Context, trace.Span) {
	ctx := r.Context()
	if !d.tracer.Recording() || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics" {
		return ctx, trace.SpanFromContext(context.Background())
	}
	ctx, span := d.tracer.Start(d.tracer.Continue(ctx, r.Header), "request", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("tidings.request_id", info.ID)))
	info.Trace = span.SpanContext().TraceID().String()
	return ctx, span
}

// trace ends the span of an exchange, after end.
func (x *exchange) trace(span trace.Span, method string) {
	if span.IsRecording() {
		method = knownMethod(method)
		name := method
		if x.route != "" {
			name += " " + x.route
			span.SetAttributes(attribute.String("http.route", x.route))
		}
		span.SetName(name)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.Int("http.response.status_code", x.status))
		if x.status >= http.StatusInternalServerError {
			span.SetStatus(otelcodes.Error, "")
		}
	}
	span.End()
}

// finish ends a span with the code of its fault, if any: the text of an error may say what nobody should read.
func finish(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(otelcodes.Error, result(err))
	}
	span.End()
}

type linksKey struct{}

// joined makes a commit the child of the first request that is in it; the others it links to.
func joined(commit context.Context, of []context.Context) context.Context {
	var links []trace.Link
	for _, ctx := range of {
		switch span := trace.SpanContextFromContext(ctx); {
		case !span.IsSampled():
		case !trace.SpanContextFromContext(commit).IsValid():
			commit = trace.ContextWithSpanContext(commit, span)
		default:
			links = append(links, trace.Link{SpanContext: span})
		}
	}
	if links != nil {
		commit = context.WithValue(commit, linksKey{}, links)
	}
	return commit
}

func joinedLinks(ctx context.Context) []trace.Link {
	links, _ := ctx.Value(linksKey{}).([]trace.Link)
	return links
}
