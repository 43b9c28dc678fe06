package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

const cdeventsPrefix = "dev.cdevents."

// cdevents is how the events of cdevents/spec v0.4.1 and v0.5.1 map; all others become notes. Table of the documents:
// core, continuous-integration, continuous-deployment, continuous-operations, source-code-version-control,
// testing-events and ticket events. In a title, a part in brackets is left out where its variable is not known.
var cdevents = [...]struct {
	name  string // subject.predicate
	kind  string
	phase change.Phase // of a finished run, the outcome says more
	title string
	// advances marks the steps of one thing: all events of one source and subject share one key.
	advances bool
}{
	{"service.deployed", "deploy", change.Succeeded, "{name}[ {version}] deployed[ to {environment}]", false},
	{"service.upgraded", "deploy", change.Succeeded, "{name} upgraded[ to {version}][ in {environment}]", false},
	{"service.rolledback", "rollback", change.Succeeded, "{name} rolled back[ to {version}][ in {environment}]", false},
	{"service.removed", "infrastructure", change.Succeeded, "{name} removed[ from {environment}]", false},
	{"service.published", "traffic", change.Succeeded, "{name} opened to traffic[ in {environment}]", false},
	{"environment.created", "infrastructure", change.Succeeded, "Environment {name} created", false},
	{"environment.modified", "infrastructure", change.Succeeded, "Environment {name} changed", false},
	{"environment.deleted", "infrastructure", change.Succeeded, "Environment {name} deleted", false},
	{"incident.detected", "incident", change.Started, "{description}", true},
	{"incident.reported", "incident", change.Started, "{description}", true},
	{"incident.resolved", "incident", change.Succeeded, "{description}", true},
	{"pipelinerun.queued", "build", change.Planned, "Pipeline {name}", true},
	{"pipelinerun.started", "build", change.Started, "Pipeline {name}", true},
	{"pipelinerun.finished", "build", change.Succeeded, "Pipeline {name}", true},
	{"taskrun.started", "build", change.Started, "Task {name}", true},
	{"taskrun.finished", "build", change.Succeeded, "Task {name}", true},
	{"build.queued", "build", change.Planned, "Build {name}", true},
	{"build.started", "build", change.Started, "Build {name}", true},
	{"build.finished", "build", change.Succeeded, "Build {name}", true},
	{"testcaserun.queued", "build", change.Planned, "Test {name}", true},
	{"testcaserun.started", "build", change.Started, "Test {name}", true},
	{"testcaserun.finished", "build", change.Succeeded, "Test {name}", true},
	{"testcaserun.skipped", "build", change.Cancelled, "Test {name}", true},
	{"testsuiterun.queued", "build", change.Planned, "Test suite {name}", true},
	{"testsuiterun.started", "build", change.Started, "Test suite {name}", true},
	{"testsuiterun.finished", "build", change.Succeeded, "Test suite {name}", true},
	// What comes before a merge does not share its key: it would date the merge to the day when work began.
	{"change.created", "note", change.Succeeded, "Change {id} opened[ in {repository}]", false},
	{"change.updated", "note", change.Succeeded, "Change {id} updated[ in {repository}]", false},
	{"change.reviewed", "note", change.Succeeded, "Change {id} reviewed[ in {repository}]", false},
	{"change.merged", "merge", change.Succeeded, "Change {id} merged[ in {repository}]", false},
	{"change.abandoned", "note", change.Succeeded, "Change {id} abandoned[ in {repository}]", false},
	{"artifact.packaged", "build", change.Succeeded, "{name}[ {version}] packaged", false},
	{"artifact.published", "release", change.Succeeded, "{name}[ {version}] published", false},
	{"artifact.signed", "note", change.Succeeded, "{name}[ {version}] signed", false},
	{"artifact.downloaded", "note", change.Succeeded, "{name}[ {version}] downloaded", false},
	{"artifact.deleted", "note", change.Succeeded, "{name}[ {version}] deleted", false},
	{"branch.created", "note", change.Succeeded, "Branch {id} created[ in {repository}]", false},
	{"branch.deleted", "note", change.Succeeded, "Branch {id} deleted[ in {repository}]", false},
	{"repository.created", "note", change.Succeeded, "Repository {name} created", false},
	{"repository.modified", "note", change.Succeeded, "Repository {name} changed", false},
	{"repository.deleted", "note", change.Succeeded, "Repository {name} deleted", false},
	{"ticket.created", "note", change.Started, "{description}", true},
	{"ticket.updated", "note", change.Started, "{description}", true},
	{"ticket.closed", "note", change.Succeeded, "{description}", true},
	{"testoutput.published", "note", change.Succeeded, "Test output {id} published", false},
}

