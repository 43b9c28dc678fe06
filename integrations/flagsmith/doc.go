// Package flagsmith maps what Flagsmith posts to webhooks of an environment or of an organisation.
//
// Upstream: "Environment Webhooks" and "Audit Logs" of the Flagsmith documentation, and the sources of Flagsmith
// (api/webhooks/webhooks.py, api/features/tasks.py, api/features/versioning/schemas.py). Events that are mapped: FLAG_UPDATED, FLAG_DELETED, NEW_VERSION_PUBLISHED.
package flagsmith
