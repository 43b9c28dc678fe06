package announce

import (
	"context"
	"net/http"
	"slices"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the configuration of one place.
type Config struct {
	// Format is what the place takes: teams, discord, mattermost or webhook.
	Format string `yaml:"format"`
	// Address is where messages are sent. It is a credential: whoever knows it may write there.
	Address integration.Secret `yaml:"address"`
	// Secret signs what is sent to a program of one's own; the others have none.
	Secret integration.Secret `yaml:"secret"`

	client *http.Client
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// The formats.
const (
	formatTeams      = "teams"
	formatDiscord    = "discord"
	formatMattermost = "mattermost"
	formatWebhook    = "webhook"
)

var formats = []string{formatTeams, formatDiscord, formatMattermost, formatWebhook}

// Validate names every fault.
func (c *Config) Validate() error {
	var faults []fault.Fault
	if !slices.Contains(formats, c.Format) {
		faults = append(faults, fault.Fault{Pointer: "/format", Detail: "is teams, discord, mattermost or webhook"})
	}
	if !c.Address.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is required: env:NAME or file:PATH, with the address of the incoming webhook, which is a credential"})
	}
	if c.Format == formatWebhook && !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: what is sent to a program of one's own is signed with it"})
	}
	return fault.InvalidInput("announce source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(ctx context.Context) []string {
	address, err := c.Address.Get(ctx)
	if err != nil {
		return nil // there is none yet
	}
	return []string{address}
}

// Form is the settings, as the page asks for them.
func (c *Config) Form() []integration.Field {
	return []integration.Field{
		{Name: "format", Title: "Place", Type: integration.TypeChoice, Required: true, Choices: []integration.Choice{
			{Value: formatTeams, Title: "Microsoft Teams"}, {Value: formatDiscord, Title: "Discord"}, {Value: formatMattermost, Title: "Mattermost"}, {Value: formatWebhook, Title: "A program of your own"},
		}},
		{Name: "address", Title: "Address", Help: "Whoever knows it may write there, so it is kept as a secret.", Type: integration.TypeSecret, Required: true},
		{Name: "secret", Title: "Signing secret", Help: "Only for a program of your own, which checks the signature with it.", Type: integration.TypeSecret},
	}
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return []string{"address", "secret"} }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{"address": &c.Address, "secret": &c.Secret})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.Address.Typed("address", guard)
	c.Secret.Typed("secret", guard)
}

// Use gives the client that may ask.
func (c *Config) Use(client *http.Client) { c.client = client }

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
