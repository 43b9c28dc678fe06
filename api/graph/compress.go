package graph

import (
	"compress/gzip"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/klauspost/compress/gzhttp"
	"github.com/vektah/gqlparser/v2/ast"
)

// worthwhile is the size from which an answer is compressed: less goes in one packet anyway.
const worthwhile = 1400

// compressing makes what compresses large answers for who reads that: on a slow line the first page waits for its rows.
func compressing() func(http.Handler) http.HandlerFunc {
	compress, _ := gzhttp.NewWrapper(gzhttp.MinSize(worthwhile), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false)) // fails only for other options
	return compress
}

// writeAnswer writes what came of an operation. Answers of mutations are not compressed: they may hold a secret beside what
// the request says.
func (a *API) writeAnswer(w http.ResponseWriter, r *http.Request, op *graphql.OperationContext, response *graphql.Response) {
	a.compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if op.Operation.Operation != ast.Query {
			w.Header().Set(gzhttp.HeaderNoCompression, "true")
		}
		writeResponse(w, response)
	})).ServeHTTP(w, r)
}
