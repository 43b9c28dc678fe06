package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// crew is who changes a service, and how often.
type crew struct {
	team     string
	people   string // by comma
	services string // by space; name=MAJOR.MINOR.PATCH of what runs before the story begins
}

var crews = []crew{
	{"payments", "Priya Raman,Jonas Weber,Mara Lindqvist,Karim Benali,Sofie Jansen,Paul Neumann,Chiara Conti", "checkout-api=4.17.9 payments-core=7.41.2 tax-engine=2.9.0 ledger-writer=3.3.1 refunds=1.18.4 payouts=2.2.0"},
	{"risk", "Tomás Rivera,Grace Okonkwo,Ivan Petrov", "fraud-score=5.12.0 model-server=1.7.3 feature-store=2.0.8"},
	{"storefront", "Leo Martin,Camille Dubois,Ben Carter", "web-storefront=9.1.4 content-api=1.4.2 wishlist=0.9.6"},
	{"apps", "Noor Haddad,Felix Braun,Yuki Sato", "mobile-bff=6.30.1 push-gateway=2.5.5"},
	{"discovery", "Aiko Tanaka,Ruth Adler,Sanjay Mehta", "search-index=1.77.2 search-api=3.14.1 recommendations=2.6.0 autocomplete=1.2.9"},
	{"catalogue", "Sam Okafor,Ingrid Berg", "pricing=8.8.1 product-catalog=5.0.4 promotions=1.33.0"},
	{"fulfilment", "Ewa Nowak,Piotr Zieliński,Marta Silva", "inventory=2.3.7 order-router=4.4.4 warehouse-sync=1.9.1 returns=3.0.2"},
	{"messaging", "Oskar Lund,Dana Levi", "notifications=2.11.0 email-render=1.6.2"},
	{"parcelbee", "Hana Kim,Joon Park,Megan Doyle", "franking=1.0.7 parcel-api=1.4.0"},
	{"growth", "Lucia Romano,Theo Fischer,Hana Kim", "loyalty=3.7.0 referrals=1.1.1"},
	{"platform", "Ines Duarte,Anders Holm,Wei Chen,Fatima Zahra", "session-store=2.8.3 identity=4.0.9 api-gateway=3.5.0 event-relay=1.22.6 cart-store=2.1.5"},
	{"media", "Elif Kaya,Aiko Tanaka", "image-resizer=3.2.8"},
	{"partners", "Yusuf Demir,Nina Kovač", "partner-gateway=1.12.4 partner-portal=2.20.0"},
}

// What merges say they do: a verb, and what it is done to.
var (
	verbs  = []string{"Speed up", "Fix", "Test", "Simplify", "Bound", "Log", "Cache", "Retry", "Move", "Drop", "Rename", "Count"}
	things = []string{
		"the empty basket", "currency rounding", "the slow query", "the health check", "addresses without a street", "time zones of slots",
		"the second attempt", "the audit trail", "pages beyond the last", "the connection pool", "stale sessions", "the old importer",
		"coupon codes", "the limit of uploads", "words with accents", "the nightly report", "the answer to a lost call", "duplicate messages",
	}
	flagNames  = []string{"new-basket", "split-shipments", "fast-search", "dark-header", "gift-notes", "slot-picker", "lean-labels", "instant-refund"}
	configKeys = []string{"POOL_SIZE=20=40", "CACHE_TTL_S=60=300", "LOG_LEVEL=debug=info", "BATCH_SIZE=500=200", "RETRY_MAX=3=5", "TIMEOUT_MS=2000=1200"}
	alertNames = []string{"error rate above 1 %", "queue older than 5 min", "disk 85 % full", "p95 latency above 800 ms", "certificate ends in 14 days"}
)

// service is one of a crew's, with the version that its next delivery replaces.
type service struct {
	name, team string
	people     []string
	version    [3]int
	next       int // number of the next request
}

type author struct {
	*rand.Rand
	services []*service
}

