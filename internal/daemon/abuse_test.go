package daemon_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/internal/daemon"
)

// canary stands in whatever only somebody who may read may see.
const canary = "canary7391"

// input is one request as it goes over the wire.
type input struct {
	name  string
	bytes []byte
	// let says that whoever sends it may read: then the canary is no leak.
	let bool
	// want is the status that it must have; 0 where any will do, refusal where any that is one.
	want int
}

const refusal = -1

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// scanner sends inputs to a server and judges the answers.
type scanner struct {
	t       *testing.T
	address string
	tried   atomic.Int64
	faults  atomic.Int64
}

// ours are the headers that every answer of ours has.
var ours = map[string]string{
	"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
	"Cross-Origin-Opener-Policy": "same-origin",
}

// innards are words that no answer may have: of the program, of its database, of its machine.
var innards = []string{"goroutine ", ".go:", "runtime error", "panic:", "SQLITE", "sqlstate", "SQLSTATE", "pgx", "/usr/local", "/home/", "/tmp/", "0xc0"}

// send writes an input and reads one answer. Nil means that the server hung up without a word, which it may.
func (s *scanner) send(in input) *answered {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).Dial("tcp", s.address)
	if err != nil {
		s.fail(in, "connect: %v", err)
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	go func() {
		_, _ = conn.Write(in.bytes) // the server may refuse before the end
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	method, _, _ := strings.Cut(string(in.bytes[:min(len(in.bytes), 16)]), " ")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err == nil && response.StatusCode == http.StatusContinue {
		response, err = http.ReadResponse(reader, &http.Request{Method: method})
	}
	if err != nil {
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			s.fail(in, "no answer in time")
		}
		return nil
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20)) // a stream is cut by the end of what was written
	return &answered{response.StatusCode, response.Header, string(body)}
}

func (s *scanner) fail(in input, format string, args ...any) {
	if s.faults.Add(1) < 30 {
		s.t.Errorf("%s: %s\n%.300q", in.name, fmt.Sprintf(format, args...), in.bytes)
	}
}

// try sends an input, and holds the answer against what every answer must be.
func (s *scanner) try(in input) {
	s.tried.Add(1)
	method, _, _ := strings.Cut(string(in.bytes[:min(len(in.bytes), 16)]), " ")
	a := s.send(in)
	if a == nil {
		return
	}
	if in.want > 0 && a.status != in.want || in.want == refusal && a.status < 400 {
		s.fail(in, "got %d, want %d: %.300s", a.status, in.want, a.body)
	}
	for _, word := range innards {
		if strings.Contains(a.body, word) && (!in.let || a.status >= 300) {
			s.fail(in, "the answer tells of innards (%q): %.500s", word, a.body)
		}
	}
	if !in.let && strings.Contains(a.body, canary) {
		s.fail(in, "somebody who may not read was answered: %d %.500s", a.status, a.body)
	}
	if a.header.Get("X-Request-Id") == "" {
		// net/http refuses by itself what is no request at all.
		if !slices.Contains([]int{400, 417, 431, 501, 505}, a.status) {
			s.fail(in, "answered by nobody we know: %d %v", a.status, a.header)
		}
		return
	}
	if a.status == http.StatusOK && a.body == "" && method != http.MethodHead {
		s.fail(in, "200 without a word")
	}
	if a.status >= 500 && a.status != http.StatusServiceUnavailable {
		s.fail(in, "got %d: %.500s", a.status, a.body)
	}
	for name, value := range ours {
		if a.header.Get(name) != value {
			s.fail(in, "%d without %s: %v", a.status, name, a.header)
		}
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	switch {
	case a.status >= 400 && kind != "application/problem+json" && kind != "application/json" && kind != "application/graphql-response+json" && kind != "application/scim+json":
		s.fail(in, "%d as %q: %.200s", a.status, kind, a.body)
	case a.status == http.StatusUnauthorized && a.header.Get("WWW-Authenticate") == "":
		s.fail(in, "401 without WWW-Authenticate")
	case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") == "":
		s.fail(in, "429 without Retry-After")
	case a.status >= 300 && a.status < 400:
		to, err := url.Parse(a.header.Get("Location"))
		if err != nil || to.Host != "" || to.Scheme != "" || strings.HasPrefix(to.Path, "//") || strings.HasPrefix(to.Path, "/\\") {
			s.fail(in, "redirected to %q", a.header.Get("Location"))
		}
	}
}

// all tries inputs, several at a time.
func (s *scanner) all(inputs []input) {
	var workers sync.WaitGroup
	work := make(chan input)
	for range 4 {
		workers.Go(func() {
			for in := range work {
				s.try(in)
			}
		})
	}
	for _, in := range inputs {
		work <- in
	}
	close(work)
	workers.Wait()
}

// message writes a request as it is given: nothing is checked or escaped.
func message(method, target, body string, header ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, target)
	host, length := true, body != ""
	for i := 0; i+1 < len(header); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
		host = host && !strings.EqualFold(header[i], "Host")
		length = length && !strings.EqualFold(header[i], "Content-Length") && !strings.EqualFold(header[i], "Transfer-Encoding")
	}
	if host {
		b.WriteString("Host: 127.0.0.1\r\n")
	}
	if length {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("Connection: close\r\n\r\n")
	b.WriteString(body)
	return b.Bytes()
}

