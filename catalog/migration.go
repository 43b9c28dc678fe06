package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// The keys of the tags that a migration is kept in: what has to move carries the one, what moved the other beside it, both with
// the name of the migration as their value. They are tags like any other, so that pipelines, descriptors and people can set them.
const (
	TagMigration = "migration"
	TagMigrated  = "migrated"
)

// MaxMigrationSteps bounds the past of a migration.
const MaxMigrationSteps = 200

// Migration is how far a migration has come.
type Migration struct {
	MigrationCount
	Teams []MigrationTeam // the most left first, then by the owner's name; what nobody owns is one of them
	Steps []MigrationStep // the earliest first
}

// MigrationCount is how many moved, of how many that have to.
type MigrationCount struct{ Done, All int }

// MigrationTeam is what one owner has of it.
type MigrationTeam struct {
	MigrationCount
	Owner Ref       // zero for nobody
	Left  []*Entity // by name
}

// MigrationStep is an instant from which on it stood so.
type MigrationStep struct {
	At time.Time
	MigrationCount
}

// Span is a claim over the time that it held, as is believed now.
type Span struct {
	Entity int64
	Standing
	HeldTo time.Time // zero: it holds still
}

// Migration tells how far a migration has come among what passes the filter now and has to move, and how it came there: each
// instant at which another one had to move, or moved, or no longer did, by what the strongest source of its tags says of that
// time. Beyond most steps the last one in each of most equal spaces of time is given.
func (r *Roll) Migration(ctx context.Context, what string, f Filter, most int, now time.Time) (*Migration, error) {
	if what == "" || len(what) > MaxValue {
		return nil, fault.New(fault.Invalid, "what is the value of the tag %s: at most %d bytes, and not empty", TagMigration, MaxValue)
	}
	if most < 1 || most > MaxMigrationSteps {
		return nil, fault.New(fault.Invalid, "steps is from 1 to %d, not %d", MaxMigrationSteps, most)
	}
	f.Tags = append(slices.Clone(f.Tags), TagMigration+":"+what)
	if err := f.Validate(); err != nil {
		return nil, err
	}
	ids := r.Select(f)
	m := &Migration{}
	fields := []Field{Key(FamilyTag, TagMigration), Key(FamilyTag, TagMigrated)} // and as they are spelled
	teams := map[Ref]*MigrationTeam{}
	for _, id := range ids {
		e, _ := r.ByID(id)
		for _, tag := range e.Tags {
			field := Key(FamilyTag, tag.Key)
			if (strings.EqualFold(tag.Key, TagMigration) || strings.EqualFold(tag.Key, TagMigrated)) && !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
		var owner Ref
		if e.Owner != nil {
			owner = *e.Owner
		}
		team := teams[owner]
		if team == nil {
			team = &MigrationTeam{Owner: owner}
			teams[owner] = team
		}
		team.All++
		if e.tagged(TagMigrated, what) {
			team.Done++
		} else {
			team.Left = append(team.Left, e)
		}
	}
	for _, team := range teams {
		m.Done, m.All = m.Done+team.Done, m.All+team.All
		slices.SortFunc(team.Left, func(a, b *Entity) int { return strings.Compare(a.Name, b.Name) })
		m.Teams = append(m.Teams, *team)
	}
	slices.SortFunc(m.Teams, func(a, b MigrationTeam) int {
		return cmp.Or(cmp.Compare(len(b.Left), len(a.Left)), strings.Compare(a.Owner.Name, b.Owner.Name))
	})
	spans, err := r.archive.Spans(ctx, ids, fields)
	if err != nil {
		return nil, err
	}
	m.Steps = thin(steps(spans, what, now), most)
	return m, nil
}

func (e *Entity) tagged(key, value string) bool {
	return slices.ContainsFunc(e.Tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) && strings.EqualFold(t.Value, value) })
}

// steps adds up what the entities came to carry, and carried no longer, up to now.
func steps(spans []Span, what string, now time.Time) []MigrationStep {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Entity, b.Entity) })
	var all []MigrationStep // of one entity each, by how much it changes the whole
	for len(spans) > 0 {
		end := slices.IndexFunc(spans, func(s Span) bool { return s.Entity != spans[0].Entity })
		if end < 0 {
			end = len(spans)
		}
		all = append(all, ownSteps(spans[:end], what, now)...)
		spans = spans[end:]
	}
	slices.SortFunc(all, func(a, b MigrationStep) int { return a.At.Compare(b.At) })
	var summed []MigrationStep
	var sum MigrationCount
	for i, step := range all {
		sum = MigrationCount{sum.Done + step.Done, sum.All + step.All}
		if i+1 == len(all) || !all[i+1].At.Equal(step.At) {
			summed = append(summed, MigrationStep{step.At, sum})
		}
	}
	return summed
}

// ownSteps are the instants at which one entity came to have to move, or moved, or the contrary.
func ownSteps(spans []Span, what string, now time.Time) []MigrationStep {
	var bounds []time.Time
	for _, s := range spans {
		bounds = append(bounds, s.HeldFrom)
		if !s.HeldTo.IsZero() {
			bounds = append(bounds, s.HeldTo)
		}
	}
	slices.SortFunc(bounds, time.Time.Compare)
	var own []MigrationStep
	var before MigrationCount
	for _, at := range slices.Compact(bounds) {
		if at.After(now) {
			break
		}
		var is MigrationCount
		if carried(spans, TagMigration, what, at) {
			is.All = 1
			if carried(spans, TagMigrated, what, at) {
				is.Done = 1
			}
		}
		if is != before {
			own = append(own, MigrationStep{at, MigrationCount{is.Done - before.Done, is.All - before.All}})
		}
		before = is
	}
	return own
}

// carried reports whether the strongest claim of a tag at an instant gave it a value.
func carried(spans []Span, key, value string, at time.Time) bool {
	var best *Span
	for i := range spans {
		s := &spans[i]
		holds := strings.EqualFold(s.Field.Rest(), key) && !s.HeldFrom.After(at) && (s.HeldTo.IsZero() || s.HeldTo.After(at))
		if holds && (best == nil || stronger(s.Standing, best.Standing) < 0) {
			best = s
		}
	}
	var text string
	return best != nil && json.Unmarshal(best.Value, &text) == nil && strings.EqualFold(text, value)
}

// thin keeps at most so many steps, the last of each space of time, and the very last.
func thin(all []MigrationStep, most int) []MigrationStep {
	if len(all) <= most {
		return all
	}
	first, last := all[0].At, all[len(all)-1].At
	space := func(at time.Time) int {
		return min(int(float64(at.Sub(first))/float64(last.Sub(first))*float64(most)), most-1)
	}
	var kept []MigrationStep
	for i, step := range all {
		if i+1 == len(all) || space(all[i+1].At) != space(step.At) {
			kept = append(kept, step)
		}
	}
	return kept
}
