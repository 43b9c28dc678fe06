package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// api asks services of AWS in one region of one account. Requests are few, small and typed, and signed with version 4.
type api struct {
	region string
	keys   func(ctx context.Context) (keys, error) // nil for what is not signed
	http   *http.Client
	now    func() time.Time
}

// client asks one service, which signs by another name than that of its host where said.
func (a *api) client(service, signs string) *upstream.Client {
	return &upstream.Client{
		Tool: "AWS", Base: endpoint(service, a.region), HTTP: a.http, Now: a.now,
		Sign: func(ctx context.Context, r *http.Request) error {
			if a.keys == nil {
				return nil
			}
			known, err := a.keys(ctx)
			if err != nil {
				return err
			}
			sum, err := bodySum(r)
			if err != nil {
				return err
			}
			return v4.NewSigner().SignHTTP(ctx, known.Credentials, r, sum, signs, a.region, a.now())
		},
	}
}

func bodySum(r *http.Request) (string, error) {
	hash := sha256.New()
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return "", err
		}
		defer body.Close()
		if _, err := io.Copy(hash, body); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// json asks an operation of a service that speaks JSON 1.1: ECS, Application Auto Scaling, Resource Groups Tagging.
func (a *api) json(ctx context.Context, service, prefix, target string, body, into any) error {
	operation := target[strings.LastIndexByte(target, '.')+1:]
	answer, err := a.client(service, service).Post(ctx, "/", http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target},
	}, body, into)
	return a.failed(prefix+":"+operation, &answer, err)
}

// get asks a service that speaks REST: Lambda.
func (a *api) get(ctx context.Context, service, operation, at string, into any) error {
	answer, err := a.client(service, service).Get(ctx, at, nil, into)
	return a.failed(service+":"+operation, &answer, err)
}

// query asks a service that speaks forms and XML: Auto Scaling, STS.
func (a *api) query(ctx context.Context, service, version, operation string, form url.Values, into any) error {
	form.Set("Action", operation)
	form.Set("Version", version)
	answer, err := a.client(service, service).Form(ctx, "/", form, nil)
	if err := a.failed(service+":"+operation, &answer, err); err != nil || into == nil {
		return err
	}
	body := bytes.TrimSpace(answer.Body)
	switch {
	case len(body) == 0:
		return fault.New(fault.Unavailable, "AWS answered %s:%s in %s with nothing", service, operation, a.region)
	case strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.ToLower(body), []byte("<!doctype html")) || bytes.HasPrefix(bytes.ToLower(body), []byte("<html")):
		return fault.New(fault.Unavailable, "AWS answered %s:%s in %s with a web page: does a proxy or a login stand before it?", service, operation, a.region)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = body
		return nil
	}
	if err := xml.Unmarshal(body, into); err != nil {
		return fault.New(fault.Unavailable, "AWS answered %s:%s in %s with what is not what it documents", service, operation, a.region)
	}
	return nil
}

// sts asks for the keys of a role.
func (a *api) sts(ctx context.Context, action string, form url.Values, signed bool) (keys, error) {
	asking := *a
	if !signed {
		asking.keys = nil
	}
	var body []byte
	if err := asking.query(ctx, "sts", "2011-06-15", action, form, &body); err != nil {
		return keys{}, err
	}
	return readAssumed(body)
}

// The codes by which AWS says what is wrong; the status alone does not: ECS refuses with 400.
var (
	deniedCodes = []string{"AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError"}
	slowCodes   = []string{"Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete", "BandwidthLimitExceeded"}
	keyCodes    = []string{
		"UnrecognizedClient", "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidSignature", "ExpiredToken", "IncompleteSignature",
		"MissingAuthenticationToken", "AuthFailure", "InvalidAccessKeyId", "RequestExpired", "NotSignedUp", "OptInRequired", "SubscriptionRequired",
	}
)

// slowWait is how long is waited after AWS asked for fewer requests; it does not say how long.
const slowWait = time.Minute

// failed makes of a refusal of AWS what helps whoever set the source up: the action that the policy lacks, above all.
func (a *api) failed(action string, answer *upstream.Answer, err error) error {
	if err == nil || answer.Status < 400 {
		return err
	}
	code, said := refusal(answer)
	begins := func(codes []string) bool {
		for _, known := range codes {
			if strings.HasPrefix(code, known) {
				return true
			}
		}
		return false
	}
	switch {
	case begins(slowCodes) || answer.Status == http.StatusTooManyRequests:
		slow := fault.New(fault.RateLimited, "AWS allows no more requests of %s in %s for now", action, a.region)
		slow.RetryAfter = max(fault.RetryAfter(err), slowWait)
		return slow
	case begins(deniedCodes):
		return fault.New(fault.Forbidden, "AWS does not allow %s in %s%s: add the action %s to the policy, see the permissions on the page of this integration", cmp.Or(lacking(said), action), a.region, who(said), cmp.Or(lacking(said), action))
	case begins(keyCodes) || code == "" && answer.Status == http.StatusUnauthorized:
		return fault.New(fault.Unauthenticated, "AWS does not know the credentials in %s (%s): they may have expired or been revoked, the region may not be enabled for the account, or the server's clock is wrong", a.region, cmp.Or(code, "401"))
	case code != "" && answer.Status < 500:
		return fault.New(fault.Invalid, "AWS refused %s in %s (%s): %s", action, a.region, code, integration.Line(said))
	}
	return err
}

// refusal is the code of an answer and what it says, in each of the three forms that AWS has.
func refusal(answer *upstream.Answer) (code, said string) {
	var words struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Capital string `json:"Message"`
	}
	var document struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if json.Unmarshal(answer.Body, &words) == nil {
		code, said = cmp.Or(answer.Header.Get("X-Amzn-Errortype"), words.Type), cmp.Or(words.Message, words.Capital)
	} else if xml.Unmarshal(answer.Body, &document) == nil {
		code, said = document.Code, document.Message
	}
	code, _, _ = strings.Cut(code, ":") // "AccessDeniedException:http://…"
	code = code[strings.LastIndexByte(code, '#')+1:]
	return integration.Clip(code), integration.Line(said)
}

var (
	lackingFormat = regexp.MustCompile(`not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)`)
	whoFormat     = regexp.MustCompile(`arn:aws[a-z-]*:(?:sts|iam)::\d{12}:[A-Za-z-]+/[^\s,]+`)
)

// lacking is the action that AWS says is missing.
func lacking(said string) string {
	part := lackingFormat.FindStringSubmatch(said)
	if part == nil {
		return ""
	}
	return part[1]
}

// who is whom AWS did not allow it.
func who(said string) string {
	if arn := whoFormat.FindString(said); arn != "" {
		return fmt.Sprintf(" to %s", arn)
	}
	return ""
}

func endpoint(service, region string) string {
	return "https://" + service + "." + region + "." + domain(region)
}