// target is a route to abuse.
type target struct {
	method, path string
	op           access.Operation
}

func targets(opened *daemon.Daemon) []target {
	var all []target
	fill := strings.NewReplacer("{kind}", "service", "{name}", "ours", "{id}", "00000000-0000-7000-8000-000000000000", "{$}", "")
	for _, route := range rest.New(rest.Deps{}).Routes() {
		all = append(all, target{route.Method, fill.Replace(route.Path), route.Operation})
	}
	for _, route := range opened.Routes() {
		if route.Operation == "" {
			continue
		}
		method, path, found := strings.Cut(route.Pattern, " ")
		if !found {
			method, path = http.MethodGet, route.Pattern
		}
		all = append(all, target{method, fill.Replace(path), route.Operation})
	}
	for field, op := range graph.Operations() {
		query, err := json.Marshal(map[string]string{"query": questions[field]})
		if err == nil {
			all = append(all, target{"POST", "/graphql\x00" + string(query), op})
		}
	}
	return all
}

// split gives the path of a target, and its body where it is a question.
func (t target) split() (path, body string) {
	path, body, _ = strings.Cut(t.path, "\x00")
	if body == "" && t.method != http.MethodGet && t.method != http.MethodDelete {
		body = "{}"
	}
	return path, body
}

// forged are credentials that must open nothing.
func forged() map[string][]string {
	bearer := func(text string) []string { return []string{"Authorization", "Bearer " + text} }
	all := map[string][]string{
		"none": nil, "empty": bearer(""), "unknown": bearer("tds_" + strings.Repeat("a", 40)), "truncated": bearer("administrato"),
		"longer": bearer("administratorr"), "huge": bearer(strings.Repeat("a", 60<<10)), "not ASCII": bearer("administr\xc3\xa4tor"),
		"not UTF-8": bearer("administrator\xff"), "of another case": bearer("ADMINISTRATOR"), "SQL": bearer("' OR 1=1 --"),
		"JWT without signature": bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbmlzdHJhdG9yIn0."),
		"basic":                 {"Authorization", "Basic YWRtaW5pc3RyYXRvcjphZG1pbmlzdHJhdG9y"},
		"digest":                {"Authorization", `Digest username="administrator"`},
		"no scheme":             {"Authorization", "administrator"},
		"cookie":                {"Cookie", "tidings_session=administrator; session=administrator; __Host-tidings=administrator"},
		"cookies without end":   {"Cookie", strings.Repeat("a=b; ", 5000)},
		"forwarded":             {"X-Forwarded-User", "administrator", "X-Remote-User", "administrator", "X-Forwarded-For", "127.0.0.1", "X-Real-Ip", "127.0.0.1"},
		"of a proxy":            {"X-Original-Url", "/healthz", "X-Rewrite-Url", "/healthz", "X-Http-Method-Override", "GET"},
		"two":                   {"Authorization", "Bearer nobody", "Authorization", "Bearer administrator"},
		"turned away":           bearer("turned-away"),
	}
	return all
}

