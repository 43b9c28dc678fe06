package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/internal/bench/org"
)

// bench is the measure of one engine.
type bench struct {
	settings
	engine string
	table  *table
	org    *org.Org
	server *server
	filled bool // an earlier run left the installation
	raw    *raw // one table
	same   *raw // the tables that Tidings has
}

func (b *bench) add(what, figure, beside, promise string) {
	b.table.add(b.engine, what, figure, beside, promise)
}

// arguments tell the server which store to use; name tells the stores of one engine apart.
func (b *bench) arguments(name string) []string {
	switch {
	case b.engine == "sqlite" && b.data != "" && name == "main":
		return []string{"--data", filepath.Join(b.data, name)}
	case b.engine == "sqlite":
		return []string{"--data", filepath.Join(b.dir, name)}
	}
	return []string{"--database-url", b.database(name)}
}

func (b *bench) database(name string) string {
	address, err := url.Parse(b.postgres)
	if err != nil {
		return b.postgres
	}
	address.Path = "/bench_" + name
	return address.String()
}

// fillings tells what an installation that is left was filled with.
func (b *bench) fillings() (file, content string) {
	return filepath.Join(b.data, "filled"), fmt.Sprintf("%d events of %d services, seed %d\n", b.events, b.services, b.seed)
}

// left looks whether an earlier run left the installation that is asked for.
func (b *bench) left() error {
	file, want := b.fillings()
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Join(b.data, "main")); err == nil {
			return fmt.Errorf("%s holds an installation that was not filled to the end: remove it, or name another directory", b.data)
		}
		return os.MkdirAll(b.data, 0o700)
	case err != nil:
		return err
	case string(content) != want:
		return fmt.Errorf("%s holds %s and not %s", b.data, bytes.TrimSpace(content), strings.TrimSpace(want))
	}
	b.filled = true
	return nil
}

func (b *bench) open(ctx context.Context) error {
	if b.data != "" {
		if err := b.left(); err != nil {
			return err
		}
	}
	place := filepath.Join(b.dir, "raw.db")
	if b.engine == "postgres" {
		if b.postgres == "" {
			return fmt.Errorf("TIDINGS_TEST_POSTGRES is not set: run make bench")
		}
		for _, name := range []string{"main", "raw", "same", "large", "old"} {
			if err := makeDatabase(ctx, b.postgres, "bench_"+name); err != nil {
				return err
			}
		}
		place = b.database("raw")
	}
	var err error
	if b.raw, err = openRaw(ctx, b.engine, place); err != nil {
		return err
	}
	if b.same, err = b.openSame(ctx); err != nil {
		return err
	}
	b.server, _, err = start(ctx, b.binary, b.arguments("main")...)
	return err
}

func (b *bench) close() {
	if b.server != nil {
		_ = b.server.stop() // what is not stopped ends with the context
	}
	for _, r := range []*raw{b.raw, b.same} {
		if r != nil {
			_ = r.db.Close() // the benchmark is over
		}
	}
}

// entities are those of the organisation, numbered as they come.
func entities(o *org.Org) ([]catalog.Entity, error) {
	var all []catalog.Entity
	for statement := range o.Statements() {
		normal, err := statement.Normalize()
		if err != nil {
			return nil, err
		}
		var standing []catalog.Standing
		for _, claim := range normal.Claims {
			standing = append(standing, catalog.Standing{Claim: claim, Source: normal.Source})
		}
		entity := catalog.Merge(normal.Ref, catalog.Facts(standing))
		entity.ID = int64(len(all) + 1)
		all = append(all, entity)
	}
	return all, nil
}

// documents writes the organisation as descriptors, one file an entity.
func documents(o *org.Org) ([]file, error) {
	described, err := entities(o)
	if err != nil {
		return nil, err
	}
	var all []file
	for i := range described {
		ref := described[i].Ref()
		content, err := descriptor.Render("tidings", described[i], descriptor.Target{})
		if err != nil {
			return nil, err
		}
		all = append(all, file{Name: string(ref.Kind) + "/" + ref.Name + "/tidings.yaml", Content: string(content)})
	}
	return all, nil
}

