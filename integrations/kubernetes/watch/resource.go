package watch

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"tidings.dev/tidings/integrations/kubernetes"
)

// resource is one kind of object as the API server serves it, and how it is stripped.
type resource struct {
	name       string // plural, as in a path: "deployments"
	path       string // of its group and version: "/apis/apps/v1"
	collection string // what it is sent as; empty for what only feeds others
	group      string // for sentences: "apps"
	cluster    bool   // not in a namespace
	custom     bool   // from a CustomResourceDefinition, which may be absent
	uncached   bool   // the API server has no watch cache of it: a watch cannot go on where one ended a while ago
	optional   bool   // what goes on well enough without it: where it is forbidden, nothing is said of a narrowed look
	selector   string // of fields, so that the API server leaves out the rest
	labelled   string // the same of labels
	page       int64  // objects of one answer
	list       func() runtime.Object
	strip      func(reader, runtime.Object) any // nil for an object that is of no interest
}

// What is fetched. Two of a name are told apart by their selectors.
const (
	anyPage = 500
	bigPage = 50 // of objects that can be a megabyte each
)

func strip[T runtime.Object](f func(reader, T) any) func(reader, runtime.Object) any {
	return func(r reader, o runtime.Object) any {
		typed, ok := o.(T)
		if !ok {
			return nil
		}
		return f(r, typed)
	}
}

