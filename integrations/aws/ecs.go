package aws

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// definition is what is kept of a task definition.
type definition struct {
	containers []container
	resources  map[string]string
}

const ecsTarget = "AmazonEC2ContainerServiceV20141113."

func (p *place) ecs(ctx context.Context, operation string, body, into any) error {
	return p.json(ctx, "ecs", "ecs", ecsTarget+operation, body, into)
}

// describedAtOnce is how many services ECS describes in one request.
const describedAtOnce = 10

// seeECS looks at every service of every cluster.
func (p *place) seeECS(ctx context.Context, mark func(string) string, to observe.Sink) error {
	var clusters []string
	err := pages(ctx, func(token string) (string, error) {
		var answer listClusters
		err := p.ecs(ctx, "ListClusters", listRequest{MaxResults: 100, NextToken: token}, &answer)
		clusters = append(clusters, answer.ARNs...)
		return answer.Next, err
	})
	if err != nil {
		return err
	}
	used := map[string]bool{}
	scalings := map[string][]scaling{}
	if len(clusters) > 0 {
		scalings, err = p.scalings(ctx)
		p.trouble(to, "application-autoscaling", err) // who scaled is then not known
	}
	for _, cluster := range clusters {
		var services []string
		err := pages(ctx, func(token string) (string, error) {
			var answer listServices
			err := p.ecs(ctx, "ListServices", listRequest{Cluster: cluster, MaxResults: 100, NextToken: token}, &answer)
			services = append(services, answer.ARNs...)
			return answer.Next, err
		})
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(services, describedAtOnce) {
			var answer describeServices
			if err := p.ecs(ctx, "DescribeServices", map[string]any{"cluster": cluster, "services": batch}, &answer); err != nil {
				return err
			}
			for i := range answer.Services {
				wire := &answer.Services[i]
				if wire.ARN == "" || wire.Name == "" || wire.Status == "INACTIVE" {
					continue
				}
				described, err := p.definition(ctx, wire.Definition, mark)
				if err != nil {
					return err
				}
				used[wire.Definition] = true
				s := p.service(wire, described, scalings)
				if err := s.put(to, p.collection(lookECS)); err != nil {
					return err
				}
			}
		}
	}
	prune(p.definitions, used)
	return nil
}

// definition describes a task definition, once.
func (p *place) definition(ctx context.Context, arn string, mark func(string) string) (*definition, error) {
	if known := p.definitions[arn]; known != nil || arn == "" {
		return cmp.Or(known, &definition{}), nil
	}
	var answer describeDefinition
	if err := p.ecs(ctx, "DescribeTaskDefinition", map[string]any{"taskDefinition": arn}, &answer); err != nil {
		return nil, err
	}
	d := answer.Definition.read(mark)
	p.definitions[arn] = d
	return d, nil
}

// read keeps of a definition what is compared. Values of variables and commands leave it as fingerprints.
func (w *wireDefinition) read(mark func(string) string) *definition {
	d := &definition{resources: map[string]string{}}
	set := func(into map[string]string, name, value string) {
		if value != "" && value != "0" {
			into[name] = integration.Line(value)
		}
	}
	set(d.resources, "cpu", w.CPU)
	set(d.resources, "memory", w.Memory)
	set(d.resources, "task_role", last(w.TaskRole))
	for _, c := range w.Containers[:min(len(w.Containers), mostContainers)] {
		made := container{
			Name: integration.Line(c.Name), Image: integration.Line(c.Image), Essential: c.Essential == nil || *c.Essential,
			Resources: map[string]string{}, Environment: map[string]string{},
		}
		set(made.Resources, "cpu", strconv.Itoa(c.CPU))
		set(made.Resources, "memory", strconv.Itoa(c.Memory))
		set(made.Resources, "memory_reservation", strconv.Itoa(c.Reservation))
		if command := strings.Join(append(slices.Clone(c.EntryPoint), c.Command...), " "); command != "" {
			made.Command = mark(command)
		}
		for _, v := range c.Environment {
			if len(made.Environment) < mostVariables {
				made.Environment[integration.Line(v.Name)] = mark(v.Value)
			}
		}
		for _, v := range c.Secrets {
			if len(made.Environment) < mostVariables {
				made.Environment[integration.Line(v.Name)] = integration.Line("from " + v.From)
			}
		}
		d.containers = append(d.containers, made)
	}
	return d
}

// service is the state of one service.
func (p *place) service(w *wireService, d *definition, scalings map[string][]scaling) *state {
	cluster := last(w.Cluster)
	s := &state{
		ARN: integration.Line(w.ARN), Name: integration.Line(w.Name), Account: accountOf(w.ARN), Region: cmp.Or(regionOf(w.ARN), p.region), Cluster: integration.Line(cluster),
		Tags: p.tags[w.ARN], CreatedAt: w.CreatedAt.time(),
		Service: &service{
			Definition: integration.Line(last(w.Definition)), Containers: d.containers, Resources: d.resources,
			Desired: w.Desired, Running: w.Running, Pending: w.Pending, Scalings: scalings["service/"+cluster+"/"+w.Name],
		},
	}
	s.place(p.config, "ecs", cluster+"/"+w.Name, cluster, s.Account)
	for _, x := range w.Deployments {
		s.Service.Deployments = append(s.Service.Deployments, deployment{
			ID: integration.Line(x.ID), Status: integration.Line(x.Status), Definition: integration.Line(last(x.Definition)), Rollout: integration.Line(x.Rollout), Reason: integration.Line(x.Reason),
			Desired: x.Desired, Running: x.Running, Failed: x.Failed, CreatedAt: x.CreatedAt.time(), UpdatedAt: x.UpdatedAt.time(),
		})
	}
	all := s.Service.Deployments
	slices.SortStableFunc(all, func(a, b deployment) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	s.Service.Deployments = all[max(len(all)-mostDeployments, 0):]
	return s
}

// scalings are the last activities of Application Auto Scaling on services: one page, the newest.
func (p *place) scalings(ctx context.Context) (map[string][]scaling, error) {
	var answer scalingActivities
	err := p.json(ctx, "application-autoscaling", "application-autoscaling", "AnyScaleFrontendService.DescribeScalingActivities",
		map[string]any{"ServiceNamespace": "ecs", "MaxResults": 50}, &answer)
	if err != nil {
		return nil, err
	}
	found := map[string][]scaling{}
	for _, a := range slices.Backward(answer.Activities) {
		count, ok := strings.CutPrefix(strings.TrimSuffix(a.Description, "."), "Setting desired count to ")
		to, err := strconv.Atoi(count)
		if !ok || err != nil || a.Status == "Failed" {
			continue
		}
		list := append(found[a.Resource], scaling{ID: integration.Line(a.ID), To: to, Cause: integration.Line(a.Cause), At: a.StartedAt.time()})
		found[a.Resource] = list[max(len(list)-mostActivities, 0):]
	}
	return found, nil
}
