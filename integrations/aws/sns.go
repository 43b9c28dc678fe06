package aws

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // version 1 of the signatures of SNS is made with it
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// messageType is the header that SNS sends with every message.
const messageType = "X-Amz-Sns-Message-Type"

// message is what SNS posts, unless raw delivery is on.
type message struct {
	Type             string `json:"Type"`
	ID               string `json:"MessageId"`
	TopicARN         string `json:"TopicArn"`
	Token            string `json:"Token"`
	Subject          string `json:"Subject"`
	Message          string `json:"Message"`
	SubscribeURL     string `json:"SubscribeURL"`
	Timestamp        string `json:"Timestamp"`
	SignatureVersion string `json:"SignatureVersion"`
	Signature        string `json:"Signature"`
	SigningCertURL   string `json:"SigningCertURL"`
}

// The types of message.
const (
	notification = "Notification"
	subscribed   = "SubscriptionConfirmation"
	unsubscribed = "UnsubscribeConfirmation"
)

// signed is what the signature is over: names and values, one a line, in this order.
func (m *message) signed() []byte {
	pairs := []string{"Message", m.Message, "MessageId", m.ID}
	switch {
	case m.Type != notification:
		pairs = append(pairs, "SubscribeURL", m.SubscribeURL, "Timestamp", m.Timestamp, "Token", m.Token)
	case m.Subject != "":
		pairs = append(pairs, "Subject", m.Subject, "Timestamp", m.Timestamp)
	default:
		pairs = append(pairs, "Timestamp", m.Timestamp)
	}
	pairs = append(pairs, "TopicArn", m.TopicARN, "Type", m.Type, "")
	return []byte(strings.Join(pairs, "\n"))
}

// messageAge is how long after it was published a message is taken: SNS tries again for an hour at most.
const messageAge = 2 * time.Hour

// verified reads a message of SNS, if it is one of a topic that is configured.
func (s *Source) verified(ctx context.Context, d integration.Delivery) (*message, error) {
	var m message
	if json.Unmarshal(d.Body, &m) != nil || m.TopicARN == "" || m.Signature == "" {
		return nil, fault.New(fault.Unauthenticated, "this is no signed message of SNS: switch raw message delivery off in the subscription")
	}
	if !slices.Contains([]string{notification, subscribed, unsubscribed}, m.Type) {
		return nil, fault.New(fault.Unauthenticated, "this is a message of SNS of a type that is not known")
	}
	if !slices.Contains(s.config.Topics, m.TopicARN) {
		return nil, fault.New(fault.Unauthenticated, "the message is of a topic that is not configured: add its ARN to the topics of the source")
	}
	at, err := time.Parse(time.RFC3339, m.Timestamp)
	if err != nil || d.ReceivedAt.Sub(at) > messageAge || at.Sub(d.ReceivedAt) > clockSkew {
		return nil, fault.New(fault.Unauthenticated, "the message was published too long ago, or the clock of the server is wrong")
	}
	certificate, err := s.certificates.get(ctx, m.SigningCertURL, m.TopicARN, d.ReceivedAt)
	if err != nil {
		return nil, err
	}
	if !m.fits(certificate) {
		return nil, fault.New(fault.Unauthenticated, "the signature of the message does not fit")
	}
	return &m, nil
}

// clockSkew is how far ahead of the server's clock a message may be.
const clockSkew = 5 * time.Minute

// fits reports whether the holder of a certificate has signed the message.
func (m *message) fits(certificate *x509.Certificate) bool {
	key, isRSA := certificate.PublicKey.(*rsa.PublicKey)
	made, err := base64.StdEncoding.DecodeString(m.Signature)
	if !isRSA || err != nil {
		return false
	}
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum(m.signed()) //nolint:gosec // what SNS signs by unless the topic is set to version 2
		return rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], made) == nil
	case "2":
		sum := sha256.Sum256(m.signed())
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], made) == nil
	}
	return false
}

