package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
	"tidings.dev/tidings/source"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// bell is a tool that tells of what is written on it; its configuration is its own.
type bell struct {
	Rings string `json:"rings"`
}

func (*bell) Validate() error                                    { return nil }
func (b *bell) Open() (integration.Source, error)                { return b, nil }
func (*bell) Describe() string                                   { return "a bell" }
func (*bell) Headers() []string                                  { return nil }
func (*bell) MaxBody() int64                                     { return 1 << 20 }
func (*bell) Verify(context.Context, integration.Delivery) error { return nil }
func (*bell) Form() []integration.Field                          { return nil }
func (*bell) Narrow() error                                      { return nil }
func (*bell) Guard(integration.Guard)                            {}
func (*bell) Secrets() []string                                  { return []string{"secret"} }
func (b *bell) Decode(d integration.Delivery) (integration.Decoded, error) {
	switch text := string(d.Body); text {
	case "wind":
		return integration.Decoded{Ignored: "only wind"}, nil
	case "nothing":
		return integration.Decoded{}, nil
	case "broken":
		return integration.Decoded{}, errors.New("the key of the database is canary")
	case "unread":
		return integration.Decoded{}, fault.New(fault.Invalid, "that is no ringing")
	case "old":
		return integration.Decoded{Events: []change.Event{{Key: text, Title: text, Subjects: []change.Subject{{Name: "service:door"}}, StartedAt: time.Unix(1, 0)}}}, nil
	default:
		return integration.Decoded{Key: text, Events: []change.Event{{Key: text, Title: b.Rings + text, Subjects: []change.Subject{{Name: "service:door"}}}}}, nil
	}
}

var spec = integration.Spec{Name: "bell", Title: "Bell", Config: func() integration.Config { return &bell{} }}

const readme = `# Bell

Rings.

## Set it up

1. Hang it at ` + "`HOOK`" + `.
`

// house is a book of sources over a real store, of which some run.
type house struct {
	*source.Book
	store *store.Store
	door  *ingest.Door
	runs  map[string]*ingest.Hook
}

