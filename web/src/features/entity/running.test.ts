import { expect, it } from 'vitest'
import { mockRunning } from '@/gql/mocks'
import { coverageWords, places, type Run, stateOf } from './running'

const run = (over: Partial<Run>): Run => ({ ...mockRunning(), seen: true, asked: 3, ready: 3, updated: 3, exposure: null, troubles: [], hosts: [], images: [], stopped: false, phase: 'complete', ...over }) as Run

it.each([
  [{}, 'calm', ''],
  [{ ready: 1 }, 'warn', '2 not ready'],
  [{ phase: 'progressing', updated: 1 }, 'running', 'rolling out, 1 of 3 updated'],
  [{ phase: 'progressing', troubles: ['crash_loop'] }, 'warn', 'rolling out, 3 of 3 updated'],
  [{ phase: 'paused', exposure: 20 }, 'running', 'paused, canary at 20 %'],
  [{ phase: 'stalled', updated: 1 }, 'warn', 'rollout is stuck, 1 of 3 updated'],
  [{ phase: 'failed' }, 'warn', 'failed'],
  [{ troubles: ['out_of_memory'] }, 'warn', ''],
  [{ asked: null, ready: 0, schedule: '0 3 * * *', stopped: true }, 'calm', 'suspended'],
  [{ asked: null, ready: 0, schedule: '0 3 * * *' }, 'calm', ''],
  [{ asked: 0, ready: 0 }, 'calm', ''],
] as const)('%o is %s: %s', (over, status, words) => {
  expect(stateOf(run(over as Partial<Run>))).toEqual({ status, words })
})

it('puts trouble first, and keeps environments together', () => {
  const all = places([
    run({ environment: 'production', name: 'a' }),
    run({ environment: 'staging', name: 'b' }),
    run({ environment: 'staging', name: 'c', troubles: ['probe'] }),
    run({ environment: 'production', name: 'd', phase: 'progressing' }),
  ])
  expect(all.map((place) => [place.environment, ...place.runs.map((r) => r.name)])).toEqual([
    ['staging', 'c', 'b'],
    ['production', 'd', 'a'],
  ])
})

it('puts production before the others where all is well', () => {
  expect(places([run({ environment: 'load-test' }), run({ environment: 'production' }), run({ environment: 'staging' })]).map((place) => place.environment)).toEqual(['production', 'load-test', 'staging'])
})

it.each([
  [{ seen: 0, told: 0, partial: false }, null],
  [{ seen: 1, told: 1, partial: false }, 'the one change was told'],
  [{ seen: 1, told: 0, partial: false }, 'the one change was not told'],
  [{ seen: 41, told: 41, partial: false }, 'all 41 changes were told'],
  [{ seen: 41, told: 30, partial: false }, '30 of 41 changes were told'],
  [{ seen: 1000, told: 1000, partial: true }, '1,000 of 1,000+ changes were told'],
])('says of %o: %s', (coverage, words) => {
  expect(coverageWords(coverage)).toBe(words)
})
