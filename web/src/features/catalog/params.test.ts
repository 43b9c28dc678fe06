import { describe, expect, it } from 'vitest'
import { bare, decode, encode, isFiltered, sortOf, toFilter } from './params'

describe('the URL of the catalog', () => {
  it('reads lists, and drops what cannot be', () => {
    const params = decode({ tier: '0,7,1', language: 'go,python', sort: 'size', view: 'mine', q: ' pay ' })
    expect(params).toMatchObject({ tier: ['0', '1'], language: ['go', 'python'], sort: 'name', view: 'all', q: 'pay' })
    expect(decode({ sort: 'size' }).sort).toBe('health')
  })

  it('comes back as it went, and leaves out what is usual', () => {
    const search = { tier: '0,1', team: 'payments', tag: 'migration:k8s-1.33', sort: 'tier', view: 'nobody', tz: 'UTC' }
    const { tz: _, ...own } = search
    expect(encode({ tz: 'UTC' }, decode(search))).toEqual({ ...own, tz: 'UTC' })
    expect(encode(search, { sort: 'health', view: 'all', tier: [] })).toEqual({ team: 'payments', tag: 'migration:k8s-1.33', tz: 'UTC' })
  })

  it('keeps keys it does not know', () => {
    expect(encode({ colour: 'blue' }, { q: 'x' })).toEqual({ colour: 'blue', q: 'x' })
  })

  it('becomes the filter of the roll', () => {
    expect(toFilter(decode({}))).toEqual({ kinds: ['service'] })
    expect(toFilter(decode({ health: 'alert', tier: '0', team: 'payments', system: 'shop', view: 'unowned', q: 'a' }))).toEqual({
      kinds: ['service'],
      healths: ['alert'],
      tiers: [0],
      owners: ['payments'],
      systems: ['shop'],
      unowned: true,
      q: 'a',
    })
  })

  it('orders what changed today by its last change, whatever was chosen', () => {
    expect(sortOf(decode({ view: 'today', sort: 'tier' }))).toBe('last_change')
    expect(sortOf(decode({ view: 'nobody', sort: 'tier' }))).toBe('tier')
  })

  it('takes a view for no filter', () => {
    expect(isFiltered(decode({ view: 'nobody' }))).toBe(false)
    expect(isFiltered(decode({ q: 'x' }))).toBe(true)
  })

  it('says a team by its bare name, and a person in full', () => {
    expect(bare('team:payments', 'team')).toBe('payments')
    expect(bare('person:ines', 'team')).toBe('person:ines')
  })
})
