// Package unleash maps the events of Unleash as its webhook integration posts them.
//
// Upstream: "Webhook" (integrations) and "Event types" of the Unleash documentation, and the sources of unleash-server 7.5.1
// (lib/addons/webhook, lib/events), with the default body. The test of package daemon runs against a real one.
package unleash
