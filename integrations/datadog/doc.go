// Package datadog maps what the webhooks integration of Datadog delivers for monitors, in the template that this package has.
//
// Upstream: "Webhooks" of the Datadog documentation, with its list of variables, https://docs.datadoghq.com/integrations/webhooks/.
package datadog
