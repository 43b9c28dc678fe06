// Package launchdarkly maps the entries of LaunchDarkly's audit log as a webhook delivers them.
//
// Upstream: "Webhooks" and "Audit log" (get audit log entry) of the LaunchDarkly API documentation, API version 2, and "Using
// resources in role policies" for the names of resources. Kinds that are mapped: flag, segment, environment, project,
// experiment, holdout, metric.
package launchdarkly
