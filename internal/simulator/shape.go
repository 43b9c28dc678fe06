package simulator

import "time"

// Shape is what sort of organisation it is. Shapes differ in names, tools, habits and physics, not in size alone.
type Shape struct {
	Name     string
	Services int
	Layers   int
	Teams    int
	// Hub is whether one service stands in the middle of everything.
	Hub bool
	// Resources is how many databases, caches and queues there are for one service.
	Resources float64
	// Regions are where it runs; with none, nobody speaks of regions. Clusters is how many there are in each.
	Regions  []string
	Clusters int
	Days     int
	// Changes is how many changes people make of a service in a day, on the average; Machines how many are made by
	// autoscalers, schedulers and the like; Beneath how many are made to a cluster.
	Changes, Machines, Beneath float64
	// Trains, Canaries and Stories are the shares of deploys that go from region to region, that go by steps, and of
	// which the merge and the build are told as well.
	Trains, Canaries, Stories float64
	// Described is the share of the dependencies that some descriptor has; Detailed how likely a tool tells a field.
	Described, Detailed float64
	// Watched is how likely what is hurt alerts; Worded how likely that alert names what is failing; Noise is how many
	// alerts a service has in a day that mean nothing.
	Watched, Worded, Noise float64
	// Pace multiplies how long harm takes.
	Pace float64
	// Incidents is how many troubles there are; Innocent the share of them that no change caused; Untold how likely one
	// kind of change is told by no tool.
	Incidents        int
	Innocent, Untold float64
	// Window is how far back the changes count that a person would have to look at.
	Window time.Duration
	// Tongue chooses the words of names and titles.
	Tongue int
	// Mix multiplies how often kinds of changes happen.
	Mix map[string]float64
	// Held is whether the shape is kept apart: weights are never chosen by it.
	Held bool
}

