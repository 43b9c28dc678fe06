// Package awstest is a fake of the parts of AWS that are looked at: ECS, Lambda, Auto Scaling, Application Auto Scaling, the
// tags of resources, and roles. It answers over HTTP in the form of AWS's API references and of the answers that the SDKs
// keep as snapshots, page by page, and what it holds can be changed between two looks. It is no AWS: what it does not know
// of AWS's behaviour no test shows.
//
// Tests import it. Imports: the standard library.
package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Account and Region are where everything of the fake is; Key is the access key that it knows.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
	Key     = "AKIAIOSFODNN7EXAMPLE"
	Role    = "arn:aws:iam::" + Account + ":role/tidings"
)

// Fake is one account in one region. Take Lock while something of it is changed.
type Fake struct {
	sync.Mutex
	Services    []*Service
	Definitions map[string]Definition // by family:revision
	Functions   []*Function
	Groups      []*Group
	Activities  []Activity // of all groups, the newest first
	Scalings    []Scaling  // of services, the newest first
	Tags        map[string]map[string]string
	// PageSize is how much of a list one answer holds; 2 where it is zero.
	PageSize int
	// External is the external id that the role asks for.
	External string
	// Fail answers an operation in another way, where it returns a status.
	Fail func(operation string) (status int, contentType, body string)
	// Asked counts what was asked; Bodies are what was sent.
	Asked  map[string]int
	Bodies []string
	// Actions are those of IAM that were asked for.
	Actions map[string]bool
	// Strange are requests at a host that is none of the fake's.
	Strange []string
	now     func() time.Time
}

// New makes an empty one.
func New(now func() time.Time) *Fake {
	return &Fake{Definitions: map[string]Definition{}, Tags: map[string]map[string]string{}, Asked: map[string]int{}, Actions: map[string]bool{}, now: now}
}

// Service is a service of ECS.
type Service struct {
	Cluster, Name, Definition string
	Desired, Running          int
	CreatedAt                 time.Time
	Deployments               []Deployment
}

// ARN is its name in all of AWS.
func (s *Service) ARN() string { return ARN("ecs", "service/"+s.Cluster+"/"+s.Name) }

// Deployment is one of a service.
type Deployment struct {
	ID, Status, Definition, Rollout, Reason string
	Desired, Running, Failed                int
	CreatedAt, UpdatedAt                    time.Time
}

// Definition is a task definition of one container.
type Definition struct {
	Image       string
	CPU, Memory int
	Environment map[string]string
	Secrets     map[string]string
}

// Function is a function of Lambda; Versions are its published ones.
type Function struct {
	Name     string
	Code     string
	Modified string
	Memory   int
	Vars     map[string]string
	Aliases  []Alias
	Versions map[string]Function
}

// ARN is its name in all of AWS.
func (f *Function) ARN() string { return ARN("lambda", "function:"+f.Name) }

// Alias is one of a function.
type Alias struct {
	Name, Version, Revision string
	Weights                 map[string]float64
}

// Group is an Auto Scaling group.
type Group struct {
	Name              string
	Min, Max, Desired int
	InService         int
	Template          string // its version
	Tags              map[string]string
}

// Activity is what a group did.
type Activity struct {
	ID, Group, Description, Cause, Status string
	StartedAt, EndedAt                    time.Time
}

// Scaling is what Application Auto Scaling did.
type Scaling struct {
	ID, Cluster, Service, Cause string
	To                          int
	At                          time.Time
}

// ARN makes one.
func ARN(service, rest string) string {
	return "arn:aws:" + service + ":" + Region + ":" + Account + ":" + rest
}

func (f *Fake) pageSize() int {
	if f.PageSize == 0 {
		return 2
	}
	return f.PageSize
}

// page is the part of a list that a token leads to, and the next token.
func page[T any](f *Fake, all []T, token string) (part []T, next string) {
	from, _ := strconv.Atoi(strings.TrimPrefix(token, "token-"))
	from = min(from, len(all))
	to := min(from+f.pageSize(), len(all))
	if to < len(all) {
		next = fmt.Sprintf("token-%d", to)
	}
	return all[from:to], next
}

