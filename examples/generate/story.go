package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	git       = "https://git.northwind.example/"
	grafana   = "https://grafana.northwind.example/d/"
	euWest    = "eu-west-1"
	prod      = "production"
	cluster   = "prod-eu"
	nightJob  = "off-peak policy eu-west-1"
	nightSave = "night-saver"
)

// delivery is what a merged request brings to a service.
type delivery struct {
	service, team, author  string
	number                 int
	title                  string
	commits, added, erased int
	previous, version      string
}

func (c delivery) commit() string { return commit(c.service, c.number) }

func (c delivery) base(at time.Time) event {
	return event{at: at, Subjects: []string{"service:" + c.service}, Commit: c.commit()}
}

func (c delivery) size(e event) event {
	return e.with("commits", strconv.Itoa(c.commits)).with("additions", strconv.Itoa(c.added)).with("deletions", strconv.Itoa(c.erased))
}

func (c delivery) merged(at time.Time) event {
	e := c.base(at)
	e.Source, e.Kind, e.Key = "github", "merge", fmt.Sprintf("northwind/%s/pull/%d", c.service, c.number)
	e.Title, e.Detail, e.Actor = fmt.Sprintf("Merged #%d: %s", c.number, c.title), c.title, person(c.author)
	e.Links = []link{{"pull-request", "Pull request", fmt.Sprintf("%s%s/%s/pulls/%d", git, c.team, c.service, c.number)}}
	return c.size(e).with("number", strconv.Itoa(c.number))
}

func (c delivery) built(at time.Time, took time.Duration) event {
	e := c.base(at)
	e.Source, e.Kind, e.Key, e.Took = "github", "build", fmt.Sprintf("northwind/%s/runs/%s", c.service, c.commit()[:8]), span(took)
	e.Title, e.Actor, e.Version = "Built "+c.version, machine("github-actions"), c.version
	e.Links = []link{{"build", "Build", fmt.Sprintf("%s%s/%s/builds/%s", git, c.team, c.service, c.commit()[:8])}}
	return e
}

// deployed is one step of a rollout: to a share of the traffic, or all of it.
func (c delivery) deployed(at time.Time, environment string, exposure float64) event {
	e := c.base(at)
	e.Source, e.Kind, e.Environment = "argo-cd", "deploy", environment
	e.Key = fmt.Sprintf("%s/%s@%s/%g", environment, c.service, c.version, exposure)
	e.Title, e.Detail = fmt.Sprintf("%s %s to %s", c.service, c.version, environment), c.title
	e.Actor, e.Version, e.Previous, e.Exposure = via(c.author, "argo-cd"), c.version, c.previous, share(exposure)
	if environment == prod {
		e.Region, e.Cluster = euWest, cluster
	}
	e.Links = []link{
		{"diff", "Diff", fmt.Sprintf("%s%s/%s/compare/%s...%s", git, c.team, c.service, c.previous, c.version)},
		{"deploy", "Argo CD", "https://argocd.northwind.example/applications/" + c.service},
	}
	return c.size(e)
}

func one(at time.Time, source, kind, subject string, who actor, title string) event {
	e := event{at: at, Source: source, Kind: kind, Subjects: []string{subject}, Actor: who, Title: title, Environment: prod}
	if !strings.Contains(subject, ":") {
		e.Subjects[0] = "service:" + subject
	}
	return e
}

