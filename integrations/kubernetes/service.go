package kubernetes

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/observe"
)

// Labels and annotations by which people and tools say what an object belongs to: Kubernetes documentation,
// "Recommended Labels"; Datadog, "Unified Service Tagging"; Backstage, "Kubernetes plugin configuration"; Argo CD,
// "Resource Tracking"; Helm, "Labels and Annotations"; Flux, "Kustomization" and "HelmRelease".
const (
	labelName           = "app.kubernetes.io/name"
	labelInstance       = "app.kubernetes.io/instance"
	labelVersion        = "app.kubernetes.io/version"
	labelPartOf         = "app.kubernetes.io/part-of"
	labelManagedBy      = "app.kubernetes.io/managed-by"
	labelComponent      = "app.kubernetes.io/component"
	labelBackstage      = "backstage.io/kubernetes-id"
	labelArgoCD         = "argocd.argoproj.io/instance"
	labelFlux           = "kustomize.toolkit.fluxcd.io/name"
	labelFluxHelm       = "helm.toolkit.fluxcd.io/name"
	ourAnnotations      = "tidings.dev/"
	annotEntity         = ourAnnotations + "entity"
	annotEnv            = ourAnnotations + "environment"
	annotTracking       = "argocd.argoproj.io/tracking-id"
	annotHelm           = "meta.helm.sh/release-name"
	annotCause          = "kubernetes.io/change-cause"
	annotLeader         = "control-plane.alpha.kubernetes.io/leader"
	labelDatadog        = "tags.datadoghq.com/service"
	labelDatadogVersion = "tags.datadoghq.com/version"
	labelDatadogEnv     = "tags.datadoghq.com/env"
)

// names are what a workload's main container could be called after.
func (w *Workload) names() []string {
	ref, name, _ := w.service()
	return []string{w.Name, name, ref.Name}
}

// service is the entity that a workload belongs to, its name as written, and whether somebody said so: without a word of
// anybody a workload is called after itself.
func (w *Workload) service() (ref catalog.Ref, name string, said bool) {
	if text := w.Annotations[annotEntity]; text != "" {
		if ref, err := catalog.ParseRef(text, catalog.Service); err == nil {
			return ref, strings.TrimSpace(text[strings.IndexByte(text, ':')+1:]), true
		}
	}
	tracked, _, _ := strings.Cut(w.Annotations[annotTracking], ":")
	_, tracked = cutLast(tracked, "_") // an application outside of Argo CD's own namespace is written NAMESPACE_NAME
	for _, candidate := range []string{
		w.Labels[labelDatadog], w.Template.Labels[labelDatadog],
		w.Labels[labelBackstage], w.Annotations[labelBackstage], w.Template.Labels[labelBackstage],
		w.Labels[labelName], w.Template.Labels[labelName],
		w.Labels[labelInstance], w.Template.Labels[labelInstance],
		tracked, w.Labels[labelArgoCD], w.Annotations[annotHelm],
	} {
		if ref, err := catalog.NewRef(catalog.Service, candidate); err == nil {
			return ref, candidate, true
		}
	}
	ref, err := catalog.NewRef(catalog.Service, w.Name)
	if err != nil {
		return catalog.Ref{}, w.Name, false
	}
	return ref, w.Name, false
}

// cutLast cuts around the last separator; without one everything comes after it.
func cutLast(text, separator string) (before, after string) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):]
	}
	return "", text
}

// environment is the namespace's word, or else the source's.
func (m *Meta) environment(scope observe.Scope) string {
	return line(cmp.Or(m.Annotations[annotEnv], m.Environment, scope.Environment, m.Labels[labelDatadogEnv]))
}

// alias is the outside name of an object.
func alias(source string, scope observe.Scope, object string) string {
	return catalog.FoldAlias("kubernetes:" + word(cmp.Or(scope.Cluster, source)) + "/" + word(object))
}

