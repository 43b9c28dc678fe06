// Package flagsmith maps what Flagsmith posts to webhooks of an environment or of an organisation.
//
// Upstream: "Webhooks" of the Flagsmith documentation, and the sources of Flagsmith (api/webhooks, api/features/tasks.py,
// api/features/versioning/schemas.py). Events that are mapped: FLAG_UPDATED, FLAG_DELETED, NEW_VERSION_PUBLISHED.
package flagsmith
