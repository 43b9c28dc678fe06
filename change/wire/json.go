package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"tidings.dev/tidings/secret"
)

// maxDepth bounds how deep values nest; the deepest format read here needs seven levels.
const maxDepth = 64

// kind is what a JSON value is.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

func (k kind) String() string {
	return [...]string{"null", "true or false", "a number", "text", "a list", "an object"}[k]
}

// value is one JSON value. This reader exists for what encoding/json does not tell: where the text is wrong in words
// for people, which names come twice, and numbers as they were written. It also costs a third of decoding into maps.
type value struct {
	name  string  // in the object that holds it
	text  string  // of a text its content, of a number its literal, of a boolean "true" or "false"
	items []value // of a list or an object, in order
	kind  kind
	field field // what the name means in a native event
}

// get is an object's member, or a null.
func (v *value) get(name string) *value {
	if v.kind == object {
		for i := range v.items {
			if v.items[i].name == name {
				return &v.items[i]
			}
		}
	}
	return &absent
}

var absent value // never written to

// at follows names into nested objects.
func (v *value) at(names ...string) *value {
	for _, name := range names {
		v = v.get(name)
	}
	return v
}

// scalar is the text of a text or a number, and of a boolean too; of everything else it is empty and false.
func (v *value) scalar() (string, bool) {
	return v.text, v.kind == text || v.kind == number || v.kind == boolean
}

// equal reports whether both say the same.
func (v *value) equal(other *value) bool {
	if v.kind != other.kind || v.text != other.text || len(v.items) != len(other.items) {
		return false
	}
	for i := range v.items {
		if v.items[i].name != other.items[i].name || !v.items[i].equal(&other.items[i]) {
			return false
		}
	}
	return true
}

// append writes the value as compact JSON.
func (v *value) append(to []byte) []byte {
	switch v.kind {
	case null:
		return append(to, "null"...)
	case text:
		return appendText(to, v.text)
	case list:
		to = append(to, '[')
		for i := range v.items {
			if i > 0 {
				to = append(to, ',')
			}
			to = v.items[i].append(to)
		}
		return append(to, ']')
	case object:
		to = append(to, '{')
		for i := range v.items {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendText(to, v.items[i].name), ':')
			to = v.items[i].append(to)
		}
		return append(to, '}')
	default:
		return append(to, v.text...)
	}
}

func appendText(to []byte, s string) []byte {
	to = append(to, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			to = append(to, '\\', byte(r))
		case r < ' ':
			to = fmt.Appendf(to, `\u%04x`, r)
		default:
			to = utf8.AppendRune(to, r)
		}
	}
	return append(to, '"')
}

// plain is what a label or one side of a diff keeps of any value: text as it is, everything else as JSON.
func (v *value) plain() string {
	if s, ok := v.scalar(); ok {
		return s
	}
	if v.kind == null {
		return ""
	}
	return string(v.append(nil))
}

// parser reads RFC 8259 JSON out of valid UTF-8. Values share its slab, so they live until its next reset.
type parser struct {
	body  []byte
	at    int
	line  int     // how many lines of the request come before body
	base  int     // and how many bytes
	stack []value // members of the containers that are still open
	slab  []value
	texts strings.Builder
	twice bool // some object holds a name twice, with different values
}

// chunk is how much text shares one allocation: little enough that an event which lives long keeps little else alive.
const chunk = 4 << 10

// copy takes a text out of the body, so that the body can be used again.
func (p *parser) copy(from []byte) string {
	if len(from) > chunk/4 {
		return string(from)
	}
	if p.texts.Cap()-p.texts.Len() < len(from) {
		p.texts = strings.Builder{}
		p.texts.Grow(min(chunk, max(len(p.body)-p.at, 0)+len(from)))
	}
	start := p.texts.Len()
	p.texts.Write(from)
	return p.texts.String()[start:]
}

// reset lets the values read so far be overwritten.
func (p *parser) reset() { p.slab, p.twice = p.slab[:0], false }

func (p *parser) space() {
	for p.at < len(p.body) {
		switch p.body[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.body) {
		return p.body[p.at]
	}
	return 0
}

// value reads the next value; its name is the caller's to set.
func (p *parser) value(depth int) (value, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.container(object, '}', depth)
	case c == '[':
		return p.container(list, ']', depth)
	case c == '"':
		s, err := p.text()
		return value{kind: text, text: s}, err
	case c == '-' || (c >= '0' && c <= '9'):
		return p.number()
	}
	for _, word := range [...]struct {
		text string
		kind kind
	}{{"null", null}, {"true", boolean}, {"false", boolean}} {
		if p.word() == word.text {
			p.at += len(word.text)
			if word.kind == null {
				return value{}, nil
			}
			return value{kind: word.kind, text: word.text}, nil
		}
	}
	return value{}, p.unexpected("a value")
}

