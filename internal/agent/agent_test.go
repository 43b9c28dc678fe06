package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/agent"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

// server is what an agent promises a server, checked: batches come in order, one at a time, and the same again until
// they are answered.
type server struct {
	t *testing.T

	mu       sync.Mutex
	session  int64
	number   int64
	inside   int
	last     []byte
	got      []observe.Observation // that were worked in, over all sessions
	complete []string
	openings []observe.Opening
	reports  []observe.Report
	sends    int

	// answer may refuse a call before the server looks at it, and lose its answer after. Zero is the first call.
	refuse func(call int, b observe.Batch) error
	lose   func(call int) error
	open   func(call int, o observe.Opening) error
	takes  time.Duration
}

func (s *server) Open(_ context.Context, o observe.Opening) (agent.Opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.openings = append(s.openings, o)
	if s.open != nil {
		if err := s.open(len(s.openings)-1, o); err != nil {
			return agent.Opened{}, err
		}
	}
	s.session++
	s.number, s.last = 0, nil
	return agent.Opened{Source: "kubernetes-test", Session: s.session, Key: []byte("key"), MaxObservations: 10}, nil
}

func (s *server) Send(ctx context.Context, b observe.Batch) error {
	s.mu.Lock()
	if s.inside++; s.inside > 1 {
		s.t.Error("two batches at once")
	}
	s.mu.Unlock()
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside--
	call := s.sends
	s.sends++
	if ctx.Err() != nil {
		return fault.New(fault.Unavailable, "hung up")
	}
	if s.refuse != nil {
		if err := s.refuse(call, b); err != nil {
			return err
		}
	}
	text, err := json.Marshal(b)
	if err != nil {
		s.t.Error(err)
	}
	switch {
	case b.Session != s.session:
		return fault.New(fault.Conflict, "session %d was ended by the agent other", b.Session)
	case b.Number == s.number && s.last != nil:
		if string(text) != string(s.last) {
			s.t.Errorf("batch %d was sent again as another:\n%s\n%s", b.Number, s.last, text)
		}
	case b.Number != s.number+1:
		return fault.New(fault.NotFound, "the next number is %d, not %d", s.number+1, b.Number)
	default:
		s.number, s.last = b.Number, text
		s.got = append(s.got, b.Observations...)
		s.complete = append(s.complete, b.Complete...)
		s.reports = append(s.reports, b.Report)
		if len(b.Observations) > 10 {
			s.t.Errorf("%d observations in a batch of at most 10", len(b.Observations))
		}
	}
	if s.lose != nil {
		return s.lose(call)
	}
	return nil
}

// seen is what the server was told until now.
func (s *server) seen() (reports []observe.Report, complete []string, openings int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.reports), slices.Clone(s.complete), len(s.openings)
}

func (s *server) objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, o := range s.got {
		names = append(names, o.Object)
	}
	return names
}

// cluster is a Looker of so many objects that exist, and of changes that a test makes.
type cluster struct {
	mu      sync.Mutex
	exist   []string
	looks   int
	fails   int // so many looks fail at once
	changes chan string
	size    int
	mark    string
}

func (c *cluster) Watch(ctx context.Context, mark func(string) string, to observe.Sink) error {
	c.mu.Lock()
	c.looks++
	c.mark = mark("secret")
	failed := c.looks <= c.fails
	exist := slices.Clone(c.exist)
	c.mu.Unlock()
	if failed {
		return errors.New("the cluster does not answer")
	}
	for _, name := range exist {
		to.Put(c.state(name))
	}
	to.Complete("things")
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case name := <-c.changes:
			to.Put(c.state(name))
			c.mu.Lock()
			if !slices.Contains(c.exist, name) {
				c.exist = append(c.exist, name)
			}
			c.mu.Unlock()
		}
	}
}

func (c *cluster) looked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looks
}

func (c *cluster) state(name string) observe.Observation {
	state, err := json.Marshal(map[string]string{"name": name, "fill": strings.Repeat("x", c.size)})
	if err != nil {
		panic(err)
	}
	return observe.Observation{Object: name, Collection: "things", State: state, SeenAt: time.Now()}
}

