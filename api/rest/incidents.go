package rest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
)

// Incidents is what is in trouble, and what people do about it.
type Incidents struct {
	Keeper *incident.Keeper
	Ranked *suspect.Incidents
	Feed   *feed.Reader
	// Page is where a browser shows an incident; it may be nil.
	Page func(number int64) string
	Now  func() time.Time
}

const (
	incidentPath = "/api/v1/incidents/{number}"
	// maxIncidentBody is of a note or an edit.
	maxIncidentBody = 64 << 10
)

func (h *Incidents) routes() []route {
	post := func(path string, op access.Operation, serve func(http.ResponseWriter, *http.Request) error) route {
		return route{method: http.MethodPost, op: op, path: path, body: maxIncidentBody, serve: serve}
	}
	get := func(path string, serve func(http.ResponseWriter, *http.Request) error, query ...string) route {
		return route{method: http.MethodGet, op: access.ReadIncidents, path: path, query: query, serve: serve}
	}
	return []route{
		get("/api/v1/incidents", h.list, "status", "service", "team", "system", "environment", "severity", "since", "until", "merged", "q", "cursor", "limit"),
		post("/api/v1/incidents", access.OpenIncident, h.open),
		get(incidentPath, h.get),
		{method: http.MethodPatch, op: access.Respond, path: incidentPath, body: maxIncidentBody, serve: h.patch},
		get(incidentPath+"/timeline", h.timeline, "after", "limit"),
		post(incidentPath+"/timeline", access.Respond, h.note),
		get(incidentPath+"/verdicts", h.verdicts),
		post(incidentPath+"/verdicts", access.Respond, h.judge),
		post(incidentPath+"/page", access.Respond, h.page),
		post(incidentPath+"/merge", access.Respond, h.merge),
		post(incidentPath+"/split", access.Respond, h.split),
		get(incidentPath+"/suspects", h.suspects, "again", "limit"),
		get(incidentPath+"/export", h.export, "zone"),
		get("/api/v1/suspects/record", h.record),
	}
}

type incidentAnswer struct {
	Number         int64                `json:"number"`
	Name           string               `json:"name"`
	Title          string               `json:"title"`
	Status         incident.Status      `json:"status"`
	Severity       int                  `json:"severity,omitempty"`
	Environment    string               `json:"environment"`
	Region         string               `json:"region,omitempty"`
	Cluster        string               `json:"cluster,omitempty"`
	Subjects       []string             `json:"subjects"`
	Onset          onsetAnswer          `json:"onset"`
	OpenedAt       wire.Time            `json:"opened_at"`
	AcknowledgedAt wire.Time            `json:"acknowledged_at,omitzero"`
	ResolvedAt     wire.Time            `json:"resolved_at,omitzero"`
	ActiveAt       wire.Time            `json:"active_at,omitzero"`
	Signals        []uuid.UUID          `json:"signals"`
	Firing         int                  `json:"firing"`
	Roles          map[string]string    `json:"roles"`
	Conversations  []conversationAnswer `json:"conversations"`
	Links          []change.Link        `json:"links"`
	MergedInto     int64                `json:"merged_into,omitempty"`
	Entries        int64                `json:"entries"`
}

type conversationAnswer = incident.Conversation

func newIncident(i *incident.Incident) incidentAnswer {
	a := incidentAnswer{
		Number: i.Number, Name: i.Name(), Title: i.Title, Status: i.Status, Severity: i.Severity, Environment: i.Environment, Region: i.Region,
		Cluster: i.Cluster, Subjects: []string{}, Onset: onsetAnswer{wire.Time{Time: i.Onset.At}, i.Onset.By}, OpenedAt: wire.Time{Time: i.OpenedAt},
		AcknowledgedAt: wire.Time{Time: i.AcknowledgedAt}, ResolvedAt: wire.Time{Time: i.ResolvedAt}, ActiveAt: wire.Time{Time: i.ActiveAt},
		Signals: list(i.Signals), Firing: len(i.Firing), Roles: i.Roles, Conversations: list(i.Conversations), Links: list(i.Links),
		MergedInto: i.MergedInto, Entries: i.Entries,
	}
	if a.Roles == nil {
		a.Roles = map[string]string{}
	}
	for _, s := range i.Subjects {
		a.Subjects = append(a.Subjects, s.Name)
	}
	return a
}

