package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// The bounds of what the expressions of a source may cost for one delivery. gojq has none of its own: it asks its context
// before each of its steps, and that is where they are counted; and each value that an expression makes is weighed as it is
// made, which the rewritten expressions see to (rewrite.go). Neither depends on how busy the machine is.
const (
	maxSteps  = 2_000_000
	maxWeight = 64 << 20 // of all values that are made: bytes of text, and itemWeight for each item
	maxValue  = 16 << 20 // of one value
	// itemWeight is about what an item of a list costs.
	itemWeight = 32
	// What things are sorted by is compared again and again.
	maxPattern = 256
	maxSortKey = 1 << 10
)

var (
	errSteps  = fmt.Errorf("takes more than %d steps for one delivery", maxSteps)
	errWeight = fmt.Errorf("makes more than %d MiB for one delivery", maxWeight>>20)
)

// budget is what is left for a delivery. It is a context that ends when the steps are used up.
type budget struct {
	steps, weight int
	ended         chan struct{}
	err           error
}

var _ context.Context = (*budget)(nil)

func newBudget() *budget {
	b := &budget{steps: maxSteps, weight: maxWeight, ended: make(chan struct{})}
	close(b.ended)
	return b
}

// Done is asked before each step.
func (b *budget) Done() <-chan struct{} {
	if b.steps--; b.steps < 0 {
		b.end(errSteps)
	}
	if b.err != nil {
		return b.ended
	}
	return nil
}

func (b *budget) end(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Err says what ran out.
func (b *budget) Err() error { return b.err }

// Deadline is none.
func (b *budget) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value is none.
func (b *budget) Value(any) any { return nil }

// weigh takes what a value weighs from the budget, and gives the value, or what is wrong with it.
func (b *budget) weigh(value any) any {
	left := min(maxValue, b.weight)
	rest := lighten(value, left)
	if b.weight -= left - rest; rest < 0 {
		b.end(errWeight)
		return errWeight
	}
	return value
}

// lighten is what is left of some weight after a value; less than zero when it is not enough. A value that holds another one
// twice weighs it twice: that is what reading it costs.
func lighten(value any, left int) int {
	switch value := value.(type) {
	case string:
		return left - itemWeight - len(value)
	case json.Number:
		return left - itemWeight - len(value)
	case []any:
		left -= itemWeight
		for i := 0; i < len(value) && left >= 0; i++ {
			left = lighten(value[i], left)
		}
		return left
	case map[string]any:
		left -= itemWeight
		for key, one := range value {
			if left = lighten(one, left-len(key)); left < 0 {
				break
			}
		}
		return left
	}
	return left - itemWeight
}

// The functions that stand in the place of others, or around them. Each has the value that it is called on, and its
// arguments.

func sortKey(_ any, args []any) any {
	if lighten(args[0], maxSortKey) < 0 {
		return fmt.Errorf("sorts, groups or compares by something larger than %d bytes", maxSortKey)
	}
	return args[0]
}

// plainText is an argument that must be a text: lists would be compared with all of each other.
func plainText(_ any, args []any) any {
	if _, ok := args[0].(string); !ok {
		return errors.New("looks for something that is no text: that is not offered here")
	}
	return args[0]
}

// pattern is a regular expression that a text is held against: it costs about as much as the steps of the one for each letter
// of the other.
func pattern(b *budget, value any, args []any) any {
	expression, isPattern := args[0].(string)
	text, isText := value.(string)
	if !isPattern || !isText {
		return args[0] // jq says what is wrong with it
	}
	if len(expression) > maxPattern {
		return fmt.Errorf("has a pattern over %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return fmt.Errorf("has a pattern that cannot be read: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return fmt.Errorf("has a pattern that cannot be read: %w", err)
	}
	if b.weight -= len(program.Inst) * (len(text) + itemWeight); b.weight < 0 {
		b.end(errWeight)
		return errWeight
	}
	return expression
}

// join is as in jq, and stops before it has made too much.
func join(value any, args []any) any {
	list, isList := value.([]any)
	between, isText := args[0].(string)
	if !isList || !isText {
		return errors.New("joins something that is no list, or by no text")
	}
	var b strings.Builder
	for i, one := range list {
		if i > 0 {
			b.WriteString(between)
		}
		switch one := one.(type) {
		case nil:
		case []any, map[string]any:
			return errors.New("joins lists or objects: only texts, numbers and true or false can be joined")
		default:
			text, isText := one.(string)
			if !isText {
				written, err := gojq.Marshal(one)
				if err != nil {
					return err
				}
				text = string(written)
			}
			b.WriteString(text)
		}
		if b.Len() > maxValue {
			return errWeight
		}
	}
	return b.String()
}

// replaced is sub and gsub: what a pattern finds becomes a text, always the same.
func replaced(most int) func(*budget, any, []any) any {
	return func(left *budget, value any, args []any) any {
		text, isText := value.(string)
		by, isBy := args[1].(string)
		expression, isPattern := args[0].(string)
		if !isText || !isBy || !isPattern {
			return errors.New("replaces in something that is no text, or by none")
		}
		if err, wrong := pattern(left, value, args).(error); wrong {
			return err
		}
		compiled, err := regexp.Compile(expression)
		if err != nil {
			return fmt.Errorf("has a pattern that cannot be read: %w", err)
		}
		var b strings.Builder
		end := 0
		for _, at := range compiled.FindAllStringIndex(text, most) {
			b.WriteString(text[end:at[0]])
			b.WriteString(by)
			if end = at[1]; b.Len() > maxValue {
				return errWeight
			}
		}
		b.WriteString(text[end:])
		return b.String()
	}
}
