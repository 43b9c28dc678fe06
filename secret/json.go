package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxDepth is how deep JSON may be nested that is read.
const maxDepth = 200

// HideJSON takes the secrets out of a text: of JSON, the values of members that are named like secrets and what looks like
// one in any other string; of any other text, what looks like one. The order of members stays, white space does not.
func HideJSON(text []byte) []byte {
	if clean, err := hideJSON(text); err == nil {
		return clean
	}
	clean, _ := Hide(string(text))
	return []byte(clean)
}

func hideJSON(text []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	h := hider{decoder: decoder}
	h.b.Grow(len(text))
	if err := h.value(false, 0); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return h.b.Bytes(), nil
}

type hider struct {
	decoder *json.Decoder
	b       bytes.Buffer
}

// value copies one value; named says that its name is that of a secret.
func (h *hider) value(named bool, depth int) error {
	token, err := h.decoder.Token()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return errors.New("nested too deeply")
	}
	switch token := token.(type) {
	case json.Delim:
		return h.nested(token, named, depth+1)
	case string:
		if named && !Plain(token) {
			token = Hidden
		} else {
			token, _ = Hide(token)
		}
		return h.text(token)
	case json.Number:
		if named {
			return h.text(Hidden)
		}
		h.b.WriteString(token.String())
	case bool:
		if token {
			h.b.WriteString("true")
		} else {
			h.b.WriteString("false")
		}
	case nil:
		h.b.WriteString("null")
	}
	return nil
}

// nested copies an object or an array. What stands under the name of a secret is one, however it is nested.
func (h *hider) nested(opening json.Delim, named bool, depth int) error {
	h.b.WriteByte(byte(opening))
	for first := true; h.decoder.More(); first = false {
		if !first {
			h.b.WriteByte(',')
		}
		inner := named
		if opening == '{' {
			token, err := h.decoder.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			inner = named || Named(name)
			if err := h.text(name); err != nil {
				return err
			}
			h.b.WriteByte(':')
		}
		if err := h.value(inner, depth); err != nil {
			return err
		}
	}
	closing, err := h.decoder.Token()
	if err != nil {
		return err
	}
	h.b.WriteByte(byte(closing.(json.Delim)))
	return nil
}

func (h *hider) text(text string) error {
	encoder := json.NewEncoder(&h.b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return err
	}
	h.b.Truncate(h.b.Len() - 1) // the line break that Encode adds
	return nil
}
