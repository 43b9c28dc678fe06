package webhook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// own begins the names of the functions that rewritten expressions call; no expression may have one itself.
const own = "tidings_"

// how says what becomes of a function that is offered.
type how int

const (
	weighed     how = iota + 1 // what it is called on, and what it gives, costs
	passing                    // it gives something that is there already, or something small, at no cost but its steps
	bySortKey                  // its arguments are what things are sorted or grouped by
	byText                     // its argument must be a text
	byPattern                  // its first argument is a pattern
	replacement                // one of ours stands in its place
)

// offered are the functions that an expression may use, by name and number of arguments. All others either read something
// else than the body, do not give the same twice, have no end, or cost more than what is made can be weighed by.
var offered = map[string]how{
	"empty/0": passing, "error/0": passing, "error/1": passing, "not/0": passing, "select/1": passing, "map/1": weighed, "first/0": passing, "first/1": passing,
	"last/0": passing, "last/1": passing, "nth/1": passing, "limit/2": passing, "isempty/1": passing, "any/0": passing, "any/1": passing, "any/2": passing,
	"all/0": passing, "all/1": passing, "all/2": passing, "IN/1": passing, "in/1": passing, "has/1": passing,
	"length/0": passing, "utf8bytelength/0": weighed, "keys/0": weighed, "to_entries/0": weighed, "from_entries/0": weighed, "with_entries/1": weighed,
	"add/0": weighed, "add/1": weighed, "flatten/0": weighed, "flatten/1": weighed, "reverse/0": weighed,
	"sort/0": weighed, "unique/0": weighed, "min/0": weighed, "max/0": weighed,
	"sort_by/1": bySortKey, "group_by/1": bySortKey, "unique_by/1": bySortKey, "min_by/1": bySortKey, "max_by/1": bySortKey,
	"type/0": passing, "arrays/0": passing, "objects/0": passing, "iterables/0": passing, "booleans/0": passing, "numbers/0": passing, "strings/0": passing,
	"nulls/0": passing, "values/0": passing, "scalars/0": passing,
	"abs/0": weighed, "floor/0": weighed, "ceil/0": weighed, "round/0": weighed, "tonumber/0": weighed, "toboolean/0": weighed,
	"tostring/0": weighed, "tojson/0": weighed, "fromjson/0": weighed, "ascii_downcase/0": weighed, "ascii_upcase/0": weighed, "explode/0": weighed,
	"implode/0": weighed, "trim/0": weighed, "ltrim/0": weighed, "rtrim/0": weighed,
	"ltrimstr/1": weighed, "rtrimstr/1": weighed, "trimstr/1": weighed, "startswith/1": weighed, "endswith/1": weighed, "split/1": weighed,
	"contains/1": byText, "inside/1": byText, "index/1": byText, "rindex/1": byText, "indices/1": byText,
	"test/1": byPattern, "test/2": byPattern, "match/1": byPattern, "match/2": byPattern, "capture/1": byPattern, "capture/2": byPattern,
	"scan/1": byPattern, "join/1": replacement, "sub/2": replacement, "gsub/2": replacement,
	"fromdate/0": weighed, "fromdateiso8601/0": weighed, "todate/0": weighed, "todateiso8601/0": weighed, "gmtime/0": weighed, "mktime/0": weighed,
	"strptime/1": weighed, "strftime/1": weighed,
	"null/0": passing, "true/0": passing, "false/0": passing,
}

// budgetVariable holds the budget of the delivery, for our functions.
const budgetVariable = "$" + own + "budget"

// functions are ours.
func functions() []gojq.CompilerOption {
	charged := func(f func(b *budget, value any, args []any) any) func(any, []any) any {
		return func(value any, args []any) any {
			b, ok := args[len(args)-1].(*budget)
			if !ok {
				return errors.New("has no budget")
			}
			return f(b, value, args)
		}
	}
	return []gojq.CompilerOption{
		gojq.WithFunction(own+"weigh", 1, 1, charged(func(b *budget, value any, _ []any) any { return b.weigh(value) })),
		gojq.WithFunction(own+"pattern", 2, 2, charged(pattern)),
		gojq.WithFunction(own+"sub", 3, 3, charged(replaced(1))),
		gojq.WithFunction(own+"gsub", 3, 3, charged(replaced(-1))),
		gojq.WithFunction(own+"key", 1, 1, sortKey),
		gojq.WithFunction(own+"text", 1, 1, plainText),
		gojq.WithFunction(own+"join", 1, 1, join),
	}
}

func call(name string, args ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}}
}

func budgetOf() *gojq.Query { return call(budgetVariable) }

func weigh() *gojq.Query { return call(own+"weigh", budgetOf()) }

func pipe(first, second *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: first, Op: gojq.OpPipe, Right: second}
}

func within(q *gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: q}}
}

// rewriteQuery refuses what a mapping does not need, and puts into the rest what weighs the values that it makes.
func rewriteQuery(q *gojq.Query) error {
	if q == nil {
		return nil
	}
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || q.Meta != nil {
		return errors.New("defines or imports functions: that is not offered here")
	}
	for _, p := range q.Patterns {
		if err := rewritePattern(p); err != nil {
			return err
		}
	}
	if err := firstOf(rewriteQuery(q.Left), rewriteQuery(q.Right), rewriteTerm(q.Term)); err != nil {
		return err
	}
	switch q.Op {
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		return fmt.Errorf("assigns by %s: that is not offered here", q.Op)
	case gojq.OpMul:
		return errors.New("multiplies: that is not offered here; times may be seconds or milliseconds as they are")
	case gojq.OpAdd, gojq.OpDiv:
		whole := *q
		*q = *pipe(within(&whole), weigh())
	case gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
		q.Left, q.Right = within(pipe(within(q.Left), weigh())), within(pipe(within(q.Right), weigh()))
	case gojq.OpSub: // each item of the one list is compared with each of the other
		q.Left, q.Right = within(pipe(within(q.Left), weigh())), call(own+"key", q.Right)
	}
	return nil
}

