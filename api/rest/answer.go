package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// buffer is memory for one body or answer.
type buffer struct {
	bytes.Buffer
	json *json.Encoder
}

// keptBuffer is the largest that waits for another use.
const keptBuffer = 256 << 10

func newBuffer() *buffer {
	b := buffers.Get().(*buffer) // the pool holds nothing else
	b.Reset()
	return b
}

// release gives the memory back; nothing may refer to it any more.
func (b *buffer) release() {
	if b.Cap() <= keptBuffer {
		buffers.Put(b)
	}
}

// encode writes a value as JSON with a line's end. Texts are not escaped for HTML, which no answer is.
func (b *buffer) encode(v any) error {
	if b.json == nil {
		b.json = json.NewEncoder(&b.Buffer)
		b.json.SetEscapeHTML(false)
	}
	return b.json.Encode(v)
}

// send answers with what the buffer holds.
func (b *buffer) send(w http.ResponseWriter, status int) {
	w.Header()["Content-Length"] = []string{strconv.Itoa(b.Len())}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may have gone
}

// answer sends a value as JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	b := newBuffer()
	defer b.release()
	if err := b.encode(v); err != nil {
		return err
	}
	w.Header()["Content-Type"] = typeJSON
	b.send(w, status)
	return nil
}

// object writes one JSON object by hand: the answers that are asked for thousands of times a second go through it.
type object struct {
	b     []byte
	begun bool
}

func (o *object) key(name string) {
	if o.begun {
		o.b = append(o.b, ',')
	} else {
		o.b = append(o.b, '{')
		o.begun = true
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

// text writes a text that is not empty.
func (o *object) text(name, value string) {
	if value != "" {
		o.key(name)
		o.b = appendText(o.b, value)
	}
}

// time writes an instant that is not zero.
func (o *object) time(name string, at time.Time) {
	if !at.IsZero() {
		o.key(name)
		o.b = appendTime(o.b, at)
	}
}

func (o *object) bool(name string, value bool) {
	o.key(name)
	o.b = strconv.AppendBool(o.b, value)
}

// end closes the object and gives the bytes so far.
func (o *object) end() []byte {
	if !o.begun {
		o.b = append(o.b, '{')
	}
	return append(o.b, '}')
}

// appendTime writes RFC 3339 in UTC with microseconds, as everywhere in the API.
func appendTime(b []byte, at time.Time) []byte {
	return at.UTC().AppendFormat(b, `"2006-01-02T15:04:05.000000Z"`)
}

const hexDigits = "0123456789abcdef"

// appendText writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, text string) []byte {
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
