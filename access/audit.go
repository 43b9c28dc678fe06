package access

import (
	"context"
	"maps"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Entry is one act for the audit: an event of the kind access in the log, whose source is Tidings itself. It never
// holds a secret.
type Entry struct {
	// Action is a word such as login or role; the label "action".
	Action string
	// Title says in one line what happened.
	Title string
	// About is the account, token or setting; the label "about".
	About  string
	Failed bool
	// Diff is what was before and is after.
	Diff []change.Diff
	// Labels are more to search by; "action", "about", "address" and "shown" are taken.
	Labels map[string]string
	// By is who did it; the zero value is nobody that is known.
	By Principal
}

// AuditKind is the kind of the audit's events.
const AuditKind = "access"

// event is the entry as the log keeps it. Subject is Tidings in the roll.
func (e Entry) event(subject change.Subject, now time.Time) (change.Event, error) {
	labels := map[string]string{"action": e.Action}
	for key, value := range e.Labels {
		labels[key] = value
	}
	for key, value := range map[string]string{"about": e.About, "address": e.By.Address, "shown": e.By.Credential} {
		if value != "" {
			labels[key] = line(value, change.MaxText)
		}
	}
	actor := change.Actor{Type: change.ByUnknown, Name: line(e.By.Name, MaxName)}
	switch e.By.Type {
	case Person:
		actor.Type = change.ByPerson
	case Token, System, Source:
		actor.Type = change.ByAutomation
	}
	event := change.Event{
		Source: Tidings.Name, Kind: AuditKind, Phase: change.Succeeded, Title: line(e.Title, 4*change.MaxTitle),
		Subjects: []change.Subject{subject}, Actor: actor, StartedAt: now, ReceivedAt: now,
		Diff: e.Diff, Labels: labels, RecordedBy: e.By.String(),
	}
	if e.Failed {
		event.Phase = change.Failed
	}
	if faults := event.Normalize(now, ""); faults != nil {
		return change.Event{}, fault.New(fault.Internal, "an entry of the audit: %s: %s", faults[0].Pointer, faults[0].Detail)
	}
	return event, nil
}

// Veil takes out of an event of the audit what only those see who may read the audit: from which address, with what
// credential, and the values before and after. That something happened, and who did it, everybody sees.
func Veil(ctx context.Context, e *change.Event) {
	if e.Kind != AuditKind || Check(ctx, ReadAudit) == nil {
		return
	}
	labels := maps.Clone(e.Labels) // others may hold the same event
	delete(labels, "address")
	delete(labels, "shown")
	e.Labels, e.Diff = labels, nil
}

// said lists what differs between two states, as field, before, after.
func said(fields ...[3]string) []change.Diff {
	var diff []change.Diff
	for _, field := range fields {
		if field[1] != field[2] {
			diff = append(diff, change.Diff{Field: field[0], Old: field[1], New: field[2]})
		}
	}
	return diff
}

// differs is what an administrator sees of a change to an account.
func differs(before, after Account) []change.Diff {
	state := func(a Account) string {
		if a.Disabled() {
			return "disabled"
		}
		return "enabled"
	}
	return said(
		[3]string{"name", before.Name, after.Name},
		[3]string{"title", before.Title, after.Title},
		[3]string{"email", before.Email, after.Email},
		[3]string{"role", before.Role().String(), after.Role().String()},
		[3]string{"given role", before.GivenRole.String(), after.GivenRole.String()},
		[3]string{"groups", strings.Join(before.AllGroups(), ", "), strings.Join(after.AllGroups(), ", ")},
		[3]string{"teams", strings.Join(before.Teams, ", "), strings.Join(after.Teams, ", ")},
		[3]string{"state", state(before), state(after)},
	)
}
