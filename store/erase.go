package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Erasure puts a pseudonym in place of what names a person, in every text of every table.
type Erasure struct {
	// Name is that of the person in the roll: what refers to it (person:NAME, @NAME, …/NAME, an actor of that name) is
	// replaced, and the same word in other places is not.
	Name string
	// Also are a full name, an e-mail address, names in other tools: replaced wherever they stand as whole words.
	Also []string
	// As is what stands there afterwards: a name as the roll takes it.
	As string
	// Try counts, and changes nothing.
	Try bool
}

// shortest is the least length of what is replaced wherever it stands.
const shortest = 5

// Validate names what is wrong.
func (e *Erasure) Validate() error {
	if e.Name == "" {
		return fault.New(fault.Invalid, "name a person, such as maria")
	}
	for _, text := range e.Also {
		if len(text) < shortest || !strings.ContainsAny(text, " @:.-_") {
			return fault.New(fault.Invalid, "%q is too common to be replaced everywhere: give a full name, an e-mail address, or TOOL:NAME", text)
		}
	}
	return nil
}

// pseudonym replaces in texts.
type pseudonym struct {
	erasure  *Erasure
	patterns []*regexp.Regexp // each with what stands before and behind
	// An event about the person tells of the name without saying whose it is.
	about, named *regexp.Regexp
}

func newPseudonym(e *Erasure) *pseudonym {
	name := regexp.QuoteMeta(e.Name)
	p := &pseudonym{
		erasure: e,
		about:   regexp.MustCompile(`(?i)"subjects":\[[^\]]*"name":"person:` + name + `"`),
		named:   regexp.MustCompile(`(?i)("field":"name",(?:"old":"[^"]*",)?"(?:old|new)":")` + name + `(")`),
	}
	add := func(before, text, behind string) {
		p.patterns = append(p.patterns, regexp.MustCompile(`(?i)(`+before+`)`+regexp.QuoteMeta(text)+`(`+behind+`)`))
	}
	const end = `$|[^\pL\pN_.-]|[.-](?:$|[^\pL\pN_])`
	add(`person[:/]|@|/`, e.Name, end)
	add(`"(?:type|kind)":"person","name":"`, e.Name, `"`)
	add(`"(?:user|impersonator)":"`, e.Name, `"`) // what an interpreter remembers of an act
	for _, text := range e.Also {
		add(`^|[^\pL\pN_]`, text, `$|[^\pL\pN_]`)
	}
	return p
}

func (p *pseudonym) replace(text string) string {
	patterns := p.patterns
	if p.about.MatchString(text) {
		patterns = append(slices.Clone(patterns), p.named)
	}
	for _, pattern := range patterns {
		// Twice, because two of them may share the character between.
		for range 2 {
			text = pattern.ReplaceAllString(text, "${1}"+p.erasure.As+"${2}")
		}
	}
	return text
}

// row replaces in the texts of a row, and tells whether something changed.
func (p *pseudonym) row(table Table, row []any) ([]any, bool) {
	person := table.Name == "account"
	for i, column := range table.Columns {
		if column.Name == "kind" || column.Name == "actor_type" {
			person = person || row[i] == "person"
		}
	}
	var changed []any
	for i, column := range table.Columns {
		text, ok := row[i].(string)
		if !ok {
			continue
		}
		replaced := p.replace(text)
		if person && (column.Name == "name" || column.Name == "actor") && strings.EqualFold(text, p.erasure.Name) {
			replaced = p.erasure.As
		}
		if replaced != text {
			if changed == nil {
				changed = slices.Clone(row)
			}
			changed[i] = replaced
		}
	}
	return changed, changed != nil
}

// Erased tells how many rows of each table were changed.
type Erased map[string]int

// passes bounds how often the tables are read: until nothing is found, while servers write.
const passes = 5

// Erase puts a pseudonym in place of a person. It reads every row of every table, which takes minutes where there are
// many. An event says that it was done, and not to whom.
func (s *Store) Erase(ctx context.Context, erasure Erasure) (Erased, error) {
	if err := erasure.Validate(); err != nil {
		return nil, err
	}
	tables, err := s.engine.tables(ctx, s.read)
	if err != nil {
		return nil, s.fault("erase a person", err)
	}
	p, total := newPseudonym(&erasure), Erased{}
	for range passes {
		found := 0
		for _, table := range tables {
			n, err := s.eraseTable(ctx, table, p)
			if err != nil {
				return total, err
			}
			found += n
			if n > 0 {
				total[table.Name] += n
			}
		}
		if found == 0 || erasure.Try {
			if erasure.Try || len(total) == 0 {
				return total, nil
			}
			return total, errors.Join(s.recordErasure(ctx), s.rewrite(ctx))
		}
	}
	return total, fault.New(fault.Unavailable, "new texts with the name keep coming: stop what sends them, and erase again")
}

