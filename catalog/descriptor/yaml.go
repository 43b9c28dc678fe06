package descriptor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"tidings.dev/tidings/secret"
)

// Bounds of one file, far above any honest use. The YAML parser takes a time that grows with the square of the keys of
// one document and keeps the path of every node, so that keys, nesting and paths are bounded before it runs.
const (
	maxBytes     = 1 << 20 // of a file
	maxDocuments = 10_000  // of a file
	maxTokens    = 100_000 // of a document
	maxKeys      = 20_000  // of a document
	maxDepth     = 40      // of nesting
	maxPaths     = 1 << 28 // bytes of all paths together, at the worst
	maxAliases   = 100     // of a document
	maxNodes     = 100_000 // of a document, with every alias followed
)

// A chunk is the text of one document of a file.
type chunk struct {
	text  string
	above int // lines of the file before it
}

// chunks cuts a file into its documents, so that a broken one does not stop the others: a line that begins with "---"
// or "..." ends a document wherever it stands (YAML 1.2.2, section 9.1.2). JSON values in a row are documents too.
func chunks(content []byte) []chunk {
	if first := bytes.TrimLeft(content, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if values := jsonValues(content); values != nil {
			return values
		}
	}
	var all []chunk
	var text strings.Builder
	above, line := 0, 0
	flush := func() {
		if !blank(text.String()) {
			all = append(all, chunk{text: text.String(), above: above})
		}
		text.Reset()
	}
	for rest := string(content); rest != ""; line++ {
		var current string
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			current, rest = rest[:i+1], rest[i+1:]
		} else {
			current, rest = rest, ""
		}
		switch marker, after := current[:min(3, len(current))], current[min(3, len(current)):]; {
		case marker == "---" && (after == "" || strings.ContainsRune(" \t\r\n", rune(after[0]))):
			flush()
			above = line
			text.WriteString("   " + after)
		case marker == "..." && strings.TrimSpace(after) == "":
			flush()
			above = line + 1
		default:
			text.WriteString(current)
		}
	}
	flush()
	return all
}

// jsonValues cuts JSON values in a row; nil when the content is not JSON. A tab can only be white space there, and the
// YAML parser takes none.
func jsonValues(content []byte) []chunk {
	var all []chunk
	decoder := json.NewDecoder(bytes.NewReader(content))
	for decoder.More() && len(all) <= maxDocuments {
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil
		}
		end := decoder.InputOffset()
		from := end - int64(len(value))
		all = append(all, chunk{
			text:  strings.ReplaceAll(string(value), "\t", " "),
			above: bytes.Count(content[:from], []byte{'\n'}),
		})
	}
	return all
}

