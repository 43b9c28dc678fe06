package eventbridge

import (
	"encoding/json"
	"time"
)

// envelope is around every event.
type envelope struct {
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Region     string          `json:"region"`
	Time       time.Time       `json:"time"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

type ecsDetail struct {
	EventType    string    `json:"eventType"` // INFO, WARN, ERROR
	EventName    string    `json:"eventName"`
	DeploymentID string    `json:"deploymentId"`
	UpdatedAt    time.Time `json:"updatedAt"`
	CreatedAt    time.Time `json:"createdAt"`
	Reason       string    `json:"reason"`
	DesiredCount *int64    `json:"desiredCount"`
}

type codeDeployDetail struct {
	Application     string `json:"application"`
	DeploymentID    string `json:"deploymentId"`
	DeploymentGroup string `json:"deploymentGroup"`
	State           string `json:"state"`
}

type scalingDetail struct {
	Group      string    `json:"AutoScalingGroupName"`
	ActivityID string    `json:"ActivityId"`
	Instance   string    `json:"EC2InstanceId"`
	StartTime  time.Time `json:"StartTime"`
	EndTime    time.Time `json:"EndTime"`
	Cause      string    `json:"Cause"`
}

// call is a record of CloudTrail. Of its parameters only these are read: those of Lambda hold variables with secrets.
type call struct {
	EventID     string    `json:"eventID"`
	EventName   string    `json:"eventName"`
	EventSource string    `json:"eventSource"`
	EventTime   time.Time `json:"eventTime"`
	ErrorCode   string    `json:"errorCode"`
	Identity    identity  `json:"userIdentity"`
	Parameters  struct {
		Cluster         string `json:"cluster"`
		Service         string `json:"service"`
		TaskDefinition  string `json:"taskDefinition"`
		DesiredCount    *int64 `json:"desiredCount"`
		Force           bool   `json:"forceNewDeployment"`
		FunctionName    string `json:"functionName"`
		FunctionVersion string `json:"functionVersion"`
		Name            string `json:"name"` // of an alias
	} `json:"requestParameters"`
	Response struct {
		Version string `json:"version"`
		Service struct {
			TaskDefinition string `json:"taskDefinition"`
			Deployments    []struct {
				ID     string `json:"id"`
				Status string `json:"status"`
			} `json:"deployments"`
		} `json:"service"`
	} `json:"responseElements"`
}

type identity struct {
	Type      string `json:"type"`
	ARN       string `json:"arn"`
	UserName  string `json:"userName"`
	InvokedBy string `json:"invokedBy"`
}
