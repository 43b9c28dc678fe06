package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
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

// write sends JSON that is written by hand.
func write(w http.ResponseWriter, text func([]byte) []byte) {
	b := newBuffer()
	defer b.release()
	_, _ = b.Write(text(b.AvailableBuffer())) // a buffer takes everything
	w.Header()["Content-Type"] = typeJSON
	b.send(w, http.StatusOK)
}
