package kubernetes

import (
	"encoding/json"
	"fmt"
	"slices"

	"tidings.dev/tidings/observe"
)

// Running tells what a workload runs just now.
func (Interpreter) Running(scope observe.Scope, state json.RawMessage) (observe.Running, bool) {
	var w Workload
	if json.Unmarshal(state, &w) != nil || !slices.Contains(workloadKinds, w.Kind) {
		return observe.Running{}, false
	}
	main := mainContainer(w.Template.Containers, w.names()...)
	r := observe.Running{
		Kind: w.Kind, Group: w.Namespace, Name: w.Name,
		Environment: w.environment(scope), Cluster: scope.Cluster, Region: scope.Region,
		Ready: int(w.Rollout.Ready), Updated: int(w.Rollout.Updated),
		Phase: w.Rollout.Phase, Hosts: w.Hosts, Schedule: w.Schedule, Stopped: w.Suspended,
		CreatedAt: w.CreatedAt, ChangedAt: w.Rollout.ChangedAt,
	}
	r.Version, r.Commit = w.versionOf(main)
	if w.Schedule != "" && w.TimeZone != "" {
		r.Schedule += " " + w.TimeZone
	}
	if w.Rollout.Phase != Complete {
		r.Message = w.Rollout.Message
	}
	if w.Replicas != nil {
		asked := int(*w.Replicas)
		r.Asked, r.Stopped = &asked, r.Stopped || asked == 0
	}
	if a := w.Autoscaler; a != nil {
		r.Least, r.Most = int(a.Min), int(a.Max)
	}
	if w.Rollout.Weight != nil {
		exposure := float64(*w.Rollout.Weight)
		r.Exposure = &exposure
	}
	for i, c := range w.Template.Containers {
		if c.Init {
			continue
		}
		image := observe.Image{Container: c.Name, Image: c.Image, Version: parseImage(c.Image).version()}
		if i == main {
			r.Images = slices.Insert(r.Images, 0, image)
			continue
		}
		r.Images = append(r.Images, image)
	}
	for _, t := range w.Troubles {
		sentence := t.sentence(w.Name)
		if t.Message != "" {
			sentence = fmt.Sprintf("%s: %s", sentence, t.Message)
		}
		r.Troubles = append(r.Troubles, sentence)
	}
	return r, true
}

// workloadKinds are the kinds that run something.
var workloadKinds = []string{"Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Rollout"}
