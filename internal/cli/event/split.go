package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/console"
)

// part is what goes into one request.
type part struct {
	media  string
	body   []byte
	first  int // how many events are in the parts before
	events int
}

// Bounds of a request, below those of the server (docs/api.md).
const (
	partBytes  = 4 << 20
	partEvents = 5000
)

const ndjson = "application/x-ndjson"

// split makes requests of a file. One JSON text goes as it is; several, one a line or not, go as NDJSON, in parts that
// are within the server's bounds. What is not JSON is sent nevertheless: the server says where it is wrong.
func split(text []byte) []part {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var lines [][]byte
	for decoder.More() {
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return []part{{media: guess(text), body: text}}
		}
		var line bytes.Buffer
		if err := json.Compact(&line, value); err != nil {
			return []part{{media: guess(text), body: text}}
		}
		lines = append(lines, append(line.Bytes(), '\n'))
	}
	if len(lines) == 1 {
		return []part{{media: "application/json", body: text, events: 1}}
	}
	var parts []part
	for first := 0; first < len(lines); {
		p := part{media: ndjson, first: first}
		for _, line := range lines[first:] {
			if p.events == partEvents || p.events > 0 && len(p.body)+len(line) > partBytes {
				break
			}
			p.body = append(p.body, line...)
			p.events++
		}
		parts = append(parts, p)
		first += p.events
	}
	return parts
}

// guess tells NDJSON with a mistake from JSON with one: several of its lines begin an object.
func guess(text []byte) string {
	objects := 0
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("{")) {
			objects++
		}
	}
	if objects > 1 {
		return ndjson
	}
	return "application/json"
}

// located counts the events of a fault's pointers from the beginning of the file, and says what was recorded before.
func (p part) located(err error, sent int) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || p.first == 0 {
		return err
	}
	faults := slices.Clone(refusal.Faults)
	for i := range faults {
		index, rest, _ := strings.Cut(strings.TrimPrefix(faults[i].Pointer, "/"), "/")
		if n, err := strconv.Atoi(index); err == nil {
			faults[i].Pointer = "/" + strconv.Itoa(n+p.first)
			if rest != "" {
				faults[i].Pointer += "/" + rest
			}
		}
	}
	if located, ok := errors.AsType[*fault.Error](fault.InvalidInput("events", faults)); ok {
		refusal = located
	}
	return &fault.Error{
		Code: refusal.Code, Faults: refusal.Faults,
		Detail: "the first " + console.Count(sent, "event") + " of the file were recorded, and none after: " + refusal.Detail,
	}
}
