package source

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
)

// Deliveries lists what a source sent, the last first, without bodies.
func (b *Book) Deliveries(ctx context.Context, name string, outcome integration.Outcome, after string, limit int) ([]integration.Kept, string, error) {
	if err := access.Check(ctx, access.ReadDeliveries); err != nil {
		return nil, "", err
	}
	return b.Store.Deliveries(ctx, name, outcome, after, limit)
}

// Delivery is one delivery, with the events in the log that it told of.
type Delivery struct {
	integration.Kept
	Events []change.Event
}

// Delivery gives one delivery as it is kept.
func (b *Book) Delivery(ctx context.Context, name, id string) (Delivery, error) {
	if err := access.Check(ctx, access.ReadDeliveries); err != nil {
		return Delivery{}, err
	}
	kept, err := b.Store.Delivery(ctx, name, id)
	if err != nil {
		return Delivery{}, err
	}
	d := Delivery{Kept: kept}
	hook, found := b.Hook(name)
	if kept.Outcome != integration.Taken || len(kept.Body) == 0 || !found {
		return d, nil
	}
	// Which events it made is not kept beside it: a decoder is pure, and gives the same keys again.
	decoded, err := b.Decode(ctx, hook.Receiver(), again(kept))
	if err != nil {
		return d, nil //nolint:nilerr // it was read once; a decoder that reads it otherwise by now takes nothing away
	}
	keys := make([]string, 0, len(decoded.Events))
	for _, e := range decoded.Events {
		keys = append(keys, e.Key)
	}
	d.Events, err = b.Store.EventsOf(ctx, name, keys)
	return d, err
}

