// Package argocd maps what Argo CD's notifications send by the template of the README: syncs, and applications whose health
// degrades.
//
// Upstream: "Notifications" of the Argo CD documentation (triggers, templates, the webhook service), the type Application of
// API version argoproj.io/v1alpha1, Argo CD 2.4 to 3.2. The body is of our own making: its field template has a version.
package argocd
