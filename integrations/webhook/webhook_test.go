package webhook_test

import (
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/webhook"
)

func config() *webhook.Config {
	c := &webhook.Config{
		Mapping: integration.Mapping{
			Services: map[string]string{"shop/payments": "payments"}, Environments: map[string]string{"prd": "production"},
		},
		Scheme: "deployer", Headers: []string{"X-Deployer-Event"},
		Signature: &webhook.Signature{Header: "X-Deployer-Signature", Prefix: "sha512=", Algorithm: "sha512"},
		When:      `$headers["x-deployer-event"] == "rollout"`,
		Each:      `.rollouts[]`,
		Fields: webhook.Fields{
			Key: `"rollout/\(.id)"`, Title: `"Rolled out \(.version) to \($body.environment)"`, Service: `.apps`, Kind: `"deploy"`,
			Phase: `{running: "started", done: "succeeded", broken: "failed"}[.state]`, Detail: `.notes`, Environment: `$body.environment`,
			Actor: `.by.login`, ActorType: `if .by.bot then "automation" else "person" end`, StartedAt: `.begun`, EndedAt: `.ended`,
			Version: `.version`, Commit: `.sha`, Story: `"pipeline:\(.pipeline)"`, Link: `.url`, Labels: `{team, attempt}`,
			Region: `.region // empty`, Cluster: `.cluster`, Previous: `.was`,
		},
	}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: webhook.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			d.Header.Set("X-Deployer-Signature", signature.HMAC{Prefix: "sha512=", Hash: signature.SHA512}.Sum(secret, d.Body))
		},
	})
}

// Without a signature the secret comes as it is, in one of the usual headers or in the one that is named.
func TestTokens(t *testing.T) {
	t.Setenv(integrationtest.Secret, integrationtest.SecretValue)
	for named, header := range map[string]http.Header{
		"":          {"Authorization": {"Bearer " + integrationtest.SecretValue}},
		"X-Api-Key": {"X-Api-Key": {integrationtest.SecretValue}},
	} {
		c := config()
		c.Signature, c.TokenHeader = nil, named
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		verify := source.(integration.Receiver).Verify
		if err := verify(t.Context(), integration.Delivery{Header: header}); err != nil {
			t.Errorf("%q: %v", named, err)
		}
		if err := verify(t.Context(), integration.Delivery{Header: http.Header{"X-Other": {integrationtest.SecretValue}}}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q, without it: %v", named, err)
		}
	}
}

// What an expression cannot be is said when it is configured, and where.
func TestExpressionsAreChecked(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		".a | ascii_downcase": "",
		`"\(.a)/\(.b)"`:       "",
		`[.tags[]? | select(startswith("s:")) | .[2:]] | first`: "",
		`(.a // "none") | split("/") | last`:                    "",
		`.at | fromdateiso8601`:                                 "",
		"a b":                                                   "is no expression of jq",
		".a | nothing_like_it":                                  "uses nothing_like_it",
		"$ENV.HOME":                                             "$ENV",
		"env.HOME":                                              "env",
		"input":                                                 "input",
		"now":                                                   "now",
		`{a: [.b | "\(now)"]}`:                                  "now",
		"[range(1e9)]":                                          "range",
		"def f: f; f":                                           "defines",
		`import "a" as a; .`:                                    "imports",
		`.a * 1e9`:                                              "multiplies",
		".a[1e8] = 1":                                           "assigns",
		"if .a then .b |= 1 else 2 end":                         "assigns",
		"reduce .[] as $x (0; . + $x)":                          "reduce",
		"try (.a | repeat(.)) catch 1":                          "repeat",
		"..|select(.a)|[recurse(.b)]":                           "recurse",
		strings.Repeat("(", 10) + strings.Repeat("x", 2<<10): "longer",
	} {
		c := config()
		c.Fields.Title = expression
		err := c.Validate()
		if want == "" && err != nil {
			t.Errorf("%s: %v", expression, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "/fields/title")) {
			t.Errorf("%s: %v, want one that says %q, and where", expression, err, want)
		}
	}
}

