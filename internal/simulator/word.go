package simulator

import "fmt"

// vocabulary is the words of one organisation.
type vocabulary struct {
	areas, roles []string
	teams        string // how a team is called after an area
	stores       []string
	people       []string
	robots       []string
	production   string
	staging      string
	deploy       string // title of a deploy: service, version, environment
	flag         string // flag, old, new
	config       string // setting, old, new
	alert        []string
	page         string
	reasons      []string
}

// The words that reasons are about follow: %s is a topic of the service.
var plainReasons = []string{
	"Cache %s", "Read %s from the replica", "Raise the timeout of %s", "Move %s to the new client", "Retry %s on failure",
	"Speed up %s", "Drop the old path of %s", "Validate input of %s", "Log less in %s", "Fix rounding in %s",
	"Bump dependencies", "Update base image", "Tidy up tests", "Upgrade the web framework", "Fix a typo", "Translations",
}

var curtReasons = []string{
	"refactor %s", "perf: %s", "feat: new %s", "fix(%s): nil check", "%s v2", "batch %s calls", "chore: deps", "docs", "lint",
	"feat: metrics for %s", "remove feature toggle around %s", "fix: race in %s",
}

// vocabularyOf gives the words of a tongue. Two tongues share as little as two companies do.
func vocabularyOf(tongue int) vocabulary {
	v := vocabulary{
		teams: "team-%s", people: []string{"ana", "bo", "carla", "dmitri", "esra", "finn", "grace", "hugo", "ines", "jun", "kofi", "lena"},
		robots: []string{"ci-bot", "autoscaler", "renovate"}, production: "production", staging: "staging",
		deploy: "%s %s to %s", flag: "%s %s to %s", config: "%s changed from %s to %s", page: "%s: %s",
		stores: []string{"db", "cache", "queue", "events"}, reasons: plainReasons,
		alert: []string{"High error rate on %s", "p99 latency of %s above objective", "%s failing", "5xx from %s", "Saturation of %s", "Timeouts calling %s"},
	}
	switch tongue {
	case 0:
		v.areas = []string{"cart", "pricing", "fraud", "payment", "ledger", "stock", "search", "profile", "mail", "media", "coupon", "shipping", "tax", "returns", "review", "catalog"}
		v.roles = []string{"api", "worker", "core", "gateway"}
	case 1:
		v.areas = []string{"shop", "billing", "reports", "imports", "mailer", "pdf", "thumbs", "sso", "admin", "crm", "feeds", "exports", "webhooks"}
		v.roles = []string{"app"}
		v.deploy, v.reasons, v.production, v.staging = "Deployed %[1]s (%[2]s)", curtReasons, "prod", "test"
		v.alert = []string{"[Triggered] %s errors", "[Triggered] slow requests in %s", "%s is down", "Queue backlog: %s"}
	case 2:
		v.areas = []string{"ingest", "compute", "volume", "network", "image", "quota", "meter", "billing", "identity", "console", "dns", "bucket"}
		v.roles = []string{"controller", "scheduler", "frontend", "agent"}
		v.teams, v.flag = "%s-squad", "gate %s: %s => %s"
		v.alert = []string{"SLOBurn %s", "%s availability below 99.9", "%s request failures", "%s p99 over budget"}
	case 3:
		v.areas = []string{"feed", "story", "graph", "ads", "bid", "rank", "push", "chat", "call", "photo", "video", "live", "search", "login", "abuse", "spam", "geo", "friend", "group", "event"}
		v.roles = []string{"svc", "proxy", "store", "stream", "edge", "index", "job", "rpc"}
		v.deploy, v.reasons, v.production = "push %[1]s %[2]s", curtReasons, "prod"
		v.alert = []string{"%s: error ratio", "%s: latency", "%s: qps drop", "%s: exceptions"}
	case 4:
		v.areas = []string{"site", "orders", "auth", "invoices", "jobs", "assets", "chatbot", "stats"}
		v.roles = []string{"service"}
		v.deploy = "Release %[2]s of %[1]s"
		v.flag = "Toggled %s from %s to %s"
	case 5:
		v.areas = []string{"booking", "flight", "hotel", "seat", "fare", "loyalty", "baggage", "notify", "ticket", "route", "meal", "crew"}
		v.roles = []string{"engine", "bff", "sync"}
		v.deploy, v.reasons = "%[1]s deployed", curtReasons
		v.alert = []string{"ALARM: %s", "%s unhealthy", "%s: too many errors", "%s response time"}
		v.config = "updated %[1]s"
	case 6:
		v.areas = []string{"claims", "policy", "quote", "agent", "letter", "archive", "premium", "partner", "audit"}
		v.roles = []string{"system", "batch", "portal"}
		v.deploy, v.production, v.staging = "%[1]s version %[2]s installed on %[3]s", "live", "acceptance"
		v.alert = []string{"CRITICAL %s", "WARNING %s response", "%s check failed"}
	case 8:
		v.areas = []string{
			"tenant", "invoice", "ledger", "workflow", "document", "signature", "contact", "calendar", "inbox", "report", "import", "export", "webhook", "session", "permission", "audit", "trial",
			"usage", "plan", "template", "comment", "file", "preview", "archive", "digest",
		}
		v.roles = []string{"api", "worker", "web", "sync"}
		v.deploy = "Deploy %[2]s of %[1]s"
		v.alert = []string{"%s burns its error budget", "%s: requests fail", "%s slower than promised", "%s: jobs wait too long"}
	default:
		v.areas = []string{"trade", "quote", "risk", "clear", "margin", "market", "account", "kyc", "report", "alert", "limit", "price", "position", "settle"}
		v.roles = []string{"server", "router", "engine", "cache", "view"}
		v.deploy, v.production, v.staging = "rollout %[1]s@%[2]s", "prd", "uat"
		v.flag = "%[1]s=%[3]s"
		v.config = "set %[1]s=%[3]s (was %[2]s)"
	}
	return v
}

// topics are what a service of an area is about: endpoints, tables, classes.
func topics(b *builder, area, role string) []string {
	things := []string{"items", "batches", "tokens", "totals", "lines", "limits", "lookups", "history", "preview", "summary", "refresh", "validation"}
	b.rand.Shuffle(len(things), func(i, j int) { things[i], things[j] = things[j], things[i] })
	return []string{
		fmt.Sprintf("/v%d/%s/%s", 1+b.rand.IntN(3), area, things[0]),
		fmt.Sprintf("%s_%s", area, things[1]),
		fmt.Sprintf("%s-%s", area, things[2]),
		fmt.Sprintf("%s%sClient", titled(area), titled(things[3])),
		fmt.Sprintf("%s %s", role, things[4]),
	}
}

func titled(word string) string {
	if word == "" {
		return ""
	}
	return string(word[0]-'a'+'A') + word[1:]
}

var (
	settings = []string{"pool.max", "timeout_ms", "retry.attempts", "cache.ttl", "rate_limit", "batch.size", "log.level", "heap.max", "threads", "upstream.url"}
	secrets  = []string{"database password", "TLS certificate", "API key", "signing key", "client certificate"}
	beneath  = []string{"node pool upgraded", "terraform apply: network", "CNI plugin upgraded", "DNS zone applied", "load balancer policy changed", "security group edited", "kernel patched", "service mesh upgraded"}
	schemas  = []string{"Add an index to %s", "Add a column to %s", "Backfill %s", "Drop a column of %s", "Change the type of a column of %s"}
)
