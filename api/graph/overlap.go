package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"tidings.dev/tidings/fault"
)

// Bounds of one document before it is validated. Validation compares the fields that share a place in the answer pair by
// pair, their own fields within each pair, and fragments at each use: without these bounds a short text takes seconds.
const (
	maxSame     = 100    // fields of one name at one place of the answer
	maxExpanded = 10_000 // selections, with every fragment written out where it is used
)

// overlaps refuses documents that would be dear to validate. What it cannot parse is left to the executor to refuse.
type overlaps struct{ known documents }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = overlaps{}

// ExtensionName names the extension.
func (overlaps) ExtensionName() string { return "Overlaps" }

// Validate has nothing to check.
func (overlaps) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters measures a document that was not validated yet.
func (o overlaps) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if _, validated := o.known.Get(ctx, params.Query); validated {
		return nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, maxTokens)
	if err != nil {
		return nil
	}
	e := expansion{fragments: document.Fragments}
	for _, operation := range document.Operations {
		if err := e.merge(operation.SelectionSet); err != nil {
			return gqlerror.Wrap(err)
		}
	}
	for _, fragment := range document.Fragments {
		if err := e.merge(fragment.SelectionSet); err != nil {
			return gqlerror.Wrap(err)
		}
	}
	return nil
}

// expansion writes a document out as its answer would be nested.
type expansion struct {
	fragments ast.FragmentDefinitionList
	size      int
}

// merge takes the selections that share one place of the answer, and goes down into each of its names.
func (e *expansion) merge(sets ...ast.SelectionSet) error {
	names := map[string][]ast.SelectionSet{}
	for _, set := range sets {
		if err := e.collect(set, names, nil); err != nil {
			return err
		}
	}
	for _, within := range names {
		if err := e.merge(within...); err != nil {
			return err
		}
	}
	return nil
}

// collect adds the fields of a selection by their names in the answer. Inside are the fragments around it: one within
// itself is a mistake that validation names.
func (e *expansion) collect(set ast.SelectionSet, names map[string][]ast.SelectionSet, inside []string) error {
	for _, selection := range set {
		if e.size++; e.size > maxExpanded {
			return fault.New(fault.TooLarge, "the query selects over %d fields, counting fragments wherever they are used: ask for fewer", maxExpanded)
		}
		var err error
		switch s := selection.(type) {
		case *ast.Field:
			// The parser gives a field without an alias its name as one.
			if names[s.Alias] = append(names[s.Alias], s.SelectionSet); len(names[s.Alias]) > maxSame {
				return fault.New(fault.TooLarge, "the query selects %q over %d times in one place, counting fragments wherever they are used: select it once", s.Alias, maxSame)
			}
		case *ast.InlineFragment:
			err = e.collect(s.SelectionSet, names, inside)
		case *ast.FragmentSpread:
			err = e.spread(s.Name, names, inside)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *expansion) spread(name string, names map[string][]ast.SelectionSet, inside []string) error {
	for _, around := range inside {
		if around == name {
			return nil
		}
	}
	fragment := e.fragments.ForName(name)
	if fragment == nil {
		return nil // validation says so
	}
	return e.collect(fragment.SelectionSet, names, append(inside, name))
}