// tricks make other paths of a path that may lead to the same place.
func tricks(path string) []string {
	trimmed := strings.TrimPrefix(path, "/")
	middle := strings.Replace(path, "/api/v1", "/api//v1", 1)
	return []string{
		"//" + trimmed, "///" + trimmed, "/./" + trimmed, "/../" + trimmed, "/healthz/.." + path, "/healthz/%2e%2e" + path, "/healthz/..%2f" + trimmed,
		"/healthz;" + path, path + ";", path + ";/healthz", path + "/", path + "//", path + "/.", path + "/..", path + ".", path + "...", path + "%20", path + "%00",
		path + "%00.js", path + ".json", path + "?", path + "#x", path + "%3f", path + "%23", path + "%0d%0aX-Evil:%201", strings.ToUpper(path), middle,
		strings.Replace(path, "/v1", "/%761", 1), strings.Replace(path, "/", "%2f", 2), strings.Replace(path, "/", "\\", 2), strings.Replace(path, "/v1", "/v1/.", 1),
		strings.Replace(path, "/v1/", "/v1/x/../", 1), strings.Replace(path, "/v1/", "/v1/%2e%2e/v1/", 1), "/assets/.." + path, "/assets/%2e%2e" + path, "/assets/..%5c" + trimmed,
		"http://127.0.0.1" + path, "http://evil.example" + path, "https://user:pass@evil.example" + path, "//evil.example/..", "/%2f%2fevil.example", "/\\evil.example", "*",
		"/" + strings.Repeat("a", 9000), path + "?" + strings.Repeat("a=b&", 4000), "/" + strings.Repeat("../", 500) + "etc/passwd", "/%c0%ae%c0%ae/etc/passwd", "/\xff\xfe", "/%",
		path + "?%", path + "?x=%zz", path + "?limit=%00&cursor=%ff", path + "?;=;", path + "?limit=-1", path + "?limit=99999999999999999999", path + "?at=9999999-01-01",
		path + "?cursor=" + strings.Repeat("A", 5000), path + "?q=" + strings.Repeat("%25", 2000), path + "?since=-1e309h&until=NaN", path + "?depth=-9&depth=9",
	}
}

func zipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

