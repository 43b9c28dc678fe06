package rest

import (
	"context"
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

// Said keeps what is said in chats, and who follows what.
type Said interface {
	notify.Follows
	Posts(ctx context.Context, state notify.State, after string, limit int) (page []notify.Post, next string, err error)
	Post(ctx context.Context, id uuid.UUID) (notify.Post, error)
	Promise(ctx context.Context, posts []notify.Post) error
}

// Notify is what is said in chats, whether it was heard there, and who follows what.
type Notify struct {
	Store Said
	// Wake makes what is due go out at once.
	Wake func()
	Now  func() time.Time
}

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
	posts, next, err := h.Store.Posts(r.Context(), state, cursor, limit)
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
	p, err := h.Store.Post(r.Context(), id)
	if err != nil {
		return err
	}
	if p.State != notify.Dead {
		return fault.New(fault.Conflict, "this post is %s: only a dead one is sent again", p.State)
	}
	p.DueAt = h.Now()
	if err := h.Store.Promise(r.Context(), []notify.Post{p}); err != nil {
		return err
	}
	h.Wake()
	if p, err = h.Store.Post(r.Context(), id); err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, postOf(&p))
}

func (h *Notify) follows(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Follows(r.Context())
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
	f.Number, f.Noise, f.By, f.CreatedAt = 0, nil, access.From(r.Context()).String(), h.Now().UTC()
	if err := f.Normalize(); err != nil {
		return err
	}
	all, err := h.Store.Follows(r.Context())
	if err != nil {
		return err
	}
	if len(all) >= notify.MaxFollows {
		return fault.New(fault.Conflict, "%d are followed already: end one first", len(all))
	}
	if f, err = h.Store.PutFollow(r.Context(), f); err != nil {
		return err
	}
	return answer(w, http.StatusCreated, f)
}

func (h *Notify) unfollow(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "nobody follows by the number %q", clip(r.PathValue("number")))
	}
	if err := h.Store.DeleteFollow(r.Context(), number); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unmute takes back that something is noise.
func (h *Notify) unmute(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Follows(r.Context())
	if err != nil {
		return err
	}
	for _, f := range all {
		before := len(f.Noise)
		f.Noise = slices.DeleteFunc(f.Noise, func(n notify.Noise) bool { return strconv.Itoa(n.Number) == r.PathValue("noise") })
		if strconv.FormatInt(f.Number, 10) == r.PathValue("number") && len(f.Noise) < before {
			if f, err = h.Store.PutFollow(r.Context(), f); err != nil {
				return err
			}
			return answer(w, http.StatusOK, f)
		}
	}
	return fault.New(fault.NotFound, "there is no such rule")
}