// word is the run of letters and digits that comes next.
func (p *parser) word() string {
	end := p.at
	for end < len(p.body) && end < p.at+20 && (p.body[end]|0x20 >= 'a' && p.body[end]|0x20 <= 'z' || p.body[end] >= '0' && p.body[end] <= '9' || p.body[end] == '_') {
		end++
	}
	return string(p.body[p.at:end])
}

func (p *parser) container(kind kind, end byte, depth int) (value, error) {
	if depth >= maxDepth {
		return value{}, p.wrong("lists and objects nest deeper than %d levels", maxDepth)
	}
	p.at++
	if p.stack == nil {
		p.stack = make([]value, 0, 32)
	}
	base := len(p.stack)
	var seen map[string]int
	for first := true; ; first = false {
		p.space()
		if p.peek() == end {
			p.at++
			break
		}
		if !first {
			if p.peek() != ',' {
				return value{}, p.unexpected(fmt.Sprintf("',' or '%c'", end))
			}
			p.at++
			p.space()
			if p.peek() == end {
				return value{}, p.wrong("there is a comma too many before '%c'", end)
			}
		}
		member, err := p.member(kind, depth)
		if err != nil {
			return value{}, err
		}
		if kind == object {
			if len(p.stack)-base == manyMembers {
				seen = make(map[string]int, 4*manyMembers)
				for i := base; i < len(p.stack); i++ {
					seen[p.stack[i].name] = i
				}
			}
			if !p.fresh(base, seen, &member) {
				continue
			}
		}
		p.stack = append(p.stack, member)
	}
	v := value{kind: kind, items: p.keep(p.stack[base:])}
	p.stack = p.stack[:base]
	return v, nil
}

func (p *parser) member(kind kind, depth int) (value, error) {
	if kind == list {
		return p.value(depth + 1)
	}
	if p.peek() != '"' {
		return value{}, p.unexpected("a name in double quotes")
	}
	name, field, err := p.name()
	if err != nil {
		return value{}, err
	}
	p.space()
	if p.peek() != ':' {
		return value{}, p.unexpected(fmt.Sprintf("':' after the name %q", clip(name)))
	}
	p.at++
	v, err := p.value(depth + 1)
	v.name, v.field = name, field
	return v, err
}

// manyMembers is from where on a map finds names faster than looking at each.
const manyMembers = 24

// fresh reports whether the open object is to keep the member: one that repeats another word for word is left out, one
// that contradicts another is kept for the reader to name.
func (p *parser) fresh(base int, seen map[string]int, member *value) bool {
	if seen != nil {
		i, ok := seen[member.name]
		if !ok {
			seen[member.name] = len(p.stack)
			return true
		}
		return !p.repeats(i, member)
	}
	for i := base; i < len(p.stack); i++ {
		if p.stack[i].name == member.name {
			return !p.repeats(i, member)
		}
	}
	return true
}

func (p *parser) repeats(i int, member *value) bool {
	if p.stack[i].equal(member) {
		return true
	}
	p.twice = true
	return false
}

// keep moves finished members from the stack to the slab.
func (p *parser) keep(members []value) []value {
	if len(members) == 0 {
		return nil
	}
	if cap(p.slab)-len(p.slab) < len(members) {
		p.slab = make([]value, 0, max(32, 2*cap(p.slab), len(members)))
	}
	start := len(p.slab)
	p.slab = append(p.slab, members...)
	return p.slab[start:len(p.slab):len(p.slab)]
}

// name reads an object's next name; the names of native fields cost no allocation.
func (p *parser) name() (string, field, error) {
	for i := p.at + 1; i < len(p.body); i++ {
		switch c := p.body[i]; {
		case c == '"':
			if entry, ok := names[string(p.body[p.at+1:i])]; ok {
				p.at = i + 1
				return entry.name, entry.field, nil
			}
			s, err := p.text()
			return s, 0, err
		case c == '\\' || c < ' ':
			s, err := p.text()
			return s, names[s].field, err
		}
	}
	s, err := p.text()
	return s, 0, err
}

func (p *parser) text() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.body) {
		switch c := p.body[p.at]; {
		case c == '"':
			p.at++
			return p.copy(p.body[start : p.at-1]), nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.control(c)
		default:
			p.at++
		}
	}
	return "", p.wrong("the body ends within a text: a closing double quote is missing")
}

