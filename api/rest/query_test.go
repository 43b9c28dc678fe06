package rest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
)

var noon = time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)

func TestInstants(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-11T14:31:02Z":         "2026-06-11T14:31:02Z",
		"2026-06-11T14:31:02+02:00":    "2026-06-11T12:31:02Z",
		"2026-06-11T14:31:02 02:00":    "2026-06-11T12:31:02Z", // as an address leaves it
		"2026-06-11t14:31:02.1234567z": "2026-06-11T14:31:02.123456Z",
		"1781181062":                   "2026-06-11T12:31:02Z",
		"1781181062000":                "2026-06-11T12:31:02Z",
		"1781181062000000":             "2026-06-11T12:31:02Z",
		"1781181062000000000":          "2026-06-11T12:31:02Z",
		"0":                            "1970-01-01T00:00:00Z",
		"-24h":                         "2026-06-10T12:00:00Z",
		"24h":                          "2026-06-10T12:00:00Z",
		"90m":                          "2026-06-11T10:30:00Z",
		"7D":                           "2026-06-04T12:00:00Z",
		"2w":                           "2026-05-28T12:00:00Z",
		"now":                          "2026-06-11T12:00:00Z",
	} {
		at, wrong := parseInstant(text, noon)
		if got := at.Format(time.RFC3339Nano); got != want || wrong != "" {
			t.Errorf("%s: %s %s, want %s", text, got, wrong, want)
		}
	}
	for _, text := range []string{"-1", "--1h", "1", "h", "d", "-d", "2026-06-11", "2026-06-11T14:31:02", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "70000d", "99999999999999999999", "+5", " "} {
		if at, wrong := parseInstant(text, noon); wrong == "" && text != "1" {
			t.Errorf("%q became %s", text, at)
		}
	}
}

// readerOf is a feed over a few entities.
func readerOf() *feed.Reader {
	roll := catalog.NewRoll(nil)
	owner := catalog.Ref{Kind: catalog.Team, Name: "blue"}
	roll.Put(
		&catalog.Entity{ID: 1, Kind: catalog.Service, Name: "a", Owner: &owner, Tags: []catalog.Tag{{Key: "pci"}}, Relations: []catalog.Relation{
			{Type: catalog.FamilyDependsOn, Target: catalog.Ref{Kind: catalog.Service, Name: "b"}},
			{Type: catalog.FamilyPartOf, Target: catalog.Ref{Kind: catalog.System, Name: "shop"}},
		}},
		&catalog.Entity{ID: 2, Kind: catalog.Service, Name: "b"},
		&catalog.Entity{ID: 3, Kind: catalog.Team, Name: "blue"},
		&catalog.Entity{ID: 4, Kind: catalog.System, Name: "shop"},
	)
	return &feed.Reader{Roll: roll}
}

func TestScope(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]int64{
		"":                            nil,
		"service=a":                   {1},
		"service=a,b":                 {1, 2},
		"service=a&service=b":         {1, 2},
		"entity=service:b,team:blue":  {2, 3},
		"team=blue":                   {1, 3},
		"system=shop":                 {1, 4},
		"tag=pci":                     {1},
		"service=b&team=blue":         {},
		"service=a&with=dependencies": {1, 2},
		"service=a&depth=3":           {1, 2},
		"team=blue&with=dependencies": {1, 2, 3},
		"service=A,%20,b,&q=+++":      {1, 2},
	} {
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		scope, err := (&query{values: values, now: noon}).scope(readerOf())
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if diff := cmp.Diff(want, scope.Filter.Entities); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

// FuzzFilter feeds the parser of filters: whatever it reads, it gives a filter that is within its bounds, or an Invalid
// fault that names a place.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"service=a&team=blue&system=shop&tag=pci&kind=deploy&class=change&phase=failed&environment=production",
		"actor=ana&actor_type=person&source=ci&q=words+here&since=-24h&until=now&with=dependencies&depth=2&cursor=&limit=50",
		"since=1781181062000&until=2026-06-11T14:31:02 02:00", "kind=elephant", "limit=1e9&depth=-1", "cursor=AQAAAAAAAAAAAAAAAAAAAAA",
		"service=%ff,%00&q=%ff", "since=9999-12-31T23:59:59Z", "env=x", ";", "tag=a:b:c&tag=,,,", "with=story&fold=perhaps", "unowned&retired=2",
	} {
		f.Add(seed)
	}
	known := append([]string{"fold", "cursor", "limit", "unowned", "retired", "owner", "tier", "platform", "language", "lifecycle"}, feedParams...)
	reader := readerOf()
	f.Fuzz(func(t *testing.T, raw string) {
		if err := checkQuery(raw, known); err != nil {
			told(t, err)
			return
		}
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("let through: %v", err)
		}
		q := &query{values: values, now: noon}
		q.cursor()
		q.flag("fold")
		if limit := q.limit(); limit < 1 || limit > maxLimit {
			t.Errorf("limit %d", limit)
		}
		if scope, err := q.scope(reader); err != nil {
			told(t, err)
		} else if f := scope.Filter; (!f.Since.IsZero() && f.Since.Unix() < 0) || f.Until.After(latest) || len(f.Actors) > maxValues {
			t.Errorf("%+v", f)
		}
		q = &query{values: values, now: noon}
		filter := q.entities()
		if err := q.err(); err != nil {
			told(t, err)
			return
		}
		if _, err := reader.Roll.List(filter, catalog.Sort{}, "", 10); err != nil {
			told(t, inQuery(err))
		}
	})
}

func told(t *testing.T, err error) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("not an Invalid fault: %v", err)
	}
	if strings.TrimSpace(err.Error()) == "" {
		t.Error("says nothing")
	}
}

// FuzzDocument feeds the reader of entities' bodies.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		`{"tier":1,"tags":{"a":"b"},"links":[{"url":"https://x.example.com"}],"owner":"team:x","depends_on":["y"]}`,
		`{"tag/pci":null,"aliases":null,"on_call":[{"role":"primary","name":"x","until":"2026-06-11T12:00:00.000000Z"}]}`,
		`{"relations":[{"type":"part_of","target":"shop","evidence":"observed"}],"contacts":[{}],"name":7}`, `{"tags":["a:b",7,null,{"key":"x"}]}`, "\xef\xbb\xbf{}", `[`, "{\"\xff\":1}",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	ref := catalog.Ref{Kind: catalog.Service, Name: "x"}
	f.Fuzz(func(t *testing.T, text string, partial bool) {
		members, err := readObject([]byte(text))
		if err != nil {
			told(t, err)
			return
		}
		d := &document{ref: ref, partial: partial}
		for _, m := range members {
			d.member(m)
		}
		if len(d.claims) != len(d.pointers) {
			t.Fatalf("%d claims at %d places", len(d.claims), len(d.pointers))
		}
		statement := d.statement("x")
		if _, err := statement.Normalize(); err != nil {
			told(t, d.located(err))
		}
	})
}