func newHouse(t *testing.T, s *store.Store) *house {
	t.Helper()
	door := ingest.NewDoor(catalog.NewRoll(s), s, func() {})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { door.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("A", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	wrapper, err := secret.Reference{File: key}.Open()
	if err != nil {
		t.Fatal(err)
	}
	keyring, err := secret.OpenKeyring(t.Context(), s, wrapper)
	if err != nil {
		t.Fatal(err)
	}
	tools, err := source.NewTools([]integration.Spec{spec}, func(string) string { return readme }, func(string) map[string][]byte { return nil })
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, door: door, runs: map[string]*ingest.Hook{}}
	h.Book = &source.Book{
		Settings: &setting.Book{Store: s, Log: door, Now: time.Now, Keyring: keyring, Kinds: []setting.Kind{{
			Name: source.Prefix,
			Check: func(_ string, value json.RawMessage) ([]string, error) {
				var v source.Value
				return []string{"secret", "previous_secret"}, setting.Read(value, &v)
			},
		}}},
		Store: s, Tools: tools, Jobs: &job.Desk{Store: s, Wake: func() {}, Now: time.Now}, Now: time.Now, Decode: ingest.Decode,
		InFile: func(name string) bool { return name == "written" },
		States: func(context.Context) []integration.State {
			var all []integration.State
			for _, hook := range h.runs {
				all = append(all, hook.State())
			}
			return all
		},
		Hook: func(name string) (source.Hook, bool) { hook, found := h.runs[name]; return hook, found },
		Config: func(_ string, value source.Value) (integration.Config, error) {
			b := &bell{}
			if rings, ok := value.Settings["rings"].(string); ok {
				b.Rings = rings
			}
			return b, nil
		},
	}
	return h
}

func (h *house) run(name string) *ingest.Hook {
	h.runs[name] = h.door.Hook(name, "bell", &bell{Rings: "it rang "})
	return h.runs[name]
}

func as(t *testing.T, role access.Role) context.Context {
	return access.With(t.Context(), access.Principal{Type: access.Person, Name: "ada", Role: role})
}

func TestASourceIsMadeChangedAndRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h, ctx := newHouse(t, s), access.With(t.Context(), access.Administrator)
		made, err := h.Create(ctx, source.New{Name: "door", Value: source.Value{Type: "bell", Settings: map[string]any{"rings": "ding "}}, Generate: true})
		if err != nil || len(made) != 64 {
			t.Fatalf("made %q, %v", made, err)
		}
		// It stands there before it runs: whoever made it must see it at once.
		if got, err := h.Get(ctx, "door"); err != nil || got.State.State != integration.Waiting || got.Place != source.OnPage || time.Since(got.SecretAt) > time.Hour {
			t.Errorf("made: %+v, %v", got, err)
		}
		for name, wanted := range map[string]fault.Code{"door": fault.Conflict, "written": fault.Conflict} {
			if _, err := h.Create(ctx, source.New{Name: name, Value: source.Value{Type: "bell"}}); !fault.Is(err, wanted) {
				t.Errorf("%s twice: %v", name, err)
			}
		}
		before, err := h.Set(ctx, "door")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Switch(ctx, "door", false); err != nil {
			t.Fatal(err)
		}
		// What somebody else changed meanwhile is not written over, and a change leaves it switched off.
		if err := h.Change(ctx, "door", source.Value{Type: "bell"}, before.Revision); !fault.Is(err, fault.Conflict) {
			t.Errorf("over a change of somebody else: %v", err)
		}
		if err := h.Change(ctx, "door", source.Value{Type: "bell", Settings: map[string]any{"rings": "dong "}}, 0); err != nil {
			t.Fatal(err)
		}
		if err := h.Change(ctx, "door", source.Value{Type: "drum"}, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("it became another: %v", err)
		}
		after, err := h.Set(ctx, "door")
		if err != nil || !after.Value.Disabled || after.Value.Settings["rings"] != "dong " {
			t.Errorf("changed: %+v, %v", after, err)
		}
		if err := h.Remove(ctx, "door"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(ctx, "door"); !fault.Is(err, fault.NotFound) {
			t.Errorf("removed: %v", err)
		}
	})
}

func TestATrialSaysWhatWouldBecomeOfIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h, ctx := newHouse(t, s), access.With(t.Context(), access.Administrator)
		h.run("door")
		value := source.Value{Type: "bell", Settings: map[string]any{"rings": "ding "}}
		for name, test := range map[string]struct {
			trial                 source.Trial
			title, ignored, fails string
		}{
			"by settings that are not kept yet": {source.Trial{Value: value, Body: "once"}, "ding once", "", ""},
			"by a source as it runs":            {source.Trial{Source: "door", Body: "once"}, "it rang once", "", ""},
			"by a source with other settings":   {source.Trial{Source: "door", Value: value, Body: "once"}, "ding once", "", ""},
			"nothing for the log, with why":     {source.Trial{Value: value, Body: "wind"}, "", "only wind", ""},
			"nothing for the log":               {source.Trial{Value: value, Body: "nothing"}, "", "it holds nothing", ""},
			"what cannot be read":               {source.Trial{Value: value, Body: "unread"}, "", "", "that is no ringing"},
			"a fault of ours tells nothing":     {source.Trial{Value: value, Body: "broken"}, "", "", "the decoder has a fault"},
			"what the log does not take":        {source.Trial{Value: value, Body: "old"}, "", "", "started_at"},
		} {
			got, err := h.Try(ctx, test.trial)
			title := ""
			if len(got.Events) > 0 {
				title = got.Events[0].Title
			}
			if err != nil || title != test.title || !strings.HasPrefix(got.Ignored, test.ignored) || (test.ignored == "") != (got.Ignored == "") ||
				!strings.Contains(got.Fault, test.fails) || (test.fails == "") != (got.Fault == "") || strings.Contains(got.Fault, "canary") {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		if _, err := h.Try(ctx, source.Trial{Value: value, Body: strings.Repeat("a", 1<<20)}); !fault.Is(err, fault.TooLarge) {
			t.Errorf("a large one: %v", err)
		}
		if _, err := h.Try(ctx, source.Trial{Source: "none", Body: "once"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("by none: %v", err)
		}
		page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"door", "bell", "trial"}}, change.Cursor{}, 10, false)
		if kept, _, failed := s.Deliveries(t.Context(), "door", "", "", 10); err != nil || failed != nil || len(kept) != 0 || len(page.Events) != 0 {
			t.Errorf("trials left %v and %v, %v, %v", kept, page.Events, failed, err)
		}
	})
}