// week is what happened before the story: busy in working hours, quiet at night and on the weekend.
func week() []event {
	a := author{Rand: rand.New(rand.NewPCG(482, 7))} //nolint:gosec // the same week every time is the point
	for _, c := range crews {
		for i, entry := range strings.Fields(c.services) {
			name, version, _ := strings.Cut(entry, "=")
			s := &service{name: name, team: c.team, people: strings.Split(c.people, ","), next: 200 + a.IntN(700)}
			_, _ = fmt.Sscanf(version, "%d.%d.%d", &s.version[0], &s.version[1], &s.version[2]) // written above
			a.services = append(a.services, s)
			if i == 0 { // the one that the crew works on most
				a.services = append(a.services, s)
			}
		}
	}
	var events []event
	// From the newest to the oldest, so that the versions count down to what they were.
	for day := range 7 {
		weekend := clock(day, "12:00").Weekday()%6 == 0
		if !weekend && day > 0 {
			events = append(events, a.workday(day)...)
		}
		events = append(events, a.anyDay(day, weekend)...)
	}
	return append(events, a.once()...)
}

func (a author) pick(from []string) string { return from[a.IntN(len(from))] }

func (a author) service() *service { return a.services[a.IntN(len(a.services))] }

// hour is a time of the working day; earlier than the evening of the story where its own events are.
func (a author) hour(day int) time.Time {
	minutes := 8*60 + int(a.NormFloat64()*110+240)
	minutes = min(max(minutes, 7*60+20), 18*60+30)
	return clock(day, "00:00").Add(time.Duration(minutes)*time.Minute + time.Duration(a.IntN(60))*time.Second)
}

func (a author) workday(day int) []event {
	var events []event
	var starts []time.Time
	for range 12 {
		starts = append(starts, a.hour(day))
	}
	slices.SortFunc(starts, func(a, b time.Time) int { return b.Compare(a) })
	for _, start := range starts {
		events = append(events, a.deliver(start)...)
	}
	for range 3 {
		events = append(events, a.flag(a.hour(day)), a.config(a.hour(day)))
	}
	for range 2 {
		s := a.service()
		e := one(a.hour(day), "kubernetes", "scaling", "kubernetes:prod-eu/"+s.team+"/deployment/"+s.name, machine("horizontal-pod-autoscaler"), s.name+" scaled")
		from := 4 + a.IntN(8)
		e.Diff, e.Cluster, e.Region = []diff{{"replicas", strconv.Itoa(from), strconv.Itoa(from + 2)}}, cluster, euWest
		e.Title = fmt.Sprintf("%s scaled %d to %d pods", s.name, from, from+2)
		events = append(events, e)
	}
	s := a.service()
	experiment := one(a.hour(day), "growthbook", "experiment", s.name, person(a.pick(s.people)), "")
	name := a.pick(flagNames) + "-v" + strconv.Itoa(2+a.IntN(6))
	experiment.Title, experiment.Diff, experiment.Exposure = name+" 5 % to 20 %", []diff{{name, "5 %", "20 %"}}, share(20)
	table := a.pick([]string{"orders", "customers", "shipments", "prices", "sessions"})
	owner := a.service()
	schema := one(a.hour(day), "flyway", "schema", owner.name, via(a.pick(owner.people), "flyway"), fmt.Sprintf("Add an index to %s", table))
	schema.Version, schema.Previous, schema.Took = "V"+strconv.Itoa(120+7-day), "V"+strconv.Itoa(119+7-day), span(time.Duration(2+a.IntN(200))*time.Second)
	terraform := plan(a.hour(day), a.pick([]string{"edge-network", "resource:events-kafka", "resource:search-cluster", "resource:session-redis", "identity"}),
		a.pick([]string{"Ines Duarte", "Anders Holm", "Wei Chen"}), a.pick([]string{"modules/dns", "modules/redis", "modules/kafka", "modules/iam"}), 300+7-day, a.IntN(4), a.IntN(3), a.IntN(2))
	return append(events, experiment, schema, terraform)
}

