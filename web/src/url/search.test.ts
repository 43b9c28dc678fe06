import { describe, expect, it } from 'vitest'
import { freeze, instant, joinList, parseSearch, splitList, stringifySearch } from './search'

describe('a search string', () => {
  it('goes through the codec unchanged, unknown keys included', () => {
    const text = '?env=production&kind=deploy,flag&q=slow+query&whatever=1'
    const search = parseSearch(text)
    expect(search).toEqual({ env: 'production', kind: 'deploy,flag', q: 'slow query', whatever: '1' })
    expect(parseSearch(stringifySearch(search))).toEqual(search)
  })
  it('stays readable', () => {
    expect(stringifySearch({ from: '2026-06-11T00:55:04Z', tag: 'team:a/b', tz: 'Europe/Berlin', kind: 'a,b' })).toBe(
      '?from=2026-06-11T00:55:04Z&tag=team:a/b&tz=Europe/Berlin&kind=a,b',
    )
  })
  it.each(['a&b=c', 'a+b', '100 %', 'ü#?', '"x"', 'a\\,b'])('keeps %s', (value) => {
    expect(parseSearch(stringifySearch({ q: value }))).toEqual({ q: value })
  })
  it('leaves out what is empty', () => {
    expect(stringifySearch({ a: undefined, b: '', c: null })).toBe('')
  })
  it('reads a repeated key as a list', () => {
    expect(splitList(parseSearch('?kind=deploy&kind=flag').kind)).toEqual(['deploy', 'flag'])
  })
  it('survives a broken escape', () => {
    expect(() => parseSearch('?q=%E0%A4%A')).not.toThrow()
  })
})

describe('lists', () => {
  it.each([
    [['a', 'b']],
    [['Doe, Jane', 'Roe']],
    [['back\\slash', 'x']],
    [['\\,']],
  ])('%j comes back', (values) => {
    expect(splitList(joinList(values))).toEqual(values)
  })
  it('drops doubles and blanks', () => {
    expect(splitList('a,,b, a ,')).toEqual(['a', 'b'])
    expect(joinList([])).toBeUndefined()
  })
})

describe('bounds', () => {
  const now = Date.parse('2026-06-11T12:00:00Z')
  it('are relative or absolute', () => {
    expect(instant('-24h', now)).toBe(Date.parse('2026-06-10T12:00:00Z'))
    expect(instant('-2w', now)).toBe(Date.parse('2026-05-28T12:00:00Z'))
    expect(instant('2026-06-01T00:00:00Z', now)).toBe(Date.parse('2026-06-01T00:00:00Z'))
  })
  it.each(['', 'yesterday', '-h', '-24y', undefined])('%s is none', (bound) => {
    expect(instant(bound, now)).toBeNull()
  })
})

describe('a copied link', () => {
  const now = Date.parse('2026-06-11T12:00:00Z')
  it('freezes what is relative, the default included, and names the zone', () => {
    expect(freeze({ kind: 'deploy' }, now, 'Europe/Berlin', '-24h')).toEqual({
      kind: 'deploy',
      from: '2026-06-10T12:00:00Z',
      to: '2026-06-11T12:00:00Z',
      tz: 'Europe/Berlin',
    })
  })
  it('leaves what is absolute as it is', () => {
    const search = { from: '2026-06-01T00:00:00Z', to: '2026-06-02T00:00:00Z' }
    expect(freeze(search, now, 'UTC', '-24h')).toEqual({ ...search, tz: 'UTC' })
  })
  it('adds no window where the page has none', () => {
    expect(freeze({ a: '1' }, now, 'UTC')).toEqual({ a: '1', tz: 'UTC' })
  })
})