func TestADeliveryIsShownWithItsEventsAndReadAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h, ctx := newHouse(t, s), access.With(t.Context(), access.Administrator)
		hook := h.run("door")
		for _, body := range []string{"once", "unread"} {
			if _, err := hook.Receive(ctx, integration.Delivery{Header: http.Header{}, Body: []byte(body)}); err != nil {
				t.Fatal(err)
			}
		}
		all, _, err := h.Deliveries(ctx, "door", "", "", 10)
		if err != nil || len(all) != 2 {
			t.Fatalf("%v, %v", all, err)
		}
		for _, kept := range all {
			d, err := h.Delivery(ctx, "door", kept.ID)
			want := map[integration.Outcome]int{integration.Taken: 1}[kept.Outcome]
			if err != nil || len(d.Events) != want {
				t.Errorf("%s: %d events, want %d, %v", kept.Outcome, len(d.Events), want, err)
			}
		}
		if j, err := h.ReplayAll(ctx, "door", integration.Failed); err != nil || j.Total != 1 || j.Kind != job.Replay {
			t.Errorf("read again: %+v, %v", j, err)
		}
		for name, err := range map[string]error{
			"what was refused": second(h.ReplayAll(ctx, "door", integration.Refused)), "an outcome that there is not": second(h.ReplayAll(ctx, "door", "lost")),
		} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		delete(h.runs, "door") // it is switched off
		if d, err := h.Delivery(ctx, "door", all[0].ID); err != nil || d.ID != all[0].ID {
			t.Errorf("a delivery of one that is off: %+v, %v", d, err)
		}
		if _, err := h.Replay(ctx, "door", all[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("read again while it is off: %v", err)
		}
	})
}

func TestWhoMayDoWhatWithSources(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s)
		h.run("door")
		value := source.Value{Type: "bell"}
		viewer, operator := as(t, access.RoleViewer), as(t, access.RoleOperator)
		for name, err := range map[string]error{
			"a viewer sees deliveries":     second2(h.Deliveries(viewer, "door", "", "", 10)),
			"a viewer sees a delivery":     second(h.Delivery(viewer, "door", "x")),
			"a viewer reads again":         second(h.Replay(viewer, "door", "x")),
			"a viewer reads all again":     second(h.ReplayAll(viewer, "door", integration.Failed)),
			"a viewer tries":               second(h.Try(viewer, source.Trial{Value: value})),
			"a viewer makes one":           second(h.Create(viewer, source.New{Name: "x", Value: value})),
			"an operator makes one":        second(h.Create(operator, source.New{Name: "x", Value: value})),
			"an operator changes one":      h.Change(operator, "door", value, 0),
			"an operator switches one off": h.Switch(operator, "door", false),
			"an operator sets a secret":    second(h.SetSecret(operator, "door", "secret", "", false)),
			"an operator drops a secret":   h.DropSecret(operator, "door", "secret"),
			"an operator removes one":      h.Remove(operator, "door"),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error          { return err }
func second2[T, U any](_ T, _ U, err error) error { return err }
