// Package eventbridge maps what AWS services tell Amazon EventBridge, as an API destination posts it.
//
// Upstream: "Amazon ECS events" (deployment state change, service action), "Monitoring deployments with Amazon CloudWatch
// Events" of CodeDeploy, "EventBridge event reference for Amazon EC2 Auto Scaling", and "CloudTrail record contents" with the
// calls UpdateService of ECS and UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion and UpdateAlias of Lambda.
package eventbridge
