// Package gitlab maps what GitLab delivers to a webhook of a project or a group.
//
// Upstream: "Webhook events" and "Webhooks" of the GitLab documentation, GitLab 16 to 19. Events that are mapped: deployment,
// pipeline, merge_request, push, release, feature_flag.
package gitlab
