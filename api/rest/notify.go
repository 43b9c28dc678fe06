package rest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/notify"
)

// Notify is what is said in chats, whether it was heard there, and who follows what.
type Notify struct{ *notify.Board }

func (h *Notify) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadDeliveries, path: "/api/v1/posts", query: []string{"state", "cursor", "limit"}, serve: h.posts},
		{method: http.MethodPost, op: access.ReplayDelivery, path: "/api/v1/posts/{id}/retry", serve: h.retry},
		{method: http.MethodGet, op: access.ReadSources, path: "/api/v1/follows", serve: h.follows},
		{method: http.MethodPost, op: access.WriteSources, path: "/api/v1/follows", body: maxFollow, serve: h.follow},
		{method: http.MethodDelete, op: access.WriteSources, path: "/api/v1/follows/{number}", serve: h.unfollow},
		{method: http.MethodDelete, op: access.WriteSources, path: "/api/v1/follows/{number}/noise/{noise}", serve: h.unmute},
	}
}

// maxFollow is the largest follow.
const maxFollow = 64 << 10

type postAnswer struct {
	ID        string       `json:"id"`
	Source    string       `json:"source"`
	Channel   string       `json:"channel"`
	Thread    string       `json:"thread,omitempty"`
	Topic     notify.Topic `json:"topic"`
	State     notify.State `json:"state"`
	Attempts  int          `json:"attempts"`
	Sends     int          `json:"sends"`
	Fault     string       `json:"fault,omitempty"`
	CreatedAt wire.Time    `json:"created_at"`
	DueAt     *wire.Time   `json:"due_at,omitempty"`
	SentAt    *wire.Time   `json:"sent_at,omitempty"`
}

func postOf(p *notify.Post) postAnswer {
	a := postAnswer{
		ID: p.ID.String(), Source: p.Source, Channel: p.Place.Channel, Thread: p.Place.Thread, Topic: p.Topic, State: p.State, Attempts: p.Attempts,
		Sends: p.Sends, Fault: p.Problem, CreatedAt: wire.Time{Time: p.CreatedAt},
	}
	if !p.DueAt.IsZero() {
		a.DueAt = &wire.Time{Time: p.DueAt}
	}
	if !p.SentAt.IsZero() {
		a.SentAt = &wire.Time{Time: p.SentAt}
	}
	return a
}

// posts answers what was and is to be said, the newest first, without the words.
func (h *Notify) posts(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	state, limit, cursor := notify.State(strings.ToLower(q.one("state"))), q.limit(), q.one("cursor")
	if state != "" && !slices.Contains(notify.States(), state) {
		q.fault("state", "is waiting, sent or dead, not %q", clip(string(state)))
	}
	if err := q.err(); err != nil {
		return err
	}
	posts, next, err := h.Board.Posts(r.Context(), state, cursor, limit)
	if err != nil {
		return err
	}
	all := make([]postAnswer, len(posts))
	for i := range posts {
		all[i] = postOf(&posts[i])
	}
	return answer(w, http.StatusOK, struct {
		Posts []postAnswer `json:"posts"`
		Next  string       `json:"next"`
	}{all, next})
}

// retry sends again what was given up.
func (h *Notify) retry(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "there is no post %q", clip(r.PathValue("id")))
	}
	p, err := h.Retry(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, postOf(&p))
}

func (h *Notify) follows(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Board.Follows(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, struct {
		Follows []notify.Follow `json:"follows"`
	}{list(all)})
}

func (h *Notify) follow(w http.ResponseWriter, r *http.Request) error {
	b, err := readBody(r)
	if err != nil {
		return err
	}
	defer b.release()
	var f notify.Follow
	if err := json.Unmarshal(b.Bytes(), &f); err != nil {
		return fault.New(fault.Invalid, "the body is no follow: %s", clip(err.Error()))
	}
	if f, err = h.Board.Follow(r.Context(), f); err != nil {
		return err
	}
	return answer(w, http.StatusCreated, f)
}

func (h *Notify) unfollow(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "nobody follows by the number %q", clip(r.PathValue("number")))
	}
	if err := h.DeleteFollow(r.Context(), number); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unmute takes back that something is noise.
func (h *Notify) unmute(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	noise, bad := strconv.Atoi(r.PathValue("noise"))
	if err != nil || bad != nil {
		return fault.New(fault.NotFound, "there is no such rule")
	}
	f, err := h.Unmute(r.Context(), number, noise)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, f)
}