type entryAnswer struct {
	ID       uuid.UUID          `json:"id"`
	Sequence int64              `json:"sequence"`
	Kind     incident.EntryKind `json:"kind"`
	At       wire.Time          `json:"at"`
	Recorded wire.Time          `json:"recorded_at"`
	By       change.Actor       `json:"by"`
	Text     string             `json:"text,omitempty"`
	Event    uuid.UUID          `json:"event,omitzero"`
	Fields   map[string]string  `json:"fields,omitempty"`
	Subjects []string           `json:"subjects,omitempty"`
}

func newEntry(e *incident.Entry) entryAnswer {
	a := entryAnswer{
		ID: e.ID, Sequence: e.Sequence, Kind: e.Kind, At: wire.Time{Time: e.At}, Recorded: wire.Time{Time: e.Recorded}, By: e.By, Text: e.Text,
		Event: e.Event, Fields: e.Fields,
	}
	for _, s := range e.Subjects {
		a.Subjects = append(a.Subjects, s.Name)
	}
	return a
}

type verdictAnswer struct {
	Incident int64            `json:"incident"`
	Event    uuid.UUID        `json:"event"`
	Title    string           `json:"title,omitempty"`
	Kind     string           `json:"kind,omitempty"`
	Finding  incident.Finding `json:"finding"`
	By       string           `json:"by"`
	At       wire.Time        `json:"at"`
	Reason   string           `json:"reason,omitempty"`
	Rank     int              `json:"rank"`
	Recency  int              `json:"recency"`
}

func newVerdict(v *incident.Verdict) verdictAnswer {
	return verdictAnswer{
		Incident: v.Incident, Event: v.Event, Title: v.Title, Kind: v.Kind, Finding: v.Finding, By: v.By, At: wire.Time{Time: v.At}, Reason: v.Reason,
		Rank: v.Rank, Recency: v.Recency,
	}
}

// numbered is the number in the path, as 482 or INC-482.
func numbered(r *http.Request) (int64, error) {
	text := r.PathValue("number")
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(text), "INC-"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "%q is not the number of an incident, such as 482", clip(text))
	}
	return n, nil
}

func (h *Incidents) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	limit := q.limit()
	filter := incident.Filter{Environments: q.list("environment"), Since: q.instant("since"), Until: q.instant("until"), Severity: q.number("severity", 1, 5, 0), Merged: q.flag("merged"), Text: q.one("q")}
	for _, status := range q.list("status") {
		switch one := incident.Status(status); one {
		case incident.Open, incident.Acknowledged, incident.Resolved:
			filter.Statuses = append(filter.Statuses, one)
		default:
			q.fault("status", "is open, acknowledged or resolved, not %q", clip(status))
		}
	}
	after := q.incidentCursor()
	named := feed.Query{Services: q.list("service"), Teams: q.list("team"), Systems: q.list("system")}
	if err := q.err(); err != nil {
		return err
	}
	scope, err := h.Feed.Resolve(named)
	if err != nil {
		return err
	}
	filter.Entities = scope.Filter.Entities
	found, err := h.Keeper.Store.ListIncidents(r.Context(), filter, after, limit+1)
	if err != nil {
		return err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		last := &found[limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.OpenedAt.UnixMicro(), 36) + " " + strconv.FormatInt(last.Number, 36)))
	}
	answers := make([]incidentAnswer, len(found))
	for i := range found {
		answers[i] = newIncident(&found[i])
	}
	return answer(w, http.StatusOK, struct {
		Incidents []incidentAnswer `json:"incidents"`
		Next      string           `json:"next"`
	}{answers, next})
}

