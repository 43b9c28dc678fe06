package agent

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/observe"
)

// Connection is how an agent stands with its server.
type Connection string

// The connections.
const (
	Begins   Connection = "begins"    // it has not been answered yet
	Open     Connection = "open"      // a session is open
	Away     Connection = "away"      // the server does not answer, or not now
	Refused  Connection = "refused"   // the server refuses it: a person has to help
	StandsBy Connection = "stands_by" // another agent of the source is at work
)

// Status is how an agent is doing.
type Status struct {
	Connection Connection
	Reason     string // of not being open
	Ever       bool   // a session was open at least once
	Report     observe.Report
	Bytes      int // that wait

	Session      int64
	Sessions     int
	Sent         int // observations that were acknowledged
	Batches      int
	Refusals     int // observations that the server could not take
	Acknowledged time.Time
}

type state struct {
	mu       sync.Mutex
	now      Status
	troubles map[string]string
	unseen   map[string]string // what the Looker cannot see, by collection; under "" why it cannot look at all
	refused  string            // the last observation that was refused, and why
}

func newState(opening observe.Opening) *state {
	return &state{now: Status{Connection: Begins, Report: opening.Report}, troubles: map[string]string{}, unseen: map[string]string{}}
}

// set notes the connection, and tells whether it was another before.
func (s *state) set(connection Connection, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := s.now.Connection != connection
	s.now.Connection, s.now.Reason = connection, reason
	return news
}

func (s *state) opened(opened Opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Connection, s.now.Reason, s.now.Ever = Open, "", true
	s.now.Session = opened.Session
	s.now.Sessions++
	s.now.Report.SyncedAt, s.now.Report.Objects = time.Time{}, 0
	s.refused = ""
	// A new look finds its own troubles; what kept the last one from looking stands until something is seen.
	maps.DeleteFunc(s.unseen, func(collection, _ string) bool { return collection != "" })
}

func (s *state) acknowledged(observations int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Connection, s.now.Reason = Open, ""
	s.now.Sent += observations
	s.now.Batches++
	s.now.Acknowledged = time.Now()
}

// progress notes what the server has, and tells whether it now has everything that can be seen, for the first time in this
// session.
func (s *state) progress(objects int, left map[string]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Report.Objects = objects
	complete := true
	for collection := range left {
		complete = complete && s.unseen[collection] != ""
	}
	if !complete || s.unseen[""] != "" || !s.now.Report.SyncedAt.IsZero() {
		return false
	}
	s.now.Report.SyncedAt = time.Now()
	return true
}

func (s *state) lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Report.Lost += n
}

func (s *state) refuse(what, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Refusals++
	s.refused = fmt.Sprintf("the server cannot take %s (%s): update the older of the two", what, why)
}

func (s *state) trouble(what, sentence string) { s.put(s.troubles, what, sentence) }

func (s *state) blind(collection, sentence string) { s.put(s.unseen, collection, sentence) }

func (s *state) put(in map[string]string, what, sentence string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sentence == "" {
		delete(in, what)
		return
	}
	in[what] = sentence
}

// maxProblem bounds the problem of a report, in bytes.
const maxProblem = 1000

func (s *state) status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := s.now
	var all []string
	for _, found := range []map[string]string{s.unseen, s.troubles} {
		for _, what := range slices.Sorted(maps.Keys(found)) {
			all = append(all, found[what])
		}
	}
	if s.refused != "" {
		all = append(all, s.refused)
	}
	status.Report.Problem = clip(strings.Join(all, "; "))
	return status
}

func clip(text string) string {
	if len(text) <= maxProblem {
		return text
	}
	text = text[:maxProblem-len("…")]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}
