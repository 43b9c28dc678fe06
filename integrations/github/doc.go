// Package github maps what GitHub delivers to a webhook of a repository or an organisation.
//
// Upstream: "Webhook events and payloads" and "Validating webhook deliveries" of the GitHub documentation, REST API version
// 2022-11-28. Events that are mapped: deployment, deployment_status, workflow_run, pull_request, push, release.
package github
