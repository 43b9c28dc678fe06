package report

import (
	_ "embed" // for the day
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

//go:embed ordinary.yaml
var ordinary []byte

// Ordinary is so many changes of a day around each case.
const Ordinary = 40

// Crowd is when the ordinary changes around a case are.
type Crowd string

// Crowds. What people do on a day knows nothing of the trouble to come: Day spreads it evenly over the twelve hours before.
// Storm is what nobody's day is like, half of them the denser the nearer to the onset, so that time tells next to nothing.
const (
	Day   Crowd = "a day's changes"
	Storm Crowd = "a storm of changes"
)

// day is what happens on every day, in the words of those who did it.
type day struct {
	People  []string `json:"people"`
	Changes []habit  `json:"changes"`
}

type habit struct {
	Kind     string   `json:"kind"`
	Often    int      `json:"often"` // beside the others
	Machine  string   `json:"machine"`
	Resource bool     `json:"resource"` // of one where there is one
	Took     string   `json:"took"`
	Titles   []string `json:"titles"`
}

// ordinary makes the changes of the day before, the same ones for a case every time.
func (r *Report) ordinary(crowd Crowd) ([]Event, error) {
	var d day
	if err := yaml.UnmarshalStrict(ordinary, &d); err != nil {
		return nil, fmt.Errorf("ordinary.yaml: %w", err)
	}
	random := rand.New(rand.NewPCG(r.hash(), 1)) //nolint:gosec // the same numbers every time are the point
	services := slices.Sorted(maps.Keys(r.Services))
	var habits []*habit
	for i := range d.Changes {
		for range d.Changes[i].Often {
			habits = append(habits, &d.Changes[i])
		}
	}
	var events []Event
	for len(events) < Ordinary {
		h := habits[random.IntN(len(habits))]
		service := services[random.IntN(len(services))]
		if h.Resource && len(r.Resources) > 0 {
			service = r.Resources[random.IntN(len(r.Resources))]
		}
		before := crowd.before(random)
		number := 10 + random.IntN(900)
		share := float64(5 * (1 + random.IntN(10)))
		on := random.IntN(3) > 0
		title := strings.NewReplacer("{service}", service, "{n}", fmt.Sprint(number), "{m}", fmt.Sprint(number+1)).Replace(h.Titles[random.IntN(len(h.Titles))])
		e := Event{
			ID: fmt.Sprint("ordinary-", len(events)), Kind: h.Kind, At: (-time.Duration(before * float64(time.Minute))).Truncate(time.Second).String(), Took: h.Took, Of: service, Title: title,
			Who: d.People[random.IntN(len(d.People))], Flag: title,
		}
		switch {
		case h.Machine != "":
			e.Who, e.Machine = h.Machine, true
		case h.Kind == "deploy":
			e.Version, e.Previous = fmt.Sprintf("v1.%d.0", number+1), fmt.Sprintf("v1.%d.0", number)
		case h.Kind == "flag" && random.IntN(2) == 0:
			e.Share, e.ShareBefore = &share, share/2
		case h.Kind == "flag":
			e.On = &on
		}
		if _, err := r.tool(&e); err != nil {
			e.By = "api"
		}
		events = append(events, e)
	}
	return events, nil
}

// before is how long before the onset a change is, in minutes.
func (c Crowd) before(random *rand.Rand) float64 {
	if c == Day {
		return 12 * 60 * random.Float64()
	}
	before := 24 * 60 * random.Float64()
	if random.IntN(2) == 0 {
		before = math.Exp(random.Float64() * math.Log(24*60))
	}
	return before
}

// Everything is all that happens in a case, by time, with the changes of an ordinary day.
func (r *Report) Everything(crowd Crowd) ([]Event, error) {
	around, err := r.ordinary(crowd)
	if err != nil {
		return nil, err
	}
	all := append(slices.Clone(r.Events), around...)
	slices.SortStableFunc(all, func(a, b Event) int {
		x, _ := Span(a.At) // check has read it
		y, _ := Span(b.At) // likewise
		return int(x - y)
	})
	return all, nil
}

// Deliveries are the requests that had come when it was asked.
func (r *Report) Deliveries(crowd Crowd) ([]Delivery, error) {
	events, err := r.Everything(crowd)
	if err != nil {
		return nil, err
	}
	var all []Delivery
	for i := range events {
		told, err := r.tell(&events[i])
		if err != nil {
			return nil, err
		}
		for _, d := range told {
			if !d.At.After(r.Asked()) {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// Asked is when the question is put: six minutes after the onset, unless the case says otherwise.
func (r *Report) Asked() time.Time {
	after, err := time.ParseDuration(r.Ask.After)
	if err != nil {
		after = 6 * time.Minute
	}
	return r.Onset.Add(after)
}

// Moment tells an event among all that a server knows: who told of it, and when it began.
type Moment struct {
	Source string
	Start  time.Time
}

// Moment is that of an event.
func (r *Report) Moment(e *Event) (Moment, error) {
	t, err := r.tool(e)
	if err != nil {
		return Moment{}, err
	}
	return Moment{Source: t.source, Start: r.saying(e).start}, nil
}
