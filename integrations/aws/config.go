package aws

import (
	"fmt"
	"net/http"
	"regexp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is how AWS tells: by an API destination of EventBridge, by subscriptions of SNS, or both.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Topics are the ARNs of the topics of SNS whose messages are taken, and whose subscriptions are confirmed.
	Topics []string `yaml:"topics"`
	// Mapping says which service something of AWS is: "ecs/CLUSTER/SERVICE: payments", "lambda/FUNCTION: …",
	// "codedeploy/APPLICATION: …", "autoscaling/GROUP: …", "alarm/NAME: …", or each by its last name alone. An environment is
	// found by the cluster, the deployment group, the alias, and last by the number of the account.
	integration.Mapping `yaml:",inline"`

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

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && len(c.Topics) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the value of the API key of the connection; or topics, for SNS"})
	}
	for i, topic := range c.Topics {
		if !topicFormat.MatchString(topic) {
			faults = append(faults, fault.Fault{Pointer: fmt.Sprintf("/topics/%d", i), Detail: "is no ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:tidings"})
		}
	}
	return fault.InvalidInput("aws source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	secrets := integration.HookFields("the API key of the connection of EventBridge; SNS needs none")
	secrets[0].Required = false
	return integration.Fields(
		secrets,
		[]integration.Field{
			{Name: "topics", Title: "Topics of SNS", Type: integration.TypeList, Example: "arn:aws:sns:eu-west-1:111122223333:tidings", Help: "Their ARNs: messages of others are refused."},
		},
		integration.MappingFields(integration.Known{Services: "its name in AWS, such as ecs/CLUSTER/SERVICE or lambda/FUNCTION, or the last of these names alone", Service: "ecs/prod/payments-api", Environments: "cluster, deployment group, alias, or the number of the account", Environment: "111122223333"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c, certificates: certificates{http: c.http}}, nil
}
