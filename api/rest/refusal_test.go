package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// state is what must not move when something is refused.
func (s *server) state() string {
	s.t.Helper()
	newest, err := s.store.Log(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var page struct{ Total int }
	s.do("GET", "/api/v1/entities?retired=1", "").want(s.t, 200, &page)
	return fmt.Sprintf("log %d, entities %d", newest, page.Total)
}

func TestBadEventsAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	before := s.state()
	now := time.Now()
	for name, test := range map[string]struct {
		body   string
		status int
		words  []string
	}{
		"empty":             {"", 400, []string{"empty"}},
		"spaces":            {" \n", 400, []string{"empty"}},
		"malformed":         {"{\n \"title\": \"x\",\n \"service\": pricing}", 400, []string{"line 3"}},
		"cut off":           {`{"title":"x","service":"pri`, 400, nil},
		"two texts":         {`{"title":"x","service":"y"} {"title":"x"}`, 400, nil},
		"a number":          {`7`, 400, nil},
		"nothing":           {`{}`, 400, []string{"/title", "/subjects"}},
		"empty list":        {`[]`, 400, nil},
		"empty events":      {`{"events":[]}`, 400, []string{"/events"}},
		"no subject":        {`{"title":"x"}`, 400, []string{"/subjects"}},
		"unknown kind":      {`{"title":"x","service":"y","kind":"elephant"}`, 400, []string{"/kind", "elephant", "deploy", "note"}},
		"unknown phase":     {`{"title":"x","service":"y","phase":"perhaps"}`, 400, []string{"/phase"}},
		"year 1":            {`{"title":"x","service":"y","started_at":"0001-06-01T00:00:00Z"}`, 400, []string{"/started_at", "2005"}},
		"year 9999":         {`{"title":"x","service":"y","started_at":"9999-12-31T23:59:59Z"}`, 400, []string{"/started_at"}},
		"two days ahead":    {fmt.Sprintf(`{"title":"x","service":"y","started_at":%d}`, now.Add(48*time.Hour).Unix()), 400, []string{"/started_at"}},
		"no zone":           {`{"title":"x","service":"y","started_at":"2026-06-11T12:00:00"}`, 400, []string{"/started_at"}},
		"ends before start": {`{"title":"x","service":"y","started_at":"2026-06-11T12:00:00Z","ended_at":"2026-06-11T11:00:00Z"}`, 400, []string{"/ended_at"}},
		"control character": {`{"title":"x","service":"a\u0007b"}`, 400, []string{"/service", "control"}},
		"in a key":          {`{"title":"x","service":"y","key":"a\u0000b"}`, 400, []string{"/key"}},
		"not UTF-8":         {"{\"title\":\"caf\xe9\",\"service\":\"y\"}", 400, []string{"UTF-8"}},
		"UTF-16":            {"\xff\xfe{\x00}\x00", 400, []string{"UTF-16"}},
		"bad link":          {`{"title":"x","service":"y","links":["javascript:alert(1)"]}`, 400, []string{"/links/0"}},
		"exposure":          {`{"title":"x","service":"y","exposure":101}`, 400, []string{"/exposure"}},
		"one of a batch":    {`[{"title":"x","service":"y"},{"title":"x","service":"y","kind":"elephant"}]`, 400, []string{"/1/kind"}},
		"1,001 in events":   {`{"events":[` + strings.Repeat(`{"title":"x","service":"y"},`, 1000) + `{"title":"x","service":"y"}]}`, 413, []string{"1000"}},
		"a million":         {"[" + strings.Repeat("{},", 999_999) + "{}]", 413, []string{"10000"}},
		"ten megabytes":     {`{"title":"` + strings.Repeat("x", 10<<20) + `","service":"y"}`, 413, []string{"5 MiB"}},
		"deep":              {strings.Repeat(`[`, 100_000), 400, nil},
		"ten thousand tags": {`{"title":"x","service":"y","labels":{` + many(10_000, `"k%d":"v"`) + `}}`, 400, []string{"/labels", "100"}},
		"too many subjects": {`{"title":"x","subjects":[` + many(501, `"s%d"`) + `]}`, 400, []string{"/subjects", "500"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			p := s.do("POST", "/api/v1/events", test.body, "Content-Type", "application/json").refused(t, test.status, test.words...)
			if want := map[int]string{400: "invalid", 413: "too_large"}[test.status]; p.Code != want {
				t.Errorf("code %s, want %s", p.Code, want)
			}
		})
	}
	if after := s.state(); after != before {
		t.Errorf("%s, before %s", after, before)
	}
	// The unit of a time is told by its size.
	for _, at := range []int64{now.Unix(), now.UnixMilli(), now.UnixMicro(), now.UnixNano()} {
		var r receipts
		s.do("POST", "/api/v1/events", fmt.Sprintf(`{"title":"x","service":"y","started_at":%d}`, at)).want(t, 201, &r)
		var e event
		s.do("GET", "/api/v1/events/"+r.Events[0].ID, "").want(t, 200, &e)
		if d := e.StartedAt.Sub(now); d > time.Second || d < -time.Second {
			t.Errorf("%d became %s", at, e.StartedAt)
		}
	}
}

