package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// Source is one mail server.
type Source struct {
	config *Config
	from   *mail.Address
}

var (
	_ integration.Source = (*Source)(nil)
	_ chat.Messenger     = (*Source)(nil)
)

// stepTime bounds each step of giving a mail to the server.
const stepTime = 15 * time.Second

// logins are the ways to log in, the best first: where the library looks for one itself, it does not see the encryption of a
// connection that was made for it.
var logins = []gomail.SMTPAuthType{
	gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1PLUS, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5, gomail.SMTPAuthPlain,
	gomail.SMTPAuthLogin,
}

// Describe says what it is.
func (s *Source) Describe() string { return "mail by " + s.config.Server }

// Edits reports that what was sent stays as it is.
func (s *Source) Edits() bool { return false }

// Send gives a mail to the server. That it was taken is all that anybody learns.
func (s *Source) Send(ctx context.Context, m chat.Outgoing) (string, error) {
	to, err := mail.ParseAddress(m.Place.Channel)
	if err != nil {
		return "", fault.New(fault.Invalid, "%q is no mail address", integration.Clip(m.Place.Channel))
	}
	letter, err := s.write(to, &m)
	if err != nil {
		return "", err
	}
	host, port, _ := s.config.at()
	var connection net.Conn
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(stepTime), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			if connection, err = s.config.dial(ctx, network, address); err != nil {
				return nil, err
			}
			if s.config.encryption() != fullTLS {
				return connection, nil
			}
			secured := tls.Client(connection, s.tls(host))
			return secured, secured.HandshakeContext(ctx)
		}),
	}
	switch s.config.encryption() {
	case startTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(s.tls(host)))
	case fullTLS:
		options = append(options, gomail.WithSSL(), gomail.WithTLSConfig(s.tls(host)))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.config.User != "" {
		password, err := s.config.Password.Get(ctx)
		if fault.Is(err, fault.NotFound) {
			return "", fault.New(fault.Unauthenticated, "no password is set for the mail server")
		}
		if err != nil {
			return "", err
		}
		options = append(options, gomail.WithOpportunisticSMTPAuth(logins...), gomail.WithUsername(s.config.User), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(host, options...)
	if err != nil {
		return "", fault.New(fault.Invalid, "the mail server cannot be asked: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if connection != nil {
		_ = connection.Close() // the library leaves it open when it fails early
	}
	if err == nil || letter.IsDelivered() {
		return "", nil // what is wrong with the goodbye concerns nobody
	}
	return "", refusal(err)
}

func (s *Source) tls(host string) *tls.Config {
	return &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.config.roots}
}

// write makes the mail.
func (s *Source) write(to *mail.Address, m *chat.Outgoing) (*gomail.Msg, error) {
	page, err := page(&m.Message)
	if err != nil {
		return nil, err
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(s.from)
	letter.ToMailAddress(to)
	letter.Subject(integration.Line(m.Message.Title))
	letter.SetDate()
	_, domain, _ := strings.Cut(s.from.Address, "@")
	letter.SetMessageIDWithValue(m.Key + "@" + domain)
	if m.Conversation != "" {
		first := "<" + m.Conversation + "@" + domain + ">"
		letter.SetGenHeader(gomail.HeaderInReplyTo, first)
		letter.SetGenHeader(gomail.HeaderReferences, first)
	}
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")
	letter.SetBodyString(gomail.TypeTextPlain, plain(&m.Message))
	letter.AddAlternativeString(gomail.TypeTextHTML, page)
	return letter, nil
}

// refusal makes a fault of what the server, or the way to it, refuses with: 4xx may pass, 5xx does not.
func refusal(err error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known // the rule of what may be connected to
	}
	code, text := 0, ""
	if sent, ok := errors.AsType[*gomail.SendError](err); ok {
		code, text = sent.ErrorCode(), sent.Error()
	}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		code, text = said.Code, said.Msg
	}
	text = integration.Line(text)
	switch {
	case code == 530 || code == 534 || code == 535 || code == 538:
		return fault.New(fault.Unauthenticated, "the mail server does not let us in (%d): set its user and password", code)
	case code >= 500:
		return fault.New(fault.Invalid, "the mail server refused it (%d): %s", code, text)
	case code >= 400:
		return fault.New(fault.Unavailable, "the mail server asks to come again (%d): %s", code, text)
	}
	if unknown, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fault.New(fault.Unavailable, "the certificate of the mail server is not known: %w", unknown)
	}
	return fault.New(fault.Unavailable, "the mail server cannot be reached: %w", err)
}