// cdEvent reads a CDEvent: {context, subject, customData}. The version at the end of its type is not looked at, for
// the drafts in use number it freely: what a release renamed is read by both names.
func (r *reader) cdEvent(v *value, pointer string) {
	context, subject := v.get("context"), v.get("subject")
	content, custom := subject.get("content"), v.get("customData")
	wrong := len(r.faults)
	for _, required := range [...]struct {
		in   *value
		name string
		at   string
	}{{context, "id", "/context/id"}, {context, "source", "/context/source"}, {context, "type", "/context/type"}, {subject, "id", "/subject/id"}} {
		if strings.TrimSpace(required.in.get(required.name).text) == "" {
			r.fault(pointer+required.at, "is required of a CDEvent")
		}
	}
	if len(r.faults) > wrong {
		return
	}
	d := r.draft(&absent, pointer)
	e := d.event
	source, id := context.get("source").text, subject.get("id").text
	thing, predicate := cdType(context.get("type").text)

	e.Kind, e.Phase = "note", change.Succeeded
	title, advances := "{thing} {predicate}: {id}", false
	for i := range cdevents {
		if known := &cdevents[i]; known.name == thing+"."+predicate {
			e.Kind, e.Phase, title, advances = known.kind, known.phase, known.title, known.advances
		}
	}
	if outcome := content.get("outcome").text; predicate == "finished" && outcome != "" {
		if e.Phase = phaseOf(outcome, false); e.Phase == "" {
			r.fault(pointer+"/subject/content/outcome", "%q is not an outcome: success, failure, cancel and error are", clip(outcome))
			e.Phase = change.Failed
		}
	}

	e.Source, d.where[fieldSource] = producer(source), pointer+"/context/source"
	e.Key, d.where[fieldKey] = source+"#"+context.get("id").text, pointer+"/context/source"
	if advances {
		e.Key = source + "#" + thing + "/" + id
	}
	if len(e.Key) > change.MaxText {
		sum := sha256.Sum256([]byte(e.Key))
		e.Key = hex.EncodeToString(sum[:])
	}
	d.cdTimes(context, custom, advances)
	name := d.cdSubject(thing, id, source, content)
	d.where[fieldVersion], d.where[fieldTitle] = pointer+"/subject", pointer+"/subject"
	e.Environment = content.at("environment", "id").text
	d.where[fieldEnvironment] = pointer + "/subject/content/environment/id"
	if thing == "environment" {
		e.Environment, d.where[fieldEnvironment] = id, pointer+"/subject/id"
	}
	if thing == "change" && predicate == "merged" {
		e.Version = id
		if len(id) == 40 && strings.Trim(strings.ToLower(id), "0123456789abcdef") == "" {
			e.Commit = id
		}
	}
	if chain := context.get("chainId").text; chain != "" {
		// The specification wants a UUID. Harness sends the pipeline's name, which would join all its runs.
		if _, err := uuid.Parse(chain); err == nil {
			e.Story = chain
		} else {
			d.cdLabel("cdevents_chain", chain)
		}
	}
	e.Title = expand(title, map[string]string{
		"name": name, "id": id, "version": short(e.Version), "environment": e.Environment, "thing": thing, "predicate": predicate,
		"repository":  content.at("repository", "id").text,
		"description": cmp.Or(content.get("description").text, content.get("summary").text, capital(thing)+" "+id),
	})
	e.Detail = cmp.Or(content.get("errors").text, content.get("reason").text)
	if predicate != "resolved" && predicate != "closed" {
		// What was wrong stays to be read when the title says that it is over.
		e.Detail = cmp.Or(e.Detail, content.get("description").text)
	}
	d.where[fieldDetail] = pointer + "/subject/content"
	d.cdLinks(context, subject)
	d.cdCustom(content, custom)
	d.cdLabel("cdevents_type", thing+"."+predicate)
	d.finish()
}

