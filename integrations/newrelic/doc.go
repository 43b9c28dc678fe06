// Package newrelic maps what a workflow of New Relic delivers to a webhook destination, in the template that this package has.
//
// Upstream: "Workflow variables" (the states of an issue, its times, the trigger events), "Alerts notification integrations" (webhook:
// authorization, payload, test notification; the template for xMatters, which tells how an acknowledgement is told) and "Message
// templates" of the New Relic documentation, https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/.
package newrelic
