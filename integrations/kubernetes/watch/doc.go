// Package watch looks at a cluster for the agent: it fetches the objects, strips them at once to the few fields that are
// needed, and composes the states of package kubernetes from them.
//
// Whole objects live no longer than it takes to read them off the wire: values of environment variables, ConfigMaps and
// Secrets become keyed fingerprints there. Everything after that happens in one goroutine, in the order in which the API
// server told it. Requests are get, list and watch only; after the first lists, watches.
//
// Upstream: client-go's reflector does paging, bookmarks, and the new list after an expired watch. What a rollout's
// conditions mean is told as kubectl rollout status tells it. Only internal/agent, internal/cli/agent may import it.
package watch
