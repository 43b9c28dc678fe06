// Package argocd maps what Argo CD's notifications send by the template of the README: syncs, and applications whose health
// degrades. It asks Argo CD's API for the same as well.
//
// Upstream: "Notifications" of the Argo CD documentation (triggers, templates, the webhook service), the type Application of
// API version argoproj.io/v1alpha1, Argo CD 2.4 to 3.2; of its API ListApplications, with the fields that
// the server gives alone, and GetApplication. The body is of our own making: its field template has a version.
package argocd
