// Package client speaks with a server over its public REST API (docs/api.md), and with nothing else.
//
// It may be imported by the commands. Imports: fault and the standard library.
package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tidings.dev/tidings/fault"
)

// DefaultServer is where a server answers that was started without settings.
const DefaultServer = "http://127.0.0.1:8080"

// Connect makes the client of a command line, once its flags are known.
type Connect func() (*Client, error)

// Client calls one server. Proxies are those of HTTPS_PROXY and NO_PROXY; this machine is never reached through one.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	// wait pauses between attempts; tests do not.
	wait func(context.Context, time.Duration) error
}

// Time limits. An answer as a whole has the caller's.
const (
	dialTime   = 10 * time.Second
	answerTime = 5 * time.Minute // until the answer begins: a large batch is read and committed before
	maxAnswer  = 256 << 20
)

// New makes a client of the server at an address; without a scheme it is http. The token may be empty.
func New(server, token string) (*Client, error) {
	address := strings.TrimSpace(server)
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fault.New(fault.Invalid, "%q is not the address of a server: write one such as %s, by --server or TIDINGS_SERVER", server, DefaultServer)
	}
	if base.User != nil {
		return nil, fault.New(fault.Invalid, "the address of the server carries a user or password: give a token in TIDINGS_TOKEN instead")
	}
	base.Path, base.RawQuery, base.Fragment = strings.TrimSuffix(base.Path, "/"), "", ""
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: answerTime,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       time.Minute,
	}
	return &Client{
		base: base, token: strings.TrimSpace(token), wait: pause,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// Address is the server's, for messages.
func (c *Client) Address() string { return c.base.String() }

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Request is one call.
type Request struct {
	Method string
	Path   string // below /api/v1/, its parts escaped
	Query  url.Values
	Type   string // Content-Type of the body
	Body   []byte
	Header http.Header
	// Again says that the request can be sent once more when the server was busy, for a second one changes nothing.
	Again bool
}

// attempts is how often a request is sent while the server is busy.
const attempts = 4

// Do calls, and gives the body of the answer; also that of a refusal, whose error is a fault with all it names.
func (c *Client) Do(ctx context.Context, r Request) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		body, err := c.once(ctx, r)
		busy := fault.Is(err, fault.Unavailable) || fault.Is(err, fault.RateLimited)
		if !busy || !r.Again || attempt == attempts || errors.Is(err, errNobody) {
			return body, err
		}
		wait := min(cmp.Or(fault.RetryAfter(err), 250*time.Millisecond<<attempt), 15*time.Second)
		if err := c.wait(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, r Request) ([]byte, error) {
	response, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		return body, c.refusal(response, body)
	}
	return body, nil
}

func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	u := *c.base
	raw := u.EscapedPath() + "/api/v1/" + r.Path
	path, err := url.PathUnescape(raw)
	if err != nil {
		return nil, err
	}
	u.Path, u.RawPath, u.RawQuery = path, raw, r.Query.Encode()
	request, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", "tidings-cli")
	if r.Type != "" {
		request.Header.Set("Content-Type", r.Type)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	return response, nil
}

// errNobody is the cause of the fault when there is no server to wait for.
var errNobody = errors.New("nobody answers")

// broken says what to do about a connection that failed.
func (c *Client) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var (
		dns     *net.DNSError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fault.New(fault.Unavailable, "%w at %s: is a server running there? Start one with tidings serve, or name another by --server or TIDINGS_SERVER", errNobody, c.Address())
	case errors.As(err, &dns) && dns.IsNotFound:
		return fault.New(fault.Unavailable, "%w at %s, for there is no machine %q: check --server or TIDINGS_SERVER", errNobody, c.Address(), dns.Name)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fault.New(fault.Unavailable, "%w in HTTPS at %s: write http:// in --server or TIDINGS_SERVER", errNobody, c.Address())
	case errors.As(err, &timeout) && timeout.Timeout():
		return fault.New(fault.Unavailable, "the server at %s does not answer in time: try again", c.Address())
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the address, which is said once
	}
	return fault.New(fault.Unavailable, "the connection to %s failed: %s", c.Address(), err)
}

// refusal makes a fault of an answer that is none of success.
func (c *Client) refusal(response *http.Response, body []byte) error {
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // an unreadable one is none of ours
	var problem struct {
		Code      fault.Code    `json:"code"`
		Detail    string        `json:"detail"`
		Faults    []fault.Fault `json:"faults"`
		RequestID string        `json:"request_id"`
	}
	if media != "application/problem+json" || json.Unmarshal(body, &problem) != nil || problem.Code == "" {
		return c.foreign(response, body)
	}
	if problem.RequestID != "" {
		problem.Detail += " (request " + problem.RequestID + ")"
	}
	if problem.Code == fault.Unauthenticated {
		hint := "set TIDINGS_TOKEN to a token of this server"
		if c.token != "" {
			hint = "the token in TIDINGS_TOKEN is not taken"
		}
		problem.Detail += ": " + hint
	}
	refusal := fault.New(problem.Code, "%s", problem.Detail)
	refusal.Faults = problem.Faults
	refusal.RetryAfter = retryAfter(response)
	return refusal
}

// foreign is the fault of an answer that Tidings did not give.
func (c *Client) foreign(response *http.Response, body []byte) error {
	status := fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	switch {
	case response.StatusCode/100 == 3:
		where := "elsewhere"
		if location, err := response.Location(); err == nil {
			where = "to " + location.Redacted()
		}
		return fault.New(fault.Invalid, "%s leads %s: give the address of the server itself by --server or TIDINGS_SERVER", c.Address(), where)
	case bytes.Contains(body, []byte("HTTP request to an HTTPS server")):
		return fault.New(fault.Invalid, "%s speaks HTTPS: write https:// in --server or TIDINGS_SERVER", c.Address())
	case response.StatusCode == http.StatusBadGateway, response.StatusCode == http.StatusServiceUnavailable, response.StatusCode == http.StatusGatewayTimeout:
		busy := fault.New(fault.Unavailable, "a proxy before %s answers %s: is the server running behind it?", c.Address(), status)
		busy.RetryAfter = retryAfter(response)
		return busy
	case response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden, response.StatusCode == http.StatusProxyAuthRequired:
		return fault.New(fault.Forbidden, "a proxy before %s answers %s: let tidings pass it, or give the address of the server itself", c.Address(), status)
	}
	return fault.New(fault.Invalid, "%s answers %s, which is not an answer of Tidings: check --server or TIDINGS_SERVER", c.Address(), status)
}

func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// readTime bounds a call that only reads.
const readTime = time.Minute

// Get reads JSON into a value.
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) error {
	body, err := c.Read(ctx, path, query)
	if err != nil {
		return err
	}
	return c.Decode(body, into)
}

// Read gives an answer as it is.
func (c *Client) Read(ctx context.Context, path string, query url.Values) ([]byte, error) {
	reading, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	body, err := c.Do(reading, Request{Method: http.MethodGet, Path: path, Query: query, Again: true})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fault.New(fault.Unavailable, "the server at %s does not answer within %s: try again", c.Address(), readTime)
	}
	return body, err
}

// Write sends JSON, and reads the answer into a value unless that is nil.
func (c *Client) Write(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	answer, err := c.Do(ctx, Request{Method: method, Path: path, Type: "application/json", Body: text})
	if err != nil || into == nil {
		return err
	}
	return c.Decode(answer, into)
}

// Decode reads an answer of the server.
func (c *Client) Decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fault.New(fault.Invalid, "what answers at %s is not Tidings, or of another version: check --server or TIDINGS_SERVER", c.Address())
	}
	return nil
}
