package store

import (
	"context"
	"fmt"
	"slices"

	"tidings.dev/tidings/change"
)

// How many events of one entity are looked at for those of the kinds that were asked for: so many for each that is wanted,
// and no more than a bound. A service can have a hundred thousand alerts between two changes.
const (
	lookedForEach = 8
	mostLooked    = 1000
)

// Latest gives the newest events of each entity, of the kinds and within the time that were asked for, each event once and
// in the order of the feed. Of an entity at most 1,000 are looked at, and eight for each that is wanted; of those, only what is
// given is read.
func (s *Store) Latest(ctx context.Context, ask change.Latest) ([]change.Event, error) {
	if len(ask.Entities) == 0 || ask.Each < 1 || ask.Until.Before(ask.Since) {
		return nil, nil
	}
	args := []any{ask.Since.UnixMicro(), ask.Until.UnixMicro(), min(ask.Each, mostLooked)}
	looked := ask.Each
	kinds := ""
	if len(ask.Kinds) > 0 {
		looked = min(ask.Each*lookedForEach, mostLooked)
		filter := change.Filter{Kinds: ask.Kinds}
		codes := filter.KindCodes()
		if len(codes) == 0 {
			return nil, nil
		}
		wanted := list(&args, codes)
		kinds = ` WHERE (z.kind IN ` + wanted + ` OR z.kind = 0 AND (SELECT x.kind FROM event x WHERE x.seq = z.seq) IN ` + wanted + `)`
	}
	args = append(args, looked)
	order := " ORDER BY z.at DESC, z.seq DESC"
	if s.engine.Ordered {
		order = "" // it is that of what is looked at: to ask for it would have all of that read before the first is given
	}
	within := fmt.Sprintf(s.engine.Within, fmt.Sprintf(`SELECT z.seq FROM
		(SELECT y.at, y.seq, y.kind FROM event_subject y WHERE y.entity = w.item AND y.at >= $1 AND y.at <= $2 ORDER BY y.at DESC, y.seq DESC LIMIT $%d+0) AS z%s%s LIMIT $3+0`, len(args), kinds, order))
	rows, err := s.query(ctx, `SELECT n.value FROM (`+s.numbers(&args, ask.Entities)+`) AS w `+within, args...)
	seqs, err := collect(rows, err, scanInt)
	if err != nil {
		return nil, s.fault("look for the latest events", err)
	}
	events, err := s.numbered(ctx, seqs)
	return events, s.fault("read the latest events", err)
}

// numbered reads events by their numbers, each once, in the order of the feed. All that is to be read is looked for first, by
// indexes alone, and is then read in the order in which it lies: of a large log each event is on a page of its own, and one looked
// for after another somewhere else needs the pages that lead there anew.
func (s *Store) numbered(ctx context.Context, seqs []int64) ([]change.Event, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	slices.Sort(seqs)
	found, err := s.documents(ctx, slices.Compact(seqs))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, newestFirst)
	events := make([]change.Event, len(found))
	for i := range found {
		if err := found[i].read(&events[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}