// host is where SNS answers for a topic: no other host is asked, whatever a message says.
func host(topic string) string {
	part := topicFormat.FindStringSubmatch(topic)
	if part == nil {
		return ""
	}
	return "sns." + part[2] + "." + domain(part[2])
}

// domain is that of a region's addresses.
func domain(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// certificates are those that SNS signs with. Each is fetched once.
type certificates struct {
	http *http.Client

	mu     sync.Mutex
	known  map[string]*x509.Certificate
	failed time.Time // when one could not be fetched last
}

const (
	mostCertificates = 32
	fetchAgain       = 10 * time.Second
)

var certificatePath = regexp.MustCompile(`^/SimpleNotificationService-[0-9a-f]{20,64}\.pem$`)

// get gives the certificate at an address that a message names. It is asked of SNS alone, in the region of the topic; one that
// cannot be fetched is Unavailable, and none is asked for again for some seconds: whoever knows the topic could have
// many asked for.
func (c *certificates) get(ctx context.Context, address, topic string, now time.Time) (*x509.Certificate, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host != host(topic) || u.User != nil || u.RawQuery != "" || !certificatePath.MatchString(u.Path) {
		return nil, fault.New(fault.Unauthenticated, "the message names a certificate that is not at %s", host(topic))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	certificate, known := c.known[u.String()]
	if !known {
		if since := now.Sub(c.failed); since >= 0 && since < fetchAgain {
			return nil, again("the certificate of SNS could not be fetched a moment ago")
		}
		if certificate, err = c.fetch(ctx, u); err != nil {
			c.failed = now
			return nil, again("the certificate of SNS cannot be fetched: " + err.Error())
		}
		if c.known == nil || len(c.known) >= mostCertificates {
			c.known = map[string]*x509.Certificate{}
		}
		c.known[u.String()] = certificate
	}
	if now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
		return nil, fault.New(fault.Unauthenticated, "the certificate that the message is signed with is not valid now")
	}
	return certificate, nil
}

func again(text string) error {
	err := fault.New(fault.Unavailable, "%s", text)
	err.RetryAfter = fetchAgain
	return err
}

func (c *certificates) fetch(ctx context.Context, u *url.URL) (*x509.Certificate, error) {
	client := &upstream.Client{Tool: "SNS", Base: "https://" + u.Host, HTTP: c.http}
	answer, err := client.Get(ctx, u.Path, nil, nil)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(answer.Body)
	if block == nil {
		return nil, fault.New(fault.Unavailable, "it is no certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

// Confirm asks SNS to deliver, where the message is the question whether it may. An error is Unavailable: SNS asks again.
func (s *Source) Confirm(ctx context.Context, d integration.Delivery) error {
	var m message
	if json.Unmarshal(d.Body, &m) != nil || m.TopicARN == "" || m.Type != subscribed {
		return nil
	}
	u, err := url.Parse(m.SubscribeURL)
	if err != nil || u.Scheme != "https" || u.Host != host(m.TopicARN) || u.Query().Get("Action") != "ConfirmSubscription" || u.Query().Get("TopicArn") != m.TopicARN {
		return fault.New(fault.Unauthenticated, "the message names another address to confirm at than one of %s", host(m.TopicARN))
	}
	client := &upstream.Client{Tool: "SNS", Base: "https://" + u.Host, HTTP: s.certificates.http}
	if _, err := client.Get(ctx, u.Path+"?"+u.RawQuery, nil, nil); err != nil {
		return again("the subscription cannot be confirmed: " + err.Error())
	}
	return nil
}

// message reads what SNS delivers.
func (s *Source) message(m *message) (integration.Decoded, error) {
	out := integration.Decoded{Key: m.ID}
	switch m.Type {
	case notification:
	case subscribed:
		out.Ignored = "the subscription to " + topicName(m.TopicARN) + " is confirmed"
		return out, nil
	case unsubscribed:
		out.Ignored = "the subscription to " + topicName(m.TopicARN) + " was ended: nothing more comes from it"
		return out, nil
	default:
		return out, fault.New(fault.Invalid, "the field Type is %q, which is no type of message", integration.Clip(m.Type))
	}
	var inner struct {
		DetailType string `json:"detail-type"`
		Alarm      string `json:"AlarmName"`
		State      string `json:"NewStateValue"`
		Deployment string `json:"deploymentId"`
		Group      string `json:"AutoScalingGroupName"`
		Event      string `json:"Event"`
	}
	if err := json.Unmarshal([]byte(m.Message), &inner); err != nil {
		out.Ignored = "the message is none of a service of AWS"
		return out, nil //nolint:nilerr // anybody may publish anything to a topic
	}
	p := &envelope{ID: m.ID, Detail: json.RawMessage(m.Message), Time: integration.ReadTime(m.Timestamp)}
	switch {
	case inner.DetailType != "":
		decoded, err := s.envelope([]byte(m.Message))
		decoded.Key = cmp.Or(out.Key, decoded.Key)
		return decoded, err
	case inner.Alarm != "" && inner.State != "":
		return s.decoded(out, p, s.alarm)
	case inner.Deployment != "":
		return s.decoded(out, p, s.trigger)
	case inner.Group != "" && inner.Event != "":
		return s.decoded(out, p, s.groupNotification)
	}
	out.Ignored = "the message is none that is mapped"
	return out, nil
}

// topicName is the last part of an ARN.
func topicName(arn string) string { return integration.Clip(arn[strings.LastIndexByte(arn, ':')+1:]) }

// triggerStates are the states of a deployment in the message of a trigger of CodeDeploy.
var triggerStates = map[string]string{
	"created": "START", "inprogress": "START", "ready": "READY", "succeeded": "SUCCESS", "failed": "FAILURE", "stopped": "STOP",
}

// trigger reads the message of a trigger of CodeDeploy: the same deployments as EventBridge tells of.
func (s *Source) trigger(p *envelope) (change.Event, string, error) {
	var v trigger
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	if v.Instance != "" {
		return change.Event{}, "one instance of a deployment is no step of it", nil
	}
	p.Account, p.Region = v.Account, v.Region
	state, known := integration.OneOf(triggerStates, v.Status)
	if !known {
		return change.Event{}, fmt.Sprintf("%q is no state that is mapped", integration.Clip(v.Status)), nil
	}
	e, ignored, err := s.codeDeployed(p, &codeDeployDetail{Application: v.Application, DeploymentID: v.DeploymentID, DeploymentGroup: v.Group, State: state})
	if err != nil || ignored != "" {
		return e, ignored, err
	}
	if created := seconds(v.CreatedAt); !created.IsZero() {
		e.StartedAt = created
	}
	if completed := seconds(v.CompletedAt); !completed.IsZero() && e.Phase != change.Started && !completed.Before(e.StartedAt) {
		e.EndedAt = completed
	}
	e.Detail = integration.ClipDetail(v.Error.Message)
	return e, "", nil
}

// groupNotification reads what an Auto Scaling group tells a topic: the same activities as EventBridge tells of.
func (s *Source) groupNotification(p *envelope) (change.Event, string, error) {
	var v groupNotification
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	p.Account = v.Account
	if part := strings.Split(v.GroupARN, ":"); len(part) > 4 {
		p.Region = part[3]
	}
	name, known := strings.CutPrefix(v.Event, "autoscaling:EC2_INSTANCE_")
	if !known {
		return change.Event{}, fmt.Sprintf("%q is nothing that a group did", integration.Clip(v.Event)), nil
	}
	p.DetailType = "EC2 Instance Launch Successful"
	if strings.HasPrefix(name, "TERMINATE") {
		p.DetailType = "EC2 Instance Terminate Successful"
	}
	if strings.HasSuffix(name, "_ERROR") {
		p.DetailType = strings.Replace(p.DetailType, "Successful", "Unsuccessful", 1)
	}
	return s.scaling(p)
}
