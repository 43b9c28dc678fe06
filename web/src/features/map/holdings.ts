import { byStatus, stateOf } from '@/components/shapes'
import type { HoldingsQuery } from '@/gql/graphql'

export type Holding = HoldingsQuery['map']['nodes'][number] & { entity: NonNullable<HoldingsQuery['map']['nodes'][number]['entity']> }

/** What nobody said of a service yet, and a tired person would look for. */
export function gaps({ entity }: Pick<Holding, 'entity'>): string[] {
  if (entity.kind !== 'service') return []
  const found: string[] = []
  if (!entity.described || !entity.description) found.push('description')
  if (entity.tier === null) found.push('tier')
  if (entity.onCall.length === 0) found.push('on-call')
  if (!entity.links.some((link) => link.type === 'runbook')) found.push('runbook')
  if (!entity.links.some((link) => link.type === 'dashboard')) found.push('dashboard')
  return found
}

const latest = (node: Holding) => (node.entity.lastEvent ? Date.parse(node.entity.lastEvent.startedAt) : 0)

/** The worst first, then what changed last. */
export function byHealth(a: Holding, b: Holding): number {
  return byStatus(stateOf(a.entity.condition).status, stateOf(b.entity.condition).status) || latest(b) - latest(a) || (a.entity.name < b.entity.name ? -1 : 1)
}

export type Drift = { from: string; to: string; words: string }

/**
 * Where what is declared and what is seen differ. Only who was seen calling anything at all can be missed: of the others
 * nobody looks at the traffic.
 */
export function drift(edges: HoldingsQuery['map']['edges'], own: ReadonlySet<string>): Drift[] {
  const seen = new Set(edges.filter((edge) => edge.evidence !== 'declared').map((edge) => edge.from))
  return edges
    .filter((edge) => own.has(edge.from) && (edge.evidence === 'observed' || (edge.evidence === 'declared' && seen.has(edge.from))))
    .map(({ from, to, evidence }) => ({ from, to, words: evidence === 'observed' ? 'is seen calling, undeclared' : 'declares, but was not seen to call' }))
}