func many(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(items, ",")
}

func TestBadEntitiesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("PUT", "/api/v1/entities/team/a", `{"owner":"b","part_of":["team:b"]}`).want(t, 201, nil)
	s.do("PUT", "/api/v1/entities/team/b", `{"owner":"c","part_of":["team:c"]}`).want(t, 200, nil)
	before := s.state()
	for name, test := range map[string]struct {
		path, body string
		status     int
		words      []string
	}{
		"kind":              {"elephant/x", `{}`, 400, []string{"elephant"}},
		"name":              {"service/-x", `{}`, 400, []string{"-x"}},
		"control in a name": {"service/a%07b", `{}`, 400, nil},
		"long name":         {"service/" + strings.Repeat("x", 300), `{}`, 400, []string{"253"}},
		"empty":             {"service/x", "", 400, []string{"empty"}},
		"malformed":         {"service/x", "{\"tier\":\n  1,,}", 400, []string{"line 2, column 5"}},
		"cut off":           {"service/x", `{"tier":`, 400, []string{"line 1"}},
		"a list":            {"service/x", `[]`, 400, []string{"object"}},
		"two":               {"service/x", `{} {}`, 400, []string{"line 1, column 4"}},
		"twice":             {"service/x", `{"tier":1,"tier":2}`, 400, []string{"/tier", "twice"}},
		"not UTF-8":         {"service/x", "{\"title\":\"\xff\"}", 400, []string{"UTF-8", "column 11"}},
		"unknown member":    {"service/x", `{"teir":1}`, 400, []string{"/teir", "did you mean tier"}},
		"another name":      {"service/x", `{"name":"y"}`, 400, []string{"/name"}},
		"another kind":      {"service/x", `{"kind":"team"}`, 400, []string{"/kind"}},
		"another ref":       {"service/x", `{"ref":"team:x"}`, 400, []string{"/ref"}},
		"tier":              {"service/x", `{"title":"ok","tier":4}`, 400, []string{"/tier"}},
		"platform":          {"service/x", `{"platform":"toaster"}`, 400, []string{"/platform", "kubernetes"}},
		"owner":             {"service/x", `{"owner":"service:y"}`, 400, []string{"/owner"}},
		"link":              {"service/x", `{"links":[{"url":"https://ok.example.com"},{"url":"javascript:x"}]}`, 400, []string{"/links/1"}},
		"secret in a link":  {"service/x", `{"links":[{"url":"https://u:hunter2@ok.example.com"}]}`, 400, []string{"/links/0", "password"}},
		"relation":          {"service/x", `{"relations":[{"type":"loves","target":"service:y"}]}`, 400, []string{"/relations/0/type"}},
		"target":            {"service/x", `{"depends_on":["y","elephant:z"]}`, 400, []string{"/depends_on/1"}},
		"itself":            {"service/x", `{"depends_on":["x"]}`, 400, []string{"/depends_on/0", "itself"}},
		"not a list":        {"service/x", `{"tags":7}`, 400, []string{"/tags"}},
		"control character": {"service/x", `{"title":"a\u0007"}`, 400, []string{"/title", "control"}},
		"tag key":           {"service/x", `{"tags":{"a b":"c"}}`, 400, []string{"/tags/a b"}},
		"two faults":        {"service/x", `{"tier":9,"rto":"soon"}`, 400, []string{"/tier", "/rto"}},
		"ten thousand tags": {"service/x", `{"tags":{` + many(10_000, `"k%d":"v"`) + `}}`, 400, []string{"10000 tags", "500"}},
		"ten megabytes":     {"service/x", `{"description":"` + strings.Repeat("x", 10<<20) + `"}`, 413, []string{"1 MiB"}},
		"long description":  {"service/x", `{"description":"` + strings.Repeat("x", 9<<10) + `"}`, 400, []string{"/description", "8192"}},
		"owned in a circle": {"team/c", `{"owner":"a"}`, 400, []string{"/owner", "team:c is owned by team:a is owned by team:b is owned by team:c"}},
		"part of a circle":  {"team/c", `{"title":"C","part_of":["team:a"]}`, 400, []string{"/part_of/0", "circle"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			s.do("PUT", "/api/v1/entities/"+test.path, test.body).refused(t, test.status, test.words...)
		})
	}
	if after := s.state(); after != before {
		t.Errorf("%s, before %s", after, before)
	}
}

