package github

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Config is one webhook, of a repository or of an organisation, or what is asked for by a token, or both.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service the code of a repository is, by the repository's full name: "acme/payments: payments"; or that
	// of a folder of it: "acme/shop//services/pricing: pricing".
	integration.Mapping `yaml:",inline"`
	// AppID is the id of a GitHub App that is asked as, in the place of a token; PrivateKey is its key (PEM), and
	// InstallationID which of its installations where it has several.
	AppID          string             `yaml:"app_id"`
	PrivateKey     integration.Secret `yaml:"private_key"`
	InstallationID int64              `yaml:"installation_id"`
	// Organisation is the one whose repositories are looked at; Repositories are full names. Without both they are those
	// of Services, or all of the App.
	Organisation string   `yaml:"organisation"`
	Repositories []string `yaml:"repositories"`
	// Deliveries says to look for deliveries of webhooks as well that failed. The token must be allowed to read webhooks.
	Deliveries bool `yaml:"deliveries"`
	// API is the address of the REST API: https://api.github.com unless said.
	API string `yaml:"api"`

	guard *integration.Guard // of what was typed
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

const defaultAPI = "https://api.github.com"

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	var faults []fault.Fault
	add := func(pointer, detail string) { faults = append(faults, fault.Fault{Pointer: pointer, Detail: detail}) }
	if !c.Secret.IsSet() && !c.asks() {
		add("/secret", "is required: env:NAME or file:PATH, with the secret that the webhook has in GitHub; or a token, to ask GitHub")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		repository, _, _ := strings.Cut(name, catalog.FolderMark)
		if strings.Count(repository, "/") != 1 {
			add("/services", name+" is not the full name of a repository, such as acme/payments, nor a folder of one, such as acme/shop//services/pricing")
		}
	}
	for _, repository := range c.Repositories {
		if owner, name, ok := strings.Cut(repository, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
			add("/repositories", repository+" is not the full name of a repository, such as acme/payments")
		}
	}
	if c.AppID != "" && !c.PrivateKey.IsSet() {
		add("/private_key", "is required with app_id: env:NAME or file:PATH, with the key that GitHub offered for download")
	}
	if !integration.IsAddress(c.api()) {
		add("/api", "is the address of a REST API, such as https://github.example.com/api/v3")
	}
	if c.asks() && c.guard == nil && c.AppID == "" && c.Organisation == "" && len(c.repositories()) == 0 {
		add("/repositories", "names nothing to look at: give repositories, an organisation, or services")
	}
	faults = append(faults, c.ReachFaults()...)
	faults = append(faults, c.Faults()...)
	return fault.InvalidInput("github source", faults)
}

// asks reports whether there may be a credential to ask with.
func (c *Config) asks() bool { return c.Token.IsSet() || c.AppID != "" }

func (c *Config) api() string { return strings.TrimSuffix(cmp.Or(c.API, defaultAPI), "/") }

// repositories are those that are named.
func (c *Config) repositories() []string {
	if len(c.Repositories) > 0 {
		return c.Repositories
	}
	if c.Organisation != "" || c.AppID != "" {
		return nil
	}
	return c.Mapping.Repositories()
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return append(c.TokenHook.Secrets(), "private_key") }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{
		"secret": &c.Secret, "previous_secret": &c.PreviousSecret, "token": &c.Token, "private_key": &c.PrivateKey,
	})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.TokenHook.Guard(guard)
	c.guard = &guard
	c.PrivateKey.Typed("private_key", guard)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.asks() {
		return nil
	}
	return []string{c.api()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.OptionalHookFields("the secret of the webhook in GitHub"),
		integration.MappingFields(integration.Known{Services: "the repository, or a folder of one (acme/shop//services/pricing)", Service: "acme/payments", Environments: "its name in GitHub", Environment: "prod-eu"}),
		[]integration.Field{
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "A fine-grained personal access token that may read. With it GitHub is asked as well, for what was before and for what the webhook missed."},
			{Name: "organisation", Title: "Organisation", Type: integration.TypeText, Example: "acme", Help: "Whose repositories are looked at with the token."},
			{Name: "repositories", Title: "Repositories", Type: integration.TypeList, Example: "acme/payments", Help: "Which are looked at with the token. Those under Services without it."},
		},
		integration.ReachFields(),
		[]integration.Field{
			{Name: "deliveries", Title: "Look for failed deliveries", Type: integration.TypeSwitch, Help: "What the webhooks could not deliver is fetched. The token must be allowed to read webhooks."},
			{Name: "app_id", Title: "Id of a GitHub App", Type: integration.TypeText, Example: "123456", Help: "In the place of a token."},
			{Name: "private_key", Title: "Private key of the App", Type: integration.TypeSecret, Help: "The whole file that GitHub offered for download.", Example: "-----BEGIN RSA PRIVATE KEY-----"},
			{Name: "installation_id", Title: "Installation of the App", Type: integration.TypeNumber, Help: "Needed where it is installed more than once."},
			{Name: "api", Title: "Address of the API", Type: integration.TypeAddress, Example: "https://github.example.com/api/v3", Help: "Of a GitHub Enterprise Server."},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{config: c}
	if !c.asks() || c.guard != nil && c.AppID == "" && c.Organisation == "" && len(c.repositories()) == 0 {
		return source, nil
	}
	header := http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}}
	client := &upstream.Client{Tool: "GitHub", Base: c.api(), HTTP: c.HTTP, Header: header}
	if c.AppID != "" {
		bare := *client
		client.Sign = (&app{config: c, client: &bare}).sign
	} else {
		client.Sign = c.Bearer
	}
	return source.polling(client), nil
}
