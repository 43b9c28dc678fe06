// Package grafana maps what Grafana Alerting delivers to a webhook contact point: one event for each life of an alert.
//
// Upstream: "Configure webhook notifications" of the Grafana documentation, Grafana 12; the alerts are in the form of
// Alertmanager's groups.
package grafana
