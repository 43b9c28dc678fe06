package org

import (
	"time"

	"tidings.dev/tidings/change"
)

// telling is how one act is told.
type telling struct {
	kind, source, via string
	host              string // of its link
}

var tellings = [...]telling{
	merge:          {"merge", "github", "", "git"},
	build:          {"build", "github", "", "ci"},
	canary:         {"deploy", "argo-cd", "argo-cd", "argocd"},
	deploy:         {"deploy", "argo-cd", "argo-cd", "argocd"},
	rollback:       {"rollback", "argo-cd", "argo-cd", "argocd"},
	scaling:        {"scaling", "kubernetes", "", "k8s"},
	flag:           {"flag", "unleash", "", "flags"},
	config:         {"config", "argo-cd", "argo-cd", "git"},
	alert:          {"alert", "alertmanager", "", "alerts"},
	restart:        {"restart", "kubernetes", "", "k8s"},
	infrastructure: {"infrastructure", "atlantis", "atlantis", "git"},
	secret:         {"secret", "vault", "", "vault"},
	experiment:     {"experiment", "growthbook", "", "experiments"},
	schema:         {"schema", "flyway", "flyway", "git"},
	release:        {"release", "github", "", "git"},
	traffic:        {"traffic", "argo-rollouts", "argo-rollouts", "argocd"},
	note:           {"note", "api", "", "docs"},
	slo:            {"slo", "prometheus", "", "grafana"},
	incident:       {"incident", "pagerduty", "", "pagerduty"},
	oncall:         {"oncall", "pagerduty", "", "pagerduty"},
	cost:           {"cost", "focus", "", "cost"},
	maintenance:    {"maintenance", "api", "", "docs"},
	drill:          {"drill", "gameday", "", "docs"},
}

// The texts of one event, by their place in its string.
const (
	textKey = iota
	textTitle
	textURL
	textVersion
	textPrevious
	textCommit
	textField
	textOld
	textNew
	texts
)

// event makes the event of a step. It costs four or five allocations: its texts, subjects, links and differences.
func (s *stream) event(d *step) change.Event {
	at, how := &s.services[d.service], &tellings[d.act]
	all := s.write(d, at, how)
	text := func(i int) string {
		from := 0
		if i > 0 {
			from = s.cuts[i-1]
		}
		return all[from:s.cuts[i]]
	}
	e := change.Event{
		Source: how.source, Key: text(textKey), Kind: how.kind, Phase: s.phases[d.phase], Title: text(textTitle),
		Subjects: []change.Subject{{Name: at.ref}}, Environment: environments[d.env], Region: "eu-west-1", Cluster: "prod-eu",
		Actor:      change.Actor{Type: change.ByPerson, Via: how.via},
		StartedAt:  time.UnixMicro(d.start).UTC(),
		ReceivedAt: time.UnixMicro(d.due).UTC(),
		Version:    text(textVersion), Previous: text(textPrevious), Commit: text(textCommit),
		Links:  []change.Link{{Type: "other", Title: how.source, URL: text(textURL)}},
		Labels: at.labels,
	}
	if d.phase >= succeeded && d.due > d.start {
		e.EndedAt = e.ReceivedAt
	}
	if d.who >= 0 {
		e.Actor.Name = s.people[d.who]
	} else {
		e.Actor = change.Actor{Type: change.ByAutomation, Name: s.automations[int(^d.who)%len(s.automations)]}
	}
	if d.share > 0 {
		e.Exposure = &s.shares[d.share]
	}
	if field := text(textField); field != "" {
		e.Diff = []change.Diff{{Field: field, Old: text(textOld), New: text(textNew)}}
	}
	switch d.act {
	case merge, build, release:
		// A source of code knows no environment, and some know us by another name only.
		e.Environment, e.Region, e.Cluster = "", "", ""
		if d.act != release && d.id>>16%10 == 0 {
			e.Subjects[0].Name = at.alias
		}
		e.Detail = s.reason(d)
	case canary, deploy, rollback:
		e.Detail = s.reason(d)
	case flag, experiment, traffic:
		e.Exposure = &s.shares[d.to]
	case restart, scaling:
		if d.id>>16%10 == 0 {
			e.Subjects[0].Name = at.workload
		}
	case oncall, cost:
		e.Environment, e.Region, e.Cluster = "", "", ""
	case incident, alert:
		if d.id>>16%100 == 0 {
			e.Subjects[0].Name = unclaimed[d.id>>16/100%uint64(len(unclaimed))]
		}
	default:
	}
	return e
}

