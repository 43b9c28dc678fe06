// Package jenkins maps what the Notification plugin of Jenkins sends when a build starts and when it is final.
//
// Upstream: the sources of the plugin, github.com/jenkinsci/notification-plugin (Phase, JobState, BuildState, ScmState),
// version 1.18, format JSON over HTTP.
package jenkins
