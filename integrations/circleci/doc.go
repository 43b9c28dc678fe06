// Package circleci maps what CircleCI delivers to a webhook of a project: workflows and jobs that are done.
//
// Upstream: "Outbound webhooks" and "Outbound webhooks reference" of the CircleCI documentation, webhook version 1. Events
// that are mapped: workflow-completed, and job-completed of the jobs that deploy.
package circleci
