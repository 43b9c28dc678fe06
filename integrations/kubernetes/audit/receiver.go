package audit

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// Bounds of what is delivered.
const (
	// MaxBody is what an API server sends at most where it truncates, which is 10 MB, and some.
	MaxBody = 12 << 20
	// reading is how many bodies are held in memory at once.
	reading = 4
	// waiting is how many deliveries wait for the server's word at once.
	waiting = 64
	// answerTime is shorter than an API server waits, which is 30 seconds.
	answerTime = 25 * time.Second
)

// Counts are of deliveries since the start.
type Counts struct {
	Deliveries int // that were taken
	Refused    int // without the token or certificate
	Unreadable int
	Delayed    int // that the server did not acknowledge in time; the API server sends them again
	Events     int
	Acts       int // of the events, those that say who changed something
	LastAt     time.Time
}

// Receiver is the webhook that an API server delivers its audit to.
type Receiver struct {
	// Filter says what is kept.
	Filter Filter
	// Token gives the bearer token that whoever delivers has to show; nil where a certificate that was verified is enough.
	Token func() (string, error)
	// Deliver gives acts to the server, and returns when it has acknowledged them.
	Deliver func(context.Context, []observe.Observation) error
	// Trouble tells what is wrong with the audit, or with an empty sentence that all is well.
	Trouble func(sentence string)

	once   sync.Once
	bodies chan struct{}
	places chan struct{}

	mu     sync.Mutex
	counts Counts
	told   time.Time // when a refusal was last logged
}

// Counts tells what was delivered.
func (r *Receiver) Counts() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts
}

func (r *Receiver) count(change func(*Counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.counts)
}

// ServeHTTP takes one delivery. It answers 200 once the server has acknowledged every act in it.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.once.Do(func() { r.bodies, r.places = make(chan struct{}, reading), make(chan struct{}, waiting) })
	if err := r.receive(w, request); err != nil {
		answer(w, err)
	}
}

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) error {
	if err := r.admit(request); err != nil {
		r.count(func(c *Counts) { c.Refused++ })
		if r.tell() {
			slog.WarnContext(request.Context(), "a delivery of the audit was refused", "reason", err.Error(), "from", request.RemoteAddr)
		}
		return err
	}
	if request.URL.Path != "/audit" {
		return fault.New(fault.NotFound, "the audit is taken at /audit")
	}
	if request.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return errMethod
	}
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	default:
		r.count(func(c *Counts) { c.Delayed++ })
		return fault.New(fault.Unavailable, "too many deliveries wait for the server: send it again later")
	}
	ctx, cancel := context.WithTimeout(request.Context(), answerTime)
	defer cancel()
	events, err := r.read(ctx, w, request)
	if err != nil {
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) {
			r.count(func(c *Counts) { c.Unreadable++ })
			r.Trouble("a delivery of the audit cannot be read: " + detail(err))
			slog.WarnContext(ctx, "a delivery of the audit cannot be read", "reason", detail(err))
		}
		return err
	}
	var acts []observe.Observation
	for i := range events {
		if act, ok := r.Filter.act(&events[i], time.Now()); ok {
			acts = append(acts, act)
		}
	}
	if len(acts) > 0 {
		if err := r.Deliver(ctx, acts); err != nil {
			r.count(func(c *Counts) { c.Delayed++ })
			return err
		}
	}
	r.count(func(c *Counts) {
		c.Deliveries++
		c.Events += len(events)
		c.Acts += len(acts)
		c.LastAt = time.Now()
	})
	r.Trouble("")
	w.WriteHeader(http.StatusOK)
	return nil
}

var errMethod = errors.New("the audit is delivered by POST")

// admit lets in who shows the token, or where none is asked for a certificate that was verified.
func (r *Receiver) admit(request *http.Request) error {
	if r.Token == nil {
		if request.TLS == nil || len(request.TLS.VerifiedChains) == 0 {
			return fault.New(fault.Unauthenticated, "whoever delivers the audit has to show a certificate of the authority in --audit-client-ca")
		}
		return nil
	}
	want, err := r.Token()
	if err != nil || want == "" {
		return fault.New(fault.Unavailable, "the agent cannot read its token for the audit")
	}
	given, found := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	// Sums are of equal length, so that the time tells nothing of the token's.
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	if !found || subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		return fault.New(fault.Unauthenticated, "the token is not the one in --audit-token-file: give it to the API server in the kubeconfig of --audit-webhook-config-file")
	}
	return nil
}

func (r *Receiver) read(ctx context.Context, w http.ResponseWriter, request *http.Request) ([]event, error) {
	select {
	case r.bodies <- struct{}{}:
		defer func() { <-r.bodies }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "too much is delivered at once: send it again later")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, MaxBody))
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "it is larger than %d bytes: use the audit policy of the agent, which asks for metadata only", MaxBody)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the connection broke")
	}
	return decode(body)
}

// tell reports whether it is time to log a refusal again: whoever tries tokens does not fill the log.
func (r *Receiver) tell() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.told) < time.Minute {
		return false
	}
	r.told = time.Now()
	return true
}

func detail(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known.Detail
	}
	return err.Error()
}

func answer(w http.ResponseWriter, err error) {
	status := map[fault.Code]int{
		fault.Invalid: http.StatusBadRequest, fault.TooLarge: http.StatusRequestEntityTooLarge, fault.NotFound: http.StatusNotFound,
		fault.Unauthenticated: http.StatusUnauthorized, fault.Unavailable: http.StatusServiceUnavailable,
	}[fault.CodeOf(err)]
	switch {
	case errors.Is(err, errMethod):
		status = http.StatusMethodNotAllowed
	case status == 0:
		status = http.StatusInternalServerError
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(5))
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	http.Error(w, detail(err), status)
}
