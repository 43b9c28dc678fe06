import { expect, it } from 'vitest'
import { type Draft, inputOf, whatOf, whenOf } from './follow'

const draft: Draft = {
  source: 'slack', channel: ' C0PAYMENTS ', about: 'team:payments, pricing service:ledger tier:1', environments: 'production', when: 'quiet', from: '22:00', to: '07:00', at: '09:00', zone: 'Europe/Berlin', incidents: true,
}

it('tells teams, services and tags apart', () => {
  expect(inputOf(draft)).toEqual({
    source: 'slack', channel: 'C0PAYMENTS', teams: ['payments'], services: ['ledger', 'pricing'], tags: ['tier:1'], environments: ['production'], incidents: true,
    quietFrom: '22:00', quietTo: '07:00', digest: '', zone: 'Europe/Berlin',
  })
})

it('leaves out the times that were not chosen', () => {
  expect(inputOf({ ...draft, when: 'digest' })).toMatchObject({ quietFrom: '', quietTo: '', digest: '09:00', zone: 'Europe/Berlin' })
  expect(inputOf({ ...draft, when: 'stories' })).toMatchObject({ quietFrom: '', quietTo: '', digest: '', zone: '' })
})

it('says in words what is followed, and when it is told', () => {
  const follow = { services: ['pricing'], teams: ['payments'], tags: [], environments: ['production'], kinds: [], incidents: true, quietFrom: '', quietTo: '', digest: '09:00', zone: '' }
  expect(whatOf(follow)).toBe('pricing, team payments in production')
  expect(whenOf(follow)).toBe('all of a day at 09:00 UTC; incidents at once')
})
