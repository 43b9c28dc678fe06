package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"tidings.dev/tidings/internal/kubernetestest"
)

// The cluster under measure.
const (
	podsEach        = 4
	benchNamespaces = 50
	fillDeadline    = 20 * time.Minute
	syncDeadline    = 5 * time.Minute
	settle          = 30 * time.Second // after the first sync, until memory is read
	rollouts        = 40
	rolloutPause    = 500 * time.Millisecond
)

// cluster fills a real Kubernetes with workloads on fake nodes, lets an agent look at it for the first time, watches it do
// nothing, and rolls out.
func (b *bench) cluster(ctx context.Context) error {
	if b.workloads == 0 {
		return nil
	}
	found, err := kubernetestest.Find()
	if err != nil {
		return err
	}
	admin, err := clientcmd.BuildConfigFromFlags("", found.Kubeconfig(kubernetestest.Admin))
	if err != nil {
		return err
	}
	admin.QPS, admin.Burst = 1000, 2000
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return err
	}
	if err := b.fillCluster(ctx, client); err != nil {
		return err
	}
	server, _, err := start(ctx, b.binary, b.arguments("cluster")...)
	if err != nil {
		return err
	}
	defer server.stop() //nolint:errcheck // it was measured
	counted, err := count(found.Kubeconfig(kubernetestest.Agent), b.dir)
	if err != nil {
		return err
	}
	defer counted.close()
	began := time.Now()
	agent, err := startAgent(ctx, b.binary, server.url, counted.kubeconfig)
	if err != nil {
		return err
	}
	defer agent.stop()
	for total := 0; total < b.workloads; time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > syncDeadline {
			return fmt.Errorf("after %s there are %d of %d services: the agent said %s", syncDeadline, total, b.workloads, agent.said())
		}
		if total, err = server.total(ctx, url.Values{"kind": {"service"}, "platform": {"kubernetes"}, "limit": {"1"}}); err != nil {
			return err
		}
	}
	pods := b.workloads * podsEach
	b.add(fmt.Sprintf("first look at %d workloads, %d pods", b.workloads, pods), time.Since(began).Round(10*time.Millisecond).String(), fmt.Sprintf("%d requests", counted.requests.Load()), "60 s")

	sleep(ctx, settle)
	memory, err := resident(agent.cmd.Process.Pid)
	if err != nil {
		return err
	}
	b.add("memory of the agent then", fmt.Sprintf("%.0f MB", memory), "", "150 MB")
	if err := b.silence(ctx, server, agent, counted); err != nil {
		return err
	}
	return b.rollOut(ctx, client, server)
}

// silence looks at the agent for as long as nobody touches the cluster. Leases, heartbeats and resyncs go on, and no event
// may come of them.
func (b *bench) silence(ctx context.Context, server *server, agent *agent, counted *counter) error {
	requests, watches, processor, began := counted.requests.Load(), counted.watches.Load(), agent.processor(), time.Now()
	most, next := 0.0, 10*time.Minute
	counted.taken()
	for ctx.Err() == nil && time.Since(began) < b.quiet {
		sleep(ctx, min(10*time.Second, b.quiet-time.Since(began)))
		memory, err := resident(agent.cmd.Process.Pid)
		if err != nil {
			return fmt.Errorf("the agent ended: it said %s: %w", agent.said(), err)
		}
		most = max(most, memory)
		if passed := time.Since(began); passed >= next {
			events, err := server.events(ctx, began)
			if err != nil {
				return err
			}
			fmt.Printf("  quiet for %s: %d events, %.2f s of processor, %.0f MB, %d requests, %d of them watches\n", next, len(events),
				(agent.processor() - processor).Seconds(), memory, counted.requests.Load()-requests, counted.watches.Load()-watches)
			next += 10 * time.Minute
		}
	}
	b.add(fmt.Sprintf("processor of the agent, %d quiet workloads", b.workloads), fmt.Sprintf("%.2f%% of a core", 100*(agent.processor()-processor).Seconds()/time.Since(began).Seconds()),
		fmt.Sprintf("over %s", b.quiet), "1%")
	watches = counted.watches.Load() - watches
	b.add("requests of the agent meanwhile", fmt.Sprintf("%d, and %d watches renewed", counted.requests.Load()-requests-watches, watches), "", "watches only")
	b.add("memory of the agent meanwhile", fmt.Sprintf("at most %.0f MB", most), "", "150 MB")
	events, err := server.events(ctx, began)
	if err != nil {
		return err
	}
	b.add("events of the cluster meanwhile", strconv.Itoa(len(events)), "", "none")
	for _, event := range events {
		fmt.Printf("  not quiet: %s\n", event)
	}
	for _, request := range counted.taken() {
		fmt.Printf("  no watch: %s\n", request)
	}
	return nil
}

