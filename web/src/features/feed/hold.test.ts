import { describe, expect, it } from 'vitest'
import { row } from './fixtures'
import { differs, joinPages, KEPT, layOver, waiting } from './hold'

const at = (minute: number) => new Date(Date.UTC(2026, 5, 11, 0, minute)).toISOString()
const r = (id: string, minute: number) => row({ id: `e-${id}-${minute}`, startedAt: at(minute) }, { id })
const page = (rows: ReturnType<typeof r>[], next: string | null = 'more') => ({ rows, next, searchedUntil: null })
const ids = (rows: { id: string }[] | undefined) => rows?.map((row) => row.id)

describe('what waits while someone reads', () => {
  const shown = [r('c', 30), r('b', 20), r('a', 10)]
  it('counts rows that are not shown', () => {
    expect(waiting(shown, [r('e', 50), r('d', 40), ...shown])).toBe(2)
  })
  it('counts a story that moved up', () => {
    expect(waiting(shown, [r('a', 45), r('c', 30), r('b', 20)])).toBe(1)
  })
  it('does not count what stands where it stood', () => {
    expect(waiting(shown, shown)).toBe(0)
    expect(differs(shown, shown)).toBe(false)
  })
  it('notices a change that moves nothing', () => {
    const changed = [{ ...shown[0]!, count: 4 }, shown[1]!, shown[2]!]
    expect(waiting(shown, changed)).toBe(0)
    expect(differs(shown, changed)).toBe(true)
  })
})

describe('laying a fresh head over the list', () => {
  it('puts new rows on top and keeps the old ones', () => {
    const old = page([r('c', 30), r('b', 20), r('a', 10)])
    const next = layOver(old, page([r('d', 40), r('c', 30), r('b', 20)]))
    expect(ids(next?.rows)).toEqual(['d', 'c', 'b', 'a'])
    expect(next?.next).toBe('more')
  })
  it('moves a story up instead of showing it twice', () => {
    const next = layOver(page([r('c', 30), r('b', 20), r('a', 10)]), page([r('a', 45), r('c', 30), r('b', 20)]))
    expect(ids(next?.rows)).toEqual(['a', 'c', 'b'])
  })
  it('drops a lone row that was folded into a storm', () => {
    const next = layOver(page([r('c', 30), r('b', 20), r('a', 10)]), page([r('storm', 31), r('b', 20)]))
    expect(ids(next?.rows)).toEqual(['storm', 'b', 'a'])
  })
  it('keeps a row at the very time where the head ends', () => {
    const next = layOver(page([r('c', 30), r('b', 20), r('twin', 20)]), page([r('d', 40), r('c', 30), r('b', 20)]))
    expect(ids(next?.rows)).toEqual(['d', 'c', 'b', 'twin'])
  })
  it('starts over when the two no longer meet', () => {
    expect(layOver(page([r('a', 10)]), page([r('z', 59), r('y', 58)]))).toBeNull()
  })
  it('starts over when a page that was left open has grown too long', () => {
    const old = Array.from({ length: KEPT }, (_, i) => r(`o${i}`, 30))
    expect(layOver(page(old), page([old[0]!, old[1]!]))?.rows).toHaveLength(KEPT)
    expect(layOver(page(old), page([r('new', 40), old[0]!]))).toBeNull()
  })
  it('takes a head that is the whole feed as it is', () => {
    const head = page([r('d', 40)], null)
    expect(layOver(page([r('a', 10)]), head)).toBe(head)
  })
  it('fills an empty list', () => {
    const head = page([r('d', 40)])
    expect(layOver(page([], null), head)).toBe(head)
  })
})

describe('joining pages', () => {
  it('shows a story once, where it is newest', () => {
    expect(ids(joinPages([page([r('a', 45), r('c', 30)]), page([r('b', 20), r('a', 10)])]))).toEqual(['a', 'c', 'b'])
  })
})
