package notify

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration/chat"
)

// roleFacts tell who does what in an incident.
func (o *Office) roleFacts(one *incident.Incident) []chat.Fact {
	var facts []chat.Fact
	for _, role := range one.RoleNames() {
		if who := one.Roles[role]; who != "" {
			facts = append(facts, chat.Fact{Name: strings.ToUpper(role[:1]) + role[1:], Value: o.called(who)})
		}
	}
	return facts
}

// called is what people call the one of a role.
func (o *Office) called(who string) string {
	if person := o.person(who); person != nil {
		return cmp.Or(person.Title, person.Name)
	}
	return strings.TrimPrefix(who, string(catalog.Person)+":")
}

// staff adds to what is said of an incident who does what there, and lets one who reads it take command where nobody has.
func (o *Office) staff(m *chat.Message, p *Post, one *incident.Incident) {
	if one.Number == 0 {
		return
	}
	facts := o.roleFacts(one)
	m.Facts = append(facts, m.Facts...)
	m.Facts = m.Facts[:min(len(m.Facts), chat.MaxFacts)]
	if one.Status != incident.Resolved && one.Roles[incident.Commander] == "" && len(m.Buttons) < chat.MaxButtons {
		m.Buttons = append(m.Buttons, chat.Button{
			Action: ActionCommand, Value: pressed{Incident: one.Number, Post: p.Key}.String(), Label: "I take command",
		})
	}
}

// command gives the command of an incident to who pressed, and brings the answer up to date.
func (o *Office) command(ctx context.Context, h *Hearing, value *pressed) (Answered, error) {
	if _, err := o.Incidents.Assign(access.With(ctx, o.who(h)), value.Incident, incident.Commander, incident.Me); err != nil {
		if passes(err) {
			return Answered{}, err
		}
		return o.reply(h, chat.Message{Title: "That could not be kept", Lead: told(err)})
	}
	return o.renew(ctx, h, value)
}

// role takes a role, hands it over or gives it back, as somebody asks for, and tells who does what.
func (o *Office) role(ctx context.Context, h *Hearing, r request) (*chat.Message, error) {
	number, err := strconv.ParseInt(r.what, 10, 64)
	if err != nil {
		return &chat.Message{Title: fmt.Sprintf("There is no incident %q", clip(r.what, 40))}, nil
	}
	who, known := incident.Me, true
	switch r.verb {
	case "give back":
		who = ""
	case "hand over":
		person := o.person(strings.Trim(r.who, "@`*_<>\"'"))
		if known = person != nil && person.Kind == catalog.Person; known {
			who = person.Ref().String()
		}
	}
	if !known {
		return &chat.Message{Title: fmt.Sprintf("There is no person %q in the roll", clip(r.who, 80)), Lead: "Name them as their page does, such as priya.raman."}, nil
	}
	one, err := o.Incidents.Assign(access.With(ctx, o.who(h)), number, r.role, who)
	if err != nil {
		return nil, err
	}
	m := &chat.Message{Title: one.Name() + " " + one.Title, URL: o.link(fmt.Sprintf("/i/%d", one.Number)), Lead: "Nobody is " + r.role + "."}
	if now := one.Roles[r.role]; now != "" {
		m.Lead = o.called(now) + " is " + r.role + "."
	}
	m.Facts = o.roleFacts(&one)
	return m, nil
}
