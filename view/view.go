// Package view keeps the saved views of the lists: a name and the query string that shows it. A view is its owner's alone,
// or shared with everybody who may read; what a reader sees through it is decided anew each time it is opened.
// Imports: access, fault.
package view

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// Bounds of views.
const (
	MaxName   = 60   // characters
	MaxQuery  = 2000 // bytes
	MaxOwn    = 100  // views of one owner and one page
	MaxShared = 200  // shared views of one page
)

// Page is the list that a view shows.
type Page string

// The pages that have views.
const (
	Feed     Page = "feed"
	Services Page = "services"
)

// View is a list as somebody left it.
type View struct {
	ID   string
	Page Page
	// Name is unique, without case, among the shared views of a page, and among the own ones of an owner.
	Name string
	// Query is the query string of the page, without the question mark.
	Query string
	// Shared says that everybody sees it.
	Shared bool
	// Owner is the principal who saved it: "person:priya".
	Owner   string
	SavedAt time.Time
}

// Holder is among whose views the name is unique: the owner's, or everybody's, which is empty.
func (v *View) Holder() string {
	if v.Shared {
		return ""
	}
	return v.Owner
}

// Folded is the name as names are compared.
func (v *View) Folded() string { return strings.ToLower(v.Name) }

// Validate names what is wrong.
func (v *View) Validate() error {
	switch n := utf8.RuneCountInString(v.Name); {
	case !slices.Contains([]Page{Feed, Services}, v.Page):
		return fault.New(fault.Invalid, "there are no views of %q: only of the feed and of services", v.Page)
	case n == 0:
		return fault.New(fault.Invalid, "give the view a name")
	case n > MaxName:
		return fault.New(fault.Invalid, "the name of a view has at most %d characters", MaxName)
	case strings.ContainsFunc(v.Name, unicode.IsControl):
		return fault.New(fault.Invalid, "the name of a view is one line of text")
	case len(v.Query) > MaxQuery:
		return fault.New(fault.Invalid, "what a view asks for has at most %d bytes: name fewer values", MaxQuery)
	case strings.ContainsFunc(v.Query, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return fault.New(fault.Invalid, "what a view asks for is a query string, such as team=payments")
	}
	return nil
}

// Store keeps views.
type Store interface {
	// Views lists the shared views of a page and those of an owner, by name.
	Views(ctx context.Context, page Page, owner string) ([]View, error)
	// View gives one; NotFound where there is none.
	View(ctx context.Context, id string) (View, error)
	// PutView writes a view in the place of its holder's view of the same page and name, if that one is the same owner's or
	// replace is set, and gives it as it is kept: one that is replaced keeps its id and its owner. It is a Conflict if the name
	// is another owner's, and Invalid if the holder has most of them already.
	PutView(ctx context.Context, v View, replace bool, most int) (View, error)
	// DeleteView takes a view away; one that is gone is no error.
	DeleteView(ctx context.Context, id string) error
}

// Shelf is where views are looked for, saved and taken away, for whoever may.
type Shelf struct {
	Store Store
	Now   func() time.Time
}

// List gives what the principal sees of a page: their own views, and the shared ones.
func (s *Shelf) List(ctx context.Context, page Page) ([]View, error) {
	if err := access.Check(ctx, access.ReadLog); err != nil {
		return nil, err
	}
	return s.Store.Views(ctx, page, owner(access.From(ctx)))
}

// Save keeps a view of the principal. The same name again replaces it; a shared one of somebody else is replaced by
// operators only.
func (s *Shelf) Save(ctx context.Context, v View) (View, error) {
	who := access.From(ctx)
	op, most := access.SaveView, MaxOwn
	if v.Shared {
		op, most = access.ShareView, MaxShared
	}
	if err := who.Check(op); err != nil {
		return View{}, err
	}
	v.Owner = owner(who)
	v.Name = strings.Join(strings.Fields(v.Name), " ")
	v.Query = strings.TrimPrefix(v.Query, "?")
	if err := v.Validate(); err != nil {
		return View{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return View{}, err
	}
	v.ID, v.SavedAt = id.String(), s.Now()
	return s.Store.PutView(ctx, v, who.Role >= access.RoleOperator, most)
}

// Remove takes a view away: its owner may, and operators may take away what is shared. What others keep for themselves
// does not exist for anybody else.
func (s *Shelf) Remove(ctx context.Context, id string) error {
	if err := access.Check(ctx, access.SaveView); err != nil {
		return err
	}
	v, err := s.Store.View(ctx, id)
	if err != nil {
		return err
	}
	if who := access.From(ctx); !MayRemove(who, &v) {
		if !v.Shared {
			return fault.New(fault.NotFound, "there is no such view")
		}
		return fault.New(fault.Forbidden, "the view %q is of %s: they, or an operator, may take it away", v.Name, v.Owner)
	}
	return s.Store.DeleteView(ctx, id)
}

// MayRemove tells whether a principal may take a view away.
func MayRemove(who access.Principal, v *View) bool {
	if v.Owner != "" && v.Owner == owner(who) {
		return true
	}
	return v.Shared && who.Role >= access.RoleOperator && who.Check(access.SaveView) == nil
}

// owner is whose views a principal saves; empty for somebody who is not known.
func owner(who access.Principal) string {
	if !who.Known() {
		return ""
	}
	return who.String()
}
