package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/internal/cli"
	"tidings.dev/tidings/internal/daemon"
)

// A feed that is followed outlives the server: what was recorded while it could not reach it comes when it can again,
// and nothing comes twice.
func TestFollowOutlivesTheServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	open := func() *daemon.Daemon {
		d, err := daemon.Open(t.Context(), daemon.Config{Listen: "127.0.0.1:0", Data: data, NoLogin: true})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	// The address stays while servers come and go.
	var behind atomic.Pointer[url.URL]
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := behind.Load(); to != nil {
			proxy := httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorHandler: gone}
			proxy.ServeHTTP(w, r)
			return
		}
		gone(w, r, nil)
	}))
	defer place.Close()
	through := func(d *daemon.Daemon) {
		to, err := url.Parse(d.URL())
		if err != nil {
			t.Fatal(err)
		}
		behind.Store(to)
	}
	tell := func(d *daemon.Daemon, title string) {
		t.Helper()
		var out, log bytes.Buffer
		if code := cli.Run(world(&out, &log, nil, d.URL(), "event", title, "--service", "pricing")); code != 0 {
			t.Fatalf("event %s: exit code %d: %s", title, code, log.String())
		}
	}

	first := open()
	through(first)
	tell(first, "before")

	out, in := io.Pipe()
	var log bytes.Buffer
	stop := make(chan os.Signal, 1)
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(world(in, &log, stop, place.URL, "feed", "--follow", "--service", "pricing"))
		in.Close()
	}()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	var got []string
	wait := func(words ...string) {
		t.Helper()
		for _, word := range words {
			select {
			case line := <-lines:
				fields := strings.Fields(line)
				got = append(got, fields[len(fields)-3]) // before "just now"
			case <-time.After(20 * time.Second):
				t.Fatalf("%q does not come; so far %q", word, got)
			}
		}
	}
	wait("before")
	tell(first, "live")
	wait("live")

	behind.Store(nil)
	place.CloseClientConnections()
	tell(first, "cut-off")
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := open()
	defer second.Close(t.Context())
	tell(second, "restarted")
	through(second)
	wait("cut-off", "restarted")
	tell(second, "again")
	wait("again")

	stop <- os.Interrupt
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d after Ctrl-C, want 0: %s", code, log.String())
	}
	for line := range lines {
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"before", "live", "cut-off", "restarted", "again"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for _, want := range []string{"The connection is lost", "Connected again"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%q does not stand once in %q", want, log.String())
		}
	}
}

func gone(w http.ResponseWriter, _ *http.Request, _ error) {
	w.WriteHeader(http.StatusBadGateway)
	fmt.Fprint(w, "nobody there")
}

// world is the surroundings of one command with a server.
func world(out, log io.Writer, stop <-chan os.Signal, server string, args ...string) cli.World {
	return cli.World{
		Args: args, In: strings.NewReader(""), Out: out, Err: log, Signal: stop,
		Now: func() time.Time { return time.Now().UTC() },
		Env: func(name string) string {
			if name == "TIDINGS_SERVER" {
				return server
			}
			return ""
		},
	}
}

// Ctrl-C ends what takes too long, and a script can tell that it was not done.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	stop := make(chan os.Signal, 1)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop <- os.Interrupt
		<-r.Context().Done()
	}))
	defer slow.Close()
	var out, log bytes.Buffer
	code := cli.Run(world(&out, &log, stop, slow.URL, "get", "services"))
	if want := "tidings: interrupted before the end\n"; code != 1 || log.String() != want {
		t.Errorf("exit code %d, %q; want 1, %q", code, log.String(), want)
	}
}
