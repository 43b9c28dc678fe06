// Package github maps what GitHub delivers to a webhook of a repository or an organisation, and what its REST API tells of
// the same things.
//
// Upstream: "Webhook events and payloads" and "Validating webhook deliveries" of the GitHub documentation; "Deployments",
// "Workflow runs", "Pulls", "Commits", "Releases" and "Repository webhooks" of its REST API, version 2022-11-28. Events that are mapped:
// deployment, deployment_status, workflow_run, pull_request, push, release.
package github
