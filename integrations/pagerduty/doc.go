// Package pagerduty maps what PagerDuty delivers to a webhook subscription, and takes PagerDuty's own change events from
// whoever sends them.
//
// Upstream: "Webhooks V3" (Overview, Behavior, Verifying Signatures) and "Send a Change Event" (Events API v2) of PagerDuty's
// developer documentation; "List on-calls", "List services" and "List incidents" of its REST API v2. Events that are mapped:
// incident.* whose data is the incident, service.*, and change events.
package pagerduty
