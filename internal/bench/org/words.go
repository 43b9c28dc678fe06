package org

// The vocabulary. Its lists are long enough that searches have something to find, and to miss.
var (
	areas = []string{
		"payments", "checkout", "orders", "catalogue", "pricing", "search", "shipping", "returns", "warehouse", "billing",
		"identity", "accounts", "loyalty", "partner", "media", "messaging", "fraud", "risk", "ledger", "tax",
		"reviews", "content", "campaign", "analytics", "support", "mobile", "web", "edge", "platform", "delivery",
		"inventory", "supplier", "finance", "consent", "profile", "cart", "wallet", "voucher", "store", "fleet",
	}
	squads = []string{
		"core", "growth", "experience", "operations", "insights", "foundations", "reach", "quality", "automation", "tools",
		"north", "south", "east", "west",
	}
	objects = []string{
		"account", "address", "alert", "asset", "balance", "basket", "batch", "booking", "calendar", "card",
		"carrier", "config", "contract", "coupon", "customer", "document", "event", "export", "feed", "file",
		"flag", "import", "index", "invoice", "item", "job", "label", "limit", "mail", "metric",
		"notice", "offer", "parcel", "policy", "price", "profile", "quota", "quote", "rate", "receipt",
		"record", "refund", "report", "route", "rule", "schedule", "score", "session", "shelf", "stock",
	}
	roles = []string{
		"api", "worker", "gateway", "sync", "store", "router", "engine", "relay", "resolver", "planner",
		"collector", "broker", "bff", "cron", "proxy", "writer", "reader", "scorer",
	}
	stores    = []string{"postgres", "redis", "kafka", "bucket", "queue", "mysql", "opensearch", "cassandra"}
	languages = [][2]string{
		{"go", "1.26"},
		{"go", "1.25"},
		{"java", "21"},
		{"java", "17"},
		{"python", "3.13"},
		{"typescript", "5.9"},
		{"kotlin", "2.2"},
		{"ruby", "3.4"},
		{"rust", "1.90"},
		{"scala", "3.7"},
	}
	zones = []string{"Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kolkata"}
	tags  = [][2]string{
		{"pci", ""},
		{"pii", ""},
		{"eu-data", ""},
		{"gpu", ""},
		{"migration", "k8s-1.33"},
		{"migration", "grpc"},
		{"cost-centre", "4711"},
		{"cost-centre", "4712"},
		{"acquired", "parcelbee"},
		{"region", "eu"},
		{"region", "us"},
		{"legacy", ""},
	}
	does = []string{
		"Keeps", "Calculates", "Sends", "Collects", "Validates", "Routes", "Archives", "Renders", "Schedules", "Reconciles",
		"Enriches", "Imports", "Exports", "Publishes", "Caches", "Guards",
	}
	qualities = []string{"every", "each new", "the daily", "any pending", "the regional", "the nightly", "all signed", "the cached"}
	manners   = []string{
		"within a second", "once a night", "before anybody notices", "at least once and in order", "by rules that change on the first of the month",
		"from three regions", "for as long as the law wants", "without a database of its own", "the cheapest way that works",
	}
	firstNames = []string{
		"Ada", "Aiko", "Amara", "Anders", "Ben", "Camille", "Chiara", "Dana", "Dmitri", "Elif", "Ewa", "Fatima", "Felix",
		"Grace", "Hana", "Ines", "Ingrid", "Ivan", "Jonas", "Joon", "Karim", "Lena", "Leo", "Lucia", "Mara", "Marta",
		"Megan", "Nina", "Noor", "Omar", "Oskar", "Paul", "Piotr", "Priya", "Ruth", "Sam", "Sanjay", "Sofie", "Theo", "Wei",
	}
	lastNames = []string{
		"Adler", "Benali", "Berg", "Braun", "Carter", "Chen", "Conti", "Demir", "Doyle", "Duarte", "Dubois", "Fischer",
		"Haddad", "Hartmann", "Holm", "Jansen", "Kaya", "Kim", "Kovac", "Levi", "Lindqvist", "Lund", "Martin", "Mehta",
		"Neumann", "Nowak", "Okafor", "Park", "Petrov", "Raman", "Rivera", "Romano", "Sato", "Silva", "Tanaka", "Volkov",
		"Weber",
	}
	robots = []string{
		"argo-cd", "github-actions", "renovate[bot]", "horizontal-pod-autoscaler", "karpenter", "Alertmanager", "vault-rotator", "night-saver",
		"atlantis", "flyway", "growth-bot", "dependabot[bot]", "jenkins", "cert-manager", "terraform-cloud", "unleash", "spinnaker", "flux",
		"chaos-mesh", "focus",
	}
	flagNames = []string{
		"new-basket", "split-shipments", "fast-search", "dark-header", "gift-notes", "slot-picker", "lean-labels", "instant-refund",
		"write-through", "one-tap", "shadow-read", "second-opinion",
	}
	settings = []string{"POOL_SIZE", "CACHE_TTL_S", "BATCH_SIZE", "RETRY_MAX", "TIMEOUT_MS", "QUEUE_DEPTH", "RATE_LIMIT", "WORKERS"}
	reasons  = []string{
		"Retry the call once on timeout", "Cap the fan-out at 32", "Drop the legacy endpoint", "Hold stock before the payment, not after",
		"Answer 429 with a time to wait", "Count what is on its way", "Decode in the worker", "Ask two more carriers", "Bound the connection pool",
		"Move the slow query off the request", "Speed up the empty basket", "Fix rounding of currencies without cents",
	}
	troubles = []string{
		"p99 latency above 2 s for 5 min", "error rate above 1 %", "queue older than 5 min", "CPU throttled above 60 %", "disk 85 % full",
		"restarts every 90 s", "no traffic for 10 min", "certificate ends in 14 days",
	}
)
