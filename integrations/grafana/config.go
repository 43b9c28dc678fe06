package grafana

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/alert"
)

// Config is one contact point.
type Config struct {
	alert.Config `yaml:",inline"`
	// Signing says how the contact point proves itself: "token" (the default), a bearer token or the password of basic
	// authentication, or "hmac", the HMAC signature of Grafana 12.
	Signing string `yaml:"signing"`
	// TimestampHeader is the header with the time of the signature, as the contact point names it; empty where it sends none.
	TimestampHeader string `yaml:"timestamp_header"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Check("the credentials or the HMAC secret of the contact point")
	if c.Signing != "" && c.Signing != "token" && c.Signing != "hmac" {
		faults = append(faults, fault.Fault{Pointer: "/signing", Detail: "is token or hmac"})
	}
	if c.TimestampHeader != "" && c.Signing != "hmac" {
		faults = append(faults, fault.Fault{Pointer: "/timestamp_header", Detail: "is for signing: hmac"})
	}
	return fault.InvalidInput("grafana source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(c.Asks("the secret of the contact point: its HMAC signature's, or its bearer token"), []integration.Field{
		{Name: "signing", Title: "Grafana proves itself by", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "token", Title: "a bearer token"}, {Value: "hmac", Title: "an HMAC signature, from Grafana 12 on"}}},
		{Name: "timestamp_header", Title: "Header with the time of the signature", Type: integration.TypeText, Help: "As the contact point names it; empty where it sends none.", Example: "X-Grafana-Alerting-Timestamp"},
	})
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
