package aws

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
		Routing         struct {
			Weights map[string]float64 `json:"additionalVersionWeights"`
		} `json:"routingConfig"`
	} `json:"requestParameters"`
	Response struct {
		Version      string `json:"version"`
		LastModified string `json:"lastModified"`
		Revision     string `json:"revisionId"`
		Service      struct {
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

// trigger is the message of a trigger of CodeDeploy. Its times are seconds in a text.
type trigger struct {
	Region       string `json:"region"`
	Account      string `json:"accountId"`
	Application  string `json:"applicationName"`
	DeploymentID string `json:"deploymentId"`
	Group        string `json:"deploymentGroupName"`
	Instance     string `json:"instanceId"`
	CreatedAt    string `json:"createTime"`
	CompletedAt  string `json:"completeTime"`
	Status       string `json:"status"`
	Error        struct {
		Message string `json:"ErrorMessage"`
	} `json:"errorInformation"`
}

// groupNotification is the message of an Auto Scaling group; its other fields are those of scalingDetail.
type groupNotification struct {
	Event    string `json:"Event"`
	Account  string `json:"AccountId"`
	GroupARN string `json:"AutoScalingGroupARN"`
}

// alarmDetail is an alarm by EventBridge.
type alarmDetail struct {
	Name          string     `json:"alarmName"`
	State         alarmState `json:"state"`
	Previous      alarmState `json:"previousState"`
	Configuration struct {
		Description string `json:"description"`
		Metrics     []struct {
			Stat struct {
				Metric struct {
					Namespace  string            `json:"namespace"`
					Dimensions map[string]string `json:"dimensions"`
				} `json:"metric"`
			} `json:"metricStat"`
		} `json:"metrics"`
	} `json:"configuration"`
}

type alarmState struct {
	Value  string `json:"value"`
	Reason string `json:"reason"`
	At     string `json:"timestamp"` // 2019-10-02T17:04:40.985+0000
}

// alarmMessage is an alarm by SNS.
type alarmMessage struct {
	Name        string `json:"AlarmName"`
	ARN         string `json:"AlarmArn"`
	Description string `json:"AlarmDescription"`
	Account     string `json:"AWSAccountId"`
	State       string `json:"NewStateValue"`
	Before      string `json:"OldStateValue"`
	Reason      string `json:"NewStateReason"`
	At          string `json:"StateChangeTime"`
	Trigger     struct {
		Namespace  string          `json:"Namespace"`
		Dimensions json.RawMessage `json:"Dimensions"` // name and value
		Metrics    []struct {
			Stat struct {
				Metric struct {
					Namespace  string          `json:"Namespace"`
					Dimensions json.RawMessage `json:"Dimensions"`
				} `json:"Metric"`
			} `json:"MetricStat"`
		} `json:"Metrics"`
	} `json:"Trigger"`
}
