package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestCompound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]compound{
		"":                 {},
		"--- /":            {},
		"pricing":          {parts: []string{"pricing"}, forms: []string{"pricing"}},
		"Payments_API":     {parts: []string{"payments", "api"}, forms: []string{"payments-api"}},
		"payments.api:v2/": {parts: []string{"payments", "api", "v2"}, forms: []string{"payments-api-v2"}},
		"paymentsApi": {
			parts: []string{"payments", "api"}, forms: []string{"payments-api", "paymentsapi"}, humped: []string{"paymentsapi"},
		},
		"APIGateway-x": {
			parts: []string{"api", "gateway", "x"}, forms: []string{"api-gateway-x", "apigateway-x"}, humped: []string{"apigateway"},
		},
		"oauth2Proxy": {
			parts: []string{"oauth2", "proxy"}, forms: []string{"oauth2-proxy", "oauth2proxy"}, humped: []string{"oauth2proxy"},
		},
		"Café":       {parts: []string{"cafe"}, forms: []string{"cafe"}},
		"cafe\u0301": {parts: []string{"cafe"}, forms: []string{"cafe"}},
		"Straße":     {parts: []string{"strasse"}, forms: []string{"strasse"}},
		"ŁÓDŹ":       {parts: []string{"lodz"}, forms: []string{"lodz"}},
		"ΣΊΣΥΦΟΣ":    {parts: []string{"σισυφοσ"}, forms: []string{"σισυφοσ"}},
		"日本語":        {parts: []string{"日本語"}, forms: []string{"日本語"}},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := newCompound(text)
			same(t, "parts", got.parts, want.parts)
			same(t, "forms", got.forms, want.forms)
			same(t, "humped", got.humped, want.humped)
		})
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://grafana.acme.example/d/1?x=y": "grafana.acme.example",
		"http://localhost:3000":                "localhost",
		"https://[2001:db8::1]/x":              "[2001:db8::1]",
		"mailto:ops@acme.example":              "acme.example",
		"nothing":                              "",
	} {
		same(t, address, host(address), want)
	}
}

func TestOneTypo(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	letters := []string{"a", "b", "é", "日", "-"}
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteString(letters[rng.IntN(len(letters))])
		}
		return b.String()
	}
	for range 50_000 {
		a, b := text(), text()
		if got, want := oneTypo(a, b), distance(a, b) == 1; got != want {
			t.Fatalf("oneTypo(%q, %q) = %v, want %v", a, b, got, want)
		}
	}
}

func tier(n int) *int { return &n }

