package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// LoginConfig is who may come in. With nothing set, a one-time link on the console lets the first administrator in, who
// lets in others in the same way.
type LoginConfig struct {
	// Providers are identity providers that speak OpenID Connect.
	Providers []login.ProviderConfig `yaml:"providers"`
	// Groups give roles and teams to the members of groups of the identity provider, or of SCIM.
	Groups []access.Grant `yaml:"groups"`
	// DefaultRole is that of whoever can log in and is in no group that gives one: none lets nobody else in.
	DefaultRole access.Role `yaml:"default_role"`
	// Anonymous is read where anybody who reaches the server may read; empty otherwise.
	Anonymous string `yaml:"anonymous"`
	// Session bounds how long a login lasts.
	Session SessionConfig `yaml:"session"`
}

// SessionConfig bounds how long a login lasts.
type SessionConfig struct {
	Idle    time.Duration `yaml:"idle"`    // without use; 12 hours
	Longest time.Duration `yaml:"longest"` // in all; 7 days
	Renew   time.Duration `yaml:"renew"`   // until the cookie is changed; 1 hour
}

// AnonymousRead is the only value of login.anonymous.
const AnonymousRead = "read"

// loginFaults names what is wrong with who may come in.
func (c *Config) loginFaults() []fault.Fault {
	var faults []fault.Fault
	add := func(place, format string, args ...any) {
		faults = append(faults, fault.Fault{Pointer: place, Detail: fmt.Sprintf(format, args...)})
	}
	if c.PublicURL != "" && c.public() == nil {
		add("public_url", "%q is not such as https://tidings.example.com, without a path", c.PublicURL)
	}
	if c.Login.Anonymous != "" && c.Login.Anonymous != AnonymousRead {
		add("login.anonymous", "is read or left out, not %q", c.Login.Anonymous)
	}
	names := map[string]bool{}
	for i := range c.Login.Providers {
		provider := &c.Login.Providers[i]
		place := fmt.Sprintf("login.providers[%d].", i)
		for _, problem := range provider.Validate() {
			add(place+problem.Pointer, "%s", problem.Detail)
		}
		if names[provider.Name] {
			add(place+"name", "each provider has a name of its own")
		}
		names[provider.Name] = true
	}
	grants := c.grants()
	faults = append(faults, grants.Check("login.groups")...)
	session := c.Login.Session
	for name, length := range map[string]time.Duration{"idle": session.Idle, "longest": session.Longest, "renew": session.Renew} {
		if length < 0 || length > 0 && length < time.Minute {
			add("login.session."+name, "is at least a minute")
		}
	}
	return faults
}

func (c *Config) grants() access.Grants {
	return access.Grants{List: c.Login.Groups, Default: c.Login.DefaultRole}
}

// public is the address of public_url; nil where it is none.
func (c *Config) public() *url.URL {
	u, err := url.Parse(strings.TrimSuffix(c.PublicURL, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil
	}
	u.Host = strings.ToLower(u.Host)
	return u
}

// newLogin makes the routes by which people come in.
func (d *Daemon) newLogin(cookies *login.Cookies) (*login.API, error) {
	deps := login.Deps{Desk: d.desk, Cookies: cookies, Organisation: d.config.Organisation, NoLogin: d.config.NoLogin}
	for _, config := range d.config.Login.Providers {
		secret, err := refer(config.ClientSecret)
		if err != nil {
			return nil, fmt.Errorf("the client secret of %s: %w", config.Name, err)
		}
		rule, err := d.outbound.With(config.Allow)
		if err != nil {
			return nil, err
		}
		deps.Providers = append(deps.Providers, login.Provider{ProviderConfig: config, Secret: secret, Rule: rule, Agent: agentName()})
	}
	return login.New(deps), nil
}

func (d *Daemon) newDesk(committed func()) *access.Desk {
	session := d.config.Login.Session
	return access.New(d.store, access.Options{
		Idle: session.Idle, Longest: session.Longest, Renew: session.Renew,
		Anonymous: d.config.Login.Anonymous == AnonymousRead, Grants: d.config.grants(),
		Subject: d.ownSubject, Person: d.person, Committed: committed,
	})
}

// ownSubject is Tidings in the roll, whom the audit is about.
func (d *Daemon) ownSubject() change.Subject {
	subject := change.Subject{Name: itself.String()}
	if e, ok := d.roll.Get(itself); ok {
		subject.Entity = e.ID
	}
	return subject
}

// person finds an account's person in the roll: one of its name, or of the first part of its e-mail address.
func (d *Daemon) person(a access.Account) string {
	local, _, _ := strings.Cut(a.Email, "@")
	for _, name := range []string{a.Name, local} {
		ref, err := catalog.NewRef(catalog.Person, name)
		if err != nil {
			continue
		}
		if e, ok := d.roll.Get(ref); ok && !e.Retired {
			return ref.Name
		}
	}
	return ""
}

// welcome makes the one-time link of a first start.
func (d *Daemon) welcome(ctx context.Context) error {
	if d.config.NoLogin {
		return nil
	}
	secret, err := d.desk.FirstLink(ctx)
	if err != nil {
		return fmt.Errorf("make the link of the first administrator: %w", err)
	}
	if secret != "" {
		d.firstLink = d.LinkURL(secret)
	}
	return nil
}

// FirstLink is where the first administrator logs in, within an hour and once; empty where somebody has an account.
func (d *Daemon) FirstLink() string { return d.firstLink }

// LinkURL is where a browser shows the secret of a one-time link: behind the #, so that no log and no proxy sees it.
func (d *Daemon) LinkURL(secret string) string {
	base := d.URL()
	if public := d.config.public(); public != nil {
		base = public.String()
	}
	return base + "/login/link#" + secret
}

// AdministratorLink makes a one-time link for an administrator, by the database alone: with the embedded store, no server may run.
func AdministratorLink(ctx context.Context, config Config) (string, error) {
	if config.PublicURL != "" && config.public() == nil {
		return "", fault.New(fault.Invalid, "the public URL is such as https://tidings.example.com, without a path")
	}
	opened, err := openStore(ctx, config)
	if err != nil {
		return "", err
	}
	d := &Daemon{config: config, store: opened, roll: catalog.NewRoll(opened)}
	link, err := d.administratorLink(ctx)
	return link, errors.Join(err, opened.Close())
}

func (d *Daemon) administratorLink(ctx context.Context) (string, error) {
	if _, err := d.roll.Refresh(ctx); err != nil {
		return "", err
	}
	secret, err := d.newDesk(d.store.Announce).AdministratorLink(access.With(ctx, access.Tidings))
	if err != nil {
		return "", err
	}
	base := "http://" + d.config.Listen
	if public := d.config.public(); public != nil {
		base = public.String()
	}
	return base + "/login/link#" + secret, nil
}
