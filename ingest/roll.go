package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Apply takes statements into the roll, each edit with an event of the log in the same commit. A statement that is not
// normal is a fault, and so is one about what the principal may not edit: then nothing is applied. Entities that are only pointed at are made by inference. Aliases that
// entities gain re-attribute the past of the outside names.
func (d *Door) Apply(ctx context.Context, statements []catalog.Statement) (catalog.Applied, error) {
	if d.Refuse != nil {
		if err := d.Refuse(); err != nil {
			return catalog.Applied{}, err
		}
	}
	normal := make([]catalog.Statement, len(statements))
	for i, statement := range statements {
		var err error
		if normal[i], err = d.normalize(statement); err != nil {
			return catalog.Applied{}, err
		}
	}
	for i := range normal {
		if err := d.permit(ctx, &normal[i]); err != nil {
			return catalog.Applied{}, err
		}
	}
	if err := d.circles(normal); err != nil {
		return catalog.Applied{}, err
	}
	by, now := access.From(ctx), d.Now()
	applied := catalog.Applied{}
	if missing := d.missing(normal); len(missing) > 0 {
		if _, err := d.Store.Apply(ctx, infer(missing), access.Tidings.String(), now, nil); err != nil {
			return applied, err
		}
	}
	edits, err := d.Store.Apply(ctx, normal, by.String(), now, func(edits []catalog.Edit) []change.Event {
		return d.announce(edits, by, now)
	})
	applied.Edits, applied.Unchanged = edits, len(normal)-len(edits)
	if err != nil {
		return applied, err
	}
	if _, err := d.Roll.Refresh(ctx); err != nil {
		return applied, err
	}
	d.Committed()
	applied.Reattributed, err = d.reattributeAll(ctx, edits)
	if err == nil {
		applied.Released, err = d.releaseAll(ctx, edits)
	}
	if d.Jobs != nil {
		d.Jobs.Wake() // for what is left
	}
	return applied, err
}

