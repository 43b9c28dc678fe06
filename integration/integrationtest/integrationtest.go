// Package integrationtest holds every integration to the contract: whoever has a folder under integrations/ runs it over
// fixtures of what the tool really sends. Imports: the domain, integration and test libraries; only tests import it.
package integrationtest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/tools/txtar"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

var update = flag.Bool("update", false, "write what the decoders give into the fixtures")

// Suite is an integration under test.
type Suite struct {
	Spec integration.Spec
	// Config makes a valid configuration. Its secret, where there is one, is read from the variable that Secret names.
	Config func() integration.Config
	// Sign makes a delivery the tool's, by the secret that Secret holds; nil for a source that nobody calls.
	Sign func(t *testing.T, secret string, d *integration.Delivery)
	// Unsigned says that the tool proves nothing about the body: it only carries a token.
	Unsigned bool
	// Header is what every fixture has, beside its own.
	Header http.Header
	// Lives are fixtures that are the steps of one event's life: in whichever order they come, they make the same event.
	Lives [][]string
	// Directory of the fixtures, testdata where it is empty: a tool that signs in two ways has two.
	Directory string
	// Bare takes out of a delivery what proves it, where that is in no header.
	Bare func(d *integration.Delivery)
	// Tamper changes a delivery, where the tool signs what the body says and not its bytes.
	Tamper func(d *integration.Delivery)
}

// Secret is the variable that configurations refer to ("env:TIDINGS_TEST_HOOK_SECRET"), and SecretValue what it holds.
const (
	Secret      = "TIDINGS_TEST_HOOK_SECRET"
	SecretValue = "a-secret-for-tests-only-4711"
)

// canary stands in fixtures where tools send what must never be read: parameters, environments, credentials.
const canary = "canary"

