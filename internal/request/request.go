// Package request carries what is known of a request from the edge inwards: its id, and who sent it from where. The
// edge puts it into the context; whoever logs, limits or audits reads it there. Anyone may import it.
package request

import (
	"context"
	"log/slog"
	"net/netip"
)

// Info is what is known of a request before anybody has looked at it.
type Info struct {
	// ID stands in the answer, in X-Request-Id, and on every line that is logged for the request.
	ID string
	// Client is the address that sent it: that of the nearest sender who is no trusted proxy.
	Client netip.Addr
	// Secure says that the client's own connection is encrypted, as far as this server or a trusted proxy knows.
	Secure bool
	// Host is the name that the client asked for, as a trusted proxy tells it, or as the request does.
	Host string
	// Trace is the identifier of the trace (W3C Trace Context), empty where none is kept.
	Trace string
}

type key struct{}

// With puts a request into a context.
func With(ctx context.Context, info *Info) context.Context {
	return context.WithValue(ctx, key{}, info)
}

// From finds the request of a context; it is empty where there is none, and never nil.
func From(ctx context.Context) *Info {
	if info, ok := ctx.Value(key{}).(*Info); ok {
		return info
	}
	return &Info{}
}

// Handler adds the id of the request to every line that is logged for it.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

// Handle adds the id.
func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if info, ok := ctx.Value(key{}).(*Info); ok {
		record = record.Clone()
		record.AddAttrs(slog.String("request_id", info.ID))
		if info.Trace != "" {
			record.AddAttrs(slog.String("trace_id", info.Trace))
		}
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs and WithGroup keep the handler in front.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the handler in front.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
