package walk_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// thing is one of a list.
type thing struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Phase string    `json:"phase"`
}

// tool has lists of things by name, the newest first, in pages of ten.
type tool struct {
	*httptest.Server
	lists map[string][]thing
	fails map[string]int          // with this status
	limit string                  // X-RateLimit-Remaining
	asked []string                // paths
	after func()                  // is called after each answer
	same  int                     // answers that said that nothing changed
	stuck bool                    // the second page is followed by itself
	names func() (names []string) // of the lists; all without it
}

func newTool(t *testing.T) *tool {
	t.Helper()
	f := &tool{lists: map[string][]thing{}, fails: map[string]int{}, after: func() {}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer f.after()
		name := strings.Trim(r.URL.Path, "/")
		f.asked = append(f.asked, name)
		if status := f.fails[name]; status != 0 {
			w.WriteHeader(status)
			return
		}
		newest := slices.Clone(f.lists[name])
		slices.SortStableFunc(newest, func(a, b thing) int { return b.At.Compare(a.At) })
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from, to := min(number*10, len(newest)), min(number*10+10, len(newest))
		if f.stuck {
			number = 0
		}
		if to < len(newest) {
			w.Header().Set("Link", fmt.Sprintf(`<%s/%s?page=%d>; rel="next"`, f.URL, name, number+1))
		}
		if f.limit != "" {
			w.Header().Set("X-RateLimit-Remaining", f.limit)
			w.Header().Set("Retry-After", "30")
		}
		body, _ := json.Marshal(newest[from:to])
		tag := fmt.Sprintf(`"%x"`, sha256.Sum256(body))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			f.same++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(body)
	}))
	f.names = func() (names []string) {
		for name := range f.lists {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	t.Cleanup(f.Close)
	return f
}

// add adds things that ended, a number of hours before the start.
func (f *tool) add(list, id string, hours float64) {
	f.lists[list] = append(f.lists[list], thing{id, start.Add(-time.Duration(hours * float64(time.Hour))), "succeeded"})
}

func (f *tool) set(list, id, phase string) {
	for i := range f.lists[list] {
		if f.lists[list][i].ID == id {
			f.lists[list][i].Phase = phase
		}
	}
}

// source is what an integration makes of the walker, and its log as it is kept.
type source struct {
	*walk.Walker
	t         *testing.T
	fake      *tool
	now       time.Time
	unchanged walk.Unchanged
	cursor    string
	last      integration.Look
	told      []string // ids with their phases, as often as they were told
}

func open(t *testing.T, fake *tool) *source {
	t.Helper()
	s := &source{t: t, fake: fake, now: start}
	s.restart()
	return s
}

// restart is another process, which knows the cursor and nothing else.
func (s *source) restart() {
	credential := &integration.Secret{}
	credential.Typed("token", integration.Guard{Secret: func(context.Context, string) (string, error) { return "a-token", nil }})
	s.Walker = &walk.Walker{
		Client:     &upstream.Client{Tool: "The tool", Base: s.fake.URL, HTTP: s.fake.Client()},
		Credential: credential, Clock: func() time.Time { return s.now }, Lists: s.lists,
	}
}

func (s *source) lists(context.Context, *walk.Look) ([]walk.List, error) {
	all := []walk.List{}
	for _, name := range s.fake.names() {
		all = append(all, walk.List{
			Name: "of " + name, Owner: name, First: func(time.Time) string { return "/" + name }, Read: read, Unchanged: s.unchanged,
		})
	}
	return all, nil
}

func read(_ context.Context, _ *walk.Look, p *walk.Page) ([]walk.Item, error) {
	var all []thing
	if err := p.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i, one := range all {
		items[i].At, items[i].Open = one.At, one.Phase == "started"
		var err error
		if one.Phase == "unknown" {
			err = fault.New(fault.Invalid, "%s has no phase", one.ID)
		}
		items[i].Tell(change.Event{Key: one.ID, Phase: change.Phase(one.Phase)}, "", err)
	}
	return items, nil
}

func (s *source) look() error {
	s.t.Helper()
	look, err := s.Poll(s.t.Context(), s.cursor)
	if err != nil {
		return err
	}
	s.cursor, s.last = look.Cursor, look
	for i := range look.Events {
		s.told = append(s.told, look.Events[i].Key+" "+string(look.Events[i].Phase))
	}
	return nil
}

// round looks until there is no more, and gives what was told.
func (s *source) round() []string {
	s.t.Helper()
	s.told = nil
	for {
		if err := s.look(); err != nil {
			s.t.Fatal(err)
		}
		if !s.last.More {
			return s.told
		}
	}
}

func (s *source) tells(want ...string) {
	s.t.Helper()
	got := s.round()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("it tells %q, want %q", got, want)
	}
}

