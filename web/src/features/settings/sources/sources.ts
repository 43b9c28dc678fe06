import type { SourcesQuery } from '@/gql/graphql'

export type Source = SourcesQuery['sources'][number]
export type Lately = NonNullable<Source['lately']>

const order: Record<string, number> = { failing: 0, waiting: 1, working: 2, off: 3 }

/** Those that need somebody first, then by name; narrowed to what was typed. */
export function arrange(sources: readonly Source[], q: string): Source[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const text = (s: Source) => [s.name, s.type, s.tool?.title, s.state, s.detail, s.observed?.cluster, s.observed?.agent, s.observed?.looksAt].join(' ').toLowerCase()
  return sources
    .filter((source) => words.every((word) => text(source).includes(word)))
    .sort((a, b) => (order[a.state] ?? 2) - (order[b.state] ?? 2) || a.name.localeCompare(b.name))
}

/** "3 failing, 41 working" */
export function summary(sources: readonly Source[]): string {
  return Object.keys(order)
    .map((state) => [state, sources.filter((source) => source.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')
}

const HOUR = 3_600_000
const OUTCOMES = ['taken', 'ignored', 'failed', 'refused'] as const

/** What came in each of the last 24 hours, the oldest first: all of it, and what went wrong. */
export function hourly(lately: Lately, now: number): { all: number; wrong: number }[] {
  const last = Math.floor(now / HOUR)
  const bars = Array.from({ length: 24 }, () => ({ all: 0, wrong: 0 }))
  for (const { at, outcome, deliveries } of lately.hours) {
    const bar = bars[23 - (last - Math.floor(Date.parse(at) / HOUR))]
    if (!bar) continue
    bar.all += deliveries
    if (outcome === 'failed' || outcome === 'refused') bar.wrong += deliveries
  }
  return bars
}

/** "31 deliveries in 24 hours: 28 taken, 3 failed" */
export function told(lately: Lately): string {
  const counts = OUTCOMES.map((outcome) => [outcome, lately.hours.filter((h) => h.outcome === outcome).reduce((sum, h) => sum + h.deliveries, 0)] as const)
  const all = counts.reduce((sum, [, n]) => sum + n, 0)
  if (all === 0) return 'No delivery in 24 hours'
  const parts = counts.filter(([, n]) => n > 0).map(([outcome, n]) => `${n.toLocaleString('en')} ${outcome}`)
  return `${lately.partial ? 'More than ' : ''}${all.toLocaleString('en')} ${all === 1 ? 'delivery' : 'deliveries'} in 24 hours: ${parts.join(', ')}`
}

/** Why a source that somebody should look at is silent; null for one that is not. A source that never was called waits. */
export function silence(source: Source, now: number): string | null {
  const last = source.lately?.lastAt
  if (!source.delivers || source.state === 'off' || !last) return null
  const hours = Math.floor((now - Date.parse(last)) / HOUR)
  return hours >= 24 ? `Silent for ${hours >= 48 ? `${Math.floor(hours / 24)} days` : `${hours} hours`}: see whether the tool still calls.` : null
}
