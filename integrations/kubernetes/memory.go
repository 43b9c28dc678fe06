package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/observe"
)

// Bounds of what is remembered of one object.
const (
	maxRecent = 24
	maxActs   = 40
	maxEnded  = 20
	// patience is how long a change waits for the act that made it, and an act for its change.
	patience = time.Hour
)

// memory is what the interpreter notes about one object.
type memory struct {
	// UID is that of the object that was last there, so that one that comes back is not taken for a new one.
	UID string `json:"uid,omitempty"`
	// Said are the statements that stand, so that what is no longer said is withdrawn, and nothing is said twice.
	Said []said `json:"said,omitempty"`
	// Rollout is the one that has not ended, and Ran the one that came to its end last.
	Rollout *rollout `json:"rollout,omitempty"`
	Ran     *rollout `json:"ran,omitempty"`
	// Recent are the changes of the last hour, the latest last, for later phases and for whoever turns out to have made them.
	Recent []recent `json:"recent,omitempty"`
	// Acts are those of the last hour that no change was found for yet, and Used the ids of those that led to one.
	Acts []observe.Act `json:"acts,omitempty"`
	Used []string      `json:"used,omitempty"`
	// Troubles are the alerts that last, and Ended those that were, so that one that comes back is another.
	Troubles []told `json:"troubles,omitempty"`
	Ended    []told `json:"ended,omitempty"`
	// Swings is how an autoscaler went up and down lately.
	Swings *swings `json:"swings,omitempty"`
	// Released is when the workload's release was seen to have another revision.
	Released time.Time `json:"released,omitzero"`
	// Held is a creation that nobody is the subject of yet.
	Held time.Time `json:"held,omitzero"`
	// Lost is the key of the event of a node that is lost.
	Lost string `json:"lost,omitempty"`
	// Helm is the revision of a release that was last told, and its phase.
	Helm string `json:"helm,omitempty"`
}

// said is one statement that stands.
type said struct {
	Ref    catalog.Ref    `json:"ref"`
	Source catalog.Source `json:"source"`
	Sum    string         `json:"sum"` // of its claims
}

// rollout is how far a rollout has come.
type rollout struct {
	ID         string `json:"id,omitempty"` // of its template
	Key        string `json:"key"`          // of its event, among the recent ones
	Form       string `json:"form"`
	Phrase     string `json:"phrase"`     // what it is about, for the title
	Generation int64  `json:"generation"` // of the workload, that brought the template
	Phase      string `json:"phase"`      // the cluster's
	Steps      string `json:"steps,omitempty"`
	Previous   string `json:"previous,omitempty"`
	// Since is when the workload had last been seen, where more than one write came between.
	Since time.Time `json:"since,omitzero"`
}

// recent is a change that was told, as far as a later word about it needs.
type recent struct {
	Event  change.Event `json:"event"` // without its difference and its detail; without a key for what is not worth telling
	Origin origin       `json:"origin"`
	Sure   bool         `json:"sure,omitempty"` // who did it is known
	// Guess is the act that is taken for the one that made the change, as long as a better one can come.
	Guess *observe.Act `json:"guess,omitempty"`
	Helm  bool         `json:"helm,omitempty"` // Helm brought it, and its revision is not known yet
	// Aspect is what a program changed, and Times how often it did within a quarter of an hour from one time to the next.
	Aspect string `json:"aspect,omitempty"`
	Times  int    `json:"times,omitempty"`
}

// told is one alert.
type told struct {
	Kind      string    `json:"kind"`
	Container string    `json:"container,omitempty"`
	Key       string    `json:"key"`
	Title     string    `json:"title"`
	Pods      int       `json:"pods"`
	Since     time.Time `json:"since"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// swings is how an autoscaler went up and down within a quarter of an hour from one time to the next.
type swings struct {
	Key   string    `json:"key"` // of the event that was told last
	Low   int32     `json:"low"`
	High  int32     `json:"high"`
	Times int       `json:"times"`
	At    time.Time `json:"at"`
}

// readMemory reads the interpreter's own notes; those that cannot be read are none.
func readMemory(raw json.RawMessage) *memory {
	var m memory
	if len(raw) == 0 || json.Unmarshal(raw, &m) != nil {
		return &memory{}
	}
	return &m
}

// write forgets what is too old at an instant, and what finds no room.
func (m *memory) write(now time.Time) json.RawMessage {
	old := now.Add(-patience)
	m.Recent = slices.DeleteFunc(m.Recent, func(r recent) bool {
		return r.Origin.To.Before(old) && (m.Rollout == nil || m.Rollout.Key != r.Event.Key) && (m.Lost == "" || m.Lost != r.Event.Key)
	})
	for len(m.Recent) > maxRecent {
		drop := 0
		if m.Rollout != nil && m.Recent[0].Event.Key == m.Rollout.Key {
			drop = 1
		}
		m.Recent = slices.Delete(m.Recent, drop, drop+1)
	}
	m.Acts = slices.DeleteFunc(m.Acts, func(a observe.Act) bool { return a.At.Before(old) })
	m.Acts = last(m.Acts, maxActs)
	m.Used = last(m.Used, maxActs)
	m.Ended = last(m.Ended, maxEnded)
	m.Said, m.Troubles = last(m.Said, 10), last(m.Troubles, 100)
	raw, err := json.Marshal(m)
	if err != nil || len(raw) > observe.MaxMemory {
		// What may be told twice matters less than what is said of the roll for ever.
		raw, _ = json.Marshal(memory{UID: m.UID, Said: m.Said})
	}
	if string(raw) == "{}" {
		return nil
	}
	return raw
}

// last keeps the last of a list.
func last[T any](list []T, most int) []T {
	if len(list) > most {
		return slices.Clone(list[len(list)-most:])
	}
	return list
}

// find gives the change that was told under a key; nil where it is forgotten.
func (m *memory) find(key string) *recent {
	for i := range m.Recent {
		if m.Recent[i].Event.Key == key && key != "" {
			return &m.Recent[i]
		}
	}
	return nil
}

// say gives what has to be said so that just these statements stand.
func (m *memory) say(statements []catalog.Statement) []catalog.Statement {
	var out []catalog.Statement
	standing := m.Said
	m.Said = nil
	for _, s := range statements {
		raw, err := json.Marshal(s.Claims)
		if err != nil {
			continue
		}
		now := said{Ref: s.Ref, Source: s.Source, Sum: sum(string(raw))}
		m.Said = append(m.Said, now)
		if !slices.Contains(standing, now) {
			out = append(out, s)
		}
	}
	for _, before := range standing {
		if !slices.ContainsFunc(m.Said, func(now said) bool { return now.Ref == before.Ref && now.Source == before.Source }) {
			out = append(out, catalog.Statement{Ref: before.Ref, Source: before.Source, Withdraw: true})
		}
	}
	return out
}

// sum is a short name for a long text.
func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:8])
}