// Tells lists the kinds that a running source can tell of: those that its settings make of its tool's examples. There is none
// for a source that nobody calls.
func (b *Book) Tells(ctx context.Context, name string) []string {
	hook, found := b.Hook(name)
	if !found {
		return nil
	}
	tool, err := b.toolOf(ctx, name)
	if err != nil || tool == nil {
		return nil
	}
	var kinds []string
	for _, example := range tool.Examples {
		decoded, err := b.Decode(ctx, hook.Receiver(), integration.Delivery{
			Method: http.MethodPost, Header: example.Header, Query: example.Query, Body: []byte(example.Body), ReceivedAt: b.Now(),
		})
		if err != nil {
			continue // such as one of a way of setting it up that this source is not
		}
		for i := range decoded.Events {
			decoded.Events[i].Normalize(b.Now(), "")
			kinds = append(kinds, decoded.Events[i].Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// toolOf is the tool of a source.
func (b *Book) toolOf(ctx context.Context, name string) (*Tool, error) {
	for _, state := range b.States(ctx) {
		if state.Name == name {
			tool, _ := b.Tools.Get(state.Type)
			return tool, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no source %s", integration.Clip(name))
}

func again(kept integration.Kept) integration.Delivery {
	return integration.Delivery{Method: http.MethodPost, Header: kept.Header, Query: kept.Query, Body: kept.Body, ReceivedAt: kept.ReceivedAt}
}

// Replay decodes a delivery again.
func (b *Book) Replay(ctx context.Context, name, id string) (integration.Received, error) {
	if err := access.Check(ctx, access.ReplayDelivery); err != nil {
		return integration.Received{}, err
	}
	hook, found := b.Hook(name)
	if !found {
		return integration.Received{}, fault.New(fault.Conflict, "%s takes no deliveries just now: switch it on first", integration.Clip(name))
	}
	return hook.Replay(ctx, id)
}

// ReplayAll decodes again all deliveries of a source that have an outcome, in the background, the newest first.
func (b *Book) ReplayAll(ctx context.Context, name string, outcome integration.Outcome) (job.Job, error) {
	if err := access.Check(ctx, access.ReplayDelivery); err != nil {
		return job.Job{}, err
	}
	if !slices.Contains(integration.Outcomes(), outcome) || outcome == integration.Refused {
		return job.Job{}, fault.New(fault.Invalid, "what was %s is not kept: failed, ignored and taken can be decoded again", integration.Clip(string(outcome)))
	}
	if _, found := b.Hook(name); !found {
		return job.Job{}, fault.New(fault.NotFound, "there is no source %s that takes deliveries just now: see its name, and whether it is switched on", integration.Clip(name))
	}
	payload, err := json.Marshal(job.ReplayOf{Source: name, Outcome: string(outcome)})
	if err != nil {
		return job.Job{}, err
	}
	total, err := b.Store.CountDeliveries(ctx, name, outcome)
	if err != nil {
		return job.Job{}, err
	}
	return b.Jobs.Begin(ctx, job.Job{Kind: job.Replay, Key: name + " " + string(outcome), Payload: string(payload), Total: total})
}

// Trial is a delivery that nobody sent, to see what would become of it.
type Trial struct {
	// Source is one that there is, whose settings count where Value gives none; empty for one that is not made yet.
	Source string
	Value  Value
	Header http.Header
	Query  string
	Body   string
}

// Tried is what would become of it.
type Tried struct {
	Events  []change.Event // normal, as they would come into the log, but without an id
	Ignored string         // why there is nothing in it for the log
	Fault   string         // why it cannot be read
}

// maxTrial bounds the body of a trial: what is pasted by hand is small, and the request beside it is bounded as well.
const maxTrial = 256 << 10

// Try reads a delivery by the settings of a source, or by settings that are not kept yet. Nothing is kept, and nothing
// comes into the log. Invalid names what is wrong with the settings.
func (b *Book) Try(ctx context.Context, t Trial) (Tried, error) {
	if err := access.Check(ctx, access.WriteSources); err != nil {
		return Tried{}, err
	}
	if len(t.Body) > maxTrial {
		return Tried{}, fault.New(fault.TooLarge, "the payload has %d bytes: a trial takes up to %d", len(t.Body), maxTrial)
	}
	receiver, err := b.receiver(t)
	if err != nil {
		return Tried{}, err
	}
	// Everything is read as of now; a payload that is old enough would be refused for that by the log.
	delivery := integration.Delivery{Method: http.MethodPost, Header: t.Header, Query: t.Query, Body: []byte(t.Body), ReceivedAt: b.Now()}
	if delivery.Header == nil {
		delivery.Header = http.Header{}
	}
	decoded, err := b.Decode(ctx, receiver, delivery)
	if err != nil {
		return Tried{Fault: problem(err)}, nil
	}
	tried := Tried{Ignored: decoded.Ignored}
	for i := range decoded.Events {
		e := decoded.Events[i]
		e.Source = cmp.Or(t.Source, t.Value.Type)
		if faults := e.Normalize(b.Now(), ""); len(faults) > 0 {
			return Tried{Fault: "the event cannot be taken: " + strings.TrimPrefix(faults[0].Pointer, "/") + " " + faults[0].Detail}, nil
		}
		tried.Events = append(tried.Events, e)
	}
	if len(tried.Events) == 0 && tried.Ignored == "" {
		tried.Ignored = "it holds nothing for the log"
	}
	return tried, nil
}

// receiver is what reads a trial.
func (b *Book) receiver(t Trial) (integration.Receiver, error) {
	if t.Value.Type == "" {
		hook, found := b.Hook(t.Source)
		if !found {
			return nil, fault.New(fault.NotFound, "there is no source %s that takes deliveries", integration.Clip(t.Source))
		}
		return hook.Receiver(), nil
	}
	config, err := b.Config(cmp.Or(t.Source, "trial"), t.Value)
	if err != nil {
		return nil, err
	}
	opened, err := config.Open()
	if err != nil {
		return nil, err
	}
	receiver, ok := opened.(integration.Receiver)
	if !ok {
		return nil, fault.New(fault.Invalid, "nobody calls a source of the type %s", integration.Clip(t.Value.Type))
	}
	return receiver, nil
}

// problem is an error in words for a person. What is internal stays out of it.
func problem(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		return "the decoder has a fault: the log of the server has more"
	}
	return strings.TrimPrefix(err.Error(), string(fault.CodeOf(err))+": ")
}
