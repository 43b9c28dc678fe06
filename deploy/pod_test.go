package deploy_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"tidings.dev/tidings/internal/kubernetestest"
)

// podSpec is what the test needs of a pod.
type podSpec struct {
	ServiceAccountName string `json:"serviceAccountName"`
	SecurityContext    struct {
		RunAsUser uint32 `json:"runAsUser"`
	} `json:"securityContext"`
	Containers []struct {
		Args    []string `json:"args"`
		EnvFrom []struct {
			ConfigMapRef struct {
				Name string `json:"name"`
			} `json:"configMapRef"`
		} `json:"envFrom"`
		ReadinessProbe struct {
			HTTPGet struct {
				Path string `json:"path"`
			} `json:"httpGet"`
		} `json:"readinessProbe"`
		VolumeMounts []struct {
			Name      string `json:"name"`
			MountPath string `json:"mountPath"`
		} `json:"volumeMounts"`
	} `json:"containers"`
	Volumes []struct {
		Name   string `json:"name"`
		Secret struct {
			SecretName string `json:"secretName"`
			Items      []struct {
				Key  string `json:"key"`
				Path string `json:"path"`
			} `json:"items"`
		} `json:"secret"`
	} `json:"volumes"`
}

// TestChartRuns installs the chart as docs/kubernetes.md says, and runs what its pod would run: fake nodes run no container, so the
// binary is started here, with the arguments, variables, secrets and user of the pod and the token of its service account, and
// nothing else. A service appears with its owner.
func TestChartRuns(t *testing.T) {
	t.Parallel()
	c := kubernetestest.Open(t)
	namespace := c.Namespace(t)
	binary := built(t)
	server := serve(t, binary)
	token := tidings(t, binary, server, "token", "create", "kubernetes-my-cluster", "--scope", "agent", "--source", "kubernetes-my-cluster")
	kubectl(t, c, "", "create", "secret", "generic", "tidings-agent", "--namespace", namespace, "--from-literal=token="+strings.TrimSpace(token))
	name := namespace + "-tidings-agent" // roles of the whole cluster are of one installation each
	manifests, err := template(t, name, filepath.Join("helm", "tidings-agent"), "--namespace", namespace, "--set", "server="+server, "--set", "cluster=my-cluster", "--set", "environment=production",
		"--set", "source=kubernetes-my-cluster") // a server without login does not ask the token whose it is
	if err != nil {
		t.Fatal(err)
	}
	kubectl(t, c, manifests, "apply", "--filename", "-")
	t.Cleanup(func() { // the test's own context has ended
		if _, err := c.Kubectl(context.WithoutCancel(t.Context()), kubernetestest.Admin, manifests, "delete", "--wait=false", "--filename", "-"); err != nil {
			t.Error(err)
		}
	})

	var pod podSpec
	if err := json.Unmarshal([]byte(kubectl(t, c, "", "get", "deployment", name, "--namespace", namespace, "--output", "jsonpath={.spec.template.spec}")), &pod); err != nil {
		t.Fatal(err)
	}
	probe := start(t, c, namespace, binary, pod)
	kubectl(t, c, fmt.Sprintf(pricing, "merchandising"), "apply", "--namespace", namespace, "--filename", "-")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		said := fetch(t, server+"/api/v1/entities/service/pricing")
		if strings.Contains(said, `"owner":"team:merchandising"`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the service has no owner: %s; the agent is %s", said, fetch(t, probe))
		}
	}
	if said := fetch(t, probe); !strings.HasPrefix(said, "open") {
		t.Errorf("the pod would not be ready: %s", said)
	}
}

// start runs the pod's container, and gives the address of its probe.
func start(t *testing.T, c kubernetestest.Cluster, namespace, binary string, pod podSpec) string {
	t.Helper()
	container := pod.Containers[0]
	root := t.TempDir()
	for _, directory := range []string{root, filepath.Dir(root), filepath.Dir(binary), filepath.Dir(filepath.Dir(binary))} {
		if err := os.Chmod(directory, 0o755); err != nil { //nolint:gosec // another user runs it
			t.Fatal(err)
		}
	}
	write := func(file, content string) {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // another user reads it
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil { //nolint:gosec // another user reads it
			t.Fatal(err)
		}
	}
	mounted := map[string]string{}
	for _, mount := range container.VolumeMounts {
		mounted[mount.Name] = mount.MountPath
	}
	for _, volume := range pod.Volumes {
		var secret struct {
			Data map[string]string `json:"data"`
		}
		if err := json.Unmarshal([]byte(kubectl(t, c, "", "get", "secret", volume.Secret.SecretName, "--namespace", namespace, "--output", "json")), &secret); err != nil {
			t.Fatal(err)
		}
		for _, item := range volume.Secret.Items {
			content, err := base64.StdEncoding.DecodeString(secret.Data[item.Key])
			if err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(root, mounted[volume.Name], item.Path), string(content))
		}
	}
	// What a pod finds by itself in a cluster.
	config, err := clientcmd.LoadFromFile(c.Kubeconfig(kubernetestest.Admin))
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range config.Clusters {
		authority, err := os.ReadFile(cluster.CertificateAuthority)
		if err != nil {
			t.Fatal(err)
		}
		cluster.CertificateAuthority, cluster.CertificateAuthorityData = "", authority
	}
	for _, user := range config.AuthInfos {
		user.Token = strings.TrimSpace(kubectl(t, c, "", "create", "token", pod.ServiceAccountName, "--namespace", namespace))
	}
	account, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(root, "kubeconfig"), string(account))

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // the agent takes it
	args := make([]string, len(container.Args))
	for i, arg := range container.Args {
		for _, path := range mounted {
			arg = strings.Replace(arg, "="+path, "="+filepath.Join(root, path), 1)
		}
		args[i] = strings.Replace(arg, "--listen=:8081", "--listen="+address, 1)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...) //nolint:gosec // it is ours
	cmd.Dir, cmd.Env = root, []string{"KUBECONFIG=" + filepath.Join(root, "kubeconfig")}
	for _, from := range container.EnvFrom {
		var values struct {
			Data map[string]string `json:"data"`
		}
		if err := json.Unmarshal([]byte(kubectl(t, c, "", "get", "configmap", from.ConfigMapRef.Name, "--namespace", namespace, "--output", "json")), &values); err != nil {
			t.Fatal(err)
		}
		for name, value := range values.Data {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: pod.SecurityContext.RunAsUser, Gid: pod.SecurityContext.RunAsUser}}
	}
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	background(t, cmd)
	return "http://" + address + container.ReadinessProbe.HTTPGet.Path
}

// background starts a program, and ends it with the test.
func background(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()                          // it was told to
	})
}

// serve runs a server, and gives its address.
func serve(t *testing.T, binary string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "serve", "--no-login", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	background(t, cmd)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, found := strings.Cut(lines.Text(), "answers at "); found {
			return strings.Fields(rest)[0]
		}
	}
	t.Fatal("the server did not start")
	return ""
}

func tidings(t *testing.T, binary, server string, args ...string) string {
	t.Helper()
	out, err := run(t.Context(), binary, append(args, "--server", server)...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	var text strings.Builder
	_, _ = bufio.NewReader(answer.Body).WriteTo(&text) // what there is says enough
	return text.String()
}
