// Package bitbucket maps what Bitbucket Cloud delivers to a webhook of a repository or a workspace.
//
// Upstream: "Event payloads", "Manage webhooks" and "Troubleshoot webhooks" of the Bitbucket Cloud documentation. Events that are
// mapped: repo:push, repo:commit_status_created, repo:commit_status_updated, pullrequest:fulfilled. Bitbucket Cloud delivers
// nothing of deployments. Bitbucket Data Center has other events and is not read.
package bitbucket
