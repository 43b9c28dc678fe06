// Package launchdarkly maps the entries of LaunchDarkly's audit log, as a webhook delivers them and as its REST API lists
// them.
//
// Upstream: "Webhooks", "Audit log" (list and get audit log entries) and "Rate limiting" of the LaunchDarkly API
// documentation, API version 2, and "Using resources in role policies" for the names of resources. Kinds that are mapped:
// flag, segment, environment, project, experiment, holdout, metric.
package launchdarkly
