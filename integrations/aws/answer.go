package aws

import (
	"encoding/json"
	"math"
	"time"

	"tidings.dev/tidings/integration"
)

// Answers of the APIs, with the fields that are read. Upstream: "Amazon ECS API Reference", "AWS Lambda API Reference", "Amazon
// EC2 Auto Scaling API Reference", "Application Auto Scaling API Reference", "Resource Groups Tagging API Reference".

// epoch is a time of JSON 1.1: seconds since 1970, with a fraction.
type epoch float64

func (e *epoch) UnmarshalJSON(text []byte) error {
	var n float64
	if json.Unmarshal(text, &n) == nil {
		*e = epoch(n)
	}
	return nil // a time that cannot be read is none
}

func (e epoch) time() time.Time {
	if e <= 0 || e > math.MaxInt32*4 {
		return time.Time{}
	}
	return integration.At(time.UnixMilli(int64(math.Round(float64(e) * 1000))))
}

type listRequest struct {
	Cluster    string `json:"cluster,omitempty"`
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken,omitempty"`
}

type listClusters struct {
	ARNs []string `json:"clusterArns"`
	Next string   `json:"nextToken"`
}

type listServices struct {
	ARNs []string `json:"serviceArns"`
	Next string   `json:"nextToken"`
}

type describeServices struct {
	Services []wireService `json:"services"`
}

type wireService struct {
	ARN         string `json:"serviceArn"`
	Name        string `json:"serviceName"`
	Cluster     string `json:"clusterArn"`
	Status      string `json:"status"`
	Definition  string `json:"taskDefinition"`
	Desired     int    `json:"desiredCount"`
	Running     int    `json:"runningCount"`
	Pending     int    `json:"pendingCount"`
	CreatedAt   epoch  `json:"createdAt"`
	Deployments []struct {
		ID         string `json:"id"`
		Status     string `json:"status"`
		Definition string `json:"taskDefinition"`
		Rollout    string `json:"rolloutState"`
		Reason     string `json:"rolloutStateReason"`
		Desired    int    `json:"desiredCount"`
		Running    int    `json:"runningCount"`
		Failed     int    `json:"failedTasks"`
		CreatedAt  epoch  `json:"createdAt"`
		UpdatedAt  epoch  `json:"updatedAt"`
	} `json:"deployments"`
}

type describeDefinition struct {
	Definition wireDefinition `json:"taskDefinition"`
}

type wireDefinition struct {
	CPU        string `json:"cpu"`
	Memory     string `json:"memory"`
	TaskRole   string `json:"taskRoleArn"`
	Containers []struct {
		Name        string   `json:"name"`
		Image       string   `json:"image"`
		CPU         int      `json:"cpu"`
		Memory      int      `json:"memory"`
		Reservation int      `json:"memoryReservation"`
		Essential   *bool    `json:"essential"`
		EntryPoint  []string `json:"entryPoint"`
		Command     []string `json:"command"`
		Environment []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"environment"`
		Secrets []struct {
			Name string `json:"name"`
			From string `json:"valueFrom"`
		} `json:"secrets"`
	} `json:"containerDefinitions"`
}

type scalingActivities struct {
	Activities []struct {
		ID          string `json:"ActivityId"`
		Resource    string `json:"ResourceId"`
		Description string `json:"Description"`
		Cause       string `json:"Cause"`
		Status      string `json:"StatusCode"`
		StartedAt   epoch  `json:"StartTime"`
	} `json:"ScalingActivities"`
}

type taggedResources struct {
	Next      string `json:"PaginationToken"`
	Resources []struct {
		ARN  string `json:"ResourceARN"`
		Tags []struct {
			Key   string `json:"Key"`
			Value string `json:"Value"`
		} `json:"Tags"`
	} `json:"ResourceTagMappingList"`
}

type listFunctions struct {
	Functions []wireFunction `json:"Functions"`
	Next      string         `json:"NextMarker"`
}

type wireFunction struct {
	ARN           string   `json:"FunctionArn"`
	Name          string   `json:"FunctionName"`
	Code          string   `json:"CodeSha256"`
	Modified      string   `json:"LastModified"`
	Runtime       string   `json:"Runtime"`
	Handler       string   `json:"Handler"`
	Memory        int      `json:"MemorySize"`
	Timeout       int      `json:"Timeout"`
	Role          string   `json:"Role"`
	Package       string   `json:"PackageType"`
	Architectures []string `json:"Architectures"`
	Layers        []struct {
		ARN string `json:"Arn"`
	} `json:"Layers"`
	Environment struct {
		Variables map[string]string `json:"Variables"`
	} `json:"Environment"`
	Storage struct {
		Size int `json:"Size"`
	} `json:"EphemeralStorage"`
	Network struct {
		Subnets []string `json:"SubnetIds"`
		Groups  []string `json:"SecurityGroupIds"`
	} `json:"VpcConfig"`
}

type listAliases struct {
	Aliases []struct {
		Name     string `json:"Name"`
		Version  string `json:"FunctionVersion"`
		Revision string `json:"RevisionId"`
		Routing  struct {
			Weights map[string]float64 `json:"AdditionalVersionWeights"`
		} `json:"RoutingConfig"`
	} `json:"Aliases"`
	Next string `json:"NextMarker"`
}

type describeGroups struct {
	Result struct {
		Groups []wireGroup `xml:"AutoScalingGroups>member"`
		Next   string      `xml:"NextToken"`
	} `xml:"DescribeAutoScalingGroupsResult"`
}

type wireGroup struct {
	ARN           string       `xml:"AutoScalingGroupARN"`
	Name          string       `xml:"AutoScalingGroupName"`
	Min           int          `xml:"MinSize"`
	Max           int          `xml:"MaxSize"`
	Desired       int          `xml:"DesiredCapacity"`
	HealthCheck   string       `xml:"HealthCheckType"`
	Configuration string       `xml:"LaunchConfigurationName"`
	Template      wireTemplate `xml:"LaunchTemplate"`
	Mixed         struct {
		Template wireTemplate `xml:"LaunchTemplate>LaunchTemplateSpecification"`
	} `xml:"MixedInstancesPolicy"`
	Zones     []string  `xml:"AvailabilityZones>member"`
	CreatedAt timeOfXML `xml:"CreatedTime"`
	Instances []struct {
		State  string `xml:"LifecycleState"`
		Health string `xml:"HealthStatus"`
	} `xml:"Instances>member"`
	Suspended []struct {
		Name string `xml:"ProcessName"`
	} `xml:"SuspendedProcesses>member"`
	Tags []struct {
		Key   string `xml:"Key"`
		Value string `xml:"Value"`
	} `xml:"Tags>member"`
}

type wireTemplate struct {
	ID      string `xml:"LaunchTemplateId"`
	Name    string `xml:"LaunchTemplateName"`
	Version string `xml:"Version"`
}

type describeActivities struct {
	Result struct {
		Activities []struct {
			ID          string    `xml:"ActivityId"`
			Group       string    `xml:"AutoScalingGroupName"`
			Description string    `xml:"Description"`
			Cause       string    `xml:"Cause"`
			Status      string    `xml:"StatusCode"`
			Message     string    `xml:"StatusMessage"`
			StartedAt   timeOfXML `xml:"StartTime"`
			EndedAt     timeOfXML `xml:"EndTime"`
		} `xml:"Activities>member"`
	} `xml:"DescribeScalingActivitiesResult"`
}

// timeOfXML is a time, or none where it cannot be read.
type timeOfXML struct{ time.Time }

func (t *timeOfXML) UnmarshalText(text []byte) error {
	t.Time = integration.ReadTime(string(text))
	return nil
}
