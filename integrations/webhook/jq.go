package webhook

import (
	"errors"
	"fmt"

	"github.com/itchyny/gojq"

	"tidings.dev/tidings/fault"
)

// The bounds of expressions; budget.go has those of what they cost.
const (
	maxExpression = 2 << 10 // bytes of one
	maxEach       = 200     // events of one delivery
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
	if err := rewriteQuery(query); err != nil {
		return nil, err
	}
	// Neither variables of the server, nor files, nor more input: none of them is given a loader.
	code, err := gojq.Compile(query, append(functions(), gojq.WithVariables([]string{"$body", "$headers", budgetVariable}))...)
	if err != nil {
		return nil, fmt.Errorf("is no expression that can be read: %w", err)
	}
	return code, nil
}

// run gives the results of an expression, at most so many of them.
func run(b *budget, code *gojq.Code, input any, most int, body any, headers map[string]any) ([]any, error) {
	var results []any
	iter := code.RunWithContext(b, input, body, headers, b)
	for {
		value, more := iter.Next()
		if !more {
			return results, b.err
		}
		if err, wrong := value.(error); wrong {
			if b.err != nil { // also where the expression catches what went wrong
				return nil, b.err
			}
			return nil, errors.New("fails: " + clip(err.Error()))
		}
		if len(results) == most {
			return nil, fmt.Errorf("gives more than %d results", most)
		}
		results = append(results, value)
	}
}
