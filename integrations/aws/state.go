package aws

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// state is one object as it was seen. Equal objects give equal bytes; values of variables are only there as fingerprints.
type state struct {
	ARN         string            `json:"arn"`
	Name        string            `json:"name"`
	Outside     string            `json:"outside"` // its outside name, as what is told has it
	Subject     string            `json:"subject"` // service:NAME, or the outside name
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Environment string            `json:"environment,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	CreatedAt   time.Time         `json:"created_at,omitzero"`
	// One of these is there.
	Service  *service  `json:"service,omitempty"`
	Function *function `json:"function,omitempty"`
	Group    *group    `json:"group,omitempty"`
}

// service is a service of ECS.
type service struct {
	Definition  string            `json:"definition"` // payments:42
	Containers  []container       `json:"containers,omitempty"`
	Resources   map[string]string `json:"resources,omitempty"` // of the task: cpu, memory
	Desired     int               `json:"desired"`
	Running     int               `json:"running"`
	Pending     int               `json:"pending,omitempty"`
	Deployments []deployment      `json:"deployments,omitempty"` // the oldest first
	// Scalings are the last few times that Application Auto Scaling set the count, the oldest first.
	Scalings []scaling `json:"scalings,omitempty"`
}

type container struct {
	Name        string            `json:"name"`
	Image       string            `json:"image"`
	Essential   bool              `json:"essential,omitempty"`
	Command     string            `json:"command,omitempty"` // a fingerprint
	Resources   map[string]string `json:"resources,omitempty"`
	Environment map[string]string `json:"environment,omitempty"` // fingerprints, and where secrets come from
}

type deployment struct {
	ID         string    `json:"id"`
	Status     string    `json:"status"` // PRIMARY, ACTIVE, INACTIVE
	Definition string    `json:"definition"`
	Rollout    string    `json:"rollout,omitempty"` // IN_PROGRESS, COMPLETED, FAILED; none of other controllers than ECS
	Reason     string    `json:"reason,omitempty"`
	Desired    int       `json:"desired"`
	Running    int       `json:"running"`
	Failed     int       `json:"failed,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

type scaling struct {
	ID    string    `json:"id"`
	To    int       `json:"to"`
	Cause string    `json:"cause,omitempty"`
	At    time.Time `json:"at"`
}

// function is a function of Lambda.
type function struct {
	version                     // $LATEST
	Aliases  []alias            `json:"aliases,omitempty"`
	Versions map[string]version `json:"versions,omitempty"` // those that aliases lead to
}

type version struct {
	Code     string `json:"code"` // a hash
	Modified string `json:"modified,omitempty"`
	Runtime  string `json:"runtime,omitempty"`
	// Settings are all else: memory, timeout, handler, layers, variables as fingerprints.
	Settings map[string]string `json:"settings,omitempty"`
}

type alias struct {
	Name     string             `json:"name"`
	Version  string             `json:"version"`
	Weights  map[string]float64 `json:"weights,omitempty"` // of other versions, from 0 to 1
	Revision string             `json:"revision"`
	// Environment is that of what goes by the alias; empty for that of the function.
	Environment string `json:"environment,omitempty"`
}

// group is an Auto Scaling group.
type group struct {
	Min        int               `json:"min"`
	Max        int               `json:"max"`
	Desired    int               `json:"desired"`
	InService  int               `json:"in_service"`
	Unhealthy  int               `json:"unhealthy,omitempty"`
	Settings   map[string]string `json:"settings,omitempty"`
	Activities []activity        `json:"activities,omitempty"` // the last few, the oldest first
}

type activity struct {
	ID          string    `json:"id"`
	Description string    `json:"description"`
	Cause       string    `json:"cause"`
	Status      string    `json:"status"`
	Message     string    `json:"message,omitempty"`
	StartedAt   time.Time `json:"started_at"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
}

// Bounds of what is kept of one object, which must fit into observe.MaxState.
const (
	mostContainers  = 10
	mostVariables   = 100
	mostDeployments = 10
	mostActivities  = 8
	mostTags        = 50
	mostAliases     = 20
)

// put hands a state on; one that is too large is told without what is bulky.
func (s *state) put(to observe.Sink, collection string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if len(text) > observe.MaxState {
		s.spare()
		if text, err = json.Marshal(s); err != nil {
			return err
		}
	}
	to.Put(observe.Observation{Object: s.ARN, Collection: collection, State: text})
	return nil
}

// spare drops the variables, which are what can be many.
func (s *state) spare() {
	if s.Service != nil {
		for i := range s.Service.Containers {
			s.Service.Containers[i].Environment = nil
		}
	}
	if s.Function != nil {
		drop := func(settings map[string]string) {
			maps.DeleteFunc(settings, func(name, _ string) bool { return strings.HasPrefix(name, variables) })
		}
		drop(s.Function.Settings)
		for _, v := range s.Function.Versions {
			drop(v.Settings)
		}
	}
}

// variables is before the name of a variable in settings and differences.
const variables = "env/"

// The tags by which people say what something belongs to, without case; the first that is there counts.
var (
	serviceTags     = []string{"tidings:service", "service", "service-name", "service_name", "servicename", "dd_service"}
	environmentTags = []string{"tidings:environment", "environment", "env", "stage"}
	ownerTags       = []string{"tidings:owner", "owner", "team"}
	tierTags        = []string{"tidings:tier", "tier"}
	systemTags      = []string{"tidings:system", "system"}
)

// tagged is the value of the first of some tags.
func tagged(tags map[string]string, names []string) string {
	for _, name := range names {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			if strings.EqualFold(key, name) && tags[key] != "" {
				return tags[key]
			}
		}
	}
	return ""
}

// place says whose and where an object is, by its tags and the configuration. Kind is the first part of its outside name,
// and name the last: ecs and prod/payments-api. Places are those by which an environment is mapped.
func (s *state) place(c *Config, kind, name string, places ...string) {
	last := name[strings.LastIndexByte(name, '/')+1:]
	s.Outside = strings.ToLower(integration.Line("aws:" + kind + "/" + name))
	named := c.Mapping
	named.SameNames = false
	s.Subject = named.Subject("aws", kind+"/"+name, name, last).Name
	if !strings.HasPrefix(s.Subject, "service:") {
		own := ""
		if !c.NamedOnly && !s.managed() || c.SameNames {
			own = last
		}
		for _, candidate := range []string{tagged(s.Tags, serviceTags), own} {
			if ref, err := catalog.NewRef(catalog.Service, candidate); err == nil {
				s.Subject = ref.String()
				break
			}
		}
	}
	s.Environment = c.EnvironmentAt(places...)
	if said := tagged(s.Tags, environmentTags); said != "" {
		s.Environment = c.Mapping.Environment(said)
	}
	s.Environment = cmp.Or(s.Environment, c.Environment)
}

// managed reports whether the object belongs to something else of AWS, which is the service or holds them: nodes of a cluster.
func (s *state) managed() bool {
	for key := range s.Tags {
		if key == "AmazonECSManaged" || strings.HasPrefix(key, "eks:") || strings.HasPrefix(key, "kubernetes.io/cluster/") ||
			strings.HasPrefix(key, "k8s.io/cluster-autoscaler/") || key == "elasticbeanstalk:environment-id" {
			return true
		}
	}
	return false
}

var tagKey = regexp.MustCompile(`[^A-Za-z0-9_./-]+`)

// claims are what the tags say of the roll.
func (s *state) claims() []catalog.Claim {
	var list []catalog.Claim
	say := func(field catalog.Field, value any) {
		claim := catalog.Say(field, value)
		if _, err := claim.Normalize(); err == nil { // a tag may hold anything, and nobody is there to be told
			list = append(list, claim)
		}
	}
	say(catalog.Key(catalog.FamilyAlias, s.Outside), true)
	say(catalog.Key(catalog.FamilyAlias, "aws:"+s.ARN), true)
	say(catalog.FieldPlatform, s.platform())
	if owner := tagged(s.Tags, ownerTags); owner != "" {
		say(catalog.FieldOwner, strings.ReplaceAll(strings.ToLower(owner), " ", "-"))
	}
	switch tier := strings.TrimPrefix(strings.ToLower(tagged(s.Tags, tierTags)), "tier-"); tier {
	case "0", "1", "2", "3":
		say(catalog.FieldTier, int(tier[0]-'0'))
	}
	if system, err := catalog.NewRef(catalog.System, tagged(s.Tags, systemTags)); err == nil && "service:"+system.Name != s.Subject {
		say(catalog.Key(catalog.FamilyPartOf, system.String()), "declared")
	}
	if s.Function != nil {
		if language, version := runtimeLanguage(s.Function.Runtime); language != "" {
			say(catalog.FieldLanguage, language)
			if version != "" {
				say(catalog.FieldLanguageVersion, version)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		say(catalog.Key(catalog.FamilyTag, strings.Trim(tagKey.ReplaceAllString(key, "/"), "/._-")), s.Tags[key])
	}
	if link := s.link(); link != "" {
		say(catalog.Key(catalog.FamilyLink, "deploy", link), "Console of AWS")
	}
	return list
}

func (s *state) platform() string {
	switch {
	case s.Service != nil:
		return "ecs"
	case s.Function != nil:
		return "lambda"
	}
	return "vm"
}

// link leads to the object in the console.
func (s *state) link() string {
	switch {
	case s.Service != nil:
		return console(s.Region, "ecs/v2/clusters/"+s.Cluster+"/services/"+s.Name+"/health", "")
	case s.Function != nil:
		return console(s.Region, "lambda/home", "/functions/"+s.Name)
	}
	return console(s.Region, "ec2/home", "AutoScalingGroupDetails:id="+s.Name+";view=details")
}

var runtimeFormat = regexp.MustCompile(`^(python|nodejs|java|dotnet|ruby|go)(\d+(?:\.\d+)?)?`)

var runtimeLanguages = map[string]string{"python": "python", "nodejs": "javascript", "java": "java", "dotnet": "c#", "ruby": "ruby", "go": "go"}

// runtimeLanguage is what a runtime of Lambda runs: python3.12, nodejs20.x, java21.
func runtimeLanguage(runtime string) (language, version string) {
	part := runtimeFormat.FindStringSubmatch(runtime)
	if part == nil {
		return "", ""
	}
	if part[1] == "go" {
		part[2] = "" // go1.x is every version
	}
	return runtimeLanguages[part[1]], part[2]
}

// tagsOf bounds tags, without those that AWS makes itself.
func tagsOf(pairs map[string]string) map[string]string {
	kept := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if !strings.HasPrefix(key, "aws:") && len(kept) < mostTags {
			kept[integration.Line(key)] = integration.Line(pairs[key])
		}
	}
	return kept
}

// accountOf and regionOf read an ARN: arn:aws:ecs:eu-west-1:111122223333:service/prod/payments-api.
func accountOf(arn string) string { return part(arn, 4) }
func regionOf(arn string) string  { return part(arn, 3) }

func part(arn string, n int) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return integration.Line(parts[n])
	}
	return ""
}
