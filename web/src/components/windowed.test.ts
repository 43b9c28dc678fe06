import { expect, it } from 'vitest'
import { rowAt, tops } from './windowed'

it('finds the row at a distance from the top', () => {
  const offsets = tops(4, (i) => [30, 56, 80, 56][i]!)
  expect([...offsets]).toEqual([0, 30, 86, 166, 222])
  expect([0, 29, 30, 85, 86, 165, 166, 221, 9999].map((y) => rowAt(offsets, y))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 3])
})

it('bears an empty list', () => {
  expect(rowAt(tops(0, () => 1), 100)).toBe(0)
})

it('is quick with a hundred thousand rows', () => {
  const started = performance.now()
  const offsets = tops(100_000, (i) => (i % 5 ? 56 : 80))
  for (let y = 0; y < 1000; y++) rowAt(offsets, y * 6000)
  expect(performance.now() - started).toBeLessThan(200)
})
