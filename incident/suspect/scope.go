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

// otherEnvironment reports whether two names are surely of two environments.
func otherEnvironment(a, b string) bool { return a != "" && b != "" && !sameEnvironment(a, b) }

// otherRegion reports whether two names are surely of two regions: "eu" and "eu-west-1" are not, nor are a region and one
// of its zones.
func otherRegion(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a != "" && b != "" && !isAnywhere(a) && !isAnywhere(b) && !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}