// rewrite leaves nothing of what rows held before in the files of an engine that can.
func (s *Store) rewrite(ctx context.Context) error {
	if s.engine.Rewrite == nil {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.fault("rewrite the database", s.engine.Rewrite(ctx, s.writer))
}

// eraseAtOnce is how many rows are changed in one transaction.
const eraseAtOnce = 200

type changedRow struct{ was, is []any }

func (s *Store) eraseTable(ctx context.Context, table Table, p *pseudonym) (int, error) {
	var changed []changedRow
	err := s.engine.rows(ctx, s.read, table, func(row []any) error {
		if is, ok := p.row(table, row); ok {
			changed = append(changed, changedRow{slices.Clone(row), is})
		}
		return nil
	})
	if err != nil || p.erasure.Try {
		return len(changed), err
	}
	for group := range slices.Chunk(changed, eraseAtOnce) {
		err := s.update(ctx, "erase a person", func(t *tx) error {
			return t.rewriteRows(ctx, table, group)
		})
		if err != nil {
			return 0, err
		}
	}
	return len(changed), nil
}

// rewriteRows changes rows, each only if it still is what was read.
func (t *tx) rewriteRows(ctx context.Context, table Table, rows []changedRow) error {
	rev := int64(0)
	if table.Name == "entity" {
		// Servers read the roll anew from its revision on.
		last, err := t.take(ctx, "roll")
		if err != nil {
			return err
		}
		rev = last + 1
		if err := t.put(ctx, "roll", rev); err != nil {
			return err
		}
	}
	for _, row := range rows {
		var args []any
		var set, where []string
		place := func(value any) string {
			args = append(args, value)
			return fmt.Sprintf("$%d", len(args))
		}
		for i, column := range table.Columns {
			same := row.was[i] == nil || !slices.Contains(table.Key, column.Name) && column.Type != Text
			if !same {
				where = append(where, quoted(column.Name)+" = "+place(row.was[i]))
			}
			switch {
			case table.Name == "entity" && column.Name == "rev":
				set = append(set, "rev = "+place(rev))
			case column.Type == Text && row.is[i] != row.was[i]:
				set = append(set, quoted(column.Name)+" = "+place(row.is[i]))
				if table.Name == "event" && column.Name == "doc" {
					identity, err := identityOf(row.is[i])
					if err != nil {
						return err
					}
					set = append(set, "identity = "+place(identity))
				}
			}
		}
		text := "UPDATE " + table.Name + " SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(where, " AND ")
		if err := t.exec(ctx, text, args...); err != nil {
			return err
		}
	}
	return nil
}

// identityOf is the identity of an event after its texts have changed: its key may name the person.
func identityOf(doc any) (any, error) {
	var e change.Event
	text, _ := doc.(string)
	if err := e.ReadDocument(text); err != nil {
		return nil, fmt.Errorf("read an event whose texts were replaced: %w", err)
	}
	if ownKey(&e) {
		return nil, nil
	}
	identity := e.Identity()
	return identity[:], nil
}

// recordErasure says in the log that a person was erased, about Tidings itself where it stands in the roll.
func (s *Store) recordErasure(ctx context.Context) error {
	subject := change.Subject{Name: "service:tidings"}
	rows, err := s.query(ctx, `SELECT id FROM entity WHERE kind = 'service' AND name = 'tidings'`)
	ids, err := collect(rows, err, scanInt)
	if err != nil {
		return s.fault("record an erasure", err)
	}
	if len(ids) == 1 {
		subject.Entity = ids[0]
	}
	now := time.Now().UTC()
	e := change.Event{
		Source: "tidings", Kind: "note", Key: "erasure/" + now.Format(time.RFC3339Nano), Title: "A person's data was replaced by a pseudonym",
		Subjects: []change.Subject{subject}, Actor: change.Actor{Type: change.ByAutomation, Name: "tidings"}, StartedAt: now, ReceivedAt: now,
	}
	if faults := e.Normalize(now, ""); faults != nil {
		return fmt.Errorf("record an erasure: %v", faults)
	}
	_, err = s.Append(ctx, []change.Event{e})
	return err
}
