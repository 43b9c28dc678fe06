package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Call is that somebody is to be called for an incident, by whoever its tool finds to be on call.
type Call struct {
	// ID is that of the entry in which it was asked for.
	ID       uuid.UUID `json:"id"`
	Incident int64     `json:"incident"`
	Source   string    `json:"source"` // the configured pager
	Title    string    `json:"title"`
	// Services are in trouble, by name.
	Services    []string  `json:"services,omitempty"`
	Environment string    `json:"environment,omitempty"`
	By          string    `json:"by"`
	Text        string    `json:"text,omitempty"`
	At          time.Time `json:"at"`
}

// Key is the same for all calls of an incident through one pager.
func (c *Call) Key() string { return NameOf(c.Incident) + "/" + c.Source }

// sameCall is within which to ask again is the same call.
const sameCall = 5 * time.Minute

// maxCall is the most that is said to whom is called, in bytes.
const maxCall = 1000

// Pagers lists the sources through which somebody can be called.
func (k *Keeper) Pagers(ctx context.Context) []string {
	if k.Callers == nil {
		return nil
	}
	return k.Callers(ctx)
}

// Call calls whoever is on call, through one of the configured pagers; an empty source is the only one that there is. It is
// promised in the commit that says so, and told of in the timeline as done or failed.
func (k *Keeper) Call(ctx context.Context, number int64, source, text string) (Incident, error) {
	if err := access.Check(ctx, access.Respond); err != nil {
		return Incident{}, err
	}
	source, err := k.pager(ctx, source)
	if err != nil {
		return Incident{}, err
	}
	if text = strings.TrimSpace(text); len(text) > maxCall {
		return Incident{}, fault.InvalidInput("call", []fault.Fault{{Pointer: "/text", Detail: "is at most 1,000 bytes"}})
	}
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if d.Status == Resolved {
			return fault.New(fault.Conflict, "%s is resolved: open it again to page somebody for it", d.Name())
		}
		key := keyOf("call", strconv.FormatInt(d.Number, 10), source, b.now.Truncate(sameCall).Format(time.RFC3339))
		known, err := k.Store.IncidentsByKey(ctx, []Key{key})
		if err != nil || len(known) > 0 {
			return err
		}
		by := actor(ctx)
		b.entry(d, Entry{Kind: EntryCalled, At: b.now, By: by, Text: text, Fields: map[string]string{FieldSource: source, FieldPhase: CallAsked}})
		b.learn(d, []Key{key})
		call := Call{
			ID: d.fresh[len(d.fresh)-1].ID, Incident: d.Number, Source: source, Title: d.Name() + ": " + d.Title, Environment: d.Environment,
			By: by.Name, Text: text, At: b.now,
		}
		for _, s := range d.Subjects {
			call.Services = append(call.Services, plainName(s))
		}
		b.write.Calls = append(b.write.Calls, call)
		return nil
	})
}

func plainName(s change.Subject) string {
	_, name, found := strings.Cut(s.Name, ":")
	if s.Entity == 0 || !found {
		return s.Name
	}
	return name
}

// pager finds the source to call through.
func (k *Keeper) pager(ctx context.Context, source string) (string, error) {
	pagers := k.Pagers(ctx)
	switch {
	case len(pagers) == 0:
		return "", fault.New(fault.Conflict, "there is nothing to page with: give a source of PagerDuty a routing key, or one of Opsgenie an API key")
	case source == "" && len(pagers) == 1:
		return pagers[0], nil
	case source == "":
		return "", fault.InvalidInput("call", []fault.Fault{{Pointer: "/source", Detail: "is required: one of " + strings.Join(pagers, ", ")}})
	case !slices.Contains(pagers, source):
		return "", fault.InvalidInput("call", []fault.Fault{{Pointer: "/source", Detail: "is one of " + strings.Join(pagers, ", ")}})
	}
	return source, nil
}

// Called says in the timeline what became of a call, once; the problem is empty where the pager took it.
func (k *Keeper) Called(ctx context.Context, c Call, problem string) error {
	phase := CallTaken
	if problem != "" {
		phase = CallFailed
	}
	key := keyOf("called", c.ID.String(), phase)
	_, err := k.act(ctx, c.Incident, func(b *batch, d *draft) error {
		known, err := k.Store.IncidentsByKey(ctx, []Key{key})
		if err != nil || len(known) > 0 {
			return err
		}
		b.entry(d, Entry{
			Kind: EntryCalled, At: b.now, By: change.Actor{Type: change.ByAutomation, Name: c.Source}, Text: problem,
			Fields: map[string]string{FieldSource: c.Source, FieldPhase: phase},
		})
		b.learn(d, []Key{key})
		return nil
	})
	return err
}
