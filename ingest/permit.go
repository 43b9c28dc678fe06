package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// permit asks access about one normal statement, by who owns its entity before the edit. What a source or Tidings itself
// says, it may say: it was configured by somebody who may. The error's faults point at
// fields: "/alias/github:acme/x".
func (d *Door) permit(ctx context.Context, s *catalog.Statement) error {
	who := access.From(ctx)
	if who.Type == access.Source || who.Type == access.System {
		return nil
	}
	op := access.Observe
	switch s.Source.Rank {
	case catalog.People:
		op = access.EditEntity
	case catalog.Descriptor:
		op = access.ApplyDocuments
	}
	if err := who.Check(op); err != nil || op == access.Observe || who.Role >= access.RoleOperator {
		return err
	}
	entity, known := d.Roll.Get(s.Ref)
	if known && entity.Retired {
		entity, known = nil, false
	}
	var faults []fault.Fault
	if !oneself(who, s.Ref) && (!known || entity.Owner == nil || !oneself(who, *entity.Owner)) {
		if err := access.CheckOwned(ctx, op, s.Ref.String(), owners(who, s, entity)...); err != nil {
			return err
		}
	}
	for _, claim := range s.Claims {
		if err := d.permitClaim(who, s, entity, claim); err != nil {
			faults = append(faults, fault.Fault{Pointer: "/" + string(claim.Field), Detail: err.Error()})
		}
	}
	return forbidden(s.Ref.String(), faults)
}

// owners are the teams whose members may edit an entity. What nobody owns may be taken by whoever gives it to a team of
// their own; a team belongs to itself, and a person to nobody else.
func owners(who access.Principal, s *catalog.Statement, entity *catalog.Entity) []string {
	if s.Ref.Kind == catalog.Team {
		own := []string{s.Ref.Name}
		if entity != nil && entity.Owner != nil && entity.Owner.Kind == catalog.Team {
			own = append(own, entity.Owner.Name)
		}
		return own
	}
	if entity != nil && entity.Owner != nil {
		if entity.Owner.Kind == catalog.Team {
			return []string{entity.Owner.Name}
		}
		return []string{entity.Owner.String()} // a person, who is no team
	}
	if s.Ref.Kind == catalog.Person {
		return []string{s.Ref.String()}
	}
	for _, claim := range s.Claims {
		if claim.Field != catalog.FieldOwner {
			continue
		}
		if target := claim.Target(); target.Kind == catalog.Team && who.In(target.Name) {
			return []string{target.Name}
		}
	}
	return nil
}

// oneself reports whether an entity is the person who asks.
func oneself(who access.Principal, ref catalog.Ref) bool {
	if who.Type != access.Person || ref.Kind != catalog.Person {
		return false
	}
	own, err := catalog.ParseRef(who.Name, catalog.Person)
	return err == nil && own == ref
}

// permitClaim refuses what reaches beyond the entity: a name that another entity answers to, and membership of a team.
func (d *Door) permitClaim(who access.Principal, s *catalog.Statement, entity *catalog.Entity, claim catalog.Claim) error {
	if string(claim.Value) == "null" {
		return nil
	}
	switch claim.Field.Family() {
	case catalog.FamilyAlias:
		alias := claim.Field.Rest()
		if entity != nil && slices.Contains(entity.Aliases, alias) {
			return nil
		}
		if s.Source.Rank == catalog.People {
			if err := who.Check(access.ClaimAlias); err != nil {
				return fmt.Errorf("claims an outside name: %s", sentence(err))
			}
		}
		for _, other := range d.Roll.Resolve(alias) {
			if other.Ref() != s.Ref {
				return fmt.Errorf("%s is a name of %s: only an operator may say otherwise", alias, other.Ref())
			}
		}
	case catalog.FamilyPartOf:
		if s.Ref.Kind == catalog.Person {
			return fmt.Errorf("who belongs to a team is said by an operator, or by the provider of logins")
		}
	}
	return nil
}

// forbidden is nil when there are no faults.
func forbidden(what string, faults []fault.Fault) error {
	if len(faults) == 0 {
		return nil
	}
	err := fault.New(fault.Forbidden, "%s: %s", what, faults[0].Detail)
	if n := len(faults); n > 1 {
		err = fault.New(fault.Forbidden, "%s: %s (and %d more)", what, faults[0].Detail, n-1)
	}
	err.Faults = faults
	return err
}

// sentence is what a fault says to people.
func sentence(err error) string {
	if known, ok := err.(*fault.Error); ok { //nolint:errorlint // the faults of access are not wrapped
		return known.Detail
	}
	return err.Error()
}

// permitEvents asks access about the source of each event, and whether there may be so many. A fault points at the source
// by the place of its event.
func (d *Door) permitEvents(ctx context.Context, events []change.Event) error {
	var faults []fault.Fault
	var refused error
	asked, sources := map[string]error{}, map[string]int{}
	for i := range events {
		source := events[i].Source
		sources[source]++
		err, known := asked[source]
		if !known {
			err = access.CheckSource(ctx, source)
			asked[source] = err
		}
		if err != nil {
			refused = err
			faults = append(faults, fault.Fault{Pointer: "/" + strconv.Itoa(i) + "/source", Detail: sentence(err)})
		}
	}
	if refused == nil && d.Admit != nil {
		return d.Admit(ctx, sources)
	}
	if refused == nil || !fault.Is(refused, fault.Forbidden) || access.Check(ctx, access.RecordEvents) != nil {
		return refused
	}
	return forbidden("events", faults)
}
