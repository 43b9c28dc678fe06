package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/sqlite"
)

// server is the whole of Tidings behind the API, on a store of its own.
type server struct {
	*httptest.Server
	t     testing.TB
	roll  *catalog.Roll
	store *store.Store
	hub   *feed.Hub
	door  *ingest.Door
	log   *bytes.Buffer
	api   *rest.API
}

func newServer(t testing.TB, options ...func(*rest.Deps)) *server {
	t.Helper()
	ctx := access.With(t.Context(), access.Administrator)
	db, err := sqlite.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, store: db, log: &bytes.Buffer{}}
	s.hub = feed.NewHub(db)
	s.roll = catalog.NewRoll(db)
	s.door = ingest.NewDoor(s.roll, db, s.hub.Wake)
	done := make(chan struct{}, 2)
	go func() { s.door.Run(ctx); done <- struct{}{} }()
	go func() { s.hub.Run(ctx); done <- struct{}{} }()
	deps := rest.Deps{
		Roll: s.roll, Feed: &feed.Reader{Roll: s.roll, Store: db, Hub: s.hub}, Writer: s.door,
		Sources: func(context.Context) []integration.State { return nil }, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, option := range options {
		option(&deps)
	}
	s.api = rest.New(deps)
	mux := http.NewServeMux()
	s.api.Mount(mux)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(access.With(r.Context(), access.Administrator)))
	}))
	t.Cleanup(func() {
		s.api.Close()
		s.Close()
		<-done
		<-done
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// got is an answer that was read.
type got struct {
	status int
	header http.Header
	text   string
}

// do sends a request. The header is a list of names and values.
func (s *server) do(method, path, body string, header ...string) got {
	s.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got{answer.StatusCode, answer.Header, string(text)}
}

// want fails unless the status is as wanted, and decodes the answer into v unless that is nil.
func (g got) want(t testing.TB, status int, v any) got {
	t.Helper()
	if g.status != status {
		t.Fatalf("status %d, want %d: %.600s", g.status, status, g.text)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(g.text), v); err != nil {
			t.Fatalf("%v in %.600s", err, g.text)
		}
	}
	return g
}

type problem struct {
	Type, Title, Code, Detail string
	Status                    int
	Faults                    []struct{ Pointer, Detail string }
	RequestID                 string `json:"request_id"`
}

// refused fails unless the answer is a problem of a status and says each of the words.
func (g got) refused(t testing.TB, status int, words ...string) problem {
	t.Helper()
	var p problem
	g.want(t, status, &p)
	if p.Status != status || p.Code == "" || p.Title == "" || p.Detail == "" || g.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("not a whole problem: %v %s", g.header, g.text)
	}
	for _, word := range words {
		if !strings.Contains(g.text, word) {
			t.Errorf("%q is not in %s", word, g.text)
		}
	}
	return p
}

type event struct {
	ID, Source, Key, Kind, Class, Phase, Title string
	Subjects                                   []string
	StartedAt                                  time.Time `json:"started_at"`
	StoryEvents                                []event   `json:"story_events"`
}

type receipts struct {
	Events   []struct{ ID, Key, Status string }
	Warnings []struct{ Pointer, Detail string }
}

type events struct {
	Events []event
	Next   string
}
