// Package gocd maps the stages of GoCD: the notification "stage-status", as a notification plugin hands it on over HTTP, and
// what the API has of the same, by a token.
//
// Upstream: "Notification Plugins" of the GoCD plugin API, version 4.0 of the extension, GoCD 18.9 and later; of the API
// "Dashboard" (version 4), "Get pipeline history" (version 1) and "Get stage instance" (version 3).
package gocd
