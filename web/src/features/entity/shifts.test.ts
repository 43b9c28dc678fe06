import { expect, it } from 'vitest'
import { shiftsOf } from './shifts'

const priya = { ref: 'person:priya' }
const entity = (ref: string, onCall: object[], nextOnCall: object[] = []) => ({ ref, kind: 'service', name: ref, title: null, onCall, nextOnCall, owns: [] }) as never

it('tells of a shift once for all that it is of, those of now first', () => {
  const now = { role: 'primary', from: null, until: '2026-06-15T07:00:00Z', person: priya }
  const next = { role: 'secondary', from: '2026-06-22T07:00:00Z', until: '2026-06-29T07:00:00Z', person: priya }
  const others = { role: 'primary', from: null, until: null, person: { ref: 'person:ines' } }
  const found = shiftsOf('person:priya', [entity('team:payments', [now, others], [next]), entity('service:ledger', [{ ...now, from: '2026-06-08T07:00:00Z' }])])
  expect(found.map(({ role, next, from, of }) => [role, next, from, of.map(({ ref }) => ref)])).toEqual([
    ['primary', false, null, ['team:payments', 'service:ledger']],
    ['secondary', true, '2026-06-22T07:00:00Z', ['team:payments']],
  ])
})

it('has nothing for somebody who is on call for nothing', () => {
  expect(shiftsOf('person:ewa', [entity('team:payments', [{ role: 'primary', from: null, until: null, person: priya }])])).toEqual([])
})
