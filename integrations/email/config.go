package email

import (
	"context"
	"crypto/x509"
	"net"
	"net/mail"
	"slices"
	"strconv"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the configuration of one mail server.
type Config struct {
	// Server is where mail is given to, as smtp.example.com:587; without a port that of the encryption.
	Server string `yaml:"server"`
	// Encryption is starttls, which is asked for and never done without; tls from the first byte; or none, for a relay on the
	// same machine or network, which is not logged in to.
	Encryption string `yaml:"encryption"`
	// From is who writes: "Tidings <tidings@example.com>".
	From string `yaml:"from"`
	// User logs in with the password, where there is one.
	User string `yaml:"user"`
	// Password is that of the user.
	Password integration.Secret `yaml:"password"`

	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	roots *x509.CertPool // those of the system, but in tests
}

var (
	_ integration.Typed   = (*Config)(nil)
	_ integration.Dialing = (*Config)(nil)
)

// The encryptions.
const (
	startTLS = "starttls"
	fullTLS  = "tls"
	noTLS    = "none"
)

// ports are those that are meant where none is named.
var ports = map[string]int{startTLS: 587, fullTLS: 465, noTLS: 25}

func (c *Config) encryption() string {
	if c.Encryption == "" {
		return startTLS
	}
	return c.Encryption
}

// at gives the host and the port of the server.
func (c *Config) at() (host string, port int, ok bool) {
	host, text, err := net.SplitHostPort(c.Server)
	if err != nil {
		host, text = c.Server, strconv.Itoa(ports[c.encryption()])
	}
	port, err = strconv.Atoi(text)
	addr := mail.Address{Address: "x@" + host}
	_, bad := mail.ParseAddress(addr.String())
	return host, port, err == nil && port > 0 && port < 1<<16 && (bad == nil || net.ParseIP(host) != nil)
}

// Validate names every fault.
func (c *Config) Validate() error {
	var faults []fault.Fault
	add := func(pointer, detail string) { faults = append(faults, fault.Fault{Pointer: pointer, Detail: detail}) }
	if !slices.Contains([]string{startTLS, fullTLS, noTLS}, c.encryption()) {
		add("/encryption", "is starttls, tls or none")
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		add("/from", `is required: who writes, as "Tidings <tidings@example.com>"`)
	}
	if _, _, ok := c.at(); c.Server == "" || !ok {
		add("/server", "is required: a mail server, as smtp.example.com:587")
	}
	switch {
	case c.User != "" && c.encryption() == noTLS:
		add("/user", "a password is not sent without encryption: use starttls or tls")
	case c.User != "" && !c.Password.IsSet():
		add("/password", "is required for a user: env:NAME or file:PATH")
	}
	return fault.InvalidInput("email source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	host, port, _ := c.at()
	return []string{net.JoinHostPort(host, strconv.Itoa(port))}
}

// Form is the settings, as the page asks for them.
func (c *Config) Form() []integration.Field {
	return []integration.Field{
		{Name: "server", Title: "Mail server", Type: integration.TypeText, Required: true, Example: "smtp.example.com:587"},
		{Name: "encryption", Title: "Encryption", Type: integration.TypeChoice, Choices: []integration.Choice{
			{Value: startTLS, Title: "STARTTLS"}, {Value: fullTLS, Title: "TLS from the first byte"}, {Value: noTLS, Title: "None, for a relay that asks for no password"},
		}},
		{Name: "from", Title: "From", Help: "The mail server must let it be.", Type: integration.TypeText, Required: true, Example: "Tidings <tidings@example.com>"},
		{Name: "user", Title: "User", Help: "Empty where the server asks for none.", Type: integration.TypeText, Example: "tidings@example.com"},
		{Name: "password", Title: "Password", Type: integration.TypeSecret},
	}
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return []string{"password"} }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{"password": &c.Password})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) { c.Password.Typed("password", guard) }

// Connect gives the one way to connect.
func (c *Config) Connect(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.dial = dial
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, err
	}
	return &Source{config: c, from: from}, nil
}
