package catalog

import (
	"cmp"
	"slices"
	"time"
)

// OnCall is a shift: who answers a page, in a role, from when until when. Name is a person's reference or an outside name.
type OnCall struct {
	Role string `json:"role"`
	Name string `json:"name"`
	// From is zero for a shift that had begun when it was told.
	From time.Time `json:"from,omitzero"`
	// Until is zero where no end is known.
	Until time.Time `json:"until,omitzero"`
}

// Duty is who answers for something: at an instant, and after it.
type Duty struct {
	// Now are those who answer, the primary first.
	Now []OnCall
	// Next are those who begin later: of each role the first to do so. None where nobody told who comes.
	Next []OnCall
}

// DutyOf is the duty at an instant of the first of the entities that has any shift: of a service, say, or else of its owner.
// What is nil is left out.
func DutyOf(at time.Time, entities ...*Entity) Duty {
	for _, e := range entities {
		if e != nil && len(e.OnCall)+len(e.NextOnCall) > 0 {
			return Duty{Now: e.onCallAt(at), Next: e.nextOnCallAt(at)}
		}
	}
	return Duty{}
}

// mostOnDuty bounds what is gathered of all that a team owns.
const mostOnDuty = 10

// Duty is who answers for an entity at an instant: who is named for it, or else for its owner; for a team for which nobody
// is named whoever is for what it owns, since pagers know services.
func (x *Index) Duty(e *Entity, at time.Time) Duty {
	var owner *Entity
	if e.Owner != nil {
		owner, _ = x.Get(*e.Owner)
	}
	duty := DutyOf(at, e, owner)
	if e.Kind != Team || len(e.OnCall)+len(e.NextOnCall) > 0 {
		return duty
	}
	for _, owned := range x.Owned(e.Ref()) {
		one := DutyOf(at, owned)
		duty.Now, duty.Next = gathered(duty.Now, one.Now), gathered(duty.Next, one.Next)
	}
	return duty
}

// gathered adds shifts, each person once in a role.
func gathered(all, more []OnCall) []OnCall {
	for _, shift := range more {
		same := func(other OnCall) bool { return other.Role == shift.Role && other.Name == shift.Name }
		if len(all) < mostOnDuty && !slices.ContainsFunc(all, same) {
			all = append(all, shift)
		}
	}
	slices.SortStableFunc(all, byRole)
	return all
}

// OnDuty is the entity with its shifts as they are at an instant: in OnCall those whose it is, in NextOnCall all that begin later.
func (e *Entity) OnDuty(at time.Time) *Entity {
	if len(e.OnCall)+len(e.NextOnCall) == 0 {
		return e
	}
	seen := *e
	seen.OnCall = e.onCallAt(at)
	seen.NextOnCall = slices.DeleteFunc(slices.Clone(e.NextOnCall), func(shift OnCall) bool { return !shift.From.After(at) })
	return &seen
}

// lingers is how long one whose shift is over still answers, where nobody told who came after: better the last one than nobody.
const lingers = 24 * time.Hour

// onCallAt lists those whose shift it is at an instant. A shift that was told ahead counts from its beginning, before
// its source is asked again.
func (e *Entity) onCallAt(at time.Time) []OnCall {
	shifts := slices.Concat(e.OnCall, e.NextOnCall)
	var all []OnCall
	for _, shift := range shifts {
		begun, over := !shift.From.After(at), !shift.Until.IsZero() && !shift.Until.After(at)
		outlasts := func(other OnCall) bool {
			return other.Role == shift.Role && (other.Until.IsZero() || other.Until.After(shift.Until))
		}
		if begun && !over || over && at.Sub(shift.Until) < lingers && !slices.ContainsFunc(shifts, outlasts) {
			all = append(all, shift)
		}
	}
	slices.SortStableFunc(all, byRole)
	return all
}

// nextOnCallAt lists, of each role, those who are the first to begin after an instant.
func (e *Entity) nextOnCallAt(at time.Time) []OnCall {
	var all []OnCall
	for _, shift := range e.NextOnCall { // in order of their beginning
		earlier := func(other OnCall) bool { return other.Role == shift.Role && other.From.Before(shift.From) }
		if shift.From.After(at) && !slices.ContainsFunc(all, earlier) {
			all = append(all, shift)
		}
	}
	slices.SortStableFunc(all, byRole)
	return all
}

func byRole(a, b OnCall) int { return cmp.Compare(onCallOrder(a.Role), onCallOrder(b.Role)) }

func onCallOrder(role string) int {
	switch role {
	case "primary":
		return 0
	case "secondary", "backup":
		return 1
	}
	return 2
}
