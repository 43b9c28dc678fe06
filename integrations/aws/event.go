package aws

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// ecs makes an event of a service of ECS, by its ARN or its names.
func (s *Source) ecs(p *envelope, cluster, service string) change.Event {
	cluster, service = last(cluster), last(service)
	return change.Event{
		Cluster: integration.Line(cluster), Environment: s.config.EnvironmentAt(cluster, p.Account),
		Subjects: []change.Subject{s.config.Subject("aws", "ecs/"+cluster+"/"+service, cluster+"/"+service, service)},
	}
}

// service is the cluster and the service of the ARN that an event of ECS is about.
func (p *envelope) service() (cluster, service string, err error) {
	for _, arn := range p.Resources {
		if _, path, found := strings.Cut(arn, ":service/"); found {
			cluster, service, found = strings.Cut(path, "/")
			if !found {
				cluster, service = "default", cluster
			}
			if service != "" {
				return cluster, service, nil
			}
		}
	}
	return "", "", fault.New(fault.Invalid, "the field resources names no service of ECS")
}

func (p *envelope) deploymentKey(cluster, service, id string) string {
	return deploymentKey(p.Account, p.Region, cluster, service, id)
}

// The keys and words that what is told and what is seen have in common, so that both make one event.
func deploymentKey(account, region, cluster, service, id string) string {
	return integration.Line(fmt.Sprintf("ecs/%s/%s/%s/%s/%s", account, region, last(cluster), last(service), id))
}

func rollbackKey(deployment string) string { return integration.Line("rollback/" + deployment) }

func functionKey(account, region, function, what string) string {
	return integration.Line(fmt.Sprintf("lambda/%s/%s/%s/%s", account, region, function, what))
}

func activityKey(account, region, id string) string {
	return integration.Line(fmt.Sprintf("autoscaling/%s/%s/%s", account, region, id))
}

// story joins what one source tells and another sees, where their keys are the same.
func story(key string) string { return "aws:" + key }

func deployedTitle(service string) string { return integration.Line("Deployed " + service + " by ECS") }

func pointedTitle(alias, function, version string) string {
	return integration.Line(fmt.Sprintf("Pointed %s of %s to version %s", cmp.Or(alias, "an alias"), function, cmp.Or(version, "as before")))
}

func sentTitle(share float64, alias, function, version string) string {
	return integration.Line(fmt.Sprintf("Sends %.4g %% of %s of %s to version %s", share, cmp.Or(alias, "an alias"), function, version))
}

// deployments are the steps of a deployment of ECS.
var deployments = map[string]change.Phase{
	"SERVICE_DEPLOYMENT_IN_PROGRESS": change.Started, "SERVICE_DEPLOYMENT_COMPLETED": change.Succeeded, "SERVICE_DEPLOYMENT_FAILED": change.Failed,
}

func (s *Source) deployment(p *envelope) (change.Event, string, error) {
	var v ecsDetail
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	cluster, service, err := p.service()
	phase, known := deployments[v.EventName]
	switch {
	case err != nil:
		return change.Event{}, "", err
	case v.DeploymentID == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field detail.deploymentId is missing")
	case !known:
		return change.Event{}, fmt.Sprintf("%q is no step of a deployment", integration.Clip(v.EventName)), nil
	}
	e := s.ecs(p, cluster, service)
	e.Key, e.Kind, e.Phase = p.deploymentKey(cluster, service, v.DeploymentID), "deploy", phase
	e.Title, e.Story = deployedTitle(service), story(e.Key)
	at := integration.At(v.UpdatedAt, p.Time)
	if phase == change.Started {
		e.StartedAt = at
	} else {
		e.EndedAt = at
	}
	if phase == change.Failed {
		e.Detail = integration.ClipDetail(v.Reason)
	}
	if phase == change.Started && strings.Contains(v.Reason, "rolling back") {
		// Its end is told as the end of the deployment that is gone back to.
		e.Kind, e.Phase, e.Title, e.Detail = "rollback", change.Succeeded, integration.Line("ECS rolls back "+service), integration.ClipDetail(v.Reason)
		e.Key = rollbackKey(e.Key)
		e.Actor = change.Actor{Type: change.ByAutomation, Name: "ECS circuit breaker"}
	}
	return e, "", nil
}

