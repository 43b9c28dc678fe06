package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"tidings.dev/tidings/fault"
)

// client asks the API server. It knows only the kinds that are looked at: the whole of client-go's clientset would make
// the program half as large again.
type client struct {
	rest       *rest.RESTClient
	parameters runtime.ParameterCodec
}

// The first lists of a large cluster are some hundred pages; the API server has its own fair queues.
const (
	requestsASecond = 50
	burst           = 100
)

func newClient(config *rest.Config) (*client, error) {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme, autoscalingv2.AddToScheme, discoveryv1.AddToScheme, networkingv1.AddToScheme, addCustom,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("know the kinds of Kubernetes: %w", err)
		}
	}
	config = rest.CopyConfig(config)
	config.GroupVersion = &corev1.SchemeGroupVersion
	config.APIPath = "/api"
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	// Kinds of a CustomResourceDefinition come as JSON only.
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	if config.WarningHandler == nil && config.WarningHandlerWithContext == nil {
		config.WarningHandler = rest.NoWarnings{} // of versions that grow old, said anew with each page
	}
	if config.QPS == 0 && config.RateLimiter == nil {
		config.QPS, config.Burst = requestsASecond, burst
	}
	made, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the way to the cluster cannot be used: %w", err)
	}
	return &client{rest: made, parameters: runtime.NewParameterCodec(scheme)}, nil
}

// reach asks for the version, to say what is wrong before anything is watched.
func (c *client) reach(ctx context.Context, host string) error {
	err := c.rest.Get().AbsPath("/version").Do(ctx).Error()
	var unknown net.Error
	var address *url.Error
	switch {
	case err == nil || apierrors.IsForbidden(err) || apierrors.IsNotFound(err):
		return nil // somebody answers; what may be seen is told of each kind
	case ctx.Err() != nil:
		return ctx.Err()
	case apierrors.IsUnauthorized(err):
		return fault.New(fault.Unauthenticated, "the cluster at %s does not know who asks: look whether the service account or the kubeconfig is of this cluster, and not expired", host)
	case errors.As(err, &unknown), errors.As(err, &address):
		return fault.New(fault.Unavailable, "the cluster at %s cannot be reached: %w", host, err)
	}
	return fault.New(fault.Unavailable, "the cluster at %s does not answer as one: %w", host, err)
}

// request is a get of all of a resource, or of those of one namespace.
func (c *client) request(r *resource, namespace string, options *metav1.ListOptions) *rest.Request {
	path := r.path
	if namespace != "" {
		path += "/namespaces/" + namespace
	}
	return c.rest.Get().AbsPath(path+"/"+r.name).VersionedParams(options, c.parameters)
}
