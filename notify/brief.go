package notify

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration/chat"
)

// Bounds of a brief.
const (
	briefReach   = 7 * 24 * time.Hour  // how far it goes back where nothing is known of earlier handovers
	longestBrief = 28 * 24 * time.Hour // at most
	briefShifts  = 100                 // handovers that are looked at
)

// brief tells at a handover what changed in what somebody is about to carry, since they last carried it.
func (o *Office) brief(ctx context.Context, f *Follow, handover uuid.UUID) (*chat.Message, error) {
	e, err := o.Feed.Store.Event(ctx, handover)
	if err != nil {
		return nil, err
	}
	since, err := o.carriedUntil(ctx, &e)
	if err != nil {
		return nil, err
	}
	m, err := o.together(ctx, f, since, e.StartedAt)
	if err != nil {
		return nil, err
	}
	if m == nil {
		m = &chat.Message{Lead: "Nothing changed since " + f.ago(since, e.StartedAt) + "."}
	}
	for _, one := range o.resolved([]Follow{*f}) {
		open, err := o.openSuspects(ctx, &one)
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			m.Lead = "Something is open. " + m.Lead
		}
		m.Items = append(open, m.Items...)
		m.Items = m.Items[:min(len(m.Items), chat.MaxItems)]
	}
	m.Title = "Shift brief: " + e.Title
	m.URL = o.link("/e/" + e.ID.String())
	for kind, names := range map[catalog.Kind][]string{catalog.Service: f.Services, catalog.Team: f.Teams} {
		for _, name := range names {
			if ref, err := catalog.ParseRef(name, kind); err == nil {
				if one, found := o.Roll.Get(ref); found && len(m.Facts) < chat.MaxFacts {
					m.Facts = append(m.Facts, chat.Fact{Name: "Now on call for " + one.Name, Value: cmp.Or(o.onCall(one), "nobody is known")})
				}
			}
		}
	}
	slices.SortFunc(m.Facts, func(a, b chat.Fact) int { return strings.Compare(a.Name, b.Name) })
	return m, nil
}

// carriedUntil is when those who take over carried it last: when they handed it over to others. Where handovers don't say who
// takes over, it is the handover before.
func (o *Office) carriedUntil(ctx context.Context, handover *change.Event) (time.Time, error) {
	filter := change.Filter{Kinds: []string{change.Handover}, Since: handover.StartedAt.Add(-longestBrief), Until: handover.StartedAt}
	for _, subject := range handover.Subjects {
		if subject.Entity != 0 {
			filter.Entities = append(filter.Entities, subject.Entity)
		}
	}
	page, err := o.Feed.Store.Feed(ctx, filter, change.Cursor{}, briefShifts, false)
	if err != nil {
		return time.Time{}, err
	}
	who := carrier(handover)
	last := func(e *change.Event) bool { return who == "" || carrier(e) == who }
	for i := range page.Events {
		if last(&page.Events[i]) {
			// It ended with the handover after it; without one they went on carrying it.
			return page.Events[max(i-1, 0)].StartedAt, nil
		}
	}
	return handover.StartedAt.Add(-briefReach), nil
}

// carrier is who takes over by a handover.
func carrier(e *change.Event) string {
	if i := slices.IndexFunc(e.Diff, func(d change.Diff) bool { return d.Field == change.OnCall }); i >= 0 {
		return e.Diff[i].New
	}
	if e.Actor.Type == change.ByPerson {
		return e.Actor.Name
	}
	return ""
}
