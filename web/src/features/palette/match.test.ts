import { expect, it } from 'vitest'
import { marks, moment, pieces } from './match'

it('marks the beginnings of words', () => {
  expect(marks('fraud-score', 'fra')).toEqual([[0, 3]])
  expect(marks('fraud-score', 'sco fra')).toEqual([[0, 3], [6, 9]])
  expect(marks('fraud-score', 'core')).toBeNull()
  expect(pieces('Go to services', 'ser')).toEqual([{ text: 'Go to ', on: false }, { text: 'ser', on: true }, { text: 'vices', on: false }])
  expect(pieces('Go to services', 'xyz')).toEqual([{ text: 'Go to services', on: false }])
})

const now = Date.parse('2026-06-11T01:12:00Z')
it.each([
  ['02:55', '2026-06-11T00:55:00.000Z'],
  ['00:55Z', '2026-06-11T00:55:00.000Z'],
  ['23:10', '2026-06-10T21:10:00.000Z'],
  ['20 min ago', '2026-06-11T00:52:00.000Z'],
  ['3h', '2026-06-10T22:12:00.000Z'],
  ['2026-06-09T10:00:00Z', '2026-06-09T10:00:00.000Z'],
])('%s is %s', (text, want) => expect(new Date(moment(text, now, 'Europe/Berlin')!).toISOString()).toBe(want))
it.each(['', 'soon', '25:00', '12'])('%s is no time', (text) => expect(moment(text, now, 'UTC')).toBeNull())
