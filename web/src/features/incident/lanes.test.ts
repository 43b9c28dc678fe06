import { expect, test } from 'vitest'
import { event, suspect } from './fixtures'
import { beforeWords, lanesOf, lanesWithin, placeOf, strokesOf } from './lanes'

const at = (clock: string) => `2026-06-11T${clock}:00Z`
const now = Date.parse(at('01:12'))

test('the service in trouble stands first, then the nearest, the likeliest of the equally near first', () => {
  const suspects = [
    suspect({ rank: 1, path: ['checkout', 'fraud'], direction: 'down' }),
    suspect({ rank: 2, path: ['checkout'], direction: 'self' }),
    suspect({ rank: 3, path: ['checkout', 'cart', 'tax'], direction: 'down' }),
    suspect({ rank: 4, path: ['checkout', 'books'], direction: 'down' }),
  ]
  const lanes = lanesOf({ services: ['checkout'], suspects, signals: [], now })
  expect(lanes.map((lane) => [lane.name, lane.place])).toEqual([
    ['checkout', 'in trouble'],
    ['fraud', '1 hop down'],
    ['books', '1 hop down'],
    ['tax', '2 hops down'],
  ])
})

test('an alert is a band until it ended, and until now while it lasts', () => {
  const signals = [
    event({ id: 'a', kind: 'alert', subject: 'checkout', startedAt: at('01:03'), endedAt: at('01:08'), phase: 'succeeded' }),
    event({ id: 'b', kind: 'alert', subject: 'fraud', startedAt: at('01:01'), phase: 'started', labels: [{ key: 'severity', value: 'critical' }] }),
  ]
  const lanes = lanesOf({ services: ['checkout'], suspects: [], signals, now })
  expect(lanes.map((lane) => lane.bands.map((band) => [(band.to - band.from) / 60_000, band.critical]))).toEqual([[[5, false]], [[11, true]]])
})

test('what does not fit is counted, not lost', () => {
  const suspects = Array.from({ length: 11 }, (_, i) => suspect({ rank: i + 1, path: ['checkout', `s${i}`], direction: 'down' }))
  const { shown, hidden } = lanesWithin(lanesOf({ services: ['checkout'], suspects, signals: [], now }), 0, now)
  expect([shown.length, hidden]).toEqual([8, 4])
})

test('a lane without a mark in the window is left out and counted, unless it is the one in trouble', () => {
  const suspects = [suspect({ rank: 1, path: ['checkout', 'fraud'], direction: 'down' })]
  const before = Date.parse(suspects[0]!.event.startedAt)
  const lanes = lanesOf({ services: ['checkout'], suspects, signals: [], now })
  const names = (start: number) => lanesWithin(lanes, start, now).shown.map((lane) => lane.name)
  expect(names(before)).toEqual(['checkout', 'fraud'])
  expect(names(before + 1)).toEqual(['checkout'])
  expect(lanesWithin(lanes, before + 1, now).hidden).toBe(1)
})

test.each([
  [0.02, 1],
  [0.24, 1],
  [0.3, 2],
  [0.71, 4],
  [0.97, 5],
])('a probability of %d fills %d strokes', (probability, strokes) => {
  expect(strokesOf(probability)).toBe(strokes)
})

test.each([
  [42, '42 s before'],
  [728, '12 min before'],
  [-30, '30 s after'],
  [7200, '2 h before'],
  [259_200, '3 d before'],
])('%d seconds read %s', (seconds, words) => {
  expect(beforeWords(seconds)).toBe(words)
})

test('a place says how the path runs', () => {
  expect([placeOf('up', 1), placeOf('up', 2), placeOf('shared', 2), placeOf('beneath', 0)]).toEqual(['calls it', '2 hops up', 'shares a resource', 'beneath it'])
})
