// Package statuspage maps what Atlassian Statuspage delivers to a webhook subscriber: incidents, maintenance that was planned,
// and the states of components.
//
// Upstream: "Enable webhook notifications" of the Statuspage support documentation,
// https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/.
package statuspage
