// Package upstream asks a tool's HTTP API, and makes of its answers what a source can be told of: each failure is a fault
// with a sentence that helps whoever set the source up, and a limit of requests a time to wait.
//
// Integrations that poll import it. Imports: fault and the standard library.
package upstream

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Client asks one tool.
type Client struct {
	// Tool is its name for people: "GitHub".
	Tool string
	// Base is the address of the API, with or without a path: https://api.github.com.
	Base string
	// HTTP is the guarded client of the source.
	HTTP *http.Client
	// Sign gives a request its credential; nil where there is none. It is called for addresses at the host of Base only.
	Sign func(ctx context.Context, r *http.Request) error
	// Header is added to every request.
	Header http.Header
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
}

// Answer is what the tool answered.
type Answer struct {
	Status int // 200 to 299, or 304
	Header http.Header
	Body   []byte
	// Next is where the next page is by the header Link (RFC 8288); empty on the last one.
	Next string
	// Wait is how long to wait before the next request, since the limit is used up by this one; zero for not at all.
	Wait time.Duration
}

// NotModified reports whether there is nothing newer than what the request named by If-None-Match or If-Modified-Since.
func (a *Answer) NotModified() bool { return a.Status == http.StatusNotModified }

// maxAnswer bounds one answer.
const maxAnswer = 16 << 20

// Get asks for JSON at a path beneath Base, or at an address at its host, as the next page has, and reads it into a
// value unless that is nil or nothing was modified. Headers may be nil.
func (c *Client) Get(ctx context.Context, at string, header http.Header, into any) (Answer, error) {
	return c.ask(ctx, http.MethodGet, at, header, nil, into)
}

// Post sends a value as JSON and reads the answer, as Get does.
func (c *Client) Post(ctx context.Context, at string, header http.Header, body, into any) (Answer, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return Answer{}, err
	}
	return c.ask(ctx, http.MethodPost, at, header, content, into)
}

// Send sends a value as JSON by another method, and reads the answer, as Get does.
func (c *Client) Send(ctx context.Context, method, at string, header http.Header, body, into any) (Answer, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return Answer{}, err
	}
	return c.ask(ctx, method, at, header, content, into)
}

// Form sends a form and reads the answer, as Get does.
func (c *Client) Form(ctx context.Context, at string, form url.Values, into any) (Answer, error) {
	return c.ask(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()), into)
}

