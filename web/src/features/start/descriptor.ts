/** What the form asks of a service. */
export type Described = { name: string; description: string; owner: string; tier: string; runbook: string; dependsOn: string }

export const NOTHING: Described = { name: '', description: '', owner: '', tier: '', runbook: '', dependsOn: '' }

/** Plain where YAML reads it as just that text, else in quotes. */
export function scalar(text: string): string {
  return /^[a-z][a-z0-9._/-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text)
}

/** The tidings.yaml that says what was typed. */
export function descriptor({ name, description, owner, tier, runbook, dependsOn }: Described): string {
  const names = dependsOn.split(/[\s,]+/).filter(Boolean)
  return [
    `name: ${scalar(name.trim() || 'my-service')}`,
    description.trim() && `description: ${JSON.stringify(description.trim())}`,
    tier && `tier: ${tier}`,
    owner.trim() && `owner: ${scalar(owner.trim())}`,
    runbook.trim() && `links:\n  runbook: ${JSON.stringify(runbook.trim())}`,
    names.length > 0 && `depends_on: [${names.map(scalar).join(', ')}]`,
  ]
    .filter(Boolean)
    .join('\n')
    .concat('\n')
}