// malformed are bodies that no route can take, with the headers that they come by.
func malformed() map[string]struct {
	body   string
	header []string
} {
	type sent = struct {
		body   string
		header []string
	}
	js := []string{"Content-Type", "application/json"}
	with := func(header ...string) []string { return append(slices.Clone(js), header...) }
	bomb := zipped(strings.Repeat(strings.Repeat("0", 1<<20), 80))
	return map[string]sent{
		"empty":               {"", js},
		"not JSON":            {"{", js},
		"not an object":       {"7", js},
		"null":                {"null", js},
		"deep lists":          {strings.Repeat("[", 200_000), js},
		"deep objects":        {strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), js},
		"deep in a field":     {`{"title":"x","service":"y","labels":` + strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_001), js},
		"names twice":         {`{"title":"a","title":"b","query":"{kinds{name}}","query":"mutation{deleteEntity(ref:\"service:ours\")}","service":"x","service":"y"}`, js},
		"not UTF-8":           {"{\"title\":\"\xff\xfe\",\"service\":\"x\"}", js},
		"NUL":                 {"{\"title\":\"a\x00b\",\"service\":\"x\x00\"}", js},
		"escaped NUL":         {`{"title":"a\u0000b","service":"x\u0000y","labels":{"\u0000":"\u0000"},"description":"\u0000"}`, js},
		"half a surrogate":    {`{"title":"\ud800","service":"\udfff","description":"\ud800"}`, js},
		"numbers":             {`{"title":1e999999,"started_at":-1e400,"exposure":1e308,"tier":99999999999999999999999}`, js},
		"a long number":       {`{"title":` + strings.Repeat("9", 200_000) + `}`, js},
		"a long text":         {`{"title":"` + strings.Repeat("x", 2_000_000) + `","service":"x"}`, js},
		"many members":        {`{` + strings.Repeat(`"a":1,`, 100_000) + `"b":2}`, js},
		"many events":         {"[" + strings.Repeat(`{"title":"x","service":"y"},`, 12_000) + "{}]", js},
		"another type":        {"<a/>", []string{"Content-Type", "application/xml"}},
		"no type":             {`{"title":1}`, nil},
		"a type of nonsense":  {`{}`, []string{"Content-Type", "application/json; charset=\xff; =;;"}},
		"a form":              {"title=x&service=y", []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"multipart, cut":      {"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../etc/passwd\"\r\n\r\nname: \x00", []string{"Content-Type", "multipart/form-data; boundary=x"}},
		"multipart, empty":    {"--x--", []string{"Content-Type", "multipart/form-data; boundary=x"}},
		"multipart, no end":   {strings.Repeat("--x\r\n\r\n", 30_000), []string{"Content-Type", "multipart/form-data; boundary=x"}},
		"YAML bomb":           {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d]\nname: [*d,*d]\n", []string{"Content-Type", "application/yaml"}},
		"YAML, deep":          {"name: x\ntags: " + strings.Repeat("[", 20_000), []string{"Content-Type", "application/yaml"}},
		"YAML, own types":     {"name: !!python/object/apply:os.system [id]\n", []string{"Content-Type", "application/yaml"}},
		"many documents":      {strings.Repeat("---\nname: x\n", 25_000), []string{"Content-Type", "application/yaml"}},
		"cloud event, broken": {`{"specversion":"1.0","id":"","source":"","type":"","data_base64":"!!!"}`, []string{"Content-Type", "application/cloudevents+json"}},
		"cloud event, binary": {"\x00\x01", []string{"Content-Type", "application/octet-stream", "Ce-Specversion", "9", "Ce-Id", "%ff", "Ce-Type", "%00", "Ce-Source", "%"}},
		"NDJSON":              {"{}\n[]\n\x00\n{\"title\":", []string{"Content-Type", "application/x-ndjson"}},
		"zip bomb":            {bomb, with("Content-Encoding", "gzip")},
		"not gzip":            {"hello", with("Content-Encoding", "gzip")},
		"gzip, cut":           {bomb[:50], with("Content-Encoding", "gzip")},
		"gzip twice":          {zipped(zipped("{}")), with("Content-Encoding", "gzip, gzip")},
		"another encoding":    {"{}", with("Content-Encoding", "br")},
		"short":               {"{", with("Content-Length", "5000")},
		"endless":             {"{", with("Content-Length", "99999999999")},
		"negative":            {"{}", with("Content-Length", "-5")},
		"two lengths":         {"{}", with("Content-Length", "2", "Content-Length", "50")},
		"length and chunks":   {"2\r\n{}\r\n0\r\n\r\nGET /api/v1/events HTTP/1.1\r\n\r\n", with("Content-Length", "4", "Transfer-Encoding", "chunked")},
		"chunks that lie":     {"ffffffffffffffff\r\n{}\r\n0\r\n\r\n", with("Transfer-Encoding", "chunked")},
		"chunks, cut":         {"5\r\n{}", with("Transfer-Encoding", "chunked")},
		"chunks of nonsense":  {"zz\r\n{}\r\n", with("Transfer-Encoding", "chunked")},
		"other chunks":        {"{}", with("Transfer-Encoding", "xchunked")},
		"asks first":          {"{}", with("Expect", "100-continue")},
		"asks for another":    {"{}", with("Expect", "tea")},
	}
}