func (p *parser) control(c byte) error {
	if c == '\n' || c == '\r' {
		return p.wrong("the line ends within a text: close it with a double quote, or write \\n for a line break")
	}
	return p.wrong("a text holds the control character U+%04X: write it as \\u%04x", c, c)
}

// escaped goes on with a text from its first backslash.
func (p *parser) escaped(start int) (string, error) {
	out := append(make([]byte, 0, p.at-start+32), p.body[start:p.at]...)
	for p.at < len(p.body) {
		c := p.body[p.at]
		switch {
		case c == '"':
			p.at++
			return string(out), nil
		case c < ' ':
			return "", p.control(c)
		case c != '\\':
			out = append(out, c)
			p.at++
			continue
		}
		if p.at+1 >= len(p.body) {
			break
		}
		switch e := p.body[p.at+1]; e {
		case '"', '\\', '/':
			out = append(out, e)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := p.unit(p.at)
			if !ok {
				return "", p.wrong(`\u needs four hexadecimal digits after it`)
			}
			p.at += 4
			if utf16.IsSurrogate(r) {
				// A lone half becomes U+FFFD, as in encoding/json.
				low, _ := p.unit(p.at + 2)
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					p.at += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", p.wrong(`'\%c' is not an escape of JSON: write \\ for a backslash`, e)
		}
		p.at += 2
	}
	p.at = len(p.body)
	return "", p.wrong("the body ends within a text: a closing double quote is missing")
}

// unit reads \uXXXX at a place.
func (p *parser) unit(at int) (rune, bool) {
	if at+6 > len(p.body) || p.body[at] != '\\' || p.body[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.body[at+2:at+6]), 16, 16)
	return rune(n), err == nil
}

func (p *parser) number() (value, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	digits := func() bool {
		from := p.at
		for p.at < len(p.body) && p.body[p.at] >= '0' && p.body[p.at] <= '9' {
			p.at++
		}
		return p.at > from
	}
	zero := p.peek() == '0'
	whole := p.at
	if !digits() {
		return value{}, p.unexpected("a digit")
	}
	if zero && p.at > whole+1 {
		p.at = whole
		return value{}, p.wrong("a number does not start with 0: put it in double quotes if it is a name")
	}
	if p.peek() == '.' {
		p.at++
		if !digits() {
			return value{}, p.unexpected("a digit")
		}
	}
	if p.peek()|0x20 == 'e' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !digits() {
			return value{}, p.unexpected("a digit")
		}
	}
	return value{kind: number, text: p.copy(p.body[start:p.at])}, nil
}

// end makes sure that nothing but space follows.
func (p *parser) end() error {
	p.space()
	if p.at == len(p.body) {
		return nil
	}
	return p.wrong("more follows after the end of the value: send several events as a list, or one a line as application/x-ndjson")
}

// unexpected says what was awaited and what stands there.
func (p *parser) unexpected(wanted string) error {
	if p.at >= len(p.body) {
		return p.wrong("the body ends where %s was expected: is it cut off?", wanted)
	}
	hint := ""
	word := p.word()
	switch c := p.body[p.at]; {
	case c == '\'':
		hint = ": JSON wants double quotes, not single ones"
	case c == '/' || c == '#':
		hint = ": JSON has no comments"
	case word == "None" || word == "True" || word == "False" || word == "NaN" || word == "undefined" || word == "Infinity":
		hint = ": JSON has only true, false and null"
	case word != "":
		hint = ": is a double quote missing?"
	}
	if word == "" {
		r, _ := utf8.DecodeRune(p.body[p.at:])
		word = string(r)
	}
	return p.wrong("%s was expected, not %q%s", wanted, word, hint)
}

// wrong is an error at the present place, by line and column as an editor counts them and by byte for tools.
func (p *parser) wrong(format string, args ...any) error {
	at := min(p.at, len(p.body))
	before := string(p.body[:at])
	line := p.line + strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &syntaxError{fmt.Sprintf("is not JSON: line %d, column %d (byte %d): %s", line, column, p.base+at, fmt.Sprintf(format, args...))}
}

// syntaxError is a sentence about where and why a body is not JSON.
type syntaxError struct{ text string }

func (e *syntaxError) Error() string { return e.text }

// clip bounds what an error message repeats of somebody's input.
func clip(text string) string {
	text, _ = secret.Hide(text) // it may be one in the wrong field
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}
