package pagerduty

import (
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook subscription, or one integration key of change events.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a service of PagerDuty is, by its id or name: "PF9KMXH: payments".
	integration.Mapping `yaml:",inline"`
	// ChangeService is the service of the roll that change events are about which name none: in PagerDuty the integration
	// key says so.
	ChangeService string `yaml:"change_service"`
	// ChangeKind is the kind of change events that name none; deploy without it.
	ChangeKind string `yaml:"change_kind"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	var faults []fault.Fault
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret of the webhook subscription, or the integration key that change events carry"})
	}
	if c.ChangeService != "" {
		if err := catalog.CheckName(c.ChangeService); err != nil {
			faults = append(faults, fault.Fault{Pointer: "/change_service", Detail: err.Error()})
		}
	}
	if _, ok := change.KindNamed(c.ChangeKind); c.ChangeKind != "" && !ok {
		faults = append(faults, fault.Fault{Pointer: "/change_kind", Detail: "is no kind of event, such as deploy or config"})
	}
	return fault.InvalidInput("pagerduty source", append(faults, c.Faults()...))
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret that PagerDuty shows, or the integration key that change events carry"),
		integration.MappingFields(integration.Known{Services: "the service's id or name in PagerDuty", Service: "PF9KMXH"}),
		[]integration.Field{
			{Name: "change_service", Title: "Service of change events that name none", Type: integration.TypeText, Example: "payments"},
			{Name: "change_kind", Title: "Kind of change events that name none", Type: integration.TypeText, Help: "deploy without it.", Example: "config"},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
