/** The forms in which an entity is described; the ids are those of the server's formats, and apply is what makes it so. */
export const FORMS = [
  { id: 'kubernetes', label: 'K8s YAML', file: 'annotations.yaml', note: 'Paste it into the manifest of the workload. Its own annotations stay beside it.', apply: 'kubectl apply -f manifest.yaml' },
  { id: 'kustomize', label: 'Kustomize', file: 'kustomization.yaml', note: 'Add it to the kustomization.yaml that brings in the workload.', apply: 'kubectl apply -k .' },
  { id: 'helm', label: 'Helm', file: 'values.yaml', note: 'Add it to the values of the release. Charts differ in where they take annotations of the workload: look into yours.', apply: 'helm upgrade RELEASE CHART --reuse-values -f values.yaml' },
  { id: 'kubectl', label: 'kubectl', file: 'annotate.sh', note: 'For a shell where kubectl reaches the cluster. What deploys the workload next may take them away.', apply: 'sh annotate.sh' },
  { id: 'tidings', label: 'tidings.yaml', file: 'tidings.yaml', note: 'Put it into the repository of the service. What it says stands above annotations and below edits by hand.', apply: 'tidings apply -f tidings.yaml' },
  { id: 'backstage', label: 'Backstage', file: 'catalog-info.yaml', note: 'The same for a catalog of Backstage. It is read here as well.', apply: 'tidings apply -f catalog-info.yaml' },
] as const

export type Form = (typeof FORMS)[number]
export type FormId = Form['id']

export function formOf(dialog: string | undefined): Form | null {
  // "generate" is a link that names no form.
  return dialog === 'generate' ? FORMS[0] : (FORMS.find((form) => form.id === dialog) ?? null)
}

export const KINDS = ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'rollout'] as const
export const KIND_WORDS: Record<string, string> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  cronjob: 'CronJob',
  job: 'Job',
  rollout: 'Argo Rollout',
}

/** A workload as a person edits it. */
export type Workload = { namespace: string; kind: string; name: string }

/** What the server knows it as: `shop/deployment/pricing`. */
export function parseWorkload(text: string): Workload {
  const [namespace = '', kind = 'deployment', name = ''] = text.split('/')
  return { namespace, kind, name }
}

export function sameWorkload(a: Workload, b: Workload): boolean {
  return a.namespace === b.namespace && a.kind === b.kind && a.name === b.name
}

/** The workload to begin with: the first that is known, else a Deployment of the entity's name. */
export function firstWorkload(known: readonly string[], name: string): Workload {
  return known[0] ? parseWorkload(known[0]) : { namespace: '', kind: 'deployment', name: name.toLowerCase().replaceAll('_', '-') }
}
