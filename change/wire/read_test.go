package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

func TestReadSaysWhereABodyIsWrong(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                     "is empty: send an event",
		"\xef\xbb\xbf \n":                      "is empty: send an event",
		"\xff\xfe{\x00}\x00":                   "is UTF-16 or UTF-32",
		"{\x00\"\x00t\x00":                     "is UTF-16 or UTF-32",
		"\x1f\x8b\x08":                         "is compressed",
		"{\"title\":\"caf\xe9\"}":              "line 1, column 14 (byte 13): the byte 0xE9 is not UTF-8",
		"{\n  \"title\": \"ü\" \"service\"":    `line 2, column 16 (byte 18): ',' or '}' was expected, not "\""`,
		`{"title":"a",}`:                       "column 14 (byte 13): there is a comma too many before '}'",
		`[{"title":"a","service":"b"},]`:       "there is a comma too many before ']'",
		`{"title":"a"`:                         "the body ends where ',' or '}' was expected: is it cut off?",
		`[{"title":"a","service":"b"}`:         "the body ends where ',' or ']' was expected: is it cut off?",
		`{"title":"a`:                          "a closing double quote is missing",
		`{'title':'a'}`:                        "JSON wants double quotes, not single ones",
		`{title:"a"}`:                          `a name in double quotes was expected, not "title": is a double quote missing?`,
		`{"title" "a"}`:                        `':' after the name "title" was expected`,
		`{"title":None}`:                       "JSON has only true, false and null",
		`{"title":"a"} // done`:                "more follows after the end of the value",
		"{\"title\":\"a\",\n// the service\n}": "JSON has no comments",
		"{\"title\":\"a\nb\"}":                 "the line ends within a text",
		"{\"title\":\"a\tb\"}":                 `a text holds the control character U+0009: write it as \u0009`,
		`{"title":"C:\temp\x"}`:                `'\x' is not an escape of JSON`,
		`{"title":"\u12"}`:                     `\u needs four hexadecimal digits`,
		`{"version":007}`:                      "a number does not start with 0",
		`{"version":1.}`:                       "a digit was expected",
		`{"version":-}`:                        "a digit was expected",
		"title=a&service=b":                    `a value was expected, not "title"`,
		"null":                                 "is null: an event is wanted",
		"[]":                                   "holds no event",
		`{"events":[]}`:                        "/events: holds no event",
		`{"events":{"title":"a"}}`:             "/events: is an object: a list of events is wanted",
		`{"title":"a"}{"title":"b"}`:           "one a line as application/x-ndjson",
		strings.Repeat("[", 100):               "nest deeper than 64 levels",
		`{"a":` + strings.Repeat(`[`, 9999):    "nest deeper than 64 levels",
	} {
		batch, err := Read(nil, []byte(body), noon)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) || len(batch.Events) > 0 {
			t.Errorf("%.40q: want %q, got %v", body, want, err)
		}
	}
}

func TestReadBoundsTheNumberOfEvents(t *testing.T) {
	t.Parallel()
	const one = `{"title":"a","service":"pricing"}`
	events := func(n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	ndjson := http.Header{"Content-Type": {"application/x-ndjson; charset=utf-8"}}
	for name, tc := range map[string]struct {
		header http.Header
		body   string
		want   int // events, or -1 for too many
	}{
		"full envelope": {nil, `{"events":[` + events(MaxEvents) + `]}`, MaxEvents},
		"envelope":      {nil, `{"events":[` + events(MaxEvents+1) + `]}`, -1},
		"full list":     {nil, `[` + events(MaxStream) + `]`, MaxStream},
		"list":          {nil, `[` + events(MaxStream+1) + `]`, -1},
		"full NDJSON":   {ndjson, strings.Repeat(one+"\r\n\n", MaxStream), MaxStream},
		"NDJSON":        {ndjson, strings.Repeat(one+"\n", MaxStream+1), -1},
	} {
		batch, err := Read(tc.header, []byte(tc.body), noon)
		if tc.want < 0 && (!fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), "split it")) {
			t.Errorf("%s: got %v", name, err)
		}
		if tc.want >= 0 && (err != nil || len(batch.Events) != tc.want) {
			t.Errorf("%s: got %d events, %v", name, len(batch.Events), err)
		}
	}
}

