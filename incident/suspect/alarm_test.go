package suspect_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// organisation is one of which web calls checkout, checkout calls fraud and pricing, and fraud stands on a database; jobs calls
// nobody.
type organisation struct {
	t    *testing.T
	ctx  context.Context
	door *ingest.Door
	log  *store.Store
}

const services = `
kind: service
name: web
depends_on: [checkout]
---
kind: service
name: checkout
depends_on: [fraud, pricing]
---
kind: service
name: fraud
depends_on: ["resource:db"]
---
kind: service
name: pricing
---
kind: service
name: jobs
---
kind: service
name: tidings
---
kind: resource
name: db
`

var began = time.Date(2026, 6, 11, 3, 7, 0, 0, time.UTC)

func organise(t *testing.T, s *store.Store) *organisation {
	t.Helper()
	ctx, cancel := context.WithCancel(access.With(t.Context(), access.Tidings))
	o := &organisation{t: t, ctx: ctx, log: s, door: ingest.NewDoor(catalog.NewRoll(s), s, func() {})}
	o.door.Now = func() time.Time { return began.Add(10 * time.Minute) }
	var running sync.WaitGroup
	running.Go(func() { o.door.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	if _, err := o.door.Describe(ctx, []descriptor.Document{{Name: "all.yaml", Content: []byte(services)}}, false); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *organisation) told(source, kind, subject string, before time.Duration) {
	o.t.Helper()
	phase := change.Succeeded
	if kind == "alert" {
		phase = change.Started
	}
	_, err := o.door.Record(o.ctx, []change.Event{{
		Source: source, Key: kind + "/" + subject + before.String(), Kind: kind, Phase: phase, Title: kind + " of " + subject, StartedAt: began.Add(-before),
		Subjects: []change.Subject{{Name: "service:" + subject}},
	}})
	if err != nil {
		o.t.Fatal(err)
	}
}

// asked ranks for one service, and gives the suspects by their titles, the first one first.
func (o *organisation) asked(name string) ([]string, map[string]suspect.Suspect) {
	o.t.Helper()
	e, found := o.door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: name})
	if !found {
		o.t.Fatalf("there is no %s", name)
	}
	reader := &suspect.Reader{Roll: o.door.Roll, Log: o.log}
	ranking, err := reader.Ask(o.ctx, suspect.Question{Services: []int64{e.ID}, Onset: began, Now: began.Add(10 * time.Minute)})
	if err != nil {
		o.t.Fatal(err)
	}
	var order []string
	all := map[string]suspect.Suspect{}
	for _, s := range ranking.Suspects {
		order, all[s.Head.Title] = append(order, s.Head.Title), s
	}
	return order, all
}

// Trouble spreads from what is called to who calls: a change beneath what alerts explains it, one above explains nothing beneath
// it, and of one that would have been felt elsewhere, who is quiet speaks against it.
func TestTroubleSpreadsToCallers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		for _, changed := range []string{"fraud", "checkout", "pricing", "web"} {
			o.told("ci", "deploy", changed, 5*time.Minute)
		}
		o.told("alertmanager", "alert", "fraud", time.Minute)
		o.told("alertmanager", "alert", "checkout", 30*time.Second)
		order, all := o.asked("checkout")
		if order[0] != "deploy of fraud" {
			t.Errorf("in the order %q", order)
		}
		fraud, checkout, pricing, web := all["deploy of fraud"].Alarm, all["deploy of checkout"].Alarm, all["deploy of pricing"].Alarm, all["deploy of web"].Alarm
		if !fraud.Troubled || fraud.Reached != 1 || fraud.Silent != 1 {
			t.Errorf("from fraud: %+v, want it and checkout in trouble, and web quiet", fraud)
		}
		// By the load that a caller sends it may have been it after all, which is unlikely.
		if !checkout.Troubled || checkout.Others >= fraud.Others {
			t.Errorf("from checkout: %+v: it explains fraud no better than fraud explains it (%+v)", checkout, fraud)
		}
		if pricing.Troubled || pricing.Own >= 0 || pricing.Reached != 1 {
			t.Errorf("from pricing: %+v, want that it is quiet itself, and checkout reached", pricing)
		}
		if web.Troubled || web.Others >= checkout.Others {
			t.Errorf("from web: %+v: who calls is not felt beneath", web)
		}
	})
}

// Of itself the program tells that it started: that is a suspect for itself, and for nobody else.
func TestOnesOwnStartIsNoSuspect(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		o.told(access.Tidings.Name, "restart", "tidings", 2*time.Minute)
		o.told(access.Tidings.Name, "restart", "pricing", 3*time.Minute) // it tells of what others are as well
		o.told("ci", "deploy", "checkout", 20*time.Minute)
		if order, _ := o.asked("checkout"); slices.Contains(order, "restart of tidings") || !slices.Contains(order, "restart of pricing") || !slices.Contains(order, "deploy of checkout") {
			t.Errorf("of checkout: %q", order)
		}
		if order, _ := o.asked("tidings"); !slices.Contains(order, "restart of tidings") {
			t.Errorf("of itself: %q", order)
		}
	})
}
