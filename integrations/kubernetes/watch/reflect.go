package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// object is what is left of an object of the cluster: the only thing that leaves the reading of an answer. Nothing in it
// changes after that.
type object struct {
	namespace, name string
	uid             types.UID
	version         string // of the resource, for the reflector
	synced          bool   // the bookmark that ends the first objects of a watch
	body            any    // what strip made; nil for an object that is of no interest
}

func (o *object) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject gives the object itself: it never changes.
func (o *object) DeepCopyObject() runtime.Object { return o }

// GetObjectMeta tells the reflector what it wants to know.
func (o *object) GetObjectMeta() metav1.Object {
	m := &metav1.ObjectMeta{Namespace: o.namespace, Name: o.name, UID: o.uid, ResourceVersion: o.version}
	if o.synced {
		m.Annotations = map[string]string{metav1.InitialEventsAnnotationKey: "true"}
	}
	return m
}

func (o *object) key() string { return o.namespace + "/" + o.name }

// objects is a list of them, for the reflector.
type objects struct {
	metav1.ListMeta
	Items []*object
}

func (o *objects) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject gives the list itself: nobody changes it.
func (o *objects) DeepCopyObject() runtime.Object { return o }

// scope is one resource in one namespace, or in all: what one reflector fetches.
type scope struct {
	*resource
	namespace string
	selector  string
	client    *client
	reader    reader
	excluded  map[string]bool
	to        chan<- delta
	done      <-chan struct{}
	failing   bool       // the last request failed; of the reflector's goroutine
	undefined error      // what the last watch of a kind said that nobody has defined; of the reflector's goroutine
	announced *announced // of a resource that is uncached and was listed; of the reflector's goroutine
}

// delta is what a reflector found: an object that is there or is gone, or all that are there; or that it failed, or, with
// nothing in it, that it does not fail any more.
type delta struct {
	scope   *scope
	objects []*object
	gone    bool
	all     bool
	err     error
}

// run fetches until ctx ends.
func (s *scope) run(ctx context.Context) {
	lister := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, _ metav1.ListOptions) (runtime.Object, error) {
			if err := s.undefined; err != nil {
				s.undefined = nil
				return nil, err // a list would say the same
			}
			if s.announced != nil {
				if gone := s.announced.next(time.Now()); len(gone) > 0 {
					s.send(delta{scope: s, objects: gone, gone: true})
				}
				return &objects{}, nil // the watch that follows announces what there is
			}
			all, err := s.list(ctx)
			if err == nil && s.uncached {
				s.announced = announce(all.Items, time.Now())
			}
			return all, s.told(ctx, err)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			w, err := s.watch(ctx, options)
			if s.custom && apierrors.IsNotFound(err) {
				s.undefined = err
			}
			if options.SendInitialEvents == nil || s.undefined != nil { // else a server that knows no such watch is asked for a list next
				err = s.told(ctx, err)
			}
			return w, err
		},
	}
	// What goes wrong is told as a trouble of the source, not logged once more by the reflector.
	ctx = klog.NewContext(ctx, logr.Discard())
	cache.NewReflectorWithOptions(lister, &object{}, s, cache.ReflectorOptions{Name: s.name, TypeDescription: s.name}).RunWithContext(ctx)
}

// again is how long a kind that is forbidden or unknown is left alone: roles and definitions are not changed every minute.
const again = 2 * time.Minute

// told passes on how a request ended.
func (s *scope) told(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return err
	case err == nil:
		if s.failing {
			s.failing = false
			s.send(delta{scope: s})
		}
		return nil
	case apierrors.IsNotFound(err) && s.custom:
		s.send(delta{scope: s, all: true}) // nobody has defined the kind: there are none
	case apierrors.IsResourceExpired(err) || apierrors.IsGone(err):
		return err // the list that follows tells
	default:
		s.failing = true
		s.send(delta{scope: s, err: err})
	}
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
	return err
}

// list fetches everything, a page at a time, so that no more than a page of whole objects is in memory.
func (s *scope) list(ctx context.Context) (*objects, error) {
	var all objects
	options := metav1.ListOptions{FieldSelector: s.selector, LabelSelector: s.labelled, Limit: s.page}
	for {
		page := s.resource.list()
		if err := s.client.request(s.resource, s.namespace, &options).Do(ctx).Into(page); err != nil {
			return nil, err
		}
		m, err := meta.ListAccessor(page)
		if err != nil {
			return nil, fmt.Errorf("read a page of %s: %w", s.name, err)
		}
		err = meta.EachListItem(page, func(item runtime.Object) error {
			if o := s.stripped(item); o != nil && o.body != nil {
				all.Items = append(all.Items, o)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read a page of %s: %w", s.name, err)
		}
		all.ResourceVersion = m.GetResourceVersion()
		if m.GetContinue() == "" {
			return &all, nil
		}
		options.Continue = m.GetContinue()
	}
}

// watch follows the changes, and strips each as it is read.
func (s *scope) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.FieldSelector, options.LabelSelector = s.selector, s.labelled
	options.Watch = true
	request := s.client.request(s.resource, s.namespace, &options)
	if options.TimeoutSeconds != nil {
		request = request.Timeout(time.Duration(*options.TimeoutSeconds) * time.Second)
	}
	w, err := request.Watch(ctx)
	if err != nil {
		return nil, err
	}
	return watch.Filter(w, func(event watch.Event) (watch.Event, bool) {
		switch event.Type {
		case watch.Added, watch.Modified, watch.Deleted:
			event.Object = s.stripped(event.Object)
		case watch.Bookmark:
			m, err := meta.Accessor(event.Object)
			if err != nil {
				return event, false
			}
			event.Object = &object{version: m.GetResourceVersion(), synced: m.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true"}
		}
		return event, true
	}), nil
}

func (s *scope) stripped(o runtime.Object) *object {
	m, err := meta.Accessor(o)
	if err != nil {
		return &object{}
	}
	made := &object{namespace: m.GetNamespace(), name: m.GetName(), uid: m.GetUID(), version: m.GetResourceVersion()}
	if !s.excluded[made.namespace] && (!s.cluster || !s.excluded[made.name]) {
		made.body = s.strip(s.reader, o)
	}
	return made
}

// What follows is the store of the reflector: everything goes on to the one goroutine that composes.

func (s *scope) send(d delta) {
	select {
	case s.to <- d:
	case <-s.done:
	}
}

// Add takes an object that is new, or was not of interest before.
func (s *scope) Add(o any) error { return s.Update(o) }

// Update takes an object that changed. One that is of no interest any more is gone.
func (s *scope) Update(o any) error {
	if made, ok := o.(*object); ok {
		if s.announced != nil && made.body != nil {
			s.announced.add(made)
		}
		s.send(delta{scope: s, objects: []*object{made}, gone: made.body == nil})
	}
	return nil
}

// Delete takes an object that is gone.
func (s *scope) Delete(o any) error {
	if made, ok := o.(*object); ok {
		if s.announced != nil {
			s.announced.remove(made)
		}
		s.send(delta{scope: s, objects: []*object{made}, gone: true})
	}
	return nil
}

// Replace takes everything that there is: at first, and after a watch that had expired. Without a version it is no answer of
// the API server.
func (s *scope) Replace(all []any, version string) error {
	if version == "" {
		return nil
	}
	d := delta{scope: s, all: true, objects: make([]*object, 0, len(all))}
	for _, o := range all {
		if made, ok := o.(*object); ok && made.body != nil {
			d.objects = append(d.objects, made)
		}
	}
	s.send(d)
	return nil
}

// Resync has nothing to do: nobody asks for it.
func (s *scope) Resync() error { return nil }
