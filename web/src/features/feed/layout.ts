import type { FeedLineFragment } from '@/gql/graphql'
import { clockChange, dayKey, startOfDay } from '@/time/format'
import { describe, type KindTable, type Line } from './wording'

/** What the list shows, one after the other, with heights that are known before anything is drawn. */
export type Item =
  | { type: 'day'; key: string; ms: number; note: string | null; height: number }
  | { type: 'row'; key: string; row: FeedLineFragment; line: Line; position: number; ms: number; open: boolean; height: number }

export type Metrics = { phone: boolean }

const DESKTOP = { day: 30, row: 56, steps: 24, kid: 24, kidsPad: 10 }
const PHONE = { day: 34, padding: 18, head: 22, values: 22, meta: 20, shape: 26, steps: 24, kid: 36, kidsPad: 10 }

/** On a phone values stand on a line of their own, and so does a title beside a subject: neither is ever cut short. */
export function secondLine(line: Line): boolean {
  if (line.parts.some((part) => part.type === 'fromTo')) return true
  const name = nameIn(line)
  return name.length + lettersOf(line) > (name ? 32 : 40)
}

/** A long title under a subject takes two lines. */
export function thirdLine(line: Line): boolean {
  return nameIn(line) !== '' && lettersOf(line) > 36 && line.parts.every((part) => part.type !== 'fromTo' && part.type !== 'code')
}

const nameIn = (line: Line) => line.group ?? line.subject?.name ?? ''
const lettersOf = (line: Line) => line.parts.reduce((sum, part) => sum + (part.type === 'text' || part.type === 'code' ? part.text.length : 0), 0)

export function rowHeight(row: FeedLineFragment, line: Line, open: boolean, { phone }: Metrics): number {
  const m = phone ? PHONE : DESKTOP
  const kids = open ? kidCount(row) * m.kid + (hiddenKids(row) > 0 ? m.kid : 0) + m.kidsPad : 0
  if (!phone) return DESKTOP.row + (line.steps.length ? DESKTOP.steps : 0) + kids
  return (
    PHONE.padding +
    PHONE.head +
    (secondLine(line) ? PHONE.values : 0) +
    (thirdLine(line) ? PHONE.values : 0) +
    PHONE.meta +
    (line.shape && !invisible(line) ? PHONE.shape : 0) +
    (line.steps.length ? PHONE.steps : 0) +
    kids
  )
}

function invisible(line: Line): boolean {
  return line.shape?.type === 'pods' && Math.max(line.shape.from, line.shape.to) > 20
}

/** An opened row lists its own event as well, so that the list is whole. */
export function kidCount(row: FeedLineFragment): number {
  return row.events.length + 1
}

export function hiddenKids(row: FeedLineFragment): number {
  return Math.max(0, row.count - kidCount(row))
}

export type LayoutInput = {
  rows: readonly FeedLineFragment[]
  kinds: KindTable
  own: string | undefined
  opened: ReadonlySet<string>
  zone: string
  metrics: Metrics
  line?: (row: FeedLineFragment) => Line
}

export function layOut({ rows, kinds, own, opened, zone, metrics, line = (row) => describe(row, kinds, own) }: LayoutInput): Item[] {
  const items: Item[] = []
  let day = ''
  let until = Infinity
  rows.forEach((row, position) => {
    const ms = Date.parse(row.event.startedAt)
    // Rows come newest first, so the day changes only when a row lies before the start of the day at hand.
    if (ms < until || day === '') {
      const key = dayKey(ms, zone)
      if (key !== day) {
        day = key
        until = startOfDay(ms, zone)
        const nextDay = startOfDay(until + 30 * 3_600_000, zone)
        items.push({ type: 'day', key: `day:${key}`, ms, note: clockChange(until, nextDay, zone), height: metrics.phone ? PHONE.day : DESKTOP.day })
      }
    }
    const words = line(row)
    const open = opened.has(row.id)
    items.push({ type: 'row', key: row.id, row, line: words, position, ms, open, height: rowHeight(row, words, open, metrics) })
  })
  return items
}
