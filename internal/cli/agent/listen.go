package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes/audit"
	"tidings.dev/tidings/internal/agent"
)

// auditSettings say where the API server delivers its audit, and how it is known.
type auditSettings struct {
	listen, cert, key, tokenFile, clientCA string
}

func (s auditSettings) receiver(a *agent.Agent, filter audit.Filter) (*audit.Receiver, error) {
	if err := filter.Validate(); err != nil {
		return nil, err
	}
	r := &audit.Receiver{
		Filter:  filter,
		Deliver: a.Deliver,
		Trouble: func(sentence string) { a.Trouble("audit", sentence) },
	}
	switch {
	case s.tokenFile != "":
		r.Token = agent.Token("", s.tokenFile)
		if _, err := r.Token(); err != nil {
			return nil, fault.New(fault.Invalid, "--audit-token-file: %w", err)
		}
	case s.clientCA == "":
		return nil, fault.New(fault.Invalid, "--audit-listen takes nothing from whoever comes: give --audit-token-file, or --audit-client-ca")
	}
	return r, nil
}

// encryption is how the audit is received. Without a certificate it is only on this machine, for the token would be seen
// by all between.
func (s auditSettings) encryption() (*tls.Config, error) {
	if s.cert == "" && s.key == "" {
		host, _, err := net.SplitHostPort(s.listen)
		if ip := net.ParseIP(host); s.clientCA == "" && err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
			return nil, nil
		}
		return nil, fault.New(fault.Invalid, "--audit-listen beyond this machine needs --audit-tls-cert and --audit-tls-key")
	}
	// It is read for each connection, so that it can be renewed.
	load := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		return &pair, err
	}
	if _, err := load(nil); err != nil {
		return nil, fault.New(fault.Invalid, "--audit-tls-cert and --audit-tls-key: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: load}
	if s.clientCA != "" {
		text, err := os.ReadFile(s.clientCA)
		if err != nil {
			return nil, fault.New(fault.Invalid, "--audit-client-ca: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "--audit-client-ca: %s holds no certificate in PEM", s.clientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// servers are the listeners of an agent.
type servers []*http.Server

func (o *kubernetes) listeners(a *agent.Agent, receiver *audit.Receiver) (servers, error) {
	var all servers
	open := func(what, address string, encryption *tls.Config, handler http.Handler) error {
		listener, err := net.Listen("tcp", address) //nolint:noctx // it is there at once, or fails
		if err != nil {
			return fault.New(fault.Invalid, "--%s: %w", what, err)
		}
		if encryption != nil {
			listener = tls.NewListener(listener, encryption)
		}
		server := &http.Server{
			Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
			IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
		}
		all = append(all, server)
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				slog.Error("a listener ended", "listener", what, "reason", err.Error())
			}
		}()
		slog.Info("listening", "listener", what, "address", listener.Addr().String())
		return nil
	}
	if o.listen != "" {
		if err := open("listen", o.listen, nil, health(a, receiver)); err != nil {
			return nil, err
		}
	}
	if receiver != nil {
		encryption, err := o.audit.encryption()
		if err != nil {
			return all, err
		}
		if err := open("audit-listen", o.audit.listen, encryption, standby(a, receiver)); err != nil {
			return all, err
		}
	}
	return all, nil
}

// close lets what is being delivered end.
func (s servers) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, server := range s {
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // it is over either way
		}
	}
}

// standby sends the API server on to the agent that is at work: on its next attempt it is led to another, or to this one
// when that is gone.
func standby(a *agent.Agent, receiver *audit.Receiver) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.Status().Connection == agent.StandsBy {
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "1")
			http.Error(w, "another agent is at work: send it again", http.StatusServiceUnavailable)
			return
		}
		receiver.ServeHTTP(w, r)
	})
}

func health(a *agent.Agent, receiver *audit.Receiver) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &metrics{agent: a, receiver: receiver})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		status := a.Status()
		// One that was ready stays so while the server is away: it looks on, and takes the audit.
		ready := status.Ever || status.Connection == agent.StandsBy
		if status.Connection == agent.Refused || !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, status.Connection)
		for _, line := range []string{status.Reason, status.Report.Problem} {
			if line != "" {
				fmt.Fprintln(w, line)
			}
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// metrics are what an agent tells of itself; docs/cli.md lists them.
type metrics struct {
	agent    *agent.Agent
	receiver *audit.Receiver
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tidings_agent_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector: what there is depends on nothing.
func (m *metrics) Describe(into chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, into) }

// Collect implements prometheus.Collector.
func (m *metrics) Collect(into chan<- prometheus.Metric) {
	s := m.agent.Status()
	gauge := func(value float64, name, help string) {
		into <- prometheus.MustNewConstMetric(describe(name, help), prometheus.GaugeValue, value)
	}
	counter := func(value int, name, help string) {
		into <- prometheus.MustNewConstMetric(describe(name, help), prometheus.CounterValue, float64(value))
	}
	for _, connection := range []agent.Connection{agent.Begins, agent.Open, agent.Away, agent.Refused, agent.StandsBy} {
		value := 0.0
		if s.Connection == connection {
			value = 1
		}
		into <- prometheus.MustNewConstMetric(describe("connection", "1 for how the agent stands with its server.", "state"), prometheus.GaugeValue, value, string(connection))
	}
	gauge(float64(s.Report.Waiting), "waiting_observations", "Observations that the server has not acknowledged.")
	gauge(float64(s.Bytes), "waiting_bytes", "About how much memory they take.")
	gauge(float64(s.Report.Objects), "objects", "Objects that the server knows of.")
	gauge(seconds(s.Report.SyncedAt), "synced_timestamp_seconds", "When the server had seen everything once in this session; 0 before.")
	gauge(seconds(s.Acknowledged), "acknowledged_timestamp_seconds", "When the server last acknowledged anything.")
	counter(s.Sent, "observations_total", "Observations that the server acknowledged.")
	counter(s.Batches, "batches_total", "Batches that the server acknowledged, those without observations among them.")
	counter(s.Sessions, "sessions_total", "Sessions that were opened: after the first, each is another look from the start.")
	counter(s.Report.Lost, "dropped_total", "Observations that found no room, and were made up for by looking again.")
	counter(s.Refusals, "refused_total", "Observations that the server could not take.")
	if m.receiver == nil {
		return
	}
	c := m.receiver.Counts()
	for result, n := range map[string]int{"taken": c.Deliveries, "refused": c.Refused, "unreadable": c.Unreadable, "delayed": c.Delayed} {
		into <- prometheus.MustNewConstMetric(describe("audit_deliveries_total", "Deliveries of the audit, by what became of them: taken, refused (not known who), unreadable, or delayed (the server did not acknowledge in time).", "result"), prometheus.CounterValue, float64(n), result)
	}
	counter(c.Events, "audit_events_total", "Events of the audit that were taken.")
	counter(c.Acts, "audit_acts_total", "Those of them that say who changed something.")
	gauge(seconds(c.LastAt), "audit_taken_timestamp_seconds", "When a delivery of the audit was last taken.")
}

func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixMilli()) / 1000
}
