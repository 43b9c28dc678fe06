package graph_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A large answer is compressed for who reads that, again and again with the same words; a small one, one to a mutation
// and one to somebody else are not.
func TestLargeAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.apply(t, say(t, "service:checkout", map[string]any{"description": strings.Repeat("Takes the money. ", 120)}))
	const large, write = `{ entity(ref: "service:checkout") { description } }`, `mutation { putEntity(ref: "service:checkout", fields: [{field: "tier", value: 1}]) { description } }`
	for _, c := range []struct {
		query, encoding, want string
	}{
		{large, "br, gzip", "gzip"}, {large, "gzip", "gzip"}, {large, "identity", ""}, {large, "gzip;q=0", ""}, {write, "gzip", ""}, {`{ viewer { name } }`, "gzip", ""},
	} {
		body, err := json.Marshal(map[string]string{"query": c.query})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept-Encoding", c.encoding)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if got := response.Header.Get("Content-Encoding"); got != c.want || response.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s for %s is encoded as %q, want %q; it varies by %q", c.query, c.encoding, got, c.want, response.Header.Get("Vary"))
			continue
		}
		read := response.Body
		if c.want != "" {
			if read, err = gzip.NewReader(response.Body); err != nil {
				t.Fatal(err)
			}
		}
		var a answer
		if err := json.NewDecoder(read).Decode(&a); err != nil || len(a.Errors) > 0 {
			t.Errorf("%s for %s: %v %v", c.query, c.encoding, err, a.Errors)
		}
	}
}
