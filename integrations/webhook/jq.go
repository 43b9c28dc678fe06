package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"tidings.dev/tidings/fault"
)

// The bounds of expressions.
const (
	maxExpression = 2 << 10                // bytes of one
	maxTime       = 100 * time.Millisecond // of all of them for one delivery
	maxEach       = 200                    // events of one delivery
)

// program is what a configuration's expressions are compiled to.
type program struct {
	when, each *gojq.Code
	fields     []field
}

type field struct {
	name string
	code *gojq.Code
	set  func(*draft, any) error
}

// compile reads every expression, and names the faults of each.
func compile(c *Config) (*program, []fault.Fault) {
	var faults []fault.Fault
	read := func(pointer, text string) *gojq.Code {
		if text == "" {
			return nil
		}
		code, err := compileOne(text)
		if err != nil {
			faults = append(faults, fault.Fault{Pointer: pointer, Detail: err.Error()})
		}
		return code
	}
	p := &program{when: read("/when", c.When), each: read("/each", c.Each)}
	for _, f := range c.Fields.list() {
		if code := read("/fields/"+f.name, f.text); code != nil {
			p.fields = append(p.fields, field{name: f.name, code: code, set: f.set})
		}
	}
	return p, faults
}

func compileOne(text string) (*gojq.Code, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("is longer than %d bytes", maxExpression)
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("is no expression of jq: %w", err)
	}
	if err := checkQuery(query); err != nil {
		return nil, err
	}
	// Neither variables of the server, nor files, nor more input: none of them is given a loader.
	code, err := gojq.Compile(query, gojq.WithVariables([]string{"$body", "$headers"}))
	if err != nil {
		return nil, fmt.Errorf("is no expression that can be read: %w", err)
	}
	return code, nil
}

// run gives the results of an expression, at most so many of them.
func run(ctx context.Context, code *gojq.Code, input any, most int, values ...any) ([]any, error) {
	var results []any
	iter := code.RunWithContext(ctx, input, values...)
	for {
		value, more := iter.Next()
		if !more {
			return results, nil
		}
		if err, wrong := value.(error); wrong {
			if errors.Is(err, context.DeadlineExceeded) {
				return nil, fmt.Errorf("takes longer than %s", maxTime)
			}
			return nil, errors.New("fails: " + clip(err.Error()))
		}
		if len(results) == most {
			return nil, fmt.Errorf("gives more than %d results", most)
		}
		results = append(results, value)
	}
}

// refused are the functions that are not offered: they read something else than the body, do not give the same twice, or can
// go on for ever.
var refused = map[string]bool{
	"$ENV": true, "env": true, "input": true, "inputs": true, "input_filename": true, "input_line_number": true, "debug": true, "stderr": true,
	"get_search_list": true, "modulemeta": true, "halt": true, "halt_error": true, "now": true, "localtime": true, "strflocaltime": true,
	"range": true, "repeat": true, "until": true, "while": true, "recurse": true, "combinations": true, "setpath": true, "walk": true,
}

// checkQuery refuses what a mapping does not need and an attacker would.
func checkQuery(q *gojq.Query) error {
	if q == nil {
		return nil
	}
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || q.Meta != nil {
		return errors.New("defines or imports functions: that is not offered here")
	}
	switch q.Op {
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		return fmt.Errorf("assigns by %s: that is not offered here", q.Op)
	case gojq.OpMul:
		return errors.New("multiplies: that is not offered here; times may be seconds or milliseconds as they are")
	}
	return firstOf(checkQuery(q.Left), checkQuery(q.Right), checkTerm(q.Term))
}

func checkQueries(queries []*gojq.Query) error {
	for _, q := range queries {
		if err := checkQuery(q); err != nil {
			return err
		}
	}
	return nil
}

func checkTerm(t *gojq.Term) error {
	if t == nil {
		return nil
	}
	err := firstOf(checkIndex(t.Index), checkString(t.Str), checkQuery(t.Query))
	switch {
	case err != nil:
	case t.Func != nil:
		if refused[t.Func.Name] || strings.HasPrefix(t.Func.Name, "_") || strings.HasPrefix(t.Func.Name, "$__") {
			return fmt.Errorf("uses %s: that is not offered here", t.Func.Name)
		}
		err = checkQueries(t.Func.Args)
	case t.Object != nil:
		for _, pair := range t.Object.KeyVals {
			if err = firstOf(checkString(pair.KeyString), checkQuery(pair.KeyQuery), checkQuery(pair.Val)); err != nil {
				break
			}
		}
	case t.Array != nil:
		err = checkQuery(t.Array.Query)
	case t.Unary != nil:
		err = checkTerm(t.Unary.Term)
	case t.If != nil:
		err = firstOf(checkQuery(t.If.Cond), checkQuery(t.If.Then), checkQuery(t.If.Else))
		for _, elif := range t.If.Elif {
			err = firstOf(err, checkQuery(elif.Cond), checkQuery(elif.Then))
		}
	case t.Try != nil:
		err = firstOf(checkQuery(t.Try.Body), checkQuery(t.Try.Catch))
	case t.Reduce != nil || t.Foreach != nil || t.Label != nil || t.Type == gojq.TermTypeBreak:
		err = errors.New("uses reduce, foreach or label: that is not offered here")
	}
	for _, suffix := range t.SuffixList {
		err = firstOf(err, checkIndex(suffix.Index))
	}
	return err
}

func checkIndex(i *gojq.Index) error {
	if i == nil {
		return nil
	}
	return firstOf(checkString(i.Str), checkQuery(i.Start), checkQuery(i.End))
}

func checkString(s *gojq.String) error {
	if s == nil {
		return nil
	}
	return checkQueries(s.Queries)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
