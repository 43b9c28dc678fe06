// Package webhook maps any JSON to events by expressions of jq in its configuration, for tools that have no folder of their
// own.
//
// Upstream: the jq manual, version 1.7, as github.com/itchyny/gojq understands it. What reads the world outside, makes
// much out of little or repeats without end is not offered (jq.go); what is left is bounded in time, input and results.
package webhook
