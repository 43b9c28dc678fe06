import { describe, expect, it } from 'vitest'
import { parseSearch, stringifySearch } from '@/url/search'
import { decode, encode, isFiltered, NO_FILTER, rangeWords, toFilter, windowOf } from './params'

describe('the URL of a feed', () => {
  it('decodes to lists and back', () => {
    const search = parseSearch('?env=production&kind=deploy,rollback&by=auto,person&q=wallet&from=-6h&deps=2&colour=red')
    const params = decode(search)
    expect(params).toMatchObject({ env: ['production'], kind: ['deploy', 'rollback'], by: ['automation', 'person'], q: 'wallet', from: '-6h', deps: 2 })
    expect(encode(search, params)).toEqual(search)
  })
  it('keeps keys that it does not know when one changes', () => {
    const next = encode(parseSearch('?colour=red&kind=deploy'), { kind: [] })
    expect(stringifySearch(next)).toBe('?colour=red')
  })
  it('drops what it cannot understand', () => {
    expect(decode({ by: 'robots', deps: 'many' })).toMatchObject({ by: [], deps: null })
    expect(decode({ deps: '99' }).deps).toBe(10)
    expect(decode({ deps: '-3' }).deps).toBe(0)
  })
  it('knows whether it is filtered, and how not to be', () => {
    expect(isFiltered(decode({ from: '-1h', deps: '2' }))).toBe(false)
    const params = decode({ q: 'x', team: 'a', from: '-1h' })
    expect(isFiltered(params)).toBe(true)
    expect(encode({ q: 'x', team: 'a', from: '-1h' }, NO_FILTER)).toEqual({ from: '-1h' })
  })
})

describe('the filter that is sent', () => {
  it('holds only what is set, over what the page is about', () => {
    expect(toFilter(decode({ kind: 'deploy', by: 'person', deps: '2' }), { entities: ['service:a'] })).toEqual({
      entities: ['service:a'],
      kinds: ['deploy'],
      actorTypes: ['person'],
      withDependencies: true,
      depth: 2,
    })
    expect(toFilter(decode({}))).toEqual({})
  })
})

describe('the window', () => {
  const now = Date.parse('2026-06-11T12:00:00Z')
  it('ends at the present unless it is told otherwise', () => {
    expect(windowOf(decode({}), '-24h', now)).toEqual({ since: now - 86_400_000, until: null })
    expect(windowOf(decode({ from: '2026-06-01T00:00:00Z', to: '2026-06-02T00:00:00Z' }), '-24h', now)).toEqual({
      since: Date.parse('2026-06-01T00:00:00Z'),
      until: Date.parse('2026-06-02T00:00:00Z'),
    })
  })
  it('falls back where a bound makes no sense', () => {
    expect(windowOf(decode({ from: 'tuesday' }), '-24h', now).since).toBe(now - 86_400_000)
    expect(windowOf(decode({ from: '2026-06-02T00:00:00Z', to: '2026-06-01T00:00:00Z' }), '-24h', now).until).toBeNull()
  })
  it('is named in words', () => {
    expect(rangeWords('-24h')).toBe('24 h')
    expect(rangeWords('-30m')).toBe('30 min')
  })
})
