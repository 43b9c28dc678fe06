package git

import (
	"net/url"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

var _ integration.Typed = (*Config)(nil)

// Secrets names the token.
func (c *Config) Secrets() []string { return []string{"token"} }

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
