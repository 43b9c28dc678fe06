package access_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
)

var update = flag.Bool("update", false, "write the table of docs/access.md")

// The page for people tells what the table says.
func TestDocsTellWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const path, start, end = "../docs/access.md", "<!-- operations: written by go test ./access -update -->\n", "<!-- end -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), start)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", path)
	}
	want := before + start + "\n" + table() + "\n" + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("run go test ./access -update:\n%s", diff)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| operation | nobody |")
	for _, role := range access.Roles() {
		fmt.Fprintf(&b, " %s |", role)
	}
	b.WriteString(" scope of a token |\n| --- | --- |" + strings.Repeat(" --- |", len(access.Roles())) + " --- |\n")
	for _, op := range access.Operations() {
		rule, _ := access.RuleOf(op)
		scope := "–"
		switch {
		case rule.Least == access.RoleNone:
			scope = "any"
		case rule.Scope != "":
			scope = "`" + string(rule.Scope) + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s |", op, mark(access.Principal{}.Check(op)))
		for _, role := range access.Roles() {
			fmt.Fprintf(&b, " %s |", mark(access.Principal{Type: access.Person, Name: "somebody", Role: role}.Check(op)))
		}
		fmt.Fprintf(&b, " %s |\n", scope)
	}
	return b.String()
}

func mark(err error) string {
	if err != nil {
		return ""
	}
	return "yes"
}
