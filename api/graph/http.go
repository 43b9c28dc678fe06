package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"tidings.dev/tidings/fault"
)

const (
	typeJSON    = "application/json"
	typeGraphQL = "application/graphql-response+json"
	typeStream  = "text/event-stream"
)

// heartbeat keeps what stands between the server and a reader from hanging up on a stream that has no news.
const heartbeat = 15 * time.Second

// maxStreams is how many live readers there are at once; each costs a few buffers.
const maxStreams = 5000

// serve answers one request, by "GraphQL over HTTP" and, for a reader of event streams, by the distinct connections mode
// of "GraphQL over Server-Sent Events" (github.com/enisdenjo/graphql-sse, PROTOCOL.md). gqlgen's own transports repeat
// the body in errors and in the log, and go on to write heartbeats when the handler has returned.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := enter(r.Context()); err != nil {
		w.Header().Set("WWW-Authenticate", "Bearer")
		a.refuse(r.Context(), w, statuses[fault.CodeOf(err)], err)
		return
	}
	params, status, err := readParams(w, r)
	if err != nil {
		a.refuse(r.Context(), w, status, err)
		return
	}
	ctx := graphql.StartOperationTrace(r.Context())
	op, faults := a.exec.CreateOperationContext(ctx, params)
	ctx = graphql.WithOperationContext(ctx, op)
	live := op.Operation != nil && op.Operation.Operation == ast.Subscription
	if accepts(r, typeStream) {
		a.stream(ctx, w, op, faults, live)
		return
	}
	if live && faults == nil {
		a.refuse(ctx, w, http.StatusNotAcceptable, fault.New(fault.Invalid, "a subscription is a stream: send Accept: %s", typeStream))
		return
	}
	contentType, failed := typeJSON, http.StatusOK
	if accepts(r, typeGraphQL) {
		contentType, failed = typeGraphQL, http.StatusBadRequest
	}
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	if faults != nil {
		w.WriteHeader(failed)
		writeResponse(w, a.exec.DispatchError(ctx, faults))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeOf(op))
	defer cancel()
	answers, ctx := a.exec.DispatchOperation(ctx, op)
	a.writeAnswer(w, r, op, a.answer(ctx, answers))
}

func timeOf(op *graphql.OperationContext) time.Duration {
	if op.Operation.Operation == ast.Mutation {
		return maxWriteTime
	}
	return maxQueryTime
}

// answer is the next response; nil when there is none.
func (a *API) answer(ctx context.Context, answers graphql.ResponseHandler) (response *graphql.Response) {
	defer func() {
		if value := recover(); value != nil {
			response = a.failure(ctx, recovered(ctx, value))
		}
	}()
	return answers(ctx)
}

// failure is a response that is nothing but an error.
func (a *API) failure(ctx context.Context, err error) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{present(graphql.WithResponseContext(ctx, present, recovered), err)}}
}

// refuse answers a request that is none of GraphQL.
func (a *API) refuse(ctx context.Context, w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", typeJSON+"; charset=utf-8")
	if wait := fault.RetryAfter(err); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.WriteHeader(status)
	writeResponse(w, a.failure(ctx, err))
}

// statuses are those of requests that are refused before they are read.
var statuses = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
}

// readParams reads a request. A form of a foreign page cannot be of its content type, so that a cookie alone does not
// let another site write.
func readParams(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, int, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != typeJSON {
		return nil, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "send the query as Content-Type: %s", typeJSON)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, fault.New(fault.TooLarge, "the body is over %d bytes", maxBody)
		}
		if fault.Is(err, fault.Unavailable) {
			return nil, http.StatusServiceUnavailable, err
		}
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "the body could not be read to its end")
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, "batches are not served: send one request for each operation")
	}
	params := &graphql.RawParams{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(params); err != nil || decoder.More() {
		return nil, http.StatusBadRequest, fault.New(fault.Invalid, `the body is not one JSON object such as {"query": "{ viewer { name } }"}`)
	}
	params.Headers = r.Header
	now := graphql.Now()
	params.ReadTime = graphql.TraceTiming{Start: now, End: now}
	return params, 0, nil
}

// accepts reports whether the client names a type in its Accept header; wildcards do not count.
func accepts(r *http.Request, wanted string) bool {
	for _, header := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			if kind, _, err := mime.ParseMediaType(part); err == nil && kind == wanted {
				return true
			}
		}
	}
	return false
}

// writeResponse writes what the executor made. Its data is JSON already, and large: it is not encoded twice.
func writeResponse(w io.Writer, response *graphql.Response) {
	var out bytes.Buffer
	appendResponse(&out, response)
	_, _ = w.Write(out.Bytes()) // a client that hung up need not be told
}

func appendResponse(out *bytes.Buffer, response *graphql.Response) {
	if response == nil {
		response = &graphql.Response{}
	}
	out.WriteByte('{')
	if len(response.Errors) > 0 {
		written, err := json.Marshal(response.Errors)
		if err != nil {
			written = []byte(`[{"message":"` + internalText + `","extensions":{"code":"internal"}}]`)
		}
		out.WriteString(`"errors":`)
		out.Write(written)
	}
	if len(response.Data) > 0 {
		if len(response.Errors) > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"data":`)
		out.Write(response.Data)
	} else if len(response.Errors) == 0 {
		out.WriteString(`"data":null`)
	}
	out.WriteByte('}')
}
