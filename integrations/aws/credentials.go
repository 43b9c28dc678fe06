package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration/upstream"
)

// keys are what a request is signed with.
type keys struct {
	sdk.Credentials
	expires time.Time // zero for never
}

// renewBefore is how long before they end keys are asked for anew.
const renewBefore = 5 * time.Minute

// keyring gives keys, and asks for new ones before they end.
type keyring struct {
	ask func(ctx context.Context) (keys, error)
	now func() time.Time

	mu    sync.Mutex
	known keys
}

func (k *keyring) get(ctx context.Context) (keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known.AccessKeyID != "" && (k.known.expires.IsZero() || k.now().Before(k.known.expires.Add(-renewBefore))) {
		return k.known, nil
	}
	fresh, err := k.ask(ctx)
	if err == nil {
		k.known = fresh
	}
	return fresh, err
}

// typed are the keys of the configuration. They are read each time: a rotated one counts soon.
func (c *Config) typed(ctx context.Context) (keys, error) {
	secret, err := c.SecretAccessKey.Get(ctx)
	if fault.Is(err, fault.NotFound) {
		return keys{}, fault.New(fault.Unauthenticated, "the access key %s has no secret: set secret_access_key", c.AccessKeyID)
	}
	return keys{Credentials: sdk.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: strings.TrimSpace(secret)}}, err
}

// Where credentials lie on a machine of AWS: the user guides of the SDKs, "AWS SDKs and Tools standardized credential providers".
const (
	containerHost = "http://169.254.170.2"
	machineHost   = "http://169.254.169.254"
)

// ambient are the keys that the server has from where it runs, by the chain that AWS's own tools have: variables, a token of a
// web identity (EKS), the task's or pod's role, the machine's.
type ambient struct {
	getenv func(string) string
	http   *http.Client
	sts    func(ctx context.Context, action string, form url.Values, signed bool) (keys, error)
}

func (a *ambient) keys(ctx context.Context) (keys, error) {
	switch env := a.getenv; {
	case env("AWS_ACCESS_KEY_ID") != "" && env("AWS_SECRET_ACCESS_KEY") != "":
		return keys{Credentials: sdk.Credentials{
			AccessKeyID: env("AWS_ACCESS_KEY_ID"), SecretAccessKey: env("AWS_SECRET_ACCESS_KEY"), SessionToken: env("AWS_SESSION_TOKEN"),
		}}, nil
	case env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && env("AWS_ROLE_ARN") != "":
		token, err := os.ReadFile(env("AWS_WEB_IDENTITY_TOKEN_FILE"))
		if err != nil {
			return keys{}, fault.New(fault.Unauthenticated, "the token of the server's web identity cannot be read: see AWS_WEB_IDENTITY_TOKEN_FILE")
		}
		return a.sts(ctx, "AssumeRoleWithWebIdentity", url.Values{
			"RoleArn": {env("AWS_ROLE_ARN")}, "RoleSessionName": {cmp.Or(env("AWS_ROLE_SESSION_NAME"), sessionName)}, "WebIdentityToken": {strings.TrimSpace(string(token))},
		}, false)
	case env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "":
		return a.container(ctx, containerHost+env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
	case env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "":
		return a.container(ctx, env("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
	case strings.EqualFold(env("AWS_EC2_METADATA_DISABLED"), "true"):
		return keys{}, nowhere()
	}
	return a.machine(ctx)
}

func nowhere() error {
	return fault.New(fault.Unauthenticated, "the server has no credentials of AWS: give the source access_key_id and secret_access_key, or let it run with a role, and allow 169.254.169.254 (of a machine) or 169.254.170.2 (of a task) beside the source")
}

// handed is how an agent on the machine hands keys out.
type handed struct {
	ID      string    `json:"AccessKeyId"`
	Secret  string    `json:"SecretAccessKey"`
	Token   string    `json:"Token"`
	Expires time.Time `json:"Expiration"`
}

func (h *handed) keys() (keys, error) {
	if h.ID == "" || h.Secret == "" {
		return keys{}, nowhere()
	}
	return keys{Credentials: sdk.Credentials{AccessKeyID: h.ID, SecretAccessKey: h.Secret, SessionToken: h.Token}, expires: h.Expires}, nil
}

// container asks the agent of ECS or EKS.
func (a *ambient) container(ctx context.Context, address string) (keys, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return keys{}, nowhere()
	}
	token := a.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := a.getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return keys{}, fault.New(fault.Unauthenticated, "the token for the server's own credentials cannot be read: see AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
		}
		token = strings.TrimSpace(string(text))
	}
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", token)
	}
	var h handed
	client := &upstream.Client{Tool: "The credentials of the task", Base: u.Scheme + "://" + u.Host, HTTP: a.http}
	if _, err := client.Get(ctx, u.RequestURI(), header, &h); err != nil {
		return keys{}, err
	}
	return h.keys()
}

// machine asks the metadata of the machine, version 2.
func (a *ambient) machine(ctx context.Context) (keys, error) {
	const at = "/latest/meta-data/iam/security-credentials/"
	client := &upstream.Client{Tool: "The metadata of the machine", Base: machineHost, HTTP: a.http}
	token, err := client.Send(ctx, http.MethodPut, "/latest/api/token", http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"21600"}}, nil, nil)
	if err != nil {
		return keys{}, nowhere()
	}
	header := http.Header{"X-Aws-Ec2-Metadata-Token": {string(token.Body)}}
	role, err := client.Get(ctx, at, header, nil)
	name, _, _ := strings.Cut(strings.TrimSpace(string(role.Body)), "\n")
	if err != nil || name == "" {
		return keys{}, nowhere()
	}
	answer, err := client.Get(ctx, at+url.PathEscape(name), header, nil)
	var h handed
	if err != nil || json.Unmarshal(answer.Body, &h) != nil {
		return keys{}, nowhere()
	}
	return h.keys()
}

// sessionName is how the server calls itself in CloudTrail.
const sessionName = "tidings"

// assumed is the answer of STS.
type assumed struct {
	Role struct {
		Credentials credentialsXML `xml:"Credentials"`
	} `xml:"AssumeRoleResult"`
	Identity struct {
		Credentials credentialsXML `xml:"Credentials"`
	} `xml:"AssumeRoleWithWebIdentityResult"`
}

type credentialsXML struct {
	ID      string    `xml:"AccessKeyId"`
	Secret  string    `xml:"SecretAccessKey"`
	Token   string    `xml:"SessionToken"`
	Expires time.Time `xml:"Expiration"`
}

func readAssumed(body []byte) (keys, error) {
	var a assumed
	if err := xml.Unmarshal(body, &a); err != nil {
		return keys{}, fault.New(fault.Unavailable, "AWS answered for the role with what is not what it documents")
	}
	c := a.Role.Credentials
	if c.ID == "" {
		c = a.Identity.Credentials
	}
	if c.ID == "" || c.Secret == "" {
		return keys{}, fault.New(fault.Unavailable, "AWS answered for the role without credentials")
	}
	return keys{Credentials: sdk.Credentials{AccessKeyID: c.ID, SecretAccessKey: c.Secret, SessionToken: c.Token}, expires: c.Expires}, nil
}