// Now is the clock of the suite.
var Now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Run runs the conformance suite over testdata/*.txtar. A fixture has the files header (lines as in HTTP), query
// (optional), body, and want, which -update writes.
func Run(t *testing.T, s Suite) {
	t.Helper()
	run(underTest{t}, s)
}

// tester is a test that has parts: go test's own, or one that notes what a broken integration is refused for.
type tester interface {
	testing.TB
	Part(name string, part func(tester))
	// Own is go test's own, for those who sign; nil where there is none.
	Own() *testing.T
}

type underTest struct{ *testing.T }

func (u underTest) Part(name string, part func(tester)) {
	u.Helper()
	u.Run(name, func(t *testing.T) { part(underTest{t}) })
}

func (u underTest) Own() *testing.T { return u.T }

func run(t tester, s Suite) {
	t.Helper()
	t.Setenv(Secret, SecretValue)
	source, err := s.Config().Open()
	if err != nil {
		t.Fatalf("the configuration of the suite cannot be opened: %v", err)
	}
	receiver, ok := source.(integration.Receiver)
	if !ok {
		t.Fatal("the source takes no deliveries")
	}
	if s.Directory == "" {
		s.Directory = "testdata"
	}
	names, err := filepath.Glob(filepath.Join(s.Directory, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("there are no fixtures in %s: %v", s.Directory, err)
	}
	kinds := map[string]bool{}
	for _, name := range names {
		t.Part(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t tester) {
			fixture := Read(t, name, s.Header)
			if len(fixture.Body) == 0 {
				t.Fatalf("%s has no body", name)
			}
			s.Sign(t.Own(), SecretValue, &fixture.Delivery)
			s.verifies(t, receiver, fixture.Delivery)
			decoded, err := decodeOnce(t, receiver, fixture.Delivery)
			for i := range decoded.Events {
				kinds[decoded.Events[i].Kind] = true
			}
			got := Render(t, decoded, err)
			if strings.Contains(got, canary) {
				t.Errorf("what is not to be read came through: %s", got)
			}
			if strings.Contains(got, SecretValue) || strings.Contains(receiver.Describe(), SecretValue) {
				t.Errorf("the secret of the source came through: %s: %s", receiver.Describe(), got)
			}
			if *update {
				fixture.write(t, name, got)
			} else if diff := difference(fixture.Want, got); diff != "" {
				t.Errorf("want -, got + (write it anew with -update, and read the difference):\n%s", diff)
			}
			s.sameAgain(t, receiver, fixture.Delivery, decoded)
			s.survives(t, receiver, fixture.Delivery)
		})
	}
	for _, life := range s.Lives {
		t.Part("in any order: "+strings.Join(life, ", "), func(t tester) { s.lives(t, receiver, life) })
	}
	t.Part("a body that is no JSON", func(t tester) {
		for _, body := range []string{"", "<html>down for maintenance</html>", "null", "[]", `{"a":`, strings.Repeat("[", 100_000), `"text"`, "12"} {
			d := integration.Delivery{Method: http.MethodPost, Header: s.Header.Clone(), Body: []byte(body), ReceivedAt: Now}
			if d.Header == nil {
				d.Header = http.Header{}
			}
			if decoded, err := decodeOnce(t, receiver, d); err == nil && len(decoded.Events) > 0 {
				t.Errorf("%.20q gave %d events", body, len(decoded.Events))
			} else if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v, want Invalid", body, err)
			}
		}
	})
	t.Part("without a secret", func(t tester) {
		t.Setenv(Secret, "")
		source, err := s.Config().Open()
		if err != nil {
			t.Fatal(err)
		}
		fixture := Read(t, names[0], s.Header)
		s.Sign(t.Own(), "", &fixture.Delivery)
		if err := source.(integration.Receiver).Verify(t.Context(), fixture.Delivery); !fault.Is(err, fault.Unauthenticated) { //nolint:forcetypeassert // it was one above
			t.Errorf("a source without a secret took a delivery: %v", err)
		}
	})
	if receiver.MaxBody() < 64<<10 || receiver.MaxBody() > 25<<20 {
		t.Errorf("MaxBody is %d: from 64 KiB to 25 MiB", receiver.MaxBody())
	}
}

// Refer makes a secret of a configuration the one of the suite.
func Refer(secret *integration.Secret) {
	_ = secret.UnmarshalYAML(func(into any) error {
		*into.(*string) = "env:" + Secret //nolint:forcetypeassert // it asks for a text
		return nil
	})
}

// Seed reads a fixture for a fuzz target.
func Seed(f *testing.F, name string) Fixture {
	f.Helper()
	return Read(f, name, nil)
}

// Fuzz decodes whatever comes: it never panics, errors are Invalid, and events are fit for the log.
func Fuzz(t *testing.T, source integration.Source, d integration.Delivery) {
	t.Helper()
	d.Method, d.ReceivedAt = http.MethodPost, Now
	decode(t, "fuzzed", source.(integration.Receiver), d) //nolint:forcetypeassert // only receivers are fuzzed by it
}

// Fixture is one delivery as a tool sends it, and what it means.
type Fixture struct {
	integration.Delivery
	Comment []byte
	Query   string
	Want    string
	raw     *txtar.Archive
}

// Read reads a fixture.
func Read(t testing.TB, name string, header http.Header) Fixture {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f := Fixture{raw: archive, Delivery: integration.Delivery{Method: http.MethodPost, Header: header.Clone(), ReceivedAt: Now}}
	if f.Header == nil {
		f.Header = http.Header{}
	}
	for _, file := range archive.Files {
		switch file.Name {
		case "header":
			for line := range strings.Lines(string(file.Data)) {
				if key, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
					f.Header.Add(textproto.CanonicalMIMEHeaderKey(key), strings.TrimSpace(value))
				}
			}
		case "query":
			f.Delivery.Query = strings.TrimSpace(string(file.Data))
		case "body":
			f.Body = bytes.TrimSuffix(file.Data, []byte("\n"))
		case "want":
			f.Want = string(file.Data)
		default:
			t.Errorf("%s holds %q: header, query, body and want are used", name, file.Name)
		}
	}
	return f
}

func (f *Fixture) write(t testing.TB, name, want string) {
	t.Helper()
	f.raw.Files = slices.DeleteFunc(f.raw.Files, func(file txtar.File) bool { return file.Name == "want" })
	f.raw.Files = append(f.raw.Files, txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(name, txtar.Format(f.raw), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Render writes what a delivery means, as fixtures have it. Events are made normal, as they come into the log.
func Render(t testing.TB, decoded integration.Decoded, err error) string {
	t.Helper()
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	out := struct {
		Key        string              `json:"key,omitempty"`
		Ignored    string              `json:"ignored,omitempty"`
		Answer     string              `json:"answer,omitempty"`
		Events     []change.Event      `json:"events,omitempty"`
		Statements []catalog.Statement `json:"statements,omitempty"`
		Heard      []chat.Heard        `json:"heard,omitempty"`
	}{Key: decoded.Key, Ignored: decoded.Ignored, Heard: decoded.Heard}
	if decoded.Answer != nil {
		out.Answer = string(decoded.Answer.Body)
	}
	for _, e := range decoded.Events {
		if e.Key == "" {
			t.Errorf("the event %q has no key: a retry would double it", e.Title)
		}
		if faults := e.Normalize(Now, ""); len(faults) > 0 {
			t.Errorf("the event %q would be refused: %v", e.Title, faults)
		}
		e.ID, e.Source = uuid.Nil, ""
		out.Events = append(out.Events, e)
	}
	for _, statement := range decoded.Statements {
		normal, err := statement.Normalize()
		if err != nil {
			t.Errorf("the statement about %s would be refused: %v", statement.Ref, err)
		}
		out.Statements = append(out.Statements, normal)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// difference shows the lines that only one of two texts has, in their order.
func difference(want, got string) string {
	a, b := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	// same[i][j] is how many lines from a[i] and b[j] on both have in common, in order.
	same := make([][]int, len(a)+1)
	for i := range same {
		same[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if same[i][j] = max(same[i+1][j], same[i][j+1]); a[i] == b[j] {
				same[i][j] = same[i+1][j+1] + 1
			}
		}
	}
	var lines strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && same[i+1][j] >= same[i][j+1]:
			lines.WriteString("- " + a[i])
			i++
		default:
			lines.WriteString("+ " + b[j])
			j++
		}
	}
	return lines.String()
}

// verifies checks that the delivery is taken as it is, and in no other form.
func (s Suite) verifies(t tester, receiver integration.Receiver, d integration.Delivery) {
	t.Helper()
	if err := receiver.Verify(t.Context(), d); err != nil {
		t.Errorf("a signed delivery was refused: %v", err)
	}
	refuses := func(how string, d integration.Delivery) {
		t.Helper()
		err := receiver.Verify(t.Context(), d)
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v, want Unauthenticated", how, err)
		}
		if err != nil && strings.Contains(err.Error(), SecretValue) {
			t.Errorf("%s: the error tells the secret", how)
		}
	}
	bare := d
	bare.Header = http.Header{}
	if s.Bare != nil {
		s.Bare(&bare)
	}
	refuses("no header at all", bare)
	other := d
	other.Header = d.Header.Clone()
	s.Sign(t.Own(), SecretValue+"x", &other)
	refuses("signed with another secret", other)
	if s.Unsigned {
		return
	}
	changed := d
	if changed.Body = append(bytes.Clone(d.Body), ' '); s.Tamper != nil {
		s.Tamper(&changed)
	}
	refuses("one byte more", changed)
	short := d
	short.Body = d.Body[:len(d.Body)-1]
	refuses("one byte less", short)
}

// decodeOnce decodes a delivery as it is, which must neither panic nor change it.
func decodeOnce(t testing.TB, receiver integration.Receiver, d integration.Delivery) (decoded integration.Decoded, err error) {
	t.Helper()
	body, header := bytes.Clone(d.Body), d.Header.Clone()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("it panics: %v", p)
			err = fault.New(fault.Internal, "it panics")
		}
	}()
	decoded, err = receiver.Decode(d)
	if !bytes.Equal(body, d.Body) || !maps.EqualFunc(header, d.Header, slices.Equal) {
		t.Error("decoding changes the delivery, which is still to be kept")
	}
	return decoded, err
}

// sameAgain checks that the same delivery always means the same.
func (s Suite) sameAgain(t tester, receiver integration.Receiver, d integration.Delivery, first integration.Decoded) {
	t.Helper()
	second, err := decodeOnce(t, receiver, d)
	if err != nil {
		return
	}
	if len(first.Events) != len(second.Events) {
		t.Errorf("decoded twice: %d events, then %d", len(first.Events), len(second.Events))
		return
	}
	for i := range first.Events {
		if first.Events[i].Key != second.Events[i].Key {
			t.Errorf("decoded twice: the keys %q and %q", first.Events[i].Key, second.Events[i].Key)
		}
	}
	// What was not acknowledged is sent again a little later: what its events are known by must not be of the clock.
	later := d
	later.ReceivedAt = d.ReceivedAt.Add(10 * time.Second)
	third, err := decodeOnce(t, receiver, later)
	if err != nil || len(third.Events) != len(first.Events) {
		return
	}
	for i := range first.Events {
		if first.Events[i].Key != third.Events[i].Key {
			t.Errorf("ten seconds later the key %q is %q: a retry would double it", first.Events[i].Key, third.Events[i].Key)
		}
	}
}

// lives checks that the steps of one event make the same event in whichever order they come, and when all come again.
func (s Suite) lives(t tester, receiver integration.Receiver, names []string) {
	t.Helper()
	var steps []change.Event
	for _, name := range names {
		decoded, err := receiver.Decode(Read(t, filepath.Join(s.Directory, name+".txtar"), s.Header).Delivery)
		if err != nil || len(decoded.Events) != 1 {
			t.Fatalf("%s gives %d events, want one: %v", name, len(decoded.Events), err)
		}
		e := decoded.Events[0]
		if faults := e.Normalize(Now, ""); len(faults) > 0 {
			t.Fatalf("%s: %v", name, faults)
		}
		if e.ID = uuid.Nil; e.Key != append(steps, e)[0].Key {
			t.Fatalf("%s has the key %q, and %s has %q", name, e.Key, names[0], steps[0].Key)
		}
		steps = append(steps, e)
	}
	var want string
	permute(len(steps), func(order []int) {
		all := steps[order[0]]
		for _, i := range slices.Concat(order[1:], order) {
			all.Advance(steps[i])
		}
		got := string(all.AppendDocument(nil))
		if want == "" {
			want = got
		} else if got != want {
			t.Errorf("the steps %v come in the order %v, and make another event:\n%s\nthan in their own:\n%s", names, order, got, want)
		}
	})
}

// permute visits every order of n things, their own first.
func permute(n int, visit func([]int)) {
	order := make([]int, 0, n)
	var next func()
	next = func() {
		if len(order) == n {
			visit(slices.Clone(order))
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				next()
				order = order[:len(order)-1]
			}
		}
	}
	next()
}

// long is more than any field of an event takes.
var long = strings.Repeat("long ", 5_000)

// survives decodes the delivery with each of its values replaced by one of another type: a new version of the tool may
// send anything. It must never panic, and what it gives must be fit for the log.
func (s Suite) survives(t tester, receiver integration.Receiver, d integration.Delivery) {
	t.Helper()
	var content any
	if json.Unmarshal(d.Body, &content) != nil {
		return
	}
	tried := 0
	walk("", content, func(v any) { content = v }, func(place string, old any, set func(any)) {
		if tried++; tried > 2000 {
			return
		}
		defer set(old)
		for _, other := range []any{nil, 7.5, "", "text", long, []any{}, map[string]any{}, true} {
			set(other)
			body, err := json.Marshal(content)
			if err != nil {
				t.Fatal(err)
			}
			changed := d
			changed.Body = body
			decode(t, fmt.Sprintf("%s = %.40v", place, other), receiver, changed)
		}
	})
}

func decode(t testing.TB, what string, receiver integration.Receiver, d integration.Delivery) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: it panics: %v", what, p)
		}
	}()
	decoded, err := receiver.Decode(d)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want Invalid", what, err)
		}
		return
	}
	fit(t, what, decoded.Events, Now)
}

// fit reports events that would be refused.
func fit(t testing.TB, what string, events []change.Event, now time.Time) {
	for i := range events {
		// A time that cannot be is the tool's fault, as is a text that no tool sends; the delivery is kept with that reason.
		faults := slices.DeleteFunc(events[i].Normalize(now, ""), func(f fault.Fault) bool {
			return strings.HasSuffix(f.Detail, "is the unit right?") || strings.Contains(f.Detail, ": at most ") || strings.Contains(f.Detail, "has a value over")
		})
		if len(faults) > 0 {
			t.Errorf("%s: the event would be refused: %v", what, faults)
		}
	}
}

// walk visits every value of a JSON document, with the means to replace it.
func walk(place string, value any, set func(any), visit func(place string, value any, set func(any))) {
	visit(place, value, set)
	switch content := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(content)) {
			walk(place+"/"+key, content[key], func(v any) { content[key] = v }, visit)
		}
	case []any:
		for i := range content {
			walk(fmt.Sprintf("%s/%d", place, i), content[i], func(v any) { content[i] = v }, visit)
		}
	}
}

// Basic gives a delivery a name and a password, as tools do that send those of an address.
func Basic(d *integration.Delivery, name, password string) {
	request := http.Request{Header: d.Header}
	request.SetBasicAuth(name, password)
}
