// Package flux maps what the notification controller of Flux sends by a provider of the type generic-hmac: what Kustomizations
// and HelmReleases did.
//
// Upstream: "Providers", "Alerts" and "Events" of notification-controller, API version notification.toolkit.fluxcd.io/v1beta3,
// and the reasons that kustomize-controller and helm-controller give, Flux 2.2 to 2.7.
package flux
