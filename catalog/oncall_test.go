package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// onCallSaid merges on-call fields, as one source says them.
func onCallSaid(t *testing.T, said map[Field]string) *Entity {
	t.Helper()
	var claims []Standing
	for field, value := range said {
		normal, err := Say(field, value).Normalize()
		if err != nil {
			t.Fatal(err)
		}
		claims = append(claims, Standing{Claim: normal, Source: Source{Name: "pagerduty", Rank: Integration}})
	}
	e := Merge(Ref{Kind: Service, Name: "pricing"}, Facts(claims))
	return &e
}

func shown(shifts []OnCall) string {
	var all []string
	for _, shift := range shifts {
		all = append(all, fmt.Sprintf("%s %s", shift.Role, shift.Name))
	}
	return strings.Join(all, ", ")
}

func TestWhoIsOnCallAtAnInstant(t *testing.T) {
	t.Parallel()
	const monday = "2026-06-15T07:00:00Z"
	week := map[Field]string{
		"on-call/primary/Priya":                               monday,
		"on-call/secondary/Tomás":                             "",
		"on-call-next/primary/2026-06-15T09:00:00+02:00/Ines": "2026-06-22T07:00:00Z", // the same instant as monday
		"on-call-next/primary/2026-06-22T07:00:00Z/Ewa/Nowak": "2026-06-29T07:00:00Z",
	}
	gap := map[Field]string{"on-call/primary/Priya": "2026-06-15T17:00:00Z", "on-call-next/primary/2026-06-16T07:00:00Z/Priya": ""}
	ended := map[Field]string{"on-call/primary/Priya": monday, "on-call/primary/Ines": "2026-06-14T07:00:00Z"}
	for _, c := range []struct {
		name      string
		said      map[Field]string
		at        string
		now, next string
	}{
		{"in the middle of a shift", week, "2026-06-12T03:00:00Z", "primary Priya, secondary Tomás", "primary Ines"},
		{"at its end, before the source was asked again", week, monday, "primary Ines, secondary Tomás", "primary Ewa/Nowak"},
		{"in the shift after that", week, "2026-06-25T03:00:00Z", "primary Ewa/Nowak, secondary Tomás", ""},
		{"long after all that is known", week, "2026-08-01T03:00:00Z", "secondary Tomás", ""},
		{"at night, where nobody is meant to be", gap, "2026-06-15T23:00:00Z", "", "primary Priya"},
		{"where nobody told who came after", ended, "2026-06-15T12:00:00Z", "primary Priya", ""},
		{"a day later", ended, "2026-06-16T12:00:00Z", "", ""},
		{"a shift without an end", gap, "2026-09-16T12:00:00Z", "primary Priya", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if duty := DutyOf(at, nil, onCallSaid(t, c.said)); shown(duty.Now) != c.now || shown(duty.Next) != c.next {
			t.Errorf("%s: now %q, next %q", c.name, shown(duty.Now), shown(duty.Next))
		}
	}
}

// Who is named for the service answers, and who is named for its owner where nobody is.
func TestWhoseShiftsCount(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 12, 3, 0, 0, 0, time.UTC)
	team := onCallSaid(t, map[Field]string{"on-call/primary/Priya": "", "on-call-next/primary/2026-06-15T07:00:00Z/Ines": ""})
	if duty := DutyOf(at, onCallSaid(t, nil), team); shown(duty.Now) != "primary Priya" || shown(duty.Next) != "primary Ines" {
		t.Errorf("got %+v", duty)
	}
	own := onCallSaid(t, map[Field]string{"on-call/primary/Ewa": ""})
	if duty := DutyOf(at, own, team); shown(duty.Now) != "primary Ewa" || len(duty.Next) != 0 {
		t.Errorf("the next of the team were taken for those of the service: %+v", duty)
	}
}

// Pagers know services: where nobody is named for a team, those count who are named for what it owns.
func TestWhoIsOnCallForATeam(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 12, 3, 0, 0, 0, time.UTC)
	team := &Entity{ID: 1, Kind: Team, Name: "payments"}
	roll := NewIndex()
	roll.Put(team)
	for i, said := range []map[Field]string{
		{"on-call/primary/Priya": "", "on-call-next/primary/2026-06-15T07:00:00Z/Ines": ""},
		{"on-call/primary/Priya": "", "on-call/secondary/Tomás": ""},
		nil,
	} {
		e := onCallSaid(t, said)
		ref := team.Ref()
		e.ID, e.Name, e.Owner = int64(i+2), fmt.Sprint("service-", i), &ref
		roll.Put(e)
		if i == 2 && len(roll.Duty(e, at).Now) != 0 {
			t.Error("a service has the people of another of its team")
		}
	}
	if duty := roll.Duty(team, at); shown(duty.Now) != "primary Priya, secondary Tomás" || shown(duty.Next) != "primary Ines" {
		t.Errorf("got %+v", duty)
	}
}

func TestWhatIsNoShift(t *testing.T) {
	t.Parallel()
	for _, field := range []Field{
		"on-call-next/primary/Ines", "on-call-next/primary/monday/Ines", "on-call-next/primary/2026-06-15T07:00:00Z/", "on-call-next/Primary Role/2026-06-15T07:00:00Z/Ines",
	} {
		if _, err := Say(field, "").Normalize(); err == nil {
			t.Errorf("%s is taken", field)
		}
	}
	for _, end := range []string{"tuesday", "2026-06-15T07:00:00Z", "2026-06-14T07:00:00Z"} {
		if _, err := Say("on-call-next/primary/2026-06-15T07:00:00Z/Ines", end).Normalize(); err == nil {
			t.Errorf("the end %q is taken", end)
		}
	}
	normal, err := Say("on-call-next/primary/2026-06-15T09:00:00+02:00/Ines", "2026-06-15T11:00:00+02:00").Normalize()
	if err != nil || normal.Field != "on-call-next/primary/2026-06-15T07:00:00Z/Ines" || !slices.Equal(normal.Value, []byte(`"2026-06-15T09:00:00Z"`)) {
		t.Errorf("got %s %s, %v", normal.Field, normal.Value, err)
	}
}