func TestConfigurationsAreChecked(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*webhook.Config){
		"/fields/key":          func(c *webhook.Config) { c.Fields.Key = "" },
		"/fields/service":      func(c *webhook.Config) { c.Fields.Service = "" },
		"/signature/algorithm": func(c *webhook.Config) { c.Signature.Algorithm = "md5" },
		"/signature/header":    func(c *webhook.Config) { c.Signature.Header = "" },
		"/token_header":        func(c *webhook.Config) { c.TokenHeader = "X-Token" },
		"/scheme":              func(c *webhook.Config) { c.Scheme = "service" },
		"/when":                func(c *webhook.Config) { c.When = "|" },
		"/each":                func(c *webhook.Config) { c.Each = "inputs" },
	} {
		c := config()
		spoil(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// An expression that takes too long, or gives too much, costs a bounded time, and is told as what it is.
func TestExpressionsAreBounded(t *testing.T) {
	many := `{"rollouts":[` + strings.Repeat(`{"id":1},`, 4000) + `{"id":2}]}`
	for each, want := range map[string]string{
		`.rollouts[]`: "gives more than 200",
		`.rollouts as $r | [$r[] as $a | $r[] as $b | $r[] as $c | 1] | length`: "steps",
		// Each of these would hold gigabytes, or go on for hours.
		`[.rollouts | ` + strings.Repeat(`[.,.]|`, 60) + `1]`:                    "MiB",
		`.rollouts | tojson | ` + strings.Repeat(`. + . | `, 30) + `length`:      "MiB",
		`.rollouts | tojson | ` + strings.Repeat(`"\(.)\(.)" | `, 30) + `length`: "MiB",
		`(.rollouts|tojson) as $t | [.rollouts[] | $t + "x"] | length`:           "MiB",
		`(.rollouts|tojson) as $t | .rollouts | map("x") | join($t)`:             "MiB",
		`(.rollouts|tojson) as $t | $t | gsub(""; $t)`:                           "MiB",
		`.rollouts as $r | $r | sort_by($r)`:                                     "compares",
		`.rollouts as $r | [$r[] | select($r == $r)]`:                            "MiB",
		`.rollouts as $r | $r - $r`:                                              "compares",
		`(.rollouts|tojson) as $t | [.rollouts[] | $t[0:1]]`:                     "MiB",
		`(.rollouts|tojson) as $t | [.rollouts[] | $t | test("(a{500}){2}")]`:    "MiB",
		`try (.rollouts | ` + strings.Repeat(`[.,.]|`, 60) + `1) catch "well"`:   "MiB",
	} {
		c := config()
		c.When, c.Each = "", each
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = source.(integration.Receiver).Decode(integration.Delivery{Body: []byte(many), ReceivedAt: integrationtest.Now})
		runtime.ReadMemStats(&after)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", each, err, want)
		}
		// All that was ever made, and not only what was held at the end.
		if made := after.TotalAlloc - before.TotalAlloc; made > 1<<30 {
			t.Errorf("%s: it made %d MiB", each, made>>20)
		} else {
			t.Logf("%.60s: %v, after %d MiB", each, err, made>>20)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		f.Add(integrationtest.Seed(f, name).Body)
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Header: http.Header{"X-Deployer-Event": {"rollout"}}, Body: body})
	})
}

// FuzzExpression compiles and runs whatever is taken for an expression: it never panics, and it ends.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{".a", `"\(.a)"`, ".[] | select(.b)", "if .a then 1 else 2 end", "$headers", ".a[1:3]", `@base64 "x\(.)"`, "[.. | numbers] | add"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		c := config()
		c.When, c.Each, c.Fields.Title = "", "", expression
		source, err := c.Open()
		if err != nil {
			return
		}
		integrationtest.Fuzz(t, source, integration.Delivery{Body: []byte(`{"id":1,"apps":"a","a":[1,{"b":"text"}],"environment":"prd"}`)})
	})
}