// cdType takes dev.cdevents.<subject>.<predicate>.<version> apart.
func cdType(text string) (thing, predicate string) {
	parts := strings.SplitN(strings.ToLower(strings.TrimPrefix(text, cdeventsPrefix)), ".", 3)
	if len(parts) == 1 || parts[0] == "" {
		return "event", "sent"
	}
	return parts[0], parts[1]
}

// producer names the tool: the host of an address, because some (Harness) put each run's address there.
func producer(source string) string {
	if u, err := url.Parse(source); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return u.Host
	}
	return source
}

func (d *draft) cdTimes(context, custom *value, advances bool) {
	e := d.event
	pointer := d.pointer + "/context/timestamp"
	d.where[fieldStarted], d.where[fieldEnded] = pointer, pointer
	if stamp := context.get("timestamp").text; stamp != "" {
		at, err := parseTime(stamp, 0) // Harness sends milliseconds as text
		if err != nil {
			d.fault(pointer, "%q %v", clip(stamp), err)
		}
		e.StartedAt = at
	}
	if !advances || e.Phase == change.Planned || e.Phase == change.Started {
		return
	}
	// The time is that of the end; the start is known from the earlier event, or from Harness.
	e.StartedAt, e.EndedAt = custom.startTime(), e.StartedAt
	if e.StartedAt.Before(change.Earliest) || e.StartedAt.After(e.EndedAt) {
		e.StartedAt = e.EndedAt
	}
}

// cdSubject sets what the event is about, and the version of the artifact in question. It returns a name for people.
func (d *draft) cdSubject(thing, id, source string, content *value) string {
	e := d.event
	subject, name, at := "cdevents:"+id, id, "/subject/id"
	artifact := content.get("artifactId").text
	switch thing {
	case "service":
		subject = entity(id)
	case "environment":
		subject, name = "environment:"+id, cmp.Or(content.get("name").text, id)
	case "incident":
		switch service, environment := content.at("service", "id").text, content.at("environment", "id").text; {
		case service != "":
			subject, at = entity(service), "/subject/content/service/id"
		case environment != "":
			subject, at = "environment:"+environment, "/subject/content/environment/id"
		default:
			subject, at = "cdevents:"+source, "/context/source"
		}
	case "pipelinerun":
		name = cmp.Or(content.get("pipelineName").text, id)
		subject, at = "pipeline:"+name, "/subject/content/pipelineName"
	case "taskrun":
		name = cmp.Or(content.get("taskName").text, content.get("task").text, id)
		subject, at = "task:"+name, "/subject/content/taskName"
	case "testcaserun":
		name = cmp.Or(content.at("testCase", "name").text, content.at("testCase", "id").text, id)
		subject, at = "test:"+name, "/subject/content/testCase"
	case "testsuiterun":
		name = cmp.Or(content.at("testSuite", "name").text, content.at("testSuite", "id").text, id)
		subject, at = "test:"+name, "/subject/content/testSuite"
	case "change", "branch":
		if repository := content.at("repository", "id").text; repository != "" {
			subject, at = "repo:"+repository, "/subject/content/repository/id"
		}
	case "repository":
		name = cmp.Or(content.get("name").text, id)
		subject = "repo:" + id
	case "artifact":
		artifact = id
		if p, ok := parsePURL(id); ok {
			subject, name = p.String(), p.name
		}
	case "build", "testoutput", "ticket":
		// Their ids are new each time: what stays is where they come from.
		subject, at = "cdevents:"+source, "/context/source"
	}
	if artifact != "" {
		p, ok := parsePURL(artifact)
		switch {
		case ok:
			e.Version = p.version
		case thing != "artifact":
			e.Version = artifact
		}
		d.cdLabel("artifact", artifact)
		if ok && thing == "build" {
			subject, at = p.String(), "/subject/content/artifactId"
		}
	}
	e.Subjects, d.where[fieldSubjects] = []change.Subject{{Name: subject}}, d.pointer+at
	return name
}

// entity is a service's reference where the roll can have such a name, else an outside name.
func entity(id string) string {
	if reference := "service:" + id; checkSubject(reference) == "" {
		return reference
	}
	return "cdevents:" + id
}