func TestTheFirstLookGoesBackAndTheNextOnlyOn(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "too old", 15*24)
	want := map[string]bool{}
	for i := range 700 {
		id := fmt.Sprint("a", i)
		fake.add("a", id, 300-float64(i)/3)
		want[id+" succeeded"] = true
	}
	s := open(t, fake)
	if err := s.look(); err != nil || !s.last.More || len(s.told) < 500 || s.last.Backfill.Done || !s.last.Backfill.At.After(s.last.Backfill.Until) {
		t.Fatalf("a part of the whole has %d things, more: %v, backfill: %+v, %v", len(s.told), s.last.More, s.last.Backfill, err)
	}
	first := s.told
	_, _ = s.Poll(t.Context(), s.cursor) // was not committed: the server was killed
	s.restart()
	for _, one := range append(first, s.round()...) {
		if !want[one] {
			t.Errorf("%s is told again, or was never wanted", one)
		}
		delete(want, one)
	}
	if len(want) > 0 || !s.last.Backfill.Done {
		t.Errorf("%d things are missing, done: %+v", len(want), s.last.Backfill)
	}
	s.round() // what is within the overlap is told again by another process
	fake.asked = nil
	before := s.cursor
	if s.tells(); s.cursor != before || len(fake.asked) != 1 {
		t.Errorf("nothing was new: %d requests, the cursor is the same: %v", len(fake.asked), s.cursor == before)
	}
	newest := start.Sub(fake.lists["a"][700].At).Hours()
	fake.add("a", "new", newest-1)
	fake.add("a", "listed late", newest+0.1) // dated before what was told
	s.tells("new succeeded", "listed late succeeded")
}

// What was found and never committed is found again; what was committed is not told again in the same process.
func TestOnlyACommitConfirms(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "1", 1)
	s := open(t, fake)
	for range 2 {
		if look, err := s.Poll(t.Context(), ""); err != nil || len(look.Events) != 1 {
			t.Fatalf("it was not committed, and the next look finds %d, %v", len(look.Events), err)
		}
	}
	s.tells("1 succeeded")
	s.tells()
	fake.set("a", "1", "failed")
	s.tells("1 failed")
	fake.set("a", "1", "succeeded")
	s.tells() // it was told of this phase before
	s.restart()
	s.tells("1 succeeded") // under the same key: that is no harm
}

func TestWhatIsOpenIsLookedAtForAWeek(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "stuck", 6*24)
	fake.add("a", "going on", 48)
	for i := range 30 {
		fake.add("a", fmt.Sprint(i), 40)
	}
	fake.set("a", "stuck", "started")
	fake.set("a", "going on", "started")
	s := open(t, fake)
	s.round()
	fake.set("a", "going on", "failed")
	fake.set("a", "stuck", "started")
	s.tells("going on failed")
	s.now = start.Add(48 * time.Hour)
	s.round()
	fake.set("a", "stuck", "succeeded")
	s.tells()
}

