import { expect, it } from 'vitest'
import { byHealth, drift, gaps, type Holding } from './holdings'

const holding = (name: string, more: Partial<Holding> = {}, entity: Partial<Holding['entity']> = {}): Holding => ({
  id: `service:${name}`,
  distance: 0,
  dependants: 0,
  single: false,
  changes: 0,
  trouble: null,
  ...more,
  entity: { ref: `service:${name}`, kind: 'service', name, title: null, description: 'Words', tier: 1, described: true, onCall: [{ name: 'Priya' }], links: [{ type: 'runbook' }, { type: 'dashboard' }], lastEvent: null, condition: null, ...entity },
})
const event = (kind: string, startedAt: string) => ({ id: 'x', kind, class: 'change', title: '', phase: 'succeeded', startedAt })

it('puts trouble first, then failures, then what changed last', () => {
  const list = [
    holding('calm'),
    holding('late', {}, { lastEvent: event('deploy', '2026-11-20T00:00:00Z') }),
    holding('failed', {}, { condition: { health: 'failed', title: '' } }),
    holding('alert', {}, { condition: { health: 'alert', title: '' } }),
    holding('incident', {}, { condition: { health: 'incident', title: '' } }),
  ]
  expect(list.sort(byHealth).map((node) => node.entity.name)).toEqual(['incident', 'alert', 'failed', 'late', 'calm'])
})

it('names what nobody said', () => {
  expect(gaps(holding('whole'))).toEqual([])
  expect(gaps(holding('bare', {}, { described: false, description: '', tier: null, onCall: [], links: [] }))).toEqual(['description', 'tier', 'on-call', 'runbook', 'dashboard'])
})

it('finds drift only where traffic is looked at', () => {
  const edge = (from: string, to: string, evidence: string) => ({ from, to, evidence, lastSeen: null })
  const edges = [edge('a', 'b', 'observed'), edge('a', 'c', 'declared'), edge('a', 'd', 'both'), edge('x', 'y', 'declared'), edge('z', 'a', 'observed')]
  expect(drift(edges, new Set(['a', 'x'])).map(({ from, to }) => from + to)).toEqual(['ab', 'ac'])
})