func TestReadBoundsWhatItAnswers(t *testing.T) {
	t.Parallel()
	_, err := Read(nil, []byte("["+strings.Repeat("1,", MaxStream-1)+"1]"), noon)
	if e, ok := errors.AsType[*fault.Error](err); !ok || len(e.Faults) != MaxFaults+1 {
		t.Errorf("got %d faults", len(e.Faults))
	}
	var members []string
	for i := range 500 {
		members = append(members, fmt.Sprintf(`"x%d":%d`, i, i))
	}
	body := `{"title":"a","service":"b","long":"` + strings.Repeat("x", change.MaxValue+1) + `",` + strings.Join(members, ",") + `}`
	batch, err := Read(nil, []byte(body), noon)
	if err != nil || len(batch.Events[0].Labels) != change.MaxLabels || len(batch.Warnings) != 501 {
		t.Errorf("got %v, %d warnings", err, len(batch.Warnings))
	}
}

// A body of a megabyte must not cost more than reading it, whatever is in it: eight times the body, about eight times
// the work, and not sixty-four.
func TestReadIsLinear(t *testing.T) {
	t.Parallel()
	distinct := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, body := range map[string]func(n int) string{
		"names":         func(n int) string { return `{` + distinct(n, `"a%d":1,`) + `}` },
		"the same name": func(n int) string { return `{` + strings.Repeat(`"a":1,`, n) + `"a":2}` },
		"labels": func(n int) string {
			return `{"title":"a","service":"b","labels":{` + distinct(n, `"a%d\u0001":1,`) + `}}`
		},
		"links": func(n int) string {
			return `{"title":"a","service":"b","url":"x","links":[` + distinct(n, `"l%d",`) + `]}`
		},
		"subjects": func(n int) string {
			return `{"title":"a","service":[` + distinct(n, `"a%d",`) + `],"services":[` + distinct(n, `"a%d",`) + `]}`
		},
		"diff": func(n int) string {
			return `{"title":"a","service":"b","diff":[` + distinct(n, `{"field":"\u0001%d"},`) + `]}`
		},
		"digits": func(n int) string { return `{"title":"a","service":"b","timestamp":` + strings.Repeat("9", n) + `}` },
		"nested": func(n int) string { return `{"title":"a","service":"b","x":[` + distinct(n, `{"a%d":{}},`) + `]}` },
		"lines":  func(n int) string { return strings.Repeat("{\n", n) },
	} {
		header := http.Header{}
		if name == "lines" {
			header.Set("Content-Type", "application/x-ndjson")
		}
		cost := func(body string) time.Duration {
			least := time.Hour // of three, for other work on the machine only ever adds
			for range 3 {
				start := time.Now()
				_, _ = Read(header, []byte(body), noon)
				least = min(least, time.Since(start))
			}
			return least
		}
		small, large := cost(body(6_000)), cost(body(48_000))
		if large > 32*small && large > time.Second {
			t.Errorf("%s: %v for one, %v for eight", name, small, large)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 11, 11, 50, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"1781178600":                        at,
		"1781178600000":                     at,
		"1781178600000000":                  at,
		"1781178600000000001":               at.Add(1),
		"1781178600.25":                     at.Add(250 * time.Millisecond),
		"1781178600123.5":                   at.Add(123_500 * time.Microsecond),
		"1.7811786e9":                       at,
		"1.7811786E+9":                      at,
		"-1":                                time.Unix(-1, 0).UTC(),
		"2026-06-11T11:50:00Z":              at,
		"2026-06-11t11:50:00z":              at,
		" 2026-06-11T13:50:00.000+02:00 ":   at,
		"2026-06-11T11:50:00.000+0000":      at,
		"2026-06-11 13:50:00 +0200":         at,
		"2026-06-11 11:50:00 UTC":           at,
		"2026-06-11 11:50:00Z":              at,
		"2026-06-11T11:50:00.1234567+00:00": at.Add(123_456_700),
		"Thu, 11 Jun 2026 11:50:00 GMT":     at,
		"Thu, 11 Jun 2026 13:50:00 +0200":   at,
		"0001-01-01T00:00:00Z":              {},
	} {
		got, err := parseTime(text, 0)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{
		"2026-06-11T11:50:00": errZone, "2026-06-11 11:50": errZone, "2026-06-11": errZone, "Jun 11, 2026 11:50:00 AM": errZone,
		"": errTime, "soon": errTime, "1e99999": errTime, "1e99": errTime, "99999999999999999999": errTime, "+": errTime, "11/06/2026": errTime,
		"2026-06-31T00:00:00Z": errTime, "0x10": errTime, "1_000": errTime, "NaN": errTime, strings.Repeat("9", 400): errTime,
	} {
		if got, err := parseTime(text, 0); !errors.Is(err, want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	if got, err := parseTime("1500", time.Millisecond); err != nil || !got.Equal(time.UnixMilli(1500)) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestParsePURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]purl{
		"pkg:oci/pricing@sha256%3A0b31":                       {"oci", "", "pricing", "sha256:0b31"},
		"pkg:oci/pricing@sha256%3A0b31?tag=1.2&x=y":           {"oci", "", "pricing", "1.2"},
		"pkg:golang/example.com/acme/pricing@v1.2.3#cmd/x":    {"golang", "example.com/acme/", "pricing", "v1.2.3"},
		"pkg:npm/%40acme/pricing@1.0":                         {"npm", "@acme/", "pricing", "1.0"},
		"pkg:npm/@acme/pricing":                               {"npm", "", "", ""},
		"pkg:Maven//org.example/pricing@1?classifier=sources": {"maven", "org.example/", "pricing", "1"},
		"pkg:github/acme/pricing":                             {"github", "acme/", "pricing", ""},
	} {
		got, ok := parsePURL(text)
		if text == "pkg:npm/@acme/pricing" {
			want = purl{"npm", "@acme/", "pricing", ""} // a scope that was not encoded
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(purl{})); !ok || diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{"", "pkg:", "pkg:oci", "pkg:oci/", "oci/pricing", "pkg:oci/a@%zz", "pkg:oci/%zz"} {
		if got, ok := parsePURL(text); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// Steps of one thing must advance one event: the reader gives them one source and key.
func TestStepsOfARunAdvanceOneEvent(t *testing.T) {
	t.Parallel()
	f := readFixture(t, "testdata/cdevents-harness.txtar")
	batch, err := Read(f.header, f.body, noon)
	if err != nil {
		t.Fatal(err)
	}
	run, finished := batch.Events[0], batch.Events[1]
	if run.Identity() != finished.Identity() || !run.Advance(finished) {
		t.Fatal("the end does not advance the start")
	}
	if run.Phase != change.Succeeded || len(run.History) != 2 || !run.EndedAt.After(run.StartedAt) {
		t.Errorf("got %+v", run)
	}
}

// parserFaults reports whether the parser takes a text.
func accepts(body []byte) bool {
	p := parser{body: body}
	_, err := p.value(0)
	return err == nil && p.end() == nil
}

// FuzzParse holds the parser against the standard library's: both take the same texts, and read the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{typical, `[1,-0.5e+7,"\ud83d\ude00\ud800x\u0000",{"a":[],"a":{}},null,true,false]`, `{"":[[[{}]]]}`, "1 2", "01", `"\/"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) || bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > maxDepth {
			return
		}
		if got, want := accepts(body), json.Valid(body); got != want {
			t.Fatalf("taken: %v, by encoding/json: %v", got, want)
		}
		p := parser{body: body}
		v, err := p.value(0)
		if err != nil || p.twice {
			return
		}
		var mine, theirs any
		out := v.append(nil)
		decode(t, out, &mine)
		if accepts(body) {
			decode(t, body, &theirs)
			if diff := cmp.Diff(theirs, mine); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func decode(t *testing.T, body []byte, to *any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(to); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

// FuzzRead checks that nothing that anybody sends does harm, and that what is taken means the same after a trip through
// the public JSON.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		fixture := readFixture(f, path)
		var header bytes.Buffer
		if err := fixture.header.Write(&header); err != nil {
			f.Fatal(err)
		}
		f.Add(header.String(), fixture.body)
	}
	f.Fuzz(func(t *testing.T, headers string, body []byte) {
		header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(headers + "\r\n\r\n"))).ReadMIMEHeader()
		if err != nil {
			return
		}
		batch, err := Read(http.Header(header), body, noon)
		if err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
				t.Fatalf("an error without a code for the sender: %v", err)
			}
			if len(batch.Events) > 0 {
				t.Fatal("events beside an error")
			}
			return
		}
		if len(batch.Events) == 0 {
			t.Fatal("neither events nor an error")
		}
		for i := range batch.Events {
			sameAfterATrip(t, &batch.Events[i])
		}
	})
}

func sameAfterATrip(t *testing.T, event *change.Event) {
	t.Helper()
	public := Append(nil, event)
	again, err := Read(nil, public, noon)
	if err != nil {
		t.Fatalf("%v\n%s", err, public)
	}
	if len(again.Warnings) > 0 {
		t.Errorf("warnings: %v\n%s", again.Warnings, public)
	}
	got := again.Events[0]
	if got.ID == event.ID || got.ID == uuid.Nil {
		t.Error("the receiver gives the id")
	}
	got.ID = event.ID
	want := *event
	want.Guessed = false // the public form names the kind
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the trip changed it:\n%s\n%s", diff, public)
	}
}
