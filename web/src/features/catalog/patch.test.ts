import { describe, expect, it } from 'vitest'
import type { CatalogLineFragment, CatalogQuery } from '@/gql/graphql'
import { join, newestFirst, patch } from './patch'

const row = (name: string, minute: number | null): CatalogLineFragment => ({
  ref: `service:${name}`,
  kind: 'service',
  name,
  title: null,
  description: '',
  language: null,
  tier: null,
  lifecycle: null,
  platform: null,
  partOf: [],
  owner: null,
  onCall: [],
  tags: [],
  condition: { health: 'calm', title: '' },
  lastEvent:
    minute === null
      ? null
      : { id: `${minute}`, kind: 'deploy', class: 'change', phase: 'succeeded', title: '', startedAt: new Date(minute * 60_000).toISOString(), version: '', exposure: null, diff: [] },
})
const page = (...nodes: CatalogLineFragment[]): CatalogQuery => ({ entities: { total: 9, next: null, nodes } })
const names = (rows: CatalogLineFragment[]) => rows.map((r) => r.name).join(' ')

describe('join', () => {
  it('shows a row once, as it was read last', () => {
    const rows = join([page(row('a', 1), row('b', 2)), page(row('a', 5), row('c', 1))])
    expect(names(rows)).toBe('a b c')
    expect(rows[0]!.lastEvent!.id).toBe('5')
  })
})

describe('newestFirst', () => {
  it('puts those that never changed last, and ties by name', () => {
    expect(names(newestFirst([row('z', null), row('b', 3), row('a', 3), row('c', 9)]))).toBe('c a b z')
  })
})

describe('patch', () => {
  const pages = { pages: [page(row('a', 1), row('b', 2)), page(row('c', 1))], pageParams: [undefined, 'x'] }

  it('changes rows in their place', () => {
    const next = patch(pages, [row('c', 8)], false)
    expect(next.pages[1]!.entities.nodes[0]!.lastEvent!.id).toBe('8')
    expect(next.pages[0]).toBe(pages.pages[0])
  })

  it('is the same when nothing is new, so that nothing is drawn again', () => {
    expect(patch(pages, [row('a', 1)], false)).toBe(pages)
  })

  it('brings rows of later pages to the front only where the order is by change', () => {
    expect(patch(pages, [row('x', 9)], false)).toBe(pages)
    expect(names(patch(pages, [row('x', 9)], true).pages[0]!.entities.nodes)).toBe('x a b')
  })
})
