// Package gitlab maps what GitLab delivers to a webhook of a project or a group, and what its REST API tells of the same
// things.
//
// Upstream: "Webhook events" and "Webhooks" of the GitLab documentation, GitLab 16 to 19; "Deployments", "Environments",
// "Pipelines", "Merge requests", "Project releases", "Projects" and "Groups" of its REST API, version 4. Events that are mapped:
// deployment, pipeline, merge_request, push, release, feature_flag; the API tells of all but the push and the flag.
package gitlab
