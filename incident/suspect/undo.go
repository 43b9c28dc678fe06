package suspect

import "tidings.dev/tidings/change"

// help adds to each suspect what to do about it, and whom to call.
func (r *Reader) help(ranking *Ranking, events []change.Event) {
	for i := range ranking.Suspects {
		s := &ranking.Suspects[i]
		s.Owner = r.owner(&s.Candidate)
	}
}

// owner is who knows what a change was made to, and who is called for it just now.
func (r *Reader) owner(c *Candidate) Owner {
	var owner Owner
	for _, subject := range c.Head.Subjects {
		e, ok := r.Roll.ByID(subject.Entity)
		if !ok || subject.Entity == 0 {
			continue
		}
		if e.Owner != nil && owner.Team == "" {
			owner.Team = e.Owner.Name
		}
		for _, call := range e.OnCall {
			owner.OnCall = append(owner.OnCall, call.Name)
		}
		if owner.Team != "" {
			if team, ok := r.Roll.Get(*e.Owner); ok && len(owner.OnCall) == 0 {
				for _, call := range team.OnCall {
					owner.OnCall = append(owner.OnCall, call.Name)
				}
			}
			return owner
		}
	}
	return owner
}
