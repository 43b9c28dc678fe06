// Package all lists every integration, so that a program that links it knows them by type. Imports: the folders beside
// it and the contract that they meet. Only the wiring of the program imports it.
package all

import (
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/alertmanager"
	"tidings.dev/tidings/integrations/announce"
	"tidings.dev/tidings/integrations/argocd"
	"tidings.dev/tidings/integrations/atlantis"
	"tidings.dev/tidings/integrations/aws"
	"tidings.dev/tidings/integrations/bitbucket"
	"tidings.dev/tidings/integrations/buildkite"
	"tidings.dev/tidings/integrations/circleci"
	"tidings.dev/tidings/integrations/consul"
	"tidings.dev/tidings/integrations/datadog"
	"tidings.dev/tidings/integrations/email"
	"tidings.dev/tidings/integrations/flagsmith"
	"tidings.dev/tidings/integrations/flux"
	"tidings.dev/tidings/integrations/git"
	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/integrations/gitlab"
	"tidings.dev/tidings/integrations/gocd"
	"tidings.dev/tidings/integrations/grafana"
	"tidings.dev/tidings/integrations/growthbook"
	"tidings.dev/tidings/integrations/incidentio"
	"tidings.dev/tidings/integrations/jenkins"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/integrations/launchdarkly"
	"tidings.dev/tidings/integrations/nerve"
	"tidings.dev/tidings/integrations/newrelic"
	"tidings.dev/tidings/integrations/opsgenie"
	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/integrations/sentry"
	"tidings.dev/tidings/integrations/slack"
	"tidings.dev/tidings/integrations/spinnaker"
	"tidings.dev/tidings/integrations/statsig"
	"tidings.dev/tidings/integrations/statuspage"
	"tidings.dev/tidings/integrations/terraform"
	"tidings.dev/tidings/integrations/unleash"
	"tidings.dev/tidings/integrations/webhook"
)

// Specs lists every integration, by name.
func Specs() []integration.Spec {
	return []integration.Spec{
		alertmanager.Spec,
		announce.Spec,
		argocd.Spec,
		atlantis.Spec,
		aws.Spec,
		bitbucket.Spec,
		buildkite.Spec,
		circleci.Spec,
		consul.Spec,
		datadog.Spec,
		email.Spec,
		flagsmith.Spec,
		flux.Spec,
		git.Spec,
		github.Spec,
		gitlab.Spec,
		gocd.Spec,
		grafana.Spec,
		growthbook.Spec,
		incidentio.Spec,
		jenkins.Spec,
		kubernetes.Spec,
		launchdarkly.Spec,
		nerve.Spec,
		newrelic.Spec,
		opsgenie.Spec,
		pagerduty.Spec,
		sentry.Spec,
		slack.Spec,
		spinnaker.Spec,
		statsig.Spec,
		statuspage.Spec,
		terraform.Spec,
		unleash.Spec,
		webhook.Spec,
	}
}
