// Package buildkite maps what Buildkite delivers to a notification service of the kind webhook: builds that are scheduled,
// running and finished.
//
// Upstream: "Webhooks overview", "Build events" and "Builds API" of the Buildkite documentation.
package buildkite
