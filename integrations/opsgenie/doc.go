// Package opsgenie maps what Opsgenie's webhook integration delivers: one event for each alert.
//
// Upstream: "Webhook integration" and "Alert action data" of the Opsgenie documentation.
package opsgenie