// resources are the ones that the collections need.
func resources(collections []string) []*resource {
	asked := map[string]bool{}
	for _, c := range collections {
		asked[c] = true
	}
	workloads := asked[kubernetes.Deployments] || asked[kubernetes.StatefulSets] || asked[kubernetes.DaemonSets] ||
		asked[kubernetes.CronJobs] || asked[kubernetes.Jobs] || asked[kubernetes.Rollouts]
	routes := asked[kubernetes.Services] || asked[kubernetes.Ingresses] || asked[kubernetes.HTTPRoutes] || asked[kubernetes.GRPCRoutes]
	var needed []*resource
	add := func(wanted bool, r resource) {
		if !wanted {
			return
		}
		if r.page == 0 {
			r.page = anyPage
		}
		needed = append(needed, &r)
	}
	add(asked[kubernetes.Deployments], resource{
		name: "deployments", path: "/apis/apps/v1", collection: kubernetes.Deployments, group: "apps",
		list: func() runtime.Object { return &appsv1.DeploymentList{} }, strip: strip(reader.deployment),
	})
	add(asked[kubernetes.StatefulSets], resource{
		name: "statefulsets", path: "/apis/apps/v1", collection: kubernetes.StatefulSets, group: "apps",
		list: func() runtime.Object { return &appsv1.StatefulSetList{} }, strip: strip(reader.statefulSet),
	})
	add(asked[kubernetes.DaemonSets], resource{
		name: "daemonsets", path: "/apis/apps/v1", collection: kubernetes.DaemonSets, group: "apps",
		list: func() runtime.Object { return &appsv1.DaemonSetList{} }, strip: strip(reader.daemonSet),
	})
	add(asked[kubernetes.Rollouts], resource{
		name: "rollouts", path: "/apis/argoproj.io/v1alpha1", collection: kubernetes.Rollouts, group: "argoproj.io", custom: true,
		list: func() runtime.Object { return &rolloutList{} }, strip: strip(reader.rollout),
	})
	add(asked[kubernetes.CronJobs], resource{
		name: "cronjobs", path: "/apis/batch/v1", collection: kubernetes.CronJobs, group: "batch",
		list: func() runtime.Object { return &batchv1.CronJobList{} }, strip: strip(reader.cronJob),
	})
	add(asked[kubernetes.CronJobs] || asked[kubernetes.Jobs], resource{
		name: "jobs", path: "/apis/batch/v1", collection: kubernetes.Jobs, group: "batch",
		list: func() runtime.Object { return &batchv1.JobList{} }, strip: strip(reader.job),
	})
	add(asked[kubernetes.Deployments] || asked[kubernetes.Rollouts], resource{
		name: "replicasets", path: "/apis/apps/v1", group: "apps",
		list: func() runtime.Object { return &appsv1.ReplicaSetList{} }, strip: strip(reader.replicaSet),
	})
	add(asked[kubernetes.StatefulSets] || asked[kubernetes.DaemonSets], resource{
		name: "controllerrevisions", path: "/apis/apps/v1", group: "apps",
		list: func() runtime.Object { return &appsv1.ControllerRevisionList{} }, strip: strip(reader.controllerRevision),
	})
	add(workloads || asked[kubernetes.Nodes], resource{
		name: "pods", path: "/api/v1", list: func() runtime.Object { return &corev1.PodList{} }, strip: strip(reader.pod),
	})
	add(workloads, resource{
		name: "horizontalpodautoscalers", path: "/apis/autoscaling/v2", group: "autoscaling",
		list: func() runtime.Object { return &autoscalingv2.HorizontalPodAutoscalerList{} }, strip: strip(reader.autoscaler),
	})
	add(workloads, resource{
		name: "events", path: "/api/v1", selector: "type=Warning", uncached: true,
		list: func() runtime.Object { return &corev1.EventList{} }, strip: strip(reader.event),
	})
	add(workloads, resource{
		name: "events", path: "/api/v1", selector: "reason=SuccessfulRescale", uncached: true,
		list: func() runtime.Object { return &corev1.EventList{} }, strip: strip(reader.event),
	})
	add(asked[kubernetes.ConfigMaps], resource{
		name: "configmaps", path: "/api/v1", collection: kubernetes.ConfigMaps, page: bigPage,
		list: func() runtime.Object { return &corev1.ConfigMapList{} }, strip: strip(reader.configMap),
	})
	add(asked[kubernetes.Secrets], resource{
		name: "secrets", path: "/api/v1", collection: kubernetes.Secrets, page: bigPage,
		selector: "type!=" + helmType + ",type!=kubernetes.io/service-account-token,type!=bootstrap.kubernetes.io/token",
		list:     func() runtime.Object { return &corev1.SecretList{} }, strip: strip(reader.secret),
	})
	add(asked[kubernetes.HelmReleases], resource{
		name: "secrets", path: "/api/v1", collection: kubernetes.HelmReleases, page: bigPage,
		selector: "type=" + helmType,
		list:     func() runtime.Object { return &corev1.SecretList{} }, strip: strip(reader.helmRelease),
	})
	add(routes || workloads, resource{
		name: "services", path: "/api/v1", collection: kubernetes.Services,
		list: func() runtime.Object { return &corev1.ServiceList{} }, strip: strip(reader.service),
	})
	// A Service with a selector leads to the pods that it selects, and its slices are written whenever one of them becomes
	// ready or not. Those of a Service without one are all that tells where it leads to.
	add(routes || workloads, resource{
		name: slicesName, path: "/apis/discovery.k8s.io/v1", group: "discovery.k8s.io",
		labelled: discoveryv1.LabelManagedBy + "!=" + sliceController,
		list:     func() runtime.Object { return &discoveryv1.EndpointSliceList{} }, strip: strip(reader.endpointSlice),
	})
	add(asked[kubernetes.Ingresses] || workloads, resource{
		name: "ingresses", path: "/apis/networking.k8s.io/v1", collection: kubernetes.Ingresses, group: "networking.k8s.io",
		list: func() runtime.Object { return &networkingv1.IngressList{} }, strip: strip(reader.ingress),
	})
	add(asked[kubernetes.HTTPRoutes] || workloads, resource{
		name: "httproutes", path: "/apis/gateway.networking.k8s.io/v1", collection: kubernetes.HTTPRoutes, group: "gateway.networking.k8s.io", custom: true,
		list: func() runtime.Object { return &httpRouteList{} }, strip: strip(reader.httpRoute),
	})
	add(asked[kubernetes.GRPCRoutes] || workloads, resource{
		name: "grpcroutes", path: "/apis/gateway.networking.k8s.io/v1", collection: kubernetes.GRPCRoutes, group: "gateway.networking.k8s.io", custom: true,
		list: func() runtime.Object { return &grpcRouteList{} }, strip: strip(reader.grpcRoute),
	})
	add(true, resource{
		name: "namespaces", path: "/api/v1", collection: kubernetes.Namespaces, cluster: true, optional: true,
		list: func() runtime.Object { return &corev1.NamespaceList{} }, strip: strip(reader.namespace),
	})
	add(asked[kubernetes.Nodes], resource{
		name: "nodes", path: "/api/v1", collection: kubernetes.Nodes, cluster: true, optional: true,
		list: func() runtime.Object { return &corev1.NodeList{} }, strip: strip(reader.node),
	})
	return needed
}

// Rights are what the agent asks the API server for, by API group: it lists and watches these resources, and does nothing
// else. The roles in deploy/ grant just that.
func (o Options) Rights() map[string][]string {
	rights := map[string][]string{}
	for _, r := range resources(o.Collections()) {
		if !slices.Contains(rights[r.group], r.name) {
			rights[r.group] = append(rights[r.group], r.name)
		}
	}
	return rights
}