// word makes one word of a text: an alias holds no space.
func word(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar {
			return '-'
		}
		return r
	}, cutTo(text, 400))
}

// statements are what a workload says about the roll: its annotations, which its people wrote, and what its labels and
// images tell, which is weaker. What cannot be read of the annotations is told as problems.
func (w *Workload) statements(source string, scope observe.Scope) (statements []catalog.Statement, problems []string) {
	ref, name, said := w.service()
	if ref.IsZero() || w.Kind == "Job" && !said { // a run of something passes, and is no service of its own
		return nil, nil
	}
	object := w.object()
	statements, problems = w.annotated(ref, source)
	seen := catalog.Statement{
		Ref: ref, Name: name,
		Source: catalog.Source{Name: source + ":" + object + ":seen", Rank: catalog.Integration},
		Claims: []catalog.Claim{
			catalog.Say(catalog.FieldPlatform, "kubernetes"),
			catalog.Say(catalog.Key(catalog.FamilyAlias, alias(source, scope, object)), true),
		},
	}
	if tool := w.deployedBy(); tool != "" {
		seen.Claims = append(seen.Claims, catalog.Say(catalog.FieldDeployedBy, tool))
	}
	if system, err := catalog.NewRef(catalog.System, cmp.Or(w.Labels[labelPartOf], w.Template.Labels[labelPartOf])); err == nil && system != ref {
		seen.Claims = append(seen.Claims, catalog.Say(catalog.Key(catalog.FamilyPartOf, system.String()), "declared"))
	}
	if component := cmp.Or(w.Labels[labelComponent], w.Template.Labels[labelComponent]); component != "" {
		seen.Claims = append(seen.Claims, catalog.Say(catalog.Key(catalog.FamilyTag, "component"), component))
	}
	if language, version := w.language(); language != "" {
		seen.Claims = append(seen.Claims, catalog.Say(catalog.FieldLanguage, language))
		if version != "" {
			seen.Claims = append(seen.Claims, catalog.Say(catalog.FieldLanguageVersion, version))
		}
	}
	for _, host := range w.Hosts {
		address := "https://" + strings.TrimSuffix(host, "/")
		if strings.ContainsAny(host, "*() \t") || catalog.CheckURL(address) != nil {
			continue // a pattern leads nowhere
		}
		seen.Claims = append(seen.Claims, catalog.Say(catalog.Key(catalog.FamilyLink, "other", address), host))
	}
	return add(statements, seen), problems
}

// annotated is what the annotations of an object say of what it belongs to.
func (m *Meta) annotated(ref catalog.Ref, source string) (statements []catalog.Statement, problems []string) {
	ours := map[string]string{}
	for key, value := range m.Annotations {
		if strings.HasPrefix(key, ourAnnotations) && key != annotEnv {
			ours[key] = value
		}
	}
	if len(ours) == 0 {
		return nil, nil
	}
	statement, unread := descriptor.FromKubernetesAnnotations(ref, ours)
	for _, p := range unread {
		problems = append(problems, p.Field+": "+p.Detail)
	}
	statement.Source = catalog.Source{Name: source + ":" + m.object(), Rank: catalog.Platform}
	return add(nil, statement), problems
}

// statements are what a Service without a selector says about the roll, where somebody wrote into its annotations what it
// leads to. Without a word of anybody it is no more than a name.
func (r *Route) statements(source string, scope observe.Scope) (statements []catalog.Statement, problems []string) {
	text := r.Annotations[annotEntity]
	if text == "" || r.Endpoints == nil && r.Type != "ExternalName" {
		return nil, nil
	}
	ref, err := catalog.ParseRef(text, catalog.Resource)
	if err != nil {
		return nil, []string{annotEntity + ": " + err.Error()}
	}
	statements, problems = r.annotated(ref, source)
	return add(statements, catalog.Statement{
		Ref: ref, Source: catalog.Source{Name: source + ":" + r.object() + ":seen", Rank: catalog.Integration},
		Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, alias(source, scope, r.object())), true)},
	}), problems
}