// cdLinks keeps the addresses that lead to a page; version 0.4 says url where 0.5 says uri.
func (d *draft) cdLinks(context, subject *value) {
	content := subject.get("content")
	d.where[fieldLinks] = d.pointer + "/subject"
	for _, link := range [...]change.Link{
		{Type: "ticket", URL: content.get("ticketURI").text},
		{Type: "page", URL: content.get("viewUrl").text},
		{Type: "page", URL: cmp.Or(content.get("uri").text, content.get("url").text)},
		{Type: "sbom", URL: content.at("sbom", "uri").text},
		{Type: "source", URL: subject.get("source").text},
		{Type: "source", URL: context.get("source").text},
	} {
		u, err := url.Parse(link.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || len(link.URL) > change.MaxValue {
			continue
		}
		if !slices.ContainsFunc(d.event.Links, func(l change.Link) bool { return l.URL == link.URL }) {
			d.event.Links = append(d.event.Links, link)
		}
	}
}

// cdCustom reads what the specification has no word for: who, and free values, which become labels.
func (d *draft) cdCustom(content, custom *value) {
	e := d.event
	d.where[fieldActor], d.where[fieldLabels] = d.pointer+"/customData", d.pointer+"/customData"
	for _, m := range [...]*value{
		custom.get("actor"), custom.get("user"), custom.get("author"), custom.get("triggeredBy"), custom.get("reportedBy"),
		content.get("updatedBy"), content.get("creator"), content.get("user"),
	} {
		if who, ok := readActor(m); ok && e.Actor == (change.Actor{}) {
			e.Actor = who
		}
	}
	e.Version = cmp.Or(e.Version, custom.get("version").text)
	e.Commit = cmp.Or(e.Commit, custom.get("commit").text)
	e.Region, e.Cluster = custom.get("region").text, custom.get("cluster").text
	for i := range custom.items {
		m := &custom.items[i]
		switch m.name {
		case "actor", "user", "author", "triggeredBy", "reportedBy", "version", "commit", "region", "cluster", "startTime", "endTime":
			continue
		}
		if text, ok := m.scalar(); ok && custom.kind == object && !secretive(m) {
			d.cdLabel(m.name, text)
		}
	}
}

// cdLabel keeps a label where it fits.
func (d *draft) cdLabel(key, value string) {
	if key != "" && len(key) <= change.MaxText && len(value) <= change.MaxValue && len(d.event.Labels) < change.MaxLabels && !strings.ContainsFunc(key, control) {
		d.label(key, value)
	}
}

// expand fills a title in.
func expand(title string, values map[string]string) string {
	var out strings.Builder
	for title != "" {
		before, rest, _ := strings.Cut(title, "{")
		name, after, found := strings.Cut(rest, "}")
		if !found {
			out.WriteString(before)
			break
		}
		text := values[name]
		if open := strings.LastIndexByte(before, '['); open >= 0 {
			out.WriteString(before[:open])
			_, after, _ = strings.Cut(after, "]")
			if text != "" {
				out.WriteString(before[open+1:] + text)
			}
		} else {
			out.WriteString(before + text)
		}
		title = after
	}
	return out.String()
}

func capital(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

// short shows of a digest what people compare.
func short(version string) string {
	algorithm, digest, found := strings.Cut(version, ":")
	if found && len(digest) > 12 {
		return algorithm + ":" + digest[:12]
	}
	return version
}

// purl is a package URL, of which the log needs the package and the version. Source: package-url/purl-spec.
type purl struct {
	kind    string // such as oci, golang, maven
	path    string // of namespaces, with a closing slash, or empty
	name    string
	version string // for a container image its tag, if it is known, else its digest
}

func (p purl) String() string { return "pkg:" + p.kind + "/" + p.path + p.name }

func parsePURL(text string) (purl, bool) {
	rest, ok := strings.CutPrefix(text, "pkg:")
	if !ok {
		return purl{}, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	var p purl
	p.kind, rest, ok = strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if !ok {
		return purl{}, false
	}
	p.kind = strings.ToLower(p.kind)
	if at := strings.LastIndexByte(rest, '@'); at > 0 {
		version, err := url.PathUnescape(rest[at+1:])
		if err != nil {
			return purl{}, false
		}
		rest, p.version = rest[:at], version
	}
	path, err := url.PathUnescape(strings.Trim(rest, "/"))
	if err != nil || path == "" {
		return purl{}, false
	}
	slash := strings.LastIndexByte(path, '/') + 1
	p.path, p.name = path[:slash], path[slash:]
	if values, err := url.ParseQuery(query); err == nil && values.Get("tag") != "" {
		p.version = values.Get("tag")
	}
	return p, true
}
