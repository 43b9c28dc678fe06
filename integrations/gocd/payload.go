package gocd

import "strings"

// payload is what is read of a notification. Counters are texts, and some plugins make numbers of them.
type payload struct {
	Pipeline pipeline `json:"pipeline"`
}

type pipeline struct {
	Name       string  `json:"name"`
	Group      string  `json:"group"`
	Label      string  `json:"label"`
	Counter    any     `json:"counter"`
	BuildCause []cause `json:"build-cause"`
	Stage      *stage  `json:"stage"`
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
	Modifications []modification `json:"modifications"`
}

type modification struct {
	Revision string `json:"revision"`
}

type stage struct {
	Name           string `json:"name"`
	Counter        any    `json:"counter"`
	State          string `json:"state"`
	ApprovedBy     string `json:"approved-by"` // "changes", "timer", or who did
	CreateTime     string `json:"create-time"`
	LastTransition string `json:"last-transition-time"`
}

// dashboard is which pipelines the token sees. It is empty while the server loads it.
type dashboard struct {
	Embedded *struct {
		Groups []struct {
			Name      string   `json:"name"`
			Pipelines []string `json:"pipelines"`
		} `json:"pipeline_groups"`
	} `json:"_embedded"`
}

// history is a page of the runs of a pipeline, the newest first.
type history struct {
	Links struct {
		Next struct {
			Address string `json:"href"`
		} `json:"next"`
	} `json:"_links"`
	Runs []run `json:"pipelines"`
}

type run struct {
	Counter    any    `json:"counter"`
	Label      string `json:"label"`
	Scheduled  int64  `json:"scheduled_date"` // milliseconds; none before its first stage
	BuildCause struct {
		Revisions []revision `json:"material_revisions"`
	} `json:"build_cause"`
	Stages []struct {
		Name       string `json:"name"`
		Counter    any    `json:"counter"`
		Status     string `json:"status"` // the documentation has the result alone
		Result     string `json:"result"`
		ApprovedBy string `json:"approved_by"`
	} `json:"stages"`
}

type revision struct {
	Changed  bool `json:"changed"`
	Material struct {
		Type        string `json:"type"`
		Description string `json:"description"` // "URL: https://github.com/acme/payments.git, Branch: main"
	} `json:"material"`
	Modifications []modification `json:"modifications"`
}

// cause is the same, as a notification has it.
func (r *revision) cause() cause {
	c := cause{Changed: r.Changed, Modifications: r.Modifications}
	c.Material.Type = r.Material.Type
	if described, ok := strings.CutPrefix(r.Material.Description, "URL: "); ok {
		c.Material.Git.URL, c.Material.Git.Branch, _ = strings.Cut(described, ", Branch: ")
	}
	return c
}

// instance is what only a stage itself says of it: its times, in milliseconds.
type instance struct {
	Scheduled      int64 `json:"scheduled_at"`
	LastTransition int64 `json:"last_transitioned_time"`
}
