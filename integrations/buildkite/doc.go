// Package buildkite maps what Buildkite delivers to a notification service of the kind webhook: builds that are scheduled,
// running, finished and skipped.
//
// Upstream: "Pipelines webhooks" (HTTP headers, token, signature, replay attacks), "Build webhook events", "Ping events", "Build
// states" and "Builds API" of the Buildkite documentation (https://buildkite.com/docs/apis/webhooks/pipelines).
package buildkite
