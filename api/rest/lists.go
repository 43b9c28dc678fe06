package rest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
)

// Unclaimed is the outside names that no entity answers to, and how they are claimed.
type Unclaimed struct {
	Feed   *feed.Reader
	Roll   *catalog.Roll
	Writer Writer
}

func (h *Unclaimed) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadUnclaimed, path: "/api/v1/unclaimed", query: []string{"cursor", "limit"}, serve: h.list},
		{method: http.MethodPost, op: access.ClaimAlias, path: "/api/v1/aliases", body: maxAliasBody, serve: h.claim},
	}
}

type unclaimedAnswer struct {
	Unclaimed []unclaimed `json:"unclaimed"`
	Next      string      `json:"next"`
	Total     int         `json:"total"`
}

type unclaimed struct {
	Alias       string       `json:"alias"`
	Events      int64        `json:"events"`
	FirstAt     wire.Time    `json:"first_at"`
	LastAt      wire.Time    `json:"last_at"`
	Suggestions []suggestion `json:"suggestions"`
}

type suggestion struct {
	Entity catalog.Ref `json:"entity"`
	Reason string      `json:"reason"`
	Score  float64     `json:"score"`
}

// suggested is how many entities are suggested for a name.
const suggested = 3

// list answers a page of names, those with the most events first.
func (h *Unclaimed) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	limit, after := q.limit(), q.unclaimedCursor()
	if err := q.err(); err != nil {
		return err
	}
	names, total, err := h.Feed.Store.Unclaimed(r.Context(), after, limit+1)
	if err != nil {
		return err
	}
	a := unclaimedAnswer{Unclaimed: []unclaimed{}, Total: total}
	if len(names) > limit {
		names = names[:limit]
		a.Next = newUnclaimedCursor(names[limit-1])
	}
	for _, name := range names {
		u := unclaimed{
			Alias: name.Alias, Events: name.Events, FirstAt: wire.Time{Time: name.FirstAt}, LastAt: wire.Time{Time: name.LastAt}, Suggestions: []suggestion{},
		}
		for _, s := range h.Roll.Suggest(name.Alias, suggested) {
			u.Suggestions = append(u.Suggestions, suggestion{Entity: s.Entity.Ref(), Reason: s.Reason, Score: s.Score})
		}
		a.Unclaimed = append(a.Unclaimed, u)
	}
	return answer(w, http.StatusOK, a)
}

func newUnclaimedCursor(u change.Unclaimed) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(u.Events, 36) + " " + u.Alias))
}

func (q *query) unclaimedCursor() change.Unclaimed {
	text := q.one("cursor")
	if text == "" {
		return change.Unclaimed{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	count, alias, found := strings.Cut(string(raw), " ")
	events, countErr := strconv.ParseInt(count, 36, 64)
	if err != nil || countErr != nil || !found || events < 1 {
		q.fault("cursor", "was not made by this server: start again without it")
	}
	return change.Unclaimed{Events: events, Alias: alias}
}

// claim says that an outside name is an entity.
func (h *Unclaimed) claim(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	defer text.release()
	members, err := readObject(text.Bytes())
	if err != nil {
		return err
	}
	said := map[string]string{"alias": "", "entity": ""}
	var faults []fault.Fault
	for _, m := range members {
		var value string
		if _, known := said[m.name]; !known {
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is not a member here: there are alias and entity"})
		} else if err := json.Unmarshal(m.raw, &value); err != nil {
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is a text, not " + clip(string(m.raw))})
		}
		said[m.name] = value
	}
	alias := catalog.FoldAlias(said["alias"])
	if _, err := catalog.Say(catalog.Key(catalog.FamilyAlias, alias), true).Normalize(); err != nil && len(faults) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/alias", Detail: detail(err)})
	}
	ref, err := catalog.ParseRef(said["entity"], catalog.Service)
	if err != nil && len(faults) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/entity", Detail: detail(err)})
	}
	if err := fault.InvalidInput("alias", faults); err != nil {
		return err
	}
	claimed, err := h.Writer.Claim(r.Context(), alias, ref)
	if err != nil {
		return err
	}
	a := struct {
		Alias  string      `json:"alias"`
		Entity catalog.Ref `json:"entity"`
		Events int         `json:"events"`
		Left   int         `json:"left"`
		Job    string      `json:"job,omitempty"`
	}{alias, ref, claimed.Events, claimed.Left, ""}
	if claimed.Left > 0 {
		a.Job = job.Attribute + ":" + alias
	}
	return answer(w, http.StatusOK, a)
}

