package suspect_test

import (
	"slices"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// TestLittleIsLookedAtFarther checks that what has no path and lies weeks back is listed where there is little else.
func TestLittleIsLookedAtFarther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		o.told("script", "note", "unheard-of", 5*time.Hour)
		o.told("script", "deploy", "unheard-of", 60*24*time.Hour)
		o.told("script", "deploy", "pricing", 200*24*time.Hour)
		order, _ := o.asked("checkout")
		for _, want := range []string{"note of unheard-of", "deploy of unheard-of", "deploy of pricing"} {
			if !slices.Contains(order, want) {
				t.Errorf("no %s among %q", want, order)
			}
		}
	})
}

// TestALatePage checks that an alert which fires since long before the given onset tells of it.
func TestALatePage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		o.told("ci", "deploy", "checkout", 43*time.Minute)
		o.told("ci", "deploy", "pricing", 25*time.Minute)
		o.told("ci", "flag", "checkout", 20*time.Minute)
		before, _ := o.asked("checkout")
		o.told("alertmanager", "alert", "checkout", 40*time.Minute)
		after, _ := o.asked("checkout")
		if before[0] != "flag of checkout" || after[0] != "deploy of checkout" {
			t.Errorf("without the alert %q, with it %q", before, after)
		}
	})
}

// TestNamesInOtherSpellings checks what a service may be called in a question.
func TestNamesInOtherSpellings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := organise(t, s)
		reader := &suspect.Reader{Roll: o.door.Roll, Log: o.log}
		want, err := reader.Find([]string{"checkout"})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"CHECKOUT", "service:checkout", "check-out", "Checkout Service", "checkout_prod"} {
			if got, err := reader.Find([]string{name}); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		for _, name := range []string{"chekout", "ledger"} {
			if got, err := reader.Find([]string{name}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, %v; want that there is none", name, got, err)
			}
		}
	})
}