// story is the night of INC-482, as the pictures of the documents tell it.
func story() []event {
	at := func(timeOfDay string) time.Time { return clock(0, timeOfDay) }
	yesterday := func(timeOfDay string) time.Time { return clock(1, timeOfDay) }
	var events []event
	add := func(more ...event) { events = append(events, more...) }

	checkout := delivery{"checkout-api", "payments", "Priya Raman", 4812, "Retry the fraud check once on timeout", 3, 142, 37, "v4.18.0", "v4.18.1"}
	add(checkout.merged(at("01:58")), checkout.built(at("02:09"), 8*time.Minute),
		checkout.deployed(at("02:29"), prod, 10), checkout.deployed(at("02:41:20"), prod, 100))

	web := delivery{"web-storefront", "storefront", "Leo Martin", 7730, "Lazy-load the wallet sheet", 5, 388, 120, "v9.1.4", "v9.2.0"}
	rolling := web.deployed(at("03:12:20"), prod, 10)
	rolling.Phase = "started"
	add(web.merged(at("02:44")), web.built(at("02:58"), 11*time.Minute), rolling)

	partner := delivery{"partner-gateway", "partners", "Yusuf Demir", 611, "Answer 429 with a time to wait", 2, 61, 18, "v1.12.4", "v1.13.0"}
	half := partner.deployed(at("03:11:50"), prod, 50)
	half.Phase = "started"
	add(partner.merged(yesterday("23:10")), partner.built(yesterday("23:18"), 7*time.Minute),
		partner.deployed(at("00:20"), "staging", 100), half)

	search := delivery{"search-index", "discovery", "Aiko Tanaka", 1902, "Cap shard fan-out at 32", 1, 9, 4, "v1.77.2", "v1.77.3"}
	add(search.merged(at("02:20")), search.built(at("02:31"), 14*time.Minute), search.deployed(at("03:01"), prod, 100))

	resizer := delivery{"image-resizer", "media", "Aiko Tanaka", 288, "Decode AVIF in the worker", 4, 214, 66, "v3.2.8", "v3.3.0"}
	add(resizer.merged(at("01:40")), resizer.built(at("01:52"), 16*time.Minute), resizer.deployed(at("02:17"), prod, 100))
	back := one(at("02:58"), "argo-cd", "rollback", "image-resizer", person("Aiko Tanaka"), "image-resizer back to v3.2.8")
	back.Key, back.Detail, back.Version, back.Previous = "production/image-resizer@v3.2.8/back", "OOMKilled six times", "v3.2.8", "v3.3.0"
	back.Links = []link{{"chat", "Thread", "https://chat.northwind.example/media/oomkilled"}}
	add(back.with("live_for", "41m"))

	mobile := delivery{"mobile-bff", "apps", "Noor Haddad", 2291, "Drop the legacy cart endpoint", 2, 12, 640, "", ""}
	add(mobile.merged(at("02:33")))

	flag := one(at("02:23:09"), "unleash", "flag", "payments-core", person("Mara Lindqvist"), "ledger-write-through 10 % to 50 %")
	flag.Detail, flag.Diff, flag.Exposure = "all EU merchants", []diff{{"ledger-write-through", "10 %", "50 %"}}, share(50)
	flag.Links = []link{{"flag", "Unleash", "https://unleash.northwind.example/projects/payments/features/ledger-write-through"}}
	add(flag)

	config := one(at("02:12:41"), "argo-cd", "config", "checkout-api", via("Jonas Weber", "argo-cd"), "FRAUD_TIMEOUT_MS 800 to 1500")
	config.Diff, config.Commit = []diff{{"FRAUD_TIMEOUT_MS", "800", "1500"}}, "91be0c4"+commit("values")[7:]
	config.Links = []link{{"diff", "Commit 91be0c4", git + "payments/checkout-api/commits/91be0c4"}}
	add(config.with("file", "values-prod.yaml"))

	secret := one(at("02:20"), "vault-rotator", "secret", "notifications", machine("vault-rotator"), "SMTP_PASSWORD rotated")
	secret.Detail, secret.Diff = "every 30 days", []diff{{"SMTP_PASSWORD", "fingerprint:5d1e…", "fingerprint:b07a…"}}
	add(secret)

	rank := one(at("02:37"), "growthbook", "experiment", "recommendations", person("Sam Okafor"), "rank-v7 20 % to 50 %")
	rank.Detail, rank.Diff, rank.Exposure = "all markets", []diff{{"rank-v7", "20 %", "50 %"}}, share(50)
	rank.Links = []link{{"experiment", "GrowthBook", "https://growthbook.northwind.example/experiment/rank-v7"}}
	wallet := one(at("00:15"), "growthbook", "experiment", "checkout-api", actor{"automation", "growth-bot", "growthbook"}, "one-tap-wallet started")
	wallet.Detail, wallet.Diff, wallet.Exposure = "for Hana Kim, 5 % of EU shoppers", []diff{{"one-tap-wallet", "0 %", "5 %"}}, share(5)
	add(rank, wallet.with("for", "Hana Kim"))

	waf := plan(at("02:50"), "edge-network", "Ines Duarte", "modules/waf", 318, 3, 2, 1)
	ledger := plan(yesterday("21:30"), "resource:ledger-db", "Ines Duarte", "modules/postgres", 316, 0, 1, 0)
	ledger.Title, ledger.Diff = "max_connections 400 to 600", []diff{{"max_connections", "400", "600"}}
	add(waf, ledger)

	failed := one(yesterday("22:48"), "argo-rollouts", "rollback", "checkout-api", machine("argo-rollouts"), "checkout-api back to v4.17.9")
	failed.Detail, failed.Version, failed.Previous = "canary failed: 5xx 2.1 %, limit 1 %", "v4.17.9", "v4.18.0-rc2"
	candidate := delivery{"checkout-api", "payments", "Karim Benali", 4801, "Hold stock before the payment, not after", 7, 402, 233, "v4.17.9", "v4.18.0-rc2"}
	canary := candidate.deployed(yesterday("22:37"), prod, 10)
	canary.Phase, canary.Took = "failed", "11m"
	final := delivery{"checkout-api", "payments", "Karim Benali", 4809, "Release the hold when the payment fails", 2, 58, 11, "v4.17.9", "v4.18.0"}
	add(candidate.merged(yesterday("21:58")), candidate.built(yesterday("22:09"), 8*time.Minute), canary, failed.with("live_for", "11m"),
		final.merged(yesterday("23:12")), final.built(yesterday("23:20"), 8*time.Minute), final.deployed(yesterday("23:48"), prod, 100))

	stock := delivery{"inventory", "fulfilment", "Ewa Nowak", 934, "Count what is on its way", 6, 301, 88, "v2.3.7", "v2.4.0"}
	add(stock.merged(yesterday("16:02")), stock.built(yesterday("16:14"), 6*time.Minute), stock.deployed(yesterday("17:20"), "staging", 100), stock.deployed(yesterday("18:09"), prod, 100))
	route := one(yesterday("13:04"), "argo-cd", "config", "order-router", via("Ewa Nowak", "argo-cd"), "ROUTE_TTL 30 to 60")
	route.Diff = []diff{{"ROUTE_TTL", "30", "60"}}
	points := one(yesterday("07:10"), "unleash", "flag", "loyalty", person("Hana Kim"), "double-points on")
	points.Diff = []diff{{"double-points", "off", "on"}}
	add(route.with("file", "values-prod.yaml"), points)

	add(newNodes(yesterday("18:05:02"))...)
	add(nightSaver(at("02:55:04"))...)
	add(incident()...)
	return append(events, lastWeek()...)
}

