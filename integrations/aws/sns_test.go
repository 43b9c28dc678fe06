package aws_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/aws"
)

const topic = "arn:aws:sns:eu-west-1:111122223333:tidings"

const (
	snsHost  = "https://sns.eu-west-1.amazonaws.com"
	certPath = "/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
)

// fakeSNS is an honest fake of SNS: it has a key and a certificate, signs as the developer guide says, and notes what it is
// asked.
type fakeSNS struct {
	key *rsa.PrivateKey
	pem []byte

	mu     sync.Mutex
	asked  []string
	answer func(r *http.Request) (int, string) // instead of the usual one
}

var snsKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newSNS(t *testing.T) *fakeSNS {
	t.Helper()
	key, err := snsKey()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"},
		NotBefore: integrationtest.Now.Add(-time.Hour), NotAfter: integrationtest.Now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &fakeSNS{key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// RoundTrip answers for every host.
func (f *fakeSNS) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.URL.String())
	status, body := http.StatusOK, string(f.pem)
	if f.answer != nil {
		status, body = f.answer(r)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// sign makes a message one of SNS.
func (f *fakeSNS) sign(t *testing.T, body []byte, change func(m map[string]string)) []byte {
	t.Helper()
	m := map[string]string{}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	m["Timestamp"] = integrationtest.Now.Add(-time.Minute).Format("2006-01-02T15:04:05.000Z")
	m["SigningCertURL"] = snsHost + certPath
	if m["SignatureVersion"] == "" {
		m["SignatureVersion"] = "1"
	}
	if change != nil {
		change(m)
	}
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if m["Type"] != "Notification" {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	var text bytes.Buffer
	for _, name := range names {
		if value, there := m[name]; there {
			fmt.Fprintf(&text, "%s\n%s\n", name, value)
		}
	}
	hash, sum := crypto.SHA1, sha1.Sum(text.Bytes())
	digest := sum[:]
	if m["SignatureVersion"] == "2" {
		long := sha256.Sum256(text.Bytes())
		hash, digest = crypto.SHA256, long[:]
	}
	made, err := rsa.SignPKCS1v15(rand.Reader, f.key, hash, digest)
	if err != nil {
		t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(made)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (f *fakeSNS) config() *aws.Config {
	c := &aws.Config{Mapping: mapping(), Topics: []string{topic}}
	c.Use(&http.Client{Transport: f})
	return c
}

func (f *fakeSNS) open(t *testing.T) *aws.Source {
	t.Helper()
	opened, err := f.config().Open()
	if err != nil {
		t.Fatal(err)
	}
	return opened.(*aws.Source)
}

func TestConformanceOfSNS(t *testing.T) {
	fake := newSNS(t)
	unsigned := func(d *integration.Delivery) {
		d.Body = bytes.Replace(d.Body, []byte(`"Signature"`), []byte(`"Nothing"`), 1)
	}
	integrationtest.Run(t, integrationtest.Suite{
		Spec: aws.Spec, Directory: "testdata/sns", Config: func() integration.Config { return fake.config() },
		Sign: func(t *testing.T, secret string, d *integration.Delivery) {
			t.Helper()
			if d.Body = fake.sign(t, d.Body, nil); secret != integrationtest.SecretValue {
				d.Body = bytes.Replace(d.Body, []byte(`"Signature":"`), []byte(`"Signature":"A`), 1)
			}
		},
		Bare: unsigned,
		Tamper: func(d *integration.Delivery) {
			d.Body = bytes.Replace(d.Body, []byte(`"Message":"`), []byte(`"Message":"x`), 1)
		},
		Lives: [][]string{{"codedeploy-created", "codedeploy-failed"}},
	})
}

// code is that of an error; empty for none.
func code(err error) fault.Code {
	if err == nil {
		return ""
	}
	return fault.CodeOf(err)
}

const hello = `{"Type":"Notification","MessageId":"22b80b92","TopicArn":"` + topic + `","Message":"Hello"}`

func TestSNSIsVerified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(m map[string]string)
		want   fault.Code
		says   string
	}{
		"version 1":         {nil, "", ""},
		"version 2":         {func(m map[string]string) { m["SignatureVersion"] = "2" }, "", ""},
		"with a subject":    {func(m map[string]string) { m["Subject"] = "ALARM: \"high\" in EU (Ireland)" }, "", ""},
		"another version":   {func(m map[string]string) { m["SignatureVersion"] = "3" }, fault.Unauthenticated, "signature"},
		"another topic":     {func(m map[string]string) { m["TopicArn"] = topic + "-of-others" }, fault.Unauthenticated, "not configured"},
		"too old":           {func(m map[string]string) { m["Timestamp"] = "2026-11-22T09:59:59.000Z" }, fault.Unauthenticated, "too long ago"},
		"from the future":   {func(m map[string]string) { m["Timestamp"] = "2026-11-22T12:06:00.000Z" }, fault.Unauthenticated, "clock"},
		"no time":           {func(m map[string]string) { m["Timestamp"] = "soon" }, fault.Unauthenticated, ""},
		"a type of its own": {func(m map[string]string) { m["Type"] = "Other" }, fault.Unauthenticated, "type"},
		"another host":      {func(m map[string]string) { m["SigningCertURL"] = "https://evil.example" + certPath }, fault.Unauthenticated, "sns.eu-west-1.amazonaws.com"},
		"a host that looks so": {func(m map[string]string) {
			m["SigningCertURL"] = "https://sns.eu-west-1.amazonaws.com.evil.example" + certPath
		}, fault.Unauthenticated, ""},
		"another region":        {func(m map[string]string) { m["SigningCertURL"] = "https://sns.us-east-1.amazonaws.com" + certPath }, fault.Unauthenticated, ""},
		"without encryption":    {func(m map[string]string) { m["SigningCertURL"] = "http://sns.eu-west-1.amazonaws.com" + certPath }, fault.Unauthenticated, ""},
		"a name before":         {func(m map[string]string) { m["SigningCertURL"] = "https://a@sns.eu-west-1.amazonaws.com" + certPath }, fault.Unauthenticated, ""},
		"another path":          {func(m map[string]string) { m["SigningCertURL"] = snsHost + "/?Action=Publish" }, fault.Unauthenticated, ""},
		"a path with a parent":  {func(m map[string]string) { m["SigningCertURL"] = snsHost + "/x/.." + certPath }, fault.Unauthenticated, ""},
		"no address of a cert.": {func(m map[string]string) { delete(m, "SigningCertURL") }, fault.Unauthenticated, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newSNS(t)
			d := integration.Delivery{Header: http.Header{}, Body: fake.sign(t, []byte(hello), c.change), ReceivedAt: integrationtest.Now}
			err := fake.open(t).Verify(t.Context(), d)
			if code(err) != c.want || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for _, address := range fake.asked {
				if address != snsHost+certPath {
					t.Errorf("%s was asked", address)
				}
			}
		})
	}
}

// A certificate is fetched once; while it cannot be had SNS is asked to send again, and is not asked for each message.
func TestCertificatesAreFetchedOnce(t *testing.T) {
	t.Parallel()
	fake := newSNS(t)
	source := fake.open(t)
	d := integration.Delivery{Header: http.Header{}, Body: fake.sign(t, []byte(hello), nil), ReceivedAt: integrationtest.Now}
	for status, body := range map[int]string{500: "", 404: "", 200: "<html>"} {
		fake.answer = func(*http.Request) (int, string) { return status, body }
		d.ReceivedAt = d.ReceivedAt.Add(time.Minute)
		before := len(fake.asked)
		for range 3 {
			if err := source.Verify(t.Context(), d); !fault.Is(err, fault.Unavailable) {
				t.Errorf("%d: got %v", status, err)
			}
		}
		if n := len(fake.asked) - before; n != 1 {
			t.Errorf("%d: it was asked for %d times", status, n)
		}
	}
	fake.answer, fake.asked = nil, nil
	d.ReceivedAt = d.ReceivedAt.Add(time.Minute)
	for range 3 {
		if err := source.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	}
	if len(fake.asked) != 1 {
		t.Errorf("it was fetched %d times", len(fake.asked))
	}
	d.Body = fake.sign(t, []byte(hello), func(m map[string]string) {
		m["Timestamp"] = integrationtest.Now.Add(48 * time.Hour).Format(time.RFC3339)
	})
	if d.ReceivedAt = integrationtest.Now.Add(48 * time.Hour); !fault.Is(source.Verify(t.Context(), d), fault.Unauthenticated) {
		t.Error("a certificate counts after it has ended")
	}
}

func question(address string) []byte {
	text, _ := json.Marshal(map[string]string{
		"Type": "SubscriptionConfirmation", "MessageId": "165545c9", "TopicArn": topic, "Token": "canary-token", "SubscribeURL": address,
		"Message": "You have chosen to subscribe to the topic.",
	})
	return text
}

// A subscription is confirmed at SNS itself, and nowhere else; what fails is asked again.
func TestSubscriptionsAreConfirmed(t *testing.T) {
	t.Parallel()
	good := snsHost + "/?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=canary-token"
	for name, c := range map[string]struct {
		address string
		status  int
		want    fault.Code
		asked   bool
	}{
		"as SNS asks":          {good, 200, "", true},
		"SNS is away":          {good, 500, fault.Unavailable, true},
		"an old token":         {good, 400, fault.Unavailable, true},
		"another host":         {"https://evil.example/?Action=ConfirmSubscription&TopicArn=" + topic, 200, fault.Unauthenticated, false},
		"the server itself":    {"http://127.0.0.1:8080/?Action=ConfirmSubscription&TopicArn=" + topic, 200, fault.Unauthenticated, false},
		"another action":       {snsHost + "/?Action=Publish&TopicArn=" + topic, 200, fault.Unauthenticated, false},
		"for another's topic":  {snsHost + "/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:444455556666:theirs", 200, fault.Unauthenticated, false},
		"no address":           {"", 200, fault.Unauthenticated, false},
		"no address, but text": {"%zz", 200, fault.Unauthenticated, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newSNS(t)
			source := fake.open(t)
			d := integration.Delivery{Header: http.Header{}, Body: fake.sign(t, question(c.address), nil), ReceivedAt: integrationtest.Now}
			if err := source.Verify(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			fake.answer = func(*http.Request) (int, string) { return c.status, "<ConfirmSubscriptionResponse/>" }
			if err := source.Confirm(t.Context(), d); code(err) != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got := slices.Contains(fake.asked, c.address); got != c.asked || len(fake.asked) > 2 {
				t.Errorf("asked %q", fake.asked)
			}
			if kept := string(source.Spare(d.Body)); strings.Contains(kept, "canary") || strings.Contains(kept, "SubscribeURL") {
				t.Errorf("it is kept with what confirms it: %s", kept)
			}
		})
	}
	fake := newSNS(t)
	if err := fake.open(t).Confirm(context.Background(), integration.Delivery{Body: []byte(hello)}); err != nil || len(fake.asked) > 0 {
		t.Errorf("a notification was confirmed: %v", err)
	}
}
