package change

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Retention is for how long events of each kind are kept, by the kind's name; one that is not in it is kept for ever.
type Retention map[string]time.Duration

// LeastRetention is the shortest that can be set: late reports of an event, and the steps of its story, come within it.
const LeastRetention = 30 * 24 * time.Hour

// retained are the words for classes in a configuration.
var retained = map[string]Class{"changes": ClassChange, "signals": ClassSignal, "notes": ClassNote}

// ParseRetention reads ages by class (changes, signals, notes) or kind, such as 90d, 52w, 2y or forever. What is said of
// a kind is stronger than what is said of its class. The faults name every entry that cannot be.
func ParseRetention(settings map[string]string) (Retention, []fault.Fault) {
	ages := Retention{}
	var faults []fault.Fault
	// Classes first.
	for _, byKind := range []bool{false, true} {
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			class, isClass := retained[name]
			if isClass == byKind {
				continue
			}
			age, err := parseAge(settings[name])
			if err != nil {
				faults = append(faults, fault.Fault{Pointer: name, Detail: err.Error()})
				continue
			}
			kind, known := KindNamed(name)
			if byKind && !known {
				faults = append(faults, fault.Fault{Pointer: name, Detail: "is neither changes, signals or notes, nor a kind of event"})
				continue
			}
			for _, k := range Kinds() {
				if isClass && k.Class == class || byKind && k.Name == kind.Name {
					delete(ages, k.Name)
					if age > 0 {
						ages[k.Name] = age
					}
				}
			}
		}
	}
	return ages, faults
}

// parseAge reads an age; zero is for ever.
func parseAge(text string) (time.Duration, error) {
	if text == "forever" {
		return 0, nil
	}
	for unit, days := range map[string]int{"d": 1, "w": 7, "y": 365} {
		number, ok := strings.CutSuffix(text, unit)
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n <= 0 || n > 100_000 {
			continue
		}
		age := time.Duration(n*days) * 24 * time.Hour
		if age < LeastRetention {
			return 0, fmt.Errorf("%s is less than 30d, within which late reports come", text)
		}
		return age, nil
	}
	return 0, fmt.Errorf("%q is no age: write 90d, 52w, 2y or forever", text)
}
