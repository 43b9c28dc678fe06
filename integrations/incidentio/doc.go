// Package incidentio maps what incident.io delivers to a webhook: one event for each public incident.
//
// Upstream: "Webhooks" of the incident.io API reference, events public_incident.*_v2, https://docs.incident.io/integrations/webhooks
// (Svix: answers, retries, disabling), and the categories and modes of "Incidents V2" as its Terraform provider has them.
package incidentio
