package slack

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Config is the configuration of a Slack app.
type Config struct {
	// Hook has the signing secret of the app: what Slack sends is signed with it. It is not needed in socket mode.
	integration.Hook `yaml:",inline"`
	// BotToken is what the app speaks with: xoxb-….
	BotToken integration.Secret `yaml:"bot_token"`
	// AppToken opens the connection of socket mode, for installations that Slack cannot reach: xapp-….
	AppToken integration.Secret `yaml:"app_token"`
	// API is the address of Slack's Web API; without it https://slack.com/api. It differs for GovSlack, and in tests.
	API string `yaml:"api"`

	client *http.Client
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

var (
	_ integration.Typed   = (*Config)(nil)
	_ integration.Asking  = (*Config)(nil)
	_ integration.Dialing = (*Config)(nil)
)

// Validate names every fault.
func (c *Config) Validate() error {
	var faults []fault.Fault
	if !c.BotToken.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/bot_token", Detail: "is required: env:NAME or file:PATH, with the bot token of the app, which begins with xoxb-"})
	}
	if !c.Secret.IsSet() && !c.AppToken.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required, with the signing secret of the app; or app_token, for socket mode, where Slack cannot reach this server"})
	}
	if c.API != "" {
		if at, err := url.Parse(c.API); err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
			faults = append(faults, fault.Fault{Pointer: "/api", Detail: "is an address such as https://slack.com/api"})
		}
	}
	return fault.InvalidInput("slack source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string { return []string{c.api()} }

func (c *Config) api() string { return cmp.Or(c.API, "https://slack.com/api") }

// Form is the settings, as the page asks for them.
func (c *Config) Form() []integration.Field {
	return []integration.Field{
		{Name: "bot_token", Title: "Bot token", Help: "It begins with xoxb- and stands under OAuth & Permissions.", Type: integration.TypeSecret, Required: true},
		{Name: "secret", Title: "Signing secret", Help: "It stands under Basic Information; it is not needed in socket mode.", Type: integration.TypeSecret},
		{Name: "previous_secret", Title: "Signing secret before it", Help: "It counts as well, while Slack still uses it.", Type: integration.TypeSecret},
		{Name: "app_token", Title: "App token", Help: "For socket mode, where Slack cannot reach this server: it begins with xapp-, with the scope connections:write.", Type: integration.TypeSecret},
		{Name: "api", Title: "Address of the Web API", Help: "Only for GovSlack.", Type: integration.TypeAddress, Example: "https://slack-gov.com/api"},
	}
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return append(c.Hook.Secrets(), "bot_token", "app_token") }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	if err := c.Hook.Narrow(); err != nil {
		return err
	}
	return integration.Unreferred(map[string]*integration.Secret{"bot_token": &c.BotToken, "app_token": &c.AppToken})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.Hook.Guard(guard)
	c.BotToken.Typed("bot_token", guard)
	c.AppToken.Typed("app_token", guard)
}

// Use gives the client that may ask.
func (c *Config) Use(client *http.Client) { c.client = client }

// Connect gives the one way to connect: that of socket mode.
func (c *Config) Connect(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.dial = dial
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c}
	s.api = upstream.Client{Tool: "Slack", Base: c.api(), HTTP: c.client, Sign: s.sign}
	return s, nil
}
