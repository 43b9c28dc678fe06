// Package spinnaker maps what Spinnaker's echo sends to a REST endpoint: pipelines that start, complete and fail.
//
// Upstream: "Add a webhook to Spinnaker: echo events" of the Spinnaker documentation, the sources of echo-rest
// (RestEventListener, RestProperties) and of orca (PipelineExecution, Trigger, StageExecution), Spinnaker 1.30 and later.
package spinnaker