// plan is an applied Terraform plan.
func plan(at time.Time, subject, who, module string, number, added, changed, destroyed int) event {
	e := one(at, "atlantis", "infrastructure", subject, actor{"person", who, "atlantis"}, "Terraform applied")
	e.Key, e.Detail = fmt.Sprintf("northwind/infra/%d/%s", number, module), module
	e.Links = []link{{"plan", fmt.Sprintf("Plan #%d", number), fmt.Sprintf("%splatform/infra/pulls/%d", git, number)}}
	return e.with("added", strconv.Itoa(added)).with("changed", strconv.Itoa(changed)).with("destroyed", strconv.Itoa(destroyed))
}

// scaled is one service going from so many pods to so many.
func scaled(at time.Time, service string, from, to int) event {
	e := one(at, nightSave, "scaling", service, machine(nightSave), fmt.Sprintf("%s scaled %d to %d pods", service, from, to))
	e.Detail, e.Region, e.Cluster = nightJob, euWest, cluster
	e.Diff = []diff{{"replicas", strconv.Itoa(from), strconv.Itoa(to)}}
	e.Links = []link{{"job", "Job run", "https://jobs.northwind.example/night-saver"}}
	return e
}

// saved is what night-saver does to nine services, 61 pods to 38.
var saved = []struct {
	service  string
	from, to int
}{
	{"fraud-score", 10, 3},
	{"recommendations", 9, 6},
	{"loyalty", 4, 2},
	{"tax-engine", 6, 4},
	{"notifications", 5, 3},
	{"search-api", 8, 6},
	{"parcel-tracker", 6, 4},
	{"pricing", 8, 6},
	{"parcel-labels", 5, 4},
}

// nightSaver is the storm: 44 events over nine services in ten minutes. The autoscaler's bounds come down, the target
// is set, pods stop one by one.
func nightSaver(start time.Time) []event {
	var events []event
	at := start
	for i, s := range saved {
		switch s.service { // the times that the pages of the incident name
		case "tax-engine":
			at = clock(0, "02:59:10")
		case "pricing":
			at = clock(0, "03:03:20")
		}
		first := at
		events = append(events, scaled(at, s.service, s.from, s.to))
		bounds := scaled(at.Add(2*time.Second), s.service, s.from, s.to)
		bounds.Title, bounds.Diff = s.service+" minimum of pods lowered", []diff{{"min_replicas", strconv.Itoa(s.from), strconv.Itoa(s.to)}}
		events = append(events, bounds)
		if i < 3 {
			most := scaled(at.Add(3*time.Second), s.service, s.from, s.to)
			most.Title, most.Diff = s.service+" maximum of pods lowered", []diff{{"max_replicas", strconv.Itoa(3 * s.from), strconv.Itoa(2 * s.from)}}
			events = append(events, most)
		}
		for pods := s.from; pods > s.to; pods-- {
			at = at.Add(8 * time.Second)
			pod := scaled(at, s.service, pods, pods-1)
			pod.Title = fmt.Sprintf("%s-%s stopped", s.service, commit(s.service, pods)[:9])
			events = append(events, pod)
		}
		at = first.Add(68 * time.Second)
	}
	return events
}