func names(prefix string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%03d", prefix, i))
	}
	return all
}

func opening() observe.Opening {
	return observe.Opening{Source: "kubernetes-test", Type: "kubernetes", Collections: []string{"things"}, Agent: "one"}
}

// start runs an agent for the time of a test.
func start(t *testing.T, s *server, c *cluster, buffer int) (*agent.Agent, func()) {
	t.Helper()
	if c.changes == nil {
		c.changes = make(chan string)
	}
	a := agent.New(agent.Settings{Opening: opening(), Buffer: buffer}, s, c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return a, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func unavailable(text string) error { return fault.New(fault.Unavailable, "%s", text) }

// Whatever befalls the connection, the server works every observation in exactly once and in order.
func TestEverythingOnceInOrder(t *testing.T) {
	t.Parallel()
	for name, befall := range map[string]func(*server){
		"nothing": func(*server) {},
		"every second answer is lost": func(s *server) {
			s.lose = func(call int) error {
				if call%2 == 0 {
					return unavailable("cut")
				}
				return nil
			}
		},
		"every third call does not arrive": func(s *server) {
			s.refuse = func(call int, _ observe.Batch) error {
				if call%3 == 0 {
					return unavailable("nobody answers")
				}
				return nil
			}
		},
		"the server restarts for a minute": func(s *server) {
			began := time.Now()
			s.refuse = func(int, observe.Batch) error {
				if gone := time.Since(began); gone > time.Second && gone < time.Minute {
					return unavailable("nobody answers")
				}
				return nil
			}
		},
		"it breaks": func(s *server) {
			s.refuse = func(call int, _ observe.Batch) error {
				if call < 5 {
					return fault.New(fault.Internal, "something broke")
				}
				return nil
			}
		},
		"it is busy": func(s *server) {
			s.refuse = func(call int, _ observe.Batch) error {
				if call < 3 {
					return &fault.Error{Code: fault.RateLimited, Detail: "too much", RetryAfter: 7 * time.Second}
				}
				return nil
			}
		},
		"the token is not known for a while": func(s *server) {
			s.refuse = func(call int, _ observe.Batch) error {
				if call < 2 {
					return fault.New(fault.Unauthenticated, "who are you?")
				}
				return nil
			}
		},
		"it is slow": func(s *server) { s.takes = 3 * time.Second },
		"it cannot be opened at first": func(s *server) {
			s.open = func(call int, _ observe.Opening) error {
				if call < 6 {
					return unavailable("nobody answers")
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := &server{t: t}, &cluster{exist: names("old", 55)}
				befall(s)
				a, end := start(t, s, c, 0)
				want := slices.Clone(c.exist)
				for _, change := range names("new", 20) {
					c.changes <- change
					want = append(want, change)
					pass(500 * time.Millisecond)
				}
				pass(5 * time.Minute)
				if diff := cmp.Diff(want, s.objects()); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				_, complete, _ := s.seen()
				if diff := cmp.Diff([]string{"things"}, complete); diff != "" {
					t.Errorf("complete: -want +got\n%s", diff)
				}
				status := a.Status()
				if status.Report.SyncedAt.IsZero() || status.Report.Objects != 75 || status.Report.Waiting != 0 {
					t.Errorf("status %+v", status)
				}
				c.changes <- "last"
				synctest.Wait()
				end()
				if got := s.objects(); got[len(got)-1] != "last" {
					t.Errorf("what was seen last was not sent at the end, but %s", got[len(got)-1])
				}
				if c.looked() != 1 {
					t.Errorf("looked %d times, though the session lasted", c.looked())
				}
			})
		})
	}
}

// A server that was away for longer than the buffer lasts is told everything again.
func TestOverflowLooksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := false
		s, c := &server{t: t}, &cluster{exist: names("old", 5), size: 1000}
		s.refuse = func(int, observe.Batch) error {
			if away {
				return unavailable("nobody answers")
			}
			return nil
		}
		s.open = func(int, observe.Opening) error { return s.refuse(0, observe.Batch{}) }
		a, end := start(t, s, c, 20_000)
		defer end()
		pass(time.Second)
		s.mu.Lock()
		away = true
		s.mu.Unlock()
		go func() {
			for _, change := range names("new", 100) {
				c.changes <- change
			}
		}()
		pass(10 * time.Minute)
		if waiting := a.Status().Bytes; waiting > 20_000 {
			t.Errorf("%d bytes wait, of at most 20,000", waiting)
		}
		s.mu.Lock()
		away = false
		s.mu.Unlock()
		pass(time.Minute)
		got := s.objects()
		for _, want := range append(names("old", 5), names("new", 100)...) {
			if !slices.Contains(got, want) {
				t.Errorf("%s is missing", want)
			}
		}
		if status := a.Status(); status.Report.Lost == 0 || c.looked() != 2 {
			t.Errorf("looked %d times, and lost %d", c.looked(), status.Report.Lost)
		}
	})
}

