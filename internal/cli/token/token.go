// Package token is the command that makes, lists and revokes tokens.
package token

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke tokens",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(o.create(), o.list(), o.revoke())
	return cmd
}

type token struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Kind       string    `json:"kind"`
	Role       string    `json:"role"`
	Scopes     []string  `json:"scopes"`
	Source     string    `json:"source,omitempty"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	Hint       string    `json:"hint,omitempty"`
	Token      string    `json:"token,omitempty"`
}

// day is the longest unit in which --expires is given.
const day = 24 * time.Hour

// lasts reads a duration such as 90d or 12h.
func lasts(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 3650 {
			return time.Duration(n) * day, nil
		}
	} else if length, err := time.ParseDuration(text); err == nil && length > 0 {
		return length, nil
	}
	return 0, fault.New(fault.Invalid, "--expires is a length of time such as 90d or 12h, or never, not %q", text)
}

func (o *options) create() *cobra.Command {
	var personal, asJSON bool
	var role, source, expires string
	var scopes []string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a token, and print it once",
		Long: `Makes a token for a service account, or with --personal one of your own, and prints it.
It is not shown again. Scopes narrow what it may do: read, deliver, describe, agent,
people. A token has at most your own role.`,
		Example: `  tidings token create ci --scope deliver --source jenkins --expires 90d
  tidings token create laptop --personal --scope read`,
		Args: named,
		RunE: func(cmd *cobra.Command, args []string) error {
			asked := map[string]any{"name": args[0], "kind": "service", "scopes": scopes}
			if personal {
				asked["kind"] = "personal"
			}
			if role != "" {
				asked["role"] = role
			}
			if source != "" {
				asked["source"] = source
			}
			if expires != "never" {
				length, err := lasts(expires)
				if err != nil {
					return err
				}
				asked["expires_at"] = o.console.Now().Add(length).UTC().Format(time.RFC3339)
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			var made token
			if err := api.Write(cmd.Context(), http.MethodPost, "tokens", asked, &made); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(o.console.Out).Encode(made)
			}
			fmt.Fprintln(o.console.Out, made.Token)
			fmt.Fprintf(o.console.Err, "Keep it now: it is not shown again. Revoke it by tidings token revoke %s\n", made.ID)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&personal, "personal", false, "a token of your own, with at most your rights")
	flags.StringSliceVar(&scopes, "scope", nil, "what it is for: read, deliver, describe, agent, people; may be repeated")
	flags.StringVar(&role, "role", "", "its role; the least that its scopes need where it is not given")
	flags.StringVar(&source, "source", "", "deliver for this source alone")
	flags.StringVar(&expires, "expires", "90d", "how long it lasts: 90d, 12h, never")
	flags.BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}

func named(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fault.New(fault.Invalid, "give one argument: tidings token create NAME, tidings token revoke ID")
	}
	return nil
}

const page = 200

func (o *options) list() *cobra.Command {
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List your tokens, or with --all everybody's",
		Long: `Lists your own tokens, the newest first, with when each was last used and when it ends.
With --all, which takes an administrator, those of everybody and of service accounts.`,
		Example: `  tidings token list
  tidings token list --all --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := o.connect()
			if err != nil {
				return err
			}
			tokens, err := o.fetch(cmd.Context(), api, all)
			if err != nil {
				return err
			}
			if asJSON {
				for _, t := range tokens {
					if err := json.NewEncoder(o.console.Out).Encode(t); err != nil {
						return err
					}
				}
				return nil
			}
			o.print(tokens)
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "those of everybody and of service accounts")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each as one line of JSON")
	return cmd
}

func (o *options) fetch(ctx context.Context, api *client.Client, all bool) ([]token, error) {
	query := url.Values{"limit": {strconv.Itoa(page)}}
	if all {
		query.Set("all", "1")
	}
	var tokens []token
	for {
		var answer struct {
			Tokens []token `json:"tokens"`
			Next   string  `json:"next"`
		}
		if err := api.Get(ctx, "tokens", query, &answer); err != nil {
			return nil, err
		}
		tokens = append(tokens, answer.Tokens...)
		if answer.Next == "" {
			return tokens, nil
		}
		query.Set("cursor", answer.Next)
	}
}

func (o *options) print(tokens []token) {
	if len(tokens) == 0 {
		fmt.Fprintln(o.console.Out, "There are no tokens.")
		return
	}
	now := o.console.Now()
	rows := make([][]string, len(tokens))
	for i, t := range tokens {
		used, ends := "never", "never"
		if !t.LastUsedAt.IsZero() {
			used = when.Age(t.LastUsedAt, now)
		}
		switch {
		case !t.RevokedAt.IsZero():
			ends = "revoked"
		case !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(now):
			ends = "expired"
		case !t.ExpiresAt.IsZero():
			ends = t.ExpiresAt.Format(time.DateOnly)
		}
		rows[i] = []string{t.Name, t.Kind, t.Role, strings.Join(t.Scopes, ","), t.Source, used, ends, t.ID}
	}
	console.Table(o.console.Out, o.console.Paint(), []string{"NAME", "KIND", "ROLE", "SCOPES", "SOURCE", "USED", "ENDS", "ID"}, rows)
}

func (o *options) revoke() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a token, at once",
		Long: `Revokes a token by the id that tidings token list shows. From then on it is refused, by
every server within five seconds. It cannot be taken back: make another one.`,
		Example: `  tidings token revoke 019f6c1a-7e1b-7c44-9d0e-5b1f2f0a3c11`,
		Args:    named,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := o.connect()
			if err != nil {
				return err
			}
			body, err := api.Do(cmd.Context(), client.Request{Method: http.MethodDelete, Path: "tokens/" + url.PathEscape(args[0]), Again: true})
			if err != nil {
				return err
			}
			var revoked token
			if err := api.Decode(body, &revoked); err != nil {
				return err
			}
			fmt.Fprintf(o.console.Out, "%s is revoked.\n", revoked.Name)
			return nil
		},
	}
}
