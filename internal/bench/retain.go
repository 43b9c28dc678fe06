package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Of what is kept for a time: events of a month, all of them older than the retention.
const (
	oldest = 65 * 24 * time.Hour
	newest = 35 * 24 * time.Hour
	least  = 30 * 24 * time.Hour // the shortest retention
	// retainTime bounds how long the deleting may take.
	retainTime = 40 * time.Minute
	askEvery   = 500 * time.Millisecond
	retainers  = 4 // clients that post meanwhile
)

// retain measures what it costs that a month of events expires: how long it takes, and how long posts take meanwhile.
func (b *bench) retain(ctx context.Context) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	var err error
	if b.server, _, err = start(ctx, b.binary, b.arguments("old")...); err != nil {
		return err
	}
	all, err := documents(b.org)
	if err != nil {
		return err
	}
	if err := b.server.describe(ctx, all); err != nil {
		return err
	}
	now := time.Now()
	filled, err := b.pour(ctx, b.events, now.Add(-oldest), now.Add(-newest))
	if err != nil {
		return err
	}
	before, err := b.postUntil(ctx, b.span, nil)
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("post one event, %d clients, over %d old events", retainers, filled.done*batchSize),
		perSecond(before.rate()), fmt.Sprintf("p50 %s, p99 %s", millis(before.at(0.5)), millis(before.at(0.99))), "")
	if err := b.server.stop(); err != nil {
		return err
	}
	file := filepath.Join(b.dir, "retention.yaml")
	if err := os.WriteFile(file, []byte("retention: {changes: 30d, signals: 30d, notes: 30d}\n"), 0o600); err != nil {
		return err
	}
	if b.server, _, err = start(ctx, b.binary, append([]string{"--config", file}, b.arguments("old")...)...); err != nil {
		return err
	}
	during, err := b.postUntil(ctx, retainTime, func() (bool, error) { return b.gone(ctx, now.Add(-least)) })
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("%d events of a month expire", filled.done*batchSize), during.took.Round(100*time.Millisecond).String(),
		perSecond(float64(filled.done*batchSize)/during.took.Seconds()), "")
	b.add(fmt.Sprintf("post one event meanwhile, %d clients", retainers),
		perSecond(during.rate()), fmt.Sprintf("p50 %s, p99 %s", millis(during.at(0.5)), millis(during.at(0.99))), "")
	return nil
}

// gone reports whether there is no event from before an instant.
func (b *bench) gone(ctx context.Context, before time.Time) (bool, error) {
	content, err := b.server.get(ctx, "/api/v1/events?limit=1&until="+url.QueryEscape(before.UTC().Format(time.RFC3339)))
	if err != nil {
		return false, err
	}
	var page struct {
		Events []json.RawMessage `json:"events"`
	}
	err = json.Unmarshal(content, &page)
	return len(page.Events) == 0, err
}

var errOver = errors.New("it is over")

// postUntil posts new events one by one for a span, or until it is over; that it is not within the span is an error then.
func (b *bench) postUntil(ctx context.Context, span time.Duration, over func() (bool, error)) (load, error) {
	var bodies [][]byte
	for body, err := range b.bodies(5_000, 1, time.Now().Add(-time.Hour), time.Now()) {
		if err != nil {
			return load{}, err
		}
		bodies = append(bodies, dropKey(bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("[")), []byte("]"))))
	}
	run := time.Now().UnixNano()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if over != nil {
		go func() {
			for ctx.Err() == nil {
				time.Sleep(askEvery)
				if done, err := over(); err != nil {
					cancel(err)
				} else if done {
					cancel(errOver)
				}
			}
		}()
	}
	posted, err := drive(ctx, retainers, span, func(_ context.Context, client, n int) error {
		// A post that is under way when it is over is none that failed.
		_, err := b.server.post(context.WithoutCancel(ctx), "/api/v1/events", "application/json", unique(bodies[n%len(bodies)], client, int(run)+n))
		return err
	})
	switch {
	case errors.Is(err, errOver):
		return posted, nil
	case err == nil && over != nil:
		return posted, fmt.Errorf("there are still old events after %s", span)
	}
	return posted, err
}
