// Package circleci maps what CircleCI delivers to a webhook of a project: workflows and jobs that are done.
//
// Upstream: "Outbound webhooks" (headers, signature v1, statuses) and "Outbound webhooks reference" (the sample payloads) of the
// CircleCI documentation, https://circleci.com/docs/reference/outbound-webhooks-reference/. Events that are mapped:
// workflow-completed, and job-completed of the jobs that deploy.
package circleci