// broken are requests that hardly are any.
func broken() map[string][]byte {
	all := map[string][]byte{
		"nothing":             []byte("\r\n\r\n"),
		"noise":               []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		"HTTP/0.9":            []byte("GET /\r\n\r\n"),
		"HTTP/3":              []byte("GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
		"HTTP/2 preface":      []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		"no host":             []byte("GET /api/v1/events HTTP/1.1\r\n\r\n"),
		"two hosts":           []byte("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n"),
		"foreign host":        message("GET", "/api/v1/events", "", "Host", "evil.example"),
		"host of nonsense":    message("GET", "/api/v1/events", "", "Host", "a b\x00c"),
		"a header of 2 MB":    message("GET", "/api/v1/events", "", "X-A", strings.Repeat("a", 2<<20)),
		"many headers":        message("GET", "/api/v1/events", "", slices.Repeat([]string{"X-A", "b"}, 20_000)...),
		"folded header":       []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n c\r\n\r\n"),
		"header without name": []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n: b\r\n\r\n"),
		"header with NUL":     message("GET", "/", "", "X-A", "a\x00b"),
		"space before colon":  []byte("POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length : 5\r\n\r\nhello"),
		"bare line feeds":     []byte("GET /api/v1/events HTTP/1.1\nHost: 127.0.0.1\n\n"),
		"a long line":         []byte("GET /" + strings.Repeat("a", 2<<20) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
		"upgrade":             message("GET", "/api/v1/stream", "", "Upgrade", "websocket", "Connection", "Upgrade"),
		"h2c":                 message("GET", "/api/v1/events", "", "Upgrade", "h2c", "Http2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"),
		"ranges":              message("GET", "/", "", "Range", "bytes="+strings.Repeat("0-0,", 2000)+"0-0"),
		"wrong dates":         message("GET", "/", "", "If-Modified-Since", "\x01", "If-None-Match", strings.Repeat(`"a",`, 3000)),
		"languages":           message("GET", "/", "", "Accept-Language", strings.Repeat("a-b;q=0.1,", 4000), "Accept-Encoding", strings.Repeat("gzip;q=9,", 3000)),
		"last event":          message("GET", "/api/v1/stream", "", "Last-Event-Id", strings.Repeat("9", 5000)),
	}
	return all
}

// hostile are questions meant to cost more than they may.
func hostile() map[string]string {
	fragments := &strings.Builder{}
	for i := range 60 {
		fmt.Fprintf(fragments, "fragment f%d on Entity{name ...f%d ...f%d} ", i, i+1, i+1)
	}
	fragments.WriteString("fragment f60 on Entity{name}")
	return map[string]string{
		"deep":    "{entity(ref:\"service:ours\")" + strings.Repeat("{owner", 500) + "{name}" + strings.Repeat("}", 500) + "}",
		"aliases": "{" + strings.Repeat("a:viewer{name} ", 3000) + "}",
		"many aliases": "{" + func() string {
			b := ""
			for i := range 900 {
				b += fmt.Sprintf("a%d:viewer{name} ", i)
			}
			return b
		}() + "}",
		"fragments":        "{entities{nodes{...f0}}} " + fragments.String(),
		"a circle":         "{entities{nodes{...a}}} fragment a on Entity{...b} fragment b on Entity{...a}",
		"unknown fragment": "{...x}",
		"directives":       "{viewer" + strings.Repeat("@include(if:true)", 1500) + "{name}}",
		"dear":             "{feed(first:200){rows{event{subjects{entity{dependsOn{target{dependsOn{target{name}}}}}}}}}}",
		"huge first":       "{entities(first:2147483648){total}}",
		"negative first":   "{entities(first:-1){total}}",
		"bad cursor":       `{feed(after:"\u0000\uffff"){next}}`,
		"bad times":        `{histogram(since:"9999-12-31T23:59:59Z",until:"0001-01-01T00:00:00Z",buckets:1000000){__typename}}`,
		"many buckets":     `{histogram(since:"2006-01-01T00:00:00Z",until:"2026-01-01T00:00:00Z",buckets:2147483647){__typename}}`,
		"NUL in a search":  `{search(q:"\u0000"){name}}`,
		"long search":      `{search(q:"` + strings.Repeat("ab ", 10_000) + `"){name}}`,
		"bad ref":          `{entity(ref:"::::"){name}}`,
		"unknown field":    "{passwords}",
		"lone quote":       `{search(q:"`,
		"block string":     `{search(q:"""` + strings.Repeat("\n", 10_000) + `"""){name}}`,
		"NUL in a query":   "{viewer\x00{name}}",
		"not UTF-8":        "{viewer{name}}\xff",
		"two operations":   "query A{viewer{name}} mutation B{deleteEntity(ref:\"service:ours\")}",
		"many operations":  strings.Repeat("query{viewer{name}}", 800),
		"introspection":    "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}",
		"comment":          "#" + strings.Repeat("a", 900_000) + "\n{viewer{name}}",
		"null ref":         `mutation{putEntity(ref:"service:\u0000",fields:[{field:"\u0000",value:"\u0000"}]){name}}`,
		"NUL in a value":   `mutation{putEntity(ref:"service:nul",fields:[{field:"description",value:"a\u0000b"}]){name}}`,
		"odd value":        `mutation{putEntity(ref:"service:odd",fields:[{field:"tier",value:{a:[1e400]}}]){name}}`,
		"bad document":     `mutation{applyDescriptors(documents:[{name:"\u0000",content:"name: \u0000"}]){name}}`,
		"bad alias":        `mutation{claimAlias(alias:"\u0000:\u0000",ref:"service:ours"){events}}`,
	}
}

// inputs are everything that is tried in the short form.
func inputs(opened *daemon.Daemon) []input {
	var all []input
	add := func(let bool, want int, bytes []byte, name string, args ...any) {
		all = append(all, input{fmt.Sprintf(name, args...), bytes, let, want})
	}
	administrator := []string{"Authorization", "Bearer administrator"}
	list := targets(opened)
	paths, methods := map[string]bool{}, map[string][]string{}
	bodies := malformed() // it zips a bomb: once
	for _, t := range list {
		if path, _ := t.split(); t.method != http.MethodGet && !slices.Contains(methods[path], t.method) {
			methods[path] = append(methods[path], t.method)
		}
	}
	for _, t := range list {
		path, body := t.split()
		for name, credential := range forged() {
			want := http.StatusUnauthorized
			if t.op == access.Public || name == "huge" || name == "not ASCII" || name == "not UTF-8" || name == "two" || name == "cookies without end" ||
				t.op == access.ReadMetrics && (name != "forwarded") {
				want = 0
			}
			add(false, want, message(t.method, path, body, append([]string{"Content-Type", "application/json"}, credential...)...), "%s %s as %s", t.method, path, name)
		}
		if paths[path] {
			continue
		}
		paths[path] = true
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW", "get", strings.Repeat("A", 3000), "G\x01T", ""} {
			add(false, 0, message(method, path, ""), "%.10q %s as nobody", method, path)
			if path != "/api/v1/stream" { // it would go on
				add(true, 0, message(method, path, "", administrator...), "%.10q %s as administrator", method, path)
			}
		}
		for _, trick := range tricks(path) {
			add(false, 0, message("GET", trick, ""), "%s as nobody", trick)
			add(false, 0, message("POST", trick, "{}", "Content-Type", "application/json"), "POST %s as nobody", trick)
			if !strings.Contains(trick, "stream") {
				add(true, 0, message("GET", trick, "", administrator...), "%s as administrator", trick)
			}
		}
		for name, sent := range bodies {
			for _, method := range methods[path] {
				add(true, 0, message(method, path, sent.body, append(slices.Clone(sent.header), administrator...)...), "%s %s: %s, as administrator", method, path, name)
				if len(sent.body) < 100_000 {
					add(false, 0, message(method, path, sent.body, sent.header...), "%s %s: %s, as nobody", method, path, name)
				}
			}
		}
	}
	for name, bytes := range broken() {
		add(false, 0, bytes, "%s", name)
	}
	for name, query := range hostile() {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			continue
		}
		for _, who := range []string{"administrator", "viewer", "nobody", "member/describe"} {
			credential := []string{"Content-Type", "application/json", "Authorization", "Bearer " + who}
			add(who != "nobody" && who != "member/describe", 0, message("POST", "/graphql", string(body), credential...), "question %s as %s", name, who)
		}
	}
	// What a page elsewhere could make a browser send.
	for _, origin := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site", "Origin", "http://evil.127.0.0.1"},
	} {
		for _, t := range list {
			if path, body := t.split(); t.method != http.MethodGet {
				header := append([]string{"Cookie", "tidings_session=administrator", "Content-Type", "text/plain"}, origin...)
				add(false, 0, message(t.method, path, body, header...), "%s %s from %v", t.method, path, origin)
			}
		}
	}
	return all
}

