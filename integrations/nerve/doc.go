// Package nerve looks at services that announce themselves in ZooKeeper as SmartStack's nerve does: an ephemeral
// sequential node for each instance, below a path for each service. What differs from look to look package fleet tells.
//
// Upstream: the reporter for ZooKeeper of airbnb/nerve: nodes are PATH/NAME_SEQUENCE, their data {"host", "port", "name",
// "weight", "labels"}. Imports: fault, integration and what is below it, observe, and ZooKeeper's client.
package nerve
