package rest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/internal/jsontext"
	"tidings.dev/tidings/observe"
)

// Entities is the roll.
type Entities struct {
	Roll   *catalog.Roll
	Feed   *feed.Reader
	Writer Writer
	Seen   *observe.Reader
	Now    func() time.Time
}

const entityPath = "/api/v1/entities/{kind}/{name}"

func (h *Entities) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadRoll, path: "/api/v1/entities", serve: h.list, query: []string{
			"kind", "q", "owner", "tag", "platform", "language", "tier", "lifecycle", "system", "health", "unowned", "retired", "sort", "cursor", "limit",
		}},
		{method: http.MethodGet, op: access.ReadRoll, path: entityPath, query: []string{"at", "known", "claims"}, serve: h.get},
		{method: http.MethodGet, op: access.ReadRoll, path: entityPath + "/running", serve: h.running},
		{method: http.MethodPut, op: access.EditEntity, path: entityPath, body: maxEntityBody, serve: h.put},
		{method: http.MethodPatch, op: access.EditEntity, path: entityPath, body: maxEntityBody, serve: h.patch},
		{method: http.MethodDelete, op: access.EditEntity, path: entityPath, serve: h.delete},
	}
}

// list answers a page of entities.
func (h *Entities) list(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	filter := q.entities()
	cursor, limit, sort := q.one("cursor"), q.limit(), catalog.SortBy(q.one("sort"))
	if sort == catalog.ByLastChange {
		q.fault("sort", "is name, tier, owner or health")
	}
	if err := q.err(); err != nil {
		return err
	}
	conditions, err := h.Feed.Conditions(r.Context(), h.Now())
	if err != nil {
		return err
	}
	filter.HealthOf = conditions.Of
	page, err := h.Roll.List(filter, catalog.Sort{By: sort}, cursor, limit)
	if err != nil {
		return inQuery(err)
	}
	b := newBuffer()
	defer b.release()
	b.Grow(len(page.Entities) * 512)
	out := append(b.AvailableBuffer(), `{"entities":[`...)
	now := h.Now()
	for i, e := range page.Entities {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendEntity(out, e.OnDuty(now), func(o *jsontext.Object) { o.Text("health", string(conditions.Of(e.ID))) })
	}
	out = append(out, `],"next":`...)
	out = jsontext.AppendText(out, page.Next)
	out = append(out, `,"total":`...)
	out = strconv.AppendInt(out, int64(page.Total), 10)
	_, _ = b.Write(append(out, "}\n"...)) // a buffer takes everything
	w.Header()["Content-Type"] = typeJSON
	b.send(w, http.StatusOK)
	return nil
}

// entities reads a filter of entities.
func (q *query) entities() catalog.Filter {
	f := catalog.Filter{
		Q: q.one("q"), Owners: q.list("owner"), Systems: q.list("system"), Tags: q.list("tag"), Platforms: q.list("platform"),
		Languages: q.list("language"), Lifecycles: q.list("lifecycle"), Unowned: q.flag("unowned"), WithRetired: q.flag("retired"),
	}
	for _, kind := range q.list("kind") {
		f.Kinds = append(f.Kinds, catalog.Kind(strings.ToLower(kind)))
	}
	for _, health := range q.list("health") {
		f.Healths = append(f.Healths, catalog.Health(strings.ToLower(health)))
	}
	for _, tier := range q.list("tier") {
		n, err := strconv.Atoi(tier)
		if err != nil {
			q.fault("tier", "is a whole number from 0 to 3, not %q", clip(tier))
		}
		f.Tiers = append(f.Tiers, n)
	}
	return f
}

// inQuery gives the faults of a filter the names of the parameters: "/tiers/0" is tier.
func inQuery(err error) error {
	known, ok := err.(*fault.Error) //nolint:errorlint // the roll's faults are not wrapped
	if !ok || len(known.Faults) == 0 {
		return err
	}
	faults := slices.Clone(known.Faults)
	for i := range faults {
		field, _, _ := strings.Cut(strings.TrimPrefix(faults[i].Pointer, "/"), "/")
		faults[i].Pointer = strings.TrimSuffix(field, "s")
	}
	return fault.InvalidInput("query", faults)
}

// ref is the entity that the path names.
func ref(r *http.Request) (catalog.Ref, error) {
	return catalog.NewRef(catalog.Kind(strings.ToLower(r.PathValue("kind"))), r.PathValue("name"))
}

// get answers one entity: now, or as it held at an instant, as known at another.
func (h *Entities) get(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	if r.URL.RawQuery == "" {
		e, ok := h.Roll.Get(ref)
		if !ok {
			return fault.New(fault.NotFound, "there is no %s", ref)
		}
		return answerEntity(w, http.StatusOK, e.OnDuty(h.Now()), nil)
	}
	q := newQuery(r, h.Now())
	at, known, claims := q.instant("at"), q.instant("known"), q.flag("claims")
	if err := q.err(); err != nil {
		return err
	}
	e, err := h.Roll.At(r.Context(), ref, at, known)
	if err != nil {
		return err
	}
	if at.IsZero() {
		e = e.OnDuty(h.Now())
	} else {
		e = e.OnDuty(at)
	}
	if !claims {
		return answerEntity(w, http.StatusOK, e, nil)
	}
	facts, err := h.Roll.Facts(r.Context(), e.ID, at, known)
	if err != nil {
		return err
	}
	text, err := encodeFacts(facts)
	if err != nil {
		return err
	}
	return answerEntity(w, http.StatusOK, e, func(o *jsontext.Object) {
		o.Key("facts")
		o.B = append(o.B, text...)
	})
}