// Sources is how the configured sources are doing.
type Sources struct {
	States func(ctx context.Context) []integration.State
}

func (h *Sources) routes() []route {
	return []route{{method: http.MethodGet, op: access.ReadSources, path: "/api/v1/sources", serve: h.list}}
}

type source struct {
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	State       string    `json:"state"`
	Detail      string    `json:"detail"`
	Fault       string    `json:"fault,omitempty"`
	LookedAt    wire.Time `json:"looked_at,omitzero"`
	LastEventAt wire.Time `json:"last_event_at,omitzero"`
	SilentSince wire.Time `json:"silent_since,omitzero"`
	Events      int       `json:"events"`

	Deliveries map[integration.Outcome]int `json:"deliveries,omitempty"`
	Backfill   *integration.Backfill       `json:"backfill,omitempty"`
	Observed   *observed                   `json:"observed,omitempty"`
}

// observed tells more of a source that an agent looks at.
type observed struct {
	Agent    string    `json:"agent"`
	Version  string    `json:"version"`
	Cluster  string    `json:"cluster,omitempty"`
	Since    wire.Time `json:"since"`
	HeardAt  wire.Time `json:"heard_at"`
	SyncedAt wire.Time `json:"synced_at,omitzero"`
	Objects  int       `json:"objects"`
	Waiting  int       `json:"waiting"`
	Lost     int       `json:"lost"`
	Lag      float64   `json:"lag_seconds"`
}

func newObserved(o *integration.Observed) *observed {
	if o == nil {
		return nil
	}
	return &observed{
		Agent: o.Agent, Version: o.Version, Cluster: o.Cluster, Since: wire.Time{Time: o.Since}, HeardAt: wire.Time{Time: o.HeardAt}, SyncedAt: wire.Time{Time: o.SyncedAt},
		Objects: o.Objects, Waiting: o.Waiting, Lost: o.Lost, Lag: o.Lag.Seconds(),
	}
}

// list answers all sources: they are few.
func (h *Sources) list(w http.ResponseWriter, r *http.Request) error {
	sources := []source{}
	if h.States != nil {
		for _, s := range h.States(r.Context()) {
			sources = append(sources, source{
				Name: s.Name, Type: s.Type, State: string(s.State), Detail: s.Detail, Fault: s.Fault,
				LookedAt: wire.Time{Time: s.LookedAt}, LastEventAt: wire.Time{Time: s.LastEventAt}, Events: s.Events, Deliveries: s.Deliveries,
				SilentSince: wire.Time{Time: s.SilentSince}, Backfill: s.Backfill, Observed: newObserved(s.Observed),
			})
		}
	}
	slices.SortFunc(sources, func(a, b source) int { return strings.Compare(a.Name, b.Name) })
	return answer(w, http.StatusOK, struct {
		Sources []source `json:"sources"`
		Next    string   `json:"next"`
	}{sources, ""})
}

// Reference is what does not change while the server runs: the kinds, and the document of this API.
type Reference struct{}

func (h *Reference) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadLog, path: "/api/v1/kinds", serve: h.kinds},
		{method: http.MethodGet, op: access.Public, path: "/api/v1/openapi.yaml", serve: fixed("application/yaml", openapiYAML)},
		{method: http.MethodGet, op: access.Public, path: "/api/v1/openapi.json", serve: fixed("application/json", openapiJSON)},
	}
}

// kinds answers the kinds that an event can have, the phases, and the kinds of entity.
func (h *Reference) kinds(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, struct {
		Kinds    []change.Kind  `json:"kinds"`
		Phases   []change.Phase `json:"phases"`
		Entities []catalog.Kind `json:"entity_kinds"`
		Next     string         `json:"next"`
	}{change.Kinds(), change.Phases(), catalog.Kinds(), ""})
}