func rewriteQueries(queries []*gojq.Query) error {
	for _, q := range queries {
		if err := rewriteQuery(q); err != nil {
			return err
		}
	}
	return nil
}

func rewritePattern(p *gojq.Pattern) error {
	if p == nil {
		return nil
	}
	if strings.HasPrefix(p.Name, "$"+own) {
		return fmt.Errorf("names a variable %s: that is not offered here", p.Name)
	}
	for _, one := range p.Array {
		if err := rewritePattern(one); err != nil {
			return err
		}
	}
	for _, one := range p.Object {
		if err := firstOf(rewriteString(one.KeyString), rewriteQuery(one.KeyQuery), rewritePattern(one.Val)); err != nil {
			return err
		}
	}
	return nil
}

func rewriteTerm(t *gojq.Term) error {
	if t == nil {
		return nil
	}
	err := firstOf(rewriteIndex(t.Index), rewriteString(t.Str), rewriteQuery(t.Query))
	makes := t.Type == gojq.TermTypeArray || t.Type == gojq.TermTypeObject || t.Format != "" || t.Str != nil && len(t.Str.Queries) > 0
	switch {
	case err != nil:
	case t.Func != nil:
		makes, err = rewriteFunction(t.Func)
	case t.Object != nil:
		for _, pair := range t.Object.KeyVals {
			if err = firstOf(rewriteString(pair.KeyString), rewriteQuery(pair.KeyQuery), rewriteQuery(pair.Val)); err != nil {
				break
			}
		}
	case t.Array != nil:
		err = rewriteQuery(t.Array.Query)
	case t.Unary != nil:
		err = rewriteTerm(t.Unary.Term)
	case t.If != nil:
		err = firstOf(rewriteQuery(t.If.Cond), rewriteQuery(t.If.Then), rewriteQuery(t.If.Else))
		for _, elif := range t.If.Elif {
			err = firstOf(err, rewriteQuery(elif.Cond), rewriteQuery(elif.Then))
		}
	case t.Try != nil:
		err = firstOf(rewriteQuery(t.Try.Body), rewriteQuery(t.Try.Catch))
	case t.Reduce != nil || t.Foreach != nil || t.Label != nil || t.Type == gojq.TermTypeBreak:
		err = errors.New("uses reduce, foreach or label: that is not offered here")
	}
	suffixes := t.SuffixList
	for _, suffix := range suffixes {
		err = firstOf(err, rewriteIndex(suffix.Index))
	}
	if err != nil {
		return err
	}
	// A slice of a text, as what a function is called on, costs as much as the whole.
	base := *t
	base.SuffixList = nil
	whole := &gojq.Query{Term: &base}
	if t.Type == gojq.TermTypeIndex && t.Index.IsSlice || t.Func != nil && makes {
		whole = pipe(weigh(), whole)
	}
	if makes {
		whole = pipe(within(whole), weigh())
	}
	var after []*gojq.Suffix
	for _, suffix := range suffixes {
		if suffix.Index != nil && suffix.Index.IsSlice {
			whole = pipe(&gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: whole, SuffixList: after}}, weigh())
			after = nil
		}
		after = append(after, suffix)
	}
	if whole.Term != &base {
		*t = gojq.Term{Type: gojq.TermTypeQuery, Query: whole, SuffixList: after}
	}
	return nil
}

// rewriteFunction reports whether what the function gives is to be weighed.
func rewriteFunction(f *gojq.Func) (makes bool, err error) {
	if err := rewriteQueries(f.Args); err != nil {
		return false, err
	}
	if name := f.Name; strings.HasPrefix(name, "$") && len(f.Args) == 0 {
		if name == "$ENV" || strings.HasPrefix(name, "$__") || strings.HasPrefix(name, "$"+own) {
			return false, fmt.Errorf("uses %s: that is not offered here", name)
		}
		return false, nil
	}
	what, known := offered[fmt.Sprintf("%s/%d", f.Name, len(f.Args))]
	switch {
	case !known:
		return false, fmt.Errorf("uses %s with %d arguments: that is not offered here", f.Name, len(f.Args))
	case what == bySortKey:
		f.Args[0] = call(own+"key", f.Args[0])
	case what == byText:
		f.Args[0] = call(own+"text", f.Args[0])
	case what == byPattern:
		f.Args[0] = call(own+"pattern", f.Args[0], budgetOf())
	case what == replacement:
		if f.Name != "join" {
			f.Args = append(f.Args, budgetOf())
		}
		f.Name = own + f.Name
	}
	return what != passing, nil
}

func rewriteIndex(i *gojq.Index) error {
	if i == nil {
		return nil
	}
	if err := firstOf(rewriteString(i.Str), rewriteQuery(i.Start), rewriteQuery(i.End)); err != nil {
		return err
	}
	if i.Start != nil && !i.IsSlice { // an index that is a list looks for it everywhere
		i.Start = call(own+"key", i.Start)
	}
	return nil
}

func rewriteString(s *gojq.String) error {
	if s == nil {
		return nil
	}
	return rewriteQueries(s.Queries)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
