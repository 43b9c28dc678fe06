import { describe, expect, it } from 'vitest'
import { isWeb, kindWords, openings, valueText } from './facts'

const link = (type: string, title = '') => ({ type, title, url: `https://example.test/${type}` })

describe('links', () => {
  it('come in their usual order with their keys, the rest after them', () => {
    expect(openings([link('ticket'), link('docs'), link('runbook')]).map((l) => [l.label, l.key])).toEqual([
      ['Runbook', 'r'],
      ['Docs', 'w'],
      ['Ticket', null],
    ])
  })
  it('give a key to the first of its type only, whatever the type is called', () => {
    expect(openings([link('dashboard', 'Latency'), link('metrics', 'Errors')]).map((l) => [l.label, l.key])).toEqual([
      ['Latency', 'd'],
      ['Errors', null],
    ])
  })
  it('lead only to the web', () => {
    expect(isWeb('https://example.test')).toBe(true)
    expect(isWeb('javascript:alert(1)')).toBe(false)
    expect(isWeb('//example.test')).toBe(false)
  })
})

it('says what an entity is in two words', () => {
  expect(kindWords({ kind: 'service', language: 'go', languageVersion: null, type: null })).toBe('Go service')
  expect(kindWords({ kind: 'resource', language: null, languageVersion: null, type: 'database' })).toBe('Database resource')
  expect(kindWords({ kind: 'team', language: null, languageVersion: null, type: null })).toBe('Team')
})

it('shows any claimed value', () => {
  expect([0, false, 'x', null, { a: 1 }].map(valueText)).toEqual(['0', 'false', 'x', 'nothing', '{"a":1}'])
})