// newNodes is the refresh of the evening: pods of checkout-api and session-store move to other machines.
func newNodes(start time.Time) []event {
	var events []event
	for i := range 12 {
		service := []string{"checkout-api", "session-store"}[i/8]
		at := start.Add(time.Duration(i) * 37 * time.Second)
		e := one(at, "karpenter", "restart", service, machine("karpenter"), fmt.Sprintf("%s-7c9f-%s moved to ip-10-4-1-%d", service, commit(i)[:3], 18+i/4))
		e.Detail, e.Region, e.Cluster = "node image refresh, 6 nodes", euWest, cluster
		events = append(events, e)
	}
	return events
}

func incident() []event {
	at := func(timeOfDay string) time.Time { return clock(0, timeOfDay) }
	throttled := one(at("03:03:15"), "alertmanager", "alert", "fraud-score", machine("Alertmanager"), "CPU throttled above 60 %")
	throttled.Phase, throttled.Key = "started", "cpu-throttle/fraud-score/0303"
	throttled.Labels = map[string]string{"alertname": "cpu-throttle", "severity": "warning"}
	latency := one(at("03:07:02"), "alertmanager", "alert", "checkout-api", machine("Alertmanager"), "p99 latency above 2 s for 5 min")
	latency.Phase, latency.Key = "started", "checkout-latency-p99/0307"
	latency.Labels = map[string]string{"alertname": "checkout-latency-p99", "severity": "critical", "paged": "Priya Raman", "incident": "INC-482"}
	latency.Links = []link{{"dashboard", "Overview", grafana + "checkout-api"}, {"runbook", "Runbook", "https://docs.northwind.example/runbooks/checkout-api"}}
	opened := one(at("03:07:12"), "pagerduty", "incident", "checkout-api", machine("PagerDuty"), "INC-482: checkout-api p99 latency above 2 s")
	opened.Phase, opened.Key, opened.Detail = "started", "INC-482", "6.8 % of checkouts fail, 84 a minute. Paged Priya Raman, Payments primary."
	opened.Labels = map[string]string{"severity": "SEV-2", "paged": "Priya Raman", "incident": "INC-482"}
	opened.Links = []link{{"incident", "INC-482", "https://pagerduty.northwind.example/incidents/INC-482"}, {"chat", "#inc-482", "https://chat.northwind.example/inc-482"}}
	return []event{throttled, latency, opened}
}

// lastWeek is INC-467: the same job had the same effect a week before. And what else the pages name.
func lastWeek() []event {
	at := func(timeOfDay string) time.Time { return clock(7, timeOfDay) }
	down := scaled(at("02:55:04"), "fraud-score", 10, 3)
	down.at = at("03:13") // a week is what the file holds
	alert := one(at("03:24"), "alertmanager", "alert", "checkout-api", machine("Alertmanager"), "p99 latency above 2 s for 5 min")
	alert.Took, alert.Key = "21m", "checkout-latency-p99/last-week"
	alert.Labels = map[string]string{"alertname": "checkout-latency-p99", "severity": "critical", "paged": "Jonas Weber", "incident": "INC-467"}
	inc := one(at("03:24:10"), "pagerduty", "incident", "checkout-api", machine("PagerDuty"), "INC-467: checkout-api p99 latency above 2 s")
	inc.Took, inc.Key, inc.Detail = "22m", "INC-467", "Cause: night-saver left fraud-score with three pods."
	inc.Labels = map[string]string{"severity": "SEV-2", "paged": "Jonas Weber", "incident": "INC-467"}
	up := one(at("03:41"), "kubernetes", "scaling", "fraud-score", via("Tomás Rivera", "kubectl"), "fraud-score scaled 3 to 10 pods")
	up.Detail, up.Diff, up.Cluster, up.Region = "INC-467", []diff{{"replicas", "3", "10"}}, cluster, euWest
	after := one(clock(6, "11:20"), "api", "note", "night-saver", person("Tomás Rivera"), "Review of INC-467")
	after.Key, after.Detail = "INC-467/review", "night-saver must not take fraud-score below eight pods. Ticket NS-41 is open."
	after.Subjects = append(after.Subjects, "service:fraud-score")

	moved := plan(clock(3, "10:32"), "parcel-labels", "Wei Chen", "services/parcel-labels", 309, 14, 2, 9)
	moved.Title, moved.Diff = "moved to eu-west-1", []diff{{"region", "eu-central-1", euWest}}
	parcel := delivery{"parcel-tracker", "parcelbee", "Joon Park", 77, "Ask two more carriers", 3, 190, 21, "2026-06-02", "2026-06-09"}
	refresh := plan(clock(1, "18:01"), "session-store", "Ines Duarte", "clusters/prod-eu/nodes", 314, 0, 6, 0)
	refresh.Title = "Node image refresh"
	return []event{
		down, alert, inc, up, after, moved, refresh,
		parcel.merged(clock(2, "02:10")), parcel.built(clock(2, "02:31"), 18*time.Minute), parcel.deployed(clock(2, "02:58"), prod, 100),
	}
}