// A list that cannot be seen costs no other, and its backfill waits for nobody. It is told of until it is mended.
func TestAListThatCannotBeSeen(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		fake.add(name, name, 1)
	}
	for i, name := range []string{"b", "c", "d", "e"} {
		fake.fails[name] = []int{403, 404, 410, 422}[i]
	}
	s := open(t, fake)
	s.tells("a succeeded")
	if p := s.last.Problem; !strings.HasPrefix(p, "b: The tool does not let") || strings.Count(p, "; ") != 3 || !strings.HasSuffix(p, "and 1 more") || !s.last.Backfill.Done {
		t.Errorf("it says %q, backfill %+v", p, s.last.Backfill)
	}
	delete(fake.fails, "b")
	s.tells("b succeeded")
	if p := s.last.Problem; strings.Contains(p, "b: ") || !strings.Contains(p, "c: ") {
		t.Errorf("b is mended, c is not, and it says %q", p)
	}
	alone := newTool(t)
	alone.add("a", "a", 1)
	alone.fails["a"] = 403
	if err := open(t, alone).look(); !fault.Is(err, fault.Forbidden) {
		t.Errorf("there is nothing else, and it says %v", err)
	}
}

// What was found before something failed is committed; the next look says what failed.
func TestWhatWasFoundBeforeAFailureIsKept(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "a", 1)
	fake.add("b", "b", 1)
	fake.fails["b"] = 500
	s := open(t, fake)
	if err := s.look(); err != nil || !s.last.More || len(s.told) != 1 {
		t.Fatalf("got %q, more: %v, %v", s.told, s.last.More, err)
	}
	if err := s.look(); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	delete(fake.fails, "b")
	if got := s.round(); !slices.Contains(got, "b succeeded") {
		t.Errorf("it is mended, and tells %q", got)
	}
}

// A list that never ends is said, and not walked for ever.
func TestAPageThatFollowsItself(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	for i := range 30 {
		fake.add("a", fmt.Sprint(i), float64(i))
	}
	fake.stuck = true
	s := open(t, fake)
	for range 3 {
		if err := s.look(); err != nil && fault.Is(err, fault.Unavailable) && strings.Contains(err.Error(), "follows itself") {
			return
		}
	}
	t.Errorf("after %d requests it goes on", len(fake.asked))
}

// What cannot be read is said, of the list that it stands in, and the rest is told.
func TestAThingThatCannotBeRead(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "odd", 20*24) // nobody asks for it
	fake.add("a", "good", 2)
	fake.set("a", "odd", "unknown")
	s := open(t, fake)
	if s.tells("good succeeded"); s.last.Problem != "" {
		t.Errorf("it says %q of what is too old", s.last.Problem)
	}
	fake.add("a", "bad", 1)
	fake.add("a", "better", 0.5)
	fake.set("a", "bad", "unknown")
	if s.tells("better succeeded"); s.last.Problem != "a: bad has no phase" {
		t.Errorf("it says %q", s.last.Problem)
	}
}

// A list that did not change is not read again, unless what is in it changes elsewhere.
func TestAskingWhetherAListChanged(t *testing.T) {
	t.Parallel()
	for unchanged, want := range map[walk.Unchanged][2]int{walk.SaysNothing: {0, 0}, walk.SaysFinished: {1, 0}, walk.SaysAll: {1, 1}} {
		fake := newTool(t)
		fake.add("a", "1", 1)
		s := open(t, fake)
		s.unchanged = unchanged
		s.round()
		s.tells()
		finished := fake.same
		fake.set("a", "1", "started")
		s.round()
		fake.same = 0
		if s.tells(); finished != want[0] || fake.same != want[1] {
			t.Errorf("%d: of what is finished %d, of what goes on %d answers say that nothing changed, want %v", unchanged, finished, fake.same, want)
		}
	}
}