// A server that is slower than the look is waited for: nothing is dropped, however small the buffer is.
func TestSlowServerIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t, takes: 20 * time.Second}, &cluster{exist: names("old", 200), size: 1000}
		a, end := start(t, s, c, 20_000)
		defer end()
		pass(20 * time.Minute)
		if diff := cmp.Diff(c.exist, s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if a.Status().Report.Lost != 0 {
			t.Error("something was dropped")
		}
	})
}

// The server is heard at least every 20 seconds, so that it knows that the agent lives.
func TestReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 3)}
		a, end := start(t, s, c, 0)
		defer end()
		pass(time.Second)
		a.Trouble("audit", "the audit cannot be read")
		before, _, _ := s.seen()
		pass(10 * time.Minute)
		reports, _, _ := s.seen()
		if n := len(reports) - len(before); n < 30 || n > 60 {
			t.Errorf("%d reports in ten minutes", n)
		}
		last := reports[len(reports)-1]
		if last.Problem != "the audit cannot be read" || last.Objects != 3 || last.SyncedAt.IsZero() {
			t.Errorf("the last was %+v", last)
		}
	})
}

// One observation that cannot be read is found, told and left out; all others arrive, in order.
func TestUnreadableIsLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 40)}
		bad := []string{"old-000", "old-017", "old-018", "old-039"}
		s.refuse = func(_ int, b observe.Batch) error {
			for _, o := range b.Observations {
				if slices.Contains(bad, o.Object) {
					return fault.New(fault.Invalid, "%s: the state has no kind", o.Object)
				}
			}
			return nil
		}
		a, end := start(t, s, c, 0)
		defer end()
		pass(time.Minute)
		var want []string
		for _, name := range c.exist {
			if !slices.Contains(bad, name) {
				want = append(want, name)
			}
		}
		if diff := cmp.Diff(want, s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if _, complete, _ := s.seen(); len(complete) != 0 {
			t.Error("the collection was called complete, and what could not be read would be taken for gone")
		}
		status := a.Status()
		if status.Refusals != len(bad) || !strings.Contains(status.Report.Problem, "cannot take old-039 (old-039: the state has no kind)") {
			t.Errorf("status %+v", status)
		}
	})
}

// One observation over which the server breaks stops nothing either.
func TestBreakingIsLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 40)}
		s.refuse = func(_ int, b observe.Batch) error {
			for _, o := range b.Observations {
				if o.Object == "old-017" {
					return fault.New(fault.Internal, "something broke")
				}
			}
			return nil
		}
		a, end := start(t, s, c, 0)
		defer end()
		pass(30 * time.Minute)
		want := slices.DeleteFunc(slices.Clone(c.exist), func(name string) bool { return name == "old-017" })
		if diff := cmp.Diff(want, s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if status := a.Status(); status.Refusals != 1 || !strings.Contains(status.Report.Problem, "cannot take old-017") {
			t.Errorf("status %+v", status)
		}
	})
}

