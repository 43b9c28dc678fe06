// Package set is the command that edits some fields of an entity by hand.
package set

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/reference"
)

type options struct {
	console console.Console
	connect client.Connect

	create bool
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "set KIND/NAME FIELD=VALUE… FIELD-…",
		Short: "Edit fields of an entity by hand",
		Long: `Sets fields of an entity by hand, and takes back with FIELD- what people set before.
The other fields stay. What people say is stronger than any descriptor or tool.

Fields with one value: title, description, owner, tier, user-facing, lifecycle,
platform, type, language, language-version, deployed-by, rpo, rto, email, time-zone.

Fields with many, one at a time:
  tag/KEY=VALUE            tag/KEY-
  link/TYPE='URL TITLE'    link/TYPE/URL-
  contact/TYPE=VALUE       contact/TYPE/VALUE-
  on-call/ROLE=NAME        on-call/ROLE/NAME-
  on-call-next/ROLE/BEGIN=NAME, and on-call-next/ROLE/BEGIN/NAME-
  alias=TOOL:NAME          alias/TOOL:NAME-
  depends-on=KIND:NAME     depends-on/KIND:NAME-
  and part-of, provides and consumes like it`,
		Example: `  tidings set service/pricing owner=payments tier=1
  tidings set service/pricing tag/pci=yes link/runbook='https://wiki.example.com/pricing Runbook'
  tidings set service/pricing depends-on=resource:orders-db description-
  tidings set team/payments title=Payments contact/slack='#payments' --create`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return fault.New(fault.Invalid, "name the entity and what to set, such as tidings set service/pricing tier=1")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ref, err := reference.Parse(args[0])
			if err != nil {
				return err
			}
			edits, err := read(args[1:])
			if err != nil {
				return err
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api, ref, edits)
		},
	}
	cmd.Flags().BoolVar(&o.create, "create", false, "make the entity when there is none of this name")
	return cmd
}

// edit is one field and its new value; nil takes the field back.
type edit struct {
	field string
	value any
}

func read(args []string) ([]edit, error) {
	var edits []edit
	var faults []fault.Fault
	for _, arg := range args {
		one, err := readOne(arg)
		if err != nil {
			faults = append(faults, fault.Fault{Detail: err.Error()})
		}
		if slices.ContainsFunc(edits, func(e edit) bool { return e.field == one.field }) {
			faults = append(faults, fault.Fault{Detail: fmt.Sprintf("%s comes twice", one.field)})
		}
		edits = append(edits, one)
	}
	return edits, fault.InvalidInput("set", faults)
}

// readOne reads FIELD=VALUE or FIELD-.
func readOne(arg string) (edit, error) {
	name, value, given := strings.Cut(arg, "=")
	// The key of a link is an address, which may hold anything; one is only ever named to take it back.
	if field, ok := strings.CutSuffix(arg, "-"); ok && (!given || strings.HasPrefix(arg, "link/") && strings.Contains(name, "://")) {
		return edit{field: canonical(field)}, nil
	}
	if !given || name == "" {
		return edit{}, fmt.Errorf("%q is neither FIELD=VALUE nor FIELD-", arg)
	}
	field := canonical(name)
	family, rest, keyed := strings.Cut(field, "/")
	switch family {
	case "tier":
		tier, err := strconv.Atoi(value)
		if err != nil {
			return edit{}, fmt.Errorf("tier is a whole number from 0 (most critical) to 3, not %q", value)
		}
		return edit{field, tier}, nil
	case "user-facing":
		switch strings.ToLower(value) {
		case "true", "yes":
			return edit{field, true}, nil
		case "false", "no":
			return edit{field, false}, nil
		}
		return edit{}, fmt.Errorf("user-facing is true or false, not %q", value)
	case catalog.FamilyTag:
		if !keyed {
			return edit{}, fmt.Errorf("%q lacks the key of the tag: write tag/KEY=VALUE", arg)
		}
		return edit{field, value}, nil
	case catalog.FamilyLink, catalog.FamilyContact, catalog.FamilyOnCall:
		if !keyed || strings.Contains(rest, "/") {
			return edit{}, fmt.Errorf("%q is not %s/TYPE=VALUE", arg, family)
		}
		title := ""
		if family == catalog.FamilyLink {
			value, title, _ = strings.Cut(strings.TrimSpace(value), " ")
		}
		return edit{field + "/" + value, strings.TrimSpace(title)}, nil
	case catalog.FamilyNextOnCall:
		if strings.Count(rest, "/") != 1 {
			return edit{}, fmt.Errorf("%q is not %s/ROLE/BEGIN=NAME", arg, family)
		}
		return edit{field + "/" + value, ""}, nil
	case catalog.FamilyAlias, catalog.FamilyDependsOn, catalog.FamilyPartOf, catalog.FamilyProvides, catalog.FamilyConsumes:
		if keyed {
			return edit{}, fmt.Errorf("%q: write %s=%s", arg, family, rest)
		}
		if family == catalog.FamilyAlias {
			return edit{field + "/" + catalog.FoldAlias(value), true}, nil
		}
		ref, err := reference.Parse(value)
		if err != nil {
			return edit{}, fmt.Errorf("%s is KIND:NAME, such as service:ledger, not %q", family, value)
		}
		return edit{field + "/" + ref.String(), "declared"}, nil
	}
	return edit{field, value}, nil
}

// canonical lets user_facing stand for user-facing: the API says the one, the model the other.
func canonical(field string) string {
	family, rest, keyed := strings.Cut(field, "/")
	family = strings.ReplaceAll(strings.ToLower(family), "_", "-")
	if keyed {
		return family + "/" + rest
	}
	return family
}

func (o *options) run(ctx context.Context, api *client.Client, ref catalog.Ref, edits []edit) error {
	body := map[string]any{}
	for _, e := range edits {
		body[e.field] = e.value
	}
	var entity map[string]json.RawMessage
	err := api.Write(ctx, http.MethodPatch, reference.Path(ref), body, &entity)
	if fault.Is(err, fault.NotFound) {
		if !o.create {
			return fault.New(fault.NotFound, "there is no %s: check the name, or add --create to make it", ref)
		}
		if err := api.Write(ctx, http.MethodPut, reference.Path(ref), struct{}{}, nil); err != nil {
			return err
		}
		err = api.Write(ctx, http.MethodPatch, reference.Path(ref), body, &entity)
	}
	if err != nil {
		return err
	}
	for _, e := range edits {
		// A field with one value is a member of the entity by its name in JSON.
		now, still := entity[strings.ReplaceAll(e.field, "-", "_")]
		switch {
		case e.value != nil:
			fmt.Fprintf(o.console.Out, "%s: %s is set\n", ref, console.Clean(e.field))
		case still:
			fmt.Fprintf(o.console.Out, "%s: %s is taken back; others say %s\n", ref, e.field, console.Clip(console.Clean(string(now)), 60))
		default:
			fmt.Fprintf(o.console.Out, "%s: %s is taken back\n", ref, console.Clean(e.field))
		}
	}
	return nil
}