// A scanner of our own: whatever is sent to the server, it refuses with the right words, tells nothing, and lives.
func TestAbuse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		config.Limits = daemon.Limits{} // or most inputs would come too soon to be looked at
		opened, desk := guarded(t, config)
		desk.turnAway("turned-away")
		visit(t, "operator", http.MethodPut, opened.URL()+"/api/v1/entities/service/ours", `{"owner":"team:payments","description":"`+canary+`","tags":{"`+canary+`":""}}`)
		visit(t, "member", http.MethodPost, opened.URL()+"/api/v1/events", `{"title":"`+canary+`","service":"ours"}`)
		visit(t, "member", http.MethodPost, opened.URL()+"/api/v1/events", `{"title":"x","subjects":["github:acme/`+canary+`"]}`)
		s := &scanner{t: t, address: strings.TrimPrefix(opened.URL(), "http://")}
		list := inputs(opened)
		s.all(list)
		if length, err := time.ParseDuration(os.Getenv("TIDINGS_ABUSE_TIME")); err == nil {
			s.mutate(t.Context(), list, length)
		}
		if status, _ := visit(t, "nobody", http.MethodGet, opened.URL()+"/healthz", ""); status != http.StatusOK {
			t.Errorf("afterwards the server is not well: %d", status)
		}
		if status, text := visit(t, "viewer", http.MethodGet, opened.URL()+"/api/v1/events?q="+canary, ""); status != http.StatusOK || !strings.Contains(text, canary) {
			t.Errorf("afterwards what was there is gone: %d %s", status, text)
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		if memory.HeapAlloc > 512<<20 {
			t.Errorf("afterwards %d MB are held", memory.HeapAlloc>>20)
		}
		t.Logf("%d inputs tried, %d faults, %d MB held", s.tried.Load(), s.faults.Load(), memory.HeapAlloc>>20)
	})
}