// deliver is a merge with what came of it.
func (a author) deliver(start time.Time) []event {
	s := a.service()
	if start.After(clock(1, "00:00")) && s.name == "inventory" {
		s = a.services[0] // the story of that day is told by hand
	}
	to := s.version
	from := to
	if from[2]--; from[2] < 0 {
		from[1], from[2] = max(from[1]-1, 0), 9
	}
	s.version = from
	s.next -= 1 + a.IntN(4)
	format := func(v [3]int) string { return fmt.Sprintf("v%d.%d.%d", v[0], v[1], v[2]) }
	c := delivery{
		service: s.name, team: s.team, author: a.pick(s.people), number: s.next, title: a.pick(verbs) + " " + a.pick(things),
		commits: 1 + a.IntN(6), added: 4 + a.IntN(300), erased: a.IntN(160), previous: format(from), version: format(to),
	}
	if a.IntN(9) == 0 {
		c.author, c.title = "renovate[bot]", "Update "+a.pick([]string{"the base image", "go to 1.26.8", "the Postgres driver", "typescript", "protobuf"})
	}
	at := start
	after := func(least, most int) time.Time {
		at = at.Add(time.Duration(least+a.IntN(most-least))*time.Minute + time.Duration(a.IntN(60))*time.Second)
		return at
	}
	merged := c.merged(at)
	built := c.built(after(4, 10), time.Duration(3+a.IntN(12))*time.Minute)
	if c.author == "renovate[bot]" {
		merged.Actor = machine(c.author)
	}
	if a.IntN(2) == 0 { // a source that does not know our names: the aliases of the roll do
		merged.Subjects, built.Subjects = []string{"github:northwind/" + s.name}, []string{"github:northwind/" + s.name}
	}
	events := []event{merged, built}
	if a.IntN(12) == 0 {
		events[1].Phase, events[1].Detail = "failed", "two tests fail"
		return events
	}
	staging := c.deployed(after(16, 24), "staging", 100)
	live := c.deployed(after(18, 70), prod, 100)
	if c.author == "renovate[bot]" {
		staging.Actor, live.Actor = machine("argo-cd"), machine("argo-cd")
	}
	events = append(events, staging)
	switch a.IntN(14) {
	case 0:
		live.Phase, live.Detail, live.Took = "failed", "2 of 6 pods never became ready", "10m"
	case 1:
		back := one(live.at.Add(time.Duration(6+a.IntN(30))*time.Minute), "argo-cd", "rollback", s.name, person(a.pick(s.people)), s.name+" back to "+c.previous)
		back.Version, back.Previous, back.Detail = c.previous, c.version, a.pick([]string{"errors doubled", "memory grows", "the old apps cannot sign in"})
		events = append(events, back)
	case 2, 3: // told twice: when it begins, and when it has ended
		begun := live
		begun.Phase = "started"
		live.Took = span(time.Duration(90+a.IntN(400)) * time.Second)
		events = append(events, begun)
	}
	return append(events, live)
}

func (a author) flag(at time.Time) event {
	s := a.service()
	name := a.pick(flagNames)
	e := one(at, "unleash", "flag", s.name, person(a.pick(s.people)), name+" on")
	e.Diff = []diff{{name, "off", "on"}}
	if a.IntN(2) == 0 {
		e.Title, e.Diff, e.Exposure = name+" 10 % to 25 %", []diff{{name, "10 %", "25 %"}}, share(25)
	}
	if a.IntN(4) == 0 {
		e.Environment = "staging"
	}
	return e
}

