package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/tidings/api/rpc/agentv1"
	"tidings.dev/tidings/api/rpc/agentv1/agentv1connect"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// Time limits of one call.
const (
	dialTime = 10 * time.Second
	openTime = 30 * time.Second
	sendTime = 45 * time.Second
)

// Address says where the server is, and how an agent shows who it is.
type Address struct {
	Server string // https://tidings.example.com
	// Token gives the token as it is now: one that lies in a file can be replaced while the agent runs.
	Token func() (string, error)
	// CA is a file of certificates beside those of the system, by which the server's is verified.
	CA string
	// Release is the agent's own version.
	Release string
}

// Connect makes the Door of a server. Proxies are those of HTTPS_PROXY and NO_PROXY.
func Connect(address Address) (Door, error) {
	server := strings.TrimSpace(address.Server)
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fault.New(fault.Invalid, "%q is not the address of a server: write one such as https://tidings.example.com", address.Server)
	}
	if base.User != nil {
		return nil, fault.New(fault.Invalid, "the address of the server carries a user or password: give a token by --token-file instead")
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: sendTime,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   1,
		IdleConnTimeout:       time.Minute,
	}
	if address.CA != "" {
		pool, err := certificates(address.CA)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	d := &door{address: address, base: strings.TrimSuffix(base.String(), "/")}
	d.client = agentv1connect.NewObserverServiceClient(
		&http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		d.base, connect.WithSendGzip(), connect.WithReadMaxBytes(1<<20),
	)
	return d, nil
}

func certificates(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the certificates of --ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fault.New(fault.Invalid, "%s holds no certificate in PEM", file)
	}
	return pool, nil
}

type door struct {
	address Address
	base    string
	client  agentv1connect.ObserverServiceClient
}

// Open implements Door.
func (d *door) Open(ctx context.Context, o observe.Opening) (Opened, error) {
	request := connect.NewRequest(&agentv1.OpenRequest{
		Source: o.Source, Type: o.Type, Collections: o.Collections,
		Cluster: o.Scope.Cluster, Environment: o.Scope.Environment, Region: o.Scope.Region, Extent: o.Scope.Extent,
		Report: report(o.Report), Agent: o.Agent, Yield: o.Yield,
	})
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if err := d.show(request.Header()); err != nil {
		return Opened{}, err
	}
	response, err := d.client.Open(ctx, request)
	if err != nil {
		return Opened{}, d.fault(err)
	}
	m := response.Msg
	return Opened{
		Source: m.GetSource(), Session: m.GetSession(), Key: m.GetFingerprintKey(),
		MaxObservations: int(m.GetMaxObservations()), MaxBytes: int(m.GetMaxBytes()),
	}, nil
}

// Send implements Door.
func (d *door) Send(ctx context.Context, b observe.Batch) error {
	message := &agentv1.SendRequest{
		Source: b.Source, Session: b.Session, Number: b.Number, Complete: b.Complete, Report: report(b.Report),
		Observations: make([]*agentv1.Observation, 0, len(b.Observations)),
	}
	for i := range b.Observations {
		message.Observations = append(message.Observations, observation(&b.Observations[i]))
	}
	request := connect.NewRequest(message)
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := d.show(request.Header()); err != nil {
		return err
	}
	if _, err := d.client.Send(ctx, request); err != nil {
		return d.fault(err)
	}
	return nil
}

func (d *door) show(header http.Header) error {
	header.Set("User-Agent", "tidings-agent/"+d.address.Release)
	token, err := d.address.Token()
	if err != nil {
		return fault.New(fault.Unauthenticated, "the token cannot be read: %w", err)
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// fault says what an answer means, and what a person can do about it.
func (d *door) fault(err error) error {
	said := err.Error()
	var known *connect.Error
	if errors.As(err, &known) {
		said = known.Message()
	}
	if cause := new(tls.CertificateVerificationError); errors.As(err, &cause) {
		return fault.New(fault.Unavailable, "the certificate of %s cannot be verified (%s): give its authority by --ca-file", d.base, cause.Err)
	}
	var made *fault.Error
	switch code := connect.CodeOf(err); code {
	case connect.CodeAborted:
		made = fault.New(fault.Conflict, "%s", said)
	case connect.CodeOutOfRange, connect.CodeNotFound, connect.CodeFailedPrecondition:
		made = fault.New(fault.NotFound, "%s", said)
	case connect.CodeUnimplemented:
		made = fault.New(fault.NotFound, "%s does not take observations: is it a Tidings server, and as new as the agent?", d.base)
	case connect.CodeInvalidArgument:
		made = fault.New(fault.Invalid, "%s", said)
	case connect.CodeUnauthenticated:
		made = fault.New(fault.Unauthenticated, "%s does not know the token: make one there by tidings token create NAME --scope agent --source SOURCE, and give it by --token-file (%s)", d.base, said)
	case connect.CodePermissionDenied:
		made = fault.New(fault.Forbidden, "the token may not send this: it needs the scope agent, and the source if it is for one (%s)", said)
	case connect.CodeResourceExhausted:
		made = fault.New(fault.RateLimited, "%s", said)
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded, connect.CodeCanceled:
		made = fault.New(fault.Unavailable, "%s: %s", d.base, said)
	default:
		made = fault.New(fault.Internal, "%s: %s (%s)", d.base, said, code)
	}
	if known != nil {
		made.RetryAfter = retryAfter(known.Meta())
	}
	return made
}

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 5*time.Minute)
}

func report(r observe.Report) *agentv1.Report {
	message := &agentv1.Report{
		Version: r.Version, Detail: r.Detail, Problem: r.Problem,
		Waiting: int32(r.Waiting), Lost: int32(r.Lost), Objects: int32(r.Objects),
	}
	if !r.SyncedAt.IsZero() {
		message.SyncedAt = timestamppb.New(r.SyncedAt)
	}
	return message
}

func observation(o *observe.Observation) *agentv1.Observation {
	message := &agentv1.Observation{
		Object: o.Object, Collection: o.Collection, State: string(o.State), Gone: o.Gone, SeenAt: timestamppb.New(o.SeenAt),
	}
	if act := o.Act; act != nil {
		message.Act = &agentv1.Act{
			Id: act.ID, At: timestamppb.New(act.At), Verb: act.Verb, Part: act.Part, User: act.User,
			Impersonator: act.Impersonator, Agent: act.Agent, Automation: act.Automation, ObjectId: act.ObjectID, Manager: act.Manager,
		}
	}
	return message
}

// Token gives a token from a file, read anew each time, or the one that is given.
func Token(given, file string) func() (string, error) {
	if file == "" {
		return func() (string, error) { return strings.TrimSpace(given), nil }
	}
	return func() (string, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(text))
		if token == "" {
			return "", fmt.Errorf("%s is empty", file)
		}
		return token, nil
	}
}
