// Package variable sets flags from the environment: --database-url is TIDINGS_DATABASE_URL.
//
// It may be imported by the commands that run or tend a server. Imports: fault and pflag.
package variable

import (
	"strings"

	"github.com/spf13/pflag"

	"tidings.dev/tidings/fault"
)

// Set sets every flag that was not given from its variable.
func Set(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var failed error
	flags.VisitAll(func(flag *pflag.Flag) {
		name := "TIDINGS_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		value, found := lookup(name)
		if !found || flag.Changed || failed != nil {
			return
		}
		if err := flags.Set(flag.Name, value); err != nil {
			failed = fault.New(fault.Invalid, "the variable %s: %s", name, err)
		}
	})
	return failed
}