// blank reports whether a document says nothing: comments and directives only.
func blank(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != "" && trimmed[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

type nodeKind uint8

const (
	null nodeKind = iota
	scalar
	list
	mapping
)

func (k nodeKind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[k]
}

// node is what a document says, whichever format it has. Two aliases of one anchor share their node.
type node struct {
	kind  nodeKind
	line  int
	size  int // nodes below and itself, with every alias followed
	text  string
	pairs []pair
	items []*node
}

type pair struct {
	key   string
	line  int
	value *node
}

// parse reads one document. Its nodes' lines are those of the file.
func parse(c chunk) (root *node, problems []Problem) {
	b := builder{above: c.above, anchors: map[string]*node{}}
	// The parser is not ours, and its input is anybody's: what it cannot bear is the document's fault.
	defer func() {
		if recover() != nil {
			root, problems = nil, []Problem{{Line: c.above + 1, Detail: "this is not YAML that can be read: write it plainer"}}
		}
	}()
	tokens := lexer.Tokenize(c.text)
	if problem := b.bounds(tokens); problem != nil {
		return nil, []Problem{*problem}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, []Problem{b.syntax(err, c.text)}
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if _, directive := doc.Body.(*ast.DirectiveNode); directive {
			continue
		}
		root = b.build(doc.Body)
		break
	}
	if b.refused != nil {
		return nil, []Problem{*b.refused}
	}
	return root, b.problems
}

// builder makes nodes out of a syntax tree.
type builder struct {
	above    int
	anchors  map[string]*node
	problems []Problem
	refused  *Problem
}

// bounds refuses a document whose parsing would cost too much, by its tokens.
func (b *builder) bounds(tokens token.Tokens) *Problem {
	var flow, deepest, keys, aliases, longest int
	var columns []int // of the open block collections
	refuse := func(tk *token.Token, format string, args ...any) *Problem {
		return &Problem{Line: b.line(tk), Detail: fmt.Sprintf(format, args...)}
	}
	for i, tk := range tokens {
		column := tk.Position.Column
		switch tk.Type {
		case token.AliasType:
			aliases++
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			keys++
			if i > 0 {
				longest = max(longest, len(tokens[i-1].Value))
				column = tokens[i-1].Position.Column
			}
			fallthrough
		case token.SequenceEntryType, token.MappingKeyType:
			for len(columns) > 0 && columns[len(columns)-1] > column {
				columns = columns[:len(columns)-1]
			}
			if flow == 0 && (len(columns) == 0 || columns[len(columns)-1] < column) {
				columns = append(columns, column)
			}
		default:
		}
		if deepest = max(deepest, flow+len(columns)); deepest > maxDepth {
			return refuse(tk, "the nesting is deeper than %d: write it flatter", maxDepth)
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	switch first := tokens[0]; {
	case len(tokens) > maxTokens || keys > maxKeys:
		return refuse(first, "the document has more than %d keys or %d words: split it", maxKeys, maxTokens)
	case aliases > maxAliases:
		return refuse(first, "the document has %d aliases (*name): at most %d, write the values out", aliases, maxAliases)
	case len(tokens)*deepest*longest > maxPaths:
		return refuse(first, "the document has too many long keys, nested too deep: shorten them")
	}
	return nil
}

func (b *builder) line(tk *token.Token) int {
	if tk == nil || tk.Position == nil {
		return b.above + 1
	}
	return b.above + max(tk.Position.Line, 1)
}

// syntax says what to write instead of what the parser could not read.
func (b *builder) syntax(err error, text string) Problem {
	problem := Problem{Line: b.above + 1}
	message := err.Error()
	if e, ok := err.(yaml.Error); ok { //nolint:errorlint // the parser never wraps its errors
		message = e.GetMessage()
		problem.Line = b.line(e.GetToken())
	}
	var line string
	if lines := strings.Split(text, "\n"); problem.Line-b.above <= len(lines) {
		line = lines[problem.Line-b.above-1]
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case strings.Contains(indent, "\t") || has("tab character") || has("character '\t'"):
		problem.Detail = "the line is indented with a tab: use spaces"
	case strings.Contains(line, "{{") || strings.Contains(line, "{%"):
		problem.Detail = "this looks like a template that was not filled in: render it first, or put the value in quotes"
	case has("end character of"):
		problem.Detail = "a text in quotes is not closed: add the quote at its end"
	case has("reserved character") || has("directive value"):
		problem.Detail = "a value cannot begin with this character: put it in quotes"
	case has("flow map") || has("flow mapping") || has("sequence end token") || has("must be specified"):
		problem.Detail = "a { or [ is not closed, or a comma is missing in it"
	case has("corresponding to"):
		problem.Detail = "a } or ] closes nothing: remove it, or put the value in quotes"
	case has("mapping value is not allowed"):
		problem.Detail = "a second \": \" stands in this line: put the value in quotes, or check the indentation"
	case has("not allowed in this"), has("non-map value"), has("block sequence entries"):
		problem.Detail = "the line does not fit the lines above it: check the indentation"
	case has("anchor") || has("alias"):
		problem.Detail = "an anchor (&name) or alias (*name) stands where none can: write the value out"
	case has("key"):
		problem.Detail = "a key cannot be read here: write key: value"
	default:
		problem.Detail = "this is not YAML: check the indentation, quotes and colons near this line"
	}
	return problem
}

func (b *builder) refuse(line int, format string, args ...any) {
	if b.refused == nil {
		b.refused = &Problem{Line: line, Detail: fmt.Sprintf(format, args...)}
	}
}

func (b *builder) build(n ast.Node) *node {
	made := &node{size: 1, line: b.above + 1}
	if n == nil || b.refused != nil {
		return made
	}
	made.line = b.line(n.GetToken())
	switch n := n.(type) {
	case *ast.StringNode:
		made.kind, made.text = scalar, n.Value
	case *ast.LiteralNode:
		made.kind, made.text = scalar, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		// As it is written: a version 1.20 is not the number 1.2.
		made.kind, made.text = scalar, n.GetToken().Value
	case *ast.SequenceNode:
		made.kind = list
		for _, item := range n.Values {
			value := b.build(item)
			made.items = append(made.items, value)
			b.grow(made, value)
		}
	case *ast.MappingNode:
		made.kind = mapping
		b.pairs(made, n.Values)
	case *ast.MappingValueNode:
		made.kind = mapping
		b.pairs(made, []*ast.MappingValueNode{n})
	case *ast.AnchorNode:
		value := b.build(n.Value)
		b.anchors[name(n.Name)] = value
		return value
	case *ast.AliasNode:
		anchor := name(n.Value)
		value, ok := b.anchors[anchor]
		if !ok {
			b.refuse(made.line, "the alias *%s stands for nothing written before it: write the value out", clip(anchor))
			return made
		}
		return value
	case *ast.TagNode:
		return b.build(n.Value)
	}
	return made
}

func (b *builder) grow(parent, child *node) {
	if parent.size += child.size; parent.size > maxNodes {
		b.refuse(child.line, "the document has more than %d values when its aliases are followed: write it plainer", maxNodes)
	}
}

func (b *builder) pairs(made *node, values []*ast.MappingValueNode) {
	seen := make(map[string]int, len(values))
	var merged []*node
	for _, entry := range values {
		if entry.Key.IsMergeKey() {
			value := b.build(entry.Value)
			merged = append(merged, value)
			continue
		}
		key := pair{key: name(entry.Key), line: b.line(entry.Key.GetToken())}
		if first, twice := seen[key.key]; twice {
			b.problems = append(b.problems, Problem{
				Line: key.line, Field: clip(key.key),
				Detail: "the key is written a second time (first in line " + strconv.Itoa(first) + "): keep one of them",
			})
			continue
		}
		seen[key.key] = key.line
		key.value = b.build(entry.Value)
		made.pairs = append(made.pairs, key)
		b.grow(made, key.value)
	}
	if len(made.pairs) > 0 {
		made.line = made.pairs[0].line
	}
	for _, source := range merged {
		b.merge(made, source, seen)
	}
}

// merge adds what "<<: *anchor" brings: keys that are not written out.
func (b *builder) merge(made, source *node, seen map[string]int) {
	if source.kind == list {
		for _, item := range source.items {
			if item.kind == mapping {
				b.merge(made, item, seen)
			}
		}
		return
	}
	for _, p := range source.pairs {
		if _, written := seen[p.key]; !written {
			seen[p.key] = p.line
			made.pairs = append(made.pairs, p)
			b.grow(made, p.value)
		}
	}
}

// name is the text of a key, an anchor or an alias.
func name(n ast.Node) string {
	switch n := n.(type) {
	case nil:
		return ""
	case *ast.MappingKeyNode:
		return name(n.Value)
	case *ast.AnchorNode:
		return name(n.Value)
	case *ast.TagNode:
		return name(n.Value)
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	}
	if tk := n.GetToken(); tk != nil {
		return tk.Value
	}
	return ""
}

// text is a document's content as UTF-8, or the reason why it is not a text.
func text(content []byte) ([]byte, *Problem) {
	if len(content) > maxBytes {
		return nil, &Problem{Line: 1, Detail: fmt.Sprintf("the file has %d bytes: at most %d, split it", len(content), maxBytes)}
	}
	if bytes.HasPrefix(content, []byte{0xFE, 0xFF}) || bytes.HasPrefix(content, []byte{0xFF, 0xFE}) {
		return nil, &Problem{Line: 1, Detail: "the file is UTF-16: save it as UTF-8"}
	}
	content = bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF"))
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return nil, &Problem{Line: lineAt(content, i), Detail: "the line holds a NUL byte: save the file as plain UTF-8 text"}
	}
	if !utf8.Valid(content) {
		at := 0
		for at < len(content) {
			r, size := utf8.DecodeRune(content[at:])
			if r == utf8.RuneError && size <= 1 {
				break
			}
			at += size
		}
		return nil, &Problem{Line: lineAt(content, at), Detail: "the line is not UTF-8: save the file as UTF-8"}
	}
	if bytes.IndexByte(content, '\r') >= 0 { // alone it ends a line as well, in YAML and in old editors
		content = bytes.ReplaceAll(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte{'\r'}, []byte{'\n'})
	}
	return content, nil
}

func lineAt(content []byte, offset int) int { return 1 + bytes.Count(content[:offset], []byte{'\n'}) }

// clip bounds what a message repeats of somebody's input.
func clip(text string) string {
	text, _ = secret.Hide(text) // it may be one in the wrong field
	const most = 80
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
