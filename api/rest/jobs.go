package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
)

// Jobs is what is done in the background.
type Jobs struct {
	Desk   *job.Desk
	Replay Replay
}

// Replay begins to decode again all deliveries of a source that have an outcome.
type Replay func(ctx context.Context, source string, outcome integration.Outcome) (job.Job, error)

func (h *Jobs) routes() []route {
	const one = "/api/v1/jobs/{kind}/{key}"
	return []route{
		{method: http.MethodGet, op: access.ReadDeliveries, path: "/api/v1/jobs", query: []string{"state", "limit"}, serve: h.list},
		{method: http.MethodGet, op: access.ReadDeliveries, path: one, serve: h.get},
		{method: http.MethodPost, op: access.ReplayDelivery, path: one + "/retry", serve: h.retry},
		{method: http.MethodPost, op: access.ReplayDelivery, path: one + "/cancel", serve: h.cancel},
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
	jobs, err := h.Desk.List(r.Context(), state, limit)
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
	j, err := h.Desk.Get(r.Context(), r.PathValue("kind"), r.PathValue("key"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, jobOf(&j))
}

// retry begins a job anew that is dead or was cancelled.
func (h *Jobs) retry(w http.ResponseWriter, r *http.Request) error {
	return begun(w)(h.Desk.Retry(r.Context(), r.PathValue("kind"), r.PathValue("key")))
}

// cancel ends a job.
func (h *Jobs) cancel(w http.ResponseWriter, r *http.Request) error {
	j, err := h.Desk.Cancel(r.Context(), r.PathValue("kind"), r.PathValue("key"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, jobOf(&j))
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
	return begun(w)(h.Replay(r.Context(), r.PathValue("name"), outcome))
}

// begun answers a job that goes on behind the answer.
func begun(w http.ResponseWriter) func(job.Job, error) error {
	return func(j job.Job, err error) error {
		if err != nil {
			return err
		}
		return answer(w, http.StatusAccepted, jobOf(&j))
	}
}
