package pagerduty

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
)

// cursor is how far incidents were looked at.
type cursor struct {
	Since time.Time `json:"since"`           // the oldest that may still change
	Done  bool      `json:"done,omitempty"`  // the look into the past is over
	Until time.Time `json:"until,omitzero"`  // how far it goes back
	Start time.Time `json:"start,omitzero"`  // where the part begins that is looked at next
	Again time.Time `json:"again,omitzero"`  // of this round, the oldest that is not resolved
	Next  int       `json:"offset,omitzero"` // the page to go on with
}

// span is of how much time incidents are asked for at once: PagerDuty pages through ten thousand at most.
const (
	span = 30 * 24 * time.Hour
	// lag is how much of the past is looked at again: what was resolved meanwhile stands by its creation.
	lag = time.Hour
)

// Poll looks for incidents by their creation: new ones, and again those that were not resolved.
func (s *Asked) Poll(ctx context.Context, from string) (integration.Look, error) {
	if s.silent(ctx) {
		return integration.Look{Cursor: from, Idle: "no token is set"}, nil
	}
	now := s.now().UTC().Truncate(time.Second)
	var at cursor
	if json.Unmarshal([]byte(from), &at) != nil || at.Since.IsZero() {
		reach, err := s.config.Reach.Reach()
		if err != nil {
			return integration.Look{}, err
		}
		at = cursor{Since: now.Add(-reach), Until: now.Add(-reach)}
	}
	if at.Start.IsZero() {
		at.Start, at.Next, at.Again = at.Since, 0, now.Add(-lag)
	}
	end := at.Start.Add(span)
	if end.After(now) {
		end = now.Add(time.Minute) // its clock may be ahead
	}
	var list struct {
		page
		Incidents []incident `json:"incidents"`
	}
	query := url.Values{
		"since": {at.Start.Format(time.RFC3339)}, "until": {end.Format(time.RFC3339)}, "sort_by": {"created_at:asc"},
		"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(at.Next)}, "statuses[]": {"triggered", "acknowledged", "resolved"},
	}
	if _, err := s.client.Get(ctx, "incidents?"+query.Encode(), nil, &list); err != nil {
		return integration.Look{}, err
	}
	look := integration.Look{Backfill: &integration.Backfill{Until: at.Until, At: at.Start, Done: at.Done}}
	for i := range list.Incidents {
		incident := &list.Incidents[i]
		if incident.Status != "resolved" && incident.CreatedAt.Before(at.Again) {
			at.Again = incident.CreatedAt
		}
		e, ok, err := s.standing(incident)
		if err != nil {
			look.Problem = "incident " + integration.Line(incident.ID) + ": " + err.Error()
		} else if ok {
			look.Events = append(look.Events, e)
		}
		if incident.CreatedAt.After(look.Backfill.At) {
			look.Backfill.At = integration.At(incident.CreatedAt)
		}
	}
	switch {
	case list.More && at.Next+2*pageSize <= furthest:
		at.Next += pageSize
		look.More = true
	case list.More && len(list.Incidents) > 0: // more than can be paged through: on from the last that was seen
		at.Start, at.Next = list.Incidents[len(list.Incidents)-1].CreatedAt, 0
		look.More = true
	case end.Before(now):
		at.Start, at.Next = end, 0
		look.More = true
	default:
		at = cursor{Since: oldest(at.Again, now), Done: true, Until: at.Until}
		look.Backfill.Done = true
	}
	text, err := json.Marshal(at)
	look.Cursor = string(text)
	return look, err
}

// oldest bounds how long an incident that nobody resolves is looked at again.
func oldest(at, now time.Time) time.Time {
	if least := now.Add(-span); at.Before(least) {
		return least
	}
	return at.UTC()
}

// incident is one of the list, which says how it stands and not what happened.
type incident struct {
	data
	Status     string     `json:"status"`
	ResolvedAt time.Time  `json:"resolved_at"`
	ChangedAt  time.Time  `json:"last_status_change_at"`
	ChangedBy  *reference `json:"last_status_change_by"`
}

// standing makes the event that the webhook's steps up to here make, through the same code.
func (s *Asked) standing(i *incident) (change.Event, bool, error) {
	v := event{Type: "incident.triggered", OccurredAt: i.CreatedAt, Data: i.data}
	v.Data.Type = "incident"
	switch i.Status {
	case "acknowledged":
		v.Type, v.OccurredAt, v.Agent = "incident.acknowledged", integration.At(i.ChangedAt, i.CreatedAt), i.ChangedBy
	case "resolved":
		v.Type, v.OccurredAt, v.Agent = "incident.resolved", integration.At(i.ResolvedAt, i.ChangedAt, i.CreatedAt), i.ChangedBy
	}
	e, ignored, err := s.Source.incident(&v)
	return e, ignored == "" && err == nil, err
}
