package storetest_test

import (
	"strings"
	"testing"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A person is nowhere afterwards, and what they did is still one person's; others of a like name are left alone.
func TestErase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people := catalog.Source{Name: "people", Rank: catalog.People}
		ref := func(kind catalog.Kind, name string) func(*catalog.Statement) {
			return func(s *catalog.Statement) { s.Ref = catalog.Ref{Kind: kind, Name: name} }
		}
		apply(t, s, noon,
			say(t, people, ref(catalog.Person, "will"), catalog.Say(catalog.FieldTitle, "Will Smith"), catalog.Say(catalog.FieldEmail, "will@example.com")),
			say(t, people, ref(catalog.Service, "will"), catalog.Say(catalog.FieldDescription, "It will do.")),
			say(t, people, ref(catalog.Person, "willow"), catalog.Say(catalog.FieldTitle, "Willow Smithson")),
			say(t, people, ref(catalog.Service, "pricing"), catalog.Say(catalog.FieldOwner, "person:will")),
		)
		event := func(key, title, actor string) change.Event {
			return event(t, noon, func(e *change.Event) {
				e.Source, e.Key, e.Title, e.Actor = "ci", key, title, change.Actor{Type: change.ByPerson, Name: actor}
			}, 1)
		}
		renamed := func(key, subject, was, is string) change.Event {
			e := event(key, subject, "Ana")
			e.Subjects, e.Diff = []change.Subject{{Name: subject}}, []change.Diff{{Field: "name", Old: was, New: is}}
			return e
		}
		appended(t, s,
			event("1", "this will be Will Smith's, says @will", "will"),
			event("2", "Will Smith, Will Smith and Willow Smithson", "Will Smith"),
			event("shift/person:will/3", "on call", "willow"),
			event("4", "it will work for will@example.com", "Ana"),
			renamed("5", "person:will", "willy", "will"),
			renamed("6", "person:will", "", "will"),
		)
		appended(t, s, renamed("7", "service:will", "", "will"))
		erasure := store.Erasure{Name: "will", Also: []string{"Will Smith", "will@example.com"}, As: "former-1", Try: true}
		counted, err := s.Erase(t.Context(), erasure)
		if err != nil || counted["event"] != 6 {
			t.Fatalf("a trial: got %v, %v", counted, err)
		}
		if before := walk(t, s, change.Filter{Actors: []string{"will"}}, 10, false); len(before) != 1 {
			t.Fatalf("a trial changed something: %v", before)
		}
		erasure.Try = false
		erased, err := s.Erase(t.Context(), erasure)
		if err != nil || erased["event"] != 6 {
			t.Fatalf("got %v, %v", erased, err)
		}
		var titles []string
		for _, e := range walk(t, s, change.Filter{Sources: []string{"ci"}}, 10, false) {
			titles = append(titles, e.Actor.Name+": "+e.Title)
			doc := string(e.AppendDocument(nil))
			for _, trace := range []string{"will smith", "will@", "person:will\"", "person:will/", "\"will\""} {
				if e.Key != "7" && strings.Contains(strings.ToLower(doc), trace) {
					t.Errorf("%q is still in %s", trace, doc)
				}
			}
		}
		want := "Ana: service:will\nAna: person:former-1\nAna: person:former-1\nAna: it will work for former-1\nwillow: on call\nformer-1: former-1, former-1 and Willow Smithson\nformer-1: this will be former-1's, says @former-1"
		if got := strings.Join(titles, "\n"); got != want {
			t.Errorf("the log: got\n%s\nwant\n%s", got, want)
		}
		if got := len(walk(t, s, change.Filter{Actors: []string{"former-1"}}, 10, false)); got != 2 {
			t.Errorf("the pseudonym did %d things, want 2", got)
		}
		roll := catalog.NewRoll(s)
		if _, err := roll.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, there := range map[catalog.Ref]bool{
			{Kind: catalog.Person, Name: "will"}: false, {Kind: catalog.Person, Name: "former-1"}: true,
			{Kind: catalog.Service, Name: "will"}: true, {Kind: catalog.Person, Name: "willow"}: true,
		} {
			if _, ok := roll.Get(name); ok != there {
				t.Errorf("%s: got %v, want %v", name, ok, there)
			}
		}
		if e, _ := roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"}); e == nil || e.Owner == nil || e.Owner.String() != "person:former-1" {
			t.Errorf("the owner: got %+v", e)
		}
		// What was reported before is still known by its key, unless that named the person.
		if again := appended(t, s, event("2", "again", "Ana")); again[0].Status == change.Recorded {
			t.Error("a retry was recorded anew")
		}
		if notes := walk(t, s, change.Filter{Sources: []string{"tidings"}}, 10, false); len(notes) != 1 {
			t.Errorf("the log says %d times that it was done", len(notes))
		}
		if _, err := s.Erase(t.Context(), store.Erasure{Name: "will", Also: []string{"will"}, As: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a common word: got %v", err)
		}
	})
}