func TestHostileDescriptors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 8), i)
	}
	before := s.state()
	for name, test := range map[string]struct {
		body   string
		status int
		words  []string
	}{
		"bomb":            {bomb + "name: x\n", 400, []string{"t/tidings.yaml:"}},
		"deep":            {"name: x\na: " + strings.Repeat("[", 50_000), 400, []string{"t/tidings.yaml"}},
		"deep by indent":  {"name: x\n" + indented(3000), 400, []string{"t/tidings.yaml"}},
		"not UTF-8":       {"name: caf\xe9\n", 400, []string{"UTF-8"}},
		"control":         {"name: x\ntitle: \"a\x00b\"\n", 400, nil},
		"64 MiB and more": {strings.Repeat("# nothing\n", 7<<20), 413, []string{"64 MiB"}},
		"ten megabytes":   {"name: x\ndescription: " + strings.Repeat("x", 10<<20) + "\n", 400, []string{"t/tidings.yaml"}},
		"nothing":         {"just a text\n", 400, []string{"t/tidings.yaml:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			began := time.Now()
			s.do("POST", "/api/v1/descriptors?name=t/tidings.yaml", test.body, "Content-Type", "application/yaml").refused(t, test.status, test.words...)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	if after := s.state(); after != before {
		t.Errorf("%s, before %s", after, before)
	}
	// What has too many tags is a fault of its own document, and stops no other.
	g := s.do("POST", "/api/v1/descriptors", `{"documents":[{"name":"a/tidings.yaml","content":"name: big\nkind: service\ntags: {`+
		many(10_000, "k%d: v")+`}\n"},{"name":"b/tidings.yaml","content":"name: small\nkind: service\n"}]}`, "Content-Type", "application/json").want(t, 200, nil)
	if !strings.Contains(g.text, "500") {
		t.Errorf("%.600s", g.text)
	}
	s.do("GET", "/api/v1/entities/service/small", "").want(t, 200, nil)
	var big entity
	s.do("GET", "/api/v1/entities/service/big", "").want(t, 200, &big)
	if len(big.Tags) > 500 {
		t.Errorf("%d tags", len(big.Tags))
	}
	// Teams in a circle are read, with a warning that names the line.
	g = s.do("POST", "/api/v1/descriptors?name=teams.tidings.yaml", "kind: team\nname: red\npart_of: [team:green]\n---\nkind: team\nname: green\npart_of: [team:red]\n", "Content-Type", "application/yaml").want(t, 200, nil)
	if !strings.Contains(g.text, `"warnings"`) || !strings.Contains(g.text, `"line"`) {
		t.Errorf("%.600s", g.text)
	}
	s.do("GET", "/api/v1/events?team=red", "").want(t, 200, nil)
	s.do("GET", "/api/v1/entities/team/red/relations?depth=10", "").want(t, 200, nil)
}

func indented(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("PUT", "/api/v1/entities/service/x", `{}`).want(t, 201, nil)
	for query, words := range map[string][]string{
		"kind=elephant":              {`"kind"`, "elephant", "deploy"},
		"class=elephant":             {`"class"`},
		"phase=elephant":             {`"phase"`},
		"actor_type=elephant":        {`"actor_type"`},
		"service=nobody":             {`"service"`, "service:nobody"},
		"team=nobody":                {`"team"`},
		"entity=x":                   {`"entity"`, "kind:name"},
		"tag=a%20b":                  {"tag"},
		"since=yesterday":            {`"since"`, "RFC 3339"},
		"since=0001-01-01T00:00:00Z": {`"since"`, "unit"},
		"until=9999-01-01T00:00:00Z": {`"until"`, "unit"},
		"since=9223372036854775808":  {`"since"`},
		"since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z": {`"until"`},
		"depth=2":                     {`"depth"`},
		"service=x&depth=11":          {`"depth"`},
		"service=x&with=elephants":    {`"with"`, "dependencies"},
		"limit=-1":                    {`"limit"`},
		"limit=1e3":                   {`"limit"`},
		"cursor=AAAA":                 {`"cursor"`},
		"fold=perhaps":                {`"fold"`},
		"services=x":                  {"services", "did you mean service"},
		"env=production":              {"env", "did you mean environment"},
		"actortype=person":            {"did you mean actor_type"},
		"service=" + many(201, "x%d"): {`"service"`, "200"},
		"a=1;b=2":                     {"query"},
	} {
		s.do("GET", "/api/v1/events?"+query, "").refused(t, 400, words...)
		if !strings.Contains(query, "limit") && !strings.Contains(query, "cursor") && !strings.Contains(query, "fold") {
			s.do("GET", "/api/v1/stream?"+query, "").refused(t, 400, words...)
		}
	}
	s.do("GET", "/api/v1/stream?last_event_id=x", "").refused(t, 400, "last_event_id")
	s.do("GET", "/api/v1/stream", "", "Last-Event-ID", "-7").refused(t, 400, "last_event_id")
	s.do("GET", "/api/v1/kinds?x=1", "").refused(t, 400, "there are none")
	s.do("GET", "/api/v1/events?service=&team=&system=&tag=&kind=&class=&phase=&environment=&actor=&source=&q=&since=&until=&with=&depth=&cursor=&limit=", "").want(t, 200, nil)
	for _, since := range []string{"-24h", "24h", "7d", "-1w", "now", "1781188262", "1781188262000", "2026-06-11T14:31:02+02:00", "2026-06-11T14:31:02%2B02:00", "2026-06-11t14:31:02z"} {
		s.do("GET", "/api/v1/events?since="+since, "").want(t, 200, nil)
	}
}

// failing is a writer whose database is gone, or that has a mistake.
type failing struct {
	rest.Writer
	err error
}

func (f failing) Record(context.Context, []change.Event) ([]change.Receipt, error) {
	if f.err == nil {
		panic("a mistake of ours")
	}
	return nil, f.err
}

func TestErrorsAtTheEdge(t *testing.T) {
	t.Parallel()
	const secret = "dial tcp 10.1.2.3: password hunter2"
	later := fault.New(fault.RateLimited, "too often")
	later.RetryAfter = 1500 * time.Millisecond
	for name, test := range map[string]struct {
		err    error
		status int
		code   string
		retry  string
		logged bool
	}{
		"a mistake":        {nil, 500, "internal", "", true},
		"unclassified":     {errors.New(secret), 500, "internal", "", true},
		"internal":         {fault.New(fault.Internal, "%s", secret), 500, "internal", "", true},
		"database gone":    {fmt.Errorf("append: %w", fault.New(fault.Unavailable, "append: %w", errors.New(secret))), 503, "unavailable", "", true},
		"busy":             {fault.New(fault.Unavailable, "the log is busy"), 503, "unavailable", "", false},
		"limited":          {later, 429, "rate_limited", "2", false},
		"forbidden":        {fault.New(fault.Forbidden, "no"), 403, "forbidden", "", false},
		"unauthenticated":  {fault.New(fault.Unauthenticated, "who?"), 401, "unauthenticated", "", false},
		"database's words": {fault.New(fault.Conflict, "append: %w", errors.New(secret)), 409, "conflict", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(d *rest.Deps) { d.Writer = failing{d.Writer, test.err} })
			g := s.do("POST", "/api/v1/events", `{"title":"x","service":"y"}`)
			p := g.refused(t, test.status)
			if p.Code != test.code || g.header.Get("Retry-After") != test.retry || strings.Contains(g.text, "hunter2") {
				t.Errorf("%v %s", g.header, g.text)
			}
			log := s.log.String()
			if got := strings.Count(log, "request_id=") == 1; got != test.logged {
				t.Errorf("log: %s", log)
			}
			if test.logged && (p.RequestID == "" || g.header.Get("X-Request-Id") != p.RequestID || !strings.Contains(log, p.RequestID)) {
				t.Errorf("no request id to find %s by: %s", log, g.text)
			}
		})
	}
}