// mutate goes on for a time with inputs that are changed here and there. A changed input may happen to be let in.
func (s *scanner) mutate(ctx context.Context, list []input, length time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	seed := uint64(time.Now().UnixNano())
	s.t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a seed that can be given again
	for ctx.Err() == nil {
		batch := make([]input, 0, 500)
		for range cap(batch) {
			in := list[random.IntN(len(list))]
			if len(in.bytes) > 64<<10 {
				continue
			}
			in.bytes, in.want = slices.Clone(in.bytes), 0
			for range 1 + random.IntN(4) {
				if len(in.bytes) == 0 {
					break
				}
				at := random.IntN(len(in.bytes))
				switch random.IntN(5) {
				case 0:
					in.bytes[at] = byte(random.IntN(256))
				case 1:
					in.bytes = slices.Delete(in.bytes, at, min(at+1+random.IntN(8), len(in.bytes)))
				case 2:
					in.bytes = slices.Insert(in.bytes, at, []byte{"\x00\r\n%/.;\"{}[]\\\xff:, "[random.IntN(19)]}...)
				case 3:
					end := min(at+random.IntN(32), len(in.bytes))
					in.bytes = slices.Insert(in.bytes, at, slices.Clone(in.bytes[at:end])...)
				case 4:
					other := list[random.IntN(len(list))].bytes
					from := random.IntN(len(other))
					in.bytes = slices.Insert(in.bytes, at, other[from:min(from+random.IntN(64), len(other))]...)
				}
			}
			// A credential may have come over from the other.
			in.let = in.let || bytes.Contains(in.bytes, []byte("Bearer"))
			batch = append(batch, in)
		}
		s.all(batch)
	}
}

