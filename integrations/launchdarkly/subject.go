package launchdarkly

import (
	"slices"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
)

const scheme = "launchdarkly" // of outside names

// mostServices bounds how many services a flag names.
const mostServices = 50

// subjects are what an entry is about: the service that the flag is mapped to; those that its custom property names; the one
// that one of its tags is mapped to; those that claim one of its tags; the project's otherwise.
func (s *Source) subjects(r *resource, services []string) []change.Subject {
	m := &s.config.Mapping
	whole := m.Within(scheme, r.project)
	if own := m.Within(scheme, r.project, r.project+"/"+r.key); own != whole {
		return []change.Subject{own}
	}
	var subjects []change.Subject
	for _, service := range services {
		subjects = append(subjects, s.named(service))
	}
	if len(subjects) > 0 {
		return subjects
	}
	var tags []string
	for _, tag := range r.tags {
		tags = append(tags, "tag:"+tag)
	}
	if tagged := m.Within(scheme, r.project, tags...); tagged != whole {
		return []change.Subject{tagged}
	}
	for _, tag := range tags {
		if name := scheme + ":" + strings.ToLower(tag); s.claimed(name) {
			subjects = append(subjects, change.Subject{Name: name})
		}
	}
	if len(subjects) > 0 {
		return subjects
	}
	return []change.Subject{whole}
}

// named is the service that a value of the custom property names: as the configuration or an alias has it, or as the roll
// calls it. Any other is an outside name, which waits to be claimed.
func (s *Source) named(service string) change.Subject {
	outside := s.config.Subject(scheme, s.config.Property+":"+service)
	own := "service:" + strings.ToLower(service)
	if strings.HasPrefix(outside.Name, scheme+":") && !s.claimed(outside.Name) && s.claimed(own) {
		return change.Subject{Name: own}
	}
	return outside
}

func (s *Source) claimed(name string) bool {
	_, ok := s.config.Claimed(name)
	return ok
}

// services are the values of a custom property of the flag, as far as the entry has it.
func (p *entry) services(property string) []string {
	for _, version := range []*flag{p.CurrentVersion, p.PreviousVersion} {
		if version != nil && p.Kind == "flag" {
			return version.services(property)
		}
	}
	return nil
}

// services are the values of a custom property, each once.
func (f *flag) services(property string) []string {
	if property == "" {
		return nil
	}
	var services []string
	for _, value := range f.CustomProperties[property].Value {
		value = integration.Line(value)
		if value != "" && len(services) < mostServices && !slices.Contains(services, value) {
			services = append(services, value)
		}
	}
	return services
}
