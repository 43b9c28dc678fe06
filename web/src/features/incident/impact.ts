import type { IncidentPartsFragment } from '@/gql/graphql'

type Incident = Pick<IncidentPartsFragment, 'impact' | 'signals' | 'environment'>

/** What the latest page said of it, else the latest alert: its first sentences, and who said so. */
export function told(signals: Incident['signals']): { text: string; source: string } | null {
  const said = signals.filter(({ detail }) => detail.trim() !== '')
  const best = said.findLast(({ kind }) => kind === 'incident') ?? said.at(-1)
  if (!best) return null
  const line = best.detail.trim().split('\n', 1)[0]!
  return { text: line, source: best.source }
}

/** What is known of how much is at stake, as short facts. Of what nobody said there is none. */
export function impactWords({ impact: { tier, userFacing }, signals, environment }: Incident): string[] {
  const facts: string[] = []
  if (tier !== null) facts.push(`tier ${tier}`)
  if (userFacing !== null) facts.push(userFacing ? 'end users feel it' : 'end users do not feel it')
  const environments = [...new Set(signals.map((signal) => signal.environment))].filter((name) => name !== '' && name !== environment)
  if (environments.length > 0) facts.push(`also in ${environments.join(', ')}`)
  return facts
}