// Credentials that once were good, nearly are, or are another's open nothing, whichever route they are shown to.
func TestForgedCredentials(t *testing.T) {
	t.Parallel()
	unlimited := func(c *daemon.Config) { c.Limits = daemon.Limits{} }
	withLogin(t, unlimited, func(t *testing.T, d *daemon.Daemon) {
		client := first(t, d)
		ask(t, client, http.MethodPut, d.URL()+"/api/v1/entities/service/ours", `{"description":"`+canary+`"}`)
		ctx := access.With(t.Context(), access.Principal{Type: access.Person, Name: "ada", Role: access.RoleAdministrator})
		mint := func(name string, scopes ...access.Scope) (string, string) {
			info, secret, err := d.Desk().CreateToken(ctx, access.NewToken{Name: name, Kind: access.ServiceToken, Role: access.RoleOperator, Scopes: scopes})
			if err != nil {
				t.Fatal(err)
			}
			return info.ID, secret
		}
		_, good := mint("good", access.ScopeRead, access.ScopeDescribe)
		id, revoked := mint("revoked", access.ScopeRead)
		_, deliver := mint("deliver", access.ScopeDeliver)
		if got := ask(t, http.DefaultClient, http.MethodGet, d.URL()+"/api/v1/entities", "", "Authorization", "Bearer "+revoked); got.status != http.StatusOK || !strings.Contains(got.text, canary) {
			t.Fatalf("a good token: got %d %s", got.status, got.text)
		}
		if _, err := d.Desk().RevokeToken(ctx, id); err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(d.URL())
		if err != nil {
			t.Fatal(err)
		}
		cookies := client.Jar.Cookies(at)
		if len(cookies) != 1 {
			t.Fatalf("got %v", cookies)
		}
		session, cookie := cookies[0].Value, cookies[0].Name
		gone := browser(t)
		gone.Jar.SetCookies(at, cookies)
		flip := func(text string, i int) string {
			b := []byte(text)
			b[i] = map[bool]byte{true: 'a', false: 'b'}[b[i] == 'b']
			return string(b)
		}
		bearer := func(text string) []string { return []string{"Authorization", "Bearer " + text} }
		shown := map[string][]string{
			"a revoked token": bearer(revoked), "a letter changed": bearer(flip(good, 15)), "the checksum changed": bearer(flip(good, len(good)-1)),
			"truncated": bearer(good[:len(good)-1]), "longer": bearer(good + "0"), "of another kind": bearer(strings.Replace(good, "_s_", "_p_", 1)),
			"in capitals": bearer(strings.ToUpper(good)), "with a space": bearer(good[:20] + " " + good[20:]), "the session as a token": bearer(session),
			"the token as a cookie": {"Cookie", cookie + "=" + good}, "a session changed": {"Cookie", cookie + "=" + flip(session, 5)},
			"a session truncated": {"Cookie", cookie + "=" + session[:len(session)-1]}, "a session twice": {"Cookie", cookie + "=" + session[:10] + "; " + cookie + "=" + session[10:]},
			"another cookie": {"Cookie", "session=" + session}, "basic": {"Authorization", "Basic " + good}, "the token in the address": nil,
		}
		s := &scanner{t: t, address: strings.TrimPrefix(d.URL(), "http://")}
		var list []input
		for _, route := range targets(d) {
			path, body := route.split()
			for name, header := range shown {
				want := refusal
				if route.op == access.Public || route.op == access.ReadMetrics {
					want = 0
				}
				address := path
				if name == "the token in the address" {
					address += "?access_token=" + good + "&token=" + good
				}
				list = append(list, input{
					name: route.method + " " + path + " with " + name, want: want,
					bytes: message(route.method, address, body, append([]string{"Content-Type", "application/json", "X-Forwarded-For", "192.0.2.1"}, header...)...),
				})
			}
			if route.op != access.Public && route.op != access.RecordEvents && route.op != access.ReadMetrics {
				list = append(list, input{
					name: route.method + " " + path + " with a token to deliver", want: 0,
					bytes: message(route.method, path, body, append([]string{"Content-Type", "application/json"}, bearer(deliver)...)...),
				})
			}
			// The cookie is good; the page that sends it is not ours.
			if route.method != http.MethodGet && !strings.HasPrefix(path, "/api/v1/login") {
				for _, from := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Host", "evil.example"}} {
					list = append(list, input{
						name: route.method + " " + path + " from " + from[1], want: refusal,
						bytes: message(route.method, path, body, append([]string{"Content-Type", "application/json", "Cookie", cookie + "=" + session}, from...)...),
					})
				}
			}
		}
		s.all(list)
		// The session was not hurt by any of it, and ends when it is ended.
		if got := ask(t, client, http.MethodGet, d.URL()+"/api/v1/entities", ""); got.status != http.StatusOK || !strings.Contains(got.text, canary) {
			t.Errorf("afterwards the session is not good: %d %s", got.status, got.text)
		}
		if got := ask(t, client, http.MethodPost, d.URL()+"/api/v1/login/logout", "{}"); got.status >= 300 {
			t.Fatalf("log out: %d %s", got.status, got.text)
		}
		if got := ask(t, gone, http.MethodGet, d.URL()+"/api/v1/entities", ""); got.status != http.StatusUnauthorized {
			t.Errorf("a session that was ended: %d %s", got.status, got.text)
		}
		t.Logf("%d inputs tried, %d faults", s.tried.Load(), s.faults.Load())
	})
}
