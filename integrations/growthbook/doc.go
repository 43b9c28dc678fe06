// Package growthbook maps what GrowthBook posts to event webhooks.
//
// Upstream: "Event Webhooks" and "Webhooks Events" of the GrowthBook documentation, and its sources
// (back-end/src/events: base-types, handlers/webhooks/EventWebHookNotifier; back-end/src/models/EventModel: milliseconds). Events that are mapped: feature.* and experiment.* that change something, and safe rollouts that fail.
package growthbook