var signed = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/\d{8}/([a-z0-9-]+)/([a-z-]+)/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}$`)

// RoundTrip answers a request, so that a client has the fake as its transport.
func (f *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.Lock()
	defer f.Unlock()
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	service, suffix, _ := strings.Cut(r.URL.Host, ".")
	if suffix != Region+".amazonaws.com" || r.URL.Scheme != "https" {
		f.Strange = append(f.Strange, r.URL.String())
		return nil, fmt.Errorf("no such host: %s", r.URL.Host)
	}
	f.Bodies = append(f.Bodies, string(body))
	operation, answer := f.operation(service, r, body)
	f.Asked[operation]++
	prefix := service
	if service == "tagging" {
		prefix = "tag"
	}
	f.Actions[prefix+":"+operation] = true
	status, contentType, text := f.answer(service, operation, r, answer)
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(text)), Request: r,
	}, nil
}

// answer is that of an operation, unless the credentials do not fit, or it is made to fail.
func (f *Fake) answer(service, operation string, r *http.Request, answer func() any) (status int, contentType, text string) {
	if f.Fail != nil {
		if status, contentType, text := f.Fail(operation); status != 0 {
			return status, contentType, text
		}
	}
	part := signed.FindStringSubmatch(r.Header.Get("Authorization"))
	switch {
	case answer == nil:
		return http.StatusNotFound, "application/json", `{"__type":"UnknownOperationException"}`
	case part == nil || part[2] != Region || part[3] != service || !slices.Contains(strings.Split(part[4], ";"), "x-amz-date") || r.Header.Get("X-Amz-Date") == "":
		return http.StatusForbidden, "application/x-amz-json-1.1", `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`
	case part[1] != Key && part[1] != "ASIAROLE00000000":
		return http.StatusBadRequest, "application/x-amz-json-1.1", `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`
	case part[1] == "ASIAROLE00000000" && r.Header.Get("X-Amz-Security-Token") != "a-session":
		return http.StatusForbidden, "application/x-amz-json-1.1", `{"__type":"InvalidSignatureException"}`
	}
	value := answer()
	if text, ok := value.(refusal); ok {
		return http.StatusForbidden, "text/xml", string(text)
	}
	if service == "autoscaling" || service == "sts" {
		out, _ := xml.Marshal(value)
		return http.StatusOK, "text/xml", string(out)
	}
	out, _ := json.Marshal(value)
	return http.StatusOK, "application/x-amz-json-1.1", string(out)
}

type refusal string

type object = map[string]any

// operation is what a request asks for, and how that is answered.
func (f *Fake) operation(service string, r *http.Request, body []byte) (string, func() any) {
	switch service {
	case "lambda":
		return f.lambda(r)
	case "autoscaling", "sts":
		form, _ := url.ParseQuery(string(body))
		operation := form.Get("Action")
		return operation, map[string]func() any{
			"DescribeAutoScalingGroups": func() any { return f.groups(form.Get("NextToken")) },
			"DescribeScalingActivities": f.activities,
			"AssumeRole":                func() any { return f.assume(form) },
		}[operation]
	}
	var in struct {
		Token    string   `json:"nextToken"`
		Tagging  string   `json:"PaginationToken"`
		Cluster  string   `json:"cluster"`
		Services []string `json:"services"`
		Task     string   `json:"taskDefinition"`
	}
	_ = json.Unmarshal(body, &in)
	target := r.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:], map[string]func() any{
		"AmazonEC2ContainerServiceV20141113.ListClusters":           func() any { return f.clusters(in.Token) },
		"AmazonEC2ContainerServiceV20141113.ListServices":           func() any { return f.services(in.Cluster, in.Token) },
		"AmazonEC2ContainerServiceV20141113.DescribeServices":       func() any { return f.described(in.Services) },
		"AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition": func() any { return f.definition(in.Task) },
		"AnyScaleFrontendService.DescribeScalingActivities":         f.scalings,
		"ResourceGroupsTaggingAPI_20170126.GetResources":            func() any { return f.tags(in.Tagging) },
	}[target]
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func (f *Fake) clusters(token string) any {
	names := map[string]bool{}
	for _, s := range f.Services {
		names[s.Cluster] = true
	}
	var arns []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		arns = append(arns, ARN("ecs", "cluster/"+name))
	}
	part, next := page(f, arns, token)
	return object{"clusterArns": part, "nextToken": next}
}

func (f *Fake) services(cluster, token string) any {
	var arns []string
	for _, s := range f.Services {
		if ARN("ecs", "cluster/"+s.Cluster) == cluster {
			arns = append(arns, s.ARN())
		}
	}
	part, next := page(f, arns, token)
	return object{"serviceArns": part, "nextToken": next}
}

func (f *Fake) described(arns []string) any {
	var list, failures []object
	for _, arn := range arns {
		i := slices.IndexFunc(f.Services, func(s *Service) bool { return s.ARN() == arn })
		if i < 0 {
			failures = append(failures, object{"arn": arn, "reason": "MISSING"})
			continue
		}
		s := f.Services[i]
		var deployments []object
		for _, d := range s.Deployments {
			deployments = append(deployments, object{
				"id": d.ID, "status": d.Status, "taskDefinition": ARN("ecs", "task-definition/"+d.Definition), "rolloutState": d.Rollout, "rolloutStateReason": d.Reason,
				"desiredCount": d.Desired, "runningCount": d.Running, "pendingCount": 0, "failedTasks": d.Failed, "createdAt": seconds(d.CreatedAt), "updatedAt": seconds(d.UpdatedAt),
				"launchType": "FARGATE", "platformVersion": "1.4.0",
			})
		}
		list = append(list, object{
			"serviceArn": arn, "serviceName": s.Name, "clusterArn": ARN("ecs", "cluster/"+s.Cluster), "status": "ACTIVE", "desiredCount": s.Desired,
			"runningCount": s.Running, "pendingCount": 0, "taskDefinition": ARN("ecs", "task-definition/"+s.Definition), "deployments": deployments,
			"createdAt": seconds(s.CreatedAt), "events": []object{{"id": "e", "createdAt": 1, "message": "steady"}}, "propagateTags": "NONE",
		})
	}
	return object{"services": list, "failures": failures}
}

func (f *Fake) definition(arn string) any {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	d, family, _ := f.Definitions[name], name[:max(strings.IndexByte(name, ':'), 0)], 0
	variables, secrets := []object{}, []object{}
	for key, value := range d.Environment {
		variables = append(variables, object{"name": key, "value": value})
	}
	for key, value := range d.Secrets {
		secrets = append(secrets, object{"name": key, "valueFrom": value})
	}
	return object{"taskDefinition": object{
		"taskDefinitionArn": arn, "family": family, "cpu": strconv.Itoa(d.CPU), "memory": strconv.Itoa(d.Memory),
		"containerDefinitions": []object{
			{"name": "log_router", "image": "fluent:1", "essential": true},
			{"name": family, "image": d.Image, "cpu": 0, "essential": true, "environment": variables, "secrets": secrets, "portMappings": []object{{"containerPort": 80}}},
		},
	}}
}

func (f *Fake) scalings() any {
	list := []object{}
	for _, s := range f.Scalings {
		list = append(list, object{
			"ActivityId": s.ID, "ServiceNamespace": "ecs", "ResourceId": "service/" + s.Cluster + "/" + s.Service, "ScalableDimension": "ecs:service:DesiredCount",
			"Description": fmt.Sprintf("Setting desired count to %d.", s.To), "Cause": s.Cause, "StartTime": seconds(s.At), "EndTime": seconds(s.At.Add(30 * time.Second)), "StatusCode": "Successful",
		})
	}
	return object{"ScalingActivities": list}
}

func (f *Fake) tags(token string) any {
	arns, next := page(f, slices.Sorted(maps.Keys(f.Tags)), token)
	list := []object{}
	for _, arn := range arns {
		pairs := []object{}
		for key, value := range f.Tags[arn] {
			pairs = append(pairs, object{"Key": key, "Value": value})
		}
		list = append(list, object{"ResourceARN": arn, "Tags": pairs})
	}
	return object{"ResourceTagMappingList": list, "PaginationToken": next}
}

func (f *Function) wire(qualifier string) object {
	return object{
		"FunctionArn": f.ARN() + qualifier, "FunctionName": f.Name, "CodeSha256": f.Code, "LastModified": f.Modified, "Runtime": "python3.12", "Handler": "main.handle",
		"MemorySize": f.Memory, "Timeout": 30, "PackageType": "Zip", "Version": strings.TrimPrefix(qualifier, ":"), "Environment": object{"Variables": f.Vars}, "Architectures": []string{"arm64"},
	}
}

func (f *Fake) lambda(r *http.Request) (string, func() any) {
	path, found := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	if !found {
		return "unknown", nil
	}
	token := r.URL.Query().Get("Marker")
	if path == "" {
		return "ListFunctions", func() any {
			list := []object{}
			part, next := page(f, f.Functions, token)
			for _, function := range part {
				list = append(list, function.wire(""))
			}
			return object{"Functions": list, "NextMarker": next}
		}
	}
	name, what, _ := strings.Cut(path, "/")
	i := slices.IndexFunc(f.Functions, func(f *Function) bool { return f.Name == name })
	if i < 0 {
		return what, nil
	}
	function := f.Functions[i]
	switch what {
	case "aliases":
		return "ListAliases", func() any {
			list := []object{}
			part, next := page(f, function.Aliases, token)
			for _, a := range part {
				one := object{"AliasArn": function.ARN() + ":" + a.Name, "Name": a.Name, "FunctionVersion": a.Version, "RevisionId": a.Revision}
				if len(a.Weights) > 0 {
					one["RoutingConfig"] = object{"AdditionalVersionWeights": a.Weights}
				}
				list = append(list, one)
			}
			return object{"Aliases": list, "NextMarker": next}
		}
	case "configuration":
		qualifier := r.URL.Query().Get("Qualifier")
		version, there := function.Versions[qualifier]
		if !there {
			return "GetFunctionConfiguration", nil
		}
		version.Name = name
		return "GetFunctionConfiguration", func() any { return version.wire(":" + qualifier) }
	}
	return "unknown", nil
}

type member struct {
	XMLName xml.Name
	Text    string   `xml:",chardata"`
	Inner   []member `xml:",any"`
}

// element makes one of XML, of texts and others.
func element(name string, content ...any) member {
	m := member{XMLName: xml.Name{Local: name}}
	for _, c := range content {
		switch c := c.(type) {
		case member:
			m.Inner = append(m.Inner, c)
		default:
			m.Text = fmt.Sprint(c)
		}
	}
	return m
}

func (f *Fake) groups(token string) any {
	part, next := page(f, f.Groups, token)
	list := element("AutoScalingGroups")
	for _, g := range part {
		instances, tags := element("Instances"), element("Tags")
		for i := range g.InService {
			instances.Inner = append(instances.Inner, element("member", element("InstanceId", fmt.Sprint("i-", i)), element("LifecycleState", "InService"), element("HealthStatus", "Healthy")))
		}
		for _, key := range slices.Sorted(maps.Keys(g.Tags)) {
			tags.Inner = append(tags.Inner, element("member", element("Key", key), element("Value", g.Tags[key]), element("PropagateAtLaunch", true)))
		}
		list.Inner = append(list.Inner, element("member",
			element("AutoScalingGroupName", g.Name), element("AutoScalingGroupARN", ARN("autoscaling", "autoScalingGroup:4711:autoScalingGroupName/"+g.Name)),
			element("MinSize", g.Min), element("MaxSize", g.Max), element("DesiredCapacity", g.Desired), element("HealthCheckType", "ELB"),
			element("LaunchTemplate", element("LaunchTemplateId", "lt-0abc"), element("LaunchTemplateName", g.Name), element("Version", g.Template)),
			element("AvailabilityZones", element("member", "eu-west-1b"), element("member", "eu-west-1a")), element("CreatedTime", "2026-01-02T03:04:05.678Z"), instances, tags,
		))
	}
	return element("DescribeAutoScalingGroupsResponse", element("DescribeAutoScalingGroupsResult", list, element("NextToken", next)))
}

func (f *Fake) activities() any {
	list := element("Activities")
	for _, a := range f.Activities {
		list.Inner = append(list.Inner, element("member",
			element("ActivityId", a.ID), element("AutoScalingGroupName", a.Group), element("Description", a.Description), element("Cause", a.Cause), element("StatusCode", a.Status),
			element("StartTime", a.StartedAt.UTC().Format(time.RFC3339Nano)), element("EndTime", a.EndedAt.UTC().Format(time.RFC3339Nano)),
		))
	}
	return element("DescribeScalingActivitiesResponse", element("DescribeScalingActivitiesResult", list))
}

func (f *Fake) assume(form url.Values) any {
	if form.Get("RoleArn") != Role || form.Get("ExternalId") != f.External {
		return refusal(`<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::` + Account + `:user/tidings is not authorized to perform: sts:AssumeRole on resource: ` + form.Get("RoleArn") + `</Message></Error></ErrorResponse>`)
	}
	return element("AssumeRoleResponse", element("AssumeRoleResult", element("Credentials",
		element("AccessKeyId", "ASIAROLE00000000"), element("SecretAccessKey", "s"), element("SessionToken", "a-session"),
		element("Expiration", f.now().Add(time.Hour).UTC().Format(time.RFC3339)),
	)))
}

// Denied is how a service of JSON 1.1 refuses an action that the policy lacks.
func Denied(action string) (int, string, string) {
	return http.StatusBadRequest, "application/x-amz-json-1.1", `{"__type":"AccessDeniedException","Message":"User: arn:aws:sts::` + Account + `:assumed-role/tidings/tidings is not authorized to perform: ` + action + ` on resource: * because no identity-based policy allows the ` + action + ` action"}`
}