func TestSearchRanks(t *testing.T) {
	t.Parallel()
	payments := Ref{Team, "payments"}
	roll := []*Entity{
		{Kind: Service, Name: "payments"},
		{Kind: Service, Name: "payments-api", Tier: tier(1)},
		{Kind: Service, Name: "payments-worker", Tier: tier(0)},
		{Kind: Service, Name: "payments-old", Tier: tier(0), Retired: true},
		{Kind: Service, Name: "eu-payments"},
		{Kind: Service, Name: "billing", Title: "Card Payments"},
		{Kind: Service, Name: "ledger", Owner: &payments},
		{Kind: Service, Name: "risk", Tags: []Tag{{Key: "area", Value: "payments"}}},
		{Kind: Service, Name: "gateway", Aliases: []string{"github:acme/payments"}},
		{Kind: Service, Name: "repaymentsd"},
		{Kind: Service, Name: "report", Description: "Counts the payments of a day."},
		{Kind: Service, Name: "payment5"},
		{Kind: Service, Name: "checkoutFlow"},
		{Kind: Team, Name: "Zahlung", Title: "Équipe Zürich", Links: []Link{{Type: "runbook", Title: "Dienstplan", URL: "https://wiki.acme.example:8443/p"}}},
	}
	x := NewIndex()
	for i, e := range roll {
		e.ID = int64(i + 1)
		x.Put(e)
	}
	for _, test := range []struct {
		q     string
		kinds []Kind
		limit int
		want  string
	}{
		{q: "payments", want: "payments payments-worker payments-api payments-old billing eu-payments gateway ledger risk repaymentsd report payment5"},
		{q: "PAYMENTS", limit: 2, want: "payments payments-worker"},
		{q: "payments api", want: "payments-api"},
		{q: "Payments_Api", want: "payments-api"},
		{q: "api payments", want: "payments-api"},
		{q: "card", want: "billing"},
		{q: "card payments", want: "billing"},
		{q: "payments card eu"},
		{q: "paymnets-api", want: "payments-api"},
		{q: "aymentsapi"},
		{q: "checkoutflow", want: "checkoutflow"},
		{q: "flow", want: "checkoutflow"},
		{q: "checkout-flow", want: "checkoutflow"},
		{q: "kedger", want: "ledger"},
		{q: "ledge", want: "ledger"},
		{q: "eger"},
		{q: "edge", want: "ledger"},
		{q: "zurich", want: "zahlung"},
		{q: "equipe", want: "zahlung"},
		{q: "wiki", want: "zahlung"},
		{q: "wiki.acme.example", want: "zahlung"},
		{q: "runbook dienst", want: "zahlung"},
		{q: "https"},
		{q: "github:acme/payments", want: "gateway"},
		{q: "area:payments", want: "risk"},
		{q: "service:report", want: "report"},
		{q: "zahlung", kinds: []Kind{Service}},
		{q: "zahlung", kinds: []Kind{Service, Team}, want: "zahlung"},
		{q: ""},
		{q: " -- "},
	} {
		t.Run(test.q, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range x.Search(test.q, test.kinds, test.limit) {
				got = append(got, e.Ref().Name)
			}
			same(t, "Search", strings.Join(got, " "), test.want)
		})
	}
	// In a list a typo counts only where the word is not known otherwise.
	for q, want := range map[string]int{"payments": 10, "paymets": 9, "repayments": 1, " ": 13} {
		page, err := x.List(Filter{Q: q}, Sort{}, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "List of "+q, page.Total, want)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	roll := []*Entity{
		{Kind: Service, Name: "payments-api", Aliases: []string{"pagerduty:pabc123", "gitlab:acme/pay-core"}},
		{Kind: Service, Name: "payments-worker"},
		{Kind: Service, Name: "ledger"},
		{Kind: Service, Name: "checkout-service", Title: "Web Checkout"},
		{Kind: Service, Name: "fraudDetector"},
		{Kind: Service, Name: "gone", Retired: true},
		{Kind: Team, Name: "payments"},
		{Kind: Person, Name: "priya.raman"},
		{Kind: Resource, Name: "ledger-db"},
	}
	x := NewIndex()
	for i, e := range roll {
		e.ID = int64(i + 1)
		x.Put(e)
	}
	for outside, want := range map[string]string{
		"github:acme/payments-api":                         "payments-api: same name",
		"github:acme/payments_api.git":                     "payments-api: same name",
		"kubernetes:prod/payments/deployment/payments-api": "payments-api: same name",
		"datadog:service:PaymentsApi":                      "payments-api: same name",
		"github:acme/payments-api-prod":                    "payments-api: same name without prod",
		"github:acme/ledger-svc":                           "ledger: same name without service",
		"argocd:checkout-prd":                              "checkout-service: same name without prod and service",
		"argocd:checkout-svc":                              "checkout-service: same name",
		"sentry:web-checkout":                              "checkout-service: same title",
		"sentry:acme/pay-core":                             "payments-api: also known as gitlab:acme/pay-core",
		"legder":                                           "ledger: one typo from its name",
		"service:paymnts-api":                              "payments-api: one typo from its name",
		"service:paymnts-worker-prod":                      "payments-worker: one typo from its name without prod",
		"sentry:fraud-detector":                            "fraudDetector: same name",
		"sentry:frauddetector":                             "fraudDetector: same name",
		"aws:arn:aws:lambda:eu-west-1:1:function:ledger":   "ledger: same name",
		"kubernetes:prod/payments/api":                     "payments-api: same name",
		"kubernetes:prod/ledger/app":                       "ledger: same name",
		"okta:priya.raman@acme.example":                    "priya.raman: same name",
		"grafana:payments-settlement-worker":               "payments-worker: same words: payments, worker",
		"pagerduty:PXYZ999":                                "",
		"github:acme/gone":                                 "",
		"":                                                 "",
		"github:":                                          "",
		"github:" + strings.Repeat("x", MaxValue):          "",
	} {
		t.Run(outside[:min(len(outside), 60)], func(t *testing.T) {
			t.Parallel()
			var got string
			suggestions := x.Suggest(outside, 3)
			for i, s := range suggestions {
				if s.Score <= 0 || s.Score > 1 || (i > 0 && s.Score > suggestions[i-1].Score) {
					t.Errorf("the score of suggestion %d is %v", i, s.Score)
				}
			}
			if len(suggestions) > 0 {
				got = suggestions[0].Entity.Name + ": " + suggestions[0].Reason
			}
			same(t, "first of "+fmt.Sprint(len(suggestions)), got, want)
		})
	}
	if got := x.Suggest("github:acme/payments-api", 1); len(got) != 1 {
		t.Errorf("%d suggestions, want 1", len(got))
	}
}

func FuzzSearch(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 9))
	x, n := NewIndex(), naive{}
	for id := range int64(60) {
		e := genEntity(rng, id)
		n[id] = e
		x.Put(e)
	}
	for range 20 {
		f.Add(genQuery(rng))
	}
	f.Add("é\u0301ß日本\x00-\xff")
	f.Fuzz(func(t *testing.T, q string) {
		start := time.Now()
		got := x.Search(q, nil, 1000)
		x.Suggest(q, 3)
		if took := time.Since(start); took > time.Second {
			t.Errorf("%q took %s", q, took)
		}
		same(t, fmt.Sprintf("Search %q", q), refs(got), refs(n.search(q, nil, 1000)))
		for _, w := range newQuery(q).words {
			for _, part := range slices.Concat(w.parts, w.forms, w.humped) {
				if part == "" || !utf8.ValidString(part) || strings.ContainsAny(part, hump+" ") || len(part) > MaxName {
					t.Errorf("%q has the part %q", q, part)
				}
			}
		}
	})
}
