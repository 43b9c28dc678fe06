// Package statuspage maps what Atlassian Statuspage delivers to a webhook subscriber: incidents, maintenance that was planned,
// and the states of components.
//
// Upstream: "Webhook notifications" of the Statuspage support documentation.
package statuspage
