import { describe, expect, it } from 'vitest'
import { event, kinds, row, subject } from './fixtures'
import { hiddenKids, kidCount, layOut } from './layout'

const base = { kinds, own: undefined, opened: new Set<string>(), zone: 'Europe/Berlin', metrics: { phone: false } }

describe('the list', () => {
  it('opens each day of the reader with a header', () => {
    const rows = [row({ startedAt: '2026-06-11T00:41:00Z' }), row({ startedAt: '2026-06-10T22:15:00Z' }), row({ startedAt: '2026-06-10T21:48:00Z' })]
    expect(layOut({ ...base, rows }).map((i) => i.type)).toEqual(['day', 'row', 'row', 'day', 'row'])
    expect(layOut({ ...base, rows, zone: 'UTC' }).map((i) => i.type)).toEqual(['day', 'row', 'day', 'row', 'row'])
  })
  it('marks the day on which the clocks changed', () => {
    const [day] = layOut({ ...base, rows: [row({ startedAt: '2026-10-25T10:00:00Z' })] })
    expect(day).toMatchObject({ type: 'day', note: 'Clocks went back 1 h' })
  })
  it('numbers rows without the headers', () => {
    const rows = [row({ startedAt: '2026-06-11T00:41:00Z' }), row({ startedAt: '2026-06-09T00:41:00Z' })]
    expect(layOut({ ...base, rows }).flatMap((i) => (i.type === 'row' ? [i.position] : []))).toEqual([0, 1])
  })
})

describe('heights', () => {
  const steps = { shape: 'story', count: 3, events: [event({ kind: 'merge' }), event({ kind: 'build' })] }
  const storm = { shape: 'storm', count: 44, events: Array.from({ length: 20 }, () => event({ kind: 'scaling' })) }
  const heightOf = (r: ReturnType<typeof row>, open = false, phone = false) =>
    layOut({ ...base, rows: [r], opened: new Set(open ? [r.id] : []), metrics: { phone } }).find((i) => i.type === 'row')!.height

  it('are two on a desk', () => {
    expect(heightOf(row())).toBe(56)
    expect(heightOf(row({ kind: 'deploy', version: '2' }, steps))).toBe(80)
    expect(heightOf(row({ title: 'x'.repeat(200) }))).toBe(56)
  })
  it('grow by what an opened storm lists, and the line that says how many are left out', () => {
    const r = row({ kind: 'scaling' }, storm)
    expect(kidCount(r)).toBe(21)
    expect(hiddenKids(r)).toBe(23)
    expect(heightOf(r, true)).toBe(56 + 21 * 24 + 24 + 10)
  })
  it('follow the words on a phone', () => {
    const short = row({ title: 'Backup done' })
    const long = row({ title: 'p99 latency above 2 s for 5 min' })
    const longer = row({ title: 'INC-482: checkout-api p99 latency above 2 s', subjects: [subject('checkout-api')] })
    expect(heightOf(longer, false, true)).toBe(104)
    const values = row({ kind: 'deploy', version: 'v2', previous: 'v1' }, steps)
    expect(heightOf(short, false, true)).toBe(60)
    expect(heightOf(long, false, true)).toBe(82)
    expect(heightOf(values, false, true)).toBe(106)
  })
  it('on a phone leave no room for a shape that is not drawn', () => {
    const pods = (to: string) => row({ kind: 'scaling', subjects: [subject('a')], diff: [{ field: 'replicas', old: '10', new: to }] })
    expect(heightOf(pods('12'), false, true) - heightOf(pods('40'), false, true)).toBe(26)
  })
})
