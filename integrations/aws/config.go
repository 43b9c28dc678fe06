package aws

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is how AWS tells, by an API destination of EventBridge and by subscriptions of SNS, and where it is looked at.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Topics are the ARNs of the topics of SNS whose messages are taken, and whose subscriptions are confirmed.
	Topics []string `yaml:"topics"`
	// Mapping says which service something of AWS is: "ecs/CLUSTER/SERVICE: payments", "lambda/FUNCTION: …",
	// "codedeploy/APPLICATION: …", "autoscaling/GROUP: …", "alarm/NAME: …", or each by its last name alone. An environment is
	// found by the cluster, the deployment group, the alias, and last by the number of the account.
	integration.Mapping `yaml:",inline"`
	// Environment is that of what no tag, cluster, group, alias or account says one of.
	Environment string `yaml:"environment"`

	// Regions are where AWS is looked at; it is not looked at without any.
	Regions []string `yaml:"regions"`
	// Roles are the ARNs of the roles to look by, one an account; without one the credentials look themselves. ExternalID is
	// what the roles ask for.
	Roles      []string `yaml:"roles"`
	ExternalID string   `yaml:"external_id"`
	// AccessKeyID and SecretAccessKey are a user's. Without them the credentials are those that the server has from where it
	// runs; a source that is typed on the page has none of these.
	AccessKeyID     string             `yaml:"access_key_id"`
	SecretAccessKey integration.Secret `yaml:"secret_access_key"`
	// LookAt are the services of AWS that are looked at: ecs, lambda, autoscaling. All without any.
	LookAt []string `yaml:"look_at"`
	// NamedOnly leaves out of the roll what neither a tag nor Services names: all else is called after itself.
	NamedOnly bool `yaml:"named_only"`

	http *http.Client
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Use gives it the client to ask with: for the certificates of SNS, and to confirm subscriptions.
func (c *Config) Use(client *http.Client) { c.http = client }

