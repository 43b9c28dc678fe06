package graph

import (
	"context"
	"errors"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/fault"
)

// PutEntity claims fields by hand.
func (m mutations) PutEntity(ctx context.Context, ref string, fields []FieldInput) (*Entity, error) {
	parsed, err := catalog.ParseRef(ref, "")
	if err != nil {
		return nil, err
	}
	statement := catalog.Statement{Ref: parsed, Name: m.written(parsed, ref), Source: catalog.PeopleSource, Partial: true}
	for _, field := range fields {
		value := field.Value
		if value == nil {
			value = []byte("null")
		}
		statement.Claims = append(statement.Claims, catalog.Claim{Field: catalog.Field(field.Field), Value: value})
	}
	if _, err := m.deps.Writer.Apply(ctx, []catalog.Statement{statement}); err != nil {
		return nil, fieldFaults(parsed, err)
	}
	return m.related(ctx, parsed, time.Time{})
}

// written is the name as people write it: that of the entity, or of the reference that makes it.
func (a *API) written(ref catalog.Ref, as string) string {
	if entity, ok := a.deps.Roll.Get(ref); ok {
		return entity.Name
	}
	_, name, _ := strings.Cut(strings.TrimSpace(as), ":")
	return name
}

// fieldFaults points the faults of a statement at the fields of the input.
func fieldFaults(ref catalog.Ref, err error) error {
	known, ok := errors.AsType[*fault.Error](err)
	if !ok || known.Code != fault.Invalid || len(known.Faults) == 0 {
		return err
	}
	faults := make([]fault.Fault, len(known.Faults))
	for i, f := range known.Faults {
		if rest, found := strings.CutPrefix(f.Pointer, "/claims/"); found {
			f.Pointer = "/fields/" + rest
		}
		faults[i] = f
	}
	return fault.InvalidInput(ref.String(), faults)
}

// DeleteEntity withdraws what people claimed by hand; false when they claimed nothing.
func (m mutations) DeleteEntity(ctx context.Context, ref string) (bool, error) {
	parsed, err := catalog.ParseRef(ref, "")
	if err != nil {
		return false, err
	}
	if _, ok := m.deps.Roll.Get(parsed); !ok {
		return false, fault.New(fault.NotFound, "there is no %s", parsed)
	}
	applied, err := m.deps.Writer.Apply(ctx, []catalog.Statement{{Ref: parsed, Source: catalog.PeopleSource, Withdraw: true}})
	return len(applied.Edits) > 0, err
}

// ApplyDescriptors reads descriptors into the roll.
func (m mutations) ApplyDescriptors(ctx context.Context, documents []DocumentInput, dryRun *bool) ([]DocumentResult, error) {
	read := make([]descriptor.Document, len(documents))
	for i, document := range documents {
		read[i] = descriptor.Document{Name: document.Name, Content: []byte(document.Content)}
	}
	outcomes, err := m.deps.Writer.Describe(ctx, read, dryRun != nil && *dryRun)
	if err != nil {
		return nil, err
	}
	results := make([]DocumentResult, len(outcomes))
	for i, outcome := range outcomes {
		results[i] = DocumentResult{
			Name: outcome.Name, Format: outcome.Format, Changed: outcome.Changed, Unchanged: outcome.Unchanged,
			Faults: problems(outcome.Faults), Warnings: problems(outcome.Warnings),
		}
		for _, statement := range outcome.Statements {
			results[i].Entities = append(results[i].Entities, statement.Ref.String())
		}
	}
	return results, nil
}

func problems(found []descriptor.Problem) []DocumentFault {
	list := make([]DocumentFault, len(found))
	for i, problem := range found {
		list[i] = DocumentFault(problem)
	}
	return list
}

// ClaimAlias says that an outside name is an entity.
func (m mutations) ClaimAlias(ctx context.Context, alias, ref string) (*ClaimAliasResult, error) {
	parsed, err := catalog.ParseRef(ref, "")
	if err != nil {
		return nil, err
	}
	claimed, err := m.deps.Writer.Claim(ctx, alias, parsed)
	if err != nil {
		return nil, err
	}
	entity, err := m.related(ctx, parsed, time.Time{})
	return &ClaimAliasResult{Entity: entity, Events: claimed.Events, Left: claimed.Left}, err
}