// A server that breaks over everything is to blame itself: nothing is left out.
func TestBrokenServerIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 40)}
		began := time.Now()
		s.refuse = func(int, observe.Batch) error {
			if time.Since(began) < time.Hour {
				return fault.New(fault.Internal, "something broke")
			}
			return nil
		}
		a, end := start(t, s, c, 0)
		defer end()
		pass(2 * time.Hour)
		if diff := cmp.Diff(c.exist, s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if refusals := a.Status().Refusals; refusals != 0 {
			t.Errorf("%d were left out", refusals)
		}
	})
}

// Of two agents of one source the newer works, and the older stands by for as long as that lives.
func TestReplacedStandsBy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lives := true
		s, c := &server{t: t}, &cluster{exist: names("old", 3)}
		s.open = func(_ int, o observe.Opening) error {
			if o.Yield && lives {
				return fault.New(fault.Conflict, "the agent other was heard 3 s ago")
			}
			return nil
		}
		a, end := start(t, s, c, 0)
		defer end()
		pass(time.Minute)
		s.mu.Lock()
		s.session++ // another opens
		s.mu.Unlock()
		pass(time.Hour)
		if c.looked() != 1 {
			t.Errorf("it looked %d times, though another was at work", c.looked())
		}
		if status := a.Status(); status.Connection != agent.StandsBy || !strings.Contains(status.Reason, "the agent other") {
			t.Errorf("status %+v", status)
		}
		if _, _, n := s.seen(); n < 20 || n > 500 {
			t.Errorf("it asked %d times in an hour", n)
		}
		s.mu.Lock()
		lives = false
		s.mu.Unlock()
		pass(2 * time.Minute)
		if status := a.Status(); status.Connection != agent.Open || c.looked() != 2 {
			t.Errorf("it did not take over: %+v", status)
		}
	})
}

// Of several replicas one looks, and when it is gone another, without anybody having been ended in between.
func TestLeaderIsElected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{t: t}
		var heard time.Time
		var leader string
		s.open = func(_ int, o observe.Opening) error {
			if !o.Yield {
				t.Errorf("%s did not ask who leads", o.Agent)
			}
			if leader != "" && leader != o.Agent && time.Since(heard) < time.Minute {
				return fault.New(fault.Conflict, "the agent %s looks", leader)
			}
			leader, heard = o.Agent, time.Now()
			return nil
		}
		s.refuse = func(int, observe.Batch) error {
			heard = time.Now()
			return nil
		}
		replicas := map[string]*cluster{"one": {exist: names("old", 3)}, "two": {exist: names("old", 3)}, "three": {exist: names("old", 3)}}
		ends := map[string]context.CancelFunc{}
		for name, c := range replicas {
			o := opening()
			o.Agent = name
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ends[name] = cancel
			go func() {
				if err := agent.New(agent.Settings{Opening: o, StandBy: true}, s, c).Run(ctx); err != nil {
					t.Error(err)
				}
			}()
		}
		looks := func() (all int) {
			for _, c := range replicas {
				all += c.looked()
			}
			return all
		}
		pass(time.Hour)
		if looks() != 1 {
			t.Errorf("%d look at once", looks())
		}
		s.mu.Lock()
		first := leader
		s.mu.Unlock()
		ends[first]()
		pass(80 * time.Second)
		if looks() != 2 {
			t.Errorf("nobody took over within 80 seconds: %d looks", looks())
		}
		pass(time.Hour)
		if looks() != 2 {
			t.Errorf("%d looks after another hour", looks())
		}
	})
}

// Where a server knows nothing of yielding, two agents still do not end each other all the time.
func TestTurnsGrowRare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 3)}
		other := &cluster{exist: names("old", 3)}
		_, end := start(t, s, c, 0)
		defer end()
		_, endOther := start(t, s, other, 0)
		defer endOther()
		pass(2 * time.Hour)
		if looks := c.looked() + other.looked(); looks > 60 {
			t.Errorf("they looked %d times in two hours", looks)
		}
	})
}

