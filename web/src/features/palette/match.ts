import { offsetMinutes } from '@/time/format'

/** Where the words of a query stand in a text, first come first; null when one of them begins no word of it. */
export function marks(text: string, query: string): [from: number, to: number][] | null {
  const low = text.toLowerCase()
  const found: [number, number][] = []
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    let at = -1
    for (let from = low.indexOf(word); from >= 0; from = low.indexOf(word, from + 1)) {
      if (from === 0 || !/[\p{L}\p{N}]/u.test(low[from - 1]!)) {
        at = from
        break
      }
    }
    if (at < 0) return null
    found.push([at, at + word.length])
  }
  return found.sort((a, b) => a[0] - b[0])
}

/** The text in pieces, those that match marked. What does not match by the beginnings of words is not marked. */
export function pieces(text: string, query: string): { text: string; on: boolean }[] {
  const out: { text: string; on: boolean }[] = []
  let at = 0
  for (const [from, to] of marks(text, query) ?? []) {
    if (from < at) continue
    if (from > at) out.push({ text: text.slice(at, from), on: false })
    out.push({ text: text.slice(from, to), on: true })
    at = to
  }
  if (at < text.length) out.push({ text: text.slice(at), on: false })
  return out
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The instant that somebody means: `02:55` of the zone and `00:55Z` the last time that it was so, `20 min ago`, `3h`, or
 * a whole ISO time. Null when it is none of them.
 */
export function moment(text: string, now: number, zone: string): number | null {
  const words = text.trim().toLowerCase()
  const ago = /^(\d{1,4})\s*(m|h|d)[a-z]*(\s+ago)?$/.exec(words)
  if (ago) return now - Number(ago[1]) * UNITS[ago[2]!]!
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)\s*(z|utc)?$/.exec(words)
  if (clock) {
    const offset = clock[3] ? 0 : offsetMinutes(now, zone) * 60_000
    const day = Math.floor((now + offset) / UNITS.d!) * UNITS.d! - offset
    const at = day + Number(clock[1]) * UNITS.h! + Number(clock[2]) * UNITS.m!
    return at > now ? at - UNITS.d! : at
  }
  if (!/^\d{4}-\d\d-\d\d/.test(words)) return null
  const at = Date.parse(text.trim())
  return Number.isNaN(at) ? null : at
}
