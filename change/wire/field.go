package wire

import "strings"

// field is a member of a native event.
type field uint8

const (
	_ field = iota
	fieldTitle
	fieldSubjects
	fieldKind
	fieldPhase
	fieldVersion
	fieldPrevious
	fieldCommit
	fieldEnvironment
	fieldRegion
	fieldCluster
	fieldActor
	fieldStarted
	fieldEnded
	fieldDetail
	fieldDiff
	fieldExposure
	fieldLinks
	fieldLabels
	fieldKey
	fieldSource
	fieldStory
	fieldCount
)

// fields, in the order of the numbers above, is all that is known of the members of a native event: the reader finds them by it, and the table in
// docs/events.md is written from it. The other names are those of New Relic's change tracking, Datadog's events,
// PagerDuty's change events, effx, DevLake and of what people write by themselves.
var fields = [...]struct {
	field   field
	name    string
	aliases string
	shape   string // type, unit and bound
	meaning string
}{
	{fieldTitle, "title", "summary shortDescription displayTitle name", "text, one line; cut after 200 characters", "**Required.** What happened, in words for people."},
	{fieldSubjects, "subjects", "subject service services service_name serviceName", "text or list of up to 500, each up to 512 bytes", "**Required.** What it is about: `service:pricing`, `team:payments`, or a bare service name. Names of other tools keep their prefix: `github:acme/payments`."},
	{fieldKind, "kind", "type category", "one of the kinds below", "What sort of thing happened. Default: `deploy` with a version, else `note`."},
	{fieldPhase, "phase", "status result outcome state", "`planned`, `started`, `succeeded`, `failed`, `cancelled`, or a word below", "How far it has come. Default: `succeeded`."},
	{fieldVersion, "version", "revision release", "text, up to 512 bytes", "What is there now."},
	{fieldPrevious, "previous", "previous_version previousVersion", "text, up to 512 bytes", "What was there before."},
	{fieldCommit, "commit", "commitSha commit_sha sha", "text, up to 512 bytes", "The commit; 7 to 64 hexadecimal digits join merge, build and deploy into one story."},
	{fieldEnvironment, "environment", "env", "text, up to 512 bytes; lower case", "Such as `production`."},
	{fieldRegion, "region", "", "text, up to 512 bytes", "Such as `eu-west-1`."},
	{fieldCluster, "cluster", "", "text, up to 512 bytes", "Such as `prod-2`."},
	{fieldActor, "actor", "user author changed_by changedBy", "`{type, name, via}` or a bare name", "Who did it. `type` is `person`, `automation` or `unknown`; `via` is the tool that acted for them. A bare name is `unknown`, unless it ends in `[bot]` or starts with `svc-`."},
	{fieldStarted, "started_at", "startedAt start_time startTime startedDate time timestamp timestamp_milliseconds date_happened occurred_at", "time, see below", "When it happened or started; orders the feed. Default: `ended_at`, else now."},
	{fieldEnded, "ended_at", "endedAt end_time endTime finished_at finishedAt finishedDate completed_at completedAt", "time, see below", "When it was over."},
	{fieldDetail, "detail", "text description body message", "Markdown, up to 16 KiB", "More for people to read."},
	{fieldDiff, "diff", "", "list of up to 500 `{field, old, new}`; values cut after 2 KiB", "What changed. `path`, `from` and `to` are read too. Leave secrets out."},
	{fieldExposure, "exposure", "", "per cent, 0 to 100", "How much traffic or how many hosts get it. Steps of a canary are reports of one `key`, each with its own `started_at`, or none for now: `ramp` tells when it rose."},
	{fieldLinks, "links", "deepLink deep_link url href actions", "list of up to 50 `{type, title, url}` or an address; http and https", "Where to read on. `href`, `text`, `name` and `level` are read too."},
	{fieldLabels, "labels", "tags customAttributes custom_details", "`{key: value}`, `[\"key:value\"]` or `[{key, value}]`; up to 100, values up to 2 KiB", "Anything else, to filter by."},
	{fieldKey, "key", "dedup_key dedupKey aggregation_key groupId group_id id", "text, up to 512 bytes", "Your own id of what happened. The same source and key again is the same event: a retry changes nothing, a later phase updates it. Default: a new one each time."},
	{fieldSource, "source", "", "text, up to 512 bytes", "Which tool says so. Default: `api`."},
	{fieldStory, "story", "", "text, up to 512 bytes", "Joins events of one change across tools, such as a pull request's address."},
}

// Members that an event from GET /api/v1/events carries and that Tidings sets by itself.
var answered = map[string]bool{
	"class": true, "received_at": true, "history": true, "story_id": true, "dark": true, "recorded_by": true, "redacted": true,
}

type name struct {
	name  string
	field field
}

// names finds a field by any of its names.
var names = func() map[string]name {
	all := map[string]name{}
	for _, f := range fields {
		for _, n := range append(strings.Fields(f.aliases), f.name) {
			all[n] = name{n, f.field}
		}
	}
	return all
}()

func (f field) String() string {
	return fields[f-1].name
}

// Words of other tools for a phase, from their documents. Words that mean different things in different tools, such as
// READY or inactive, are left out: the sender is told, and nothing is guessed.
var phaseWords = words(map[string]string{
	"planned":   "planned pending queued waiting scheduled deploymentqueued blocked needs_attention paused",
	"started":   "started starting in_progress inprogress running building applying planning pending-install pending-upgrade pending-rollback",
	"succeeded": "succeeded success successful passed pass complete completed deployed applied done true",
	"failed":    "failed fail failure error errored terminal unstable timed_out timedout degraded unauthorized false",
	"cancelled": "cancelled canceled cancel aborted stop stopped terminating discarded skipped superseded not_built",
})

// The same for alerts and incidents, which start by firing and succeed by being resolved.
var signalWords = words(map[string]string{
	"started":   "firing triggered created activated alarm critical warning open opened acknowledged detected reported",
	"succeeded": "resolved closed close ok recovered",
})

func words(lists map[string]string) map[string]string {
	all := map[string]string{}
	for phase, list := range lists {
		for _, word := range strings.Fields(list) {
			all[word] = phase
		}
	}
	return all
}