// A session that the server does not know is opened anew, and everything looked at again.
func TestLostSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 3)}
		_, end := start(t, s, c, 0)
		defer end()
		pass(time.Second)
		s.mu.Lock()
		s.number = 40
		s.mu.Unlock()
		pass(time.Minute)
		want := append(names("old", 3), names("old", 3)...)
		if diff := cmp.Diff(want, s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// A cluster that does not answer is tried again, and the server knows why nothing comes.
func TestLookerFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{exist: names("old", 3), fails: 5}
		a, end := start(t, s, c, 0)
		defer end()
		pass(5 * time.Second)
		reports, _, _ := s.seen()
		if problem := reports[len(reports)-1].Problem; problem != "the cluster does not answer" {
			t.Errorf("the report says %q", problem)
		}
		pass(5 * time.Minute)
		if diff := cmp.Diff(names("old", 3), s.objects()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if problem := a.Status().Report.Problem; problem != "" {
			t.Errorf("it still says %q", problem)
		}
	})
}

// An agent whose source the server refuses ends, and says why.
func TestRefusedOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{t: t, open: func(int, observe.Opening) error { return fault.New(fault.Invalid, "the source needs a name") }}
		err := agent.New(agent.Settings{Opening: opening()}, s, &cluster{}).Run(t.Context())
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("error %v", err)
		}
	})
}

func act(id string) observe.Observation {
	return observe.Observation{Object: "shop/deployment/cart", Collection: "things", Act: &observe.Act{ID: id, Verb: "patch", User: "alice"}}
}

// An act is acknowledged when the server has it, is kept when everything else is dropped, and is sent once however often
// it is delivered.
func TestActs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := true
		s, c := &server{t: t}, &cluster{exist: names("old", 50), size: 1000}
		s.refuse = func(int, observe.Batch) error {
			if away {
				return unavailable("nobody answers")
			}
			return nil
		}
		a, end := start(t, s, c, 20_000)
		defer end()
		pass(time.Second)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			if err := a.Deliver(ctx, []observe.Observation{act("1"), act("2")}); !fault.Is(err, fault.Unavailable) {
				t.Errorf("acknowledged though nobody answers: %v", err)
			}
			cancel()
		}
		pass(5 * time.Minute)
		s.mu.Lock()
		away = false
		s.mu.Unlock()
		if err := a.Deliver(t.Context(), []observe.Observation{act("2"), act("3")}); err != nil {
			t.Error(err)
		}
		pass(time.Minute)
		var ids []string
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, o := range s.got {
			if o.Act != nil {
				ids = append(ids, o.Act.ID)
			}
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, ids); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if len(s.got) < 53 {
			t.Errorf("%d observations arrived", len(s.got))
		}
	})
}

// Acts find an end of their room, and the server's word is waited for no longer than the caller can.
func TestActsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &server{t: t}, &cluster{}
		s.open = func(int, observe.Opening) error { return unavailable("nobody answers") }
		a, end := start(t, s, c, 20_000)
		defer end()
		var acts []observe.Observation
		for i := range 1000 {
			acts = append(acts, act(fmt.Sprint(i)))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		if err := a.Deliver(ctx, acts); !fault.Is(err, fault.Unavailable) {
			t.Errorf("error %v", err)
		}
		if waiting := a.Status().Report.Waiting; waiting == 0 || waiting > 20 {
			t.Errorf("%d wait", waiting)
		}
	})
}

func TestMarks(t *testing.T) {
	t.Parallel()
	one, other := secret.Marker([]byte("one")), secret.Marker([]byte("other"))
	if again := one("secret"); one("secret") != again || one("secret") == one("Secret") || one("secret") == other("secret") {
		t.Error("marks do not tell apart what they should, or tell apart what they should not")
	}
	if got := one("secret"); len(got) != len("hmac:")+16 || !strings.HasPrefix(got, "hmac:") || strings.Contains(got, "secret") {
		t.Errorf("mark %q", got)
	}
}

// A dry run writes everything once, and ends.
func TestDryRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := &cluster{exist: names("old", 3), changes: make(chan string)}
	if err := agent.DryRun(t.Context(), c, []string{"things"}, false, &out, func(string) {}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], `"object":"old-000"`) || lines[3] != `{"complete":"things"}` {
		t.Errorf("it wrote\n%s", out.String())
	}
	if secret.Marker([]byte("key"))("secret") == c.mark {
		t.Error("the key is known")
	}
}
