package change

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)

func report(edit func(*Event)) Event {
	e := Event{
		Source: "ci", Key: "42", Kind: "deploy", Title: "pricing 1.2", Subjects: []Subject{{Name: "pricing"}},
		StartedAt: noon, ReceivedAt: noon,
	}
	edit(&e)
	if faults := e.Normalize(noon, ""); faults != nil {
		panic(faults)
	}
	return e
}

func TestAdvanceInAnyOrderGivesTheSameEvent(t *testing.T) {
	t.Parallel()
	started := report(func(e *Event) { e.Phase, e.Actor = Started, Actor{Type: ByPerson, Name: "Ana"} })
	succeeded := report(func(e *Event) {
		e.Phase, e.EndedAt, e.Version = Succeeded, noon.Add(3*time.Minute), "1.2"
	})
	forward, backward := started, succeeded
	if !forward.Advance(succeeded) || !backward.Advance(started) {
		t.Fatal("a new phase must change the event")
	}
	backward.ID = forward.ID
	if diff := cmp.Diff(forward, backward); diff != "" {
		t.Errorf("the order of arrival shows:\n%s", diff)
	}
	if forward.Phase != Succeeded || forward.Actor.Name != "Ana" || forward.Version != "1.2" || len(forward.History) != 2 {
		t.Errorf("got %+v", forward)
	}
	if again := succeeded; forward.Advance(again) {
		t.Error("a retry must change nothing")
	}
}

func TestALaterReportNeedNotRepeatTheKind(t *testing.T) {
	t.Parallel()
	named := report(func(e *Event) { e.Phase, e.Kind = Started, "build" })
	silent := report(func(e *Event) { e.Kind, e.Version = "", "1.2" }) // guessed to be a deploy
	for name, pair := range map[string][2]Event{"in order": {named, silent}, "late": {silent, named}} {
		e := pair[0]
		e.Advance(pair[1])
		if e.Kind != "build" || e.Phase != Succeeded {
			t.Errorf("%s: got a %s, %s", name, e.Kind, e.Phase)
		}
	}
}

