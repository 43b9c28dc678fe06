// Package sentry maps what an internal integration of Sentry delivers: metric alerts, issue alerts and issues.
//
// Upstream: "Webhooks" of the integration platform in the Sentry documentation (metric alerts, issue alerts, issues),
// https://docs.sentry.io/integrations/integration-platform/webhooks/.
package sentry
