package signature_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integration/signature"
)

var now = time.Date(2026, 11, 22, 3, 7, 0, 0, time.UTC)

// secrets refers to those of the environment: the newest, and the one before.
func secrets(t *testing.T, newest string) signature.Secrets {
	t.Helper()
	t.Setenv(integrationtest.Secret, newest)
	var set, unset integration.Secret
	integrationtest.Refer(&set)
	return signature.Secrets{&set, &unset}
}

func delivery(body string, header ...string) integration.Delivery {
	d := integration.Delivery{Header: http.Header{}, Body: []byte(body), ReceivedAt: now}
	for i := 0; i < len(header); i += 2 {
		d.Header.Set(header[i], header[i+1])
	}
	return d
}

// The vectors are those that the tools publish: GitHub ("Validating webhook deliveries"), CircleCI ("Outbound webhooks"),
// Standard Webhooks (its reference library's test).
func TestPublishedVectors(t *testing.T) {
	for name, test := range map[string]struct {
		secret string
		verify func(signature.Secrets, integration.Delivery) error
		d      integration.Delivery
	}{
		"github": {"It's a Secret to Everybody", func(s signature.Secrets, d integration.Delivery) error {
			return signature.HMAC{Header: "X-Hub-Signature-256", Prefix: "sha256="}.Verify(t.Context(), d, s)
		}, delivery("Hello, World!", "X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")},
		"circleci, one of several": {"secret", func(s signature.Secrets, d integration.Delivery) error {
			return signature.HMAC{Header: "circleci-signature", Prefix: "v1=", List: true}.Verify(t.Context(), d, s)
		}, delivery("hello world", "circleci-signature", "v2=00,v1=734cc62f32841568f45715aeb9f4d7891324e6d948e4c6c60c0621cdac48623a")},
		"standard webhooks": {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", func(s signature.Secrets, d integration.Delivery) error {
			d.ReceivedAt = time.Unix(1614265330, 0)
			return signature.Standard{}.Verify(t.Context(), d, s)
		}, delivery(`{"test": 2432232314}`, "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330",
			"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.verify(secrets(t, test.secret), test.d); err != nil {
				t.Errorf("as published: %v", err)
			}
			if err := test.verify(secrets(t, test.secret+"x"), test.d); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("with another secret: %v", err)
			}
			if err := test.verify(secrets(t, ""), test.d); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("without a secret: %v", err)
			}
		})
	}
}

func TestOldSignaturesAreRefused(t *testing.T) {
	s := secrets(t, "secret")
	timed := signature.Timed{Header: "X-Signature", TimeHeader: "X-Time", Version: "v0", Millis: true}
	for age, want := range map[time.Duration]bool{0: true, 4 * time.Minute: true, -4 * time.Minute: true, 6 * time.Minute: false, -6 * time.Minute: false} {
		stamp := strconv.FormatInt(now.Add(-age).UnixMilli(), 10)
		err := timed.Verify(t.Context(), delivery("{}", "X-Time", stamp, "X-Signature", timed.Sum("secret", stamp, []byte("{}"))), s)
		if (err == nil) != want {
			t.Errorf("of an age of %s: %v", age, err)
		}
		stamp = strconv.FormatInt(now.Add(-age).Unix(), 10)
		stamped := signature.Stamped{Header: "X-Signature"}
		err = stamped.Verify(t.Context(), delivery("{}", "X-Signature", stamped.Sum("secret", stamp, []byte("{}"))), s)
		if (err == nil) != want {
			t.Errorf("stamped, of an age of %s: %v", age, err)
		}
	}
}

// A header that is cut short, in another order or of another form is refused as such.
func TestStampedHeaders(t *testing.T) {
	s := secrets(t, "secret")
	stamped := signature.Stamped{Header: "X-Signature"}
	stamp := strconv.FormatInt(now.Unix(), 10)
	whole := stamped.Sum("secret", stamp, []byte("{}"))
	for _, header := range []string{"", "timestamp=" + stamp, whole[:len(whole)-2], "signature=00,timestamp=" + stamp, "timestamp=now,signature=00", whole + ",signature=00"} {
		if err := stamped.Verify(t.Context(), delivery("{}", "X-Signature", header), s); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestCarriedTokens(t *testing.T) {
	s := secrets(t, "secret")
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("tidings:"+password))
	}
	for _, test := range []struct {
		header, value string
		want          bool
	}{
		{"Authorization", "Bearer secret", true},
		{"Authorization", "Bearer secre", false},
		{"Authorization", basic("secret"), true},
		{"Authorization", basic("other"), false},
		{"X-Tidings-Token", "secret", true},
		{"X-Tidings-Token", "", false},
		{"X-Other", "secret", false},
	} {
		if err := (signature.Carried{}).Verify(t.Context(), delivery("{}", test.header, test.value), s); (err == nil) != test.want {
			t.Errorf("%s: %s: %v", test.header, test.value, err)
		}
	}
}