// unclaimed are names that nothing in the roll answers to.
var unclaimed = []string{"pagerduty:PX93KQ2", "pagerduty:PZ11AB0", "github:acme/legacy-cron", "datadog:service:old-shop", "argocd:sandbox"}

func (s *stream) reason(d *step) string { return reasons[d.id>>16%uint64(len(reasons))] }

// write makes the texts, and leaves in cuts where each of them ends.
func (s *stream) write(d *step, at *service, how *telling) string {
	s.text = s.text[:0]
	pick := func(words []string) string { return words[d.id>>16%uint64(len(words))] }
	for i := range texts {
		switch i {
		case textKey:
			s.word(how.kind, "/", at.name, "/")
			s.number(d.id)
			if d.act == canary {
				s.word("/canary")
			}
		case textTitle:
			s.title(d, at, pick)
		case textURL:
			s.word("https://", how.host, ".example.com/acme/", at.name, "/")
			s.number(d.id)
		case textVersion:
			if d.version != ([3]uint16{}) && d.act != merge {
				s.semver(d.version)
			}
		case textPrevious:
			if d.version != ([3]uint16{}) && d.act != merge && d.act != build && d.act != release {
				s.semver(d.previous)
			}
		case textCommit:
			switch d.act {
			case merge, build, canary, deploy, config:
				s.sha(d.id)
			default:
			}
		case textField:
			switch d.act {
			case flag, experiment:
				s.word(pick(flagNames))
			case config, secret:
				s.word(pick(settings))
			case scaling:
				s.word("replicas")
			default:
			}
		case textOld, textNew:
			n := d.from
			if i == textNew {
				n = d.to
			}
			switch d.act {
			case flag, experiment:
				s.number(uint64(n))
				s.word(" %")
			case config, scaling:
				s.number(uint64(n))
			case secret:
				s.word("fingerprint:")
				s.number(d.id%9973 + uint64(i))
			default:
			}
		}
		s.cuts[i] = len(s.text)
	}
	return string(s.text)
}

func (s *stream) title(d *step, at *service, pick func([]string) string) {
	between := func(unit string) {
		s.number(uint64(d.from))
		s.word(unit, " to ")
		s.number(uint64(d.to))
		s.word(unit)
	}
	switch d.act {
	case merge:
		s.word("Merged #")
		s.number(d.id >> 16 % 10_000)
		s.word(": ", pick(reasons))
	case build:
		s.word("Built ", at.name, " ")
		s.semver(d.version)
	case canary, deploy:
		s.word(at.name, " ")
		s.semver(d.version)
		s.word(" to ", environments[d.env])
	case rollback:
		s.word(at.name, " back to ")
		s.semver(d.version)
	case scaling:
		s.word(at.name, " scaled ")
		between("")
		s.word(" pods")
	case flag, experiment:
		s.word(pick(flagNames), " ")
		between(" %")
	case traffic:
		s.word("Traffic of ", at.name, " shifted ")
		between(" %")
	case config:
		s.word(pick(settings), " ")
		between("")
	case secret:
		s.word(pick(settings), " rotated")
	case alert, slo:
		s.word(pick(troubles))
	case incident:
		s.word("INC-")
		s.number(d.id >> 16 % 100_000)
		s.word(": ", at.name, " ", pick(troubles))
	case infrastructure:
		s.word("Terraform applied to ", at.name)
	case restart:
		s.word(at.name, " restarted on new nodes")
	case schema:
		s.word("Add an index to ", pick(objects))
	case release:
		s.word("Released ")
		s.semver(d.version)
	case oncall:
		s.word("On-call of ", s.teams[at.team], " handed over")
	case cost:
		s.word("Cost of ", at.name, " up on the week before")
	case drill:
		s.word("Game day: ", at.name, " loses a zone")
	case maintenance:
		s.word(at.name, " maintained")
	default:
		s.word("Note on ", at.name)
	}
}
