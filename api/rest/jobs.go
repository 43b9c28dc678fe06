package rest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
)

// Jobs is what is done in the background.
type Jobs struct {
	Store job.Store
	Wake  func()
	Find  func(source string) (Hook, bool)
	Now   func() time.Time
}

func (h *Jobs) routes() []route {
	const one = "/api/v1/jobs/{kind}/{key}"
	return []route{
		{method: http.MethodGet, op: access.ReadDeliveries, path: "/api/v1/jobs", query: []string{"state", "limit"}, serve: h.list},
		{method: http.MethodGet, op: access.ReadDeliveries, path: one, serve: h.get},
		{method: http.MethodPost, op: access.ReplayDelivery, path: one + "/retry", serve: h.retry},
		{method: http.MethodPost, op: access.ReplayDelivery, path: "/api/v1/sources/{name}/replay", query: []string{"outcome"}, serve: h.replay},
	}
}

type jobAnswer struct {
	Kind      string    `json:"kind"`
	Key       string    `json:"key"`
	State     job.State `json:"state"`
	Done      int       `json:"done"`
	Total     int       `json:"total,omitempty"`
	Attempts  int       `json:"attempts"`
	Fault     string    `json:"fault,omitempty"`
	By        string    `json:"by"`
	CreatedAt wire.Time `json:"created_at"`
	ChangedAt wire.Time `json:"changed_at"`
	DueAt     wire.Time `json:"due_at"`
}

func jobOf(j *job.Job) jobAnswer {
	return jobAnswer{
		Kind: j.Kind, Key: j.Key, State: j.State, Done: j.Done, Total: j.Total, Attempts: j.Attempts, Fault: j.Fault, By: j.By,
		CreatedAt: wire.Time{Time: j.CreatedAt}, ChangedAt: wire.Time{Time: j.ChangedAt}, DueAt: wire.Time{Time: j.DueAt},
	}
}

// list answers jobs, the last changed first.
func (h *Jobs) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	state, limit := job.State(strings.ToLower(q.one("state"))), q.limit()
	if state != "" && !slices.Contains(job.States(), state) {
		q.fault("state", "is waiting, done or dead, not %q", clip(string(state)))
	}
	if err := q.err(); err != nil {
		return err
	}
	jobs, err := h.Store.Jobs(r.Context(), state, limit)
	if err != nil {
		return err
	}
	all := make([]jobAnswer, len(jobs))
	for i := range jobs {
		all[i] = jobOf(&jobs[i])
	}
	return answer(w, http.StatusOK, struct {
		Jobs []jobAnswer `json:"jobs"`
	}{all})
}

func (h *Jobs) get(w http.ResponseWriter, r *http.Request) error {
	j, err := h.Store.Job(r.Context(), r.PathValue("kind"), r.PathValue("key"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, jobOf(&j))
}

// retry begins a job anew that is dead.
func (h *Jobs) retry(w http.ResponseWriter, r *http.Request) error {
	j, err := h.Store.Job(r.Context(), r.PathValue("kind"), r.PathValue("key"))
	if err != nil {
		return err
	}
	if j.State != job.Dead {
		return fault.New(fault.Conflict, "the job %s is %s: only a dead one is tried again", j.ID(), j.State)
	}
	return h.begin(w, r, j)
}

// replay decodes again all of a source's deliveries that have an outcome, in the background.
func (h *Jobs) replay(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	outcome := integration.Outcome(strings.ToLower(q.one("outcome")))
	if outcome == "" {
		outcome = integration.Failed
	}
	if !slices.Contains(integration.Outcomes(), outcome) || outcome == integration.Refused {
		q.fault("outcome", "is failed, ignored or taken, not %q", clip(string(outcome)))
	}
	if err := q.err(); err != nil {
		return err
	}
	name := r.PathValue("name")
	if _, ok := h.Find(name); !ok {
		return fault.New(fault.NotFound, "there is no source %s that takes deliveries", clip(name))
	}
	payload, err := json.Marshal(job.ReplayOf{Source: name, Outcome: string(outcome)})
	if err != nil {
		return err
	}
	return h.begin(w, r, job.Job{Kind: job.Replay, Key: name + " " + string(outcome), Payload: string(payload)})
}

func (h *Jobs) begin(w http.ResponseWriter, r *http.Request, j job.Job) error {
	j.By, j.CreatedAt = access.From(r.Context()).String(), h.Now().UTC()
	j.DueAt = j.CreatedAt
	if err := h.Store.Enqueue(r.Context(), j); err != nil {
		return err
	}
	h.Wake()
	begun, err := h.Store.Job(r.Context(), j.Kind, j.Key)
	if err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, jobOf(&begun))
}
