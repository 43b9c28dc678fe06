package simulator_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"tidings.dev/tidings/internal/simulator"
)

// TestASeedIsAWorld checks that a world follows from its shape and seed, that what is asked can be answered, and that
// there is enough to choose from.
func TestASeedIsAWorld(t *testing.T) {
	t.Parallel()
	for _, shape := range simulator.Shapes() {
		t.Run(shape.Name, func(t *testing.T) {
			t.Parallel()
			world := simulator.New(shape, 7)
			if !reflect.DeepEqual(world, simulator.New(shape, 7)) {
				t.Fatal("the same seed gave another world")
			}
			if reflect.DeepEqual(world.Events, simulator.New(shape, 8).Events) {
				t.Error("another seed gave the same world")
			}
			told := map[simulator.Ref]time.Time{}
			for i, e := range world.Events {
				if i > 0 && e.Told.Before(world.Events[i-1].Told) {
					t.Fatalf("event %d is out of order", i)
				}
				if e.Title == "" || len(e.Subjects) == 0 || e.Told.Before(e.StartedAt) {
					t.Errorf("nobody could tell %+v", e)
				}
				ref := simulator.Ref{Source: e.Source, Key: e.Key}
				if _, ok := told[ref]; !ok {
					told[ref] = e.Told
				}
			}
			if len(world.Incidents) < shape.Incidents/2 {
				t.Errorf("%d incidents of %d", len(world.Incidents), shape.Incidents)
			}
			for _, i := range world.Incidents {
				if i.Decoys() < 20 {
					t.Errorf("the incident at %s has %d decoys", i.Onset, i.Decoys())
				}
				known := len(i.Cause) == 0
				for _, ref := range i.Cause {
					at, ok := told[ref]
					known = known || ok && !at.After(i.Asked)
				}
				if !known {
					t.Errorf("nobody told of the cause of the incident at %s before it was asked for: %s", i.Onset, fmt.Sprint(i.Cause))
				}
			}
		})
	}
}

// The oracle judges, and changes nothing: the world is the same without it, and it is right more often than not.
func TestTheOracleOnlyLooks(t *testing.T) {
	t.Parallel()
	shape := simulator.Shapes()[4] // the smallest
	plain, judged := simulator.New(shape, 3), simulator.Judged(shape, 3)
	if !reflect.DeepEqual(plain.Events, judged.Events) {
		t.Error("the oracle changed what is told")
	}
	guilty, right := 0, 0
	for _, i := range judged.Incidents {
		if len(i.Cause) > 0 {
			guilty++
			if i.Ideal == 1 {
				right++
			}
		}
	}
	if guilty == 0 || 2*right <= guilty {
		t.Errorf("the oracle is right in %d of %d", right, guilty)
	}
}