// fillCluster makes the workloads, each a service, and waits until their pods are ready. A second engine finds them there.
func (b *bench) fillCluster(ctx context.Context, client *kubernetes.Clientset) error {
	ctx, cancel := context.WithTimeout(ctx, fillDeadline)
	defer cancel()
	for n := range benchNamespaces {
		_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace(n)}}, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var done sync.WaitGroup
	for range 16 {
		done.Go(func() {
			for n := int(next.Add(1)) - 1; n < b.workloads && failed.Load() == nil; n = int(next.Add(1)) - 1 {
				d := workload(n)
				if _, err := client.AppsV1().Deployments(d.Namespace).Create(ctx, d, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
					failed.Store(&err)
				}
			}
		})
	}
	done.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	for ready := 0; ready < b.workloads*podsEach; sleep(ctx, 3*time.Second) {
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d pods became ready in time", ready, b.workloads*podsEach)
		}
		list, err := client.AppsV1().Deployments("").List(ctx, metav1.ListOptions{ResourceVersion: "0", LabelSelector: "bench=tidings"})
		if err != nil {
			return err
		}
		ready = 0
		for i := range list.Items {
			ready += int(list.Items[i].Status.AvailableReplicas)
		}
		fmt.Printf("\r  %d of %d pods are ready ", ready, b.workloads*podsEach)
	}
	fmt.Println()
	return nil
}

func namespace(n int) string { return fmt.Sprintf("bench-%02d", n%benchNamespaces) }

func workload(n int) *appsv1.Deployment {
	name, replicas := fmt.Sprintf("bench-%05d", n), int32(podsEach)
	labels := map[string]string{"app.kubernetes.io/name": name, "bench": "tidings"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace(n), Labels: labels, Annotations: map[string]string{
			"tidings.dev/owner": fmt.Sprintf("team:bench-%03d", n%200), "tidings.dev/tier": strconv.Itoa(n % 4),
		}},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": name}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "app", Image: "registry.example.com/" + name + ":v1",
					Env: []corev1.EnvVar{{Name: "LOG_LEVEL", Value: "info"}, {Name: "REGION", Value: "eu-1"}, {Name: "POOL", Value: "40"}},
				}}},
			},
		},
	}
}

// browser follows the feed in a real Chromium, and notes when a row of a version is painted. Without TIDINGS_CHROMIUM there
// is none.
func browser(ctx context.Context, url, marker string, note func(version string, at time.Time)) (stop func(), err error) {
	if os.Getenv("TIDINGS_CHROMIUM") == "" {
		fmt.Println("  TIDINGS_CHROMIUM names no browser: what it paints is not measured")
		return nil, nil //nolint:nilnil // there is nothing to stop
	}
	cmd := exec.CommandContext(ctx, "node", "internal/bench/painted.mjs", url, marker)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("open the feed in a browser: %w", err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		return nil, fmt.Errorf("the feed did not open in the browser: %w", errors.Join(errors.New(lines.Text()), cmd.Wait()))
	}
	go func() {
		for lines.Scan() {
			version, text, _ := strings.Cut(lines.Text(), " ")
			if ms, err := strconv.ParseFloat(text, 64); err == nil {
				note(version, time.UnixMicro(int64(ms*1000)))
			}
		}
	}()
	return func() {
		_ = in.Close() // it ends with its input
		_ = cmd.Wait() // it was measured
	}, nil
}

