// Package alertmanager maps what Prometheus Alertmanager delivers to a webhook receiver: one event for each life of an alert.
//
// Upstream: "<webhook_config>" of the Alertmanager documentation, version 4 of the body, Alertmanager 0.25.
package alertmanager