func (s *Source) action(p *envelope) (change.Event, string, error) {
	var v ecsDetail
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	cluster, service, err := p.service()
	if err != nil {
		return change.Event{}, "", err
	}
	e := s.ecs(p, cluster, service)
	e.Key, e.StartedAt, e.Actor = integration.Line("ecs-action/"+p.ID), integration.At(p.Time), change.Actor{Type: change.ByAutomation, Name: "ECS"}
	switch {
	case v.EventName == "SERVICE_DESIRED_COUNT_UPDATED":
		e.Kind, e.Title = "scaling", integration.Line("Scaled "+service)
		if v.DesiredCount != nil {
			e.Diff = []change.Diff{{Field: "desiredCount", New: strconv.FormatInt(*v.DesiredCount, 10)}}
		}
	case v.EventType == "WARN" || v.EventType == "ERROR":
		e.Kind = "alert"
		e.Title = integration.Line(service + ": " + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(v.EventName, "SERVICE_"), "_", " ")))
		e.Detail = integration.ClipDetail(v.Reason)
		integration.Label(&e, "severity", strings.ToLower(v.EventType))
	default:
		return e, fmt.Sprintf("%q is nothing that changed or went wrong", integration.Clip(v.EventName)), nil
	}
	return e, "", nil
}

// codeDeployStates are the states of a deployment of CodeDeploy.
var codeDeployStates = map[string]change.Phase{
	"START": change.Started, "READY": change.Started, "SUCCESS": change.Succeeded, "FAILURE": change.Failed, "STOP": change.Cancelled,
}

func (s *Source) codeDeploy(p *envelope) (change.Event, string, error) {
	var v codeDeployDetail
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	return s.codeDeployed(p, &v)
}

func (s *Source) codeDeployed(p *envelope, v *codeDeployDetail) (change.Event, string, error) {
	phase, known := codeDeployStates[v.State]
	switch {
	case v.Application == "" || v.DeploymentID == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field detail.application or detail.deploymentId is missing")
	case !known:
		return change.Event{}, fmt.Sprintf("%q is no state that is mapped", integration.Clip(v.State)), nil
	}
	e := change.Event{
		Key:  integration.Line(fmt.Sprintf("codedeploy/%s/%s/%s", p.Account, p.Region, v.DeploymentID)),
		Kind: "deploy", Phase: phase, Title: integration.Line(fmt.Sprintf("Deployed %s to %s by CodeDeploy", v.Application, cmp.Or(v.DeploymentGroup, "a group"))),
		Environment: s.config.EnvironmentAt(v.DeploymentGroup, p.Account), Actor: change.Actor{Type: change.ByUnknown, Via: "CodeDeploy"},
		Subjects: []change.Subject{s.config.Subject("aws", "codedeploy/"+v.Application, v.Application)},
		Labels:   integration.Labels(map[string]string{"deployment": v.DeploymentID, "deployment_group": v.DeploymentGroup}),
	}
	if phase == change.Started {
		e.StartedAt = integration.At(p.Time)
	} else {
		e.EndedAt = integration.At(p.Time)
	}
	return e, "", nil
}

func (s *Source) scaling(p *envelope) (change.Event, string, error) {
	var v scalingDetail
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	if v.Group == "" || v.ActivityID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field detail.AutoScalingGroupName or detail.ActivityId is missing")
	}
	verb := "Launched an instance in "
	if strings.Contains(p.DetailType, "Terminate") {
		verb = "Terminated an instance in "
	}
	e := change.Event{
		Key:  activityKey(p.Account, p.Region, v.ActivityID),
		Kind: "scaling", Phase: change.Succeeded, Title: integration.Line(verb + v.Group), Detail: integration.ClipDetail(v.Cause),
		Environment: s.config.EnvironmentAt(v.Group, p.Account), Actor: change.Actor{Type: change.ByAutomation, Name: "Auto Scaling"},
		StartedAt: integration.At(v.StartTime, p.Time),
		Subjects:  []change.Subject{s.config.Subject("aws", "autoscaling/"+v.Group, v.Group)},
		Labels:    integration.Labels(map[string]string{"instance": v.Instance}),
	}
	if end := integration.At(v.EndTime, p.Time); !end.Before(e.StartedAt) {
		e.EndedAt = end
	}
	if strings.Contains(p.DetailType, "Unsuccessful") {
		e.Phase = change.Failed
	}
	if decided, at := decision(v.Cause); decided {
		// All instances that one decision brings are of one story.
		e.Story = story(decisionKey(p.Account, p.Region, v.Group, at))
	}
	e.Actor = causeActor(v.Cause)
	return e, "", nil
}

