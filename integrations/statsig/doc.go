// Package statsig maps the configuration changes that Statsig posts to its Generic Webhook.
//
// Upstream: "Event Webhook", sections Outgoing, Config Change webhooks and Webhook signature, of the Statsig documentation,
// https://docs.statsig.com/integrations/event_webhook.
package statsig
