package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// statementsAtOnce is how many statements one transaction takes, so that an import of ten thousand does not keep
// other writers waiting.
const statementsAtOnce = 500

// Apply writes statements into the roll, in order. A statement that says what its source said before changes nothing
// but when it was last confirmed. The edits are told to announce, and the events that it makes of them are committed
// with them. Statements must be normal. Now must not lie before that of an earlier call.
func (s *Store) Apply(ctx context.Context, statements []catalog.Statement, by string, now time.Time, announce func([]catalog.Edit) []change.Event) ([]catalog.Edit, error) {
	var edits []catalog.Edit
	for chunk := range groups(statements) {
		err := s.update(ctx, "apply statements", func(t *tx) error {
			done, err := t.apply(ctx, chunk, by, now.UTC().Truncate(time.Microsecond))
			if err != nil || len(done) == 0 {
				return err
			}
			edits = append(edits, done...)
			if announce == nil {
				return nil
			}
			_, err = t.append(ctx, announce(done))
			return err
		})
		if err != nil {
			return edits, err
		}
	}
	return edits, nil
}

// groups cuts statements into transactions, so that a source says one thing of an entity at most once in each.
func groups(statements []catalog.Statement) iter.Seq[[]catalog.Statement] {
	type key struct {
		source string
		ref    catalog.Ref
	}
	return func(yield func([]catalog.Statement) bool) {
		said, start := map[key]bool{}, 0
		for i, statement := range statements {
			k := key{statement.Source.Name, statement.Ref}
			if i-start == statementsAtOnce || said[k] {
				if !yield(statements[start:i]) {
					return
				}
				start = i
				clear(said)
			}
			said[k] = true
		}
		if start < len(statements) {
			yield(statements[start:])
		}
	}
}

// apply is one transaction of Apply.
func (t *tx) apply(ctx context.Context, statements []catalog.Statement, by string, now time.Time) ([]catalog.Edit, error) {
	rev, err := t.take(ctx, "roll")
	if err != nil {
		return nil, err
	}
	w := &rollWrite{tx: t, by: by, now: now, rev: rev + 1}
	if err := w.load(ctx, statements); err != nil {
		return nil, err
	}
	for i := range statements {
		w.say(&statements[i])
	}
	if err := w.flush(ctx); err != nil {
		return nil, err
	}
	return w.edits, t.enqueueNames(ctx, w.edits, by, now)
}

// known is what the write knows of one entity.
type known struct {
	id      int64
	claims  []catalog.Standing
	digests map[string][]byte // of statements, by source
	created bool
	edited  map[string]*catalog.Edit // by source
}

// rollWrite is one group of statements on its way into the roll.
type rollWrite struct {
	*tx
	by  string
	now time.Time
	rev int64

	entities  map[catalog.Ref]*known
	nextID    int64
	firstID   int64
	order     []catalog.Ref // entities in the order of their first change
	closed    []closedClaim
	added     [][]any
	spoken    [][]any
	withdrawn []withdrawal
	edits     []catalog.Edit
}

type closedClaim struct {
	entity int64
	catalog.Standing
	until time.Time
}

type withdrawal struct {
	source string
	entity int64
}