var decisionFormat = regexp.MustCompile(`^At (\S+?) .*?chang(?:ing|ed) the desired capacity from (\d+) to (\d+)`)

// decision is when the capacity was decided on that an activity's cause tells of: "At 2026-11-22T04:02:00Z a user request …
// changing the desired capacity from 3 to 5. At …".
func decision(cause string) (found bool, at string) {
	part := decisionFormat.FindStringSubmatch(cause)
	if part == nil {
		return false, ""
	}
	return true, part[1]
}

func decisionKey(account, region, group, at string) string {
	return integration.Line(fmt.Sprintf("autoscaling/%s/%s/%s/%s", account, region, group, at))
}

// causeActor is who an activity is due to: somebody whom AWS does not name here, or Auto Scaling itself.
func causeActor(cause string) change.Actor {
	if strings.Contains(cause, "user request") && !strings.Contains(cause, "executed policy") {
		return change.Actor{Type: change.ByUnknown, Via: "Auto Scaling"}
	}
	return change.Actor{Type: change.ByAutomation, Name: "Auto Scaling"}
}

// call reads what somebody asked of AWS, by CloudTrail.
func (s *Source) call(p *envelope) (change.Event, string, error) {
	var v call
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	// Lambda's names end with a date: UpdateFunctionCode20150331v2.
	name := v.EventName
	if v.EventSource == "lambda.amazonaws.com" {
		name = strings.TrimRight(strings.TrimSuffix(name, "v2"), "0123456789")
	}
	asked, known := map[string]func(*envelope, *call, string) (change.Event, string, error){
		"ecs.amazonaws.com UpdateService": s.updateService, "lambda.amazonaws.com UpdateFunctionCode": s.lambda,
		"lambda.amazonaws.com UpdateFunctionConfiguration": s.lambda, "lambda.amazonaws.com PublishVersion": s.lambda, "lambda.amazonaws.com UpdateAlias": s.lambda,
	}[v.EventSource+" "+name]
	switch {
	case !known:
		return change.Event{}, fmt.Sprintf("the call %q of %q is none that is mapped", integration.Clip(v.EventName), integration.Clip(v.EventSource)), nil
	case v.ErrorCode != "":
		return change.Event{}, "the call was refused: nothing was changed", nil
	case v.EventID == "":
		v.EventID = p.ID
	}
	e, ignored, err := asked(p, &v, name)
	e.Key = cmp.Or(e.Key, integration.Line("call/"+v.EventID))
	e.StartedAt = integration.At(v.EventTime, p.Time)
	e.Actor = v.Identity.actor()
	return e, ignored, err
}

func (s *Source) updateService(p *envelope, v *call, _ string) (change.Event, string, error) {
	cluster, service := cmp.Or(v.Parameters.Cluster, "default"), v.Parameters.Service
	if service == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field detail.requestParameters.service is missing")
	}
	e := s.ecs(p, cluster, service)
	service = last(service)
	switch {
	case v.Parameters.TaskDefinition != "" || v.Parameters.Force:
		// Its version is what its image says, and not the number of the definition.
		e.Kind, e.Title = "deploy", deployedTitle(service)
		integration.Label(&e, "task_definition", integration.Line(last(cmp.Or(v.Parameters.TaskDefinition, v.Response.Service.TaskDefinition))))
		// It is the deployment of which ECS tells the end, where the answer names it.
		for _, deployment := range v.Response.Service.Deployments {
			if deployment.Status == "PRIMARY" && deployment.ID != "" {
				e.Key, e.Phase = p.deploymentKey(cluster, service, deployment.ID), change.Started
				e.Story = story(e.Key)
			}
		}
	case v.Parameters.DesiredCount != nil:
		e.Kind, e.Title = "scaling", integration.Line(fmt.Sprintf("Scaled %s to %d", service, *v.Parameters.DesiredCount))
		e.Diff = []change.Diff{{Field: "desiredCount", New: strconv.FormatInt(*v.Parameters.DesiredCount, 10)}}
	default:
		e.Kind, e.Title = "config", integration.Line("Changed the settings of "+service)
	}
	return e, "", nil
}

