// Package grafana maps what Grafana Alerting delivers to a webhook contact point: one event for each life of an alert.
//
// Upstream: "Configure webhook notifications" of the Grafana documentation, Grafana 12, and the sources of Grafana Alerting
// (receivers/webhook/v1 and http/hmac.go: hexadecimal HMAC-SHA256 of the body, or of the time in seconds, a colon and the body); the
// alerts are in the form of Alertmanager's groups.
package grafana
