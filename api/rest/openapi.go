package rest

import (
	_ "embed"
	"net/http"
)

// The document of this API is written by hand as YAML; the test of it writes the JSON with -update.
var (
	//go:embed openapi.yaml
	openapiYAML []byte
	//go:embed openapi.json
	openapiJSON []byte
)

// fixed serves a text that never changes.
func fixed(media string, text []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		b := newBuffer()
		defer b.release()
		_, _ = b.Write(text) // a buffer takes everything
		w.Header().Set("Content-Type", media)
		b.send(w, http.StatusOK)
		return nil
	}
}
