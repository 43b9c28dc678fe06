// Package newrelic maps what a workflow of New Relic delivers to a webhook destination, in the template that this package has.
//
// Upstream: "Workflows", "Notification integrations: webhook" and "Message templates" of the New Relic documentation.
package newrelic
