import { expect, it } from 'vitest'
import { firstWorkload, formOf, parseWorkload, sameWorkload } from './annotations'

it('knows the forms by the address, and nothing else', () => {
  expect(formOf('helm')?.label).toBe('Helm')
  expect(formOf('kubernetes')?.file).toBe('annotations.yaml')
  expect(formOf('tidings')?.apply).toBe('tidings apply -f tidings.yaml')
  expect(formOf('generate')?.id).toBe('kubernetes')
  expect(formOf('nothing')).toBeNull()
  expect(formOf(undefined)).toBeNull()
})

it('begins with a workload that is known', () => {
  expect(firstWorkload(['shop/statefulset/prices', 'shop/deployment/pricing'], 'pricing')).toEqual({ namespace: 'shop', kind: 'statefulset', name: 'prices' })
  expect(firstWorkload([], 'Pricing_Engine')).toEqual({ namespace: '', kind: 'deployment', name: 'pricing-engine' })
  expect(sameWorkload(parseWorkload('a/deployment/b'), { namespace: 'a', kind: 'deployment', name: 'b' })).toBe(true)
})
