package git

import (
	"context"
	"net/url"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

var _ integration.Typed = (*Config)(nil)

// Secrets names the token.
func (c *Config) Secrets() []string { return []string{"token"} }

// Form is the settings, as one asks for them. The folder of mirrors is none: it is of the server's machine.
func (c *Config) Form() []integration.Field {
	return []integration.Field{
		{Name: "repository", Title: "Repository", Type: integration.TypeAddress, Required: true, Help: "An https or ssh address.", Example: "https://git.example.com/shop/pricing.git"},
		{Name: "token", Title: "Access token", Type: integration.TypeSecret, Help: "For https: with the right to read the code, and nothing else. Public repositories need none."},
		{Name: "user", Title: "User of the token", Type: integration.TypeText, Help: "For hosts that ask for a certain one.", Example: "x-token-auth"},
		{Name: "branch", Title: "Main branch", Type: integration.TypeText, Help: "The repository's default without it.", Example: "main"},
		{Name: "service", Title: "Service", Type: integration.TypeText, Help: "Whose code it is.", Example: "pricing"},
		{Name: "paths", Title: "Folders of a monorepo", Type: integration.TypeMap, Help: "The longest folder counts; what none holds is of the service above.", Example: "services/checkout", Gives: "service", GivesExample: "checkout"},
		{Name: "backfill", Title: "Commits that the first look goes back", Type: integration.TypeNumber, Help: "200 without it.", Example: "1000"},
		{Name: "timeout", Title: "Longest time of one fetch", Type: integration.TypeDuration, Help: "The first brings the whole branch. 5m without it.", Example: "10m"},
	}
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string { return []string{"ssh://" + host(c.Repository)} }

// Narrow lets only https and ssh addresses of other machines through.
func (c *Config) Narrow() error {
	var faults []fault.Fault
	add := func(place, detail string) { faults = append(faults, fault.Fault{Pointer: "/" + place, Detail: detail}) }
	if u, err := url.Parse(c.Repository); !isURL(c.Repository) || !scpFormat.MatchString(c.Repository) && (err != nil || u.Scheme != "https" && u.Scheme != "ssh") {
		add("repository", "is an https or ssh address here; a path of the server's machine can only stand in its configuration file")
	}
	if c.Token != "" {
		add("token", "is a secret: give it among the secrets, not among the settings")
	}
	if c.CacheDir != "" {
		add("cache_dir", "can only stand in the server's configuration file")
	}
	return fault.InvalidInput("git source", faults)
}

// Guard is called before Open.
func (c *Config) Guard(guard integration.Guard) { c.guard = &guard }

// host is the machine that an address leads to.
func host(address string) string {
	if strings.Contains(address, "://") {
		if u, err := url.Parse(address); err == nil {
			return u.Hostname()
		}
	}
	if match := scpFormat.FindStringSubmatch(address); match != nil {
		return strings.Trim(match[2], "[]")
	}
	return ""
}