// rollOut changes images one after the other, and measures from the API server's own event to that in an open stream and,
// where there is a browser, to the row that it paints.
func (b *bench) rollOut(ctx context.Context, client *kubernetes.Clientset, server *server) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	marker := fmt.Sprintf("r%d", time.Now().Unix()%100_000)
	var mu sync.Mutex
	seen, shown, painted := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	note := func(into map[string]time.Time, version string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		if _, twice := into[version]; !twice {
			into[version] = at
		}
	}
	closeBrowser, err := browser(ctx, server.url, marker, func(version string, at time.Time) { note(painted, version, at) })
	if err != nil {
		return err
	}
	if closeBrowser != nil {
		defer closeBrowser()
	}
	watch, err := client.AppsV1().Deployments("").Watch(ctx, metav1.ListOptions{LabelSelector: "bench=tidings"})
	if err != nil {
		return err
	}
	defer watch.Stop()
	go func() {
		for event := range watch.ResultChan() {
			if d, ok := event.Object.(*appsv1.Deployment); ok {
				if _, tag, _ := strings.Cut(d.Spec.Template.Spec.Containers[0].Image, ":"); strings.HasPrefix(tag, marker) {
					note(seen, tag, time.Now())
				}
			}
		}
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.url+"/api/v1/stream?kind=deploy", nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: server.http.Transport}).Do(request) //nolint:bodyclose // it is closed below
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	go func() {
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if _, rest, found := strings.Cut(lines.Text(), `"version":"`+marker); found {
				number, _, _ := strings.Cut(rest, `"`)
				note(shown, marker+number, time.Now())
			}
		}
	}()
	random := rand.New(rand.NewPCG(uint64(b.seed), 7)) //nolint:gosec // a benchmark that can be repeated
	for n := range rollouts {
		d := workload(random.IntN(b.workloads))
		patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"registry.example.com/%s:%s-%d"}]}}}}`, d.Name, marker, n)
		if _, err := client.AppsV1().Deployments(d.Namespace).Patch(ctx, d.Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			return err
		}
		sleep(ctx, rolloutPause)
	}
	for all := false; !all; {
		sleep(ctx, 100*time.Millisecond)
		mu.Lock()
		all = len(shown) == rollouts && (closeBrowser == nil || len(painted) == rollouts)
		mu.Unlock()
		if ctx.Err() != nil {
			return fmt.Errorf("of %d rollouts %d arrived in the stream and %d in the browser", rollouts, len(shown), len(painted))
		}
	}
	for _, end := range []struct {
		name string
		at   map[string]time.Time
	}{{"an open stream", shown}, {"the row that a browser painted", painted}} {
		if len(end.at) == 0 {
			continue
		}
		var l load
		for version, at := range end.at {
			l.times = append(l.times, max(at.Sub(seen[version]), 0))
		}
		slices.Sort(l.times)
		b.add("from the API server's event to "+end.name, fmt.Sprintf("p50 %s, p99 %s", millis(l.at(0.5)), millis(l.at(0.99))),
			fmt.Sprintf("%d of %d rollouts", len(end.at), rollouts), "2 s")
	}
	return nil
}

// counter stands between the agent and the API server, and counts.
type counter struct {
	kubeconfig        string
	requests, watches atomic.Int64
	close             func()
	mu                sync.Mutex
	others            []string // that are no watches, since they were last taken
}

// taken are the requests since the last time that were no watches.
func (c *counter) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.others
	c.others = nil
	return all
}

func count(kubeconfig, dir string) (*counter, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	c := &counter{kubeconfig: filepath.Join(dir, "agent.kubeconfig")}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(address) },
		Transport:     transport, // it shows the agent's token
		FlushInterval: -1,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		if r.URL.Query().Get("watch") != "" {
			c.watches.Add(1)
		} else {
			c.mu.Lock()
			c.others = append(c.others, r.Method+" "+r.URL.String())
			c.mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	}))
	c.close = func() {
		server.CloseClientConnections()
		server.Close()
	}
	return c, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"bench": {Server: server.URL}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"agent": {}},
		Contexts:       map[string]*clientcmdapi.Context{"bench": {Cluster: "bench", AuthInfo: "agent"}},
		CurrentContext: "bench",
	}, c.kubeconfig)
}

// agent is the agent under measure, in a process of its own.
type agent struct {
	cmd *exec.Cmd
	log *os.File
}

func startAgent(ctx context.Context, binary, server, kubeconfig string) (*agent, error) {
	log, err := os.Create(kubeconfig + ".log")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "agent", "kubernetes", "--server", server, "--kubeconfig", kubeconfig, "--cluster", "bench", "--environment", "production")
	cmd.Stdout, cmd.Stderr = log, log
	return &agent{cmd, log}, errors.Join(cmd.Start())
}

func (a *agent) stop() {
	_ = a.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = a.cmd.Wait()                          // it was told to
	_ = a.log.Close()                         // nothing that is kept
}

// said is the end of what the agent printed.
func (a *agent) said() string {
	file, err := os.Open(a.log.Name())
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // only read from
	if info, err := file.Stat(); err == nil && info.Size() > 2000 {
		_, _ = file.Seek(-2000, io.SeekEnd) // else all of it is read
	}
	text, _ := io.ReadAll(file)
	return string(text)
}

// ticks a second are 100 wherever Linux runs (getconf CLK_TCK).
const ticks = 100

// processor is how long the agent has run on a processor.
func (a *agent) processor() time.Duration {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(a.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0
	}
	// The name in brackets can hold spaces; user and system time are the 12th and 13th field after it (proc(5)).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
