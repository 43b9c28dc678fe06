package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
)

// Bounds of bodies, inflated.
const (
	maxEventsBody      = 5 << 20
	maxEntityBody      = 1 << 20
	maxAliasBody       = 64 << 10
	maxDescriptorsBody = 64 << 20
)

// body is a request's body within its bound: what comes beyond is a TooLarge fault.
type body struct {
	source io.ReadCloser // the connection
	reader io.Reader     // the same, inflated
	left   int64
	limit  int64
	read   bool
}

// newBody bounds the body of a request, and inflates it unless it is wanted raw.
func newBody(r *http.Request, limit int64, raw bool) (*body, error) {
	b := &body{source: r.Body, reader: r.Body, left: limit, limit: limit}
	if raw {
		return b, nil
	}
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		r.Header.Del("Content-Encoding")
		r.ContentLength = -1 // of the compressed body, which says little
		b.reader = request.ShareOf(r.Context()).Body(io.NopCloser(&inflater{source: io.LimitReader(r.Body, limit)}))
	default:
		return nil, fault.New(fault.Invalid, "the Content-Encoding %q is not read: send gzip or none", clip(encoding))
	}
	return b, nil
}

// narrow lowers the bound of a body that nobody has read from yet.
func (b *body) narrow(limit int64) {
	if limit < b.limit {
		b.limit, b.left = limit, limit
	}
}

func (b *body) tooLarge() error {
	return fault.New(fault.TooLarge, "the body is over %s: send less at a time", size(b.limit))
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return strconv.FormatInt(bytes>>10, 10) + " KiB"
	}
	return strconv.FormatInt(bytes>>20, 10) + " MiB"
}

// Read gives what is within the bound.
func (b *body) Read(p []byte) (int, error) {
	b.read = true
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more tells whether there is more
	}
	n, err := b.reader.Read(p)
	if int64(n) > b.left {
		return 0, b.tooLarge()
	}
	b.left -= int64(n)
	return n, readFault(err)
}

// readFault names what went wrong with somebody's body.
func readFault(err error) error {
	switch {
	case err == nil, errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fault.New(fault.Invalid, "the body is not gzip, though Content-Encoding says so")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Invalid, "the body ends too early")
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.New(fault.Invalid, "the body cannot be read: %w", err)
}

// Close closes the connection's reader.
func (b *body) Close() error { return b.source.Close() }

// drain reads on past what was refused, within reason: a client that is still sending would otherwise see a broken
// connection and not the answer. One that asked first (Expect: 100-continue) is not made to send.
func (b *body) drain(w http.ResponseWriter, r *http.Request) {
	if !b.read && r.Header.Get("Expect") != "" {
		return
	}
	request.ShareOf(r.Context()).Pass()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainTime)) // a recorder has none
	_, _ = io.CopyN(io.Discard, b.source, drainBytes)                            // it was refused already
}

// inflater begins to inflate at the first read, so that a wrong header is an error of reading.
type inflater struct {
	source io.Reader
	gzip   *gzip.Reader
}

// Read inflates.
func (i *inflater) Read(p []byte) (int, error) {
	if i.gzip == nil {
		reader, err := gzip.NewReader(i.source)
		if err != nil {
			return 0, gzip.ErrHeader
		}
		i.gzip = reader
	}
	return i.gzip.Read(p)
}

// readBody reads the whole body; it is within its bound. The buffer must be released when nothing needs it any more.
func readBody(r *http.Request) (*buffer, error) {
	if bounded, ok := r.Body.(*body); ok && r.ContentLength > bounded.limit {
		return nil, bounded.tooLarge()
	}
	b := newBuffer()
	if n := r.ContentLength; n > 0 {
		b.Grow(int(min(n, piece)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, piece))
	if err == nil && n == piece {
		err = readPieces(b, r.Body)
	}
	if err != nil {
		b.release()
		return nil, err
	}
	return b, nil
}

const piece = 128 << 10

// readPieces reads the rest of a large body by pieces, which are joined when all are there: a buffer that doubles holds up to
// twice what has come, for as long as a slow client takes, and leaves as much behind.
func readPieces(b *buffer, from io.Reader) error {
	var pieces [][]byte
	total := 0
	for {
		next := bytes.NewBuffer(make([]byte, 0, piece+bytes.MinRead))
		n, err := next.ReadFrom(io.LimitReader(from, piece))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		pieces, total = append(pieces, next.Bytes()), total+int(n)
	}
	b.Grow(total)
	for _, p := range pieces {
		_, _ = b.Write(p) // a buffer takes all
	}
	return nil
}

// member is one member of a JSON object, in order.
type member struct {
	name string
	raw  json.RawMessage
}

// readObject reads a body that is one JSON object. Unlike encoding/json it refuses what is not UTF-8 and names that
// come twice, and it says where the text is wrong.
func readObject(text []byte) ([]member, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fault.New(fault.Invalid, "the body is empty: a JSON object is wanted")
	case !utf8.Valid(text):
		return nil, fault.New(fault.Invalid, "the body is not UTF-8 (at %s)", place(text, invalidAt(text)))
	}
	var nothing struct{}
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(text, &nothing)); ok {
		return nil, fault.New(fault.Invalid, "the body is not JSON at %s: %s", place(text, syntax.Offset-1), syntax.Error())
	}
	decoder := json.NewDecoder(bytes.NewReader(text)) // no longer fails: the text is JSON
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, fault.New(fault.Invalid, "the body is not a JSON object")
	}
	var members []member
	var faults []fault.Fault
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: fmt.Sprint(token)}
		if err := decoder.Decode(&m.raw); err != nil {
			return nil, err
		}
		if seen[m.name] {
			if len(faults) == maxFaults {
				break // enough was said
			}
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "comes twice"})
		}
		seen[m.name] = true
		members = append(members, m)
	}
	return members, fault.InvalidInput("body", faults)
}

func invalidAt(text []byte) int64 {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return int64(i)
		}
		i += n
	}
	return int64(len(text))
}

// place is an offset as people count: lines and columns from 1.
func place(text []byte, offset int64) string {
	before := text[:min(max(offset, 0), int64(len(text)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// pointer is a JSON pointer (RFC 6901) of names.
func pointer(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(name)))
	}
	return b.String()
}