func TestTheBoundsOfALook(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	for i := range 101 {
		fake.add(fmt.Sprintf("list%03d", i), fmt.Sprint(i), 1)
	}
	s := open(t, fake)
	if err := s.look(); err != nil || !s.last.More || len(fake.asked) != 100 {
		t.Errorf("%d requests, more: %v, %v", len(fake.asked), s.last.More, err)
	}
	fake = newTool(t)
	fake.add("a", "a", 1)
	fake.add("b", "b", 1)
	fake.limit = "0"
	s = open(t, fake)
	if err := s.look(); err != nil || !s.last.More || len(fake.asked) != 1 || s.last.Wait != 30*time.Second {
		t.Errorf("the limit is used up: %d requests, more: %v, wait %v, %v", len(fake.asked), s.last.More, s.last.Wait, err)
	}
	fake.limit = ""
	s = open(t, fake)
	ctx, cancel := context.WithCancel(t.Context())
	fake.after = cancel
	if look, err := s.Poll(ctx, ""); !fault.Is(err, fault.Unavailable) || len(look.Events) > 0 {
		t.Errorf("it was cancelled, and says %v", err)
	}
}

// Which lists there are is asked again after ten minutes: a new one is begun from its past, one that went is forgotten.
func TestListsComeAndGo(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.add("a", "a", 1)
	s := open(t, fake)
	s.round()
	fake.add("b", "b", 24)
	delete(fake.lists, "a")
	s.tells()
	s.now = start.Add(11 * time.Minute)
	if s.tells("b succeeded"); strings.Contains(s.cursor, "of a") {
		t.Errorf("the cursor keeps a list that went: %s", s.cursor)
	}
}

// Cursors that installations have saved are gone on from.
func TestASavedCursor(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	for i := range 40 {
		fake.add("a", fmt.Sprint(i), float64(i)+0.5)
	}
	s := open(t, fake)
	s.cursor = `{"commits":7,"lists":{"of a":{"start":"2026-11-08T12:00:00Z","since":"2026-11-22T08:00:00Z"}}}`
	s.tells("0 succeeded", "1 succeeded", "2 succeeded", "3 succeeded")
	s.cursor = fmt.Sprintf(`{"commits":7,"lists":{"of a":{"start":"2026-11-08T12:00:00Z","since":"2026-11-21T12:00:00Z","first":true,`+
		`"next":"%s/a?page=2","newest":"2026-11-22T11:30:00Z","open":"2026-11-21T13:30:00Z","at":"2026-11-21T16:30:00Z"}}}`, fake.URL)
	s.tells("20 succeeded", "21 succeeded", "22 succeeded", "23 succeeded")
	if !strings.Contains(s.cursor, `"since":"2026-11-21T13:30:00Z"`) || strings.Contains(s.cursor, "first") {
		t.Errorf("it goes on at %s", s.cursor)
	}
	s.cursor = `{"until":1,"since":2}` // of something else
	if got := s.round(); len(got) != 40 {
		t.Errorf("it begins anew, and finds %d", len(got))
	}
}

func TestWithoutACredentialNothingIsAsked(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	s := open(t, fake)
	s.Credential = &integration.Secret{}
	s.Credential.Typed("token", integration.Guard{})
	s.cursor = "as it was"
	if err := s.look(); err != nil || s.last.Idle == "" || s.cursor != "as it was" || len(fake.asked) != 0 {
		t.Errorf("got %+v, %v", s.last, err)
	}
}

// What is named and cannot be seen is said until it can; what has few pages is read as a whole.
func TestNamedAndPages(t *testing.T) {
	t.Parallel()
	fake := newTool(t)
	fake.fails["gone"] = 404
	for i := range 25 {
		fake.add("groups", fmt.Sprint(i), 1)
	}
	s := open(t, fake)
	found := 0
	s.Lists = func(ctx context.Context, l *walk.Look) ([]walk.List, error) {
		if seen, err := l.Named(ctx, "acme/gone", "gone", nil); seen || err != nil {
			t.Errorf("it is seen: %v, %v", seen, err)
		}
		return []walk.List{}, l.Pages(ctx, "groups", func(p *walk.Page) error {
			var page []thing
			err := p.Read(&page)
			found += len(page)
			return err
		})
	}
	for range 2 {
		s.round()
		if found != 25 || !strings.HasPrefix(s.last.Problem, "acme/gone: The tool has nothing") {
			t.Errorf("%d are found, and it says %q", found, s.last.Problem)
		}
	}
	s.now, found = start.Add(time.Hour), 0
	fake.fails["groups"] = 500
	if err := s.look(); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
