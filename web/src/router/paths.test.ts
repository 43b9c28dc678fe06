import { describe, expect, it } from 'vitest'
import { fill, match } from './paths'

describe('addresses', () => {
  it.each([
    ['/feed', '/feed', {}],
    ['/feed/', '/feed', {}],
    ['/s/checkout-api', '/s/$service', { service: 'checkout-api' }],
    ['/r/team/payments', '/r/$kind/$name', { kind: 'team', name: 'payments' }],
    ['/s/a%2Fb', '/s/$service', { service: 'a/b' }],
  ])('%s is %s', (address, path, params) => {
    expect(match(address)).toEqual({ path, params })
  })
  it.each(['/nowhere', '/s', '/s/', '/s/a/b', '/s/%E0%A4%A'])('%s is none', (address) => {
    expect(match(address)).toBeNull()
  })
  it('are filled with what must be escaped', () => {
    expect(fill('/r/$kind/$name', { kind: 'resource', name: 'db:orders/eu' })).toBe('/r/resource/db:orders%2Feu')
    expect(match(fill('/s/$service', { service: 'ü b' }))?.params).toEqual({ service: 'ü b' })
  })
})
