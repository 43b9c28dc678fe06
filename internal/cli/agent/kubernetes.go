package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes/audit"
	"tidings.dev/tidings/integrations/kubernetes/watch"
	"tidings.dev/tidings/internal/agent"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/variable"
	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/observe"
)

type kubernetes struct {
	console console.Console
	release string

	server, token, tokenFile, ca, source string
	cluster, environment, region         string
	kubeconfig, context                  string
	look                                 watch.Options
	automation                           []string
	listen                               string
	audit                                auditSettings
	standBy                              bool
	dryRun, watch                        bool
	buffer                               string
	log                                  journal.Settings
}

func newKubernetes(c console.Console, release string) *cobra.Command {
	o := &kubernetes{console: c, release: release}
	cmd := &cobra.Command{
		Use:   "kubernetes",
		Short: "Look at a Kubernetes cluster",
		Long: `Looks at a Kubernetes cluster: which services run there, who owns them, what was
rolled out, scaled and configured, and by whom. It only reads. Values of variables,
ConfigMaps and Secrets stay in the cluster: the server gets fingerprints of them, by
which it knows that one changed. See what would be sent before you send it:

  tidings agent kubernetes --context staging --dry-run

It needs a token of the scope agent, which an administrator makes on the server:

  tidings token create kubernetes --scope agent --source kubernetes-prod

Inside a cluster it uses the account of its pod; the manifests and the Helm chart in
deploy/ make one that may read and nothing else. Outside it uses your kubeconfig.

Who changed something is known for sure where the API server delivers its audit:
--audit-listen takes it. Nothing is taken without the token in --audit-token-file or
a certificate of --audit-client-ca.

While the server is away, what is seen waits in memory (--buffer), and beyond that
everything is looked at again: nothing is missed, and nothing told twice. Each flag
can be given as a variable as well: --token-file is TIDINGS_TOKEN_FILE.`,
		Example: `  # from a laptop, to a server on this machine without login
  tidings agent kubernetes --context staging

  # as it runs in a pod
  tidings agent kubernetes --server https://tidings.example.com --token-file /etc/tidings/token \
    --cluster prod --environment production --listen :8081

  # two namespaces, without any right to read Secrets
  tidings agent kubernetes --cluster prod --namespaces shop,payments --no-secrets --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := variable.Set(cmd.Flags(), lookup(c)); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.add(cmd.Flags())
	return cmd
}

func lookup(c console.Console) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value := c.Env(name)
		return value, value != ""
	}
}

func (o *kubernetes) add(flags *pflag.FlagSet) {
	flags.StringVar(&o.server, "server", "http://127.0.0.1:8080", "the address of the server")
	flags.StringVar(&o.token, "token", "", "the agent's token; better by --token-file, or TIDINGS_TOKEN")
	flags.StringVar(&o.tokenFile, "token-file", "", "a file with the token; it is read anew each time, so that it can be replaced")
	flags.StringVar(&o.ca, "ca-file", "", "certificates by which the server's is verified, beside those of the system")
	flags.StringVar(&o.source, "source", "", "the name of the source (default: that of the token, or without one kubernetes-CLUSTER)")
	flags.StringVar(&o.cluster, "cluster", "", "the cluster's name, as people call it (default outside of it: the context)")
	flags.StringVar(&o.environment, "environment", "", "the environment of everything in it, such as production")
	flags.StringVar(&o.region, "region", "", "where it runs, such as eu-west-1")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "a kubeconfig (also KUBECONFIG; default: the pod's account, or ~/.kube/config)")
	flags.StringVar(&o.context, "context", "", "the context in the kubeconfig")
	flags.StringSliceVar(&o.look.Namespaces, "namespaces", nil, "look at these namespaces alone; roles in them suffice then")
	flags.StringSliceVar(&o.look.ExcludeNamespaces, "exclude-namespaces", nil, "leave these out, beside those of Kubernetes itself")
	flags.StringSliceVar(&o.look.Kinds, "kinds", nil, "look at these kinds alone, such as deployments,ingresses")
	flags.BoolVar(&o.look.WithoutSecrets, "no-secrets", false, "leave Secrets out, and with them the releases of Helm; needs no right to read them")
	flags.StringSliceVar(&o.automation, "automation-users", nil, "users of the audit that are machines, such as ci-*,*@bots.example.com")
	flags.StringVar(&o.audit.listen, "audit-listen", "", "take the API server's audit on this address, host:port, at /audit")
	flags.StringVar(&o.audit.cert, "audit-tls-cert", "", "the certificate to show there, in PEM")
	flags.StringVar(&o.audit.key, "audit-tls-key", "", "its key")
	flags.StringVar(&o.audit.tokenFile, "audit-token-file", "", "a file with the token that the API server shows")
	flags.StringVar(&o.audit.clientCA, "audit-client-ca", "", "certificates of the authority of the certificate that the API server shows")
	flags.StringVar(&o.listen, "listen", "", "answer /healthz, /readyz and /metrics on this address, host:port")
	flags.BoolVar(&o.standBy, "leader-elect", false, "stand by while another agent of the source is alive; with several replicas")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what would be sent, one line of JSON each, and send nothing")
	flags.BoolVar(&o.watch, "watch", false, "with --dry-run: go on with what changes, until Ctrl-C")
	flags.StringVar(&o.buffer, "buffer", "32MiB", "how much may wait in memory while the server is away")
	flags.StringVar(&o.log.Format, "log-format", "text", "how the log is written: text or json")
	flags.StringVar(&o.log.Level, "log-level", "info", "the least that is logged: debug, info, warn or error")
}

func (o *kubernetes) run(ctx context.Context) error {
	if err := o.log.Validate(); err != nil {
		return fault.New(fault.Invalid, "log: %w", err)
	}
	slog.SetDefault(journal.New(o.console.Err, o.log).Logger)
	klog.SetSlogLogger(slog.Default())
	config, err := o.connect()
	if err != nil {
		return err
	}
	looker, err := watch.New(config, o.look)
	if err != nil {
		return err
	}
	where := config.Host + ", " + o.scope()
	if o.dryRun {
		fmt.Fprintf(o.console.Err, "Nothing is sent. This is what the agent would send of %s:\n", where)
		return agent.DryRun(ctx, looker, looker.Collections(), o.watch, o.console.Out, func(sentence string) { fmt.Fprintln(o.console.Err, sentence) })
	}
	settings, err := o.settings(where, looker.Collections())
	if err != nil {
		return err
	}
	door, err := agent.Connect(agent.Address{Server: o.server, Token: agent.Token(o.token, o.tokenFile), CA: o.ca, Release: o.release})
	if err != nil {
		return err
	}
	a := agent.New(settings, door, looker)
	var receiver *audit.Receiver
	if o.audit.listen != "" {
		filter := audit.Filter{Collections: looker.Collections(), Looks: o.look.Looks, Stands: looker.Stands, Automation: o.automation}
		if receiver, err = o.audit.receiver(a, filter); err != nil {
			return err
		}
	}
	servers, err := o.listeners(a, receiver)
	if err != nil {
		return err
	}
	defer servers.close(ctx)
	fmt.Fprintf(o.console.Out, "Looking at the cluster %s (%s), and telling %s. Ctrl-C ends it.\n", o.cluster, where, o.server)
	return a.Run(ctx)
}

func (o *kubernetes) settings(where string, collections []string) (agent.Settings, error) {
	buffer, err := parseBytes(o.buffer)
	if err != nil {
		return agent.Settings{}, err
	}
	if o.watch {
		return agent.Settings{}, fault.New(fault.Invalid, "--watch goes with --dry-run: without it the agent watches anyway")
	}
	if !validName(o.cluster) {
		return agent.Settings{}, fault.New(fault.Invalid, "%q is not a name for the cluster: use letters, digits, dots, dashes and underscores, at most 63, as in --cluster prod", o.cluster)
	}
	if o.source == "" && o.token == "" && o.tokenFile == "" {
		o.source = "kubernetes-" + strings.ToLower(o.cluster)
	}
	return agent.Settings{
		Buffer:  buffer,
		StandBy: o.standBy,
		Opening: observe.Opening{
			Source: o.source, Type: "kubernetes", Collections: collections, Agent: o.name(),
			Scope:  observe.Scope{Cluster: o.cluster, Environment: o.environment, Region: o.region, Extent: o.look.Extent()},
			Report: observe.Report{Version: o.release, Detail: where},
		},
	}, nil
}

// name tells agents of one source apart. A pod's name is its own, and stays when its container starts again.
func (o *kubernetes) name() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if o.inside() {
		return host
	}
	return fmt.Sprintf("%s, process %d", host, os.Getpid())
}

// scope says for people what is looked at.
func (o *kubernetes) scope() string {
	text := "all namespaces"
	if names := o.look.Namespaces; len(names) > 0 {
		text = "namespaces " + strings.Join(names, ", ")
	}
	if names := o.look.ExcludeNamespaces; len(names) > 0 {
		text += " but " + strings.Join(names, ", ")
	}
	if o.look.WithoutSecrets {
		text += ", without Secrets"
	}
	if o.audit.listen != "" {
		text += ", with the audit"
	}
	return text
}

func (o *kubernetes) inside() bool {
	return o.kubeconfig == "" && o.context == "" && o.console.Env("KUBECONFIG") == "" && o.console.Env("KUBERNETES_SERVICE_HOST") != ""
}

// connect finds the cluster, and its name where it was not given.
func (o *kubernetes) connect() (*rest.Config, error) {
	if o.inside() {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fault.New(fault.Unavailable, "the pod's account cannot be used: %w", err)
		}
		if o.cluster == "" {
			return nil, fault.New(fault.Invalid, "give the cluster a name: --cluster prod. A pod cannot know how people call it")
		}
		config.UserAgent = o.agent()
		return config, nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = cmp.Or(o.kubeconfig, o.console.Env("KUBECONFIG"))
	if strings.Contains(rules.ExplicitPath, string(os.PathListSeparator)) && o.kubeconfig == "" {
		rules.ExplicitPath = "" // several files are merged by the rules themselves
	}
	loaded := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context})
	config, err := loaded.ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, fault.New(fault.Invalid, "there is no kubeconfig: name one by --kubeconfig, or run the agent in the cluster")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the kubeconfig cannot be used: %w", err)
	}
	raw, err := loaded.RawConfig()
	if err != nil {
		return nil, fault.New(fault.Invalid, "the kubeconfig cannot be read: %w", err)
	}
	if o.cluster == "" {
		o.cluster = strings.Trim(unnamed.ReplaceAllString(cmp.Or(o.context, raw.CurrentContext), "-"), "-")
	}
	config.UserAgent = o.agent()
	return config, nil
}

func (o *kubernetes) agent() string { return "tidings-agent/" + o.release }

var (
	unnamed = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	named   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
	amount  = regexp.MustCompile(`^([0-9]{1,6}) ?(KiB|MiB|GiB|Ki|Mi|Gi)$`)
)

func validName(name string) bool { return named.MatchString(name) }

// parseBytes reads an amount of memory: 32MiB, or 32Mi as Kubernetes writes it.
func parseBytes(text string) (int, error) {
	match := amount.FindStringSubmatch(text)
	wrong := fault.New(fault.Invalid, "--buffer is an amount of memory from 1MiB to 1GiB, such as 32MiB, not %q", text)
	if match == nil {
		return 0, wrong
	}
	n := 0
	if _, err := fmt.Sscan(match[1], &n); err != nil {
		return 0, errors.Join(wrong, err)
	}
	n <<= map[byte]int{'K': 10, 'M': 20, 'G': 30}[match[2][0]]
	if n < 1<<20 || n > 1<<30 {
		return 0, wrong
	}
	return n, nil
}