// Shapes lists all shapes: those that weights may be chosen by, and those that are kept apart.
func Shapes() []Shape {
	return []Shape{
		{
			Name: "microservices", Services: 60, Layers: 5, Teams: 9, Resources: 0.5, Regions: []string{"eu-west-1", "us-east-1"}, Clusters: 1, Days: 6,
			Changes: 1.2, Machines: 2, Beneath: 2, Trains: 0.5, Canaries: 0.35, Stories: 0.8, Described: 0.97, Detailed: 0.9,
			Watched: 0.7, Worded: 0.45, Noise: 0.15, Pace: 1, Incidents: 14, Innocent: 0.15, Untold: 0.2, Window: 24 * time.Hour, Tongue: 0,
		},
		{
			Name: "monolith", Services: 13, Layers: 3, Teams: 4, Hub: true, Resources: 0.7, Regions: []string{"fra1"}, Clusters: 1, Days: 8,
			Changes: 3, Machines: 2, Beneath: 1, Trains: 0, Canaries: 0.1, Stories: 0.5, Described: 1, Detailed: 0.7,
			Watched: 0.75, Worded: 0.4, Noise: 0.3, Pace: 1.3, Incidents: 12, Innocent: 0.15, Untold: 0.2, Window: 24 * time.Hour, Tongue: 1,
			Mix: map[string]float64{"flag": 2, "schema": 2},
		},
		{
			Name: "platform", Services: 40, Layers: 4, Teams: 7, Resources: 0.6, Regions: []string{"us-east-2", "us-west-2", "ap-south-1"}, Clusters: 2, Days: 6,
			Changes: 1, Machines: 3, Beneath: 5, Trains: 0.8, Canaries: 0.2, Stories: 0.6, Described: 0.9, Detailed: 0.95,
			Watched: 0.65, Worded: 0.3, Noise: 0.2, Pace: 1, Incidents: 12, Innocent: 0.15, Untold: 0.2, Window: 24 * time.Hour, Tongue: 2,
			Mix: map[string]float64{"infrastructure": 3, "traffic": 2, "secret": 2},
		},
		{
			Name: "busy", Services: 150, Layers: 6, Teams: 20, Resources: 0.4, Regions: []string{"eu1", "us1"}, Clusters: 2, Days: 3,
			Changes: 3, Machines: 8, Beneath: 4, Trains: 0.6, Canaries: 0.5, Stories: 0.9, Described: 0.95, Detailed: 0.9,
			Watched: 0.75, Worded: 0.5, Noise: 0.3, Pace: 0.8, Incidents: 14, Innocent: 0.15, Untold: 0.1, Window: 24 * time.Hour, Tongue: 3,
			Mix: map[string]float64{"flag": 1.5, "experiment": 2},
		},
		{
			Name: "small", Services: 8, Layers: 3, Teams: 2, Resources: 0.8, Clusters: 1, Days: 12,
			Changes: 3, Machines: 2, Beneath: 1.5, Trains: 0, Canaries: 0, Stories: 0.4, Described: 1, Detailed: 0.6,
			Watched: 0.7, Worded: 0.4, Noise: 0.3, Pace: 1.2, Incidents: 12, Innocent: 0.15, Untold: 0.2, Window: 24 * time.Hour, Tongue: 4, Held: true,
		},
		{
			Name: "bare", Services: 35, Layers: 4, Teams: 6, Resources: 0.3, Clusters: 1, Days: 6,
			Changes: 1.2, Machines: 1.5, Beneath: 1.5, Trains: 0.2, Canaries: 0.1, Stories: 0.3, Described: 0.75, Detailed: 0.25,
			Watched: 0.6, Worded: 0.35, Noise: 0.2, Pace: 1.1, Incidents: 12, Innocent: 0.15, Untold: 0.3, Window: 24 * time.Hour, Tongue: 5, Held: true,
		},
		{
			Name: "quiet", Services: 25, Layers: 4, Teams: 5, Resources: 0.5, Regions: []string{"north"}, Clusters: 1, Days: 42,
			Changes: 0.25, Machines: 0.5, Beneath: 0.4, Trains: 0, Canaries: 0.1, Stories: 0.6, Described: 0.95, Detailed: 0.8,
			Watched: 0.7, Worded: 0.4, Noise: 0.05, Pace: 2, Incidents: 12, Innocent: 0.2, Untold: 0.2, Window: 7 * 24 * time.Hour, Tongue: 6, Held: true,
		},
		{
			Name: "regions", Services: 70, Layers: 5, Teams: 12, Resources: 0.5, Regions: []string{"lon", "nyc", "sin", "syd"}, Clusters: 1, Days: 5,
			Changes: 1.6, Machines: 4, Beneath: 3, Trains: 0.9, Canaries: 0.4, Stories: 0.7, Described: 0.95, Detailed: 0.85,
			Watched: 0.65, Worded: 0.4, Noise: 0.25, Pace: 0.9, Incidents: 14, Innocent: 0.15, Untold: 0.15, Window: 24 * time.Hour, Tongue: 7, Held: true,
			Mix: map[string]float64{"config": 2, "traffic": 2},
		},
		{
			// A company of a hundred services and a hundred engineers. Its rates are guesses: three deploys of each engineer in a week, 60 on
			// a working day and 0.6 of each service, are a third of all that people change. One region and one cluster will do; its scaler
			// and its platform team are at work, and ten alerts a day mean nothing.
			Name: "hundred", Services: 100, Layers: 5, Teams: 16, Resources: 0.5, Clusters: 1, Days: 8,
			Changes: 1.8, Machines: 3, Beneath: 2, Trains: 0, Canaries: 0.25, Stories: 0.85, Described: 0.9, Detailed: 0.85,
			Watched: 0.75, Worded: 0.45, Noise: 0.1, Pace: 1, Incidents: 14, Innocent: 0.15, Untold: 0.15, Window: 24 * time.Hour, Tongue: 8, Held: true,
		},
	}
}
