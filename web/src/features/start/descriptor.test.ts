import { expect, it } from 'vitest'
import { descriptor, NOTHING, scalar } from './descriptor'

it('writes what was typed, and nothing else', () => {
  expect(descriptor(NOTHING)).toBe('name: my-service\n')
  expect(
    descriptor({ name: ' pricing ', description: 'Prices a cart: "fast"', owner: 'catalogue', tier: '1', runbook: 'https://wiki.example.com/x', dependsOn: 'ledger, stock  no' }),
  ).toBe(
    'name: pricing\ndescription: "Prices a cart: \\"fast\\""\ntier: 1\nowner: catalogue\nlinks:\n  runbook: "https://wiki.example.com/x"\ndepends_on: [ledger, stock, "no"]\n',
  )
})

it('quotes what YAML would read as something else', () => {
  expect(['pricing', 'a b', 'No', '1.0', 'x: y', '#a', ''].map(scalar)).toEqual(['pricing', '"a b"', '"No"', '"1.0"', '"x: y"', '"#a"', '""'])
})
