package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/integration"
)

// silenceEvery is how often it is asked which sources tell nothing although they usually would by now.
const silenceEvery = 5 * time.Minute

// listen tells of sources that went silent, and of their end, until the context ends. Every server does so: what two of
// them find is one event.
func (d *Daemon) listen(ctx context.Context) {
	ctx = access.With(ctx, access.Tidings)
	for {
		wait(ctx, silenceEvery)
		if ctx.Err() != nil {
			return
		}
		if err := d.tellSilence(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "which sources are silent is not known: it is tried again", "error", err)
		}
	}
}

// silencePrefix begins the keys of silences; the source and the hour of its last event follow.
const silencePrefix = "silence/"

func silenceKey(source string, since time.Time) string {
	return fmt.Sprintf("%s%s/%d", silencePrefix, source, since.Unix())
}

// tellSilence judges all sources, and records what is new of it.
func (d *Daemon) tellSilence(ctx context.Context) error {
	now := d.door.Now().UTC()
	all, err := d.reader.Silences(ctx, now)
	if err != nil {
		return err
	}
	delete(all, access.Tidings.Name)
	open, err := d.openSilences(ctx)
	if err != nil {
		return err
	}
	silent := map[string]feed.Silence{}
	var events []change.Event
	for source, s := range all {
		if !s.Silent {
			continue
		}
		since, err := d.heard(ctx, source, s.Since)
		if err != nil {
			return err
		}
		if since.After(s.Since.Add(time.Hour)) {
			continue // it delivers, and only nothing for the log
		}
		silent[source] = s
		key := silenceKey(source, s.Since)
		if _, told := open[key]; told {
			delete(open, key)
			continue
		}
		e := ownEvent("alert", key, fmt.Sprintf("%s is silent since %s", source, since.Format("2 January 15:04")), now)
		e.Phase, e.Labels = change.Started, map[string]string{"source": source}
		e.Detail = fmt.Sprintf("By now it would usually have told of about %.0f events. See whether the tool still calls, and whether its credential is valid: the page of the source has its last deliveries.", s.Usual)
		events = append(events, e)
	}
	for _, e := range open { // it told again, or its rhythm is forgotten
		e.Phase, e.EndedAt, e.Title = change.Succeeded, now, strings.Replace(e.Title, " is silent since ", " was silent from ", 1)
		events = append(events, e)
	}
	d.silentMu.Lock()
	d.silent = silent
	d.silentMu.Unlock()
	if len(events) == 0 {
		return nil
	}
	_, err = d.door.Record(ctx, events)
	return err
}

// heard is when a source was last heard: its last event, or a delivery that holds nothing for the log.
func (d *Daemon) heard(ctx context.Context, source string, hour time.Time) (time.Time, error) {
	heard := hour
	page, err := d.store.Feed(ctx, change.Filter{Sources: []string{source}}, change.Cursor{}, 1, false)
	if err != nil {
		return heard, err
	}
	for i := range page.Events {
		heard = page.Events[i].At()
	}
	for _, outcome := range []integration.Outcome{integration.Taken, integration.Ignored} {
		last, _, err := d.store.Deliveries(ctx, source, outcome, "", 1)
		if err != nil {
			return heard, err
		}
		if len(last) > 0 && last[0].LastAt.After(heard) {
			heard = last[0].LastAt
		}
	}
	return heard, nil
}

// openSilences are those that were told and have not ended, by key.
func (d *Daemon) openSilences(ctx context.Context) (map[string]change.Event, error) {
	open := map[string]change.Event{}
	page, err := d.store.Feed(ctx, change.Filter{Sources: []string{access.Tidings.Name}, Kinds: []string{"alert"}, Phases: []change.Phase{change.Started}}, change.Cursor{}, 500, false)
	if err != nil {
		return nil, err
	}
	for i := range page.Events {
		if e := page.Events[i]; strings.HasPrefix(e.Key, silencePrefix) {
			open[e.Key] = change.Event{
				Source: e.Source, Key: e.Key, Kind: e.Kind, Title: e.Title, Subjects: e.Subjects, Actor: e.Actor, StartedAt: e.StartedAt,
			}
		}
	}
	return open, nil
}

// silence marks a source that is silent.
func (d *Daemon) silence(state *integration.State) {
	d.silentMu.Lock()
	defer d.silentMu.Unlock()
	if s, silent := d.silent[state.Name]; silent {
		state.SilentSince = s.Since
	}
}
