package catalog_test

import (
	"context"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
)

// archive gives out what it holds once.
type archive struct{ fresh []*catalog.Entity }

func (a *archive) Entities(_ context.Context, rev, id int64, _ int) (entities []*catalog.Entity, lastRev, lastID int64, err error) {
	entities, a.fresh = a.fresh, nil
	return entities, rev, id, nil
}

func (*archive) Claims(context.Context, int64, time.Time, time.Time) ([]catalog.Standing, error) {
	return nil, nil
}

func (*archive) Pointing(context.Context, catalog.Ref, time.Time, time.Time) (map[int64][]catalog.Standing, error) {
	return nil, nil
}

func (*archive) Spans(context.Context, []int64, []catalog.Field) ([]catalog.Span, error) {
	return nil, nil
}

func (*archive) Revision(context.Context) (int64, error) { return 0, nil }

func TestVersion(t *testing.T) {
	t.Parallel()
	store := &archive{}
	roll := catalog.NewRoll(store)
	for _, test := range []struct {
		name    string
		fresh   []*catalog.Entity
		changes bool
	}{
		{"nothing", nil, false},
		{"an entity", []*catalog.Entity{{ID: 1, Kind: catalog.Service, Name: "pricing"}}, true},
		{"nothing again", nil, false},
		{"the entity changed", []*catalog.Entity{{ID: 1, Kind: catalog.Service, Name: "pricing", Title: "Pricing"}}, true},
	} {
		before := roll.Version()
		store.fresh = test.fresh
		if _, err := roll.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if changed := roll.Version() != before; changed != test.changes {
			t.Errorf("%s: the version changed: %t, want %t", test.name, changed, test.changes)
		}
	}
}
