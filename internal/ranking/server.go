package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/simulator"
)

// server is a real one, told and asked over HTTP.
type server struct{ url string }

// openServer starts a server with an empty database, unless one is named.
func openServer(ctx context.Context, address string) (asker, func() error, error) {
	if address != "" {
		return &server{address}, func() error { return nil }, nil
	}
	data, err := os.MkdirTemp("", "tidings-ranking-")
	if err != nil {
		return nil, nil, err
	}
	return startServer(ctx, data, nil)
}

// startServer starts one over a directory, which is gone when it ends.
func startServer(ctx context.Context, data string, sources []daemon.SourceConfig) (*server, func() error, error) {
	config := daemon.Default()
	config.Listen, config.NoLogin, config.Data, config.Sources = "127.0.0.1:0", true, data, sources
	config.Limits = daemon.Limits{} // nobody else is there to suffer
	d, err := daemon.Open(ctx, config)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(data))
	}
	end := func() error { return errors.Join(d.Close(context.WithoutCancel(ctx)), os.RemoveAll(data)) }
	return &server{d.URL()}, end, nil
}

// batch is how many events one request tells.
const batch = 500

func (s *server) describe(ctx context.Context, documents string) error {
	_, err := s.do(ctx, http.MethodPost, "/api/v1/descriptors?name=organisation.yaml", "application/yaml", []byte(documents))
	return err
}

func (s *server) tell(ctx context.Context, events []simulator.Event) error {
	for some := range slices.Chunk(events, batch) {
		body, err := json.Marshal(map[string]any{"events": some})
		if err != nil {
			return err
		}
		for {
			_, err := s.do(ctx, http.MethodPost, "/api/v1/events", "application/json", body)
			var limited *limitedError
			if !errors.As(err, &limited) {
				if err != nil {
					return err
				}
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(limited.after):
			}
		}
	}
	return nil
}

func (s *server) ask(ctx context.Context, q question) (answer, error) {
	query := url.Values{"service": q.services, "at": {q.at.Format(time.RFC3339)}, "limit": {"500"}}
	if q.environment != "" {
		query.Set("environment", q.environment)
	}
	if q.region != "" {
		query.Set("region", q.region)
	}
	body, err := s.do(ctx, http.MethodGet, "/api/v1/suspects?"+query.Encode(), "", nil)
	if err != nil {
		return answer{}, err
	}
	type event struct {
		Source    string    `json:"source"`
		Key       string    `json:"key"`
		Title     string    `json:"title"`
		StartedAt time.Time `json:"started_at"`
	}
	type line struct {
		Event       event   `json:"event"`
		Events      []event `json:"events"`
		Probability float64 `json:"probability"`
		Strength    string  `json:"strength"`
		Reason      string  `json:"reason"`
		Evidence    []struct {
			Name   string  `json:"name"`
			Weight float64 `json:"weight"`
		} `json:"evidence"`
	}
	var said struct {
		Suspects []line  `json:"suspects"`
		RuledOut []line  `json:"ruled_out"`
		None     float64 `json:"none"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return answer{}, err
	}
	read := func(lines []line) []ranked {
		var all []ranked
		for _, l := range lines {
			r := ranked{title: l.Event.Title, at: l.Event.StartedAt, probability: l.Probability, strength: l.Strength, why: l.Reason, evidence: map[string]float64{}}
			for _, e := range append(l.Events, l.Event) {
				r.refs = append(r.refs, simulator.Ref{Source: e.Source, Key: e.Key})
				r.moments = append(r.moments, moment{source: e.Source, at: e.StartedAt})
			}
			for _, e := range l.Evidence {
				r.evidence[e.Name] += e.Weight
			}
			all = append(all, r)
		}
		return all
	}
	return answer{Suspects: read(said.Suspects), RuledOut: read(said.RuledOut), None: said.None}, nil
}

// limitedError says that the server wants to be told later.
type limitedError struct{ after time.Duration }

func (e *limitedError) Error() string { return "the server limits what it is told" }

func (s *server) do(ctx context.Context, method, path, kind string, body []byte) ([]byte, error) {
	header := http.Header{}
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	return s.send(ctx, method, path, header, body)
}

func (s *server) send(ctx context.Context, method, path string, header http.Header, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return nil, &limitedError{time.Duration(max(seconds, 1)) * time.Second}
	case response.StatusCode >= 300:
		return nil, fmt.Errorf("%s %s: %s: %.500s", method, path, response.Status, content)
	}
	return content, nil
}
