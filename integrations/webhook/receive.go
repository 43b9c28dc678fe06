package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct {
	config  *Config
	program *program
}

var _ integration.Receiver = (*Source)(nil)

const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook that is read by jq" }

// Verify checks the signature, or the token.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	switch how := s.config.Signature; {
	case how != nil:
		return signature.HMAC{Header: how.Header, Prefix: how.Prefix, Hash: algorithms[how.Algorithm]}.Verify(ctx, d, s.config.Valid())
	case s.config.TokenHeader != "":
		return signature.Token{Header: s.config.TokenHeader}.Verify(ctx, d, s.config.Valid())
	}
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return s.config.Headers }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// draft is an event while its fields are set.
type draft struct {
	event  change.Event
	source *Source
}

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var out integration.Decoded
	body, err := read(d.Body)
	if err != nil {
		return out, err
	}
	headers := map[string]any{}
	for _, name := range s.config.Headers {
		headers[strings.ToLower(name)] = d.Header.Get(name)
	}
	left := newBudget()
	if s.program.when != nil {
		results, err := run(left, s.program.when, body, 1, body, headers)
		if err != nil {
			return out, fault.New(fault.Invalid, "when %s", err)
		}
		if len(results) == 0 || results[0] == nil || results[0] == false {
			out.Ignored = "the source's when is not true of it"
			return out, nil
		}
	}
	items := []any{body}
	if s.program.each != nil {
		if items, err = run(left, s.program.each, body, maxEach, body, headers); err != nil {
			return out, fault.New(fault.Invalid, "each %s", err)
		}
	}
	for i, item := range items {
		e, err := s.event(left, item, body, headers, d.ReceivedAt)
		if err != nil && s.program.each != nil {
			return integration.Decoded{}, fmt.Errorf("the %d. of each: %w", i+1, err)
		}
		if err != nil {
			return integration.Decoded{}, err
		}
		out.Events = append(out.Events, e)
	}
	if len(out.Events) == 0 {
		out.Ignored = "the source's each gives nothing of it"
	}
	return out, nil
}

// read keeps numbers as they are written: the ids of some tools are longer than a floating number is exact.
func read(text []byte) (any, error) {
	var whole json.RawMessage
	if err := integration.ReadJSON(text, &whole); err != nil {
		return nil, err
	}
	var body any
	decoder := json.NewDecoder(bytes.NewReader(whole))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return nil, fault.New(fault.Invalid, "the body is not JSON: %s", err)
	}
	return body, nil
}

func (s *Source) event(left *budget, item, body any, headers map[string]any, now time.Time) (change.Event, error) {
	v := draft{source: s}
	for _, f := range s.program.fields {
		results, err := run(left, f.code, item, 1, body, headers)
		if err == nil && len(results) > 0 && results[0] != nil {
			err = f.set(&v, results[0])
		}
		if err != nil {
			return change.Event{}, fault.New(fault.Invalid, "fields.%s %s", f.name, err)
		}
	}
	e := v.event
	switch {
	case e.Key == "":
		return e, fault.New(fault.Invalid, "fields.key is empty: it must be the same for what is the same, or a retry would double it")
	case e.Title == "":
		return e, fault.New(fault.Invalid, "fields.title is empty")
	case len(e.Subjects) == 0:
		return e, fault.New(fault.Invalid, "fields.service is empty: an event is about something")
	}
	checked := e
	if faults := checked.Normalize(now, ""); len(faults) > 0 {
		return e, fault.New(fault.Invalid, "the event cannot be taken: %s: %s", strings.TrimPrefix(faults[0].Pointer, "/"), faults[0].Detail)
	}
	return e, nil
}

// expression is a field of the configuration, and where its result goes.
type expression struct {
	name, text string
	set        func(*draft, any) error
}

