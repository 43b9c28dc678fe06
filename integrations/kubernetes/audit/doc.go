// Package audit receives the audit of an API server, of which it keeps who wrote which object: never what is in it.
//
// Upstream: "Auditing" of the Kubernetes documentation, audit.k8s.io/v1 of k8s.io/apiserver, whose webhook backend
// delivers lists of events, gives up on an answer after 30 seconds, and tries each list five times.
//
// Only internal/cli/agent may import it.
package audit
