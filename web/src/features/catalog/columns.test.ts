import { expect, it } from 'vitest'
import { columnsShown, leastWidth, toggled, USUAL_COLUMNS } from './columns'
import { decode, encode } from './params'

it('shows the usual columns, and leaves the tags out where there is no room, unless they were asked for', () => {
  expect(columnsShown(null, true)).toEqual(USUAL_COLUMNS)
  expect(columnsShown(null, false)).toEqual(['tier', 'team', 'duty', 'change'])
  expect(columnsShown(['tags'], false)).toEqual(['tags'])
})

it('a choice keeps the order of the table, and the usual one is none', () => {
  expect(toggled(USUAL_COLUMNS, 'platform')).toEqual(['tier', 'team', 'duty', 'change', 'platform', 'tags'])
  expect(toggled(['tier', 'team', 'duty', 'change', 'platform', 'tags'], 'platform')).toBeNull()
})

it('is in the URL, and bears what it does not know', () => {
  expect(decode({ cols: 'team,nonsense,tier' }).cols).toEqual(['team', 'tier'])
  expect(decode({}).cols).toBeNull()
  expect(decode({ cols: 'none' }).cols).toEqual([])
  expect(encode({ q: 'x' }, { cols: ['tier', 'tags'] })).toEqual({ q: 'x', cols: 'tier,tags' })
  expect(encode({ cols: 'tier' }, { cols: [] })).toEqual({ cols: 'none' })
  expect(encode({ cols: 'tier' }, { cols: null })).toEqual({})
  expect(encode({ cols: 'tier' }, { q: 'y' })).toEqual({ cols: 'tier', q: 'y' })
})

it('needs at least the width of what it shows', () => {
  expect(leastWidth(['tier', 'change'], true)).toBe(252 + 60 + 180)
})
