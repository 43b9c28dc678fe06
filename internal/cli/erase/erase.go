// Package erase is the command that puts a pseudonym in place of a person.
package erase

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "erase",
		Short: "Erase a person's data",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(person(c))
	return cmd
}

func person(c console.Console) *cobra.Command {
	var in database.Flags
	var erasure backup.Erasure
	cmd := &cobra.Command{
		Use:   "person NAME",
		Short: "Put a pseudonym in place of a person, in everything that is kept",
		Long: `Puts a pseudonym in place of a person, in the roll, the log, and every other table:
in what refers to person:NAME, @NAME or …/NAME, in the actor of that name, and, as
whole words in all texts, what --also gives: a full name, an e-mail address, the names
in other tools. What the person did stays, and stays theirs among each other.

It reads every row. With the embedded store the server must be stopped; on PostgreSQL
servers may run. The log keeps that it was done, and not to whom. Backups that were
taken before still have the name: they must be let expire.`,
		Example: `  tidings erase person maria --also 'Maria Silva' --also maria@example.com --also github:msilva --dry-run
  tidings erase person maria --also 'Maria Silva' --also maria@example.com --also github:msilva`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one person, such as tidings erase person maria")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			place, err := in.Place(cmd.Flags())
			if err != nil {
				return err
			}
			erasure.Name = strings.TrimPrefix(args[0], "person:")
			if erasure.As == "" {
				erasure.As = "former-" + strings.ToLower(rand.Text()[:8])
			}
			erased, err := backup.Erase(cmd.Context(), place, erasure)
			if err != nil {
				return err
			}
			verb := "changed"
			if erasure.Try {
				verb = "would be changed"
			}
			for _, table := range slices.Sorted(maps.Keys(erased)) {
				fmt.Fprintf(c.Out, "%s: %s %s\n", table, console.Count(erased[table], "row"), verb)
			}
			switch {
			case len(erased) == 0:
				fmt.Fprintln(c.Out, "Nothing has that name.")
			case !erasure.Try:
				fmt.Fprintf(c.Out, "The person is %s from now on.\n", erasure.As)
			}
			return nil
		},
	}
	in.Add(cmd.Flags())
	flags := cmd.Flags()
	flags.StringArrayVar(&erasure.Also, "also", nil, "a full name, an e-mail address, or TOOL:NAME; again for another")
	flags.StringVar(&erasure.As, "as", "", "the pseudonym; made up when not given")
	flags.BoolVar(&erasure.Try, "dry-run", false, "count the rows, and change nothing")
	return cmd
}
