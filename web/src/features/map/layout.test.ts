import { describe, expect, it } from 'vitest'
import { layOut, NODE, spread, towards, widthFor } from './layout'

const node = (id: string, distance = 0) => ({ id, distance })
const edge = (words: string) => ({ from: words.split('>')[0]!, to: words.split('>')[1]! })

describe('the layout of a map', () => {
  it('puts callers left of the focus and what it calls right of it', () => {
    const { spots, columns } = layOut([node('checkout'), node('web', -1), node('ledger', 1), node('db', 2)], ['web>checkout', 'checkout>ledger', 'ledger>db'].map(edge), true)
    expect(columns.map(({ layer }) => layer)).toEqual([-1, 0, 1, 2])
    const x = (id: string) => spots.get(id)!.x
    expect(x('web') < x('checkout') && x('checkout') < x('ledger') && x('ledger') < x('db')).toBe(true)
    // A chain is straight.
    expect(new Set(['web', 'checkout', 'ledger', 'db'].map((id) => spots.get(id)!.y)).size).toBe(1)
  })

  it('keeps pairs beside each other instead of crossing', () => {
    const { spots } = layOut([node('f'), node('a', 1), node('b', 1), node('bb', 2), node('aa', 2)], ['f>a', 'f>b', 'a>aa', 'b>bb'].map(edge), true)
    const y = (id: string) => spots.get(id)!.y
    expect(y('a') < y('b')).toBe(y('aa') < y('bb'))
  })

  it('is as wide as the longest name asks for, within reason', () => {
    expect(widthFor(['checkout-api'])).toBe(NODE.width)
    const width = widthFor(['checkout-api', 'messaging-schedule-reader'])
    expect(width).toBeGreaterThan(NODE.width)
    expect(widthFor(['x'.repeat(200)])).toBeLessThan(300)
    const { spots } = layOut([node('a'), node('b', 1)], [edge('a>b')], true, width)
    expect(spots.get('b')!.x).toBeGreaterThan(spots.get('a')!.x + width)
  })

  it('ranks a whole with a circle in it', () => {
    const { spots } = layOut(['a', 'b', 'c', 'd'].map((id) => node(id)), ['a>b', 'b>c', 'c>b', 'c>d'].map(edge), false)
    expect(['a', 'b', 'c', 'd'].map((id) => spots.get(id)!.column)).toEqual([0, 1, 2, 3])
  })

  it('never lays one of five hundred over another', () => {
    const nodes = Array.from({ length: 500 }, (_, i) => node(`n${i}`, i % 4))
    const edges = Array.from({ length: 1500 }, (_, i) => ({ from: `n${(i * 7) % 500}`, to: `n${(i * 13 + 5) % 500}` }))
    const { spots, width, height } = layOut(nodes, edges, true)
    const all = [...spots.values()]
    for (const column of new Set(all.map((spot) => spot.column))) {
      const ys = all.filter((spot) => spot.column === column).map((spot) => spot.y)
      ys.sort((a, b) => a - b)
      for (let i = 1; i < ys.length; i++) expect(ys[i]! - ys[i - 1]!).toBeGreaterThanOrEqual(NODE.height)
      expect(ys[0]).toBeGreaterThanOrEqual(0)
      expect(ys.at(-1)! + NODE.height).toBeLessThanOrEqual(height)
    }
    expect(width).toBeLessThan(12_000)
  })

  it('draws nothing for nothing', () => expect(layOut([], [], true).spots.size).toBe(0))
})

it('spreads what wants the same place', () => {
  expect(spread([5, 5, 5], 10, 0, 100)).toEqual([0, 10, 20].map((v) => v + spread([5, 5, 5], 10, 0, 100)[0]!))
  expect(spread([95, 99], 10, 0, 100).at(-1)).toBeLessThanOrEqual(100)
})

it('finds the next node for an arrow key', () => {
  const spots = new Map([
    ['a', { x: 0, y: 0, column: 0, row: 0 }],
    ['b', { x: 240, y: 10, column: 1, row: 0 }],
    ['c', { x: 0, y: 80, column: 0, row: 1 }],
  ])
  expect(towards(spots, 'a', 'ArrowRight')).toBe('b')
  expect(towards(spots, 'a', 'ArrowDown')).toBe('c')
  expect(towards(spots, 'a', 'ArrowLeft')).toBeNull()
})