func (a author) config(at time.Time) event {
	s := a.service()
	parts := strings.Split(a.pick(configKeys), "=")
	e := one(at, "argo-cd", "config", s.name, via(a.pick(s.people), "argo-cd"), parts[0]+" "+parts[1]+" to "+parts[2])
	e.Diff = []diff{{parts[0], parts[1], parts[2]}}
	if a.IntN(3) == 0 {
		e.Environment = "staging"
	}
	return e.with("file", "values-"+map[string]string{prod: "prod", "staging": "staging"}[e.Environment]+".yaml")
}

// anyDay is what comes on working days and on the others: machines, and what wakes people.
func (a author) anyDay(day int, weekend bool) []event {
	var events []event
	if day > 0 {
		// The same nine services come down at night and up in the morning; most nights nobody notices.
		for _, i := range a.Perm(len(saved))[:4] {
			s := saved[i]
			if s.service == "fraud-score" {
				continue
			}
			events = append(events, scaled(clock(day, "02:55").Add(time.Duration(i)*48*time.Second), s.service, s.from, s.to),
				scaled(clock(day, "06:30").Add(time.Duration(i)*19*time.Second), s.service, s.to, s.from))
		}
	}
	alerts := 2
	if weekend {
		alerts = 1
		events = append(events, a.flag(clock(day, "11:30").Add(time.Duration(a.IntN(300))*time.Minute)))
	}
	for range alerts {
		s := a.service()
		at := clock(day, "00:00").Add(time.Duration(a.IntN(24*60)) * time.Minute)
		if day == 0 {
			at = clock(1, "19:00").Add(time.Duration(a.IntN(180)) * time.Minute)
		}
		e := one(at, "alertmanager", "alert", s.name, machine("Alertmanager"), a.pick(alertNames))
		e.Took = span(time.Duration(4+a.IntN(50)) * time.Minute)
		e.Labels = map[string]string{"severity": "warning"}
		events = append(events, e)
	}
	rotated := a.service()
	key := a.pick([]string{"DB_PASSWORD", "WEBHOOK_SIGNING_KEY", "SESSION_KEY", "S3_ACCESS_KEY"})
	secret := one(clock(day, "02:05").Add(time.Duration(a.IntN(40))*time.Minute), "vault-rotator", "secret", rotated.name, machine("vault-rotator"), key+" rotated")
	secret.Detail, secret.Diff = "every 30 days", []diff{{key, "fingerprint:" + commit(day, "old")[:4] + "…", "fingerprint:" + commit(day, "new")[:4] + "…"}}
	return append(events, secret)
}

