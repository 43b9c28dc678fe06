// Package smtptest is a mail server for tests: it takes mail on loopback, and refuses it as it is told. Only tests import it.
package smtptest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options are how a server is.
type Options struct {
	User, Password string // who may log in
	Full           bool   // it speaks TLS from the first byte, and not after STARTTLS
	Plain          bool   // it offers no encryption
}

// Letter is a mail as the server took it.
type Letter struct {
	From, To string
	Raw      string // headers and body
	Secured  bool   // over TLS
	User     string // who had logged in
}

// Server is a mail server.
type Server struct {
	Address string
	// Roots know its certificate, which is for 127.0.0.1.
	Roots *x509.CertPool

	options Options
	mu      sync.Mutex
	letters []Letter
	refuse  error
	lose    bool
}

// New starts a server, which ends with the test.
func New(t *testing.T, options Options) *Server {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	s := &Server{Roots: x509.NewCertPool(), options: options}
	s.Roots.AddCert(certified.Certificate())
	server := smtp.NewServer(s)
	server.Domain, server.ReadTimeout, server.WriteTimeout = "127.0.0.1", time.Minute, time.Minute
	if server.AllowInsecureAuth = options.Plain; !options.Plain {
		server.TLSConfig = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	if options.Full {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// Letters are what was taken, in order.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// Refuse refuses every recipient with an error, such as a *smtp.SMTPError; nil takes them again.
func (s *Server) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

// Lose lets the connection end when a mail was taken, before anybody learns of it.
func (s *Server) Lose(lose bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = lose
}

// NewSession begins the session of a connection.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{Server: s, conn: c}, nil
}

type session struct {
	*Server
	conn *smtp.Conn
	now  Letter
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.options.User || password != s.options.Password {
			return smtp.ErrAuthFailed
		}
		s.now.User = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.now.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.To = to
	return s.refuse
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.now.Raw = string(raw)
	_, s.now.Secured = s.conn.TLSConnectionState()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, s.now)
	if s.lose {
		_ = s.conn.Conn().Close()
		return errors.New("the connection is gone")
	}
	return nil
}

func (s *session) Reset() { s.now = Letter{User: s.now.User} }

func (s *session) Logout() error { return nil }
