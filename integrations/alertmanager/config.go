package alertmanager

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/alert"
)

// Config is one receiver.
type Config struct {
	alert.Config `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	return fault.InvalidInput("alertmanager source", c.Check("the credentials that Alertmanager sends"))
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field { return c.Asks("the credentials that Alertmanager sends") }

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
