// Package jsontext writes JSON by hand, for what is written thousands of times a second: events and entities. It writes
// what encoding/json would, but for the characters that only HTML minds.
package jsontext

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Object appends one JSON object to B, member by member.
type Object struct {
	B     []byte
	begun bool
}

// Key begins a member; its value is the caller's to append to B. The name must need no escape.
func (o *Object) Key(name string) {
	if o.begun {
		o.B = append(o.B, ',')
	} else {
		o.B = append(o.B, '{')
		o.begun = true
	}
	o.B = append(o.B, '"')
	o.B = append(o.B, name...)
	o.B = append(o.B, '"', ':')
}

// Text writes a text that is not empty.
func (o *Object) Text(name, value string) {
	if value != "" {
		o.Key(name)
		o.B = AppendText(o.B, value)
	}
}

// Time writes an instant that is not zero.
func (o *Object) Time(name string, at time.Time) {
	if !at.IsZero() {
		o.Key(name)
		o.B = AppendTime(o.B, at)
	}
}

// Bool writes true or false.
func (o *Object) Bool(name string, value bool) {
	o.Key(name)
	o.B = strconv.AppendBool(o.B, value)
}

// Map writes texts by name, in the order of their names, when there are any.
func (o *Object) Map(name string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	var few [16]string
	keys := few[:0]
	for key := range texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	o.Key(name)
	for i, key := range keys {
		o.B = append(o.B, "{,"[min(i, 1)])
		o.B = append(AppendText(o.B, key), ':')
		o.B = AppendText(o.B, texts[key])
	}
	o.B = append(o.B, '}')
}

// End closes the object and gives the bytes so far.
func (o *Object) End() []byte {
	if !o.begun {
		o.B = append(o.B, '{')
	}
	return append(o.B, '}')
}

// Many writes a list that is not empty.
func Many[T any](o *Object, name string, items []T, one func([]byte, *T) []byte) {
	if len(items) == 0 {
		return
	}
	o.Key(name)
	o.B = List(o.B, items, one)
}

// List appends a list.
func List[T any](b []byte, items []T, one func([]byte, *T) []byte) []byte {
	b = append(b, '[')
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, &items[i])
	}
	return append(b, ']')
}

// AppendTime writes RFC 3339 in UTC with microseconds, as everywhere in the API, so that texts sort as times do.
func AppendTime(b []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(b, `"2006-01-02T15:04:05.000000Z"`)
}

const hexDigits = "0123456789abcdef"

// AppendText writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func AppendText(b []byte, text string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, text[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, text[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(b, text[from:]...), '"')
}
