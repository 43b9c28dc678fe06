// Package incidentio maps what incident.io delivers to a webhook: one event for each public incident.
//
// Upstream: "Webhooks" of the incident.io API reference, events public_incident.*_v2.
package incidentio