func TestNormalizeNamesEveryFault(t *testing.T) {
	t.Parallel()
	e := Event{
		Kind: "party", Phase: "maybe", Title: "  ", StartedAt: time.Unix(0, 0), Version: "a\x00b",
		Links: []Link{{URL: "javascript:alert(1)"}}, Actor: Actor{Type: "alien"},
	}
	var places []string
	for _, f := range e.Normalize(noon, "/events/3") {
		places = append(places, strings.TrimPrefix(f.Pointer, "/events/3/"))
	}
	want := []string{"version", "title", "kind", "phase", "actor/type", "subjects", "started_at", "links/0/url"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}

func TestNormalizeIsIdempotentAndStorable(t *testing.T) {
	t.Parallel()
	e := report(func(e *Event) {
		e.Diff = []Diff{{Field: "image", Old: "a\x00b\n", New: strings.Repeat("é", MaxValue)}}
		e.Labels = map[string]string{"a": "x\x00y"}
		e.Subjects = append(e.Subjects, Subject{Name: " Service:PRICING "}, Subject{Name: "github:ACME/x"})
	})
	if e.Diff[0].Old != "ab\n" || e.Labels["a"] != "xy" || len(e.Subjects) != 2 {
		t.Errorf("got %q, %q, %v", e.Diff[0].Old, e.Labels, e.Subjects)
	}
	again := e
	again.Subjects, again.Diff = slices.Clone(e.Subjects), slices.Clone(e.Diff)
	if faults := again.Normalize(noon, ""); faults != nil {
		t.Error(faults)
	}
	if diff := cmp.Diff(e, again); diff != "" {
		t.Error(diff)
	}
	for name, edit := range map[string]func(*Event){
		"/labels/a~1b~0": func(e *Event) { e.Labels = map[string]string{"a/b~": strings.Repeat("x", MaxValue+1)} },
		"/links/0/type":  func(e *Event) { e.Links = []Link{{Type: "a\x00", URL: "https://example.com"}} },
		// Lower case makes some letters longer, so a name is measured as it is stored.
		"/subjects/0":  func(e *Event) { e.Subjects = []Subject{{Name: "x:" + strings.Repeat("Ⱥ", MaxText/2-1)}} },
		"/environment": func(e *Event) { e.Environment = strings.Repeat("Ⱥ", MaxText/2) },
	} {
		e := Event{Title: "x", Subjects: []Subject{{Name: "pricing"}}}
		edit(&e)
		if faults := e.Normalize(noon, ""); len(faults) != 1 || faults[0].Pointer != name {
			t.Errorf("want one fault at %s, got %v", name, faults)
		}
	}
}

func TestStoryKeysJoinMergeBuildAndDeploy(t *testing.T) {
	t.Parallel()
	merge := report(func(e *Event) { e.Kind, e.Commit = "merge", "91be0c4a7d" })
	build := report(func(e *Event) { e.Kind, e.Commit, e.Version = "build", "91BE0C4", "v1.2" })
	deploy := report(func(e *Event) { e.Version = "1.2" })
	if !share(merge.StoryKeys(), build.StoryKeys()) || !share(build.StoryKeys(), deploy.StoryKeys()) {
		t.Error("a chain of commit and version must join them")
	}
	other := report(func(e *Event) { e.Version, e.Subjects = "1.2", []Subject{{Name: "service:checkout"}} })
	if share(deploy.StoryKeys(), other.StoryKeys()) {
		t.Error("the same version of another service is another story")
	}
	for _, name := range []string{"latest", "Main", "stable", "HEAD", "acme/payments:latest", "refs/heads/main", "unknown"} {
		today, tomorrow := report(func(e *Event) { e.Key, e.Version = "1", name }), report(func(e *Event) { e.Key, e.Version = "2", name })
		if share(today.StoryKeys(), tomorrow.StoryKeys()) {
			t.Errorf("two deploys of %s may be of two versions", name)
		}
	}
	for _, name := range []string{"1.2", "main-91be0c4", "2026-11-22", "latest-1", "release-7", "acme/payments:1.2", "stable/7"} {
		if today, again := report(func(e *Event) { e.Version = name }), report(func(e *Event) { e.Version = name }); !share(today.StoryKeys(), again.StoryKeys()) {
			t.Errorf("%s is one version", name)
		}
	}
	rollback := report(func(e *Event) { e.Kind, e.Version = "rollback", "1.2" })
	if len(rollback.StoryKeys()) != 0 {
		t.Error("a rollback stays its own row")
	}
}

func share(a, b []Digest) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func TestCursorRoundTripAndTamper(t *testing.T) {
	t.Parallel()
	c := Cursor{At: noon.UnixMicro(), Seq: 7}
	got, err := ParseCursor(c.String())
	if err != nil || got != c {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"x", "AAAA", strings.Repeat("A", 1000)} {
		if _, err := ParseCursor(bad); err == nil {
			t.Errorf("%q was read as a cursor", bad)
		}
	}
}

func TestFilterIsBounded(t *testing.T) {
	t.Parallel()
	for values, fine := range map[int]bool{MaxFilterValues: true, MaxFilterValues + 1: false} {
		many := slices.Repeat([]string{"production"}, values)
		for name, filter := range map[string]Filter{
			"environments": {Environments: many}, "actors": {Actors: many}, "sources": {Sources: many},
			"kinds": {Kinds: slices.Repeat([]string{"deploy"}, values)}, "phases": {Phases: slices.Repeat([]Phase{Failed}, values)},
		} {
			if err := filter.Normalize(); (err == nil) != fine {
				t.Errorf("%d %s: got %v", values, name, err)
			}
		}
	}
}

func TestFilterMatch(t *testing.T) {
	t.Parallel()
	e := report(func(e *Event) { e.Environment, e.Title = "Production", "Retry the fraud check" })
	e.Subjects[0].Entity = 9
	for name, tc := range map[string]struct {
		filter Filter
		want   bool
	}{
		"everything":    {Filter{}, true},
		"entity":        {Filter{Entities: []int64{9}}, true},
		"no entity":     {Filter{Entities: []int64{}}, false},
		"kind by alias": {Filter{Kinds: []string{"deployment"}}, true},
		"class":         {Filter{Classes: []Class{ClassSignal}}, false},
		"environment":   {Filter{Environments: []string{"PRODUCTION"}}, true},
		"words":         {Filter{Text: "FRAUD retry"}, true},
		"other words":   {Filter{Text: "fraud pony"}, false},
		"until is open": {Filter{Until: noon}, false},
		"since is shut": {Filter{Since: noon}, true},
	} {
		if err := tc.filter.Normalize(); err != nil {
			t.Fatal(name, err)
		}
		if got := tc.filter.Match(&e); got != tc.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