func (q *query) incidentCursor() incident.Cursor {
	text := q.one("cursor")
	if text == "" {
		return incident.Cursor{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	at, number, found := strings.Cut(string(raw), " ")
	micros, wrong := strconv.ParseInt(at, 36, 64)
	n, not := strconv.ParseInt(number, 36, 64)
	if err != nil || wrong != nil || not != nil || !found || n < 1 {
		q.fault("cursor", "was not made by this server: start again without it")
	}
	return incident.Cursor{OpenedAt: time.UnixMicro(micros), Number: n}
}

// read reads a body into what a caller knows of it, by name.
func readMembers(r *http.Request, what string, known map[string]any) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	defer text.release()
	members, err := readObject(text.Bytes())
	if err != nil {
		return err
	}
	var faults []fault.Fault
	for _, m := range members {
		into, ok := known[m.name]
		if !ok {
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is not a member here"})
		} else if json.Unmarshal(m.raw, into) != nil {
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is of another type, not " + clip(string(m.raw))})
		}
	}
	return fault.InvalidInput(what, faults)
}

// moment reads an instant of a body; empty is none.
func (h *Incidents) moment(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, wrong := parseInstant(text, h.Now())
	if wrong != "" {
		return at, fault.InvalidInput("incident", []fault.Fault{{Pointer: pointer(name), Detail: wrong}})
	}
	return at, nil
}

func (h *Incidents) open(w http.ResponseWriter, r *http.Request) error {
	var d incident.Draft
	var onset string
	err := readMembers(r, "incident", map[string]any{
		"title": &d.Title, "services": &d.Services, "environment": &d.Environment, "region": &d.Region, "cluster": &d.Cluster, "severity": &d.Severity,
		"onset": &onset, "text": &d.Text,
	})
	if err != nil {
		return err
	}
	if d.Onset, err = h.moment("onset", onset); err != nil {
		return err
	}
	i, err := h.Keeper.Open(r.Context(), d)
	if err != nil {
		return err
	}
	w.Header()["Location"] = []string{"/api/v1/incidents/" + strconv.FormatInt(i.Number, 10)}
	return answer(w, http.StatusCreated, newIncident(&i))
}

func (h *Incidents) get(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	i, err := h.Keeper.Get(r.Context(), n)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newIncident(&i))
}

// patch changes what is named: the fields first, then the roles, then the status.
func (h *Incidents) patch(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var edit incident.Edit
	var onset, text string
	var status incident.Status
	var roles map[string]*string
	err = readMembers(r, "incident", map[string]any{
		"title": &edit.Title, "environment": &edit.Environment, "region": &edit.Region, "cluster": &edit.Cluster, "severity": &edit.Severity,
		"services": &edit.Services, "onset": &onset, "status": &status, "text": &text, "roles": &roles,
	})
	if err != nil {
		return err
	}
	at, err := h.moment("onset", onset)
	if err != nil {
		return err
	}
	if !at.IsZero() {
		edit.Onset = &at
	}
	var act func(context.Context) (incident.Incident, error)
	switch status {
	case "":
	case incident.Acknowledged:
		act = func(ctx context.Context) (incident.Incident, error) { return h.Keeper.Acknowledge(ctx, n) }
	case incident.Resolved:
		act = func(ctx context.Context) (incident.Incident, error) { return h.Keeper.Resolve(ctx, n, text) }
	case incident.Open:
		act = func(ctx context.Context) (incident.Incident, error) { return h.Keeper.Reopen(ctx, n) }
	default:
		return fault.InvalidInput("incident", []fault.Fault{{Pointer: "/status", Detail: "is open, acknowledged or resolved, not " + clip(string(status))}})
	}
	i, err := h.Keeper.Edit(r.Context(), n, edit)
	if err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		name := ""
		if who := roles[role]; who != nil {
			name = *who
		}
		if i, err = h.Keeper.Assign(r.Context(), n, role, name); err != nil {
			return err
		}
	}
	if act != nil {
		if i, err = act(r.Context()); err != nil {
			return err
		}
	}
	return answer(w, http.StatusOK, newIncident(&i))
}

func (h *Incidents) timeline(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	after, limit := q.number("after", 0, 1<<31, 0), q.limit()
	if err := q.err(); err != nil {
		return err
	}
	n, err := numbered(r)
	if err != nil {
		return err
	}
	if _, err := h.Keeper.Get(r.Context(), n); err != nil {
		return err
	}
	entries, err := h.Keeper.Store.Timeline(r.Context(), n, int64(after), limit+1)
	if err != nil {
		return err
	}
	var next int64
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].Sequence
	}
	answers := make([]entryAnswer, len(entries))
	for i := range entries {
		answers[i] = newEntry(&entries[i])
	}
	return answer(w, http.StatusOK, struct {
		Entries []entryAnswer `json:"entries"`
		Next    int64         `json:"next"` // the after of the next page; zero for none
	}{answers, next})
}