type file struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

// describedAtOnce is how many documents one request carries.
const describedAtOnce = 5000

func (s *server) describe(ctx context.Context, all []file) error {
	for chunk := range slices.Chunk(all, describedAtOnce) {
		body, err := json.Marshal(map[string]any{"documents": chunk})
		if err != nil {
			return err
		}
		if _, err := s.post(ctx, "/api/v1/descriptors", "application/json", body); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) apply(ctx context.Context) error {
	if b.filled {
		fmt.Println("  it is there already")
		return nil
	}
	all, err := documents(b.org)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := b.server.describe(ctx, all); err != nil {
		return err
	}
	total, err := b.server.total(ctx, url.Values{"kind": {"service"}, "limit": {"1"}})
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("apply %d descriptors (%d services)", len(all), total), time.Since(began).Round(10*time.Millisecond).String(), "", "10 s for 10,000")
	began = time.Now()
	if err := b.server.describe(ctx, all); err != nil {
		return err
	}
	b.add("apply them again, nothing changed", time.Since(began).Round(10*time.Millisecond).String(), "", "")
	edited := all[len(all)/2]
	edited.Content = strings.Replace(edited.Content, "\ndescription: ", "\ndescription: Edited. ", 1)
	began = time.Now()
	if err := b.server.describe(ctx, []file{edited}); err != nil {
		return err
	}
	b.add("an edited file is visible", time.Since(began).Round(10*time.Microsecond).String(), "", "2 s")
	return nil
}

// bodies makes batches of events as they are posted.
func (b *bench) bodies(n, size int, from, to time.Time) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		var batch [][]byte
		flush := func() bool {
			body := append(append([]byte("["), bytes.Join(batch, []byte(","))...), ']')
			batch = batch[:0]
			return yield(body, nil)
		}
		for e := range b.org.Events(n, from, to) {
			if batch = append(batch, wire.Append(nil, &e)); len(batch) == size && !flush() {
				return
			}
		}
		if len(batch) > 0 {
			flush()
		}
	}
}

func (b *bench) singles(ctx context.Context) error {
	var bodies [][]byte
	for body, err := range b.bodies(20_000, 1, time.Now().Add(-time.Hour), time.Now()) {
		if err != nil {
			return err
		}
		bodies = append(bodies, dropKey(bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("[")), []byte("]"))))
	}
	for _, clients := range []int{1, 16, 64} {
		beside, err := b.raw.grouped(ctx, clients, b.span/2)
		if err != nil {
			return err
		}
		same, err := b.same.grouped(ctx, clients, b.span/2)
		if err != nil {
			return err
		}
		lines, hangUp, err := b.server.lines(ctx, clients)
		if err != nil {
			return err
		}
		got, err := drive(ctx, clients, b.span, func(ctx context.Context, client, n int) error {
			return lines[client].post(ctx, "/api/v1/events", unique(bodies[n%len(bodies)], clients, n))
		})
		hangUp()
		if err != nil {
			return err
		}
		b.add(fmt.Sprintf("post one event, %d clients", clients), fmt.Sprintf("%s, p99 %s", perSecond(got.rate()), millis(got.at(0.99))),
			ratios(got.rate(), beside.rate(), same.rate()), "half of raw")
	}
	return nil
}

// unique gives an event a key of its own, so that none is a retry.
func unique(body []byte, clients, n int) []byte {
	return append(fmt.Appendf(nil, `{"key":"bench/%d/%d",`, clients, n), body...)
}

// dropKey takes out what only the server gives, and the key, so that one can be put in front.
func dropKey(body []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body[1:]
	}
	for _, field := range []string{"key", "id", "class", "received_at", "recorded_by", "history"} {
		delete(fields, field)
	}
	out, _ := json.Marshal(fields) // it was JSON before
	return out[1:]
}

const batchSize = 1000

// ratios sets a rate beside the engine's own: one table with four indexes, and the tables and indexes that we need.
func ratios(rate, raw, same float64) string {
	return fmt.Sprintf("raw %s: ratio %.2f; our tables raw %s: ratio %.2f", perSecond(raw), rate/raw, perSecond(same), rate/same)
}

