// Package gocd maps the notification "stage-status" of GoCD, as a notification plugin hands it on over HTTP.
//
// Upstream: "Notification Plugins" of the GoCD plugin API, version 4.0 of the extension, GoCD 18.9 and later.
package gocd