func (s *Source) lambda(p *envelope, v *call, name string) (change.Event, string, error) {
	function := v.Parameters.FunctionName
	if _, after, isARN := strings.Cut(function, ":function:"); isARN {
		function = after
	}
	function, _, _ = strings.Cut(function, ":")
	if function == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field detail.requestParameters.functionName is missing")
	}
	e := change.Event{
		Kind: "deploy", Environment: s.config.EnvironmentAt(v.Parameters.Name, p.Account),
		Subjects: []change.Subject{s.config.Subject("aws", "lambda/"+function, function)},
	}
	if v.Response.Version != "$LATEST" {
		e.Version = integration.Line(v.Response.Version)
	}
	if name == "UpdateFunctionCode" || name == "UpdateFunctionConfiguration" {
		if v.Response.LastModified != "" {
			e.Key = functionKey(p.Account, p.Region, function, v.Response.LastModified)
		}
	}
	switch name {
	case "UpdateFunctionConfiguration":
		e.Kind, e.Title, e.Version = "config", "Changed the settings of "+function, ""
	case "PublishVersion":
		e.Title = "Published version " + cmp.Or(e.Version, "of") + " of " + function
	case "UpdateAlias":
		alias := v.Parameters.Name
		e.Version = integration.Line(v.Parameters.FunctionVersion)
		e.Title = pointedTitle(alias, function, e.Version)
		if v.Response.Revision != "" {
			e.Key = functionKey(p.Account, p.Region, function, "alias/"+alias+"/"+v.Response.Revision)
		}
		for version, share := range v.Parameters.Routing.Weights {
			if share = min(max(share*100, 0), 100); len(v.Parameters.Routing.Weights) == 1 { // AWS knows two versions of an alias
				e.Kind, e.Version, e.Exposure, e.Title = "traffic", integration.Line(version), &share, sentTitle(share, alias, function, version)
			}
		}
		integration.Label(&e, "alias", integration.Line(alias))
	default:
		e.Title = codeTitle(function)
	}
	e.Title = integration.Line(e.Title)
	if e.Key != "" {
		e.Story = story(e.Key)
	}
	return e, "", nil
}

func codeTitle(function string) string { return integration.Line("Deployed the code of " + function) }

// actor is who called: a role is taken on by people and programs, and only a session that is named by an address tells.
func (i *identity) actor() change.Actor {
	a := change.Actor{Type: change.ByUnknown, Via: "AWS"}
	_, path, _ := strings.Cut(i.ARN, "/")
	role, session, isRole := strings.Cut(path, "/")
	switch {
	case i.InvokedBy != "" || i.Type == "AWSService":
		a.Type, a.Name = change.ByAutomation, cmp.Or(i.InvokedBy, "AWS")
	case isRole && strings.Contains(session, "@"):
		a.Type, a.Name = change.ByPerson, session
	case isRole:
		a.Name = role + "/" + session
	default:
		a.Name = cmp.Or(i.UserName, path, strings.ToLower(i.Type))
	}
	a.Name = integration.Line(a.Name)
	return a
}

// last is the name at the end of an ARN, or of nothing but a name.
func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// seconds is a time that is given as seconds in a text: "1446744188.595". Zero for what is none.
func seconds(text string) time.Time {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n <= 0 || n > math.MaxInt32*4 {
		return time.Time{}
	}
	return integration.At(time.UnixMilli(int64(n * 1000)))
}

// console is an address of the console of AWS.
func console(region, path, fragment string) string {
	if region == "" {
		return ""
	}
	site := "console.aws.amazon.com"
	if strings.HasPrefix(region, "cn-") {
		site = "console.amazonaws.cn"
	}
	u := url.URL{Scheme: "https", Host: site, Path: "/" + path, RawQuery: url.Values{"region": {region}}.Encode(), Fragment: strings.TrimPrefix(fragment, "#")}
	return u.String()
}
