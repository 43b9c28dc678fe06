/**
 * Every time on the page is made here, with cached `Intl.DateTimeFormat`s. Times come as RFC 3339 with microseconds;
 * the page counts in milliseconds.
 */

const cache = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let found = cache.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options })
    cache.set(key, found)
  }
  return found
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** "03:12" */
export function clock(ms: number, zone: string): string {
  return formatter(zone, { hour: '2-digit', minute: '2-digit' }).format(ms)
}

/** "03:12:04" */
export function clockSeconds(ms: number, zone: string): string {
  return formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms)
}

/** "Thu 11 Jun", with the year where it is not the year of `now`. */
export function day(ms: number, zone: string, now = ms): string {
  const parts = formatter(zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).formatToParts(ms)
  const get = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  const sameYear = get('year') === formatter(zone, { year: 'numeric' }).format(now)
  return `${get('weekday')} ${get('day')} ${get('month')}${sameYear ? '' : ` ${get('year')}`}`
}

/** "11 Jun", with the year where it is not the year of `now`. */
export function date(ms: number, zone: string, now = ms): string {
  return day(ms, zone, now).replace(/^\S+ /, '')
}

/** "2026-06-11": the calendar day that an instant falls on in a zone. */
export function dayKey(ms: number, zone: string): string {
  const parts = formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(ms)
  const get = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${get('year')}-${get('month')}-${get('day')}`
}

/** "Today, Thu 11 Jun", "Yesterday, Wed 10 Jun", "Tue 9 Jun". */
export function dayTitle(ms: number, zone: string, now: number): string {
  const name = day(ms, zone, now)
  const key = dayKey(ms, zone)
  if (key === dayKey(now, zone)) return `Today, ${name}`
  // Twelve hours before the start of today is yesterday on every calendar, also where a day has 23 or 25 hours.
  if (key === dayKey(startOfDay(now, zone) - 12 * HOUR, zone)) return `Yesterday, ${name}`
  return name
}

/** Minutes that a zone is ahead of UTC at an instant. */
export function offsetMinutes(ms: number, zone: string): number {
  const name = formatter(zone, { timeZoneName: 'longOffset' }).formatToParts(ms).find((p) => p.type === 'timeZoneName')?.value
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '')
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}

/** "UTC+2", "UTC−3:30", "UTC" */
export function offsetName(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const all = Math.abs(minutes)
  const rest = all % 60
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(all / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** The instant at which the calendar day of `ms` began in a zone. */
export function startOfDay(ms: number, zone: string): number {
  const midnightUTC = Date.parse(`${dayKey(ms, zone)}T00:00:00Z`)
  // The offset at midnight may differ from the one at `ms`; asking twice settles on the day of a change.
  let at = midnightUTC - offsetMinutes(ms, zone) * MINUTE
  at = midnightUTC - offsetMinutes(at, zone) * MINUTE
  return at
}

/** What the clocks did between two instants, such as "Clocks went back 1 h"; null when they did nothing. */
export function clockChange(from: number, to: number, zone: string): string | null {
  const moved = offsetMinutes(to, zone) - offsetMinutes(from, zone)
  if (moved === 0) return null
  return `Clocks went ${moved > 0 ? 'forward' : 'back'} ${span(Math.abs(moved) * MINUTE)}`
}

/** The age at the right of a row: "now", "5 min", "3 h", "6 d", then the date. */
export function age(ms: number, now: number, zone: string): string {
  const past = now - ms
  if (past < -MINUTE) return `in ${span(-past)}`
  if (past < MINUTE) return 'now'
  if (past < 8 * DAY) return span(past)
  return date(ms, zone, now)
}

/** A length in its largest unit, rounded down: "5 min", "3 h", "6 d". */
export function span(length: number): string {
  if (length < MINUTE) return `${Math.max(0, Math.floor(length / 1000))} s`
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`
  if (length < DAY) return `${Math.floor(length / HOUR)} h`
  return `${Math.floor(length / DAY)} d`
}

/** A length in its two largest units: "17 min 36 s", "3 d 4 h". */
export function exactSpan(length: number): string {
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [1000, 's'],
  ]
  const first = units.findIndex(([size]) => length >= size)
  if (first === -1) return '0 s'
  let rest = length
  return units
    .slice(first, first + 2)
    .map(([size, name]) => {
      const n = Math.floor(rest / size)
      rest -= n * size
      return n ? `${n} ${name}` : ''
    })
    .filter(Boolean)
    .join(' ')
}

/** "2026-06-11T00:55:04Z" */
export function isoUTC(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** How a reading of the clock is written in a zone: UTC carries its Z. */
export function stamp(ms: number, zone: string): string {
  return zone === 'UTC' ? `${clock(ms, zone)}Z` : clock(ms, zone)
}

/** "Berlin" for Europe/Berlin. */
export function zoneLabel(zone: string): string {
  return zone.split('/').at(-1)!.replaceAll('_', ' ')
}

/** The zone's name as Intl spells it, or null when there is no such zone. */
export function validZone(name: string): string | null {
  try {
    const resolved = new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone
    return /^(Etc\/)?(UTC|GMT|UCT|Zulu)$/i.test(resolved) ? 'UTC' : resolved
  } catch {
    return null
  }
}