// topicFormat is the ARN of a topic: partition, region, account, name.
var topicFormat = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):(\d{12}):[A-Za-z0-9_-]{1,256}(?:\.fifo)?$`)

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) (all []string) {
	for _, region := range c.Regions {
		for _, service := range append(c.lookingAt(), "sts") {
			all = append(all, endpoint(service, region))
		}
	}
	return all
}

// lookingAt are what is looked at.
func (c *Config) lookingAt() []string {
	if len(c.LookAt) == 0 {
		return looks()
	}
	return slices.DeleteFunc(looks(), func(name string) bool { return !slices.Contains(c.LookAt, name) })
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return append(c.Hook.Secrets(), "secret_access_key") }

// Narrow lets no reference to the server's variables and files through, and no look by what the server itself may.
func (c *Config) Narrow() error {
	err := integration.Unreferred(map[string]*integration.Secret{
		"secret": &c.Secret, "previous_secret": &c.PreviousSecret, "secret_access_key": &c.SecretAccessKey,
	})
	if err == nil && len(c.Regions) > 0 && c.AccessKeyID == "" {
		err = fault.InvalidInput("aws source", []fault.Fault{{Pointer: "/access_key_id", Detail: "is required here: what the server itself may do in AWS is lent only in its configuration file"}})
	}
	return err
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.Hook.Guard(guard)
	c.SecretAccessKey.Typed("secret_access_key", guard)
}

var (
	regionFormat = regexp.MustCompile(`^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$`)
	roleFormat   = regexp.MustCompile(`^arn:(?:aws|aws-cn|aws-us-gov):iam::(\d{12}):role/[A-Za-z0-9+=,.@_/-]{1,576}$`)
	keyFormat    = regexp.MustCompile(`^[A-Z0-9]{16,128}$`)
)

// mostPlaces bounds in how many regions of how many accounts one source looks.
const mostPlaces = 60

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	add := func(pointer, detail string) { faults = append(faults, fault.Fault{Pointer: pointer, Detail: detail}) }
	if !c.Secret.IsSet() && len(c.Topics) == 0 && len(c.Regions) == 0 {
		add("/secret", "is required: env:NAME or file:PATH, with the value of the API key of the connection; or topics, for SNS; or regions, to look at")
	}
	each := func(name string, list []string, fits func(string) bool, detail string) {
		for i, entry := range list {
			if !fits(entry) {
				add(fmt.Sprintf("/%s/%d", name, i), detail)
			}
		}
	}
	each("topics", c.Topics, topicFormat.MatchString, "is no ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:tidings")
	each("regions", c.Regions, regionFormat.MatchString, "is no region, such as eu-west-1")
	each("roles", c.Roles, roleFormat.MatchString, "is no ARN of a role, such as arn:aws:iam::111122223333:role/tidings")
	each("look_at", c.LookAt, func(name string) bool { return slices.Contains(looks(), name) }, "is none of "+strings.Join(looks(), ", "))
	if n := len(c.Regions) * max(len(c.Roles), 1); n > mostPlaces {
		add("/regions", fmt.Sprintf("are %d with each of the roles: at most %d for one source", n, mostPlaces))
	}
	if c.AccessKeyID != "" && !keyFormat.MatchString(c.AccessKeyID) {
		add("/access_key_id", "is no id of an access key, such as AKIAIOSFODNN7EXAMPLE; the secret one goes elsewhere")
	}
	if c.AccessKeyID != "" && !c.SecretAccessKey.IsSet() {
		add("/secret_access_key", "is required with an access key: env:NAME or file:PATH")
	}
	if len(c.Regions) == 0 && (len(c.Roles) > 0 || c.AccessKeyID != "") {
		add("/regions", "are required to look: eu-west-1, say")
	}
	return fault.InvalidInput("aws source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	secrets := integration.OptionalHookFields("the API key of the connection of EventBridge; SNS needs none")
	return integration.Fields(
		secrets,
		[]integration.Field{
			{Name: "topics", Title: "Topics of SNS", Type: integration.TypeList, Example: "arn:aws:sns:eu-west-1:111122223333:tidings", Help: "Their ARNs: messages of others are refused."},
		},
		integration.MappingFields(integration.Known{Services: "its name in AWS, such as ecs/CLUSTER/SERVICE or lambda/FUNCTION, or the last of these names alone", Service: "ecs/prod/payments-api", Environments: "cluster, deployment group, alias, or the number of the account", Environment: "111122223333"}),
		[]integration.Field{
			{Name: "environment", Title: "Environment of all else", Type: integration.TypeText, Example: "production"},
			{Name: "regions", Title: "Regions to look at", Type: integration.TypeList, Example: "eu-west-1", Help: "Without any AWS only tells, and is not asked."},
			{Name: "access_key_id", Title: "Access key", Type: integration.TypeText, Example: "AKIAIOSFODNN7EXAMPLE", Help: "Its id, of a user who may read, or take on the roles."},
			{Name: "secret_access_key", Title: "Secret access key", Type: integration.TypeSecret, Help: "Of the access key below; only to look at regions."},
			{Name: "roles", Title: "Roles to look by", Type: integration.TypeList, Example: "arn:aws:iam::111122223333:role/tidings", Help: "One an account; without one the user looks."},
			{Name: "external_id", Title: "External id", Type: integration.TypeText, Help: "What the roles ask for."},
			{Name: "look_at", Title: "What is looked at", Type: integration.TypeList, Example: "ecs", Help: "Some of " + strings.Join(looks(), ", ") + "; all without it."},
			{Name: "named_only", Title: "Only what is named", Type: integration.TypeSwitch, Help: "What neither a tag nor the list of services names is then left out of the roll; all else is called after itself."},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c, certificates: certificates{http: c.http}}
	if len(c.Regions) == 0 {
		return s, nil
	}
	return s.watching(), nil
}
