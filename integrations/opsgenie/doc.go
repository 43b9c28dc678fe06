// Package opsgenie maps what Opsgenie's webhook integration delivers: one event for each alert.
//
// Upstream: "Webhook Integration" (custom headers; description and details come with Create and custom actions alone) and "Alert
// action data" (the bodies) of the Opsgenie documentation, https://docs.opsgenie.com/docs/marid-alert-action-data.
package opsgenie