// add appends a statement in its normal form. A claim that no roll takes is left out: it comes from a label, and nobody
// is there to be told.
func add(statements []catalog.Statement, s catalog.Statement) []catalog.Statement {
	kept := s.Claims[:0:0]
	for _, claim := range s.Claims {
		if _, err := claim.Normalize(); err == nil && claim.Target() != s.Ref {
			kept = append(kept, claim)
		}
	}
	s.Claims = kept
	normal, err := s.Normalize()
	if err != nil {
		return statements
	}
	return append(statements, normal)
}

// deployedBy is the tool that brings the workload, by the marks that it leaves.
func (w *Workload) deployedBy() string {
	switch managed := w.Labels[labelManagedBy]; {
	case w.Annotations[annotTracking] != "" || w.Labels[labelArgoCD] != "":
		return "Argo CD"
	case w.Labels[labelFlux] != "" || w.Labels[labelFluxHelm] != "" || w.Annotations[labelFlux] != "":
		return "Flux"
	case w.Annotations[annotHelm] != "" || w.Release != "":
		return "Helm"
	case managed != "":
		return toolNamed(managed)
	}
	return ""
}

// language is what the main container is written in, where its image, its command, or the names of its variables tell.
func (w *Workload) language() (language, version string) {
	main := mainContainer(w.Template.Containers, w.names()...)
	if main < 0 {
		return "", ""
	}
	c := w.Template.Containers[main]
	i := parseImage(c.Image)
	if language := languageOfImage[i.name()]; language != "" {
		version, _, _ := strings.Cut(i.tag, "-")
		if version == "" || version[0] < '0' || version[0] > '9' {
			version = ""
		}
		return language, version
	}
	program, _, _ := strings.Cut(strings.TrimSpace(c.Command+" "+c.Args), " ")
	_, program = cutLast(program, "/")
	if language := languageOfProgram[program]; language != "" {
		return language, ""
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if language := languageOfVariable[name]; language != "" {
			return language, ""
		}
	}
	return "", ""
}

var (
	languageOfImage = map[string]string{
		"python": "python", "pypy": "python", "node": "javascript", "deno": "typescript", "bun": "typescript", "golang": "go",
		"openjdk": "java", "eclipse-temurin": "java", "amazoncorretto": "java", "tomcat": "java", "ruby": "ruby", "php": "php",
		"rust": "rust", "elixir": "elixir", "erlang": "erlang", "perl": "perl", "aspnet": "c#",
	}
	languageOfProgram = map[string]string{
		"python": "python", "python3": "python", "gunicorn": "python", "uvicorn": "python", "celery": "python", "node": "javascript",
		"npm": "javascript", "yarn": "javascript", "java": "java", "ruby": "ruby", "bundle": "ruby", "puma": "ruby", "sidekiq": "ruby",
		"rails": "ruby", "php": "php", "php-fpm": "php", "dotnet": "c#", "mix": "elixir",
	}
	languageOfVariable = map[string]string{
		"JAVA_OPTS": "java", "JAVA_TOOL_OPTIONS": "java", "JDK_JAVA_OPTIONS": "java", "SPRING_PROFILES_ACTIVE": "java",
		"NODE_ENV": "javascript", "NODE_OPTIONS": "javascript", "PYTHONPATH": "python", "PYTHONUNBUFFERED": "python",
		"DJANGO_SETTINGS_MODULE": "python", "FLASK_APP": "python", "RAILS_ENV": "ruby", "RACK_ENV": "ruby", "GOMAXPROCS": "go",
		"GOMEMLIMIT": "go", "GOGC": "go", "ASPNETCORE_ENVIRONMENT": "c#", "ASPNETCORE_URLS": "c#", "DOTNET_ENVIRONMENT": "c#",
		"RUST_LOG": "rust", "RUST_BACKTRACE": "rust", "MIX_ENV": "elixir",
	}
)
