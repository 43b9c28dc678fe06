// Package aws maps what services of AWS tell: as events of Amazon EventBridge, posted by an API destination, and as messages of
// Amazon SNS, posted to a subscription. It looks at AWS as well: at services of ECS, functions of Lambda and Auto Scaling groups,
// by the APIs that answer.go names. What is told and what is seen of one thing has one key.
//
// Upstream: "Amazon ECS events" (deployment state change, service action), "Monitoring deployments with Amazon CloudWatch
// Events" and "JSON data formats for CodeDeploy triggers" of CodeDeploy, "EventBridge event reference" and "Amazon SNS
// notifications" of Amazon EC2 Auto Scaling, "Alarm events and EventBridge" of CloudWatch, "CloudTrail record contents" with the
// calls UpdateService of ECS and UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion and UpdateAlias of Lambda, and
// "Verifying the signatures of Amazon SNS messages".
package aws
