package gitlab

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook, of a project or of a group, or what is asked for by a token, or both.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service the code of a project is, by the project's path with its groups: "acme/shop/payments:
	// payments". An environment is found by its name or by its tier.
	integration.Mapping `yaml:",inline"`
	// Signing says how the webhook proves itself: "token" (the default), the secret token that GitLab sends as it is, or
	// "standard", the signing token of GitLab 19.
	Signing string `yaml:"signing"`
	// Group is the one whose projects are looked at with the token, with those of its subgroups; Projects are paths. Without
	// both they are those of Services.
	Group    string   `yaml:"group"`
	Projects []string `yaml:"projects"`
	// Address is that of GitLab: https://gitlab.com unless said.
	Address string `yaml:"address"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && !c.Token.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret token or the signing token that the webhook has in GitLab; or a token, to ask GitLab"})
	}
	if c.Signing != "" && c.Signing != "token" && c.Signing != "standard" {
		faults = append(faults, fault.Fault{Pointer: "/signing", Detail: "is token or standard"})
	}
	for pointer, projects := range map[string][]string{"/services": slices.Sorted(maps.Keys(c.Services)), "/projects": c.Projects} {
		for _, project := range projects {
			if !strings.Contains(project, "/") {
				faults = append(faults, fault.Fault{Pointer: pointer, Detail: project + " is not the path of a project, such as acme/payments"})
			}
		}
	}
	if !integration.IsAddress(c.address()) {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is where GitLab answers, such as https://gitlab.example.com"})
	}
	if c.Token.Referred() && !c.names() {
		faults = append(faults, fault.Fault{Pointer: "/projects", Detail: "names nothing to look at: give projects, a group, or services"})
	}
	faults = append(faults, c.ReachFaults()...)
	return fault.InvalidInput("gitlab source", faults)
}

// names reports whether anything is named that can be looked at.
func (c *Config) names() bool { return c.Group != "" || len(c.projects()) > 0 }

func (c *Config) address() string {
	return strings.TrimSuffix(cmp.Or(c.Address, "https://gitlab.com"), "/")
}

// projects are those that are named.
func (c *Config) projects() []string {
	if len(c.Projects) > 0 || c.Group != "" {
		return c.Projects
	}
	return c.Repositories()
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.Token.IsSet() {
		return nil
	}
	return []string{c.address()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.OptionalHookFields("the secret token of the webhook, or its signing token"),
		integration.MappingFields(integration.Known{Services: "the project's path with its groups, or a folder of one (acme/shop//services/pricing)", Service: "acme/shop/payments", Environments: "its name in GitLab, or its tier", Environment: "prod-eu"}),
		[]integration.Field{
			{Name: "signing", Title: "GitLab proves itself by", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "token", Title: "the secret token"}, {Value: "standard", Title: "the signing token, from GitLab 19 on"}}},
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "An access token with the scope read_api and the role Reporter. With it GitLab is asked as well, for what was before and for what the webhook missed."},
			{Name: "group", Title: "Group", Type: integration.TypeText, Example: "acme", Help: "Whose projects are looked at with the token, those of its subgroups too."},
			{Name: "projects", Title: "Projects", Type: integration.TypeList, Example: "acme/shop/payments", Help: "Which are looked at with the token. Those under Services without it."},
			{Name: "address", Title: "Address of GitLab", Type: integration.TypeAddress, Example: "https://gitlab.example.com", Help: "Where it is asked, unless it is gitlab.com."},
		},
		integration.ReachFields(),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{config: c}
	if !c.Token.IsSet() || !c.names() {
		return source, nil
	}
	return source.asking(), nil
}
