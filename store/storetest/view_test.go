package storetest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
	"tidings.dev/tidings/view"
)

// Views are their owner's, or everybody's; names are unique where they are seen, and only who may takes one away.
func TestViews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shelf := &view.Shelf{Store: s, Now: func() time.Time { return noon }}
		as := func(name string, role access.Role) context.Context {
			return access.With(t.Context(), access.Principal{Type: access.Person, Name: name, Role: role})
		}
		priya, tom, ines := as("priya", access.RoleMember), as("tom", access.RoleMember), as("ines", access.RoleOperator)
		save := func(ctx context.Context, name, query string, shared bool) view.View {
			t.Helper()
			v, err := shelf.Save(ctx, view.View{Page: view.Feed, Name: name, Query: query, Shared: shared})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		names := func(ctx context.Context) (all []string) {
			t.Helper()
			found, err := shelf.List(ctx, view.Feed)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range found {
				all = append(all, fmt.Sprintf("%s?%s of %s, shared %v", v.Name, v.Query, v.Owner, v.Shared))
			}
			return all
		}
		refused := func(code fault.Code, err error) {
			t.Helper()
			if !fault.Is(err, code) {
				t.Errorf("got %v, want %v", err, code)
			}
		}

		own := save(priya, " Friday \n deploys ", "?kind=deploy", false)
		shared := save(priya, "Payments", "team=payments", true)
		save(tom, "friday deploys", "kind=deploy&team=tom", false) // the same name is another's own
		if again := save(priya, "Friday Deploys", "kind=deploy&env=prod", false); again.ID != own.ID {
			t.Error("the same name again is another view")
		}
		want := []string{"Friday Deploys?kind=deploy&env=prod of person:priya, shared false", "Payments?team=payments of person:priya, shared true"}
		if diff := cmp.Diff(want, names(priya)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"friday deploys?kind=deploy&team=tom of person:tom, shared false", want[1]}, names(tom)); diff != "" {
			t.Error(diff)
		}

		_, err := shelf.Save(tom, view.View{Page: view.Feed, Name: "PAYMENTS", Shared: true})
		refused(fault.Conflict, err)
		if by := save(ines, "payments", "team=payments&by=person", true); by.ID != shared.ID || by.Owner != "person:priya" {
			t.Errorf("an operator's change made %+v", by)
		}
		_, err = shelf.Save(as("vera", access.RoleViewer), view.View{Page: view.Feed, Name: "mine", Shared: true})
		refused(fault.Forbidden, err)
		_, err = shelf.Save(access.With(t.Context(), access.Principal{Type: access.Anonymous, Role: access.RoleViewer}), view.View{Page: view.Feed, Name: "x"})
		refused(fault.Unauthenticated, err)
		for _, wrong := range []view.View{{Page: "people", Name: "x"}, {Page: view.Feed}, {Page: view.Feed, Name: "x", Query: "a=\n"}} {
			_, err = shelf.Save(priya, wrong)
			refused(fault.Invalid, err)
		}

		refused(fault.NotFound, shelf.Remove(tom, own.ID)) // nobody learns of what others keep for themselves
		refused(fault.NotFound, shelf.Remove(ines, own.ID))
		refused(fault.Forbidden, shelf.Remove(tom, shared.ID))
		for _, id := range []string{own.ID, shared.ID} {
			ctx := priya
			if id == shared.ID {
				ctx = ines
			}
			if err := shelf.Remove(ctx, id); err != nil {
				t.Error(err)
			}
		}
		if left := names(priya); len(left) != 0 {
			t.Errorf("left are %v", left)
		}
		_, err = s.PutView(t.Context(), view.View{ID: "x", Page: view.Feed, Name: "one more", Owner: "person:tom"}, false, 1)
		refused(fault.Invalid, err)
	})
}
