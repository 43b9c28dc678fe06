import { describe, expect, it } from 'vitest'
import type { CatalogChangeFragment } from '@/gql/graphql'
import { decode } from './params'
import { filterWords } from './CatalogStates'
import { changeWords, onDuty, spelled, tagsThatFit } from './wording'

const event = (change: Partial<CatalogChangeFragment>): CatalogChangeFragment => ({
  id: '1',
  kind: 'deploy',
  class: 'change',
  phase: 'succeeded',
  title: 'pricing changed',
  startedAt: '2026-06-11T00:55:04Z',
  version: '',
  exposure: null,
  diff: [],
  ...change,
})

describe('the last change', () => {
  it.each<[string, Partial<CatalogChangeFragment>]>([
    ['v2.4.0', { version: 'v2.4.0', exposure: 100 }],
    ['v9.2.0 at 10 %', { version: 'v9.2.0', phase: 'started', exposure: 10 }],
    ['v9.2.0 failed', { version: 'v9.2.0', phase: 'failed' }],
    ['10 to 3 pods', { kind: 'scaling', diff: [{ field: 'replicas', old: '10', new: '3' }] }],
    ['ledger 50 %', { kind: 'flag', diff: [{ field: 'ledger', old: '10 %', new: '50 %' }] }],
    ['#2291 merged', { kind: 'merge', title: 'Merged #2291: Drop the legacy cart endpoint' }],
    ['ROUTE_TTL 30 to 60', { kind: 'config', diff: [{ field: 'ROUTE_TTL', old: '30', new: '60' }] }],
    ['joined the roll', { kind: 'catalog', title: 'service:pricing joined the roll' }],
    ['2 fields edited', { kind: 'catalog', diff: [{ field: 'tier', old: '', new: '1' }, { field: 'owner', old: '', new: 'x' }] }],
    ['on call next edited', { kind: 'catalog', diff: [{ field: 'on-call-next/primary/2026-06-15T07:00:00Z/person:priya.raman', old: '', new: '2026-06-22T07:00:00Z' }] }],
    ['queue older than 5 min', { kind: 'alert', title: 'queue older than 5 min' }],
    ['v3 to production', { kind: 'note', title: 'pricing v3 to production' }],
    ['pricing2 was born', { kind: 'note', title: 'pricing2 was born' }],
    ['changed failed', { kind: 'infrastructure', phase: 'failed' }],
  ])('%s', (want, change) => {
    expect(changeWords(event(change), 'pricing')).toBe(want)
  })
})

it('spells names as their people do', () => {
  expect(['go', 'typescript', 'node.js', 'vm', 'kubernetes', 'php', 'Zig'].map(spelled)).toEqual(['Go', 'TypeScript', 'Node.js', 'VM', 'Kubernetes', 'PHP', 'Zig'])
})

it('shows whole tags, at least one, and counts the rest', () => {
  const tags = ['migration', 'pci', 'eu-data'].map((key) => ({ key, value: '' }))
  expect(tagsThatFit(tags, 20)).toMatchObject({ more: 1 })
  expect(tagsThatFit(tags, 1)).toMatchObject({ shown: [tags[0]], more: 2 })
  expect(tagsThatFit([], 9)).toEqual({ shown: [], more: 0 })
})

it('names who is paged first', () => {
  expect(onDuty([])).toBeNull()
  expect(onDuty([{ name: 'priya', person: { name: 'priya', title: 'Priya Raman' } }])).toBe('Priya Raman')
  expect(onDuty([{ name: 'Pool', person: null }])).toBe('Pool')
})

it('says what the filter asks for', () => {
  expect(filterWords(decode({ q: 'zzz', language: 'go', tier: '0,1' }))).toBe('matches “zzz”, in tier 0 or 1, in Go')
  expect(filterWords(decode({ health: 'alert,failed,odd' }))).toBe('is here, with an alert that fires or a change that failed')
  expect(filterWords(decode({ tag: 'pci,gpu' }))).toBe('is here, tagged pci and gpu')
})
