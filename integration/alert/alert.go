// Package alert reads groups of alerts in the form that Alertmanager gives them, which others send as well.
//
// Upstream: "<webhook_config>" of the Alertmanager documentation, version 4 of the body; "Configure webhook notifications"
// of the Grafana documentation. Imports: change, fault, integration and the standard library. Integrations import it.
package alert

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// MaxBody is the most bytes of one group. The tools know no bound of their own.
const MaxBody = 5 << 20

// Config is what sources of such alerts have in common. It is embedded inline.
type Config struct {
	integration.Hook    `yaml:",inline"`
	integration.Mapping `yaml:",inline"`
	// ServiceLabels are the labels that name the service: the first that an alert has counts. Without it they are service,
	// service_name, app, app_kubernetes_io_name, job and namespace.
	ServiceLabels []string `yaml:"service_labels"`
	// Environment is that of alerts without a label environment, env or stage.
	Environment string `yaml:"environment"`
	// Labels are those of the alerts that the events have beside the usual ones.
	Labels []string `yaml:"labels"`
}

// Asks are the settings, for a form; where says what the secret is in the tool.
func (c *Config) Asks(where string) []integration.Field {
	return integration.Fields(
		integration.HookFields(where),
		integration.MappingFields(integration.Known{Services: "the label that names the service", Service: "checkout-api", Environments: "the label environment or env", Environment: "prd"}),
		[]integration.Field{
			{Name: "service_labels", Title: "Labels that name the service", Type: integration.TypeList, Help: "The first that an alert has counts: " + strings.Join(serviceLabels, ", ") + " without it.", Example: "service"},
			{Name: "environment", Title: "Environment of alerts that name none", Type: integration.TypeText, Example: "production"},
			{Name: "labels", Title: "Further labels to keep", Type: integration.TypeList, Help: "Beside the usual ones; all others are dropped.", Example: "region"},
		},
	)
}

// Check names every fault of the configuration; where says what the secret is in the tool.
func (c *Config) Check(where string) []fault.Fault {
	var faults []fault.Fault
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with " + where})
	}
	return append(faults, c.Faults()...)
}

var (
	serviceLabels     = []string{"service", "service_name", "app", "app_kubernetes_io_name", "job", "namespace"}
	environmentLabels = []string{"environment", "env", "deployment_environment", "stage"}
	// usual are the labels that an event keeps: where and how bad. Others may hold anything.
	usual = []string{"alertname", "rulename", "severity", "priority", "urgency", "team", "service", "app", "job", "namespace", "instance", "node", "pod", "container", "grafana_folder"}
)

// Group is one notification.
type Group struct {
	Alerts    []Alert `json:"alerts"`
	Truncated int     `json:"truncatedAlerts"`
}

// Alert is one of a group, as it stands now.
type Alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // the year 1 while it fires
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
	// Of Grafana.
	DashboardURL string         `json:"dashboardURL"`
	PanelURL     string         `json:"panelURL"`
	Values       map[string]any `json:"values"`
}

// Decode makes an event of each alert of a group. The tool's name is the prefix of outside names, and its title the actor.
func (c *Config) Decode(body []byte, tool, title string) (integration.Decoded, error) {
	var group Group
	var out integration.Decoded
	if err := integration.ReadJSON(body, &group); err != nil {
		return out, err
	}
	if group.Alerts == nil {
		return out, fault.New(fault.Invalid, "the field alerts is missing: the body must be the tool's own, not one of a template")
	}
	if len(group.Alerts) == 0 {
		out.Ignored = "a group without alerts"
	}
	for i := range group.Alerts {
		e, err := c.event(&group.Alerts[i], tool, title)
		if err != nil {
			return integration.Decoded{}, fmt.Errorf("alerts[%d]: %w", i, err)
		}
		out.Events = append(out.Events, e)
	}
	return out, nil
}

// event is one life of an alert: from its start until it is resolved. Its next life has another start.
func (c *Config) event(a *Alert, tool, title string) (change.Event, error) {
	started := integration.At(a.StartsAt)
	name := integration.Line(cmp.Or(a.Labels["alertname"], "An alert"))
	if rule := a.Labels["rulename"]; rule != "" { // Grafana's alerts that there is no data, or an error
		name = integration.Line(rule + ": " + name)
	}
	e := change.Event{
		Kind: "alert", Phase: change.Started, StartedAt: started, Actor: change.Actor{Type: change.ByAutomation, Name: title},
		Title:   name,
		Region:  integration.Line(a.Labels["region"]),
		Cluster: integration.Line(cmp.Or(a.Labels["cluster"], a.Labels["k8s_cluster_name"])),
		Labels:  c.labels(a),
	}
	switch {
	case a.Fingerprint == "":
		return e, fault.New(fault.Invalid, "the field fingerprint is missing")
	case started.IsZero():
		return e, fault.New(fault.Invalid, "the field startsAt is missing")
	}
	switch a.Status {
	case "firing":
	case "resolved":
		e.Phase = change.Succeeded
		if e.EndedAt = integration.At(a.EndsAt); e.EndedAt.Before(started) {
			e.EndedAt = started
		}
	default:
		return e, fault.New(fault.Invalid, "the status %q is neither firing nor resolved", integration.Clip(a.Status))
	}
	e.Key = "alert/" + integration.Line(a.Fingerprint) + "/" + started.Format(time.RFC3339Nano)
	if summary := integration.Line(integration.FirstLine(a.Annotations["summary"])); summary != "" && !strings.EqualFold(summary, name) {
		e.Title += ": " + summary
	}
	e.Detail = integration.Paragraphs(cmp.Or(a.Annotations["description"], a.Annotations["message"]), values(a.Values))
	_, environment := first(a.Labels, environmentLabels)
	e.Environment = c.Mapping.Environment(cmp.Or(environment, c.Environment))
	e.Subjects = []change.Subject{c.subject(a, tool, name)}
	integration.Link(&e, "alert", "The rule", a.GeneratorURL)
	integration.Link(&e, "dashboard", "Panel", a.PanelURL)
	integration.Link(&e, "dashboard", "Dashboard", cmp.Or(a.DashboardURL, a.Annotations["dashboard_url"], a.Annotations["dashboard"]))
	integration.Link(&e, "runbook", "Runbook", cmp.Or(a.Annotations["runbook_url"], a.Annotations["runbook"]))
	return e, nil
}

// subject is what the alert says of the service; one that says nothing is about its rule.
func (c *Config) subject(a *Alert, tool, name string) change.Subject {
	labels := c.ServiceLabels
	if len(labels) == 0 {
		labels = serviceLabels
	}
	if label, value := first(a.Labels, labels); value != "" {
		return c.Subject(tool, label+":"+value, value)
	}
	return change.Subject{Name: integration.Line(tool + ":alert:" + name)}
}

func (c *Config) labels(a *Alert) map[string]string {
	kept := map[string]string{}
	for name, value := range a.Labels {
		if slices.Contains(usual, name) || slices.Contains(c.Labels, name) {
			kept[name] = value
		}
	}
	return integration.Labels(kept)
}

// values are the numbers that a rule of Grafana came to.
func values(measured map[string]any) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(measured)) {
		if number, ok := measured[name].(float64); ok && len(lines) < 20 {
			lines = append(lines, fmt.Sprintf("%s = %g", integration.Line(name), number))
		}
	}
	return strings.Join(lines, "  \n")
}

func first(labels map[string]string, names []string) (name, value string) {
	for _, name := range names {
		if value := labels[name]; value != "" {
			return name, value
		}
	}
	return "", ""
}