func (h *Incidents) note(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var text string
	if err := readMembers(r, "note", map[string]any{"text": &text}); err != nil {
		return err
	}
	i, err := h.Keeper.Note(r.Context(), n, text)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, newIncident(&i))
}

func (h *Incidents) verdicts(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	if _, err := h.Keeper.Get(r.Context(), n); err != nil {
		return err
	}
	all, err := h.Keeper.Store.Verdicts(r.Context(), n, maxLimit)
	if err != nil {
		return err
	}
	answers := make([]verdictAnswer, len(all))
	for i := range all {
		answers[i] = newVerdict(&all[i])
	}
	return answer(w, http.StatusOK, struct {
		Verdicts []verdictAnswer `json:"verdicts"`
	}{answers})
}

func (h *Incidents) judge(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var event, reason string
	var finding incident.Finding
	if err := readMembers(r, "verdict", map[string]any{"event": &event, "finding": &finding, "reason": &reason}); err != nil {
		return err
	}
	id, err := uuid.Parse(event)
	if err != nil {
		return fault.InvalidInput("verdict", []fault.Fault{{Pointer: "/event", Detail: "is required: the id of an event, which is a UUID"}})
	}
	v, err := h.Keeper.Judge(r.Context(), n, id, finding, reason)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, newVerdict(&v))
}

// page pages whoever is on call. It is promised then, and the timeline tells what became of it.
func (h *Incidents) page(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var source, text string
	if err := readMembers(r, "call", map[string]any{"source": &source, "text": &text}); err != nil {
		return err
	}
	i, err := h.Keeper.Call(r.Context(), n, source, text)
	if err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, newIncident(&i))
}

func (h *Incidents) merge(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var into int64
	if err := readMembers(r, "merge", map[string]any{"into": &into}); err != nil {
		return err
	}
	i, err := h.Keeper.Merge(r.Context(), n, into)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newIncident(&i))
}

func (h *Incidents) split(w http.ResponseWriter, r *http.Request) error {
	n, err := numbered(r)
	if err != nil {
		return err
	}
	var signals []uuid.UUID
	if err := readMembers(r, "split", map[string]any{"signals": &signals}); err != nil {
		return err
	}
	i, err := h.Keeper.Split(r.Context(), n, signals)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, newIncident(&i))
}

func (h *Incidents) suspects(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	again, limit := q.flag("again"), q.number("limit", 1, maxSuspects, 0)
	if err := q.err(); err != nil {
		return err
	}
	n, err := numbered(r)
	if err != nil {
		return err
	}
	_, ranking, err := h.Ranked.Rank(r.Context(), n, again)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newRanking(&ranking, limit))
}

// export answers a draft of a post-mortem.
func (h *Incidents) export(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	zone := time.UTC
	if text := q.one("zone"); text != "" {
		var err error
		if zone, err = time.LoadLocation(text); err != nil {
			q.fault("zone", "%q is not an IANA time zone such as Europe/Berlin", clip(text))
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	n, err := numbered(r)
	if err != nil {
		return err
	}
	report, err := h.Ranked.Report(r.Context(), n, zone)
	if err != nil {
		return err
	}
	if h.Page != nil {
		report.URL = h.Page(n)
	}
	b := newBuffer()
	defer b.release()
	b.WriteString(report.Markdown())
	w.Header()["Content-Type"] = []string{"text/markdown; charset=utf-8"}
	w.Header()["Content-Disposition"] = []string{`attachment; filename="` + incident.NameOf(n) + `.md"`}
	b.send(w, http.StatusOK)
	return nil
}

func (h *Incidents) record(w http.ResponseWriter, r *http.Request) error {
	track, err := h.Ranked.Record(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, struct {
		suspect.Track
		Since wire.Time `json:"since,omitzero"`
	}{track, wire.Time{Time: track.Since}})
}
