package webhook

import (
	"cmp"
	"regexp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Config is one webhook of any tool.
type Config struct {
	integration.Hook    `yaml:",inline"`
	integration.Mapping `yaml:",inline"`
	// Scheme begins the outside names of services that are not mapped: with "deployer", deployer:payments. It is webhook
	// where it is not given.
	Scheme string `yaml:"scheme"`
	// Signature is how the tool signs. Without it the tool carries the secret as a token.
	Signature *Signature `yaml:"signature"`
	// TokenHeader is the header that a token is in, where the tool can send none of the usual ones.
	TokenHeader string `yaml:"token_header"`
	// Headers are those that expressions read, as $headers["x-event"]. No others are kept.
	Headers []string `yaml:"headers"`
	// When is true for what is to be taken, and false or null for what is to be ignored.
	When string `yaml:"when"`
	// Each gives the things that a body tells of, such as .alerts[]: the fields are read of each. The body itself without it.
	Each string `yaml:"each"`
	// Fields are the expressions of an event's fields.
	Fields Fields `yaml:"fields"`
}

// Signature is a keyed hash of the body, in hexadecimal digits.
type Signature struct {
	Header    string `yaml:"header"`
	Prefix    string `yaml:"prefix"`    // what stands before the digits, such as "sha256="
	Algorithm string `yaml:"algorithm"` // sha256 without it; sha224, sha384 or sha512
}

var algorithms = map[string]signature.Hash{
	"": signature.SHA256, "sha224": signature.SHA224, "sha256": signature.SHA256, "sha384": signature.SHA384, "sha512": signature.SHA512,
}

// Fields are expressions of jq. Each is read once for each event; null and nothing leave the field empty.
type Fields struct {
	Key         string `yaml:"key"`     // required: the same for what is the same, in each of its phases
	Title       string `yaml:"title"`   // required
	Service     string `yaml:"service"` // required: a name of the tool, or a list of them; with a colon it is an outside name as it is
	Kind        string `yaml:"kind"`    // such as deploy
	Phase       string `yaml:"phase"`   // planned, started, succeeded, failed or cancelled
	Detail      string `yaml:"detail"`
	Environment string `yaml:"environment"`
	Region      string `yaml:"region"`
	Cluster     string `yaml:"cluster"`
	Actor       string `yaml:"actor"`
	ActorType   string `yaml:"actor_type"` // person, automation or unknown
	StartedAt   string `yaml:"started_at"` // RFC 3339, or a number of seconds or milliseconds
	EndedAt     string `yaml:"ended_at"`
	Version     string `yaml:"version"`
	Previous    string `yaml:"previous"`
	Commit      string `yaml:"commit"`
	Story       string `yaml:"story"`
	Link        string `yaml:"link"`   // an address
	Labels      string `yaml:"labels"` // an object
}

var _ integration.Typed = (*Config)(nil)

var schemeFormat = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	add := func(pointer, detail string) { faults = append(faults, fault.Fault{Pointer: pointer, Detail: detail}) }
	if !c.Secret.IsSet() {
		add("/secret", "is required: env:NAME or file:PATH, with the secret that the tool signs with, or the token that it sends")
	}
	if !schemeFormat.MatchString(c.scheme()) || c.scheme() == "service" {
		add("/scheme", "is a short word of small letters, such as deployer, and not service")
	}
	if s := c.Signature; s != nil {
		if s.Header == "" {
			add("/signature/header", "is required: the header that the signature is in, such as X-Signature")
		}
		if algorithms[s.Algorithm] == nil {
			add("/signature/algorithm", "is sha224, sha256, sha384 or sha512")
		}
		if c.TokenHeader != "" {
			add("/token_header", "stands beside signature: the tool either signs or sends a token")
		}
	}
	if len(c.Headers) > 20 {
		add("/headers", "has more than 20")
	}
	for pointer, text := range map[string]string{"/fields/key": c.Fields.Key, "/fields/title": c.Fields.Title, "/fields/service": c.Fields.Service} {
		if text == "" {
			add(pointer, "is required: an expression of jq, such as .name")
		}
	}
	_, wrong := compile(c)
	return fault.InvalidInput("webhook source", append(faults, wrong...))
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	fields := integration.Fields(
		integration.HookFields("what the tool signs with, or the token that it sends"),
		integration.MappingFields(integration.Known{Services: "what fields.service gives", Service: "payments", Environments: "what fields.environment gives", Environment: "prd"}),
		[]integration.Field{
			{Name: "scheme", Title: "First word of outside names", Type: integration.TypeText, Help: "Of services that are not mapped: with deployer they are deployer:NAME. webhook without it.", Example: "deployer"},
			{Name: "signature.header", Title: "Header of the signature", Type: integration.TypeText, Help: "Where the tool signs the body by HMAC. Without it the tool carries the secret as a token.", Example: "X-Hub-Signature-256"},
			{Name: "signature.prefix", Title: "What stands before the digits of the signature", Type: integration.TypeText, Example: "sha256="},
			{Name: "signature.algorithm", Title: "Algorithm of the signature", Type: integration.TypeChoice, Choices: []integration.Choice{
				{Value: "sha256", Title: "SHA-256"}, {Value: "sha224", Title: "SHA-224"}, {Value: "sha384", Title: "SHA-384"}, {Value: "sha512", Title: "SHA-512"},
			}},
			{Name: "token_header", Title: "Header of the token", Type: integration.TypeText, Help: "Where the tool can send none of Authorization, basic authentication and X-Tidings-Token.", Example: "X-Api-Key"},
			{Name: "headers", Title: "Headers that expressions read", Type: integration.TypeList, Help: "As $headers[\"x-event\"]. No others are kept.", Example: "X-Event"},
			{Name: "when", Title: "Take it when", Type: integration.TypeExpression, Help: "False, null or nothing is ignored.", Example: `.state != "queued"`},
			{Name: "each", Title: "For each of", Type: integration.TypeExpression, Help: "What one body tells of: in the fields below . is one of them, and $body the whole.", Example: ".alerts[]"},
		},
	)
	for _, f := range []integration.Field{
		{Name: "key", Title: "Key", Required: true, Help: "The same in each phase of the same thing, and for what is sent twice.", Example: `"rollout/\(.id)"`},
		{Name: "title", Title: "Title", Required: true, Example: `"Rolled out \(.version)"`},
		{Name: "service", Title: "Service", Required: true, Help: "A name or a list of names; one with a colon is an outside name as it is.", Example: ".app"},
		{Name: "kind", Title: "Kind", Help: "Such as deploy, config or flag. Without it a deploy where there is a version, and a note otherwise.", Example: `"deploy"`},
		{Name: "phase", Title: "Phase", Help: "planned, started, succeeded (without it), failed or cancelled.", Example: `{running: "started", done: "succeeded"}[.state] // "failed"`},
		{Name: "detail", Title: "Detail", Example: ".message"},
		{Name: "environment", Title: "Environment", Example: ".env"},
		{Name: "region", Title: "Region", Example: ".region"},
		{Name: "cluster", Title: "Cluster", Example: ".cluster"},
		{Name: "actor", Title: "Who", Example: ".user"},
		{Name: "actor_type", Title: "Who is a", Help: "person, automation or unknown.", Example: `"person"`},
		{Name: "started_at", Title: "Began at", Help: "RFC 3339, or a number of seconds or milliseconds since 1970. When it came without it.", Example: ".time"},
		{Name: "ended_at", Title: "Ended at", Example: ".finished"},
		{Name: "version", Title: "Version", Example: ".version"},
		{Name: "previous", Title: "Version before", Example: ".previous"},
		{Name: "commit", Title: "Commit", Example: ".sha"},
		{Name: "story", Title: "Story", Help: "Ties steps of the tool together.", Example: ".pipeline"},
		{Name: "link", Title: "Link", Help: "An address in the tool.", Example: ".url"},
		{Name: "labels", Title: "Labels", Help: "An object.", Example: "{team, attempt: .try}"},
	} {
		f.Name, f.Type = "fields."+f.Name, integration.TypeExpression
		fields = append(fields, f)
	}
	return fields
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p, _ := compile(c)
	return &Source{config: c, program: p}, nil
}

func (c *Config) scheme() string { return cmp.Or(c.Scheme, "webhook") }