func (w *rollWrite) load(ctx context.Context, statements []catalog.Statement) error {
	w.entities = map[catalog.Ref]*known{}
	byKind := map[catalog.Kind][]string{}
	for _, statement := range statements {
		if _, ok := w.entities[statement.Ref]; !ok {
			w.entities[statement.Ref] = &known{digests: map[string][]byte{}, edited: map[string]*catalog.Edit{}}
			byKind[statement.Ref.Kind] = append(byKind[statement.Ref.Kind], statement.Ref.Name)
		}
	}
	byID := map[int64]*known{}
	for kind, names := range byKind {
		args := []any{string(kind)}
		rows, err := w.query(ctx, `SELECT id, name FROM entity WHERE kind = $1 AND name IN `+list(&args, names), args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var id int64
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				return err
			}
			entity := w.entities[catalog.Ref{Kind: kind, Name: name}]
			entity.id = id
			byID[id] = entity
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(byID) > 0 {
		if err := w.loadStatements(ctx, byID); err != nil {
			return err
		}
	}
	// Only entities about which something new is said need their claims.
	changed := map[int64]*known{}
	for i := range statements {
		entity := w.entities[statements[i].Ref]
		if entity.id != 0 && !entity.heard(&statements[i]) {
			changed[entity.id] = entity
		}
	}
	if len(changed) > 0 {
		if err := w.loadClaims(ctx, changed); err != nil {
			return err
		}
	}
	next, err := w.take(ctx, "entity")
	w.firstID, w.nextID = next, next
	return err
}

func ids(entities map[int64]*known) []int64 {
	all := make([]int64, 0, len(entities))
	for id := range entities {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

func (w *rollWrite) loadStatements(ctx context.Context, entities map[int64]*known) error {
	var args []any
	rows, err := w.query(ctx, `SELECT entity, source, digest FROM statement WHERE entity IN `+list(&args, ids(entities)), args...)
	return each(rows, err, func(rows *sql.Rows) error {
		var id int64
		var source string
		var digest []byte
		if err := rows.Scan(&id, &source, &digest); err != nil {
			return err
		}
		entities[id].digests[source] = digest
		return nil
	})
}

func (w *rollWrite) loadClaims(ctx context.Context, entities map[int64]*known) error {
	var args []any
	rows, err := w.query(ctx, `SELECT c.entity, c.field, c.value, c.source, c.rank, c.held_from, c.learned_at, COALESCE(s.confirmed_at, c.learned_at), c.said_by
		FROM claim c LEFT JOIN statement s ON s.source = c.source AND s.entity = c.entity
		WHERE c.held_to IS NULL AND c.replaced_at IS NULL AND c.entity IN `+list(&args, ids(entities)), args...)
	return each(rows, err, func(rows *sql.Rows) error {
		id, standing, err := scanStanding(rows)
		if err == nil {
			entities[id].claims = append(entities[id].claims, standing)
		}
		return err
	})
}

func scanStanding(rows *sql.Rows) (int64, catalog.Standing, error) {
	var id, heldFrom, learnedAt, confirmedAt int64
	var value string
	var standing catalog.Standing
	err := rows.Scan(&id, &standing.Field, &value, &standing.Source.Name, &standing.Source.Rank, &heldFrom, &learnedAt, &confirmedAt, &standing.By)
	standing.Value = json.RawMessage(value)
	standing.HeldFrom, standing.LearnedAt, standing.ConfirmedAt = instant(heldFrom), instant(learnedAt), instant(confirmedAt)
	return id, standing, err
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// heard reports whether the source said just this before.
func (k *known) heard(statement *catalog.Statement) bool {
	digest := digestOf(statement)
	return len(digest) > 0 && bytes.Equal(k.digests[statement.Source.Name], digest)
}

// digestOf tells apart what a source says of an entity. It is empty for what is not the whole of it.
func digestOf(statement *catalog.Statement) []byte {
	if statement.Partial || statement.Withdraw {
		return []byte{}
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%d\x00", statement.Source.Rank)
	for _, claim := range statement.Claims {
		fmt.Fprintf(hash, "%s\x00%s\x00", claim.Field, claim.Value)
	}
	return hash.Sum(nil)[:16]
}

// say works one statement into what is known.
func (w *rollWrite) say(statement *catalog.Statement) {
	entity := w.entities[statement.Ref]
	if entity.heard(statement) {
		w.spoken = append(w.spoken, []any{statement.Source.Name, entity.id, entity.digests[statement.Source.Name], w.now.UnixMicro()})
		return
	}
	if entity.id == 0 {
		if statement.Withdraw {
			return
		}
		w.nextID++
		entity.id, entity.created = w.nextID, true
	}
	since := w.now
	if !statement.Since.IsZero() && statement.Since.Before(w.now) {
		since = statement.Since.UTC().Truncate(time.Microsecond)
	}
	wanted := map[catalog.Field]json.RawMessage{}
	for _, claim := range statement.Claims {
		wanted[claim.Field] = claim.Value
	}
	edit := entity.edited[statement.Source.Name]
	if edit == nil {
		edit = &catalog.Edit{Ref: statement.Ref, Entity: entity.id, Source: statement.Source, Created: entity.created && len(entity.claims) == 0}
	}
	before := len(edit.Changes)
	w.end(entity, statement, wanted, since, edit)
	w.begin(entity, statement, wanted, since, edit)
	if statement.Withdraw {
		w.withdrawn = append(w.withdrawn, withdrawal{statement.Source.Name, entity.id})
		delete(entity.digests, statement.Source.Name)
	} else {
		digest := digestOf(statement)
		entity.digests[statement.Source.Name] = digest
		w.spoken = append(w.spoken, []any{statement.Source.Name, entity.id, digest, w.now.UnixMicro()})
	}
	if len(edit.Changes) == before && !edit.Created {
		return
	}
	if len(entity.edited) == 0 {
		w.order = append(w.order, statement.Ref)
	}
	entity.edited[statement.Source.Name] = edit
}

// end closes the claims that the source makes no longer.
func (w *rollWrite) end(entity *known, statement *catalog.Statement, wanted map[catalog.Field]json.RawMessage, since time.Time, edit *catalog.Edit) {
	entity.claims = slices.DeleteFunc(entity.claims, func(claim catalog.Standing) bool {
		if claim.Source.Name != statement.Source.Name {
			return false
		}
		value, said := wanted[claim.Field]
		if said && string(value) != "null" && bytes.Equal(value, claim.Value) && claim.Source.Rank == statement.Source.Rank {
			delete(wanted, claim.Field)
			return false
		}
		if !said && statement.Partial {
			return false
		}
		if string(value) == "null" {
			value = nil
			delete(wanted, claim.Field)
		}
		edit.Changes = append(edit.Changes, catalog.FieldChange{Field: claim.Field, Old: claim.Value, New: value})
		w.closed = append(w.closed, closedClaim{entity.id, claim, since})
		return true
	})
}

// begin opens the claims that the source makes anew.
func (w *rollWrite) begin(entity *known, statement *catalog.Statement, wanted map[catalog.Field]json.RawMessage, since time.Time, edit *catalog.Edit) {
	for _, claim := range statement.Claims {
		value, open := wanted[claim.Field]
		if !open || string(value) == "null" {
			continue
		}
		delete(wanted, claim.Field)
		if !slices.ContainsFunc(edit.Changes, func(c catalog.FieldChange) bool { return c.Field == claim.Field }) {
			edit.Changes = append(edit.Changes, catalog.FieldChange{Field: claim.Field, New: value})
		}
		entity.claims = append(entity.claims, catalog.Standing{
			Claim: claim, Source: statement.Source, HeldFrom: since, LearnedAt: w.now, ConfirmedAt: w.now, By: w.by,
		})
		w.added = append(w.added, w.claimRow(entity.id, claim, statement.Source, since, nil, w.by))
	}
}

func (w *rollWrite) claimRow(entity int64, claim catalog.Claim, source catalog.Source, from time.Time, to any, by string) []any {
	var target any
	if ref := claim.Target(); !ref.IsZero() {
		target = ref.String()
	}
	return []any{
		entity, string(claim.Field), source.Name, int(source.Rank), string(claim.Value), target, from.UnixMicro(), to,
		w.now.UnixMicro(), w.rev, by,
	}
}

// flush writes what the statements changed.
func (w *rollWrite) flush(ctx context.Context) error {
	for _, gone := range w.withdrawn {
		if err := w.exec(ctx, `DELETE FROM statement WHERE source = $1 AND entity = $2`, gone.source, gone.entity); err != nil {
			return err
		}
	}
	err := w.insert(ctx, `INSERT INTO statement (source, entity, digest, confirmed_at) VALUES `,
		` ON CONFLICT (source, entity) DO UPDATE SET digest = excluded.digest, confirmed_at = excluded.confirmed_at`, w.spoken)
	if err != nil {
		return err
	}
	for _, old := range w.closed {
		err := w.exec(ctx, `UPDATE claim SET replaced_at = $1 WHERE entity = $2 AND field = $3 AND source = $4 AND held_to IS NULL AND replaced_at IS NULL`,
			w.now.UnixMicro(), old.entity, string(old.Field), old.Source.Name)
		if err != nil {
			return err
		}
		if old.HeldFrom.Before(old.until) {
			w.added = append(w.added, w.claimRow(old.entity, old.Claim, old.Source, old.HeldFrom, old.until.UnixMicro(), old.By))
		}
	}
	const head = `INSERT INTO claim (entity, field, source, rank, value, target, held_from, held_to, learned_at, rev, said_by) VALUES `
	if err := w.insert(ctx, head, "", w.added); err != nil {
		return err
	}
	if len(w.order) == 0 {
		return nil
	}
	if err := w.writeEntities(ctx); err != nil {
		return err
	}
	if w.nextID != w.firstID {
		if err := w.put(ctx, "entity", w.nextID); err != nil {
			return err
		}
	}
	return w.put(ctx, "roll", w.rev)
}

// writeEntities merges and writes every entity that changed, and notes the edits.
func (w *rollWrite) writeEntities(ctx context.Context) error {
	var rows [][]any
	for _, ref := range w.order {
		entity := w.entities[ref]
		merged := catalog.Merge(ref, catalog.Facts(entity.claims))
		merged.UpdatedAt = w.now
		doc, err := json.Marshal(merged)
		if err != nil {
			return fmt.Errorf("write %s: %w", ref, err)
		}
		rows = append(rows, []any{entity.id, string(ref.Kind), ref.Name, w.rev, string(doc)})
		for _, source := range sortedKeys(entity.edited) {
			edit := *entity.edited[source]
			edit.Retired = merged.Retired
			w.edits = append(w.edits, edit)
		}
	}
	return w.insert(ctx, `INSERT INTO entity (id, kind, name, rev, doc) VALUES `,
		` ON CONFLICT (kind, name) DO UPDATE SET rev = excluded.rev, doc = excluded.doc`, rows)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Entities lists the entities that changed after a revision of the roll, in the order of their change, at most limit,
// and the revision that was read. Retired ones are among them.
func (s *Store) Entities(ctx context.Context, after int64, afterID int64, limit int) (entities []*catalog.Entity, rev, lastID int64, err error) {
	rows, err := s.query(ctx, `SELECT id, rev, doc FROM entity WHERE (rev, id) > ($1, $2) ORDER BY rev, id LIMIT $3+0`, after, afterID, limit)
	rev, lastID = after, afterID
	entities, err = collect(rows, err, func(rows *sql.Rows) (*catalog.Entity, error) {
		var entity catalog.Entity
		var doc []byte
		if err := rows.Scan(&lastID, &rev, &doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &entity); err != nil {
			return nil, fmt.Errorf("entity %d: %w", lastID, err)
		}
		entity.ID = lastID
		return &entity, nil
	})
	return entities, rev, lastID, s.fault("read the roll", err)
}

// Claims lists the claims about an entity that held at an instant, as they were believed at another; a zero instant
// is now. Their order is that of field, then source.
func (s *Store) Claims(ctx context.Context, entity int64, held, believed time.Time) ([]catalog.Standing, error) {
	where, args := asOf("c.entity = $1", []any{entity}, held, believed)
	rows, err := s.query(ctx, claimColumns+where+` ORDER BY c.field, c.source`, args...)
	claims, err := collect(rows, err, func(rows *sql.Rows) (catalog.Standing, error) {
		_, standing, err := scanStanding(rows)
		return standing, err
	})
	return claims, s.fault("read claims", err)
}

// Pointing lists the entities with a relation to ref that held at an instant, as believed at another, by family of
// relation. Its order is that of the entities' ids.
func (s *Store) Pointing(ctx context.Context, ref catalog.Ref, held, believed time.Time) (map[int64][]catalog.Standing, error) {
	where, args := asOf("c.target = $1", []any{ref.String()}, held, believed)
	rows, err := s.query(ctx, claimColumns+where, args...)
	pointing := map[int64][]catalog.Standing{}
	err = each(rows, err, func(rows *sql.Rows) error {
		id, standing, err := scanStanding(rows)
		pointing[id] = append(pointing[id], standing)
		return err
	})
	return pointing, s.fault("read relations", err)
}

// spansAtOnce bounds the memory of one question: the claims of many entities are read in parts.
const spansAtOnce = 2000

// Spans lists the claims of some fields of entities over all time, as believed now. Who wrote them, and when they were confirmed,
// is not told.
func (s *Store) Spans(ctx context.Context, entities []int64, fields []catalog.Field) ([]catalog.Span, error) {
	var spans []catalog.Span
	for chunk := range slices.Chunk(entities, spansAtOnce) {
		var args []any
		// One probe of the key for each entity: by its field alone a claim has no index.
		rows, err := s.query(ctx, `SELECT c.entity, c.field, c.value, c.source, c.rank, c.held_from, c.held_to, c.learned_at
			FROM (`+s.numbers(&args, chunk)+`) AS w JOIN claim c ON c.entity = w.item AND c.field IN `+list(&args, fields)+` WHERE c.replaced_at IS NULL`, args...)
		found, err := collect(rows, err, func(rows *sql.Rows) (catalog.Span, error) {
			var span catalog.Span
			var from, learned int64
			var to sql.NullInt64
			var value string
			err := rows.Scan(&span.Entity, &span.Field, &value, &span.Source.Name, &span.Source.Rank, &from, &to, &learned)
			span.Value, span.HeldFrom, span.LearnedAt = json.RawMessage(value), instant(from), instant(learned)
			if to.Valid {
				span.HeldTo = instant(to.Int64)
			}
			return span, err
		})
		if err != nil {
			return nil, s.fault("read claims over time", err)
		}
		spans = append(spans, found...)
	}
	return spans, nil
}

const claimColumns = `SELECT c.entity, c.field, c.value, c.source, c.rank, c.held_from, c.learned_at, COALESCE(s.confirmed_at, c.learned_at), c.said_by
	FROM claim c LEFT JOIN statement s ON s.source = c.source AND s.entity = c.entity WHERE `

func asOf(where string, args []any, held, believed time.Time) (string, []any) {
	if held.IsZero() {
		where += ` AND c.held_to IS NULL`
	} else {
		args = append(args, held.UnixMicro())
		where += fmt.Sprintf(` AND c.held_from <= $%d AND (c.held_to IS NULL OR c.held_to > $%d)`, len(args), len(args))
	}
	if believed.IsZero() {
		return where + ` AND c.replaced_at IS NULL`, args
	}
	args = append(args, believed.UnixMicro())
	return where + fmt.Sprintf(` AND c.learned_at <= $%d AND (c.replaced_at IS NULL OR c.replaced_at > $%d)`, len(args), len(args)), args
}

// Spoken lists, for each of the sources, the entities about which it has a standing statement.
func (s *Store) Spoken(ctx context.Context, sources []string) (map[string][]int64, error) {
	spoken := map[string][]int64{}
	for chunk := range slices.Chunk(sources, 512) {
		var args []any
		rows, err := s.query(ctx, `SELECT source, entity FROM statement WHERE source IN `+list(&args, chunk), args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var source string
			var entity int64
			if err := rows.Scan(&source, &entity); err != nil {
				return err
			}
			spoken[source] = append(spoken[source], entity)
			return nil
		})
		if err != nil {
			return nil, s.fault("read statements", err)
		}
	}
	return spoken, nil
}