// reattributeAll gives entities the past of the aliases that they gained, as far as that is done at once. Most aliases have
// none: those cost no write.
func (d *Door) reattributeAll(ctx context.Context, edits []catalog.Edit) (int, error) {
	waiting, err := d.Store.Waiting(ctx, catalog.Gained(edits))
	if err != nil {
		return 0, err
	}
	total := 0
	for _, alias := range waiting {
		if total >= atOnce {
			break
		}
		n, _, err := d.reattribute(ctx, alias, atOnce-total)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// releaseLooks is how many times some of an entity's past is looked through before it is answered that a name was taken back.
const releaseLooks = 4

// releaseAll gives names that people took back their past back, as far as that is done at once.
func (d *Door) releaseAll(ctx context.Context, edits []catalog.Edit) (total int, err error) {
	looks := 0
	for _, released := range catalog.ReleasedBy(edits) {
		more := !d.answersTo(released)
		for at := (change.Cursor{}); more && looks < releaseLooks; looks++ {
			var n int
			if n, at, more, err = d.Store.Unattribute(ctx, released, at); err != nil {
				return total, err
			}
			total += n
		}
	}
	if total > 0 {
		d.Committed()
	}
	return total, nil
}

// circles refuses what people say by hand when an entity would own itself or be part of itself: they are there to be
// told. Descriptors and tools are warned where they are read, and what is theirs is taken in as it is.
func (d *Door) circles(statements []catalog.Statement) error {
	var people []catalog.Statement
	for i := range statements {
		if statements[i].Source.Rank == catalog.People {
			people = append(people, statements[i])
		}
	}
	if len(people) == 0 {
		return nil
	}
	return fault.InvalidInput(people[0].Ref.String(), d.Roll.Cycle(people))
}

// missing lists what the statements point at that neither they nor the roll know.
func (d *Door) missing(statements []catalog.Statement) []catalog.Ref {
	said := make(map[catalog.Ref]bool, len(statements))
	for i := range statements {
		said[statements[i].Ref] = true
	}
	var missing []catalog.Ref
	for i := range statements {
		for _, claim := range statements[i].Claims {
			target := claim.Target()
			if target.IsZero() || said[target] {
				continue
			}
			if _, ok := d.Roll.Get(target); !ok {
				missing = append(missing, target)
			}
		}
	}
	return missing
}

// Describe applies documents: each replaces what it said before, and entities that it speaks of no longer are
// withdrawn. A document with faults still applies what could be read of it, and what the principal may not edit is a
// fault of its document; when that is all there is, the error is Forbidden. A dry run only tells what would change.
func (d *Door) Describe(ctx context.Context, documents []descriptor.Document, dry bool) ([]descriptor.Outcome, error) {
	results := descriptor.Read(documents)
	outcomes := make([]descriptor.Outcome, len(results))
	sources := make([]string, len(results))
	place := make(map[string]int, len(results))
	for i := range results {
		outcomes[i].Result = results[i]
		sources[i] = descriptor.SourceOf(results[i].Name).Name
		place[sources[i]] = i
	}
	spoken, err := d.Store.Spoken(ctx, sources)
	if err != nil {
		return nil, err
	}
	var statements []catalog.Statement
	var refused error
	for i := range results {
		said := results[i].Statements
		if len(results[i].Faults) == 0 {
			said = append(slices.Clip(said), d.unsaid(descriptor.SourceOf(results[i].Name), said, spoken[sources[i]])...)
		}
		for n := range said {
			normal, err := said[n].Normalize()
			if err != nil {
				return nil, err
			}
			if err := d.permit(ctx, &normal); err != nil {
				refused = err
				outcomes[i].Faults = append(outcomes[i].Faults, unpermitted(&results[i], n, &normal, err)...)
				continue
			}
			statements = append(statements, said[n])
		}
	}
	if refused != nil && len(statements) == 0 {
		return nil, refused
	}
	changed := map[catalog.Ref]map[string]bool{}
	note := func(ref catalog.Ref, source string) {
		if changed[ref] == nil {
			changed[ref] = map[string]bool{}
		}
		changed[ref][source] = true
	}
	if dry {
		err = d.compare(ctx, statements, note)
	} else {
		var applied catalog.Applied
		applied, err = d.Apply(ctx, statements)
		for _, edit := range applied.Edits {
			note(edit.Ref, edit.Source.Name)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, statement := range statements {
		outcome := &outcomes[place[statement.Source.Name]]
		if changed[statement.Ref][statement.Source.Name] {
			outcome.Changed++
		} else {
			outcome.Unchanged++
		}
	}
	return outcomes, nil
}

// unpermitted says where in a document stands what its sender may not say.
func unpermitted(result *descriptor.Result, n int, s *catalog.Statement, err error) []descriptor.Problem {
	line := 0
	if n < len(result.Lines) {
		line = result.Lines[n]
	}
	known, ok := errors.AsType[*fault.Error](err)
	if !ok || len(known.Faults) == 0 {
		return []descriptor.Problem{{Line: line, Detail: sentence(err)}}
	}
	problems := make([]descriptor.Problem, len(known.Faults))
	for i, f := range known.Faults {
		problems[i] = descriptor.Problem{Line: line, Detail: s.Ref.String() + ": " + f.Detail}
	}
	return problems
}

// unsaid withdraws what a source said of entities that it speaks of no longer.
func (d *Door) unsaid(source catalog.Source, statements []catalog.Statement, spoken []int64) []catalog.Statement {
	var withdrawn []catalog.Statement
	for _, id := range spoken {
		e, ok := d.Roll.ByID(id)
		if !ok || slices.ContainsFunc(statements, func(s catalog.Statement) bool { return s.Ref == e.Ref() }) {
			continue
		}
		withdrawn = append(withdrawn, catalog.Statement{Ref: e.Ref(), Source: source, Withdraw: true})
	}
	return withdrawn
}

// compare notes the statements that differ from what their source claims now.
func (d *Door) compare(ctx context.Context, statements []catalog.Statement, note func(catalog.Ref, string)) error {
	for _, statement := range statements {
		normal, err := d.normalize(statement)
		if err != nil {
			return err
		}
		standing := map[catalog.Field]string{}
		if e, ok := d.Roll.Get(normal.Ref); ok {
			facts, err := d.Roll.Facts(ctx, e.ID, time.Time{}, time.Time{})
			if err != nil {
				return err
			}
			for _, fact := range facts {
				for _, claim := range append(fact.Others, fact.Standing) {
					if claim.Source == normal.Source {
						standing[claim.Field] = string(claim.Value)
					}
				}
			}
		}
		same := len(standing) == len(normal.Claims)
		for _, claim := range normal.Claims {
			same = same && standing[claim.Field] == string(claim.Value)
		}
		if !same {
			note(normal.Ref, normal.Source.Name)
		}
	}
	return nil
}

// Claim says that an outside name is an entity, and gives it the name's past: the newest at once, the others behind it.
func (d *Door) Claim(ctx context.Context, alias string, ref catalog.Ref) (catalog.Claimed, error) {
	if err := access.Check(ctx, access.ClaimAlias); err != nil {
		return catalog.Claimed{}, err
	}
	alias = catalog.FoldAlias(alias)
	e, ok := d.Roll.Get(ref)
	if !ok { // another server may have made it a moment ago
		if _, err := d.Roll.Refresh(ctx); err != nil {
			return catalog.Claimed{}, err
		}
		e, ok = d.Roll.Get(ref)
	}
	if !ok {
		return catalog.Claimed{}, fault.New(fault.NotFound, "there is no %s: describe it first", ref)
	}
	for _, other := range d.Roll.Resolve(alias) {
		if other.Ref() != ref {
			return catalog.Claimed{}, fault.New(fault.Conflict, "%s is claimed by %s already: withdraw that first", alias, other.Ref())
		}
	}
	applied, err := d.Apply(ctx, []catalog.Statement{{
		Ref: ref, Name: e.Name, Source: catalog.PeopleSource, Partial: true, Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, alias), true)},
	}})
	if err != nil {
		return catalog.Claimed{}, err
	}
	// Apply has done it, unless the alias was claimed already.
	n, left, err := d.reattribute(ctx, alias, max(atOnce-applied.Reattributed, 1))
	return catalog.Claimed{Events: applied.Reattributed + n, Left: left}, err
}

// rotated reports that a tool told of nothing but who is on call, and who is next: a calendar that turns by itself. The fact
// is kept with its time, as each is, and the tool tells of a handover as such; an event of each would stand for months as the last
// change of a service in which nothing changes.
func rotated(edit catalog.Edit) bool {
	if edit.Created || edit.Retired || edit.Source.Rank != catalog.Integration {
		return false
	}
	shifts := 0
	for _, changed := range edit.Changes {
		switch family := changed.Field.Family(); {
		case family == catalog.FamilyOnCall, family == catalog.FamilyNextOnCall:
			shifts++
		case changed.Field != catalog.FieldName:
			return false
		}
	}
	return shifts > 0
}

// announce makes the events of the log that tell of edits of the roll.
func (d *Door) announce(edits []catalog.Edit, by access.Principal, now time.Time) []change.Event {
	events := make([]change.Event, 0, len(edits))
	for _, edit := range edits {
		if rotated(edit) {
			continue
		}
		e := change.Event{
			Source: "tidings", Kind: "catalog", Title: title(edit), StartedAt: now, ReceivedAt: now,
			Subjects: []change.Subject{{Name: edit.Ref.String(), Entity: edit.Entity}},
			Actor:    actor(edit.Source, by), RecordedBy: by.String(),
			Labels: map[string]string{"claimed_by": edit.Source.Name},
		}
		for _, changed := range edit.Changes[:min(len(edit.Changes), change.MaxDiff)] {
			if changed.Field == catalog.FieldName && !edit.Created && changed.New != nil && changed.Old == nil {
				continue // the source begins to speak of the entity: what it says is listed besides
			}
			e.Diff = append(e.Diff, change.Diff{Field: string(changed.Field), Old: plain(changed.Old), New: plain(changed.New)})
		}
		e.Normalize(now, "") // made from normal claims: it cannot fail, and titles are cut here
		d.redact(&e)
		events = append(events, e)
	}
	return events
}

func title(edit catalog.Edit) string {
	switch {
	case edit.Retired:
		return fmt.Sprintf("%s is no longer claimed by anyone", edit.Ref)
	case edit.Created:
		return fmt.Sprintf("%s joined the roll", edit.Ref)
	}
	var fields []string
	for _, changed := range edit.Changes {
		field := string(changed.Field)
		if changed.Field.Family() == catalog.FamilyNextOnCall {
			field = "who is next on call" // a line has no room for its instant, and a shift that is swapped is two fields
		}
		if changed.Field != catalog.FieldName && !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return fmt.Sprintf("%s is described by %s", edit.Ref, edit.Source.Name)
	}
	if len(fields) > 3 {
		return fmt.Sprintf("%s: %s and %d more fields", edit.Ref, strings.Join(fields[:3], ", "), len(fields)-3)
	}
	return fmt.Sprintf("%s: %s", edit.Ref, strings.Join(fields, ", "))
}

func actor(source catalog.Source, by access.Principal) change.Actor {
	if by.Type == access.Person && source.Rank == catalog.People {
		return change.Actor{Type: change.ByPerson, Name: by.Name}
	}
	via, _, _ := strings.Cut(source.Name, ":") // one import reads many files
	return change.Actor{Type: change.ByAutomation, Name: cmp.Or(by.Name, "tidings"), Via: via}
}

// plain is a claim's value as people read it.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
