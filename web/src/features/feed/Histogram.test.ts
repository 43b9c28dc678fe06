import { describe, expect, it } from 'vitest'
import { axisTicks } from '@/components/TimeAxis'
import { countRows } from './counts'
import { bucketsFor, chartSentence } from './Histogram'

const at = (iso: string) => Date.parse(iso)
const read = (ticks: number[]) => ticks.map((t) => new Date(t).toISOString().slice(5, 16))

describe('the axis', () => {
  it('has round times of the reader', () => {
    expect(read(axisTicks(at('2026-06-10T01:12:00Z'), at('2026-06-11T01:12:00Z'), 'Europe/Berlin', 9))).toEqual([
      '06-10T04:00',
      '06-10T07:00',
      '06-10T10:00',
      '06-10T13:00',
      '06-10T16:00',
      '06-10T19:00',
      '06-10T22:00',
      '06-11T01:00',
    ])
  })
  it('keeps to midnight where a day has 23 hours', () => {
    const ticks = axisTicks(at('2026-03-27T12:00:00Z'), at('2026-03-31T12:00:00Z'), 'Europe/Berlin', 5)
    expect(read(ticks)).toEqual(['03-27T23:00', '03-28T23:00', '03-29T22:00', '03-30T22:00'])
  })
  it('fits the room', () => {
    for (const days of [0.02, 1, 7, 30, 365, 3000]) {
      expect(axisTicks(0, days * 86_400_000, 'UTC', 6).length).toBeLessThanOrEqual(9)
    }
  })
})

describe('the sentence for those who do not see the chart', () => {
  const counts = { start: at('2026-06-11T00:00:00Z'), end: at('2026-06-11T03:00:00Z'), bucketSeconds: 3600, people: [1, 5, 0], automation: [2, 1, 0] }
  it('says how many, by whom and when most', () => {
    expect(chartSentence(counts, 'UTC')).toBe('9 changes, 6 by people and 3 by automation; most of them, 6, around 11 Jun 01:00.')
  })
  it('says when there is nothing', () => {
    expect(chartSentence({ ...counts, people: [0], automation: [0] }, 'UTC')).toBe('No changes in this window.')
  })
})

it('a narrow chart has fewer bars', () => {
  expect(bucketsFor(360)).toBeLessThan(bucketsFor(1200))
  expect(bucketsFor(10)).toBe(24)
})

it('gives its figures as rows, the latest first, without the empty stretches', () => {
  const counts = { start: 0, end: 180_000, bucketSeconds: 60, people: [1, 0, 2], automation: [0, 0, 5] }
  expect(countRows(counts)).toEqual([
    { at: 120_000, figures: [2, 5, 7] },
    { at: 0, figures: [1, 0, 1] },
  ])
})
