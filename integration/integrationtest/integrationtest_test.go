package integrationtest

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

var beaconSignature = signature.HMAC{Header: "X-Beacon-Signature", Hash: signature.SHA256}

// beacon is a small integration as they should be, but for what a test breaks.
type beacon struct {
	integration.Hook
	*broken
}

// broken is what is wrong with one.
type broken struct {
	verify func(s *beacon, d integration.Delivery) error
	edit   func(e *change.Event, d integration.Delivery)
	read   func(s *beacon, d integration.Delivery) (integration.Decoded, error)
	most   int64
	about  string
}

type beaconBody struct {
	ID         string            `json:"id"`
	Service    string            `json:"service"`
	Version    string            `json:"version"`
	At         time.Time         `json:"at"`
	Parameters map[string]string `json:"parameters"`
}

func (s *beacon) Validate() error                   { return nil }
func (s *beacon) Open() (integration.Source, error) { return s, nil }
func (s *beacon) Describe() string                  { return cmp.Or(s.about, "takes what Beacon sends") }
func (s *beacon) Headers() []string                 { return []string{"X-Beacon-Delivery"} }
func (s *beacon) MaxBody() int64                    { return cmp.Or(s.most, 1<<20) }

func (s *beacon) Verify(ctx context.Context, d integration.Delivery) error {
	if s.verify != nil {
		return s.verify(s, d)
	}
	return beaconSignature.Verify(ctx, d, s.Valid())
}

func (s *beacon) Decode(d integration.Delivery) (integration.Decoded, error) {
	if s.read != nil {
		return s.read(s, d)
	}
	var body beaconBody
	if err := integration.ReadJSON(d.Body, &body); err != nil {
		return integration.Decoded{}, err
	}
	if body.ID == "" || body.Service == "" {
		return integration.Decoded{Ignored: "it names no deploy"}, nil
	}
	e := change.Event{
		Key: "deploy/" + integration.Line(body.ID), Kind: "deploy", Title: "Deployed " + integration.Line(body.Version),
		Subjects: []change.Subject{{Name: "beacon:" + integration.Line(body.Service)}}, Version: integration.Line(body.Version), StartedAt: integration.At(body.At),
	}
	if s.edit != nil {
		s.edit(&e, d)
	}
	return integration.Decoded{Key: d.Header.Get("X-Beacon-Delivery"), Events: []change.Event{e}}, nil
}

// noted is a test that fails for nobody, and notes why it would.
type noted struct {
	testing.TB
	said *[]string
}

func (n noted) Errorf(format string, args ...any) {
	*n.said = append(*n.said, fmt.Sprintf(format, args...))
}
func (n noted) Error(args ...any)                 { *n.said = append(*n.said, fmt.Sprint(args...)) }
func (n noted) Fatalf(format string, args ...any) { n.Errorf(format, args...); runtime.Goexit() }
func (n noted) Fatal(args ...any)                 { n.Error(args...); runtime.Goexit() }
func (n noted) Own() *testing.T                   { return nil }

// Part ends where it fails, as a part of go test's own does.
func (n noted) Part(_ string, part func(tester)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		part(n)
	}()
	<-done
}

