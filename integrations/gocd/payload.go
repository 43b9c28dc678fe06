package gocd

// payload is what is read of a notification. Counters are texts, and some plugins make numbers of them.
type payload struct {
	Pipeline struct {
		Name       string  `json:"name"`
		Group      string  `json:"group"`
		Label      string  `json:"label"`
		Counter    any     `json:"counter"`
		BuildCause []cause `json:"build-cause"`
		Stage      *stage  `json:"stage"`
	} `json:"pipeline"`
}

type cause struct {
	Changed  bool `json:"changed"`
	Material struct {
		Type string `json:"type"`
		Git  struct {
			URL    string `json:"url"`
			Branch string `json:"branch"`
		} `json:"git-configuration"`
	} `json:"material"`
	Modifications []struct {
		Revision string `json:"revision"`
	} `json:"modifications"`
}

type stage struct {
	Name           string `json:"name"`
	Counter        any    `json:"counter"`
	State          string `json:"state"`
	Result         string `json:"result"`
	ApprovedBy     string `json:"approved-by"` // "changes", "timer", or who did
	CreateTime     string `json:"create-time"`
	LastTransition string `json:"last-transition-time"`
}
