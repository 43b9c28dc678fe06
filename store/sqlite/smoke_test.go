package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/ingest"
)

func TestSmoke(t *testing.T) {
	ctx := access.With(t.Context(), access.Administrator)
	s, err := Open(ctx, t.TempDir())
	if err != nil { t.Fatal(err) }
	defer s.Close()
	roll := catalog.NewRoll(s)
	door := ingest.NewDoor(roll, s, func() {})
	go door.Run(ctx)
	r := feed.Reader{Roll: roll, Store: s}
	_, err = door.Apply(ctx, []catalog.Statement{{Ref: catalog.Ref{Kind: "service", Name: "pricing"}, Name: "Pricing", Source: catalog.PeopleSource, Claims: []catalog.Claim{catalog.Say("tier", 1), catalog.Say("alias/github:acme/pricing", true), catalog.Say("depends-on/service:db", "declared")}}})
	if err != nil { t.Fatal(err) }
	now := time.Now()
	rc, err := door.Record(ctx, []change.Event{
		{Title: "merge", Kind: "merge", Commit: "abcdef1234", Subjects: []change.Subject{{Name: "github:acme/pricing"}}, StartedAt: now.Add(-time.Hour)},
		{Title: "deploy", Kind: "deploy", Commit: "abcdef1", Version: "1.2", Subjects: []change.Subject{{Name: "pricing"}}, StartedAt: now.Add(-time.Minute), Source: "ci", Key: "1", Phase: "started"},
		{Title: "db", Kind: "config", Subjects: []change.Subject{{Name: "db"}, {Name: "pagerduty:X"}}},
	})
	fmt.Println(rc, err)
	rc, err = door.Record(ctx, []change.Event{{Title: "deploy", Kind: "deploy", Commit: "abcdef1", Version: "1.2", Subjects: []change.Subject{{Name: "pricing"}}, StartedAt: now.Add(-time.Minute), EndedAt: now, Source: "ci", Key: "1"}})
	fmt.Println(rc, err)
	var ev []change.Event
	for i := range 40 { ev = append(ev, change.Event{Title: fmt.Sprint("scale", i), Kind: "scaling", Subjects: []change.Subject{{Name: fmt.Sprint("s", i%3)}}, StartedAt: now.Add(time.Duration(-i) * time.Second)}) }
	_, err = door.Record(ctx, ev)
	if err != nil { t.Fatal(err) }
	for _, q := range []feed.Query{{}, {Services: []string{"pricing"}, Depth: 2}, {Services: []string{"pricing"}}, {Filter: change.Filter{Kinds: []string{"merge", "config"}}}} {
		scope, err := r.Resolve(q)
		if err != nil { t.Fatal(err) }
		var after change.Cursor
		for {
			rows, err := r.Rows(ctx, scope, after, 2)
			if err != nil { t.Fatal(err) }
			for _, row := range rows.Rows { fmt.Println(row.Shape, row.Count, row.Event.Title, row.Event.Kind, row.Event.Phase, row.Distance) }
			after = rows.Next
			if after == (change.Cursor{}) { break }
		}
		fmt.Println("--")
	}
	u, n, err := s.Unclaimed(ctx, change.Unclaimed{}, 10)
	fmt.Println(u, n, err)
	k, err := door.Claim(ctx, "pagerduty:X", catalog.Ref{Kind: "service", Name: "db"})
	fmt.Println(k, err)
	tail, err := s.Tail(context.Background(), 0, 500)
	fmt.Println(len(tail), err)
	f, err := roll.Facts(ctx, 1, time.Time{}, time.Time{})
	for _, x := range f { fmt.Println(x.Field, string(x.Value), x.Source) }
	fmt.Println(err)
}
