package report_test

import (
	"testing"

	"tidings.dev/tidings/internal/ranking/report"
)

// TestAll reads every case, and looks at what makes them worth asking about.
func TestAll(t *testing.T) {
	t.Parallel()
	all, err := report.All()
	if err != nil {
		t.Fatal(err)
	}
	classes, held, innocent := map[string]int{}, 0, 0
	for _, one := range all {
		classes[one.Class]++
		if one.Held() {
			held++
		}
		if one.Cause == "" {
			innocent++
		}
		for _, crowd := range []report.Crowd{report.Day, report.Storm} {
			events, err := one.Everything(crowd)
			if err != nil {
				t.Fatalf("%s: %v", one.Name, err)
			}
			changes := 0
			for i := range events {
				if !events[i].Signal() {
					changes++
				}
			}
			if changes < 21 {
				t.Errorf("%s: %d changes, the cause among them", one.Name, changes)
			}
			told, err := one.Deliveries(crowd)
			if err != nil {
				t.Fatalf("%s: %v", one.Name, err)
			}
			for _, d := range told {
				if d.At.After(one.Asked()) {
					t.Errorf("%s: told at %s, asked at %s: the future is not known", one.Name, d.At, one.Asked())
				}
			}
		}
	}
	if len(all) < 40 || len(classes) < 15 || innocent < 5 || held < len(all)/4 || held > 3*len(all)/4 {
		t.Errorf("%d cases, %d of them kept apart, of %d classes, %d without a cause: %v", len(all), held, len(classes), innocent, classes)
	}
}

// TestSameEveryTime tells a case twice: figures can only be compared when nothing is by chance.
func TestSameEveryTime(t *testing.T) {
	t.Parallel()
	var bodies [2]string
	for i := range bodies {
		all, err := report.All()
		if err != nil {
			t.Fatal(err)
		}
		told, err := all[0].Deliveries(report.Day)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range told {
			bodies[i] += string(d.Body)
		}
	}
	if bodies[0] != bodies[1] || bodies[0] == "" {
		t.Error("the case is not the same when it is told again")
	}
}
