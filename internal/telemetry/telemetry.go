// Package telemetry sends what Tidings does as spans of OpenTelemetry to a collector, where one is configured. Nothing
// that is traced waits for it, or fails because of it. The daemon alone imports it, and the command that starts one.
package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/outbound"
)

// Settings say where traces are sent. The zero value sends none.
type Settings struct {
	// Endpoint is the whole URL that is posted to; empty sends nothing.
	Endpoint string
	// Headers go with every post. They may be secrets.
	Headers http.Header
	// Timeout bounds one post; 10 seconds where it is zero.
	Timeout time.Duration
	// Attributes tell more of this server than its name: OTEL_RESOURCE_ATTRIBUTES.
	Attributes map[string]string
}

// Environment reads the variables that OpenTelemetry gives names to ("OTLP Exporter Configuration" and "General SDK
// Configuration"). How spans are sampled and gathered, its SDK reads by itself.
func Environment(lookup func(string) (string, bool)) (Settings, error) {
	first := func(names ...string) string {
		for _, name := range names {
			if value, ok := lookup(name); ok && value != "" {
				return value
			}
		}
		return ""
	}
	var s Settings
	if disabled, _ := strconv.ParseBool(first("OTEL_SDK_DISABLED")); disabled || first("OTEL_TRACES_EXPORTER") == "none" {
		return s, nil
	}
	s.Endpoint = first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if s.Endpoint == "" {
		if base := first("OTEL_EXPORTER_OTLP_ENDPOINT"); base != "" {
			s.Endpoint = strings.TrimSuffix(base, "/") + "/v1/traces"
		}
	}
	if s.Endpoint == "" {
		return s, nil
	}
	if at, err := url.Parse(s.Endpoint); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return s, fault.New(fault.Invalid, "OTEL_EXPORTER_OTLP_ENDPOINT is such as http://localhost:4318")
	}
	if protocol := first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return s, fault.New(fault.Invalid, "traces are sent by http/protobuf, usually to port 4318: unset OTEL_EXPORTER_OTLP_PROTOCOL, which is %q", protocol)
	}
	headers, err := pairs(first("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"))
	if err != nil {
		return s, fault.New(fault.Invalid, "OTEL_EXPORTER_OTLP_HEADERS is such as name=value,other=value")
	}
	s.Headers = http.Header{}
	for name, value := range headers {
		s.Headers.Set(name, value)
	}
	if s.Attributes, err = pairs(first("OTEL_RESOURCE_ATTRIBUTES")); err != nil {
		return s, fault.New(fault.Invalid, "OTEL_RESOURCE_ATTRIBUTES is such as name=value,other=value")
	}
	if name := first("OTEL_SERVICE_NAME"); name != "" {
		s.Attributes["service.name"] = name
	}
	if text := first("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"); text != "" {
		milliseconds, err := strconv.Atoi(text)
		if err != nil || milliseconds <= 0 {
			return s, fault.New(fault.Invalid, "OTEL_EXPORTER_OTLP_TIMEOUT is a number of milliseconds, not %q", text)
		}
		s.Timeout = time.Duration(milliseconds) * time.Millisecond
	}
	return s, nil
}

// pairs reads name=value,name=value, percent-encoded.
func pairs(text string) (map[string]string, error) {
	all := map[string]string{}
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, value, ok := strings.Cut(one, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, fmt.Errorf("no name=value") // what was written may be a secret
		}
		all[name] = plain
	}
	return all, nil
}

// Tracer begins spans, and knows what came from others.
type Tracer struct {
	trace.Tracer
	provider *sdktrace.TracerProvider
}

// Off records nothing.
func Off() *Tracer { return &Tracer{Tracer: noop.NewTracerProvider().Tracer("")} }

// Open begins to send spans, by a rule of where the collector may be. Sent is called with how many were sent, or could not be.
func Open(settings Settings, version string, rule *outbound.Rule, sent func(spans int, err error)) (*Tracer, error) {
	if settings.Endpoint == "" {
		return Off(), nil
	}
	attributes := []attribute.KeyValue{attribute.String("service.name", "tidings"), attribute.String("service.version", version)}
	for name, value := range settings.Attributes {
		attributes = append(attributes, attribute.String(name, value)) // the last one of a name counts
	}
	client := rule.Client(outbound.Options{Agent: "Tidings/" + version})
	client.Timeout = cmp.Or(settings.Timeout, postTime)
	// The headers are for this address alone.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	exporter := &exporter{endpoint: settings.Endpoint, headers: settings.Headers, sent: sent, client: client}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(resource.NewSchemaless(attributes...)), sdktrace.WithBatcher(exporter))
	return &Tracer{provider.Tracer("tidings.dev/tidings", trace.WithInstrumentationVersion(version)), provider}, nil
}

// Recording reports whether spans go anywhere.
func (t *Tracer) Recording() bool { return t.provider != nil }

// Continue takes the trace of a request in, as W3C Trace Context tells it.
func (t *Tracer) Continue(ctx context.Context, header http.Header) context.Context {
	if !t.Recording() {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header))
}

// Close sends what is left, until the context ends.
func (t *Tracer) Close(ctx context.Context) {
	if t != nil && t.Recording() {
		_ = t.provider.Shutdown(ctx) // what cannot be sent was counted
	}
}
