package aws

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
)

// transport answers every request.
type transport func(r *http.Request) (int, string)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	if status == 0 {
		return nil, fmt.Errorf("no route to host")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// The server's own credentials are found in the order in which AWS's tools look for them.
func TestCredentialsOfWhereTheServerRuns(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-web-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const handedOut = `{"AccessKeyId":"ASIAHANDED","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-22T18:00:00Z"}`
	machine := func(r *http.Request) (int, string) {
		switch {
		case r.URL.Host != "169.254.169.254":
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
			return 200, "a-token"
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "a-token":
			return 401, ""
		case r.URL.Path == "/latest/meta-data/iam/security-credentials/":
			return 200, "the-role"
		case r.URL.Path == "/latest/meta-data/iam/security-credentials/the-role":
			return 200, handedOut
		}
		return 0, ""
	}
	for name, c := range map[string]struct {
		env    map[string]string
		answer transport
		want   string
		code   fault.Code
	}{
		"variables": {map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, machine, "AKIAENV", ""},
		"a web identity": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/pod"}, func(r *http.Request) (int, string) {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			if r.URL.Host != "sts.eu-west-1.amazonaws.com" || form.Get("WebIdentityToken") != "a-web-token" || form.Get("RoleArn") == "" || r.Header.Get("Authorization") != "" {
				return 400, ""
			}
			return 200, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-22T18:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
		}, "ASIAWEB", ""},
		"a web identity without a file": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token + "-not", "AWS_ROLE_ARN": "r"}, machine, "", fault.Unauthenticated},
		"a task": {map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/4711"}, func(r *http.Request) (int, string) {
			if r.URL.String() != "http://169.254.170.2/v2/credentials/4711" {
				return 404, ""
			}
			return 200, handedOut
		}, "ASIAHANDED", ""},
		"a pod": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token}, func(r *http.Request) (int, string) {
			if r.URL.Host != "169.254.170.23" || r.Header.Get("Authorization") != "a-web-token" {
				return 401, ""
			}
			return 200, handedOut
		}, "ASIAHANDED", ""},
		"a machine":              {nil, machine, "ASIAHANDED", ""},
		"a machine without role": {nil, func(*http.Request) (int, string) { return 404, "" }, "", fault.Unauthenticated},
		"none at all":            {nil, func(*http.Request) (int, string) { return 0, "" }, "", fault.Unauthenticated},
		"none wanted":            {map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}, machine, "", fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := &http.Client{Transport: c.answer}
			home := &api{region: "eu-west-1", http: client, now: time.Now}
			a := &ambient{getenv: func(name string) string { return c.env[name] }, http: client, sts: home.sts}
			found, err := a.keys(t.Context())
			if found.AccessKeyID != c.want || (err != nil) != (c.code != "") || err != nil && !fault.Is(err, c.code) {
				t.Errorf("got %q, %v", found.AccessKeyID, err)
			}
		})
	}
}

// Keys are used until shortly before they end.
func TestKeysAreRenewed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	asked := 0
	ring := &keyring{now: func() time.Time { return now }, ask: func(context.Context) (keys, error) {
		asked++
		k := keys{expires: now.Add(time.Hour)}
		k.AccessKeyID = fmt.Sprint("key-", asked)
		return k, nil
	}}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "key-1"}, {54 * time.Minute, "key-1"}, {2 * time.Minute, "key-2"}, {time.Hour, "key-3"}} {
		now = now.Add(step.after)
		if k, err := ring.get(t.Context()); err != nil || k.AccessKeyID != step.want {
			t.Errorf("got %q, %v; want %q", k.AccessKeyID, err, step.want)
		}
	}
}
