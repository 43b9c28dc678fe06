import { describe, expect, it } from 'vitest'
import * as f from './format'

const at = (iso: string) => Date.parse(iso)
const BERLIN = 'Europe/Berlin'

describe('clock', () => {
  it('reads the same instant in any zone', () => {
    const ms = at('2026-06-11T00:55:04Z')
    expect(f.clock(ms, BERLIN)).toBe('02:55')
    expect(f.clock(ms, 'UTC')).toBe('00:55')
    expect(f.clock(ms, 'Asia/Kathmandu')).toBe('06:40')
    expect(f.clockSeconds(ms, BERLIN)).toBe('02:55:04')
  })
  it('calls midnight 00:00, never 24:00', () => {
    expect(f.clock(at('2026-06-10T22:00:00Z'), BERLIN)).toBe('00:00')
  })
  it('gives UTC its Z', () => {
    const ms = at('2026-06-11T00:55:04Z')
    expect(f.stamp(ms, 'UTC')).toBe('00:55Z')
    expect(f.stamp(ms, BERLIN)).toBe('02:55')
  })
})

describe('days', () => {
  const now = at('2026-06-11T01:12:00Z') // 03:12 in Berlin
  it.each([
    ['2026-06-11T00:55:00Z', BERLIN, 'Today, Thu 11 Jun'],
    ['2026-06-10T21:59:00Z', BERLIN, 'Yesterday, Wed 10 Jun'],
    ['2026-06-09T12:00:00Z', BERLIN, 'Tue 9 Jun'],
    ['2026-06-10T21:59:00Z', 'America/New_York', 'Today, Wed 10 Jun'],
    ['2025-12-31T12:00:00Z', BERLIN, 'Wed 31 Dec 2025'],
  ])('%s in %s is %s', (iso, zone, want) => {
    expect(f.dayTitle(at(iso), zone, now)).toBe(want)
  })
  it('knows yesterday on the day after a change of the clocks', () => {
    // 25 October 2026 has 25 hours in Berlin.
    expect(f.dayTitle(at('2026-10-25T00:30:00Z'), BERLIN, at('2026-10-26T05:00:00Z'))).toBe('Yesterday, Sun 25 Oct')
    // 29 March 2026 has 23.
    expect(f.dayTitle(at('2026-03-29T21:30:00Z'), BERLIN, at('2026-03-29T22:30:00Z'))).toBe('Yesterday, Sun 29 Mar')
  })
})

describe('startOfDay', () => {
  it.each([
    ['2026-06-11T01:12:00Z', BERLIN, '2026-06-10T22:00:00Z'],
    ['2026-03-29T10:00:00Z', BERLIN, '2026-03-28T23:00:00Z'], // the clocks went forward at 02:00
    ['2026-10-25T10:00:00Z', BERLIN, '2026-10-24T22:00:00Z'], // and back at 03:00
    ['2026-06-11T01:12:00Z', 'UTC', '2026-06-11T00:00:00Z'],
    ['2026-06-11T01:12:00Z', 'Asia/Kathmandu', '2026-06-10T18:15:00Z'],
  ])('%s in %s began at %s', (iso, zone, want) => {
    expect(f.isoUTC(f.startOfDay(at(iso), zone))).toBe(want)
  })
})

describe('clockChange', () => {
  it('says what the clocks did', () => {
    expect(f.clockChange(at('2026-03-28T23:00:00Z'), at('2026-03-29T22:00:00Z'), BERLIN)).toBe('Clocks went forward 1 h')
    expect(f.clockChange(at('2026-10-24T22:00:00Z'), at('2026-10-25T23:00:00Z'), BERLIN)).toBe('Clocks went back 1 h')
    expect(f.clockChange(at('2026-10-03T14:00:00Z'), at('2026-10-04T13:00:00Z'), 'Australia/Lord_Howe')).toBe('Clocks went forward 30 min')
  })
  it('says nothing on other days, nor where clocks do not change', () => {
    expect(f.clockChange(at('2026-06-10T22:00:00Z'), at('2026-06-11T22:00:00Z'), BERLIN)).toBeNull()
    expect(f.clockChange(at('2026-03-28T00:00:00Z'), at('2026-03-30T00:00:00Z'), 'UTC')).toBeNull()
  })
})

describe('offsets', () => {
  it.each([
    ['2026-06-11T00:00:00Z', BERLIN, 'UTC+2'],
    ['2026-01-11T00:00:00Z', BERLIN, 'UTC+1'],
    ['2026-01-11T00:00:00Z', 'America/St_Johns', 'UTC−3:30'],
    ['2026-01-11T00:00:00Z', 'UTC', 'UTC'],
  ])('%s in %s is %s', (iso, zone, want) => {
    expect(f.offsetName(f.offsetMinutes(at(iso), zone))).toBe(want)
  })
})

describe('age', () => {
  const now = at('2026-06-11T12:00:00Z')
  it.each([
    [0, 'now'],
    [59_999, 'now'],
    [-30_000, 'now'],
    [60_000, '1 min'],
    [59 * f.MINUTE, '59 min'],
    [f.HOUR, '1 h'],
    [f.DAY, '1 d'],
    [7 * f.DAY, '7 d'],
    [8 * f.DAY, '3 Jun'],
    [-5 * f.MINUTE, 'in 5 min'],
    [400 * f.DAY, '7 May 2025'],
  ])('%d ms is %s', (past, want) => {
    expect(f.age(now - past, now, BERLIN)).toBe(want)
  })
})

describe('exactSpan', () => {
  it.each([
    [1_056_000, '17 min 36 s'],
    [3 * f.DAY + 4 * f.HOUR + 5 * f.MINUTE, '3 d 4 h'],
    [f.HOUR, '1 h'],
    [400, '0 s'],
    [f.HOUR + 30_000, '1 h'],
  ])('%d ms is %s', (ms, want) => {
    expect(f.exactSpan(ms)).toBe(want)
  })
})

describe('zones', () => {
  it('accepts what Intl knows and calls UTC by one name', () => {
    expect(f.validZone('utc')).toBe('UTC')
    expect(f.validZone('Etc/UTC')).toBe('UTC')
    expect(f.validZone('Europe/Berlin')).toBe('Europe/Berlin')
    expect(f.validZone('Europe/Nowhere')).toBeNull()
    expect(f.validZone('')).toBeNull()
  })
  it('names them by their city', () => {
    expect(f.zoneLabel('America/New_York')).toBe('New York')
    expect(f.zoneLabel('America/Argentina/Buenos_Aires')).toBe('Buenos Aires')
  })
})