func (c *Client) ask(ctx context.Context, method, at string, header http.Header, body []byte, into any) (Answer, error) {
	if c.HTTP == nil { // no other client is as good: the guarded one is given by Use
		return Answer{}, fault.New(fault.Internal, "%s: there is no client to ask with", c.Tool)
	}
	address, err := c.address(at)
	if err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, fault.New(fault.Invalid, "%s: the address cannot be asked: %w", c.Tool, err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, all := range []http.Header{c.Header, header} {
		for name, values := range all {
			request.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if c.Sign != nil {
		if err := c.Sign(ctx, request); err != nil {
			return Answer{}, err
		}
	}
	answered, err := c.HTTP.Do(request)
	if err != nil {
		return Answer{}, c.unanswered(ctx, address, err)
	}
	defer answered.Body.Close()
	answer := Answer{Status: answered.StatusCode, Header: answered.Header}
	answer.Body, err = io.ReadAll(io.LimitReader(answered.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer, c.unanswered(ctx, address, err)
	case len(answer.Body) > maxAnswer:
		return answer, fault.New(fault.Unavailable, "%s answered with more than %d MiB: ask for less at once", c.Tool, maxAnswer>>20)
	}
	answer.Next, answer.Wait = next(address, answered.Header), c.spent(answered.Header)
	if err := c.refused(address, &answer); err != nil || answer.NotModified() || into == nil {
		return answer, err
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		if page(&answer) {
			return answer, fault.New(fault.Unavailable, "%s answered with a web page at %s: is that the address of its API, and does a proxy or a login stand before it?", c.Tool, address.Host)
		}
		if len(bytes.TrimSpace(answer.Body)) == 0 {
			return answer, fault.New(fault.Unavailable, "%s answered with nothing at %s", c.Tool, address.Path)
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return answer, fault.New(fault.Unavailable, "%s answered at %s with a %s in the field %s: that is not what it documents", c.Tool, address.Path, wrong.Value, wrong.Field)
		}
		return answer, fault.New(fault.Unavailable, "%s answered at %s with what is not JSON", c.Tool, address.Path)
	}
	return answer, nil
}

// address is that of a request. A credential is for one host: no link of an answer leads to another.
func (c *Client) address(at string) (*url.URL, error) {
	base, err := url.Parse(c.Base)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fault.New(fault.Invalid, "%q is no address of an API: https://HOST", c.Base)
	}
	if strings.Contains(at, "://") {
		to, err := url.Parse(at)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			return nil, fault.New(fault.Unavailable, "%s named the next page at another host than %s: it is not asked there", c.Tool, base.Host)
		}
		return to, nil
	}
	to, err := url.Parse(strings.TrimSuffix(c.Base, "/") + "/" + strings.TrimPrefix(at, "/"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: the address cannot be asked: %w", c.Tool, err)
	}
	return to, nil
}

// unanswered is a request without an answer.
func (c *Client) unanswered(ctx context.Context, address *url.URL, err error) error {
	if ctx.Err() != nil {
		return fault.New(fault.Unavailable, "%s was not asked to the end: %w", c.Tool, ctx.Err())
	}
	if known, ok := errors.AsType[*fault.Error](err); ok { // the guard's own: an address that is not to be asked
		return known
	}
	if wrong, ok := errors.AsType[*url.Error](err); ok {
		err = wrong.Err // without the address, whose query may hold what is nobody's business
	}
	return fault.New(fault.Unavailable, "%s did not answer at %s: %w", c.Tool, address.Host, err)
}

// refused makes a fault of a status that is none of success.
func (c *Client) refused(address *url.URL, a *Answer) error {
	switch status := a.Status; {
	case status >= 200 && status < 300, status == http.StatusNotModified:
		return nil
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && c.limited(a):
		err := fault.New(fault.RateLimited, "%s allows no more requests for now%s", c.Tool, c.said(a))
		err.RetryAfter = cmp.Or(c.wait(a.Header), time.Minute)
		return err
	case status == http.StatusUnauthorized:
		return fault.New(fault.Unauthenticated, "%s does not know the credential (401): it may have expired, or was revoked%s", c.Tool, c.said(a))
	case status == http.StatusForbidden:
		return fault.New(fault.Forbidden, "%s does not let the credential read %s (403): see which permissions the page of this integration asks for%s", c.Tool, address.Path, c.said(a))
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.New(fault.NotFound, "%s has nothing at %s (%d): see the name, and whether the credential may see it", c.Tool, address.Path, status)
	case status >= 500:
		err := fault.New(fault.Unavailable, "%s has a fault of its own (%d)%s", c.Tool, status, c.said(a))
		err.RetryAfter = c.wait(a.Header)
		return err
	case status >= 300 && status < 400:
		return fault.New(fault.Unavailable, "%s has moved (%d): set the new address", c.Tool, status)
	default:
		return fault.New(fault.Invalid, "%s refused what was asked at %s (%d)%s", c.Tool, address.Path, status, c.said(a))
	}
}

// limited reports whether a 403 is one of a limit, as GitHub answers it.
func (c *Client) limited(a *Answer) bool {
	return a.Header.Get("Retry-After") != "" || remaining(a.Header) == 0 || strings.Contains(strings.ToLower(c.said(a)), "rate limit")
}

// said is what the tool says itself, bounded; empty where that is no sentence.
func (c *Client) said(a *Answer) string {
	var words struct {
		Message string          `json:"message"`
		Error   json.RawMessage `json:"error"`
		Errors  json.RawMessage `json:"errors"`
	}
	if page(a) || json.Unmarshal(a.Body, &words) != nil {
		return ""
	}
	text := words.Message
	for _, raw := range []json.RawMessage{words.Error, words.Errors} {
		var one string
		var several []string
		if text != "" {
			break
		}
		if json.Unmarshal(raw, &one) == nil {
			text = one
		} else if json.Unmarshal(raw, &several) == nil {
			text = strings.Join(several, ", ")
		}
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	if text == "" {
		return ""
	}
	return ": " + text
}

// page reports whether an answer is one for browsers.
func page(a *Answer) bool {
	return strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<"))
}

// next is the address of the next page.
func next(at *url.URL, header http.Header) string {
	for _, line := range header.Values("Link") {
		for link := range strings.SplitSeq(line, ",") {
			target, parameters, found := strings.Cut(link, ";")
			target = strings.TrimSpace(target)
			if !found || !strings.HasPrefix(target, "<") || !strings.HasSuffix(target, ">") {
				continue
			}
			for parameter := range strings.SplitSeq(parameters, ";") {
				if name, value, _ := strings.Cut(strings.TrimSpace(parameter), "="); strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
					to, err := at.Parse(target[1 : len(target)-1])
					if err != nil {
						return ""
					}
					return to.String()
				}
			}
		}
	}
	return ""
}

// remaining is how many requests are left, by the limit that is nearest; -1 where the tool does not say.
func remaining(header http.Header) int {
	least := -1
	for _, name := range []string{
		"X-RateLimit-Remaining", "RateLimit-Remaining", "X-RateLimit-Requests-Left",
		"X-RateLimit-Route-Remaining", "X-RateLimit-Global-Remaining", // LaunchDarkly has two limits
	} {
		if n, err := strconv.Atoi(header.Get(name)); err == nil && (least < 0 || n < least) {
			least = n
		}
	}
	if least >= 0 {
		return least
	}
	// RateLimit: limit=100, remaining=50, reset=5, and the newer "default";r=50;t=5.
	if n, ok := parameter(header.Get("RateLimit"), "remaining", "r"); ok {
		return n
	}
	return -1
}

// spent is how long to wait after an answer that used up the limit.
func (c *Client) spent(header http.Header) time.Duration {
	if remaining(header) != 0 {
		return 0
	}
	return c.wait(header)
}

// longest bounds what a tool's clock can make of a wait.
const longest = 24 * time.Hour

// wait is how long the tool says to wait; zero where it does not say.
func (c *Client) wait(header http.Header) time.Duration {
	now := time.Now()
	if c.Now != nil {
		now = c.Now()
	}
	if text := header.Get("Retry-After"); text != "" {
		if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
			return min(time.Duration(seconds)*time.Second, longest)
		}
		if at, err := http.ParseTime(text); err == nil {
			return min(max(at.Sub(now), 0), longest)
		}
	}
	for _, name := range []string{"X-RateLimit-Reset", "RateLimit-Reset"} {
		n, err := strconv.ParseFloat(header.Get(name), 64)
		if err != nil || n < 0 || n > 1e13 {
			continue
		}
		if n < 1e9 { // seconds from now; all others are seconds since 1970, in whole or in thousandths
			return min(time.Duration(n*float64(time.Second)), longest)
		}
		if n > 1e11 {
			n /= 1000
		}
		return min(max(time.Unix(int64(n), 0).Sub(now), 0), longest)
	}
	if n, ok := parameter(header.Get("RateLimit"), "reset", "t"); ok {
		return min(time.Duration(max(n, 0))*time.Second, longest)
	}
	return 0
}

func parameter(text string, names ...string) (int, bool) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		for _, wanted := range names {
			if n, err := strconv.Atoi(value); err == nil && strings.EqualFold(name, wanted) {
				return n, true
			}
		}
	}
	return 0, false
}
