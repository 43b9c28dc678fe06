package suspect

import (
	"slices"
	"strings"
)

// stages are words for the same environment. Those of one line are alike; the first line is where users are.
var stages = [...][]string{
	{"production", "prod", "prd", "live", "main"},
	{"staging", "stage", "stg", "preprod", "preproduction", "uat", "acceptance"},
	{"test", "testing", "tst", "qa", "ci", "integration", "e2e"},
	{"development", "dev", "develop", "sandbox", "local", "preview", "playground"},
}

// anywhere are words for every environment or region at once.
var anywhere = [...]string{"all", "any", "global", "shared", "common", "*", "world", "worldwide", "multi"}

func isAnywhere(name string) bool { return slices.Contains(anywhere[:], strings.ToLower(name)) }

// stage is which line of stages an environment is of: "eu-prod" is production; false where its name does not tell.
func stage(environment string) (int, bool) {
	words := strings.FieldsFunc(strings.ToLower(environment), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' || r == ' ' || r == ':' })
	// Of "pre-prod" the whole says what it is.
	words = append([]string{strings.Join(words, "")}, words...)
	for _, word := range words {
		word = strings.TrimRight(word, "0123456789") // prod2
		for i, names := range stages {
			if slices.Contains(names, word) {
				return i, true
			}
		}
	}
	return 0, false
}

// sameEnvironment reports whether two names can be of one environment.
func sameEnvironment(a, b string) bool {
	if strings.EqualFold(a, b) || isAnywhere(a) || isAnywhere(b) {
		return true
	}
	stageA, knownA := stage(a)
	stageB, knownB := stage(b)
	return knownA && knownB && stageA == stageB
}

// otherEnvironment reports whether two names are surely of two environments: not where one says what it is for, and the
// other how somebody calls it.
func otherEnvironment(a, b string) bool {
	if a == "" || b == "" || sameEnvironment(a, b) {
		return false
	}
	_, knownA := stage(a)
	_, knownB := stage(b)
	return knownA == knownB
}

// sameRegion reports whether two names can be of one region: "eu" and "EU_West_1" can, and so can a region and one of its zones.
func sameRegion(a, b string) bool { return isAnywhere(a) || isAnywhere(b) || begins(a, b) }

// begins reports whether one of two names begins with the other, without case and the marks between their parts. It is asked of
// many pairs, and allocates nothing.
func begins(a, b string) bool {
	i, k := 0, 0
	for {
		for i < len(a) && mark(a[i]) {
			i++
		}
		for k < len(b) && mark(b[k]) {
			k++
		}
		switch {
		case i == len(a) || k == len(b):
			return true
		case a[i]|0x20 != b[k]|0x20:
			return false
		}
		i, k = i+1, k+1
	}
}

func mark(c byte) bool { return c == '-' || c == '_' || c == '.' || c == ' ' }

// otherRegion reports whether two names are surely of two regions: two that are built alike, as "us-east-1" and "virginia" are
// not, which are one.
func otherRegion(a, b string) bool {
	return a != "" && b != "" && a != b && build(a) == build(b) && !sameRegion(a, b)
}

// built is how the name of a region is built: of how many parts, and whether with a number.
type built struct {
	parts    int
	numbered bool
}

func build(region string) built {
	b := built{parts: 1}
	for i := range len(region) {
		if mark(region[i]) {
			b.parts++
		}
		b.numbered = b.numbered || region[i] >= '0' && region[i] <= '9'
	}
	return b
}