func (b *bench) fill(ctx context.Context) error {
	if b.filled {
		fmt.Println("  it is there already")
		return nil
	}
	beside, err := b.raw.batches(ctx, b.span/2)
	if err != nil {
		return err
	}
	same, err := b.same.batches(ctx, b.span/2)
	if err != nil {
		return err
	}
	until := time.Now()
	posted, err := b.pour(ctx, b.events, until.Add(-time.Duration(b.events)*(24*time.Hour/1_000_000)), until) // a million a day
	if err != nil {
		return err
	}
	if b.data != "" {
		file, content := b.fillings()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	rate := posted.rate() * batchSize
	b.add(fmt.Sprintf("post batches of %d, %d clients, %d events", batchSize, posters, posted.done*batchSize), perSecond(rate),
		ratios(rate, beside, same), "half of raw")
	return nil
}

// pour fills the log with events between two instants; done counts batches.
func (b *bench) pour(ctx context.Context, n int, from, until time.Time) (load, error) {
	bodies, failed := make(chan []byte, posters), make(chan error, 1)
	go func() {
		defer close(bodies)
		for body, err := range b.bodies(n, batchSize, from, until) {
			if err != nil {
				failed <- err
				return
			}
			bodies <- body
		}
	}()
	began := time.Now()
	within := max(fillTime, time.Duration(n)*fillEach)
	posted, err := drive(ctx, posters, within, func(_ context.Context, _, n int) error {
		body, more := <-bodies
		if !more {
			return errFilled
		}
		if n%200 == 0 {
			fmt.Printf("  %d events, %s\n", n*batchSize, perSecond(float64(n*batchSize)/time.Since(began).Seconds()))
		}
		_, err := b.server.post(ctx, "/api/v1/events", "application/json", body) // others finish theirs when there is no more
		return err
	})
	if !errors.Is(err, errFilled) {
		return posted, cmp.Or(err, fmt.Errorf("the log was not filled in %s", within))
	}
	select {
	case err := <-failed:
		return posted, err
	default:
		return posted, nil
	}
}

// How the log is filled.
const (
	posters  = 4
	fillTime = 40 * time.Minute
	fillEach = 500 * time.Microsecond // of ten million
)

var errFilled = errors.New("the log is filled")

// promisedSize is of how many the neighbourhood is whose feed is promised.
const promisedSize = 200

func (b *bench) feed(ctx context.Context) error {
	beside, err := b.raw.page(ctx, b.span/2)
	if err != nil {
		return err
	}
	services := b.org.Services()
	team := b.org.Teams()[0]
	near, err := b.neighbourhood(services, promisedSize)
	if err != nil {
		return err
	}
	far, err := b.neighbourhood(services, 10*promisedSize)
	if err != nil {
		return err
	}
	within := func(of neighbourhood) string {
		return fmt.Sprintf("with=dependencies&depth=%d&service=%s", of.depth, of.service)
	}
	for _, page := range []struct {
		what string
		path func(n int) string
	}{
		{"feed of one service", func(n int) string { return "service=" + services[n*7919%len(services)] }},
		{"feed of one team", func(int) string { return "team=" + team }},
		{fmt.Sprintf("feed of a neighbourhood of %d", near.size), func(int) string { return within(near) }},
		{fmt.Sprintf("feed of a neighbourhood of %d", far.size), func(int) string { return within(far) }},
		{"feed of everything", func(int) string { return "" }},
		{"feed of everything, folded into stories", func(int) string { return "fold=1" }},
		{"feed of everything, a rare kind", func(int) string { return "kind=drill" }},
		{"feed of one environment, failed", func(int) string { return "environment=staging&phase=failed" }},
	} {
		got, err := drive(ctx, 1, b.span/2, func(ctx context.Context, _, n int) error {
			_, err := b.server.get(ctx, "/api/v1/events?limit=50&"+page.path(n))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", page.what, err)
		}
		b.add(page.what+", 50 rows", fmt.Sprintf("p50 %s, p99 %s", millis(got.at(0.5)), millis(got.at(0.99))),
			fmt.Sprintf("raw p50 %s, p99 %s", millis(beside.at(0.5)), millis(beside.at(0.99))), "p99 5 ms")
	}
	return nil
}

// suspects asks what could be the cause of a trouble that began just now, or at some time within the log.
func (b *bench) suspects(ctx context.Context) error {
	beside, err := b.raw.page(ctx, b.span/2)
	if err != nil {
		return err
	}
	services := b.org.Services()
	hub, err := b.neighbourhood(services, promisedSize)
	if err != nil {
		return err
	}
	within := time.Duration(b.events) * (24 * time.Hour / 1_000_000)
	for _, question := range []struct {
		what string
		path func(n int) string
	}{
		{"suspects of one service, now", func(n int) string { return "service=" + services[n*7919%len(services)] }},
		{"suspects of one service, some time ago", func(n int) string {
			ago := within / 100 * time.Duration(n*37%100)
			return "environment=production&service=" + services[n*7919%len(services)] + "&at=-" + ago.Truncate(time.Second).String()
		}},
		{fmt.Sprintf("suspects of a service that stands on %d", hub.size), func(int) string { return "service=" + hub.service }},
		{"suspects of ten services at once", func(n int) string {
			at := n * 7919 % (len(services) - 10)
			return "service=" + strings.Join(services[at:at+10], ",")
		}},
	} {
		got, err := drive(ctx, 1, b.span, func(ctx context.Context, _, n int) error {
			_, err := b.server.get(ctx, "/api/v1/suspects?"+question.path(n))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", question.what, err)
		}
		b.add(question.what, fmt.Sprintf("p50 %s, p99 %s", millis(got.at(0.5)), millis(got.at(0.99))),
			fmt.Sprintf("raw feed p50 %s, p99 %s", millis(beside.at(0.5)), millis(beside.at(0.99))), "p50 100 ms")
	}
	return nil
}

// pages fires one page after another, each of another service: how long until the incident has its ranking?
func (b *bench) pages(ctx context.Context) error {
	services := b.org.Services()
	got, err := drive(ctx, 1, b.span, func(ctx context.Context, _, n int) error {
		service := services[n*6007%len(services)]
		ctx, cancel := context.WithTimeout(ctx, pageTime)
		defer cancel()
		body := fmt.Sprintf(`{"source":"pager","key":"%d-%d","kind":"incident","phase":"started","title":"%s fails","service":"%s","environment":"production"}`,
			time.Now().UnixNano(), n, service, service)
		content, err := b.server.post(ctx, "/api/v1/events", "application/json", []byte(body))
		if err != nil {
			return err
		}
		var told struct {
			Events []struct{ ID string } `json:"events"`
		}
		if err := json.Unmarshal(content, &told); err != nil {
			return err
		}
		for {
			content, err := b.server.get(ctx, "/api/v1/incidents?limit=3&status=open&service="+service)
			if err != nil {
				return err
			}
			var found struct {
				Incidents []struct {
					Number  int64    `json:"number"`
					Signals []string `json:"signals"`
				} `json:"incidents"`
			}
			if err := json.Unmarshal(content, &found); err != nil {
				return err
			}
			for _, i := range found.Incidents {
				if slices.Contains(i.Signals, told.Events[0].ID) {
					_, err := b.server.get(ctx, fmt.Sprintf("/api/v1/incidents/%d/suspects", i.Number))
					return err
				}
			}
			time.Sleep(pollEvery)
		}
	})
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("from a page to its ranking, %d pages", got.done), fmt.Sprintf("p50 %s, p99 %s", millis(got.at(0.5)), millis(got.at(0.99))), "", "2 s to the thread")
	return nil
}

// Of the pages: until when one must be ranked, and how often it is looked.
const (
	pageTime  = 10 * time.Second
	pollEvery = 5 * time.Millisecond
)

// neighbourhood is what the feed of a service with its dependencies looks at.
type neighbourhood struct {
	service     string
	depth, size int
}

// neighbourhood finds one of about so many entities.
func (b *bench) neighbourhood(services []string, wanted int) (neighbourhood, error) {
	var best neighbourhood
	all, err := entities(b.org)
	if err != nil {
		return best, err
	}
	index := catalog.NewIndex()
	for i := range all {
		index.Put(&all[i])
	}
	random := rand.New(rand.NewPCG(1, uint64(b.seed))) //nolint:gosec // the same choice again
	for range 60 {
		service := services[random.IntN(len(services))]
		for depth := 1; depth <= catalog.MaxDepth; depth++ {
			size := len(index.Neighbourhood([]catalog.Ref{{Kind: catalog.Service, Name: service}}, depth))
			if best.service == "" || max(size-wanted, wanted-size) < max(best.size-wanted, wanted-best.size) {
				best = neighbourhood{service, depth, size}
			}
		}
	}
	return best, nil
}

func (b *bench) catalog(ctx context.Context) error {
	return b.readCatalog(ctx, b.server, b.org)
}

func (b *bench) readCatalog(ctx context.Context, s *server, o *org.Org) error {
	services, teams := o.Services(), o.Teams()
	size, err := s.total(ctx, url.Values{"limit": {"1"}})
	if err != nil {
		return err
	}
	for _, read := range []struct {
		what    string
		promise string
		path    func(n int) string
	}{
		{"list of 50 with total", "127/s there: 1,270/s", func(int) string { return "/api/v1/entities?kind=service&limit=50" }},
		{"get by name", "1,543/s there: 15,430/s", func(n int) string { return "/api/v1/entities/service/" + services[n*7919%len(services)] }},
		{"one owner's", "300/s there: 3,000/s", func(n int) string { return "/api/v1/entities?owner=" + teams[n%len(teams)] + "&limit=50" }},
		{"search over three fields", "127/s there: 1,270/s", func(n int) string {
			return "/api/v1/entities?limit=50&q=" + url.QueryEscape(strings.FieldsFunc(services[n*31%len(services)], func(r rune) bool { return r == '-' })[0])
		}},
	} {
		got, err := drive(ctx, 16, b.span, func(ctx context.Context, _, n int) error {
			_, err := s.get(ctx, read.path(n))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", read.what, err)
		}
		b.add(fmt.Sprintf("%d entities: %s, 16 clients", size, read.what), perSecond(got.rate()), fmt.Sprintf("p50 %s, p99 %s", millis(got.at(0.5)), millis(got.at(0.99))), read.promise)
	}
	got, err := drive(ctx, 1, b.span/2, func(ctx context.Context, _, n int) error {
		name := services[n*31%len(services)]
		_, err := s.get(ctx, "/api/v1/entities?limit=50&q="+url.QueryEscape(name[:2]+name[3:])) // a letter is missing
		return err
	})
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("%d entities: search with a typo, one client", size), fmt.Sprintf("p50 %s, p99 %s", millis(got.at(0.5)), millis(got.at(0.99))), "", "30 ms")
	return nil
}

func (b *bench) restart(ctx context.Context) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	var err error
	var took time.Duration
	if b.server, took, err = start(ctx, b.binary, b.arguments("main")...); err != nil {
		return err
	}
	b.add(fmt.Sprintf("start to the first answer, %d services", b.services), millis(took), "", "1 s")
	memory, err := b.server.resident()
	b.add("resident memory then", fmt.Sprintf("%.0f MB", memory), "", "100 MB")
	return err
}

func (b *bench) large(ctx context.Context) error {
	if b.services < 10_000 {
		return nil
	}
	if err := b.server.stop(); err != nil {
		return err
	}
	var err error
	if b.server, _, err = start(ctx, b.binary, b.arguments("large")...); err != nil {
		return err
	}
	o := org.New(b.seed, org.Size{Services: 80_000}) // with their teams, people and resources about 100,000 entities
	all, err := documents(o)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := b.server.describe(ctx, all); err != nil {
		return err
	}
	b.add(fmt.Sprintf("apply %d descriptors", len(all)), time.Since(began).Round(10*time.Millisecond).String(), "", "")
	return b.readCatalog(ctx, b.server, o)
}