func (f *Fields) list() []expression {
	line := func(place func(*change.Event) *string) func(*draft, any) error {
		return func(v *draft, value any) error {
			text, err := scalar(value)
			*place(&v.event) = integration.Line(text)
			return err
		}
	}
	at := func(place func(*change.Event) *time.Time) func(*draft, any) error {
		return func(v *draft, value any) (err error) {
			*place(&v.event), err = instant(value)
			return err
		}
	}
	return []expression{
		{"key", f.Key, line(func(e *change.Event) *string { return &e.Key })},
		{"title", f.Title, line(func(e *change.Event) *string { return &e.Title })},
		{"service", f.Service, (*draft).service},
		{"kind", f.Kind, line(func(e *change.Event) *string { return &e.Kind })},
		{"phase", f.Phase, line(func(e *change.Event) *string { return (*string)(&e.Phase) })},
		{"detail", f.Detail, func(v *draft, value any) error {
			text, err := scalar(value)
			v.event.Detail = integration.ClipDetail(text)
			return err
		}},
		{"environment", f.Environment, func(v *draft, value any) error {
			text, err := scalar(value)
			v.event.Environment = v.source.config.Environment(text)
			return err
		}},
		{"region", f.Region, line(func(e *change.Event) *string { return &e.Region })},
		{"cluster", f.Cluster, line(func(e *change.Event) *string { return &e.Cluster })},
		{"actor", f.Actor, line(func(e *change.Event) *string { return &e.Actor.Name })},
		{"actor_type", f.ActorType, line(func(e *change.Event) *string { return (*string)(&e.Actor.Type) })},
		{"started_at", f.StartedAt, at(func(e *change.Event) *time.Time { return &e.StartedAt })},
		{"ended_at", f.EndedAt, at(func(e *change.Event) *time.Time { return &e.EndedAt })},
		{"version", f.Version, line(func(e *change.Event) *string { return &e.Version })},
		{"previous", f.Previous, line(func(e *change.Event) *string { return &e.Previous })},
		{"commit", f.Commit, line(func(e *change.Event) *string { return &e.Commit })},
		{"story", f.Story, line(func(e *change.Event) *string { return &e.Story })},
		{"link", f.Link, func(v *draft, value any) error {
			text, err := scalar(value)
			integration.Link(&v.event, "other", "In the tool", text)
			return err
		}},
		{"labels", f.Labels, func(v *draft, value any) error {
			object, ok := value.(map[string]any)
			if !ok {
				return errors.New("is no object, such as {team: .team}")
			}
			labels := map[string]string{}
			for name, value := range object {
				text, err := scalar(value)
				if err != nil {
					return fmt.Errorf("of %s: %w", clip(name), err)
				}
				labels[name] = text
			}
			v.event.Labels = integration.Labels(labels)
			return nil
		}},
	}
}

// service takes a name or a list of names.
func (v *draft) service(value any) error {
	names, isList := value.([]any)
	if !isList {
		names = []any{value}
	}
	if len(names) > change.MaxSubjects {
		return fmt.Errorf("gives more than %d", change.MaxSubjects)
	}
	for _, name := range names {
		text, err := scalar(name)
		if err != nil {
			return err
		}
		switch text = integration.Line(text); {
		case text == "":
		case strings.Contains(text, ":"):
			v.event.Subjects = append(v.event.Subjects, change.Subject{Name: text})
		default:
			v.event.Subjects = append(v.event.Subjects, v.source.config.Subject(v.source.config.scheme(), text))
		}
	}
	return nil
}

// scalar is a value as text; a list or an object is none.
func scalar(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case bool, int, float64, *big.Int, json.Number:
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		if err := encoder.Encode(value); err != nil {
			return "", errors.New("is no number that can be written")
		}
		return strings.TrimSpace(b.String()), nil
	}
	return "", errors.New("is a list or an object, and no text or number")
}

// instant is a time as text, or as a number of seconds or milliseconds since 1970: the magnitude tells which.
func instant(value any) (time.Time, error) {
	text, err := scalar(value)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		if number >= 0 && number < 1e11 {
			number *= 1000
		}
		if number < 0 || number > 1e14 {
			return time.Time{}, errors.New("is no number of seconds or milliseconds since 1970")
		}
		return integration.Millis(int64(number)), nil
	}
	if t := integration.ReadTime(text); !t.IsZero() {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("is no time, such as 2026-11-22T08:42:58Z: %q", clip(text))
}

func clip(text string) string { return cmp.Or(integration.Clip(text), "nothing") }