func answerEntity(w http.ResponseWriter, status int, e *catalog.Entity, extra func(*jsontext.Object)) error {
	b := newBuffer()
	defer b.release()
	b.Grow(1 << 10)
	_, _ = b.Write(append(appendEntity(b.AvailableBuffer(), e, extra), '\n')) // a buffer takes everything
	w.Header()["Content-Type"] = typeJSON
	b.send(w, status)
	return nil
}

// running answers what an entity runs just now, as agents see it.
func (h *Entities) running(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	e, ok := h.Roll.Get(ref)
	if !ok {
		return fault.New(fault.NotFound, "there is no %s", ref)
	}
	running, err := h.Seen.Running(r.Context(), e.ID)
	if err != nil {
		return err
	}
	if running == nil {
		running = []observe.RunningObject{}
	}
	return answer(w, http.StatusOK, struct {
		Running []observe.RunningObject `json:"running"`
		Next    string                  `json:"next"`
	}{running, ""})
}

// fact is one field with its provenance.
type fact struct {
	Field catalog.Field `json:"field"`
	said
	Others []said `json:"others,omitempty"` // sources that say otherwise, or the same with less weight
}

// said is what one source says.
type said struct {
	Value       json.RawMessage `json:"value"`
	Source      string          `json:"source"`
	Rank        string          `json:"rank"`
	Since       wire.Time       `json:"since"`      // when it began to hold
	LearnedAt   wire.Time       `json:"learned_at"` // when Tidings learned it
	ConfirmedAt wire.Time       `json:"confirmed_at"`
	By          string          `json:"by,omitempty"` // the principal that wrote it
}

func newSaid(s *catalog.Standing) said {
	return said{
		Value: s.Value, Source: s.Source.Name, Rank: rankName(s.Source.Rank),
		Since: wire.Time{Time: s.HeldFrom}, LearnedAt: wire.Time{Time: s.LearnedAt}, ConfirmedAt: wire.Time{Time: s.ConfirmedAt}, By: s.By,
	}
}

func rankName(rank catalog.Rank) string {
	names := [...]string{"inference", "integration", "platform", "descriptor", "people"}
	if i := int(rank) - 1; i >= 0 && i < len(names) {
		return names[i]
	}
	return ""
}

func encodeFacts(facts []catalog.Fact) ([]byte, error) {
	all := make([]fact, len(facts))
	for i := range facts {
		all[i] = fact{Field: facts[i].Field, said: newSaid(&facts[i].Standing)}
		for j := range facts[i].Others {
			all[i].Others = append(all[i].Others, newSaid(&facts[i].Others[j]))
		}
	}
	return json.Marshal(all)
}

// put replaces what people claimed by hand about an entity.
func (h *Entities) put(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	doc, err := readDocument(r, ref, false)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	if e, ok := h.Roll.Get(ref); ok {
		name = e.Name
	}
	return h.write(w, r, doc.statement(name), doc)
}

// patch changes some of what people claimed by hand.
func (h *Entities) patch(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	e, ok := h.Roll.Get(ref)
	if !ok {
		return fault.New(fault.NotFound, "there is no %s: PUT it first", ref)
	}
	doc, err := readDocument(r, ref, true)
	if err != nil {
		return err
	}
	if len(doc.emptied) > 0 {
		facts, err := h.Roll.Facts(r.Context(), e.ID, time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		doc.withdraw(facts)
	}
	return h.write(w, r, doc.statement(e.Name), doc)
}

func (h *Entities) write(w http.ResponseWriter, r *http.Request, statement catalog.Statement, doc *document) error {
	if _, err := statement.Normalize(); err != nil {
		return doc.located(err)
	}
	applied, err := h.Writer.Apply(r.Context(), []catalog.Statement{statement})
	if err != nil {
		return doc.located(err)
	}
	e, ok := h.Roll.Get(statement.Ref)
	if !ok {
		return fault.New(fault.Internal, "%s was written and is not there", statement.Ref)
	}
	status := http.StatusOK
	if slices.ContainsFunc(applied.Edits, func(edit catalog.Edit) bool { return edit.Created && edit.Ref == statement.Ref }) {
		status = http.StatusCreated
	}
	return answerEntity(w, status, e, nil)
}

// delete withdraws what people claimed by hand. The answer is what is left: an entity that others still claim stands.
func (h *Entities) delete(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	if _, ok := h.Roll.Get(ref); !ok {
		return fault.New(fault.NotFound, "there is no %s", ref)
	}
	return h.write(w, r, catalog.Statement{Ref: ref, Source: catalog.PeopleSource, Withdraw: true}, &document{})
}

// statement is the document as people's word; name is how the entity is written when the document does not say.
func (d *document) statement(name string) catalog.Statement {
	return catalog.Statement{Ref: d.ref, Name: cmp.Or(d.name, name), Source: catalog.PeopleSource, Claims: d.claims, Partial: d.partial}
}
