// Command fields writes what the agent sends into a document, from the comments of state.go: between the lines
// "<!-- fields -->" and "<!-- /fields -->", one table a type, so that the document tells of every field.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
)

const begin, end = "<!-- fields -->\n", "<!-- /fields -->"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: fields STATE.GO DOCUMENT.MD")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "fields:", err)
		os.Exit(1)
	}
}

func run(source, document string) error {
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the fields: %q and %q", document, strings.TrimSpace(begin), end)
	}
	tables, err := describe(file)
	if err != nil {
		return err
	}
	return os.WriteFile(document, []byte(before+begin+tables+"\n"+end+after), 0o644)
}

// describe writes every struct of the file, in its order.
func describe(file *ast.File) (string, error) {
	var b strings.Builder
	for _, declaration := range file.Decls {
		made, ok := declaration.(*ast.GenDecl)
		if !ok || made.Tok != token.TYPE {
			continue
		}
		for _, spec := range made.Specs {
			typed, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			fields, ok := typed.Type.(*ast.StructType)
			if !ok {
				continue
			}
			fmt.Fprintf(&b, "\n**%s** %s\n\n| field | type | |\n| --- | --- | --- |\n", title(typed.Name.Name), strings.TrimPrefix(prose(made.Doc), typed.Name.Name+" "))
			for _, field := range fields.Fields.List {
				row, err := describeField(field)
				if err != nil {
					return "", fmt.Errorf("%s: %w", typed.Name.Name, err)
				}
				b.WriteString(row)
			}
		}
	}
	return b.String(), nil
}

func describeField(field *ast.Field) (string, error) {
	if len(field.Names) == 0 {
		return fmt.Sprintf("| … | | all that %s has |\n", article(fmt.Sprint(field.Type))), nil
	}
	if field.Tag == nil {
		return "", fmt.Errorf("%s has no name in JSON", field.Names[0].Name)
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return "", err
	}
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	said := prose(field.Doc)
	if line := prose(field.Comment); line != "" {
		said = strings.TrimSpace(said + " " + line)
	}
	said = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(said, field.Names[0].Name+" "), "are "), "is ")
	return fmt.Sprintf("| `%s` | %s | %s |\n", name, kind(field.Type), strings.ReplaceAll(said, "|", `\|`)), nil
}

// kind names a type as people do who do not read Go.
func kind(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return kind(of.X)
	case *ast.ArrayType:
		return "list of " + kind(of.Elt)
	case *ast.MapType:
		return "names with " + kind(of.Value)
	case *ast.SelectorExpr:
		return "time"
	case *ast.Ident:
		switch of.Name {
		case "string":
			return "text"
		case "bool":
			return "yes or no"
		case "int", "int32", "int64":
			return "number"
		}
		return title(of.Name)
	}
	return ""
}

// title parts the words of a name: HelmRelease is Helm release.
func title(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func article(name string) string {
	if name == "Meta" {
		return "every object"
	}
	return "a " + title(name)
}

func prose(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
