// Package consul looks at the services that are registered in Consul: which there are, how many instances each has, what
// they run, and whether they pass their checks. What differs from look to look package fleet tells.
//
// Upstream: "Catalog HTTP API" (list services) and "Health HTTP API" (list service instances) of Consul's documentation.
// Imports: fault, integration and what is below it, observe.
package consul
