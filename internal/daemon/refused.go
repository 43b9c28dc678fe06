package daemon

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
)

// asked is an address that something which is configured asks, and what beside outbound.allow is allowed for that.
type asked struct {
	by      string // such as "source forge"
	address string
	allow   []string
}

// refused is one that the rule for addresses keeps the server from.
type refused struct {
	by   string
	host string
	to   netip.Addr // what it leads to
}

// String says so; the address itself can be a credential, and its host is none.
func (r refused) String() string {
	what := r.host
	if r.host != r.to.String() {
		what = fmt.Sprintf("%s, which is %s,", r.host, r.to)
	}
	return fmt.Sprintf("it asks %s and must not: that is not an address of the public internet, and is not allowed", what)
}

// asks are the addresses that the configuration file and the environment name.
func (c *Config) asks(ctx context.Context) []asked {
	all := []asked{{"traces", c.Traces.Endpoint, c.Traces.Allow}, {"storage", c.Storage.Endpoint, c.Storage.Allow}}
	for _, provider := range c.Login.Providers {
		all = append(all, asked{"login " + provider.Name, provider.Issuer, provider.Allow})
	}
	for _, source := range c.Sources {
		// What the git program asks by the file is not held to the rule.
		if outgoing, ok := source.Config.(integration.Outgoing); ok && source.Type != "git" {
			all = append(all, of(ctx, source.Name, outgoing, source.Allow)...)
		}
	}
	return all
}

// typedAsks are those of the sources that were set on the page.
func typedAsks(ctx context.Context, settings []setting.Setting, keyring *secret.Keyring) []asked {
	var all []asked
	for _, s := range settings {
		name, isSource := strings.CutPrefix(s.Name, sourceSettings)
		if !isSource {
			continue
		}
		config, typed, err := readSource(s.Name, s.Value)
		if outgoing, ok := config.Config.(integration.Outgoing); ok && err == nil && !config.off {
			typed.Guard(integration.Guard{Secret: func(ctx context.Context, field string) (string, error) {
				return setting.Open(ctx, keyring, s, field)
			}})
			all = append(all, of(ctx, name, outgoing, nil)...)
		}
	}
	return all
}

func of(ctx context.Context, source string, config integration.Outgoing, allow []string) []asked {
	var all []asked
	for _, address := range config.Addresses(ctx) {
		all = append(all, asked{"source " + source, address, allow})
	}
	return all
}

// resolveTime bounds how long names are looked up for. What is not found until then is not judged.
const resolveTime = 5 * time.Second

// refusals are those of the addresses that must not be asked, by who asks; allow is the whole of what outbound.allow has to say
// for all of them to be asked.
func refusals(ctx context.Context, outboundAllow []string, all []asked) (found []refused, allow []string) {
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, a := range all {
		rule, err := outbound.NewRule(slices.Concat(outboundAllow, a.allow))
		if a.address == "" || err != nil {
			continue // the configuration says so
		}
		group.Go(func() {
			if host, to, no := rule.Refuses(ctx, a.address); no {
				mu.Lock()
				defer mu.Unlock()
				found = append(found, refused{a.by, host, to})
			}
		})
	}
	group.Wait()
	slices.SortFunc(found, func(a, b refused) int { return cmp.Or(strings.Compare(a.by, b.by), strings.Compare(a.host, b.host)) })
	found = slices.Compact(found)
	allow = slices.Clone(outboundAllow)
	for _, r := range found {
		if !slices.Contains(allow, r.host) {
			allow = append(allow, r.host)
		}
	}
	return found, allow
}

// allowLine is what the configuration has to say in the place of its outbound.
func allowLine(allow []string) string {
	quoted := make([]string, len(allow))
	for i, entry := range allow {
		if quoted[i] = entry; strings.ContainsAny(entry, "*:") { // YAML would take it for something else
			quoted[i] = fmt.Sprintf("%q", entry)
		}
	}
	return "outbound: {allow: [" + strings.Join(quoted, ", ") + "]}"
}

// warnOfRefusals says in the log which addresses that are configured must not be asked: after an upgrade nothing else may tell of it
// before it is missed.
func (d *Daemon) warnOfRefusals(ctx context.Context) {
	all := d.config.asks(ctx)
	if settings, err := d.store.Settings(ctx); err == nil {
		all = append(all, typedAsks(ctx, settings, d.book.Keyring)...)
	}
	found, allow := refusals(ctx, d.config.Outbound.Allow, all)
	for _, r := range found {
		slog.WarnContext(ctx, "an address that is configured must not be asked", "by", r.by, "host", r.host, "address", r.to.String(), "to_allow_it", allowLine(allow))
	}
}

// reach names the addresses that are configured and must not be asked.
func (d *Diagnosis) reach(ctx context.Context, config *Config, keyring *secret.Keyring) {
	all := append(config.asks(ctx), typedAsks(ctx, d.Database.Settings, keyring)...)
	found, allow := refusals(ctx, config.Outbound.Allow, all)
	for _, r := range found {
		d.add(r.by, Ill, "put this into the configuration, in the place of its outbound: "+allowLine(allow), "%s", r)
	}
}
