// Package chat is the commands for what is said in chats: the app's manifest, who follows what, and what could not be said.
package chat

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/slack"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/notify"
)

// New makes the commands.
func New(c console.Console, connect client.Connect) *cobra.Command {
	cmd := &cobra.Command{Use: "chat", Short: "Set up a chat, and see what is said there"}
	cmd.AddCommand(manifest(c), follow(c, connect), follows(c, connect), unfollow(c, connect), posts(c, connect))
	return cmd
}

func manifest(c console.Console) *cobra.Command {
	var address, source string
	var socket bool
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Write the manifest of the Slack app",
		Long: `Writes what is pasted into Slack, under Your apps, Create New App, From a manifest:
the app with its commands, rights and addresses. With --socket it names no address:
Tidings opens the connection itself.`,
		Example: `  tidings chat manifest --url https://tidings.example.com
  tidings chat manifest --url https://tidings.example.com --source work
  tidings chat manifest --socket`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			at, err := url.Parse(address)
			switch {
			case socket:
				address = ""
			case err != nil || at.Scheme != "https" || at.Host == "":
				return fault.New(fault.Invalid, "give the address at which Slack reaches Tidings, as --url https://tidings.example.com; or --socket, where it cannot")
			}
			_, err = fmt.Fprint(c.Out, slack.Manifest(address, source))
			return err
		},
	}
	cmd.Flags().StringVar(&address, "url", "", "the address at which Slack reaches Tidings")
	cmd.Flags().StringVar(&source, "source", "slack", "the name of the source")
	cmd.Flags().BoolVar(&socket, "socket", false, "for an installation that Slack cannot reach")
	return cmd
}

func follow(c console.Console, connect client.Connect) *cobra.Command {
	var f notify.Follow
	var quiet string
	cmd := &cobra.Command{
		Use:   "follow SOURCE CHANNEL",
		Short: "Let a channel hear of what changes",
		Long: `Lets a channel of a chat, a mail address, or the one place of a webhook ("") hear of
what changes in services, teams or what carries a tag. A story is one message; what
happens in quiet hours is told together when they end; with --digest all of a day is.`,
		Example: `  tidings chat follow slack C0PAYMENTS --team payments --quiet 22:00-07:00 --zone Europe/Berlin
  tidings chat follow slack C0PRICING --service pricing --environment production --digest 09:00
  tidings chat follow mail payments@example.com --team payments --digest 09:00 --incidents`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Source, f.Channel = args[0], args[1]
			if quiet != "" {
				var found bool
				if f.QuietFrom, f.QuietTo, found = strings.Cut(quiet, "-"); !found {
					return fault.New(fault.Invalid, "quiet hours are written as 22:00-07:00")
				}
			}
			api, err := connect()
			if err != nil {
				return err
			}
			if err := api.Write(cmd.Context(), http.MethodPost, "follows", f, &f); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d: %s %s follows %s\n", f.Number, f.Source, f.Channel, f.What())
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.Services, "service", nil, "a service")
	flags.StringSliceVar(&f.Teams, "team", nil, "what a team owns")
	flags.StringSliceVar(&f.Tags, "tag", nil, "what carries a tag, as key or key:value")
	flags.StringSliceVarP(&f.Environments, "environment", "e", nil, "only there")
	flags.StringSliceVar(&f.Kinds, "kind", nil, "only these kinds of events (default all changes but merges and builds)")
	flags.BoolVar(&f.Incidents, "incidents", false, "incidents as well, with what could be their cause; with --kind incident nothing else")
	flags.StringVar(&quiet, "quiet", "", "quiet hours, as 22:00-07:00")
	flags.StringVar(&f.Digest, "digest", "", "tell all of a day together at this time, as 09:00")
	flags.StringVar(&f.Zone, "zone", "", "the IANA time zone of these times (default UTC)")
	return cmd
}

func follows(c console.Console, connect client.Connect) *cobra.Command {
	return &cobra.Command{
		Use: "follows", Short: "List who follows what",
		Long:    "Lists which channel hears of what, with what somebody there found to be noise.",
		Example: "  tidings chat follows",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := connect()
			if err != nil {
				return err
			}
			var all struct {
				Follows []notify.Follow `json:"follows"`
			}
			if err := api.Get(cmd.Context(), "follows", nil, &all); err != nil {
				return err
			}
			for i := range all.Follows {
				f := &all.Follows[i]
				fmt.Fprintf(c.Out, "%d  %s %s  %s\n", f.Number, f.Source, f.Channel, f.What())
				for j := range f.Noise {
					fmt.Fprintf(c.Out, "   not told: %s\n", f.Noise[j].String())
				}
			}
			return nil
		},
	}
}

func unfollow(c console.Console, connect client.Connect) *cobra.Command {
	return &cobra.Command{
		Use: "unfollow NUMBER", Short: "End a follow",
		Long:    "Ends a follow by its number, which tidings chat follows lists.",
		Example: "  tidings chat unfollow 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fault.New(fault.Invalid, "%q is no number of a follow: tidings chat follows lists them", args[0])
			}
			api, err := connect()
			if err != nil {
				return err
			}
			if _, err := api.Do(cmd.Context(), client.Request{Method: http.MethodDelete, Path: fmt.Sprintf("follows/%d", number)}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d is followed no more\n", number)
			return err
		},
	}
}

func posts(c console.Console, connect client.Connect) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use: "posts", Short: "List what was said, and what could not be",
		Long:    "Lists what was said in chats, the newest first: when, where, what about, and what is wrong with what could not be said.",
		Example: "  tidings chat posts --state dead",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := connect()
			if err != nil {
				return err
			}
			query := url.Values{}
			if state != "" {
				query.Set("state", state)
			}
			var all struct {
				Posts []struct {
					Source    string `json:"source"`
					Channel   string `json:"channel"`
					Topic     string `json:"topic"`
					State     string `json:"state"`
					Fault     string `json:"fault"`
					CreatedAt string `json:"created_at"`
				} `json:"posts"`
			}
			if err := api.Get(cmd.Context(), "posts", query, &all); err != nil {
				return err
			}
			for _, p := range all.Posts {
				fmt.Fprintln(c.Out, strings.TrimRight(strings.Join([]string{p.CreatedAt, p.State, p.Source, p.Channel, p.Topic, p.Fault}, "  "), " "))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "waiting, sent or dead")
	return cmd
}
