package graph

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// worthwhile is the size from which an answer is compressed: less goes in one packet anyway.
const worthwhile = 1400

// writeAnswer writes an answer, compressed where it is large and the reader can read that: on a slow line the first page
// waits for its rows. Answers of mutations are not compressed: they may hold a secret beside what the request says.
func (a *API) writeAnswer(w http.ResponseWriter, r *http.Request, op *graphql.OperationContext, response *graphql.Response) {
	var out bytes.Buffer
	appendResponse(&out, response)
	w.Header().Add("Vary", "Accept-Encoding")
	if out.Len() < worthwhile || op.Operation.Operation != ast.Query || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(out.Bytes()) // a client that hung up need not be told
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	packer, ok := a.packers.Get().(*gzip.Writer)
	if !ok {
		packer, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for another level
	}
	defer a.packers.Put(packer)
	packer.Reset(w)
	_, _ = packer.Write(out.Bytes())
	_ = packer.Close()
}
