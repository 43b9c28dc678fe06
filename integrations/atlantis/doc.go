// Package atlantis maps what Atlantis sends by its webhooks of the kind http: applies and detected drift.
//
// Upstream: "Sending notifications via webhooks" of the Atlantis documentation (events apply and drift), Atlantis 0.35 and
// later.
package atlantis