// The suite refuses whoever breaks the contract, and says for what. This is its own test: a suite that passes everything
// would look like one that everything passes.
func TestBrokenIntegrationsAreRefused(t *testing.T) { //nolint:paralleltest // the suite sets variables
	takesAnything := func(*beacon, integration.Delivery) error { return nil }
	refusal := fault.New(fault.Unauthenticated, "the signature is missing or wrong")
	for name, one := range map[string]struct {
		broken *broken
		want   string
	}{
		"as it should be":     {&broken{}, ""},
		"takes any signature": {&broken{verify: takesAnything}, "no header at all: <nil>, want Unauthenticated"},
		"takes what has no secret": {&broken{verify: func(s *beacon, d integration.Delivery) error {
			if value, _ := s.Secret.Get(context.Background()); value == "" {
				return nil
			}
			return beaconSignature.Verify(context.Background(), d, s.Valid())
		}}, "a source without a secret took a delivery"},
		"looks at no body": {&broken{verify: func(_ *beacon, d integration.Delivery) error {
			if d.Header.Get("X-Beacon-Signature") == "" {
				return refusal
			}
			return nil
		}}, "one byte more: <nil>, want Unauthenticated"},
		"compares only what is there": {&broken{verify: func(s *beacon, d integration.Delivery) error {
			value, _ := s.Secret.Get(context.Background())
			got, _ := hex.DecodeString(d.Header.Get("X-Beacon-Signature"))
			want, _ := hex.DecodeString(beaconSignature.Sum(value, d.Body))
			if value == "" || !hmac.Equal(got, want[:len(got)]) {
				return refusal
			}
			return nil
		}}, "no header at all: <nil>, want Unauthenticated"},
		"refuses its own tool": {&broken{verify: func(*beacon, integration.Delivery) error { return refusal }}, "a signed delivery was refused"},
		"refuses with another code": {&broken{verify: func(s *beacon, d integration.Delivery) error {
			if beaconSignature.Verify(context.Background(), d, s.Valid()) != nil {
				return fault.New(fault.Forbidden, "no")
			}
			return nil
		}}, "want Unauthenticated"},
		"tells its secret in an error": {&broken{verify: func(s *beacon, d integration.Delivery) error {
			err := beaconSignature.Verify(context.Background(), d, s.Valid())
			if value, _ := s.Secret.Get(context.Background()); err != nil {
				return fault.New(fault.Unauthenticated, "it is not signed with %q", value)
			}
			return nil
		}}, "the error tells the secret"},
		"tells its secret on the page": {&broken{about: "signed with " + SecretValue}, "the secret of the source came through"},
		"tells its secret in an event": {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Detail = SecretValue }}, "the secret of the source came through"},
		"tells what is the tool's own": {&broken{edit: func(e *change.Event, d integration.Delivery) { e.Detail = string(d.Body) }}, "what is not to be read came through"},
		"panics at a field's other type": {&broken{edit: func(_ *change.Event, d integration.Delivery) {
			var body map[string]any
			_ = json.Unmarshal(d.Body, &body)
			_ = body["parameters"].(map[string]any)["NOTE"].(string)
		}}, "it panics"},
		"panics at any": {&broken{read: func(*beacon, integration.Delivery) (integration.Decoded, error) { panic("not today") }}, "it panics: not today"},
		"panics at no JSON": {&broken{read: func(_ *beacon, d integration.Delivery) (integration.Decoded, error) {
			_ = d.Body[1]
			return (&beacon{broken: &broken{}}).Decode(d)
		}}, "it panics"},
		"keys by a counter":  {&broken{edit: counted()}, "decoded twice: the keys"},
		"keys by the clock":  {&broken{edit: func(e *change.Event, d integration.Delivery) { e.Key += d.ReceivedAt.String() }}, "ten seconds later the key"},
		"has no key":         {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Key = "" }}, "has no key: a retry would double it"},
		"loses the version":  {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Version = "" }}, `-       "version": "2.14.0"`},
		"dates it otherwise": {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.StartedAt = e.StartedAt.Add(time.Hour) }}, `+       "started_at": "2026-11-22T03:51:10Z"`},
		"dates it by the clock": {
			&broken{edit: func(e *change.Event, d integration.Delivery) { e.StartedAt = d.ReceivedAt }}, `+       "started_at": "2026-11-22T12:00:00Z"`,
		},
		"dates it far ahead":       {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.StartedAt = Now.AddDate(1, 0, 0) }}, "would be refused"},
		"is about nothing":         {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Subjects = nil }}, "would be refused"},
		"has a kind of its own":    {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Kind = "shipment" }}, "would be refused"},
		"links to anywhere":        {&broken{edit: func(e *change.Event, _ integration.Delivery) { e.Links = []change.Link{{URL: "javascript:alert(1)"}} }}, "would be refused"},
		"takes bodies of any size": {&broken{most: 1 << 40}, "MaxBody is 1099511627776: from 64 KiB to 25 MiB"},
		"makes of nothing an event": {&broken{read: func(*beacon, integration.Delivery) (integration.Decoded, error) {
			return integration.Decoded{Events: make([]change.Event, 1)}, nil
		}}, "gave 1 events"},
		"blames itself for the body": {&broken{read: func(s *beacon, d integration.Delivery) (integration.Decoded, error) {
			decoded, err := (&beacon{broken: &broken{}}).Decode(d)
			if err != nil {
				return decoded, fault.New(fault.Internal, "%w", err)
			}
			return decoded, nil
		}}, "want Invalid"},
		"changes what it reads": {&broken{edit: func(_ *change.Event, d integration.Delivery) { d.Body[0] = ' ' }}, "decoding changes the delivery"},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // as above
			var said []string
			noted{t, &said}.Part("", func(n tester) {
				run(n, Suite{
					Spec: integration.Spec{Name: "beacon"},
					Config: func() integration.Config {
						c := &beacon{broken: one.broken}
						Refer(&c.Secret)
						return c
					},
					Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
						d.Header.Set("X-Beacon-Signature", beaconSignature.Sum(secret, d.Body))
					},
				})
			})
			all := strings.Join(said, "\n")
			if one.want == "" && all != "" {
				t.Errorf("it is refused: %s", all)
			}
			if !strings.Contains(all, one.want) {
				t.Errorf("it is refused for %q, want for %q", all, one.want)
			}
		})
	}
}

func counted() func(*change.Event, integration.Delivery) {
	n := 0
	return func(e *change.Event, _ integration.Delivery) {
		n++
		e.Key = fmt.Sprint("deploy/", n)
	}
}

// A fixture that nothing reads, and a folder without any, are refused as well.
func TestFixturesAreUsed(t *testing.T) { //nolint:paralleltest // as above
	for fixture, want := range map[string]string{"": "there are no fixtures", "-- boddy --\n{}\n-- want --\n": `holds "boddy"`} {
		directory := t.TempDir()
		if fixture != "" {
			if err := os.WriteFile(directory+"/one.txtar", []byte(fixture), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var said []string
		noted{t, &said}.Part("", func(n tester) {
			run(n, Suite{
				Config: func() integration.Config { c := &beacon{broken: &broken{}}; Refer(&c.Secret); return c }, Directory: directory,
				Sign: func(*testing.T, string, *integration.Delivery) {},
			})
		})
		if all := strings.Join(said, "\n"); !strings.Contains(all, want) {
			t.Errorf("it is refused for %q, want for %q", all, want)
		}
	}
}
