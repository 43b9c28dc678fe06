package graph

import (
	"testing"

	"tidings.dev/tidings/access"
)

// A root field that the table lacks is refused to everyone, and so is one that the table misspells.
func TestEveryRootFieldIsInTheTable(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	fields := map[string]bool{"Query.__schema": true, "Query.__type": true}
	for _, root := range []string{"Query", "Mutation", "Subscription"} {
		for _, field := range schema.Types[root].Fields {
			fields[root+"."+field.Name] = true
		}
	}
	for field := range fields {
		if _, ok := access.RuleOf(operations[field]); !ok {
			t.Errorf("%s has no operation in guard.go", field)
		}
	}
	for field, op := range operations {
		if !fields[field] {
			t.Errorf("%s (%s) is not in the schema", field, op)
		}
		if op == access.Public {
			t.Errorf("%s is public: a request of nobody is not even read", field)
		}
	}
}