// A request that has ended meanwhile, as one does whose client sent on for too long, says when to come back all the same.
func TestARefusalSaysWhenToComeBackAlsoAfterTheRequest(t *testing.T) {
	t.Parallel()
	busy := fault.New(fault.Unavailable, "as many as there is room for: send this again in a moment")
	busy.RetryAfter = 2 * time.Second
	s := newServer(t, func(d *rest.Deps) { d.Writer = failing{d.Writer, busy} })
	mux := http.NewServeMux()
	s.api.Mount(mux)
	ctx, cancel := context.WithCancel(access.With(t.Context(), access.Administrator))
	cancel()
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/events", strings.NewReader(`{"title":"x","service":"y"}`)))
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") != "2" || !strings.Contains(answer.Body.String(), "send this again") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}

// A client that asks before it sends is told without being made to send; one that just sends gets its answer too.
func TestLargeBodyWithoutWaiting(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	body := strings.NewReader(strings.Repeat("x", 32<<20))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/events", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: 10 * time.Second}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || body.Len() != 32<<20 {
		t.Errorf("status %d, %d bytes left", answer.StatusCode, body.Len())
	}
	// Without a Content-Length it is found out while reading.
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/events", struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", 16<<20))})
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = -1
	answer, err = s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if diff := cmp.Diff(http.StatusRequestEntityTooLarge, answer.StatusCode); diff != "" {
		t.Error(diff)
	}
}

// A source that one may not speak for is named where it stands, in every form that a batch has.
func TestSourcesOfOthersArePointedAt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for pointer, body := range map[string]string{
		`"/source"`:          `{"title":"x","service":"y","source":"tidings"}`,
		`"/1/source"`:        `[{"title":"x","service":"y"},{"title":"x","service":"y","source":"Tidings"}]`,
		`"/events/1/source"`: `{"events":[{"title":"x","service":"y"},{"title":"x","service":"y","source":"tidings"}]}`,
	} {
		s.do("POST", "/api/v1/events", body).refused(t, 403, pointer, "Tidings itself")
	}
	var page events
	s.do("GET", "/api/v1/events", "").want(t, 200, &page)
	if len(page.Events) != 0 {
		t.Errorf("something was recorded: %v", page.Events)
	}
}