// once is what a week has one of, and what nobody has claimed yet.
func (a author) once() []event {
	var events []event
	for i, subject := range []string{"github:northwind/legacy-cron", "github:northwind/legacy-cron", "github:northwind/legacy-cron", "github:northwind/parcel-ranking"} {
		at := clock(1+i, "15:12").Add(time.Duration(i*17) * time.Minute)
		e := one(at, "github", "merge", subject, person(a.pick([]string{"Megan Doyle", "Anders Holm"})), fmt.Sprintf("Merged #%d: Keep the job alive another week", 40-i))
		e.Environment, e.Commit = "", commit("legacy", i)
		events = append(events, e.with("number", strconv.Itoa(40-i)))
	}
	for i, subject := range []string{"pagerduty:PX93KQ2", "pagerduty:PX93KQ2", "kubernetes:prod-eu/batch/cronjob/fx-rates", "argocd:payment-api", "datadog:service:web-store"} {
		at := clock(1+i, "21:41").Add(-time.Duration(i*53) * time.Minute)
		e := one(at, "alertmanager", "alert", subject, machine("Alertmanager"), "job has not run for 2 h")
		e.Took, e.Labels = "35m", map[string]string{"severity": "warning"}
		switch i {
		case 0, 1:
			e.Source, e.Actor = "pagerduty", machine("PagerDuty")
		case 3:
			e.Source, e.Kind, e.Actor, e.Title, e.Took, e.Labels = "argo-cd", "deploy", via("Paul Neumann", "argo-cd"), "payment-api v0.3.0 to production", "", nil
			e.Version, e.Previous = "v0.3.0", "v0.2.9"
		}
		events = append(events, e)
	}
	for i, inc := range []struct {
		day             int
		at, number, who string
		service, title  string
		took            string
	}{
		{5, "19:20", "INC-471", "Leo Martin", "web-storefront", "the wallet sheet is blank in one browser", "48m"},
		{3, "10:51", "INC-476", "Hana Kim", "parcel-labels", "no labels for 12 min during the move", "17m"},
		{2, "16:33", "INC-479", "Ines Duarte", "event-relay", "orders-topic 9 min behind", "26m"},
	} {
		e := one(clock(inc.day, inc.at), "pagerduty", "incident", inc.service, machine("PagerDuty"), inc.number+": "+inc.title)
		e.Key, e.Took = inc.number, inc.took
		e.Labels = map[string]string{"severity": "SEV-" + strconv.Itoa(2+i%2), "paged": inc.who, "incident": inc.number}
		events = append(events, e)
	}
	for i, team := range []string{"payments/Priya Raman", "risk/Tomás Rivera", "storefront/Leo Martin", "platform/Ines Duarte", "fulfilment/Ewa Nowak"} {
		name, who, _ := strings.Cut(team, "/")
		e := one(clock(3, "09:00").Add(time.Duration(i)*time.Second), "pagerduty", "oncall", "team:"+name, person(who), who+" took over on-call")
		e.Environment, e.Detail = "", "primary, for a week"
		events = append(events, e)
	}
	slo := one(clock(0, "03:06:40"), "prometheus", "slo", "checkout-api", machine("Alertmanager"), "Error budget burns 14 times too fast")
	slo.Phase, slo.Labels = "started", map[string]string{"severity": "warning", "objective": "99.95 %", "left": "18 %"}
	drill := one(clock(2, "14:00"), "gameday", "drill", "resource:cart-redis", person("Anders Holm"), "Game day: cart-redis fails over")
	drill.Took, drill.Environment, drill.Detail = "25m", "load-test", "Carts came back after 40 s."
	drill.Subjects = append(drill.Subjects, "service:cart-store")
	cost := one(clock(4, "06:00"), "focus", "cost", "recommendations", machine("focus"), "Cost up 22 % on the week before")
	cost.Detail, cost.Diff = "GPU hours", []diff{{"EUR a month", "5990", "7310"}}
	maintenance := one(clock(5, "22:00"), "api", "maintenance", "resource:ledger-db", person("Jonas Weber"), "ledger-db moved to new disks")
	maintenance.Took, maintenance.Detail = "2h10m", "No writes for 4 s."
	traffic := one(clock(2, "11:05"), "argo-rollouts", "traffic", "search-api", via("Ruth Adler", "argo-rollouts"), "10 % of searches to the new cluster")
	traffic.Exposure = share(10)
	release := one(clock(1, "10:14"), "github", "release", "mobile-bff", person("Felix Braun"), "Released v6.30.1")
	release.Version, release.Environment = "v6.30.1", ""
	events = append(events, slo, drill, cost, maintenance, traffic, release)
	for i, target := range []string{"checkout-api", "payments-core", "inventory", "pricing"} { // the load test of Tuesday evening
		e := one(clock(2, "19:30").Add(time.Duration(i*3)*time.Minute), "argo-cd", "deploy", target, machine("argo-cd"), target+" to load-test")
		e.Environment, e.Version, e.Exposure = "load-test", "main-"+commit(target)[:7], share(100)
		events = append(events, e)
	}
	load := one(clock(2, "20:00"), "k6", "note", "checkout-api", person("Sofie Jansen"), "Load test: 4,000 orders a minute")
	load.Environment, load.Took, load.Detail = "load-test", "45m", "p99 held at 610 ms. fraud-score needs eight pods for it."
	load.Subjects = append(load.Subjects, "service:fraud-score")
	return append(events, load)
}
